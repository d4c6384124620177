"""Alternating least squares for implicit feedback, over all cells of the table."""

from typing import Self

import numpy as np
from scipy import linalg, sparse
from tqdm import tqdm

from recbook._core.jit import FAST, njit
from recbook._core.validate import check_fitted
from recbook.base import (
    at_least,
    check_ratings,
    check_settings,
    check_train,
    count,
    known,
    one_of,
)
from recbook.base.explanation import explained
from recbook.factorization.base import Ranker, row_penalties, start

__all__ = ["ImplicitALS", "implicit_objective"]

# Conjugate gradients stop when the squared residual is below this share of the
# squared right-hand side.
ARRIVED = 1e-30
# Shares of a matrix's trace. A penalty below LOST may vanish in rounding errors, and
# an eigenvalue below ROUNDING is treated as 0.
LOST, ROUNDING = 1e-10, 1e-13


class ImplicitALS(Ranker):
    r"""Rank items from weighted implicit feedback, fitted by alternating least squares.

    The score is :math:`\hat s_{ui} = p_u^\top q_i`, with vectors of ``n_factors``
    numbers. Let :math:`x_{ui} = 1` where u rated i and 0 elsewhere. The confidence is
    :math:`c_{ui} = 1 + \alpha r_{ui}`, with :math:`r_{ui} = 0` where there is no
    rating. The loss is a sum over all cells of the table, rated or not, plus a penalty,

    .. math::
        \sum_{u,i} c_{ui} (x_{ui} - p_u^\top q_i)^2
        + \lambda \sum_u n_u^{\rho} \|p_u\|^2
        + \lambda \sum_i n_i^{\rho} \|q_i\|^2 ,

    where :math:`n_u` and :math:`n_i` are the numbers of ratings of the user and of the
    item. With the items fixed, each user's minimum solves one linear system,

    .. math::
        \Big(Q^\top Q + \sum_{i \in I_u} (c_{ui} - 1)\, q_i q_i^\top
        + \lambda n_u^{\rho} I\Big)\, p_u = \sum_{i \in I_u} c_{ui}\, q_i ,

    where :math:`I_u` are the items that u rated. :math:`Q^\top Q` is the same for all
    users and is computed once per pass, so a user costs no more than the user's own
    ratings. The items are then solved in the same way.

    ``solver="cholesky"`` builds the matrix on the left and solves exactly.
    ``solver="cg"`` never builds it. It takes ``cg_steps`` steps of conjugate gradients
    from the current row, and a step costs :math:`f^2 + n_u f` operations. Cholesky
    costs :math:`f^3 + n_u f^2`. A few steps are enough, because the next round
    continues from there. With ``n_factors`` steps and ``reg`` above 0 the two solvers
    agree up to rounding. Neither ever raises the loss.

    A user without ratings gets the items' numbers of ratings as scores. An item without
    ratings has factors 0 and scores 0. The scores are not stars, so there is no
    ``predict``.

    Parameters
    ----------
    n_factors : int
        Length f of :math:`p_u` and :math:`q_i`.
    n_iterations : int
        Number of rounds. One round solves all users, then all items.
    reg : float
        Strength :math:`\lambda \ge 0` of the penalty. With 0 and too few ratings the
        minimum is not unique: Cholesky takes the solution of the smallest norm, and
        conjugate gradients approach one near their start. With 0 and about as many
        factors as users, rounding errors may show in the scores. Use a value above 0
        for scores that can be repeated.
    reg_power : float
        Power :math:`\rho` of the number of ratings in the penalty. The default 0
        penalises every row equally. 1 penalises a row once for each of its ratings.
    alpha : float
        Confidence :math:`\alpha \ge 0` that each star adds to the 1 of an unrated
        cell. With 0 all cells count the same. A rating of 0 is still a target of 1,
        with no more confidence than an unrated cell. Ratings below 0 need ``alpha=0``.
    solver : {"cg", "cholesky"}
        How to solve the linear systems: the default ``"cg"`` approximately,
        ``"cholesky"`` exactly.
    cg_steps : int
        Number of conjugate gradient steps per row. ``"cholesky"`` ignores it.
    seed : int
        Seeds the initial factors.
    init_std : float
        Standard deviation of the random initial factors. With 0 all scores stay 0.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    P_ : (n_users, n_factors) float64 array
        User factors.
    Q_ : (n_items, n_factors) float64 array
        Item factors.
    counts_ : (n_items,) float64 array
        Number of training ratings of each item.
    bi_ : (n_items,) float64 array
        Zeros, because the model has no biases.

    Raises
    ------
    ValueError
        In ``fit``, for an invalid argument, or for a rating below 0 if ``alpha`` is
        above 0. The message names it.

    Notes
    -----
    In the first paper :math:`\rho = 0`. Rendle and others use
    :math:`n_u + \alpha_0 |I|` in place of :math:`n_u`, which also counts the cells
    without a rating.

    References
    ----------
    Hu, Koren & Volinsky, "Collaborative Filtering for Implicit Feedback Datasets",
    ICDM 2008.

    Takács, Pilászy & Tikk, "Applications of the Conjugate Gradient Method for Implicit
    Feedback Collaborative Filtering", RecSys 2011.

    Rendle, Krichene, Zhang & Koren, "Revisiting the Performance of iALS on Item
    Recommendation Benchmarks", RecSys 2022.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = ImplicitALS(n_factors=2, reg=1.0).fit(toy)
    >>> best = model.recommend([4], k=1, exclude=toy)[0, 0]
    >>> str(toy.item_ids[best])  # to Eve, as to Dee
    'Babe'
    """

    def __init__(
        self,
        n_factors=32,
        n_iterations=15,
        reg=30.0,
        reg_power=0.0,
        alpha=1.0,
        solver="cg",
        cg_steps=3,
        seed=0,
        init_std=0.1,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_iterations = n_iterations
        self.reg = reg
        self.reg_power = reg_power
        self.alpha = alpha
        self.solver = solver
        self.cg_steps = cg_steps
        self.seed = seed
        self.init_std = init_std
        self.verbose = verbose

    _ranges = {
        "alpha": at_least(0),
        "solver": one_of("cg", "cholesky"),
        "cg_steps": count(),
    }

    def fit(self, train) -> Self:
        """Fit the model to ``train``, a :class:`~recbook.Ratings`, and return it."""
        train = check_train(train)
        check_settings(self)
        check_ratings(train)
        check_confidence(train, self.alpha)
        rng = np.random.default_rng(self.seed)
        C = sparse.csr_array(train.csr, dtype=np.float64)
        by_user = C.indptr, C.indices, 1.0 + self.alpha * C.data
        C = C.T.tocsr()
        by_item = C.indptr, C.indices, 1.0 + self.alpha * C.data
        rows = known(train)
        n, m, f = train.n_users, train.n_items, self.n_factors
        P = start(rng, (n, f), self.init_std, rows[0])
        Q = start(rng, (m, f), self.init_std, rows[1])
        for _ in tqdm(range(self.n_iterations), disable=not self.verbose):
            self._solve(*by_user, P, Q)
            self._solve(*by_item, Q, P)
        self.P_, self.Q_, self._gram = P, Q, Q.T @ Q
        self.counts_ = np.diff(by_item[0]).astype(np.float64)
        self.bi_ = np.zeros(m)
        indptr, columns, c = by_user
        self._by_user = indptr, columns.copy(), c  # of its own, to be counted as such
        self._known, self._ids = rows, train.item_ids
        return self

    def explain(self, user, item):
        r"""Return the :class:`~recbook.neighbors.Explanation` of one pair of codes.

        With the matrix :math:`W_u` on the left of the user's system, the user's best
        factors are :math:`W_u^{-1} \sum_j c_{uj} q_j`, and the score is a sum over the
        user's items j,

        .. math:: q_i^\top p_u = \sum_{j \in I_u} c_{uj}\, q_i^\top W_u^{-1} q_j .

        The weights are :math:`q_i^\top W_u^{-1} q_j`, a similarity of two items in the
        eyes of the user, and ``ratings`` are the confidences :math:`c_{uj}`. ``base``
        is what is left to the score: 0 where the fit has converged. For a user without
        training ratings it is the item's number of ratings. See Hu, Koren & Volinsky
        (2008), section 5.
        """
        check_fitted(self, "Q_")
        return explained(self, user, item, self._ids)

    def _parts(self, user, items):
        indptr, columns, c = self._by_user
        at = slice(indptr[user], indptr[user + 1])
        own, cu = columns[at], c[at]
        Q, n = self.Q_[own], np.array([own.size])
        W = self._gram + Q.T @ ((cu - 1.0)[:, None] * Q)
        W[np.diag_indices_from(W)] += row_penalties(self, n)[0]
        solved = np.linalg.lstsq(W, self.Q_[items].T, rcond=ROUNDING)[0]  # (f, n)
        return own, cu, Q @ solved

    def _reasons(self, user, items):
        own, held, weights = self._parts(user, items)
        return own, held[:, None] * weights

    def _solve(self, indptr, columns, c, X, other):
        """Lower the loss over one side, with the other side fixed."""
        counts = np.diff(indptr)
        penalty = row_penalties(self, counts)
        G = other.T @ other
        if self.solver == "cholesky":
            cholesky_rows(indptr, columns, c, penalty, X, other, G)
            return
        R = -(X @ G + penalty[:, None] * X)
        cg_rows(indptr, columns, c, penalty, X, other, G, R, self.cg_steps)


def check_confidence(train, alpha):
    """Raise a ValueError if a rating's confidence would be below that of no rating."""
    lowest = train.values.min()
    if alpha > 0 and lowest < 0:
        raise ValueError(
            f"train holds a rating of {lowest:g}, which with alpha={alpha!r} would be "
            "less sure than no rating; shift the ratings to begin at 0, or take "
            "alpha=0"
        )


def implicit_objective(model, train):
    r"""Return the loss of a fitted :class:`~recbook.ImplicitALS`, over all cells.

    Over all cells, :math:`\sum (p_u^\top q_i)^2` equals
    :math:`\langle P^\top P, Q^\top Q \rangle`. Only the rated cells need a correction,
    so the table of all cells is never built.

    Parameters
    ----------
    model : ImplicitALS
        A fitted model.
    train : Ratings
        The ratings that it was fitted to.

    Returns
    -------
    float
        The loss, at least 0.

    Examples
    --------
    With factors of 0 each rating costs its confidence, here 1 + 2 · 4 stars.

    >>> from recbook import Ratings
    >>> one = Ratings([0], [1], [4.0], None, ["Ann"], ["Heat", "Up"])
    >>> implicit_objective(ImplicitALS(alpha=2.0, init_std=0.0).fit(one), one)
    9.0
    """
    P, Q = model.P_, model.Q_
    users, items = train.users, train.items
    c = 1.0 + model.alpha * train.values
    s = (P[users] * Q[items]).sum(axis=1)
    total = ((P.T @ P) * (Q.T @ Q)).sum() - s @ s + c @ (1.0 - s) ** 2
    for X, codes in ((P, users), (Q, items)):
        n = np.bincount(codes, minlength=len(X))
        total += row_penalties(model, n) @ (X**2).sum(axis=1)
    return max(float(total), 0.0)  # below 0 only by rounding


def cholesky_rows(indptr, columns, c, penalty, X, other, G):
    """Write the exact minimum of each row that has ratings into X.

    >>> X, other = np.zeros((1, 1)), np.array([[2.0], [1.0]])
    >>> c, penalty, G = np.array([3.0]), np.array([3.0]), np.array([[5.0]])
    >>> cholesky_rows(np.array([0, 1]), np.array([0]), c, penalty, X, other, G)
    >>> X.tolist()  # 3 · 2 / (2² + 1² + (3 - 1) 2² + 3)
    [[0.375]]
    """
    I = np.eye(len(G))
    for row in np.flatnonzero(np.diff(indptr)):
        rated = slice(indptr[row], indptr[row + 1])
        Q, cu = other[columns[rated]], c[rated]
        A = G + Q.T @ ((cu - 1.0)[:, None] * Q) + penalty[row] * I
        b = Q.T @ cu
        if penalty[row] > LOST * np.trace(A):
            X[row] = linalg.cho_solve(linalg.cho_factor(A), b)
        else:  # perhaps singular: take the solution of the smallest norm
            X[row] = np.linalg.lstsq(A, b, rcond=ROUNDING)[0]


@njit(cache=True, fastmath=FAST)
def cg_rows(indptr, columns, c, penalty, X, other, G, R, steps):
    """Take ``steps`` steps of conjugate gradients in each row that has ratings.

    G is the Gram matrix of ``other``. R starts as −(G + penalty I) x for each row,
    which is one matrix product for all rows. All steps of a row are taken while the
    factors of its entries are in the processor's cache.

    >>> X, R, other = np.zeros((1, 1)), np.zeros((1, 1)), np.array([[2.0], [1.0]])
    >>> c, penalty, G = np.array([3.0]), np.array([3.0]), np.array([[5.0]])
    >>> cg_rows(np.array([0, 1]), np.array([0]), c, penalty, X, other, G, R, 1)
    >>> X.tolist()
    [[0.375]]
    """
    n_factors = X.shape[1]
    d, Ad = np.empty(n_factors), np.empty(n_factors)
    trace = np.trace(G)
    for row in range(len(indptr) - 1):
        rated = columns[indptr[row] : indptr[row + 1]]
        cu = c[indptr[row] : indptr[row + 1]]
        more, nothing = cu - 1.0, 0.0 * cu
        x, r = X[row], R[row]
        add_entries(r, other, rated, cu, -more, x)  # r = b - A x
        d[:] = r
        rr = np.sum(r * r)
        arrived = ARRIVED * trace * np.sum(cu * cu)  # ‖b‖² is at most trace · ‖c‖²
        for left in range(steps - 1, -1, -1):
            if rr <= arrived:  # rounding in b allows no smaller residual
                break
            multiply(Ad, G, penalty[row], d)
            if left == 0:  # the last step needs no new residual
                x += rr / (np.sum(d * Ad) + squared_length(other, rated, more, d)) * d
                break
            add_entries(Ad, other, rated, nothing, more, d)
            step = rr / np.sum(d * Ad)
            x += step * d
            r -= step * Ad
            before, rr = rr, np.sum(r * r)
            d[:] = r + rr / before * d


@njit(cache=True, fastmath=FAST)
def multiply(out, G, penalty, x):
    """Write (G + penalty I) x into out; G is symmetric.

    >>> out = np.zeros(2)
    >>> multiply(out, np.array([[2.0, 1.0], [1.0, 3.0]]), 10.0, np.array([1.0, 2.0]))
    >>> out.tolist()
    [14.0, 27.0]
    """
    out[:] = penalty * x
    n = len(x)
    whole = n - n % 4
    for g in range(0, whole, 4):  # groups of four read and write ``out`` only once
        x0, x1, x2, x3 = x[g], x[g + 1], x[g + 2], x[g + 3]
        g0, g1, g2, g3 = G[g], G[g + 1], G[g + 2], G[g + 3]
        for f in range(n):
            out[f] += x0 * g0[f] + x1 * g1[f] + x2 * g2[f] + x3 * g3[f]
    for g in range(whole, n):
        for f in range(n):
            out[f] += x[g] * G[g, f]


@njit(cache=True, fastmath=FAST)
def add_entries(out, other, rated, shift, scale, x):
    """Add Σ (shift + scale qᵀx) q, over the entries ``rated`` of a row, to out.

    >>> out, Q, rated = np.zeros(1), np.array([[2.0], [1.0]]), np.array([0])
    >>> add_entries(out, Q, rated, np.array([1.0]), np.array([2.0]), np.array([3.0]))
    >>> out.tolist()  # (1 + 2 · 2 · 3) · 2
    [26.0]
    """
    whole = len(rated) - len(rated) % 4
    for n in range(0, whole, 4):  # in groups of four again
        q0, q1 = other[rated[n]], other[rated[n + 1]]
        q2, q3 = other[rated[n + 2]], other[rated[n + 3]]
        s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        for f in range(len(x)):
            s0 += q0[f] * x[f]
            s1 += q1[f] * x[f]
            s2 += q2[f] * x[f]
            s3 += q3[f] * x[f]
        s0 = shift[n] + scale[n] * s0
        s1 = shift[n + 1] + scale[n + 1] * s1
        s2 = shift[n + 2] + scale[n + 2] * s2
        s3 = shift[n + 3] + scale[n + 3] * s3
        for f in range(len(x)):
            out[f] += s0 * q0[f] + s1 * q1[f] + s2 * q2[f] + s3 * q3[f]
    for n in range(whole, len(rated)):
        q, s = other[rated[n]], 0.0
        for f in range(len(x)):
            s += q[f] * x[f]
        s = shift[n] + scale[n] * s
        for f in range(len(x)):
            out[f] += s * q[f]


@njit(cache=True, fastmath=FAST)
def squared_length(other, rated, scale, x):
    """Return Σ scale (qᵀx)² over the entries ``rated`` of a row.

    >>> Q, rated = np.array([[2.0], [1.0]]), np.array([0])
    >>> squared_length(Q, rated, np.array([2.0]), np.array([3.0]))
    72.0
    """
    total = 0.0
    for n in range(len(rated)):
        q, s = other[rated[n]], 0.0
        for f in range(len(x)):
            s += q[f] * x[f]
        total += scale[n] * s * s
    return total
