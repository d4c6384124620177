"""Triples (u, i, j): a user, an item they rated and an item they did not rate."""

import numpy as np

from recbook._core.jit import njit

__all__ = ["RatedPairs", "draw_triples", "draw_unrated"]

BLOCK = 2**17  # pairs of neighbouring users in a block of an epoch


def draw_triples(rng, R, size):
    """Draw random triples (u, i, j) of which u rated i and did not rate j.

    The pair (u, i) is drawn uniformly, with replacement, from the observed pairs, and j
    uniformly from the items that u has not rated. No draw is rejected. Users who rated
    every item have no j and are left out.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the random numbers.
    R : (n_users, n_items) csr_array
        Ratings, as in ``Ratings.csr``, with sorted column indices in each row.
    size : int
        Number of triples.

    Returns
    -------
    users, items, negatives : (size,) int arrays
        Codes. The arrays are empty if every user has rated every item.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> rng, toy = np.random.default_rng(0), load_toy()
    >>> u, i, j = draw_triples(rng, toy.csr, size=1000)
    >>> bool((toy.csr[u, i] > 0).all()), bool((toy.csr[u, j] > 0).any())
    (True, False)
    """
    pairs = RatedPairs(R)
    return pairs.draw(rng, size if pairs.size else 0)


def draw_unrated(rng, R, users, n):
    """Draw ``n`` items that each user has not rated, (len(users), n).

    They are drawn uniformly, with replacement, and no draw is rejected. None of
    ``users`` may have rated every item.

    >>> from recbook.datasets import load_toy
    >>> rng, toy = np.random.default_rng(0), load_toy()
    >>> draw_unrated(rng, toy.csr, np.array([0, 0]), n=3).tolist()  # Ann lacks one
    [[5, 5, 5], [5, 5, 5]]
    """
    free = R.shape[1] - np.diff(R.indptr)
    order = rng.integers(free[users][:, None], size=(len(users), n)).ravel()
    users = np.repeat(users, n).astype(np.int32)
    return unrated(R.indptr, R.indices, users, order).reshape(-1, n)


class RatedPairs:
    """The observed pairs to draw triples from, without users who rated all items.

    ``size`` is their number. R is a csr matrix with sorted rows.
    """

    def __init__(self, R):
        counts = np.diff(R.indptr)
        self.indptr, self.items = R.indptr, R.indices
        self.free = R.shape[1] - counts  # number of items that each user has not rated
        self.users = np.repeat(np.arange(R.shape[0], dtype=np.int32), counts)
        full = counts[self.free == 0].sum()
        self.usable = np.flatnonzero(self.free[self.users] > 0) if full else None
        self.size = int(R.nnz - full)

    def draw(self, rng, size, begin=0, end=None):
        """Return ``size`` triples (users, items, negatives) from pairs[begin:end]."""
        # All numbers are drawn here, outside of kernels: they do not depend on numba.
        end = self.size if end is None else end
        places = np.zeros(0, np.int64)
        if size:
            places = rng.integers(begin, end, size=size)
        if self.usable is not None:
            places = self.usable[places]
        users, items = self.users[places], self.items[places]
        order = rng.integers(self.free[users])
        return users, items, unrated(self.indptr, self.items, users, order)

    def epoch(self, rng):
        """Yield as many triples as there are pairs, in blocks.

        Each block yields as many triples as would fall into it by chance, and the
        blocks come in random order. What a block needs stays in the processor's cache.
        """
        begins = np.arange(0, max(self.size, 1), BLOCK)
        ends = np.append(begins[1:], self.size)
        sizes = rng.multinomial(self.size, (ends - begins) / max(self.size, 1))
        for b in rng.permutation(begins.size):
            yield self.draw(rng, sizes[b], begins[b], ends[b])


@njit(cache=True)
def unrated(indptr, indices, users, order):
    """Return for each user the unrated item that has ``order`` unrated ones before it.

    Below the k-th rated item r_k there are k rated items and r_k - k unrated ones. With
    a rated items for which r_k - k <= order, the result is therefore order + a.
    """
    found = np.empty(users.size, dtype=np.int32)
    for t in range(users.size):
        begin = indptr[users[t]]
        low, high = begin, indptr[users[t] + 1]
        while low < high:  # a binary search: r_k - k never falls with k
            middle = (low + high) // 2
            if indices[middle] - (middle - begin) <= order[t]:
                low = middle + 1
            else:
                high = middle
        found[t] = order[t] + (low - begin)
    return found
