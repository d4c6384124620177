"""Alternating least squares for implicit feedback: every cell counts, not only ours."""

import numpy as np
from scipy import linalg, sparse
from tqdm import tqdm

from recbook._core.jit import FAST, njit
from recbook.base import (
    at_least,
    check_ratings,
    check_settings,
    check_train,
    count,
    known,
    one_of,
)
from recbook.factorization.base import Ranker, row_penalties, start

__all__ = ["ImplicitALS", "implicit_objective"]

# Conjugate gradients have arrived where the squared residual is this small a part of
# the squared right-hand side.
ARRIVED = 1e-30
# Parts of a matrix's trace: a penalty that may be lost in the rounding of the sums
# beside it, and an eigenvalue that is.
LOST, ROUNDING = 1e-10, 1e-13


class ImplicitALS(Ranker):
    r"""Matrix factorization of who rated what, with confidences.

    With :math:`x_{ui} = 1` where u rated i and 0 elsewhere, and the confidence
    :math:`c_{ui} = 1 + \alpha r_{ui}` (:math:`r_{ui} = 0` where there is no rating),
    go down on a sum over all cells of the table, seen or not:

    .. math::
        \sum_{u,i} c_{ui} (x_{ui} - p_u^\top q_i)^2
        + \lambda \sum_u n_u^{\rho} \|p_u\|^2
        + \lambda \sum_i n_i^{\rho} \|q_i\|^2 .

    Given the items, each user's minimum is one linear system. Its sum over all items
    is the same for every user up to the few that were rated,

    .. math::
        \Big(Q^\top Q + \sum_{i \in I_u} (c_{ui} - 1)\, q_i q_i^\top
        + \lambda n_u^{\rho} I\Big)\, p_u = \sum_{i \in I_u} c_{ui}\, q_i ,

    so that :math:`Q^\top Q` is taken once a pass and a user costs no more than the
    user's own ratings. Then the same with the sides exchanged.

    ``solver="cholesky"`` builds the matrix on the left and solves exactly.
    ``"cg"`` never builds it: ``cg_steps`` steps of conjugate gradients start from
    the row as it is and only multiply by the matrix's parts, at a cost of
    :math:`f^2 + n_u f` a step in place of :math:`f^3 + n_u f^2`. A few steps are
    enough, since the next round goes on where this one stopped, and with
    ``n_factors`` steps the two agree. With either the objective never rises.

    Users without ratings are given the items' number of ratings as scores; items
    without ratings have factors 0 and so score 0. There is no ``predict``: a score
    is not a number of stars.

    Parameters
    ----------
    n_factors : int
        Length f of :math:`p_u` and :math:`q_i`.
    n_iterations : int
        Number of rounds; one solves all users, then all items.
    reg : float
        :math:`\lambda \ge 0`. With 0 and too few ratings many solutions are equally
        good: Cholesky takes that of the smallest norm, conjugate gradients the one
        nearest to where they started. With about as many factors as users, the way
        there is so sensitive that rounding may show in the scores.
    reg_power : float
        :math:`\rho`: 0 penalises every row alike, 1 once for each of its ratings.
        Rendle and others put :math:`n_u + \alpha_0 |I|` in place of :math:`n_u`,
        which also counts the cells without a rating.
    alpha : float
        :math:`\alpha \ge 0`: what a star adds to the confidence of 1 that an
        unrated cell has. 0 makes all cells alike. A rating of 0 is still a 1 to be
        given back, no surer than an unrated cell's 0; ratings below 0, which would
        be less sure than nothing, are refused unless :math:`\alpha` is 0.
    solver : {"cg", "cholesky"}
        As said above.
    cg_steps : int
        Steps of conjugate gradients in each row; not used by ``"cholesky"``.
    seed : int
        Of the random start.
    init_std : float
        Standard deviation of all factors at the start. 0 stays there: scores are 0.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    P_, Q_ : (n_users, n_factors) and (n_items, n_factors) float64 arrays
        Factors.
    counts_ : (n_items,) float64 array
        Number of training ratings of each item.
    bi_ : (n_items,) float64 array
        Zeros: the model has no biases.

    Raises
    ------
    ValueError
        From fit, naming the argument and its value; for a rating below 0, see
        ``alpha``.

    References
    ----------
    Hu, Koren & Volinsky, "Collaborative Filtering for Implicit Feedback Datasets",
    ICDM 2008. Takács, Pilászy & Tikk, "Applications of the Conjugate Gradient Method
    for Implicit Feedback Collaborative Filtering", RecSys 2011. Rendle, Krichene,
    Zhang & Koren, "Revisiting the Performance of iALS on Item Recommendation
    Benchmarks", RecSys 2022.

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

    def fit(self, train):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model."""
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
        self.P_, self.Q_ = P, Q
        self.counts_ = np.diff(by_item[0]).astype(np.float64)
        self.bi_ = np.zeros(m)
        self._known = rows
        return self

    def _solve(self, indptr, columns, c, X, other):
        """Go down to, or towards, the minimum over one side, given the other."""
        counts = np.diff(indptr)
        penalty = row_penalties(self, counts)
        G = other.T @ other
        if self.solver == "cholesky":
            cholesky_rows(indptr, columns, c, penalty, X, other, G)
            return
        R = -(X @ G + penalty[:, None] * X)
        cg_rows(indptr, columns, c, penalty, X, other, G, R, self.cg_steps)


def check_confidence(train, alpha):
    """Raise a ValueError where a rating would count for less than none."""
    lowest = train.values.min()
    if alpha > 0 and lowest < 0:
        raise ValueError(
            f"train holds a rating of {lowest:g}, which with alpha={alpha!r} would be "
            "less sure than no rating; shift the ratings to begin at 0, or take "
            "alpha=0"
        )


