"""Who handed in what somebody else did, or nearly."""

import numpy as np

# Correlation of predictions less the best baseline's. On MovieLens two seeds of one
# model come to .98 at most and UserKNN with 40 and 45 neighbours to .996; predictions
# rounded to two decimals, shifted or scaled to .9998 and more.
NEAR = 0.999
MOST_NAMES = 2
SAME, NEARLY = "the same errors", "nearly the same predictions"


def likeness(names, scores):
    """Return for each file what to say of others like it, "" where there are none.

    Parameters
    ----------
    names : list of str
        Of the files.
    scores : list of Score
        Of the files, in the same order.
    """
    words = [""] * len(names)
    done = np.zeros(len(names), dtype=bool)
    for kind, alike in ((SAME, _same(scores)), (NEARLY, _near(scores))):
        for group in _groups(alike):
            # Who has an exact copy need not be told that it is a near one, too.
            if done[group].all():
                continue
            done[group] = True
            for t in group:
                others = [names[other] for other in group if other != t]
                words[t] = _told(kind, others)
    return words


def _told(kind, others):
    """Say it: by names where they are few, as a group where they are many."""
    if len(others) <= MOST_NAMES:
        return f"{kind} as {' and '.join(others)}"
    return f"{kind} as {others[0]} and {len(others) - 1} more"


def _same(scores):
    """Which files have the same errors to the last bit, (n, n) bool."""
    return np.array(
        [
            [
                a.measures == b.measures
                and np.array_equal(a.people, b.people, equal_nan=True)
                for b in scores
            ]
            for a in scores
        ]
    )


def _near(scores):
    """Which files depart in the same way from the best baseline, (n, n) bool."""
    n = len(scores)
    near = np.zeros((n, n), dtype=bool)
    moved = [t for t in range(n) if _varies(scores[t].departures)]
    if len(moved) > 1:
        parts = np.corrcoef([scores[t].departures for t in moved])
        near[np.ix_(moved, moved)] = parts > NEAR
    return near


def _varies(values):
    return values is not None and np.ptp(values) > 1e-6


def _groups(alike):
    """Yield the groups of two and more of whom each is like another one, as lists."""
    from scipy.sparse.csgraph import connected_components

    if len(alike):
        labels = connected_components(alike, directed=False)[1]
        for label in np.flatnonzero(np.bincount(labels) > 1):
            yield np.flatnonzero(labels == label).tolist()
