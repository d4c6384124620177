"""SVD++: a user is also what they chose to rate, whatever the stars."""

import numpy as np

from recbook._core.jit import FAST, njit
from recbook.base import anything, check_ratings, check_settings, check_train, known
from recbook.factorization.base import Predictor, decay_of, start
from recbook.factorization.descent import check_validation, errors_of, sgd_epochs
from recbook.factorization.sgd import shares

__all__ = ["SVDpp"]


class SVDpp(Predictor):
    r"""Matrix factorization that also reads a taste off which items a user rated.

    .. math::
        \hat r_{ui} = \mu + b_u + b_i + q_i^\top (p_u + z_u),
        \qquad z_u = |I_u|^{-1/2} \sum_{j \in I_u} y_j

    :math:`I_u` is what u rated in train. Over the observed pairs :math:`K` fit goes
    downhill on

    .. math::
        J = \sum_{(u,i) \in K} (r_{ui} - \hat r_{ui})^2
        + \sum_u n_u^\rho \left(\lambda \|p_u\|^2 + \lambda_b b_u^2\right)
        + \sum_i n_i^\rho \left(\lambda \|q_i\|^2 + \lambda \|y_i\|^2
        + \lambda_b b_i^2\right) .

    An epoch takes the users in an order drawn anew, and each one's ratings in an
    order drawn anew (the *blocked* form). :math:`z_u` is added up once a user. At one
    rating, with :math:`e = r_{ui} - \hat r_{ui}` and old values on the right,

    .. math::
        p_u &\leftarrow p_u + \eta\,(e\, q_i - \lambda n_u^{\rho - 1} p_u) \\
        q_i &\leftarrow q_i + \eta\,(e\,(p_u + z_u) - \lambda n_i^{\rho - 1} q_i) \\
        z_u &\leftarrow z_u + \eta\, e\, q_i

    and the biases as in :class:`MatrixFactorization`. Each :math:`y_j` of
    :math:`I_u` should move by :math:`\eta\, |I_u|^{-1/2} e\, q_i` at every rating,
    which moves their sum :math:`z_u` as above; so it is enough to give them their
    share of what :math:`z_u` went, :math:`\Delta`, at the user's end, and their
    penalty with it:

    .. math::
        y_j \leftarrow y_j + |I_u|^{-1/2} \Delta - \eta \lambda n_j^{\rho - 1} y_j

    Parameters
    ----------
    n_factors, n_epochs, lr, lr_decay, reg, reg_power, reg_bias, biased, init_std, \
seed, verbose
        As for :class:`MatrixFactorization`; the default decay is 0.9 at 20 epochs.
        y starts from 0, so that the first :math:`z_u` is 0.

    Attributes
    ----------
    P_, Q_, Y_ : (n_users, n_factors), and (n_items, n_factors) twice
        Factors, float64; zeros without a training rating.
    mu_, bu_, bi_, history_
        As for :class:`MatrixFactorization`.

    Raises
    ------
    ValueError
        From fit, naming the argument and its value. A ``DivergenceError`` is one: it
        names ``lr`` and the epoch in which the parameters left the finite numbers.

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
            self, step, list(learned.values()), errors, measure, decay
        )
        self.mu_, self.scale_ = mu, scale
        self._offset, self._known = offset, rows
        self.bu_, self.bi_, self.P_, self.Q_, self.Y_ = bu, bi, P, Q, Y
        self._vectors = P + implied(train, Y)
        return self

    def _user_vectors(self):
        return self._vectors


def implied(train, Y):
    """Return every user's :math:`z_u`, (n_users, n_factors)."""
    counts = np.diff(train.csr.indptr)
    Z = np.zeros((train.n_users, Y.shape[1]))
    add_rows(train.csr.indptr, train.csr.indices, Y, Z)
    return Z / np.sqrt(np.maximum(counts, 1))[:, None]


@njit(cache=True)
def add_rows(indptr, indices, Y, Z):
    """Add to each row of Z the rows of Y that the user rated."""
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
    """Take all ratings, user by user, changing bu, bi, P, Q and Y."""
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
                pf, qf, zf = p[f], q[f], z[f]  # the old values, for all three
                p[f] = pf + lr * (e * qf - reg_p[u] * pf)
                q[f] = qf + lr * (e * (pf + zf) - reg_q[i] * qf)
                z[f] = zf + lr * e * qf
        delta += z
        for j in rated:
            y = Y[j]
            for f in range(z.size):
                y[f] += share * delta[f] - lr * reg_q[j] * y[f]
        first = last
