"""Alternating least squares for stars: fix one side and solve for the other."""

from typing import Self

import numpy as np
from scipy import sparse
from tqdm import tqdm

from recbook._core.jit import FAST, njit
from recbook.base import anything, check_ratings, check_settings, check_train, known
from recbook.factorization.base import Predictor, row_penalties, start

__all__ = ["ALS"]

# A pivot below this share of its diagonal entry may be nothing but rounding.
LOST = 1e-10
BLOCK = 2**12  # ratings per block in _measured, which bounds its temporary arrays


class ALS(Predictor):
    r"""Predict stars from user and item vectors, fitted by alternating least squares.

    .. math:: \hat r_{ui} = \mu + b_u + b_i + p_u^\top q_i

    :math:`\mu` is the mean rating, :math:`b_u` and :math:`b_i` are the biases of the
    user and the item, and :math:`p_u` and :math:`q_i` are their vectors of
    ``n_factors`` numbers. The loss is the sum of the squared errors over the observed
    pairs :math:`K` plus a penalty,

    .. math::
        \sum_{(u,i) \in K} (r_{ui} - \hat r_{ui})^2
        + \lambda \sum_u n_u^{\rho} \left(\|p_u\|^2 + b_u^2\right)
        + \lambda \sum_i n_i^{\rho} \left(\|q_i\|^2 + b_i^2\right) ,

    where :math:`n_u` and :math:`n_i` are the numbers of ratings of the user and of the
    item.

    With the items fixed, the loss splits into one ridge regression per user, on the
    ratings :math:`I_u` of that user alone. The user's bias is the weight of a feature
    that is always 1. The items' biases are known numbers and move to the target. With
    :math:`x = (b_u, p_u)`, :math:`z_i = (1, q_i)` and
    :math:`y_i = r_{ui} - \mu - b_i`, the minimum solves

    .. math::
        \Big(\sum_{i \in I_u} z_i z_i^\top + \lambda n_u^{\rho} I\Big)\, x
        = \sum_{i \in I_u} y_i z_i .

    One round solves all users and then, with the roles exchanged, all items. Each step
    finds an exact minimum, so the loss never rises. If :math:`\lambda = 0` and a row
    has fewer ratings than unknowns, it takes the solution of the smallest norm.

    A user or an item without training ratings has bias 0 and factors 0. Its
    predictions are :math:`\mu` plus the bias of the other side.

    Parameters
    ----------
    n_factors : int
        Length of :math:`p_u` and :math:`q_i`. It may exceed the number of users or
        items, but that only costs time.
    n_iterations : int
        Number of rounds. One round solves all users, then all items.
    reg : float
        Strength :math:`\lambda \ge 0` of the penalty, in squared stars.
    reg_power : float
        Power :math:`\rho` of the number of ratings in the penalty. The default 0
        penalises every row equally. 1 penalises a row once for each of its ratings.
    biased : bool
        Whether the model has :math:`\mu`, :math:`b_u` and :math:`b_i`. Without them,
        :math:`\hat r_{ui} = p_u^\top q_i`.
    init_std : float
        Standard deviation of the items' random initial factors. With 0 all factors
        stay 0 and only the biases are learned.
    seed : int
        Seeds the initial factors.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    P_ : (n_users, n_factors) float64 array
        User factors.
    Q_ : (n_items, n_factors) float64 array
        Item factors.
    mu_ : float
        Mean of the training ratings, in stars.
    bu_ : (n_users,) float64 array
        User biases, in stars. Zeros with ``biased=False``.
    bi_ : (n_items,) float64 array
        Item biases, in stars. Zeros with ``biased=False``.
    history_ : dict of lists
        One value after each round: the loss under ``"objective"``, and the training
        RMSE in stars, before clipping, under ``"train"``.

    Raises
    ------
    ValueError
        In ``fit``, for an invalid argument. The message names it and its value.

    Notes
    -----
    The paper always uses :math:`\rho = 1`, has no biases and no mean, and starts one
    factor of each item at the item's mean rating.

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

    def fit(self, train) -> Self:
        """Fit the model to ``train``, a :class:`~recbook.Ratings`, and return it."""
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
        history: dict[str, list] = {"objective": [], "train": []}
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
        """Write into X the minimum over one side, with the other side fixed."""
        penalty = row_penalties(self, np.diff(indptr))
        biased = bool(self.biased)
        singular = solve_rows(indptr, columns, y, penalty, X, other, biased)
        rows = np.flatnonzero(singular)
        solve_singular(indptr, columns, y, penalty, X, other, biased, rows)

    def _measured(self, indptr, columns, y, users, items):
        """Return the loss and the RMSE on train."""
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
    """Solve the given rows like :func:`solve_rows`, and take the smallest solution.

    The square root of the penalty, added as extra rows below Z, gives the same sum of
    squares. Least squares by singular values then needs no inverse.

    >>> X, other = np.zeros((1, 3)), np.array([[0.0, 1.0, 1.0]])
    >>> y, nothing = np.array([3.0]), np.zeros(1)
    >>> solve_singular(np.array([0, 1]), [0], y, nothing, X, other, True, rows=[0])
    >>> X.round(12).tolist()  # one equation, three unknowns: all take the same share
    [[1.0, 1.0, 1.0]]
    """
    first = 0 if biased else 1
    for row in rows:
        rated = slice(indptr[row], indptr[row + 1])
        Z, target = other[columns[rated]], y[rated]
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

    Rows of X and of ``other`` are (bias, factors), and the mean is already subtracted
    from y. The biases in X stay as they are unless ``biased``. Returns a mask of the
    rows that are still unsolved, (n_rows,) bools: their matrix is singular up to
    rounding.

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
    """Solve A x = b by Cholesky's A = L Lᵀ, writing x into b and L into A.

    A must be symmetric and positive definite, and only its lower half is read. At
    these sizes the loop is as fast as LAPACK, and it compiles in seconds less. Returns
    False, with b half done, where A is singular up to rounding.

    >>> A, b = np.array([[4.0, 2.0], [2.0, 5.0]]), np.array([8.0, 8.0])
    >>> solve_positive(A, b)
    True
    >>> b.tolist()
    [1.5, 1.0]
    """
    n = len(b)
    for f in range(n):
        for g in range(f + 1):
            value = A[f, g]
            for h in range(g):
                value -= A[f, h] * A[g, h]
            if f > g:
                A[f, g] = value / A[g, g]
            elif value > LOST * A[f, f]:
                A[f, f] = np.sqrt(value)
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
