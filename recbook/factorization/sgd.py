"""Matrix factorization by stochastic gradient descent, one rating at a time."""

import numpy as np

from recbook._core.jit import FAST, njit
from recbook.base import anything, check_ratings, check_settings, check_train, known
from recbook.factorization.base import Predictor, decay_of, penalties, start
from recbook.factorization.descent import (
    check_validation,
    errors_of,
    in_blocks,
    in_lines,
    sgd_epochs,
    shuffled_blocks,
)

__all__ = ["MatrixFactorization"]


class MatrixFactorization(Predictor):
    r"""Predict from a short vector of each user and one of each item.

    .. math:: \hat r_{ui} = \mu + b_u + b_i + p_u^\top q_i

    Over the observed pairs :math:`K`, and with :math:`n_u`, :math:`n_i` the number of
    ratings of a user and an item, fit goes downhill on

    .. math::
        J = \sum_{(u,i) \in K} (r_{ui} - \hat r_{ui})^2
        + \sum_u n_u^\rho \left(\lambda \|p_u\|^2 + \lambda_b b_u^2\right)
        + \sum_i n_i^\rho \left(\lambda \|q_i\|^2 + \lambda_b b_i^2\right) .

    With :math:`e = r_{ui} - \hat r_{ui}`, the step at one rating is

    .. math::
        b_u &\leftarrow b_u + \eta\,(e - \lambda_b n_u^{\rho - 1} b_u) \\
        b_i &\leftarrow b_i + \eta\,(e - \lambda_b n_i^{\rho - 1} b_i) \\
        p_u &\leftarrow p_u + \eta\,(e\, q_i - \lambda n_u^{\rho - 1} p_u) \\
        q_i &\leftarrow q_i + \eta\,(e\, p_u - \lambda n_i^{\rho - 1} q_i)

    where all that stands on the right is the value from before the step; the 2 of
    both derivatives is in :math:`\eta`. An epoch takes every rating once, in an order
    drawn anew; on a large table within blocks of users, of some 131 000 ratings each,
    and block after block, which keeps the cost of a rating level.

    Parameters
    ----------
    n_factors : int
        Length of p and q; more than there are users or items is allowed.
    n_epochs : int
        Passes over the ratings; 0 leaves the start.
    lr : float
        :math:`\eta` of the first epoch, more than 0, in one over squared stars:
        ratings on a scale ten times as wide need a hundredth of it.
    lr_decay : float, optional
        Multiplies :math:`\eta` after every epoch; 1 keeps it. By default 0.93 at 40
        epochs, and at another number what shrinks it by the same share in all.
    reg : float
        :math:`\lambda \ge 0` of the factors.
    reg_power : float
        :math:`\rho`. With 1 the penalty is inside the sum, per rating; with 0 it is
        outside, :math:`\lambda (\|P\|^2 + \|Q\|^2)`, per row.
    reg_bias : float
        :math:`\lambda_b \ge 0` of the biases.
    biased : bool
        With False the model is :math:`\hat r_{ui} = p_u^\top q_i`, without a mean
        and without biases.
    init_std : float
        Standard deviation of the normal numbers that p and q start from, in the root
        of stars. At 0 they stay 0: no gradient leaves that point.
    seed : int
        Of the start and of the order of the ratings: same seed and same ratings in
        the same order, same model. The same ratings in another order are stepped
        through in another, and end near by.
    verbose : bool
        Whether to show a bar of the epochs.

    Attributes
    ----------
    P_, Q_ : (n_users, n_factors) and (n_items, n_factors) float64 arrays
        Factors; zeros without a training rating.
    mu_ : float
        Mean of the training ratings, in stars.
    bu_, bi_ : (n_users,) and (n_items,) float64 arrays
        Biases, in stars; 0 without a training rating, or with ``biased=False``.
    history_ : dict of lists
        ``"train"``, and ``"validation"`` where fit got one: RMSE of ``predict`` in
        stars after each epoch, of a full pass with the parameters standing still.

    Raises
    ------
    ValueError
        From fit, naming the argument and its value. A ``DivergenceError`` is one: it
        names ``lr`` and the epoch in which the parameters left the finite numbers.

    References
    ----------
    Koren, Bell & Volinsky, "Matrix Factorization Techniques for Recommender Systems",
    IEEE Computer 42(8), 2009, equations 2 and 5. Chin, Yuan, Yang & Lin, "A Learning-
    rate Schedule for Stochastic Gradient Methods to Matrix Factorization", PAKDD 2015,
    on penalties that count ratings.

    Examples
    --------
    Dune, which Cem has not seen, is for those who liked Alien and Heat.

    >>> from recbook.datasets import load_toy
    >>> model = MatrixFactorization(n_factors=2, reg=0.1, lr=0.1).fit(load_toy())
    >>> cem_dune, cem_babe = model.predict([2, 2], [1, 5])
    >>> bool(cem_dune > 4 > 3 > cem_babe)
    True
    """

    def __init__(
        self,
        n_factors=100,
        n_epochs=40,
        lr=0.03,
        lr_decay=None,
        reg=1.2,
        reg_power=0.5,
        reg_bias=0.5,
        biased=True,
        init_std=0.1,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_epochs = n_epochs
        self.lr = lr
        self.lr_decay = lr_decay
        self.reg = reg
        self.reg_power = reg_power
        self.reg_bias = reg_bias
        self.biased = biased
        self.init_std = init_std
        self.seed = seed
        self.verbose = verbose

    _ranges = {"biased": anything()}

    def fit(self, train, validation=None):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model.

        ``validation``, another table over the same codes, changes nothing but what
        ``history_`` says.
        """
        train = check_train(train)
        check_settings(self)
        check_ratings(train)
        check_validation(validation, train)
        rng = np.random.default_rng(self.seed)
        rows = known(train)
        mu, scale = float(train.values.mean()), (train.values.min(), train.values.max())
        offset, lr_share = (mu, 1.0) if self.biased else (0.0, 0.0)
        bu, bi = np.zeros(train.n_users), np.zeros(train.n_items)
        k = self.n_factors
        P = in_lines(start(rng, (train.n_users, k), self.init_std, rows[0]))
        Q = in_lines(start(rng, (train.n_items, k), self.init_std, rows[1]))
        learned = {"bu": bu, "bi": bi, "P": P, "Q": Q}
        regs = shares(self, train)
        blocks = in_blocks(rng, train)

        def step(lr):
            for ratings in shuffled_blocks(rng, blocks):
                steps = {"lr": lr, "lr_b": lr_share * lr}
                epoch(*ratings, offset, **learned, **steps, **regs)

        errors = errors_of(train, validation, rows, offset, mu, scale)

        def measure():
            return [rmse(bu, bi, P, Q) for rmse in errors.values()]

        decay = decay_of(self, 0.93, 40)
        self.history_ = sgd_epochs(
            self, step, list(learned.values()), errors, measure, decay
        )
        self.mu_, self.scale_ = mu, scale
        self._offset, self._known = offset, rows
        self.bu_, self.bi_ = bu, bi
        self.P_, self.Q_ = P[:, :k].copy(), Q[:, :k].copy()
        return self


def shares(model, train):
    """Return each row's penalty at one rating, by the names that ``epoch`` has."""
    nu = np.bincount(train.users, minlength=train.n_users)
    ni = np.bincount(train.items, minlength=train.n_items)
    return {
        "reg_p": penalties(model.reg, model.reg_power, nu),
        "reg_q": penalties(model.reg, model.reg_power, ni),
        "reg_bu": penalties(model.reg_bias, model.reg_power, nu),
        "reg_bi": penalties(model.reg_bias, model.reg_power, ni),
    }


@njit(cache=True, fastmath=FAST)
def epoch(
    users, items, values, mu, bu, bi, P, Q, lr, lr_b, reg_p, reg_q, reg_bu, reg_bi
):
    """Take the step of every rating in turn, changing bu, bi, P and Q."""
    for t in range(users.size):
        u, i = users[t], items[t]
        p, q = P[u], Q[i]
        r = mu + bu[u] + bi[i]
        for f in range(p.size):
            r += p[f] * q[f]
        e = values[t] - r
        bu[u] += lr_b * (e - reg_bu[u] * bu[u])
        bi[i] += lr_b * (e - reg_bi[i] * bi[i])
        # p + lr (e q - reg p) with both products by lr taken once, not for each f
        step, keep_p, keep_q = lr * e, 1.0 - lr * reg_p[u], 1.0 - lr * reg_q[i]
        for f in range(p.size):
            pf, qf = p[f], q[f]  # the old values, of which both updates are made
            p[f] = keep_p * pf + step * qf
            q[f] = keep_q * qf + step * pf
