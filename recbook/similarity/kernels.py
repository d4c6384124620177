"""Kernels of the similarities: scale, centre and compare all pairs of rows."""

import numpy as np
from scipy.sparse import csc_array, csr_array

from recbook._core.jit import njit
from recbook._core.memory import check_squares
from recbook._core.validate import check_choice, check_number, check_positive_int
from recbook.similarity.packed import (
    GRID,
    add_both,
    add_squares,
    centre,
    increments,
    pack_columns,
    packs,
    unpack,
)

# Differences below this share of the numbers subtracted are rounding errors.
ROUNDING = 1e-12

# Number of rows v whose six sums are computed together: the sums take 48 KB. It is not
# a power of two, because the six would then share cache lines, and at most 2¹², because
# recbook.similarity.packed has no more bits.
TILE = 1000

FEWER = "keep the rows that have most entries, or compare groups of them"

# The six sums over I_uv, one array per sum and one entry per v of the tile: the count,
# the ratings of u and of v (later their means), the products and the two squares.
N, X_, Y_, XY, XX, YY = range(6)


def scale_rows(X):
    """Multiply each row by a power of two that brings it to [-1, 1].

    No similarity depends on the scale and no digit is lost, but squares cannot overflow
    any more, however large the numbers are.
    """
    largest = np.zeros(X.shape[0])
    rows = np.repeat(np.arange(X.shape[0]), row_lengths(X))
    np.maximum.at(largest, rows, np.abs(X.data))
    return with_data(X, np.ldexp(X.data, -exponent(largest)[rows]))


def row_lengths(X):
    """Return the number of entries of each row, in the type that np.repeat takes."""
    return np.diff(X.indptr).astype(np.intp, copy=False)


def with_data(X, data, centers=0.0):
    """Return X with other numbers in the same places. A 0 among them stays an entry."""
    return csr_array((snap(data, centers), X.indices, X.indptr), shape=X.shape)


def snap(deviations, centers):
    """Return the deviations, with 0 for those that are only rounding errors."""
    return np.where(np.abs(deviations) <= ROUNDING * np.abs(centers), 0.0, deviations)


def means_of(totals, counts):
    """Return totals / counts, and 0 for an empty group."""
    return totals / np.maximum(counts, 1)


def exponent(magnitudes):
    """Return the exponent of the power of two just above each magnitude."""
    return np.frexp(magnitudes)[1]


def pairwise(X, over, min_support, shrinkage, means=None):
    """Return the similarities of all pairs of rows of X, for the public functions.

    Parameters
    ----------
    X : (n, m) csr_array
        Sorted indices, numbers of magnitude up to 1. A stored 0 is an entry too.
    over, min_support, shrinkage : str, int, float
        See :func:`recbook.similarity.cosine`.
    means : (n,) array or None
        Mean of each row. If given, each pair is centred with the means over its
        co-rated columns. Otherwise the rows are taken as they are.

    Returns
    -------
    (n, n) array
    """
    check_choice("over", over, ("corated", "all"))
    check_positive_int("min_support", min_support)
    check_number("shrinkage", shrinkage, minimum=0)
    n = X.shape[0]
    check_squares("rows", [n], FEWER)
    corated_mean = means is not None
    centers = means if corated_mean else np.zeros(n)
    packed = packs(X)
    if packed:  # to whole numbers; similarities do not depend on the scale
        X, centers = with_data(X, X.data * GRID), centers * GRID
    counts = row_lengths(X)  # |I_u|
    center = np.repeat(centers, counts)
    rows = np.repeat(np.arange(n), counts)
    squares = np.bincount(rows, snap(X.data - center, center) ** 2, minlength=n)
    S = np.zeros((n, n))
    by_row, tables = _arrays(X), increments()
    moments = (counts.astype(np.float64), centers, squares)
    options = (corated_mean, over == "all", min_support, float(shrinkage))
    for start in range(0, n, TILE):
        columns = csc_array(X[start : start + TILE])
        if packed:
            entries = pack_columns(columns)
            fill_packed(S, start, by_row, entries, tables, moments, options)
        else:
            fill(S, start, by_row, _arrays(columns), moments, options)
    mirror(S)
    np.fill_diagonal(S, squares > 0)
    return S


