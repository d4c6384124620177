"""Kernels of the linear models: Gram matrix, inverse and coordinate descent."""

import numpy as np
from scipy.linalg import lapack

from recbook._core.jit import njit
from recbook._core.memory import check_squares

BLOCK = 128  # columns mirrored together, few enough to stay in the cache
ROUNDS = 1000  # largest number of coordinate descent rounds for one item
# inverse_by_users subtracts numbers near 1 and loses the more digits, the larger an
# item's count is relative to its penalty. This is the largest ratio that we accept.
LOSS = 1e4
FEWER = (
    "keep the items that have most ratings, count by product type, or take "
    "ImplicitALS, which has no table of pairs"
)


def check_pairs_fit(*sides):
    """Raise a MemoryError unless tables of all pairs of items fit into memory."""
    check_squares("items", sides, FEWER)


def gram(X, weights=None):
    """Return X' diag(weights) X of a csr matrix of ones, (n_items, n_items) float64.

    Without weights the diagonal of X'X counts each item's ratings, and an entry off
    the diagonal counts the users who rated both items.
    """
    weights = np.ones(X.shape[0]) if weights is None else weights
    G = np.zeros((X.shape[1], X.shape[1]))
    add_pairs(G, _indices(X), _indices(X.T.tocsr()), weights)
    return mirrored(G)


def closed_form(X, penalty, shown, weights=None):
    """Return B of the zero-diagonal ridge regression, (n_items, n_items) float64.

    Parameters
    ----------
    X : (n_users, n_items) csr_array
        Ones. No column is empty.
    penalty : (n_items,) float64 array
        Diagonal of the matrix that is added to X'WX.
    shown : str
        The settings, for the error message if the sum has no inverse.
    weights : (n_users,) float64 array, optional
        Diagonal of W, above 0: how much each user's errors count. The default is 1.
    """
    weights = np.ones(X.shape[0]) if weights is None else weights
    diagonal = X.T @ weights  # of X'WX
    n_users, n_items = X.shape
    if n_users < n_items and (diagonal <= LOSS * penalty).all():
        check_pairs_fit(n_items, n_users)
        P = inverse_by_users(X, penalty, weights)
    else:
        check_pairs_fit(n_items)
        P = inverse_by_items(X, penalty, weights, shown)
    P /= -P.diagonal()
    np.fill_diagonal(P, 0.0)
    return P


def inverse_by_items(X, penalty, weights, shown):
    """Return the inverse of X'WX + diag(penalty); raise ValueError if there is none."""
    A = gram(X, weights)
    A[np.diag_indices_from(A)] += penalty
    diagonal = A.diagonal().copy()
    P, pivots = inverse(A)
    check_singular(pivots, diagonal, shown)
    return P


def inverse_by_users(X, penalty, weights):
    r"""Return the same inverse by a matrix over users, which is faster for few users.

    .. math::
        (X^\top W X + \Lambda)^{-1} = \Lambda^{-1} - \Lambda^{-1} X^\top
        (W^{-1} + X \Lambda^{-1} X^\top)^{-1} X \Lambda^{-1}

    This is Woodbury's identity. The factors on both sides of the users' inverse are
    sparse.
    """
    K = gram(X.T.tocsr(), 1.0 / penalty)
    K[np.diag_indices_from(K)] += 1.0 / weights
    P = np.empty((penalty.size, penalty.size))
    sandwich(P, inverse(K)[0], _indices(X.T.tocsr()), 1.0 / penalty)
    return mirrored(P)


def inverse(A):
    """Return the inverse of a symmetric positive definite matrix, and its pivots.

    One Cholesky factorization and the inverse from its factor take n³ operations,
    where a general inverse takes 8/3 as many. Only one triangle is computed and then
    mirrored. A is overwritten by its inverse.

    Parameters
    ----------
    A : (n, n) float64 array
        C-ordered. Only the entries on and above the diagonal are read.

    Returns
    -------
    (n, n) float64 array
        Not usable if a pivot is too small, see :func:`check_singular`.
    (n,) float64 array
        Squares of the factor's diagonal: what remains of each diagonal entry of A
        after the earlier rows have explained what they can. 0 from the first pivot on
        that is not positive.
    """
    factor, info = lapack.dpotrf(A.T, lower=1, overwrite_a=1, clean=0)
    pivots = factor.diagonal() ** 2
    if info > 0:
        pivots[info - 1 :] = 0.0
        return factor.T, pivots
    P = lapack.dpotri(factor, lower=1, overwrite_c=1)[0].T  # the upper triangle
    return mirrored(P), pivots


