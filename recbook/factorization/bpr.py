"""Bayesian personalised ranking: learn the order of items from pairs of them."""

import numpy as np

from recbook._core.jit import FAST, njit
from recbook._core.negatives import RatedPairs, draw_triples
from recbook.base import check_settings, check_train, known
from recbook.factorization.base import Ranker, decay_of, start
from recbook.factorization.descent import sgd_epochs

__all__ = ["BPR", "draw_triples", "log_sigmoid"]

SAMPLE = 10_000  # triples, at most, that the history is measured on


class BPR(Ranker):
    r"""Order items so that what a user rated stands above what they did not.

    The score is :math:`\hat s_{ui} = b_i + p_u^\top q_i`. A triple (u, i, j) says
    that u rated i and not j; its margin is
    :math:`x_{uij} = \hat s_{ui} - \hat s_{uj}`, and
    :math:`\sigma(x_{uij})` the model's probability that u prefers i to j. Maximised
    is the logarithm of the likelihood times the prior,

    .. math::
        \sum_{(u,i)} \mathbb{E}_j \Bigl[ \ln \sigma(x_{uij})
        - \frac{\lambda}{2} \bigl( \|p_u\|^2 + \|q_i\|^2 + \|q_j\|^2 \bigr)
        - \frac{\lambda_b}{2} \bigl( b_i^2 + b_j^2 \bigr) \Bigr] ,

    the sum over the observed pairs, the mean over j drawn uniformly from all items
    that u has not rated. The penalty stands inside the sum: a row pays at every
    triple it is a part of. One step climbs the gradient of one bracket; with
    :math:`e = 1 - \sigma(x_{uij}) = \sigma(-x_{uij})`, all from the old values,

    .. math::
        \begin{aligned}
        p_u &\leftarrow p_u + \eta\,\bigl( e\,(q_i - q_j) - \lambda\,p_u \bigr), \\
        q_i &\leftarrow q_i + \eta\,( e\,p_u - \lambda\,q_i), &
        q_j &\leftarrow q_j + \eta\,(-e\,p_u - \lambda\,q_j), \\
        b_i &\leftarrow b_i + \eta\,( e - \lambda_b\,b_i), &
        b_j &\leftarrow b_j + \eta\,(-e - \lambda_b\,b_j).
        \end{aligned}

    The half in :math:`\lambda/2` is what leaves a plain :math:`\lambda` in the steps.
    An epoch is as many steps as there are ratings, (u, i) being drawn uniformly with
    replacement.

    A model of implicit feedback: it asks who rated what, does not look at the stars,
    and has no ``predict``. A user who rated nothing, or everything, is in no triple:
    their scores are the items' number of ratings. An item that nobody rated is a
    negative for everybody, and is learned as one.

    Parameters
    ----------
    n_factors : int
        Length of :math:`p_u` and :math:`q_i`; may exceed the number of users or items.
    n_epochs : int
        Passes; with 0 the factors stay at their random start.
    lr : float
        Step size :math:`\eta > 0` of the first epoch.
    lr_decay : float, optional
        Multiplies :math:`\eta` after every epoch; 1 keeps it. By default 0.97 at 100
        epochs, and at another number what shrinks it by the same share in all.
    reg, reg_bias : float
        :math:`\lambda` of the factors and :math:`\lambda_b` of the item biases, at
        least 0.
    init_std : float
        Standard deviation of the normal draws that the factors start from; with 0
        they stay 0, and only the biases learn.
    seed : int
        Of the start and of the triples: same seed and ratings, in whatever order,
        same model.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    P_, Q_ : (n_users, n_factors) and (n_items, n_factors) float64 arrays
        Factors; zeros for a user who is in no triple.
    bi_ : (n_items,) float64 array
        Item biases: what makes an item popular with everybody alike.
    counts_ : (n_items,) float64 array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        After every epoch, on one sample of at most 10 000 triples of train that is
        drawn before the first: ``"objective"``, the mean of the bracket above, and
        ``"auc"``, the share of triples with :math:`x_{uij} > 0`. NaN where there is
        no triple.

    Raises
    ------
    ValueError
        From ``fit``, for a hyper-parameter out of its range or an empty train.
    DivergenceError
        From ``fit``, where numbers overflow; it names lr and the epoch.

    References
    ----------
    Rendle, Freudenthaler, Gantner & Schmidt-Thieme, "BPR: Bayesian Personalized
    Ranking from Implicit Feedback", UAI 2009, sections 4.1 and 4.2. Its update prints
    :math:`+\lambda\Theta`; a log-prior, and the gradient of its own equation, take it
    off.

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

    def fit(self, train):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model."""
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

    Taken literally, :math:`\sigma(-1000)` is 0 and its logarithm minus infinity. As
    :math:`\min(x, 0) - \ln(1 + e^{-|x|})` no exponent is ever above 0.

    Parameters
    ----------
    x : array_like of float
        Margins.

    Returns
    -------
    float64 array of the same shape

    Examples
    --------
    >>> log_sigmoid([-1000.0, 0.0, 1000.0]).round(4).tolist()
    [-1000.0, -0.6931, 0.0]
    """
    x = np.asarray(x, dtype=np.float64)
    return np.minimum(x, 0.0) - np.log1p(np.exp(-np.abs(x)))


@njit(cache=True, fastmath=FAST)
def climb(P, Q, b, users, items, negatives, lr, reg, reg_bias):
    """Take one step for each triple, in their order; P, Q and b are changed."""
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
    """Return each triple's x_uij, and the two sums of squares that it is charged."""
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