def count_similarities(X, min_support, shrinkage):
    """Return the Jaccard similarities; see :func:`recbook.similarity.jaccard`."""
    counts = np.diff(X.indptr).astype(np.float64)
    check_squares("rows", [X.shape[0]], FEWER)
    S = np.zeros((X.shape[0], X.shape[0]))
    options = (min_support, float(shrinkage))
    fill_counts(S, _arrays(X), _arrays(csc_array(X)), counts, options)
    mirror(S)
    np.fill_diagonal(S, counts > 0)
    return S


def _arrays(X):
    """Return the three arrays of X with fixed types, for a single compilation."""
    return (
        np.array(X.indptr, dtype=np.int64),
        np.array(X.indices, dtype=np.int32),
        np.array(X.data, dtype=np.float64),
    )


@njit(cache=True)
def fill_packed(S, start, by_row, by_column, tables, moments, options):
    """Write the similarity of every u < v into S[u, v], for the v of one tile."""
    corated_mean, _, min_support, shrinkage = options
    ends, entries = by_column
    stop = min(start + TILE, len(S))  # the v of this tile: start, ..., stop - 1
    first = ends[:-1].copy()  # in column i the rows after u begin at first[i]
    span = (first, ends[1:], entries)
    squares, counts = np.zeros((2, TILE), dtype=np.int64)
    sums = np.zeros((6, TILE))
    sums[N] = 1.0  # used where the count does not matter
    for u in range(stop):
        if u >= start:
            step_down(first, u, by_row)
        later = slice(max(start, u + 1) - start, stop - start)  # the v > u
        n, x, y = sums[N, later], sums[X_, later], sums[Y_, later]
        xy, xx, yy = sums[XY, later], sums[XX, later], sums[YY, later]
        squares[:] = 0
        if corated_mean or min_support > 1 or shrinkage > 0.0:
            counts[:] = 0
            add_both(squares, counts, u, by_row, span, tables)
            unpack(counts[later], n, x, y)
        else:
            add_squares(squares, u, by_row, span, tables[0])
        unpack(squares[later], xy, xx, yy)
        if corated_mean:
            centre(n, x, y, xy, xx, yy)
        else:
            x[:] = 0.0  # the means
            y[:] = 0.0
        finish(S, sums, u, start, stop, moments, options)


@njit(cache=True)
def fill(S, start, by_row, by_column, moments, options):
    """Do the same as :func:`fill_packed`, for any numbers."""
    corated_mean, _, min_support, shrinkage = options
    ends, raters, y = by_column
    stop = min(start + TILE, len(S))
    first = ends[:-1].copy()
    span = (first, ends[1:], raters, y)
    sums = np.zeros((6, TILE))
    for u in range(stop):
        if u >= start:
            step_down(first, u, by_row)
        sums[:] = 0.0
        if corated_mean:
            add_centred(sums, u, by_row, span)
        else:
            counted = min_support > 1 or shrinkage > 0.0
            add_products(sums, u, by_row, span, counted)
        finish(S, sums, u, start, stop, moments, options)


@njit(cache=True)
def finish(S, sums, u, start, stop, moments, options):
    """Write the similarities of u and the v > u of a tile, given their sums."""
    _, over_all, min_support, shrinkage = options
    c = max(start, u + 1)
    if over_all:
        take_all(sums, u, start, c, stop, moments)
    later = slice(c - start, stop - start)
    n, xy, xx, yy = sums[N, later], sums[XY, later], sums[XX, later], sums[YY, later]
    divide(S[u, c:stop], n, xy, xx, yy, min_support, shrinkage)


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
    """Move on, in each column of row u, from u to the next row below it."""
    indptr, items, _ = by_row
    for k in range(indptr[u], indptr[u + 1]):
        first[items[k]] += 1


# In the loops below, v counts from the start of its tile. v and t are unsigned, which
# saves a test for negative indices at every step.


