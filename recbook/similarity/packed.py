r"""Sums over co-rated entries, for ratings that are few whole numbers, as stars are.

A pair of ratings (x, y) is then one of 16² pairs, and what it adds to all sums is
looked up in a table. Three sums share one 64-bit integer,

.. math:: \sum xy + 2^{21} \sum x^2 + 2^{42} \sum y^2,

so that a step takes one addition in memory, not three. Nothing is lost: sums of whole
numbers are exact, and :func:`packs` checks that each sum stays below :math:`2^{21}`, so
none carries into the next. Other numbers are handled in
:mod:`recbook.similarity.kernels`.
"""

import numpy as np

from recbook._core.jit import njit

# A code (below 16) and the row in its tile share 16 bits, so that a step reads less.
CODE_BITS = 4
GRID = 2.0**CODE_BITS
CODE = int(GRID) - 1  # the mask of a code

FIELD = 21  # bits of each of the three sums
SUM = 2**FIELD - 1  # the mask of a sum, and the most that one can hold


def packs(X):
    """Return whether all numbers of X are whole on the grid and no sum is too large.

    The largest sum is one of squares, over at most as many entries as a row has.
    """
    codes = X.data * GRID
    if not ((codes >= 0) & (codes <= CODE) & (codes == np.rint(codes))).all():
        return False
    longest = np.diff(X.indptr).max(initial=0)
    return bool(longest * codes.max(initial=0.0) ** 2 <= SUM)


def pack_columns(columns):
    """Return where each column begins, and its entries: a row and a code in 16 bits."""
    codes = columns.data.astype(np.uint16)
    rows = columns.indices.astype(np.uint16)
    return columns.indptr.astype(np.int64), rows << CODE_BITS | codes


def increments():
    """Return what the codes x and y add, packed, as two tables to be read at [x, y]."""
    x, y = np.indices((CODE + 1, CODE + 1), dtype=np.int64)  # 63 bits are packed
    return pack(x * y, x * x, y * y), pack(np.ones_like(x), x, y)


def pack(low, middle, high):
    """Return three whole numbers packed into one; :func:`unpack` separates them."""
    return low | middle << FIELD | high << 2 * FIELD


@njit(cache=True)
def unpack(packed, low, middle, high):
    """Write the three sums of each v into separate arrays of floats."""
    for v in range(len(packed)):
        low[v] = np.int32(packed[v] & SUM)
        middle[v] = np.int32(packed[v] >> FIELD & SUM)
        high[v] = np.int32(packed[v] >> 2 * FIELD)


# Below, t and the row in an entry are unsigned, which saves a test for negative
# indices at every step.


@njit(cache=True)
def add_squares(packed, u, by_row, by_column, table):
    """Add up products and squares over I_uv."""
    indptr, items, x = by_row
    first, last, entries = by_column
    for k in range(indptr[u], indptr[u + 1]):
        i = items[k]
        increment = table[int(x[k])]
        for t in range(np.uint64(first[i]), np.uint64(last[i])):
            entry = entries[t]
            packed[entry >> CODE_BITS] += increment[entry & CODE]


@njit(cache=True)
def add_both(packed, packed_counts, u, by_row, by_column, tables):
    """Add up products and squares over I_uv, and also the count and the ratings."""
    indptr, items, x = by_row
    first, last, entries = by_column
    for k in range(indptr[u], indptr[u + 1]):
        i = items[k]
        increment = tables[0][int(x[k])]
        increment_counts = tables[1][int(x[k])]
        for t in range(np.uint64(first[i]), np.uint64(last[i])):
            entry = entries[t]
            v = entry >> CODE_BITS
            packed[v] += increment[entry & CODE]
            packed_counts[v] += increment_counts[entry & CODE]


@njit(cache=True, error_model="numpy")
def centre(n, x, y, xy, xx, yy):
    """Centre six exact sums on the means over I_uv: Σ (r - m)² = (n Σ r² - (Σ r)²) / n.

    The difference loses no digit, because both of its terms are exact.
    """
    for v in range(len(n)):
        n_uv = max(n[v], 1.0)
        xy[v] = (n_uv * xy[v] - x[v] * y[v]) / n_uv
        xx[v] = (n_uv * xx[v] - x[v] * x[v]) / n_uv
        yy[v] = (n_uv * yy[v] - y[v] * y[v]) / n_uv
        x[v] /= n_uv
        y[v] /= n_uv
