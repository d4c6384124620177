"""Bayesian personalised ranking: learn the order of items from pairs of items."""

from typing import Self

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.jit import FAST, njit
from recbook._core.negatives import RatedPairs, draw_triples
from recbook.base import check_settings, check_train, known
from recbook.factorization.base import Ranker, decay_of, start
from recbook.factorization.descent import sgd_epochs

__all__ = ["BPR", "draw_triples", "log_sigmoid"]

SAMPLE = 10_000  # largest number of triples on which the history is measured


class BPR(Ranker):
    r"""Rank the items that a user rated above those that the user did not rate.

    The score is :math:`\hat s_{ui} = b_i + p_u^\top q_i`, with an item bias
    :math:`b_i` and vectors :math:`p_u` and :math:`q_i` of ``n_factors`` numbers. A
    triple (u, i, j) says that u rated i and did not rate j. Its margin is
    :math:`x_{uij} = \hat s_{ui} - \hat s_{uj}`, and :math:`\sigma(x_{uij})` is the
    modelled probability that u prefers i to j. The model maximises the log-likelihood
    plus the log-prior,

    .. math::
        \sum_{(u,i)} \mathbb{E}_j \Bigl[ \ln \sigma(x_{uij})
        - \frac{\lambda}{2} \bigl( \|p_u\|^2 + \|q_i\|^2 + \|q_j\|^2 \bigr)
        - \frac{\lambda_b}{2} \bigl( b_i^2 + b_j^2 \bigr) \Bigr] .

    The sum runs over the observed pairs. The expectation is over j, drawn uniformly
    from all items that u has not rated. The penalty is inside the sum, so a row pays
    it in every triple that it belongs to. One step follows the gradient of one bracket.
    With :math:`e = 1 - \sigma(x_{uij}) = \sigma(-x_{uij})` and old values on the right,

    .. math::
        \begin{aligned}
        p_u &\leftarrow p_u + \eta\,\bigl( e\,(q_i - q_j) - \lambda\,p_u \bigr), \\
        q_i &\leftarrow q_i + \eta\,( e\,p_u - \lambda\,q_i), &
        q_j &\leftarrow q_j + \eta\,(-e\,p_u - \lambda\,q_j), \\
        b_i &\leftarrow b_i + \eta\,( e - \lambda_b\,b_i), &
        b_j &\leftarrow b_j + \eta\,(-e - \lambda_b\,b_j).
        \end{aligned}

    An epoch has as many steps as there are ratings. The pairs (u, i) are drawn
    uniformly with replacement.

    BPR learns from implicit feedback: it reads which items a user rated and ignores
    the stars, so it has no ``predict``. A user who rated nothing, or everything, is in
    no triple and gets the items' numbers of ratings as scores. An item without ratings
    is a negative for every user and is learned as such.

    Parameters
    ----------
    n_factors : int
        Length of :math:`p_u` and :math:`q_i`. It may exceed the number of users or
        items.
    n_epochs : int
        Number of epochs. With 0 the factors keep their random initial values.
    lr : float
        Learning rate :math:`\eta > 0` of the first epoch.
    lr_decay : float, optional
        Factor by which :math:`\eta` is multiplied after every epoch. The default is
        0.97 for 100 epochs. For another number of epochs it changes so that the total
        decay is the same.
    reg : float
        Penalty :math:`\lambda \ge 0` on the factors.
    reg_bias : float
        Penalty :math:`\lambda_b \ge 0` on the item biases.
    init_std : float
        Standard deviation of the normal initial factors. With 0 they stay 0, and only
        the biases are learned.
    seed : int
        Seeds the initial factors and the triples. The order of the ratings in the
        table does not matter.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    P_ : (n_users, n_factors) float64 array
        User factors. Zeros for a user who is in no triple.
    Q_ : (n_items, n_factors) float64 array
        Item factors.
    bi_ : (n_items,) float64 array
        Item biases, which hold what is popular with all users.
    counts_ : (n_items,) float64 array
        Number of training ratings of each item.
    history_ : dict of lists
        One value after each epoch, measured on a fixed sample of at most 10 000
        triples of train: ``"objective"``, the mean of the bracket above, and
        ``"auc"``, the share of triples with :math:`x_{uij} > 0`. NaN if there is no
        triple.

    Raises
    ------
    ValueError
        In ``fit``, for an invalid argument or an empty train. The message names it.
    recbook.DivergenceError
        In ``fit``, if numbers overflow. The message names ``lr`` and the epoch.

    Notes
    -----
    The update in the paper adds :math:`\lambda \Theta`. The gradient of the paper's own
    objective subtracts it, as we do. The item bias is an addition.

    References
    ----------
    Rendle, Freudenthaler, Gantner & Schmidt-Thieme, "BPR: Bayesian Personalized
    Ranking from Implicit Feedback", UAI 2009, sections 4.1 and 4.2.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = BPR(n_factors=4, n_epochs=200, lr=0.1).fit(toy)
    >>> toy.item_ids[model.recommend([2], k=1, exclude=toy)[0]].tolist()  # for Cem
    ['Up']
    """

    def __init__(
        self,
        n_factors=64,
        n_epochs=100,
        lr=0.1,
        lr_decay=None,
        reg=0.03,
        reg_bias=0.01,
        init_std=0.1,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_epochs = n_epochs
        self.lr = lr
        self.lr_decay = lr_decay
        self.reg = reg
        self.reg_bias = reg_bias
        self.init_std = init_std
        self.seed = seed
        self.verbose = verbose

    def fit(self, train) -> Self:
        """Fit the model to ``train``, a :class:`~recbook.Ratings`, and return it."""
        train = check_train(train)
        check_settings(self)
        rng = np.random.default_rng(self.seed)
        pairs = RatedPairs(train.csr)
        raters = known(train)[0] & (pairs.free > 0)
        P = start(rng, (train.n_users, self.n_factors), self.init_std, raters)
        everything = np.ones(train.n_items, dtype=bool)
        Q = start(rng, (train.n_items, self.n_factors), self.init_std, everything)
        b = np.zeros(train.n_items)
        sample = pairs.draw(rng, min(pairs.size, SAMPLE))
        regs = float(self.reg), float(self.reg_bias)

        def step(lr):
            for triples in pairs.epoch(rng):
                climb(P, Q, b, *triples, lr, *regs)

        def measure():
            return self._measure(P, Q, b, *sample)

        names, decay = ("objective", "auc"), decay_of(self, 0.97, 100)
        self.history_ = sgd_epochs(self, step, [P, Q, b], names, measure, decay)
        self.P_, self.Q_, self.bi_ = P, Q, b
        self.counts_ = np.bincount(train.items, minlength=train.n_items).astype(float)
        self._known = raters, self.counts_ > 0
        return self

    def _measure(self, P, Q, b, *sample):
        """Return the mean of the bracket, and the share of triples in order."""
        if sample[0].size == 0:
            return np.nan, np.nan
        x, squares, squares_bias = margins(P, Q, b, *sample)
        prior = (self.reg * squares + self.reg_bias * squares_bias) / 2
        return float(np.mean(log_sigmoid(x) - prior)), float(np.mean(x > 0))


def log_sigmoid(x):
    r"""Return :math:`\ln \sigma(x) = -\ln(1 + e^{-x})`, finite for every finite x.

    Taken literally, :math:`\sigma(-1000)` is 0 and its logarithm is minus infinity.
    Written as :math:`\min(x, 0) - \ln(1 + e^{-|x|})`, no exponent is positive.

    Parameters
    ----------
    x : float array of any shape
        Margins.

    Returns
    -------
    float64 array of the same shape
        At most 0.

    Examples
    --------
    >>> log_sigmoid([-1000.0, 0.0, 1000.0]).round(4).tolist()
    [-1000.0, -0.6931, 0.0]
    """
    x = check_reals("x", x)
    return np.minimum(x, 0.0) - np.log1p(np.exp(-np.abs(x)))


@njit(cache=True, fastmath=FAST)
def climb(P, Q, b, users, items, negatives, lr, reg, reg_bias):
    """Take one gradient step for each triple in turn, changing P, Q and b in place."""
    for t in range(users.size):
        u, i, j = users[t], items[t], negatives[t]
        x = b[i] - b[j]
        for f in range(P.shape[1]):
            x += P[u, f] * (Q[i, f] - Q[j, f])
        z = np.exp(-abs(x))  # never overflows
        e = z / (1.0 + z) if x > 0.0 else 1.0 / (1.0 + z)  # sigma(-x)
        b[i] += lr * (e - reg_bias * b[i])
        b[j] += lr * (-e - reg_bias * b[j])
        for f in range(P.shape[1]):
            p, qi, qj = P[u, f], Q[i, f], Q[j, f]
            P[u, f] += lr * (e * (qi - qj) - reg * p)
            Q[i, f] += lr * (e * p - reg * qi)
            Q[j, f] += lr * (-e * p - reg * qj)


@njit(cache=True, fastmath=FAST)
def margins(P, Q, b, users, items, negatives):
    """Return each triple's margin x_uij and its two penalty sums of squares."""
    x, squares, squares_bias = np.empty((3, users.size))
    for t in range(users.size):
        u, i, j = users[t], items[t], negatives[t]
        dot, length = 0.0, 0.0
        for f in range(P.shape[1]):
            dot += P[u, f] * (Q[i, f] - Q[j, f])
            length += P[u, f] ** 2 + Q[i, f] ** 2 + Q[j, f] ** 2
        x[t] = b[i] - b[j] + dot
        squares[t], squares_bias[t] = length, b[i] ** 2 + b[j] ** 2
    return x, squares, squares_bias