@njit(cache=True)
def add_products(sums, u, by_row, by_column, counted):
    """Add up products and squares over I_uv, and the count where it matters."""
    indptr, items, x = by_row
    first, last, raters, y = by_column
    n, xy, xx, yy = sums[N], sums[XY], sums[XX], sums[YY]
    if not counted:
        n[:] = 1.0
    for k in range(indptr[u], indptr[u + 1]):
        i = items[k]
        r_ui = x[k]
        for t in range(np.uint64(first[i]), np.uint64(last[i])):
            v = np.uint64(raters[t])
            r_vi = y[t]
            if counted:
                n[v] += 1.0
            xy[v] += r_ui * r_vi
            xx[v] += r_ui * r_ui
            yy[v] += r_vi * r_vi


@njit(cache=True)
def add_centred(sums, u, by_row, by_column):
    """Add up counts and means over I_uv, then products and squares about the means."""
    indptr, items, x = by_row
    first, last, raters, y = by_column
    n, m_x, m_y = sums[N], sums[X_], sums[Y_]
    xy, xx, yy = sums[XY], sums[XX], sums[YY]
    for k in range(indptr[u], indptr[u + 1]):
        i = items[k]
        for t in range(np.uint64(first[i]), np.uint64(last[i])):
            v = np.uint64(raters[t])
            n[v] += 1.0
            m_x[v] += x[k]
            m_y[v] += y[t]
    m_x /= np.maximum(n, 1.0)
    m_y /= np.maximum(n, 1.0)
    for k in range(indptr[u], indptr[u + 1]):
        i = items[k]
        for t in range(np.uint64(first[i]), np.uint64(last[i])):
            v = np.uint64(raters[t])
            dx = x[k] - m_x[v]
            dy = y[t] - m_y[v]
            xy[v] += dx * dy
            xx[v] += dx * dx
            yy[v] += dy * dy
    for v in range(len(n)):
        xx[v] = or_zero(xx[v], n[v], m_x[v])
        yy[v] = or_zero(yy[v], n[v], m_y[v])


@njit(cache=True)
def or_zero(squares, n, mean):
    """Return the squares of n deviations, or 0 if they are only rounding errors."""
    return squares if squares > n * (ROUNDING * mean) ** 2 else 0.0


@njit(cache=True)
def take_all(sums, u, a, c, b, moments):
    """Write the squares over all of I_u and I_v, about the same means, for v in [c, b).

    The sum over all columns of row u is
    Σ (r - m)² = Σ (r - mean_u)² + count_u (m - mean_u)².
    """
    counts, centers, squares = moments
    for v in range(c, b):
        m_x, m_y = sums[X_, v - a], sums[Y_, v - a]
        xx = squares[u] + counts[u] * (m_x - centers[u]) ** 2
        yy = squares[v] + counts[v] * (m_y - centers[v]) ** 2
        sums[XX, v - a] = or_zero(xx, counts[u], m_x)
        sums[YY, v - a] = or_zero(yy, counts[v], m_y)


@njit(cache=True, error_model="numpy")
def divide(s, n, xy, xx, yy, min_support, shrinkage):
    """Divide product by norms, clip and shrink. Without branches, it is vectorised."""
    for v in range(len(s)):
        norms = np.sqrt(xx[v] * yy[v])  # 0 also where the product underflowed
        known = (n[v] >= min_support) & (norms > 0.0)
        value = min(1.0, max(-1.0, xy[v] / (norms if known else 1.0)))
        shrunk = n[v] / (max(n[v], 1.0) + shrinkage)
        s[v] = value * shrunk if known else 0.0


@njit(cache=True)
def mirror(S):
    """Copy the upper triangle onto the lower one, in tiles that fit the cache."""
    n = len(S)
    tile = 64
    for a in range(0, n, tile):
        for b in range(a, n, tile):
            for u in range(a, min(a + tile, n)):
                for v in range(max(b, u + 1), min(b + tile, n)):
                    S[v, u] = S[u, v]
