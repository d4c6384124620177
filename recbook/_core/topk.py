"""The best columns of each row, with ties by the lower column."""

import numpy as np


def top(scores, k):
    """Return the columns of the k highest scores of each row, ties by lower column."""
    # The k-th largest score of a row is its threshold. What is above it is sorted; what
    # equals it fills the rest of the list in the order of the columns.
    thresholds = -np.partition(-scores, k - 1, axis=1)[:, k - 1 : k]
    best = np.empty((len(scores), k), dtype=np.int64)
    rows, columns = np.divmod(np.flatnonzero(scores > thresholds), scores.shape[1])
    order = np.lexsort((-scores[rows, columns], rows))  # stable: ties by column
    above = np.bincount(rows, minlength=len(scores))
    best[rows, within(above)] = columns[order]
    rows, columns = np.divmod(np.flatnonzero(scores == thresholds), scores.shape[1])
    place = above[rows] + within(np.bincount(rows, minlength=len(scores)))
    kept = place < k
    best[rows[kept], place[kept]] = columns[kept]
    return best


def within(sizes):
    """Return the place of each entry in its row, for rows of these sizes.

    >>> within(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    return np.arange(sizes.sum()) - np.repeat(sizes.cumsum() - sizes, sizes)


def top_k(scores, k):
    """Return the ``k`` best columns of each row, best first, ties by index.

    Parameters
    ----------
    scores : (n, n_items) array
        Higher is better. -inf marks a column that is no candidate.
    k : int
        Length of the lists.

    Returns
    -------
    (n, k) int64 array
        Column indices, padded with -1 if there are fewer candidates.

    Raises
    ------
    ValueError
        If a score is NaN, which cannot be ranked.

    Examples
    --------
    >>> top_k(np.array([[1.0, 3.0, 3.0, -np.inf]]), k=4).tolist()
    [[1, 2, 0, -1]]
    """
    scores = np.asarray(scores)
    if np.isnan(scores).any():
        raise ValueError("scores hold NaN, which cannot be ranked")
    n, n_items = scores.shape
    ranked = np.full((n, k), -1, dtype=np.int64)
    kept = min(k, n_items)
    if kept == 0:
        return ranked
    best = top(scores, kept)
    found = np.take_along_axis(scores, best, axis=1) > -np.inf
    ranked[:, :kept] = np.where(found, best, -1)
    return ranked
