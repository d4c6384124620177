"""InBatchTowers: a retriever whose negatives are the other rows of the batch."""

from typing import Self

import numpy as np
from tqdm import tqdm

from recbook._core.arrays import check_reals
from recbook._core.jit import FAST, njit
from recbook._core.validate import check_codes, check_fitted
from recbook.base import (
    Recommender,
    check_settings,
    check_train,
    diverged,
    known,
    one_of,
    optional,
)
from recbook.marketing.base import check_values

__all__ = ["InBatchTowers", "in_batch_softmax"]

START = 1e-6  # of Adagrad's sums of squares, so that the first step is finite


def in_batch_softmax(scores, log_q=None) -> np.ndarray:
    r"""Return how likely each column of a batch is to be the row's own item.

    Row a of a batch is a user with the item that they took, which is column a. The
    other columns were taken by others, so each is a draw from the items'
    distribution q. By Bayes' rule

    .. math::
        \Pr(\text{column } c \text{ is the own one of row } a)
        = \frac{e^{s_{ac} - \ln q_c}}{\sum_{c'} e^{s_{ac'} - \ln q_{c'}}} ,

    if :math:`e^{s_{ac}}` is proportional to the probability that user a takes the item
    of column c.

    Parameters
    ----------
    scores : (B, C) array_like
        Scores :math:`s_{ac}`, finite, any unit of a logarithm.
    log_q : (C,) array_like, optional
        :math:`\ln q_c` of each column's item, finite, up to a constant. Without it
        nothing is subtracted, which is right only where all items are taken equally
        often.

    Returns
    -------
    (B, C) float64 array
        Between 0 and 1. Each row sums to 1.

    Raises
    ------
    ValueError
        If a number is not finite, or if ``log_q`` does not have C entries. The message
        names the position and the value.

    References
    ----------
    Yi et al., "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
    Recommendations", RecSys 2019.

    Examples
    --------
    A batch in which half of all people take the first item and a quarter the others.

    >>> in_batch_softmax([[2.0, 1.0, 1.0]]).round(3).tolist()
    [[0.576, 0.212, 0.212]]
    >>> in_batch_softmax([[2.0, 1.0, 1.0]], np.log([0.5, 0.25, 0.25])).round(3).tolist()
    [[0.405, 0.298, 0.298]]
    """
    scores = check_reals("scores", scores)
    if scores.ndim != 2 or 0 in scores.shape:
        raise ValueError(
            f"scores must have a row for each user and a column for each item of the "
            f"batch, got shape {scores.shape}"
        )
    if not np.isfinite(scores).all():
        a, c = np.argwhere(~np.isfinite(scores))[0]
        raise ValueError(f"scores[{a}, {c}] is {scores[a, c]}: give a finite number")
    if log_q is not None:
        scores = scores - check_values("log_q", log_q, scores.shape[1])
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class InBatchTowers(Recommender):
    r"""Retrieve items by two towers, with the other items of a batch as negatives.

    The user tower adds up vectors of the user's items, the item tower has one vector
    and one offset for each item, and the score is their product,

    .. math::
        \hat s_{ui} = b_i + p_u^\top q_i , \qquad
        p_u = \frac{1}{\sqrt{|I_u|}} \sum_{j \in I_u} v_j .

    A batch holds B observed pairs. For each pair the items of the other pairs serve as
    negatives, so a step costs :math:`B^2` scores, whatever the size of the catalogue.
    In training the pair's own item is left out of the user's sum. The loss of a batch
    of pairs :math:`(u_a, i_a)` is

    .. math::
        -\frac{1}{B} \sum_a \ln
        \frac{e^{\hat s_{aa} - \ln q(i_a)}}{\sum_c e^{\hat s_{ac} - \ln q(i_c)}}
        + \frac{\lambda}{2B} \sum_a \bigl( \|p_a\|^2 + \|q_{i_a}\|^2 \bigr) ,

    where q(i) is the item's share of all pairs in train: items come into a batch as
    often as they were taken, and :math:`\ln q` corrects for that. At its optimum
    :math:`e^{\hat s_{ui}}` is proportional to the probability that u takes i. With
    ``correction=None`` nothing is subtracted, the optimum is lower by
    :math:`\ln q(i)`, and popular items are pushed down. Nothing is masked: a column
    that holds the row's own item again counts like any other draw, as the derivation
    says.

    Steps are Adagrad's. The model learns from implicit feedback, ignores the stars and
    has no ``predict``. A user without ratings gets the items' numbers of ratings as
    scores. An item without ratings is in no batch and gets the lowest score of its row.

    Parameters
    ----------
    n_factors : int
        Length of the vectors.
    correction : {"logq", None}
        Whether :math:`\ln q` is subtracted from the scores in training.
    batch_size : int
        B. With 1 there are no negatives, and nothing is learned but the penalty.
    n_epochs : int
        Passes over the pairs.
    lr : float
        Adagrad's step size.
    reg : float
        Penalty :math:`\lambda \ge 0` on the vectors of a pair.
    init_std : float
        Standard deviation of the initial vectors. With 0 only the offsets learn.
    seed : int
        Seeds the initial vectors and the batches. The order of the ratings in the
        table does not matter.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    V_ : (n_items, n_factors) float64 array
        Vectors of the user tower.
    Q_ : (n_items, n_factors) float64 array
        Vectors of the item tower.
    bi_ : (n_items,) float64 array
        Offsets of the item tower.
    P_ : (n_users, n_factors) float64 array
        What the user tower makes of each user's items. Zeros without ratings.
    log_q_ : (n_items,) float64 array
        :math:`\ln q(i)`, minus infinity for an item without ratings.
    counts_ : (n_items,) float64 array
        Number of training ratings of each item.
    history_ : dict of lists
        ``"loss"``, the mean over each epoch's batches, each before its step. With and
        without the correction it is not the same quantity.

    Raises
    ------
    ValueError
        In ``fit``, for an invalid argument or an empty train. The message names it.
    recbook.DivergenceError
        In ``fit``, if numbers overflow. The message names ``lr`` and the epoch.

    References
    ----------
    Yi et al., "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
    Recommendations", RecSys 2019.

    Covington, Adams & Sargin, "Deep Neural Networks for YouTube Recommendations",
    RecSys 2016.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = InBatchTowers(n_factors=4, batch_size=5, n_epochs=100).fit(toy)
    >>> toy.item_ids[model.recommend([2], k=1, exclude=toy)[0]].tolist()  # for Cem
    ['Up']
    """

    def __init__(
        self,
        n_factors=32,
        correction="logq",
        batch_size=128,
        n_epochs=15,
        lr=0.03,
        reg=0.1,
        init_std=0.1,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.correction = correction
        self.batch_size = batch_size
        self.n_epochs = n_epochs
        self.lr = lr
        self.reg = reg
        self.init_std = init_std
        self.seed = seed
        self.verbose = verbose

    _fitted = "Q_"
    _ranges = {"correction": optional(one_of("logq"))}

    @property
    def _shape(self):
        return self.P_.shape[0], self.Q_.shape[0]

    def fit(self, train) -> Self:
        """Fit the model to ``train``, a :class:`~recbook.Ratings`, and return it."""
        train = check_train(train)
        check_settings(self)
        rng = np.random.default_rng(self.seed)
        table = train.csr
        taken = table.indptr.astype(np.int64), table.indices.astype(np.int64)
        everyone = np.arange(train.n_users, dtype=np.int64)
        users = np.repeat(everyone, np.diff(table.indptr))
        counts = np.bincount(taken[1], minlength=train.n_items).astype(np.float64)
        log_q = np.log(np.maximum(counts, 1.0) / counts.sum())
        V, Q = rng.normal(0.0, self.init_std, (2, train.n_items, self.n_factors))
        W = np.column_stack([Q, np.zeros(train.n_items)])  # [q_i, b_i]
        subtracted = log_q if self.correction == "logq" else np.zeros_like(log_q)
        self.history_ = {"loss": self._train(rng, V, W, users, taken, subtracted)}
        self.V_, self.Q_, self.bi_ = V, W[:, :-1].copy(), W[:, -1].copy()
        nobody = np.full(train.n_users, -1, dtype=np.int64)  # nothing is left out
        self.P_ = user_vectors(V, everyone, nobody, *taken)
        self._known = known(train)
        self.counts_, self.log_q_ = counts, np.where(counts > 0, log_q, -np.inf)
        return self

    def _train(self, rng, V, W, users, taken, log_q):
        """Change V and W in place, and return the loss of each epoch."""
        slopes = np.zeros_like(V), np.zeros_like(W)
        squares = np.full_like(V, START), np.full_like(W, START)
        hit, reg, lr = np.zeros((2, len(V)), dtype=np.bool_), self.reg, float(self.lr)
        history = []
        for epoch in tqdm(range(self.n_epochs), disable=not self.verbose):
            order, loss = rng.permutation(len(users)), 0.0
            for first in range(0, len(order), self.batch_size):
                batch = order[first : first + self.batch_size]
                pairs = users[batch], taken[1][batch]
                part = add_slopes(V, W, *pairs, *taken, log_q, float(reg), *slopes, hit)
                loss += part * len(batch)
                adagrad(V, squares[0], slopes[0], hit[0], lr)
                adagrad(W, squares[1], slopes[1], hit[1], lr)
            if not all(np.isfinite(np.vdot(X, X)) for X in (V, W)):
                raise diverged(self, epoch + 1)
            history.append(loss / len(order))
        return history

    def scores(self, users) -> np.ndarray:
        """Return a score for every item.

        A user without training ratings gets the items' numbers of ratings. An item
        without any gets the lowest score of its row.

        Parameters
        ----------
        users : (n,) int array
            User codes.

        Returns
        -------
        (n, n_items) float64 array
            One row for each user.
        """
        check_fitted(self, "Q_")
        users = check_codes("users", users, self.P_.shape[0])
        people, items = self._known
        scores = self.P_[users] @ self.Q_.T + self.bi_
        lowest = scores[:, items].min(axis=1, keepdims=True)
        scores = np.where(items, scores, lowest)
        scores[~people[users]] = self.counts_
        return scores


@njit(cache=True, fastmath=FAST)
def user_vectors(V, users, targets, starts, taken):
    """Return each user's sum of vectors over the root of their number, (n, k).

    The item in ``targets`` is left out; without any other item the sum is 0.
    """
    P = np.zeros((len(users), V.shape[1]))
    for a in range(len(users)):
        n = 0
        for t in range(starts[users[a]], starts[users[a] + 1]):
            j = taken[t]
            if j != targets[a]:
                n += 1
                for f in range(V.shape[1]):
                    P[a, f] += V[j, f]
        P[a] /= np.sqrt(max(n, 1))
    return P


@njit(cache=True, fastmath=FAST)
def softmax_errors(S):
    """Turn scores (B, B) into (softmax - identity) / B in place; return the mean loss.

    Row a is a pair, and column a holds its own item.
    """
    B, loss = len(S), 0.0
    for a in range(B):
        top, total = S[a].max(), 0.0
        loss += top - S[a, a]
        for c in range(B):
            S[a, c] = np.exp(S[a, c] - top)
            total += S[a, c]
        loss += np.log(total)
        scale = 1.0 / (total * B)  # one division, and not B
        for c in range(B):
            S[a, c] *= scale
        S[a, a] -= 1.0 / B
    return loss / B


@njit(cache=True, fastmath=FAST)
def product(A, B):
    """Return A B, by four rows of B at a time. In a browser there is no BLAS."""
    out, fours = np.zeros((len(A), B.shape[1])), len(B) - len(B) % 4
    for i in range(len(A)):
        row = out[i]
        for c in range(0, fours, 4):
            a, b, d, e = A[i, c], A[i, c + 1], A[i, c + 2], A[i, c + 3]
            x, y, z, w = B[c], B[c + 1], B[c + 2], B[c + 3]
            for f in range(len(row)):
                row[f] += (a * x[f] + b * y[f]) + (d * z[f] + e * w[f])
        for c in range(fours, len(B)):
            for f in range(len(row)):
                row[f] += A[i, c] * B[c, f]
    return out


@njit(cache=True, fastmath=FAST)
def add_slopes(V, W, users, items, starts, taken, log_q, reg, G_V, G_W, hit):
    """Add the slopes of a batch's loss to G_V and G_W, and return the loss.

    W has the rows [q_i, b_i]. ``hit`` marks the rows of V and of W that have a slope.
    """
    B, k = len(users), V.shape[1]
    P = np.ones((B, k + 1))  # [p_a, 1]
    P[:, :k] = user_vectors(V, users, items, starts, taken)
    C = W[items]  # (B, k + 1)
    S = product(P, C.T.copy()) - log_q[items]
    loss = softmax_errors(S)
    S_P, S_C = product(S, C), product(S.T.copy(), P)  # slopes in P and in C
    for a in range(B):
        u, i = users[a], items[a]
        n = max(starts[u + 1] - starts[u] - 1, 1)
        hit[1, i] = True
        G_W[i, k] += S_C[a, k]
        for f in range(k):
            loss += reg / (2 * B) * (P[a, f] ** 2 + C[a, f] ** 2)
            G_W[i, f] += S_C[a, f] + reg / B * C[a, f]
            S_P[a, f] = (S_P[a, f] + reg / B * P[a, f]) / np.sqrt(n)
        for t in range(starts[u], starts[u + 1]):
            j = taken[t]
            if j != i:
                hit[0, j] = True
                for f in range(k):
                    G_V[j, f] += S_P[a, f]
    return loss


@njit(cache=True)
def adagrad(X, squares, G, hit, lr):
    """Take a step in each row that was hit, and clear its slopes."""
    for i in range(len(X)):
        if hit[i]:
            for f in range(X.shape[1]):
                squares[i, f] += G[i, f] ** 2
                X[i, f] -= lr * G[i, f] / np.sqrt(squares[i, f])
                G[i, f] = 0.0
            hit[i] = False
