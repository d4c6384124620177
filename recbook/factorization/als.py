"""Alternating least squares for stars: with one side held, the other is solved."""

import numpy as np
from scipy import sparse
from tqdm import tqdm

from recbook._core.jit import FAST, njit
from recbook.base import anything, check_ratings, check_settings, check_train, known
from recbook.factorization.base import Predictor, row_penalties, start

__all__ = ["ALS"]

# Where so small a part of a sum of squares is left, it may be all rounding.
LOST = 1e-10
BLOCK = 2**12  # ratings at a time whose rows of factors stand side by side


class ALS(Predictor):
    r"""Matrix factorization by alternating least squares.

    .. math:: \hat r_{ui} = \mu + b_u + b_i + p_u^\top q_i

    fitted to the observed pairs K by going down on

    .. math::
        \sum_{(u,i) \in K} (r_{ui} - \hat r_{ui})^2
        + \lambda \sum_u n_u^{\rho} \left(\|p_u\|^2 + b_u^2\right)
        + \lambda \sum_i n_i^{\rho} \left(\|q_i\|^2 + b_i^2\right) .

    With the items held still, the objective falls apart into one ridge regression
    for each user, on the ratings of that user alone. The user's bias is the weight of
    a feature that is always 1, and the items' biases, being known, go to the other
    side: with :math:`x = (b_u, p_u)`, :math:`z_i = (1, q_i)` and
    :math:`y_i = r_{ui} - \mu - b_i`,

    .. math::
        \Big(\sum_{i \in I_u} z_i z_i^\top + \lambda n_u^{\rho} I\Big)\, x
        = \sum_{i \in I_u} y_i z_i .

    Then the same with the two sides exchanged. Each step is the exact minimum, so
    that the objective never rises. Where :math:`\lambda = 0` leaves many solutions
    (fewer ratings than unknowns), the one of the smallest norm is taken.

    A user or item without training ratings has bias 0 and factors 0, and gets the
    mean and whatever bias is known. More factors than ``min(n_users, n_items)`` are
    allowed; they add nothing but time.

    Parameters
    ----------
    n_factors : int
        Length of :math:`p_u` and :math:`q_i`.
    n_iterations : int
        Number of rounds; one solves all users, then all items.
    reg : float
        :math:`\lambda \ge 0`, in squared stars.
    reg_power : float
        :math:`\rho`. 1 penalises a row once for each of its ratings (ALS-WR of
        Zhou and others), 0 once in all.
    biased : bool
        Whether :math:`\mu`, :math:`b_u` and :math:`b_i` are a part of the model; else
        :math:`\hat r_{ui} = p_u^\top q_i`.
    init_std : float
        Standard deviation of the items' factors at the start; the users' are solved
        before they are used. 0 never leaves the biases: every factor stays 0.
    seed : int
        Of the random start.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    P_, Q_ : (n_users, n_factors) and (n_items, n_factors) float64 arrays
        Factors.
    mu_ : float
        Mean of the training ratings, in stars.
    bu_, bi_ : (n_users,) and (n_items,) float64 arrays
        Biases, in stars; zeros with ``biased=False``.
    history_ : dict of lists of n_iterations floats
        ``"objective"``, as above, and ``"train"``, the RMSE on train in stars, both
        after each round.

    Raises
    ------
    ValueError
        From fit, naming the argument and its value.

    References
    ----------
    Zhou, Wilkinson, Schreiber & Pan, "Large-Scale Parallel Collaborative Filtering
    for the Netflix Prize", AAIM 2008.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = ALS(n_factors=1, reg=0.1).fit(load_toy())
    >>> round(float(model.predict([2], [1])[0]), 1)  # Cem on Dune
    4.8
    """

    def __init__(
        self,
        n_factors=8,
        n_iterations=15,
        reg=10.0,
        reg_power=0.0,
        biased=True,
        init_std=0.1,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_iterations = n_iterations
        self.reg = reg
        self.reg_power = reg_power
        self.biased = biased
        self.init_std = init_std
        self.seed = seed
        self.verbose = verbose

    _ranges = {"biased": anything()}

    def fit(self, train):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model."""
        train = check_train(train)
        check_settings(self)
        check_ratings(train)
        rng = np.random.default_rng(self.seed)
        R = sparse.csr_array(train.csr, dtype=np.float64)
        mu = float(R.data.mean())
        offset = mu if self.biased else 0.0
        by_user = R.indptr, R.indices, R.data - offset
        R = R.T.tocsr()
        by_item = R.indptr, R.indices, R.data - offset
        rows = known(train)
        # One column for the bias and one for each factor.
        users = np.zeros((train.n_users, 1 + self.n_factors))
        items = np.zeros((train.n_items, 1 + self.n_factors))
        items[:, 1:] = start(rng, items[:, 1:].shape, self.init_std, rows[1])
        history = {"objective": [], "train": []}
        for _ in tqdm(range(self.n_iterations), disable=not self.verbose):
            self._solve(*by_user, users, items)
            self._solve(*by_item, items, users)
            for name, value in self._measured(*by_user, users, items).items():
                history[name].append(value)
        self.history_ = history
        self.P_, self.Q_ = users[:, 1:].copy(), items[:, 1:].copy()
        self.bu_, self.bi_ = users[:, 0].copy(), items[:, 0].copy()
        self.mu_, self._offset, self._known = mu, offset, rows
        self.scale_ = (float(train.values.min()), float(train.values.max()))
        return self

    def _solve(self, indptr, columns, y, X, other):
        """Put the minimum over one side, given the other, into X."""
        penalty = row_penalties(self, np.diff(indptr))
        biased = bool(self.biased)
        singular = solve_rows(indptr, columns, y, penalty, X, other, biased)
        rows = np.flatnonzero(singular)
        solve_singular(indptr, columns, y, penalty, X, other, biased, rows)

    def _measured(self, indptr, columns, y, users, items):
        """Return the objective and the RMSE on train."""
        rows = np.repeat(np.arange(len(users)), np.diff(indptr))
        e = y - users[rows, 0] - items[columns, 0]
        for begin in range(0, y.size, BLOCK):
            some = slice(begin, begin + BLOCK)
            dots = users[rows[some], 1:] * items[columns[some], 1:]
            e[some] -= dots.sum(axis=1)
        squares = float(e @ e)
        n_u, n_i = np.diff(indptr), np.bincount(columns, minlength=len(items))
        shrinkage = row_penalties(self, n_u) @ (users**2).sum(axis=1)
        shrinkage += row_penalties(self, n_i) @ (items**2).sum(axis=1)
        error = float(np.sqrt(squares / y.size))
        return {"objective": squares + float(shrinkage), "train": error}


def solve_singular(indptr, columns, y, penalty, X, other, biased, rows):
    """Do as solve_rows in some rows; of many solutions take the smallest.

    A row of the penalty's square roots below z gives the same sum of squares, and
    least squares by singular values need no inverse.

    >>> X, other = np.zeros((1, 3)), np.array([[0.0, 1.0, 1.0]])
    >>> y, nothing = np.array([3.0]), np.zeros(1)
    >>> solve_singular(np.array([0, 1]), [0], y, nothing, X, other, True, rows=[0])
    >>> X.round(12).tolist()  # one equation, three unknowns: all take the same share
    [[1.0, 1.0, 1.0]]
    """
    first = 0 if biased else 1
    for row in rows:
        mine = slice(indptr[row], indptr[row + 1])
        Z, target = other[columns[mine]], y[mine]
        if biased:
            target = target - Z[:, 0]
            Z[:, 0] = 1.0
        Z = Z[:, first:]
        below = np.sqrt(penalty[row]) * np.eye(Z.shape[1])
        padded = np.concatenate([target, np.zeros(Z.shape[1])])
        X[row, first:] = np.linalg.lstsq(np.vstack([Z, below]), padded)[0]


@njit(cache=True, fastmath=FAST)
def solve_rows(indptr, columns, y, penalty, X, other, biased):
    """Solve (Σ z zᵀ + penalty I) x = Σ y z for every row of X that has ratings.

    Rows of X and of ``other`` are (bias, factors), and y is without the mean. The
    bias is left alone unless ``biased``. Returned is which rows are still to be
    solved, (rows,) bools: those whose matrix is singular up to rounding.

    >>> X, other = np.zeros((1, 2)), np.array([[0.5, 2.0]])
    >>> y = np.array([1.5])
    >>> solve_rows(np.array([0, 1]), np.array([0]), y, np.ones(1), X, other, False)
    array([False])
    >>> X.tolist()  # 2 · 1.5 / (2² + 1)
    [[0.0, 0.6]]
    """
    first = 0 if biased else 1
    size = X.shape[1] - first
    A, b, z = np.empty((size, size)), np.empty(size), np.ones(size)
    singular = np.zeros(len(X), dtype=np.bool_)
    for row in range(len(indptr) - 1):
        if indptr[row] == indptr[row + 1]:
            continue
        A[:], b[:] = 0.0, 0.0
        for n in range(indptr[row], indptr[row + 1]):
            item = columns[n]
            target = y[n] - other[item, 0] if biased else y[n]
            for f in range(1, X.shape[1]):
                z[f - first] = other[item, f]
            for f in range(size):
                b[f] += target * z[f]
                for g in range(f + 1):  # A is symmetric: the lower half is enough
                    A[f, g] += z[f] * z[g]
        for f in range(size):
            A[f, f] += penalty[row]
        singular[row] = not solve_positive(A, b)
        if not singular[row]:
            for f in range(size):
                X[row, first + f] = b[f]
    return singular


@njit(cache=True, fastmath=FAST)
def solve_positive(A, b):
    """Put the solution of A x = b into b, by Cholesky's A = L Lᵀ; L goes into A.

    Only the lower half of A, symmetric and positive definite, is read. At these
    sizes it is no slower than LAPACK's, which takes seconds more to compile. False
    is returned, and b left half done, where A is singular up to rounding.

    >>> A, b = np.array([[4.0, 2.0], [2.0, 5.0]]), np.array([8.0, 8.0])
    >>> solve_positive(A, b)
    True
    >>> b.tolist()
    [1.5, 1.0]
    """
    n = len(b)
    for f in range(n):
        for g in range(f + 1):
            left = A[f, g]
            for h in range(g):
                left -= A[f, h] * A[g, h]
            if f > g:
                A[f, g] = left / A[g, g]
            elif left > LOST * A[f, f]:
                A[f, f] = np.sqrt(left)
            else:
                return False
        for g in range(f):  # L y = b
            b[f] -= A[f, g] * b[g]
        b[f] /= A[f, f]
    for f in range(n - 1, -1, -1):  # Lᵀ x = y
        for g in range(f + 1, n):
            b[f] -= A[g, f] * b[g]
        b[f] /= A[f, f]
    return True
