"""The best columns of each row, with ties by the lower column."""

import numpy as np


def top(scores, k):
    """Return the columns of the k highest scores of each row, ties by lower column."""
    # The k-th largest score of a row is its threshold. All scores that reach it are
    # sorted stably, so that equal scores stay in the order of the columns.
    thresholds = -np.partition(-scores, k - 1, axis=1)[:, k - 1]
    best = np.empty((len(scores), k), dtype=np.int64)
    for row, threshold, out in zip(scores, thresholds, best, strict=True):
        columns = np.flatnonzero(row >= threshold)
        out[:] = columns[np.argsort(-row[columns], kind="stable")[:k]]
    return best


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
