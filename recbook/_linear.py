"""The work of the linear models: a Gram matrix, its inverse, coordinate descent."""

import numpy as np
from scipy.linalg import lapack

from recbook._jit import njit

BLOCK = 128  # columns that are mirrored at a time, few enough to stay in the cache
ROUNDS = 1000  # of coordinate descent over an item's weights, at most


def gram(X):
    """Return X'X of a csr matrix of ones, (n_items, n_items) float64: co-ratings."""
    return (X.T @ X).toarray()


def inverse(A):
    """Return the inverse of a symmetric positive definite matrix, and its pivots.

    One Cholesky factorization and the inverse from its factor: n³ operations where a
    general inverse takes 8/3 as many. Only one triangle is computed, the other
    mirrored. A is overwritten; the inverse comes back in its place.

    Parameters
    ----------
    A : (n, n) float64 array
        C-ordered; only what is on and above the diagonal is read.

    Returns
    -------
    (n, n) float64 array
        Not usable where a pivot is too small; see :func:`check_singular`.
    (n,) float64 array
        Squares of the factor's diagonal: what is left of each diagonal entry of A
        once the earlier rows have explained what they can. 0 from the first on that
        is not positive.
    """
    factor, info = lapack.dpotrf(A.T, lower=1, overwrite_a=1, clean=0)
    pivots = factor.diagonal() ** 2
    if info > 0:
        pivots[info - 1 :] = 0.0
        return factor.T, pivots
    P = lapack.dpotri(factor, lower=1, overwrite_c=1)[0].T  # the upper triangle
    for start in range(0, len(P), BLOCK):
        stop = min(start + BLOCK, len(P))
        tile = P[start:stop, start:stop]
        tile[:] = np.triu(tile) + np.triu(tile, 1).T
        P[stop:, start:stop] = P[start:stop, stop:].T
    return P, pivots


def check_singular(pivots, diagonal, shown):
    """Raise a ValueError where an item is, but for rounding, a sum of earlier ones."""
    lost = pivots <= len(pivots) * np.finfo(float).eps * diagonal
    if lost.any():
        raise ValueError(
            f"{shown} is too small: item {np.flatnonzero(lost)[0]} of those rated is "
            "a combination of others, so the weights are not determined; take a "
            "larger reg, such as 1.0"
        )


@njit(cache=True)
def columns(G, reg_l1, reg_l2, tolerance):
    """Return SLIM's B for the Gram matrix G, a column at a time."""
    n_items = len(G)
    B = np.zeros((n_items, n_items))
    for j in range(n_items):
        b = np.zeros(n_items)
        # g is at most G[j], as nothing in G or b is below 0: no other can leave 0.
        may = np.flatnonzero(G[j] > reg_l1)
        descend(b, G, may[may != j], j, reg_l1, reg_l2, tolerance * G[j, j])
        B[:, j] = b
    return B


@njit(cache=True)
def descend(b, G, may, j, reg_l1, reg_l2, enough):
    """Minimise over b[may], in place: all once, then those above 0 until they rest.

    Those are few, and go on in arrays of their own: a step costs their number.
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
    """Set each weight to its best; return how far the furthest was, in units of g."""
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