def implicit_objective(model, train):
    r"""Return what a fitted :class:`ImplicitALS` goes down on, over all cells.

    The cells without a rating add up to :math:`\sum (p_u^\top q_i)^2`, which is
    :math:`\langle P^\top P, Q^\top Q \rangle` less the rated cells' part: no table
    of all cells is needed.

    Parameters
    ----------
    model : ImplicitALS
        Fitted.
    train : Ratings
        What it was fitted to.

    Returns
    -------
    float

    Examples
    --------
    Factors of 0 pay the confidence of each rating, here 1 + 2 · 4 stars.

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
    return max(float(total), 0.0)  # less is rounding


def cholesky_rows(indptr, columns, c, penalty, X, other, G):
    """Put the exact minimum of each row that has ratings into X.

    >>> X, other = np.zeros((1, 1)), np.array([[2.0], [1.0]])
    >>> c, penalty, G = np.array([3.0]), np.array([3.0]), np.array([[5.0]])
    >>> cholesky_rows(np.array([0, 1]), np.array([0]), c, penalty, X, other, G)
    >>> X.tolist()  # 3 · 2 / (2² + 1² + (3 - 1) 2² + 3)
    [[0.375]]
    """
    I = np.eye(len(G))
    for row in np.flatnonzero(np.diff(indptr)):
        mine = slice(indptr[row], indptr[row + 1])
        Q, cu = other[columns[mine]], c[mine]
        A = G + Q.T @ ((cu - 1.0)[:, None] * Q) + penalty[row] * I
        b = Q.T @ cu
        if penalty[row] > LOST * np.trace(A):
            X[row] = linalg.cho_solve(linalg.cho_factor(A), b)
        else:  # perhaps singular: the smallest of the many solutions
            X[row] = np.linalg.lstsq(A, b, rcond=ROUNDING)[0]


@njit(cache=True, fastmath=FAST)
def cg_rows(indptr, columns, c, penalty, X, other, G, R, steps):
    """Take some steps of conjugate gradients in each row that has ratings.

    G is the Gram matrix of ``other``; R starts as - (G + penalty I) x of each row,
    one product of matrices for all of them. All steps of a row are taken while the
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
        mine = columns[indptr[row] : indptr[row + 1]]
        cu = c[indptr[row] : indptr[row + 1]]
        more, nothing = cu - 1.0, 0.0 * cu
        x, r = X[row], R[row]
        add_entries(r, other, mine, cu, -more, x)  # r = b - A x
        d[:] = r
        rr = np.sum(r * r)
        arrived = ARRIVED * trace * np.sum(cu * cu)  # ‖b‖² is at most trace · ‖c‖²
        for left in range(steps - 1, -1, -1):
            if rr <= arrived:  # no residual is more exact than b
                break
            multiply(Ad, G, penalty[row], d)
            if left == 0:  # the last step needs its length, and no residual after it
                x += rr / (np.sum(d * Ad) + squared_length(other, mine, more, d)) * d
                break
            add_entries(Ad, other, mine, nothing, more, d)
            step = rr / np.sum(d * Ad)
            x += step * d
            r -= step * Ad
            before, rr = rr, np.sum(r * r)
            d[:] = r + rr / before * d


@njit(cache=True, fastmath=FAST)
def multiply(out, G, penalty, x):
    """Put (G + penalty I) x into out; G is symmetric.

    >>> out = np.zeros(2)
    >>> multiply(out, np.array([[2.0, 1.0], [1.0, 3.0]]), 10.0, np.array([1.0, 2.0]))
    >>> out.tolist()
    [14.0, 27.0]
    """
    out[:] = penalty * x
    n = len(x)
    whole = n - n % 4
    for g in range(0, whole, 4):  # four at a time read and write out once
        x0, x1, x2, x3 = x[g], x[g + 1], x[g + 2], x[g + 3]
        g0, g1, g2, g3 = G[g], G[g + 1], G[g + 2], G[g + 3]
        for f in range(n):
            out[f] += x0 * g0[f] + x1 * g1[f] + x2 * g2[f] + x3 * g3[f]
    for g in range(whole, n):
        for f in range(n):
            out[f] += x[g] * G[g, f]


@njit(cache=True, fastmath=FAST)
def add_entries(out, other, mine, shift, scale, x):
    """Add Σ (shift + scale qᵀx) q, over the entries ``mine`` of a row, to out.

    >>> out, Q, mine = np.zeros(1), np.array([[2.0], [1.0]]), np.array([0])
    >>> add_entries(out, Q, mine, np.array([1.0]), np.array([2.0]), np.array([3.0]))
    >>> out.tolist()  # (1 + 2 · 2 · 3) · 2
    [26.0]
    """
    whole = len(mine) - len(mine) % 4
    for n in range(0, whole, 4):  # four at a time, again
        q0, q1 = other[mine[n]], other[mine[n + 1]]
        q2, q3 = other[mine[n + 2]], other[mine[n + 3]]
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
    for n in range(whole, len(mine)):
        q, s = other[mine[n]], 0.0
        for f in range(len(x)):
            s += q[f] * x[f]
        s = shift[n] + scale[n] * s
        for f in range(len(x)):
            out[f] += s * q[f]


@njit(cache=True, fastmath=FAST)
def squared_length(other, mine, scale, x):
    """Return Σ scale (qᵀx)² over the entries ``mine`` of a row.

    >>> Q, mine = np.array([[2.0], [1.0]]), np.array([0])
    >>> squared_length(Q, mine, np.array([2.0]), np.array([3.0]))
    72.0
    """
    total = 0.0
    for n in range(len(mine)):
        q, s = other[mine[n]], 0.0
        for f in range(len(x)):
            s += q[f] * x[f]
        total += scale[n] * s * s
    return total
