"""Kernels of the neighbourhood models: choose the neighbours, add them up.

Both models are one here. A *row* is what has neighbours (a user in user-based, an
item in item-based), a *column* is what they have in common. Neighbours of row a for
column c are sought among the rows with a rating in c, which is one column of a CSC
matrix (``indptr``, ``indices``). ``weights`` (n_rows, n_rows) holds 0 for a row that
can't be a neighbour, the row itself among them.
"""

import numpy as np

from recbook._jit import njit

__all__ = ["add_up", "choose"]


@njit(cache=True)
def kth_largest(values, n, k):
    """Return the k-th largest of ``values[:n]``, which it reorders (quickselect)."""
    low, high = 0, n - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] > pivot:
                i += 1
            while values[j] < pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if k - 1 <= j:
            high = j
        elif k - 1 >= i:
            low = i
        else:
            break
    return values[k - 1]


@njit(cache=True)
def threshold(row, raters, k, scratch):
    """Return (t, ties): neighbours have abs(w) > t, and the first ``ties`` with = t.

    ``ties`` is 0 where there are fewer than k candidates: then all of them count.
    """
    n = 0
    for rater in raters:
        magnitude = abs(row[rater])
        if magnitude > 0.0:
            scratch[n] = magnitude
            n += 1
    if n <= k:
        return 0.0, 0
    t = kth_largest(scratch, n, k)
    above = 0
    for p in range(k):  # quickselect leaves the k largest in front
        if scratch[p] > t:
            above += 1
    return t, k - above


@njit(cache=True)
def add_up(weights, indptr, indices, values, rows, cols, k, sums, totals, counts):
    r"""Fill in what each pair (row a, column c) gets from its k nearest.

    ``sums`` gets :math:`\sum w d`, ``totals`` :math:`\sum |w|` and ``counts`` the
    number of neighbours, where d are the ``values`` stored in column c.
    """
    scratch = np.empty(max(1, np.max(indptr[1:] - indptr[:-1])))
    for n in range(rows.size):
        row = weights[rows[n]]
        start, stop = indptr[cols[n]], indptr[cols[n] + 1]
        t, ties = threshold(row, indices[start:stop], k, scratch)
        for p in range(start, stop):
            w = row[indices[p]]
            magnitude = abs(w)
            if magnitude > t:
                pass
            elif ties > 0 and magnitude == t:
                ties -= 1
            else:
                continue
            sums[n] += w * values[p]
            totals[n] += magnitude
            counts[n] += 1


def choose(row, raters, k):
    """Return where in ``raters`` the k nearest stand, the strongest first.

    The same choice as :func:`add_up` makes: the largest abs(w) above 0, ties by index.

    >>> choose(np.array([0.0, 0.5, 0.9, 0.5]), np.array([1, 2, 3]), k=2).tolist()
    [1, 0]
    """
    magnitudes = np.abs(row[raters])
    order = np.argsort(-magnitudes, kind="stable")[:k]
    return order[magnitudes[order] > 0.0]