def mirrored(A):
    """Copy the entries above the diagonal of A below it, and return A."""
    for start in range(0, len(A), BLOCK):
        stop = min(start + BLOCK, len(A))
        tile = A[start:stop, start:stop]
        tile[:] = np.triu(tile) + np.triu(tile, 1).T
        A[stop:, start:stop] = A[start:stop, stop:].T
    return A


def check_singular(pivots, diagonal, shown):
    """Raise a ValueError if an item is a sum of earlier ones, up to rounding."""
    lost = pivots <= len(pivots) * np.finfo(float).eps * diagonal
    if lost.any():
        raise ValueError(
            f"{shown} is too small: item {np.flatnonzero(lost)[0]} of those rated is "
            "a combination of others, so the weights are not determined; take a "
            "larger reg, such as 1.0"
        )


def _indices(X):
    """Return the row starts and sorted columns of X as int64, for one compilation."""
    X.sort_indices()
    return X.indptr.astype(np.int64), X.indices.astype(np.int64)


# Unsigned loop counters save a test for negative indices.


@njit(cache=True)
def add_pairs(G, by_row, by_column, weights):
    """Add to G[i, j], i <= j, the weights of the rows that have both i and j."""
    ends, columns = by_row
    first = ends[:-1].copy()  # in row u, the columns before i are done
    starts, rows = by_column
    for i in range(len(G)):
        g = G[i]
        for k in range(starts[i], starts[i + 1]):
            u = rows[k]
            w = weights[u]
            for t in range(np.uint64(first[u]), np.uint64(ends[u + 1])):
                g[np.uint64(columns[t])] += w
            first[u] += 1


@njit(cache=True)
def sandwich(P, C, by_column, d):
    """Write D - D X'CX D, D = diag(d), on and above the diagonal of P."""
    starts, rows = by_column
    y = np.empty(len(C))
    for i in range(len(P)):
        y[:] = 0.0  # C x_i
        for k in range(starts[i], starts[i + 1]):
            y += C[rows[k]]
        for j in range(i, len(P)):
            dot = 0.0  # x_j' C x_i
            for k in range(np.uint64(starts[j]), np.uint64(starts[j + 1])):
                dot += y[np.uint64(rows[k])]
            P[i, j] = -d[i] * dot * d[j]
        P[i, i] += d[i]


@njit(cache=True)
def columns(G, reg_l1, reg_l2, tolerance):
    """Return SLIM's B for the Gram matrix G, column by column."""
    n_items = len(G)
    B = np.zeros((n_items, n_items))
    for j in range(n_items):
        b = np.zeros(n_items)
        # G and b are not negative, so g is at most G[j]: no other weight can leave 0.
        may = np.flatnonzero(G[j] > reg_l1)
        coordinate_descent(b, G, may[may != j], j, reg_l1, reg_l2, tolerance * G[j, j])
        B[:, j] = b
    return B


@njit(cache=True)
def coordinate_descent(b, G, may, j, reg_l1, reg_l2, enough):
    """Minimise over b[may] in place: all once, then the positive ones until settled.

    The positive ones are few and are copied into small arrays: steps become cheap.
    """
    g = G[j].copy()  # x_i'(x_j - X b) of every i
    for _ in range(ROUNDS):
        if sweep(b, g, G, may, reg_l1, reg_l2) <= enough:
            return
        some = may[b[may] > 0.0]
        own_b, own_g, own_G = b[some], g[some], np.empty((len(some), len(some)))
        for row, i in enumerate(some):
            own_G[row] = G[i][some]
        every = np.arange(len(some))
        for _ in range(ROUNDS):
            if sweep(own_b, own_g, own_G, every, reg_l1, reg_l2) <= enough:
                break
        for i, best in zip(some, own_b):  # noqa: B905 - numba has no strict zip
            g -= (best - b[i]) * G[i]
            b[i] = best


@njit(cache=True)
def sweep(b, g, G, items, reg_l1, reg_l2):
    """Set each weight to its best value; return the largest change, in units of g."""
    furthest = 0.0
    for i in items:
        curvature = G[i, i] + reg_l2
        best = max(0.0, (g[i] + G[i, i] * b[i] - reg_l1) / curvature)
        step = best - b[i]
        if step != 0.0:
            b[i] = best
            g -= step * G[i]
            furthest = max(furthest, abs(step) * curvature)
    return furthest
