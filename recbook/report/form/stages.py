"""How far a whole job is, from the bars of its steps."""

__all__ = ["overall"]

# By the description of a bar: what share of the job's time it takes, in the order of
# the steps. What is left comes after the last of them.
STAGES = {
    "recommend": {
        "reading the orders": 0.1,
        "settings at earlier cuts": 0.6,
        "lists": 0.2,
    },
    "customer_value": {
        "reading the orders": 0.1,
        "held-out weeks": 0.4,
        "customers drawn again": 0.45,
    },
    "targeting": {"folds": 0.9},
    "experiment": {},
    "off_policy": {},
}


def overall(job, progress):
    """Return what listens to the bars of a job, and tells ``progress`` of the whole.

    >>> hear = overall("targeting", lambda share, words: print(round(share, 2), words))
    >>> hear(0.5, "folds")
    0.45 folds
    """
    starts, start = {}, 0.0
    for words, share in STAGES[job].items():
        starts[words], start = (start, share), start + share
    steps = list(starts)
    reached, seen = 0.0, set(steps[:1])  # the page may have read the orders before

    def hear(share, words):
        nonlocal reached
        if progress is None or words not in starts:
            return
        place = steps.index(words)
        if place and steps[place - 1] not in seen:
            return  # a step's bar before its turn, as of a list that is tried out
        seen.add(words)
        start, length = starts[words]
        reached = max(reached, start + length * share)
        progress(reached, words)

    return hear
