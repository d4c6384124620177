"""Who handed in what somebody else did, or nearly."""

import numpy as np

# Correlation of predictions less the best baseline's. On MovieLens two seeds of one
# model come to .98 at most and UserKNN with 40 and 45 neighbours to .996; predictions
# rounded to two decimals, shifted or scaled to .9998 and more. But so do settings that
# are nearly the same: 40 and 41 epochs to .9998, 40 and 41 neighbours to .9991.
NEAR = 0.999
MOST_NAMES = 2
SAME, NEARLY = "the same errors", "nearly the same predictions"
PERHAPS = "or one model with settings near by"


def likeness(names, scores):
    """Return for each file what to say of others like it, "" where there are none.

    Parameters
    ----------
    names : list of str
        Names of the files.
    scores : list of Score
        Scores of the files, in the same order.
    """
    same, near = _same(scores), _correlations(scores)
    told = [[] for _ in names]
    for group in _groups(same):
        for t in group:
            told[t].append(_told(SAME, [names[o] for o in group if o != t]))
    for group in _groups(near > NEAR):
        for t in group:
            # Of whom it is an exact copy, that is said already.
            others = [o for o in group if o != t and not same[t, o]]
            if others:
                words = _told(NEARLY, [names[o] for o in others])
                told[t].append(
                    f"{words}, {PERHAPS} (correlation {near[t, others].max():.5f})"
                )
    return ["; ".join(words) for words in told]


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


def _correlations(scores):
    """How alike files depart from the best baseline, (n, n); 0 for what does not."""
    n = len(scores)
    found = np.zeros((n, n))
    moved = [t for t in range(n) if _varies(scores[t].departures)]
    if len(moved) > 1:
        found[np.ix_(moved, moved)] = np.corrcoef([scores[t].departures for t in moved])
    return found


def _varies(values):
    return values is not None and np.ptp(values) > 1e-6


def _groups(alike):
    """Yield the groups of two and more of whom each is like another one, as lists."""
    from scipy.sparse.csgraph import connected_components

    if len(alike):
        labels = connected_components(alike, directed=False)[1]
        for label in np.flatnonzero(np.bincount(labels) > 1):
            yield np.flatnonzero(labels == label).tolist()
