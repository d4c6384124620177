"""Sums over the co-rated entries of every pair of rows, in one walk.

A pair (u, v) is met once for each column i that both rated, by going from row u
down each of its columns to the rows v > u below. That costs one step a co-rated
entry, needs scratch of the length of a row, and never forms a second (n, n) array.
"""

import numpy as np
from scipy.sparse import csc_array, csr_array

from recbook._jit import njit

# "Zero up to rounding", as a share of the numbers that were subtracted.
ROUNDING = 1e-12

# Rows v that are summed at a time: 1024 · 4 numbers are 32 KB.
TILE = 1024

# The scratch keeps what belongs to one v side by side, so that a step of the
# walk touches one cache line: columns of `means`, then columns of `sums`.
N, MX, MY = 0, 1, 2
XY, XX, YY = 1, 2, 3


def pairwise(X, means, over_all, min_support, shrinkage):
    """Similarities of all pairs of rows of X; the public functions document them.

    Parameters
    ----------
    X : (n, m) csr_array
        Sorted indices, numbers of magnitude up to 1; a stored 0 is an entry too.
    means : (n,) array or None
        Mean of each row. Where it is given, a pair is centred with the means over
        its co-rated columns; where not, the rows are taken as they are.
    over_all : bool
        Norms over all of each row's entries, not over the co-rated ones.
    min_support, shrinkage : int, float
        See :func:`recbook.similarity.cosine`.

    Returns
    -------
    (n, n) array
    """
    n = X.shape[0]
    corated_mean = means is not None
    centers = means if corated_mean else np.zeros(n)
    counts = np.diff(X.indptr)  # |I_u|
    center = np.repeat(centers, counts)
    rows = np.repeat(np.arange(n), counts)
    squares = np.bincount(rows, snap(X.data - center, center) ** 2, minlength=n)
    S = np.zeros((n, n))
    moments = (counts.astype(np.float64), centers, squares)
    options = (corated_mean, over_all, min_support, float(shrinkage))
    fill_upper(S, _arrays(X), _arrays(csc_array(X)), moments, options)
    mirror(S)
    np.fill_diagonal(S, squares > 0)
    return S


def count_similarities(X, min_support, shrinkage):
    """Jaccard similarities; :func:`recbook.similarity.jaccard` documents them."""
    counts = np.diff(X.indptr).astype(np.float64)
    S = np.zeros((X.shape[0], X.shape[0]))
    options = (min_support, float(shrinkage))
    fill_counts(S, _arrays(X), _arrays(csc_array(X)), counts, options)
    mirror(S)
    np.fill_diagonal(S, counts > 0)
    return S


def _arrays(X):
    """The three arrays of X, of one type whatever X was made from: one compilation."""
    return (
        np.array(X.indptr, dtype=np.int64),
        np.array(X.indices, dtype=np.int32),
        np.array(X.data, dtype=np.float64),
    )


def snap(deviations, centers):
    """Deviations, with those that are only the rounding of their centre set to 0."""
    return np.where(np.abs(deviations) <= ROUNDING * np.abs(centers), 0.0, deviations)


def with_data(X, data, centers=0.0):
    """X with other numbers in the same places; a 0 among them stays an entry."""
    return csr_array((snap(data, centers), X.indices, X.indptr), shape=X.shape)


def means_of(totals, counts):
    """Quotients, 0 where there is nothing to take a mean of."""
    return totals / np.maximum(counts, 1)


def exponent(magnitudes):
    """The power of two just above a magnitude."""
    return np.frexp(magnitudes)[1]


def scale_rows(X):
    """Each row times a power of two that brings it to [-1, 1].

    No similarity depends on it and no digit is lost, but neither can a square
    overflow, however large the numbers are.
    """
    largest = np.zeros(X.shape[0])
    rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    np.maximum.at(largest, rows, np.abs(X.data))
    return with_data(X, np.ldexp(X.data, -exponent(largest)[rows]))


def top(scores, k):
    """Columns of the k highest scores of each row, ties by the lower column."""
    kth = -np.partition(-scores, k - 1, axis=1)[:, k - 1 : k]
    above = scores > kth
    level = scores == kth
    room = k - above.sum(axis=1, keepdims=True)
    chosen = above | (level & (level.cumsum(axis=1) <= room))
    columns = np.nonzero(chosen)[1].reshape(len(scores), k)  # ascending in a row
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), kind="stable")
    return np.take_along_axis(columns, order, axis=1)


@njit(cache=True)
def fill_upper(S, by_row, by_column, moments, options):
    """Write the similarity of every pair u < v into S[u, v].

    The v go by tiles, so that their sums stay in the fastest cache while u walks.
    """
    corated_mean = options[0]
    last = by_column[0][:-1].copy()
    means = np.zeros((TILE, 4))
    sums = np.zeros((TILE, 4))
    for a in range(0, len(S), TILE):
        b = min(a + TILE, len(S))  # the v of this tile: a, ..., b - 1
        first = last.copy()  # in column i they are at first[i], ..., last[i] - 1
        move_past(last, b, by_column)
        span = (a, first, last)
        for u in range(b):
            if u >= a:
                step_down(first, u, by_row)
            sums[:] = 0.0
            if corated_mean:
                means[:] = 0.0
                add_means(means, u, by_row, by_column, span)
                add_centred(sums, means, u, by_row, by_column, span)
            else:
                add_products(sums, u, by_row, by_column, span)
            write_quotients(S, sums, means, u, a, moments, options)


