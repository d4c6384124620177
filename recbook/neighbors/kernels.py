"""Kernels of the neighbourhood models: choose the neighbours, add them up.

Both models are one here. A *row* is what has neighbours (a user in user-based, an
item in item-based), a *column* is what they have in common. Neighbours of row a for
column c are sought among the rows with a rating in c, which is one column of a CSC
matrix (``indptr``, ``indices``). ``weights`` (n_rows, n_rows) holds 0 for a row that
can't be a neighbour, the row itself among them.
"""

import numpy as np

from recbook._core.jit import njit

__all__ = ["add_up", "choose"]


# The loops below have no branch that depends on the data: what a processor can't
# guess costs it more than a needless addition. That is worth a factor of three.


@njit(cache=True)
def bring_forward(values, low, high, bound):
    """Move what is above ``bound`` to the front of values[low:high]; return its end."""
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

    Quickselect, which reorders ``values``; equal ones are set aside together.
    """
    low, high = 0, n
    while True:
        x, y, z = values[low], values[(low + high) // 2], values[high - 1]
        pivot = max(min(x, y), min(max(x, y), z))  # the middle one of the three
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
    r"""Fill in what each pair (row a, column c) gets from its k nearest.

    ``sums`` gets :math:`\sum w d`, ``totals`` :math:`\sum |w|` and ``counts`` the
    number of neighbours, where d are the ``values`` stored in column c.
    """
    longest = np.max(indptr[1:] - indptr[:-1])
    w, scratch = np.empty(longest), np.empty(longest)
    for n in range(rows.size):
        start, size = indptr[cols[n]], indptr[cols[n] + 1] - indptr[cols[n]]
        candidates = gather(weights[rows[n]], indices[start : start + size], w, scratch)
        t, room = 0.0, 0  # all of them count: those with abs(w) > 0
        if candidates > k:
            t, above = kth_largest(scratch, candidates, k)
            room = k - above
        add, total, count = 0.0, 0.0, 0
        for p in range(size):
            counted = w[p] if abs(w[p]) > t else 0.0
            add += counted * values[start + p]
            total += abs(counted)
            count += counted != 0.0
        for p in range(size):  # of those on the threshold, the first ones
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
    """Copy the raters' weights to ``w``, the sizes of those that count to ``scratch``.

    Returns the number of the latter.
    """
    found = 0
    for p in range(raters.size):
        w[p] = row[raters[p]]
        scratch[found] = abs(w[p])
        found += w[p] != 0.0
    return found


def choose(row, raters, k):
    """Return where in ``raters`` the k nearest stand, the strongest first.

    The same choice as :func:`add_up` makes: the largest abs(w) above 0, ties by index.

    >>> choose(np.array([0.0, 0.5, 0.9, 0.5]), np.array([1, 2, 3]), k=2).tolist()
    [1, 0]
    """
    magnitudes = np.abs(row[raters])
    order = np.argsort(-magnitudes, kind="stable")[:k]
    return order[magnitudes[order] > 0.0]
