"""SVD++: a user is also described by which items they chose to rate."""

from typing import Self

import numpy as np

from recbook._core.jit import FAST, njit
from recbook.base import anything, check_ratings, check_settings, check_train, known
from recbook.factorization.base import Predictor, decay_of, start
from recbook.factorization.descent import check_validation, errors_of, sgd_epochs
from recbook.factorization.sgd import shares

__all__ = ["SVDpp"]


class SVDpp(Predictor):
    r"""Matrix factorization that also learns from which items a user rated.

    .. math::
        \hat r_{ui} = \mu + b_u + b_i + q_i^\top (p_u + z_u),
        \qquad z_u = |I_u|^{-1/2} \sum_{j \in I_u} y_j

    :math:`I_u` are the items that u rated in train, and each item j has a second vector
    :math:`y_j` that describes the users who rate it. The other symbols are those of
    :class:`~recbook.MatrixFactorization`. The loss is the sum of the squared errors
    over the observed pairs :math:`K` plus a penalty,

    .. math::
        J = \sum_{(u,i) \in K} (r_{ui} - \hat r_{ui})^2
        + \sum_u n_u^\rho \left(\lambda \|p_u\|^2 + \lambda_b b_u^2\right)
        + \sum_i n_i^\rho \left(\lambda \|q_i\|^2 + \lambda \|y_i\|^2
        + \lambda_b b_i^2\right) ,

    where :math:`n_u` and :math:`n_i` are the numbers of ratings of the user and of the
    item. An epoch visits the users in a new random order, and each user's ratings in a
    new random order. :math:`z_u` is computed once per user. At one rating, with
    :math:`e = r_{ui} - \hat r_{ui}` and old values on the right,

    .. math::
        p_u &\leftarrow p_u + \eta\,(e\, q_i - \lambda n_u^{\rho - 1} p_u) \\
        q_i &\leftarrow q_i + \eta\,(e\,(p_u + z_u) - \lambda n_i^{\rho - 1} q_i) \\
        z_u &\leftarrow z_u + \eta\, e\, q_i

    and the biases change as in :class:`~recbook.MatrixFactorization`. In plain SGD each
    :math:`y_j` of :math:`I_u` would move by :math:`\eta\, |I_u|^{-1/2} e\, q_i` at
    every rating, which moves :math:`z_u` as above. So it is enough to give each
    :math:`y_j` its share of the total change :math:`\Delta` of :math:`z_u`, together
    with its penalty, after the user's last rating:

    .. math::
        y_j \leftarrow y_j + |I_u|^{-1/2} \Delta - \eta \lambda n_j^{\rho - 1} y_j

    A user or an item without training ratings has bias 0 and factors 0. Its
    predictions are :math:`\mu` plus the bias of the other side.

    Parameters
    ----------
    n_factors : int
        Length of :math:`p_u`, :math:`q_i` and :math:`y_j`.
    n_epochs : int
        Number of passes over the ratings. With 0 the initial values stay.
    lr : float
        Learning rate :math:`\eta > 0` of the first epoch. Ratings on a scale ten times
        as wide need a hundredth of it.
    lr_decay : float, optional
        Factor by which :math:`\eta` is multiplied after every epoch. The default is
        0.9 for 20 epochs. For another number of epochs it changes so that the total
        decay is the same.
    reg : float
        Penalty :math:`\lambda \ge 0` on the factors.
    reg_power : float
        Power :math:`\rho` of the number of ratings in the penalty. 1 penalises a row
        once for each of its ratings, 0 once in total. The default 0.5 lies between.
    reg_bias : float
        Penalty :math:`\lambda_b \ge 0` on the biases.
    biased : bool
        Whether the model has :math:`\mu`, :math:`b_u` and :math:`b_i`.
    init_std : float
        Standard deviation of the normal initial :math:`p_u` and :math:`q_i`. The
        :math:`y_j` start at 0. With 0 all factors stay 0.
    seed : int
        Seeds the initial factors and the order of the ratings. The same ratings in
        another order give a slightly different model.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    P_ : (n_users, n_factors) float64 array
        User factors :math:`p_u`, without :math:`z_u`.
    Q_ : (n_items, n_factors) float64 array
        Item factors :math:`q_i`.
    Y_ : (n_items, n_factors) float64 array
        Item factors :math:`y_i`.
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
    The paper updates every :math:`y_j` at each rating. We update them once per user,
    which is faster. In the paper :math:`I_u` may also hold items that are known only
    from implicit feedback.

    References
    ----------
    Koren, "Factorization Meets the Neighborhood", KDD 2008, equation 15.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = SVDpp(n_factors=2, reg=0.1, lr=0.1).fit(load_toy())
    >>> cem_dune, cem_babe = model.predict([2, 2], [1, 5])
    >>> bool(cem_dune > 4 > 3 > cem_babe)
    True
    """

    def __init__(
        self,
        n_factors=100,
        n_epochs=20,
        lr=0.02,
        lr_decay=None,
        reg=1.5,
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
        P = start(rng, (train.n_users, self.n_factors), self.init_std, rows[0])
        Q = start(rng, (train.n_items, self.n_factors), self.init_std, rows[1])
        Y = np.zeros_like(Q)
        learned = {"bu": bu, "bi": bi, "P": P, "Q": Q, "Y": Y}
        regs = shares(self, train)

        def step(lr):
            place = rng.permutation(train.n_users)[train.users]
            t = np.lexsort((rng.random(train.n_ratings), place))
            ratings = train.users[t], train.items[t], train.values[t]
            steps = {"lr": lr, "lr_b": lr_share * lr}
            epoch(*ratings, offset, **learned, **steps, **regs)

        errors = errors_of(train, validation, rows, offset, mu, scale)

        def measure():
            vectors = P + implied(train, Y)
            return [rmse(bu, bi, vectors, Q) for rmse in errors.values()]

        decay = decay_of(self, 0.9, 20)
        self.history_ = sgd_epochs(
            self, step, list(learned.values()), errors, measure, decay, np.ptp(scale)
        )
        self.mu_, self.scale_ = mu, scale
        self._offset, self._known = offset, rows
        self.bu_, self.bi_, self.P_, self.Q_, self.Y_ = bu, bi, P, Q, Y
        self._vectors = P + implied(train, Y)
        return self

    def _user_vectors(self):
        return self._vectors


def implied(train, Y):
    """Return :math:`z_u` of every user, (n_users, n_factors)."""
    counts = np.diff(train.csr.indptr)
    Z = np.zeros((train.n_users, Y.shape[1]))
    add_rows(train.csr.indptr, train.csr.indices, Y, Z)
    return Z / np.sqrt(np.maximum(counts, 1))[:, None]


@njit(cache=True)
def add_rows(indptr, indices, Y, Z):
    """Add to each row of Z the rows of Y of the items that the user rated."""
    for u in range(Z.shape[0]):
        z = Z[u]
        for j in indices[indptr[u] : indptr[u + 1]]:
            y = Y[j]
            for f in range(z.size):
                z[f] += y[f]


@njit(cache=True, fastmath=FAST)
def epoch(
    users, items, values, mu, bu, bi, P, Q, Y, lr, lr_b, reg_p, reg_q, reg_bu, reg_bi
):
    """Visit all ratings, user by user, changing bu, bi, P, Q and Y in place."""
    first, z, delta = 0, np.empty(P.shape[1]), np.empty(P.shape[1])
    while first < users.size:
        u, last = users[first], first
        while last < users.size and users[last] == u:
            last += 1
        share = 1.0 / np.sqrt(last - first)
        p, rated = P[u], items[first:last]
        z[:] = 0.0
        for j in rated:
            y = Y[j]
            for f in range(z.size):
                z[f] += share * y[f]
        delta[:] = -z
        for t in range(first, last):
            i = items[t]
            q = Q[i]
            r = mu + bu[u] + bi[i]
            for f in range(z.size):
                r += (p[f] + z[f]) * q[f]
            e = values[t] - r
            bu[u] += lr_b * (e - reg_bu[u] * bu[u])
            bi[i] += lr_b * (e - reg_bi[i] * bi[i])
            for f in range(z.size):
                pf, qf, zf = p[f], q[f], z[f]  # all three updates use the old values
                p[f] = pf + lr * (e * qf - reg_p[u] * pf)
                q[f] = qf + lr * (e * (pf + zf) - reg_q[i] * qf)
                z[f] = zf + lr * e * qf
        delta += z
        for j in rated:
            y = Y[j]
            for f in range(z.size):
                y[f] += share * delta[f] - lr * reg_q[j] * y[f]
        first = last
