"""Events with the history before them, and items drawn beside what was taken."""

import numpy as np
from scipy import sparse

from recbook._triples import draw_unrated
from recbook.deep import _sequences
from recbook.deep._lazy import tf

__all__ = ["cross_entropy", "draws"]


def cross_entropy(z):
    """Return the mean of -ln σ of what was taken, column 0, and -ln(1 - σ) of others.

    >>> round(float(cross_entropy(tf.zeros((1, 3)))), 4)  # ln 2
    0.6931
    """
    y = tf.one_hot(tf.zeros_like(z[:, 0], tf.int32), z.shape[1])
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z))


def draws(items, bounds, n_items, held_out, n_steps, n_negatives):
    """Return two draws for ``descend``: of the earlier events, of the latest.

    Parameters
    ----------
    items, bounds : arrays
        Every user's items in the order of time, see
        :func:`recbook.deep._sequences.ordered`.
    n_items : int
        Number of item codes.
    held_out : float
        Share of each user's events, rounded down, that are the latest.
    n_steps : int
        Width of a window.
    n_negatives : int
        Items beside each event that the user did not take among the earlier events.

    Returns
    -------
    earlier, latest : callable or None
        ``draw(rng)`` returns windows (n, n_steps) and candidates (n, 1 + n_negatives),
        both items plus 1, what was taken first; None where there is no event. Who took
        every item has no negatives, and is left out.

    Examples
    --------
    >>> earlier, latest = draws(np.array([2, 0]), np.array([0, 2]), 4, 0.5, 3, 1)
    >>> [part.tolist() for part in latest(np.random.default_rng(0))]
    [[[0, 0, 3]], [[1, 4]]]
    """
    lengths = np.diff(bounds)
    users = np.repeat(np.arange(lengths.size), lengths)
    n_earlier = lengths - np.floor(held_out * lengths).astype(int)
    earlier = np.arange(users.size) - bounds[users] < n_earlier[users]
    pairs = users[earlier], items[earlier]
    R = sparse.csr_array((np.ones(pairs[0].size), pairs), (lengths.size, n_items))
    R.sort_indices()
    usable = n_earlier[users] < n_items

    def of(part):
        places = np.flatnonzero(part & usable)
        if not places.size:
            return None
        whose, taken = users[places], items[places]
        table = _sequences.windows(items, bounds[whose], places, n_steps)

        def draw(rng):
            order = rng.permutation(places.size)
            negatives = draw_unrated(rng, R, whose[order], n_negatives)
            rows = np.column_stack([taken[order], negatives]) + 1
            return table[order], rows.astype(np.int32)

        return draw

    return of(earlier), of(~earlier)