@njit(cache=True)
def fill_counts(S, by_row, by_column, counts, options):
    """Write the Jaccard similarity of every pair u < v into S[u, v]."""
    min_support, shrinkage = options
    indptr, items, _ = by_row
    ends, raters, _ = by_column
    first = ends[:-1].copy()
    for u in range(len(S)):
        step_down(first, u, by_row)
        for k in range(indptr[u], indptr[u + 1]):
            i = items[k]
            for t in range(first[i], ends[i + 1]):
                S[u, raters[t]] += 1.0
        for v in range(u + 1, len(S)):
            n_uv = S[u, v]
            if n_uv < min_support:
                S[u, v] = 0.0
            else:
                union = counts[u] + counts[v] - n_uv
                S[u, v] = n_uv / union * (n_uv / (n_uv + shrinkage))


@njit(cache=True)
def step_down(first, u, by_row):
    """Move on, in each column of row u, from u to the row below it."""
    indptr, items, _ = by_row
    for k in range(indptr[u], indptr[u + 1]):
        first[items[k]] += 1


@njit(cache=True)
def move_past(last, b, by_column):
    """Move on, in each column, to the first row that is not before b."""
    ends, raters, _ = by_column
    for i in range(len(last)):
        while last[i] < ends[i + 1] and raters[last[i]] < b:
            last[i] += 1


# In the three walks below, v counts from the start of its tile. It is unsigned,
# which spares a test for negative indices at every step.


@njit(cache=True)
def add_means(means, u, by_row, by_column, span):
    """Means of u and of every v over I_uv, the columns that both rated."""
    indptr, items, x = by_row
    _, raters, y = by_column
    start, first, last = span
    for k in range(indptr[u], indptr[u + 1]):
        i = items[k]
        r_ui = x[k]
        for t in range(first[i], last[i]):
            v = np.uint64(raters[t] - start)
            r_vi = y[t]
            means[v, N] += 1.0
            means[v, MX] += r_ui
            means[v, MY] += r_vi
    for v in range(len(means)):
        if means[v, N] > 0.0:
            means[v, MX] /= means[v, N]
            means[v, MY] /= means[v, N]


@njit(cache=True)
def add_centred(sums, means, u, by_row, by_column, span):
    """Count, products and squares over I_uv about the means over I_uv."""
    indptr, items, x = by_row
    _, raters, y = by_column
    start, first, last = span
    for k in range(indptr[u], indptr[u + 1]):
        i = items[k]
        r_ui = x[k]
        for t in range(first[i], last[i]):
            v = np.uint64(raters[t] - start)
            dx = r_ui - means[v, MX]
            dy = y[t] - means[v, MY]
            sums[v, N] += 1.0
            sums[v, XY] += dx * dy
            sums[v, XX] += dx * dx
            sums[v, YY] += dy * dy


@njit(cache=True)
def add_products(sums, u, by_row, by_column, span):
    """Count, products and squares over I_uv as the rows are."""
    indptr, items, x = by_row
    _, raters, y = by_column
    start, first, last = span
    for k in range(indptr[u], indptr[u + 1]):
        i = items[k]
        r_ui = x[k]
        for t in range(first[i], last[i]):
            v = np.uint64(raters[t] - start)
            r_vi = y[t]
            sums[v, N] += 1.0
            sums[v, XY] += r_ui * r_vi
            sums[v, XX] += r_ui * r_ui
            sums[v, YY] += r_vi * r_vi


@njit(cache=True)
def write_quotients(S, sums, means, u, start, moments, options):
    """Product over norms for u and every v > u of the tile, shrunk and clipped."""
    _, over_all, min_support, shrinkage = options
    counts, centers, squares = moments
    for w in range(max(0, u + 1 - start), min(len(sums), len(S) - start)):
        n_uv = sums[w, N]
        if n_uv < min_support:
            continue
        v = start + w
        m_x = means[w, MX]
        m_y = means[w, MY]
        n_x = n_y = n_uv
        xx = sums[w, XX]
        yy = sums[w, YY]
        if over_all:
            # Σ over I_u of (r - m)² = Σ (r - r̄_u)² + |I_u| (m - r̄_u)²
            n_x = counts[u]
            n_y = counts[v]
            xx = squares[u] + n_x * (m_x - centers[u]) ** 2
            yy = squares[v] + n_y * (m_y - centers[v]) ** 2
        # A row constant up to rounding leaves the squares of its mean's rounding.
        if xx <= n_x * (ROUNDING * m_x) ** 2 or yy <= n_y * (ROUNDING * m_y) ** 2:
            continue
        norms = np.sqrt(xx * yy)
        if norms > 0.0:  # else the product underflowed
            value = min(1.0, max(-1.0, sums[w, XY] / norms))
            S[u, v] = value * (n_uv / (n_uv + shrinkage))


@njit(cache=True)
def mirror(S):
    """Copy the upper triangle onto the lower one, by tiles that fit the cache."""
    n = len(S)
    tile = 64
    for a in range(0, n, tile):
        for b in range(a, n, tile):
            for u in range(a, min(a + tile, n)):
                for v in range(max(b, u + 1), min(b + tile, n)):
                    S[v, u] = S[u, v]
