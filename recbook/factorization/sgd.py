"""Matrix factorization by stochastic gradient descent, one rating at a time."""

from typing import Self

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
    r"""Predict stars from user and item vectors, fitted by stochastic gradient descent.

    .. math:: \hat r_{ui} = \mu + b_u + b_i + p_u^\top q_i

    :math:`\mu` is the mean rating, :math:`b_u` and :math:`b_i` are the biases of the
    user and the item, and :math:`p_u` and :math:`q_i` are their vectors of
    ``n_factors`` numbers. The loss is the sum of the squared errors over the observed
    pairs :math:`K` plus a penalty,

    .. math::
        J = \sum_{(u,i) \in K} (r_{ui} - \hat r_{ui})^2
        + \sum_u n_u^\rho \left(\lambda \|p_u\|^2 + \lambda_b b_u^2\right)
        + \sum_i n_i^\rho \left(\lambda \|q_i\|^2 + \lambda_b b_i^2\right) ,

    where :math:`n_u` and :math:`n_i` are the numbers of ratings of the user and of the
    item. One step follows the gradient at one rating. With
    :math:`e = r_{ui} - \hat r_{ui}`,

    .. math::
        b_u &\leftarrow b_u + \eta\,(e - \lambda_b n_u^{\rho - 1} b_u) \\
        b_i &\leftarrow b_i + \eta\,(e - \lambda_b n_i^{\rho - 1} b_i) \\
        p_u &\leftarrow p_u + \eta\,(e\, q_i - \lambda n_u^{\rho - 1} p_u) \\
        q_i &\leftarrow q_i + \eta\,(e\, p_u - \lambda n_i^{\rho - 1} q_i)

    All values on the right are those before the step. The factor 2 of the derivatives
    is part of the learning rate :math:`\eta`. An epoch visits every rating once, in a
    new random order. A large table is visited in blocks of users, with about 131 000
    ratings each, which keeps memory access fast.

    A user or an item without training ratings has bias 0 and factors 0. Its
    predictions are :math:`\mu` plus the bias of the other side.

    Parameters
    ----------
    n_factors : int
        Length of :math:`p_u` and :math:`q_i`. It may exceed the number of users or
        items.
    n_epochs : int
        Number of passes over the ratings. With 0 the initial values stay.
    lr : float
        Learning rate :math:`\eta > 0` of the first epoch. Ratings on a scale ten times
        as wide need a hundredth of it.
    lr_decay : float, optional
        Factor by which :math:`\eta` is multiplied after every epoch. The default is
        0.93 for 40 epochs. For another number of epochs it changes so that the total
        decay is the same.
    reg : float
        Penalty :math:`\lambda \ge 0` on the factors.
    reg_power : float
        Power :math:`\rho` of the number of ratings in the penalty. 1 penalises a row
        once for each of its ratings, 0 once in total. The default 0.5 lies between.
    reg_bias : float
        Penalty :math:`\lambda_b \ge 0` on the biases.
    biased : bool
        Whether the model has :math:`\mu`, :math:`b_u` and :math:`b_i`. Without them,
        :math:`\hat r_{ui} = p_u^\top q_i`.
    init_std : float
        Standard deviation of the normal initial factors. With 0 they stay 0, because
        the gradient there is 0.
    seed : int
        Seeds the initial factors and the order of the ratings. The same ratings in
        another order give a slightly different model.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    P_ : (n_users, n_factors) float64 array
        User factors. Zeros for a user without a training rating.
    Q_ : (n_items, n_factors) float64 array
        Item factors. Zeros for an item without a training rating.
    mu_ : float
        Mean of the training ratings, in stars.
    bu_ : (n_users,) float64 array
        User biases, in stars. Zeros with ``biased=False``.
    bi_ : (n_items,) float64 array
        Item biases, in stars. Zeros with ``biased=False``.
    history_ : dict of lists
        RMSE of ``predict`` in stars, one value after each epoch: on train under
        ``"train"`` and, if fit got one, on the validation table under
        ``"validation"``.

    Raises
    ------
    ValueError
        In ``fit``, for an invalid argument. The message names it and its value.
    recbook.DivergenceError
        In ``fit``, if numbers overflow. The message names ``lr`` and the epoch. If the
        ratings span more than 100, it advises to divide the ratings instead.

    Notes
    -----
    The first paper has :math:`\rho = 1` and one :math:`\lambda` for all parameters. The
    second one discusses penalties that depend on the number of ratings.

    References
    ----------
    Koren, Bell & Volinsky, "Matrix Factorization Techniques for Recommender Systems",
    IEEE Computer 42(8), 2009, equations 2 and 5.

    Chin, Yuan, Yang & Lin, "A Learning-rate Schedule for Stochastic Gradient Methods to
    Matrix Factorization", PAKDD 2015.

    Examples
    --------
    Cem has not seen Dune, which is for those who liked Alien and Heat.

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

    def fit(self, train, validation=None) -> Self:
        """Fit the model to the training ratings and return it.

        Parameters
        ----------
        train : Ratings
            The training ratings.
        validation : Ratings, optional
            Another table with the same codes. It only adds its error to ``history_``.
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
            self, step, list(learned.values()), errors, measure, decay, np.ptp(scale)
        )
        self.mu_, self.scale_ = mu, scale
        self._offset, self._known = offset, rows
        self.bu_, self.bi_ = bu, bi
        self.P_, self.Q_ = P[:, :k].copy(), Q[:, :k].copy()
        return self


def shares(model, train):
    """Return each row's penalty per rating, under the argument names of ``epoch``."""
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
    """Take one gradient step per rating, changing bu, bi, P and Q in place."""
    for t in range(users.size):
        u, i = users[t], items[t]
        p, q = P[u], Q[i]
        r = mu + bu[u] + bi[i]
        for f in range(p.size):
            r += p[f] * q[f]
        e = values[t] - r
        bu[u] += lr_b * (e - reg_bu[u] * bu[u])
        bi[i] += lr_b * (e - reg_bi[i] * bi[i])
        # p + lr (e q - reg p), with both products by lr computed once for all f
        step, keep_p, keep_q = lr * e, 1.0 - lr * reg_p[u], 1.0 - lr * reg_q[i]
        for f in range(p.size):
            pf, qf = p[f], q[f]  # both updates use the old values
            p[f] = keep_p * pf + step * qf
            q[f] = keep_q * qf + step * pf
