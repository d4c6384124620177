"""Kernels of the neighbourhood models: choose the neighbours and sum them up.

The same kernels serve both models. A *row* has neighbours (a user in user-based, an
item in item-based models), and a *column* is what rows share. The neighbours of row a
for column c are chosen among the rows with a rating in c, which is one column of a CSC
matrix (``indptr``, ``indices``). ``weights`` (n_rows, n_rows) is 0 for every row that
cannot be a neighbour, including the row itself.
"""

import numpy as np

from recbook._core.jit import njit

__all__ = ["add_up", "choose"]


# The loops below have no branch that depends on the data. A branch that a processor
# cannot predict costs more than a needless addition, here a factor of three.


@njit(cache=True)
def bring_forward(values, low, high, bound):
    """Move values above ``bound`` to the front of values[low:high]; return the end."""
    end = low
    for p in range(low, high):
        value = values[p]
        values[p] = values[end]
        values[end] = value
        end += value > bound
    return end


@njit(cache=True)
def kth_largest(values, n, k):
    """Return (t, above): the k-th largest of values[:n], and how many exceed it.

    Quickselect, which reorders ``values`` and handles equal values together.
    """
    low, high = 0, n
    while True:
        x, y, z = values[low], values[(low + high) // 2], values[high - 1]
        pivot = max(min(x, y), min(max(x, y), z))  # the median of the three
        above = bring_forward(values, low, high, pivot)
        if k <= above:
            high = above
            continue
        equal = bring_forward(values, above, high, np.nextafter(pivot, -np.inf))
        if k <= equal:
            return pivot, above
        low = equal


@njit(cache=True)
def add_up(weights, indptr, indices, values, rows, cols, k, sums, totals, counts):
    r"""Sum up the k nearest neighbours of each pair (row a, column c).

    ``sums`` receives :math:`\sum w d`, ``totals`` :math:`\sum |w|` and ``counts`` the
    number of neighbours, where d are the ``values`` stored in column c.
    """
    longest = np.max(indptr[1:] - indptr[:-1])
    w, scratch = np.empty(longest), np.empty(longest)
    for n in range(rows.size):
        start, size = indptr[cols[n]], indptr[cols[n] + 1] - indptr[cols[n]]
        candidates = gather(weights[rows[n]], indices[start : start + size], w, scratch)
        t, room = 0.0, 0  # all candidates count: those with abs(w) > 0
        if candidates > k:
            t, above = kth_largest(scratch, candidates, k)
            room = k - above
        add, total, count = 0.0, 0.0, 0
        for p in range(size):
            counted = w[p] if abs(w[p]) > t else 0.0
            add += counted * values[start + p]
            total += abs(counted)
            count += counted != 0.0
        for p in range(size):  # at the threshold, the first ones fill the room
            if room == 0:
                break
            if abs(w[p]) == t:
                add += w[p] * values[start + p]
                total += t
                count += 1
                room -= 1
        sums[n], totals[n], counts[n] = add, total, count


@njit(cache=True)
def gather(row, raters, w, scratch):
    """Copy the raters' weights into ``w`` and their non-zero sizes into ``scratch``.

    Returns the number of non-zero weights.
    """
    found = 0
    for p in range(raters.size):
        w[p] = row[raters[p]]
        scratch[found] = abs(w[p])
        found += w[p] != 0.0
    return found


def choose(row, raters, k):
    """Return the places in ``raters`` of the k nearest, strongest first.

    The choice is that of :func:`add_up`: the largest abs(w) above 0, ties by index.

    >>> choose(np.array([0.0, 0.5, 0.9, 0.5]), np.array([1, 2, 3]), k=2).tolist()
    [1, 0]
    """
    magnitudes = np.abs(row[raters])
    order = np.argsort(-magnitudes, kind="stable")[:k]
    return order[magnitudes[order] > 0.0]
