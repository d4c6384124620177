"""The rows of implicit ALS: one side held, each row of the other goes to its minimum.

``cholesky_rows`` builds every row's matrix and solves; ``cg_rows`` never builds it. In
both ``other`` holds the factors q of the side that is held, ``indptr`` and ``columns``
say which of them a row has ratings of, ``c`` how confident each is; X is written.
"""

import numpy as np
from scipy import linalg

from recbook._jit import FAST, njit

# Conjugate gradients have arrived where the squared residual is this small a part of
# the squared right-hand side.
ARRIVED = 1e-30
# Parts of a matrix's trace: a penalty that may be lost in the rounding of the sums
# beside it, and an eigenvalue that is.
LOST, ROUNDING = 1e-10, 1e-13


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
                x += rr / (np.sum(d * Ad) + squares(other, mine, more, d)) * d
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
def squares(other, mine, scale, x):
    """Return Σ scale (qᵀx)² over the entries ``mine`` of a row.

    >>> Q, mine = np.array([[2.0], [1.0]]), np.array([0])
    >>> squares(Q, mine, np.array([2.0]), np.array([3.0]))
    72.0
    """
    total = 0.0
    for n in range(len(mine)):
        q, s = other[mine[n]], 0.0
        for f in range(len(x)):
            s += q[f] * x[f]
        total += scale[n] * s * s
    return total
