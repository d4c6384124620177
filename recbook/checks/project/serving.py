"""Checks of chapter 5.6, the film project as a service."""

import math

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _vector(taste, levels, items, stars):
    p = np.zeros(taste.shape[2])
    for item, given in zip(items, stars, strict=True):
        level = sum(given >= edge for edge in levels)
        p += taste[level, item] * 10 / (len(items) + 5)
    return np.array([*p, 1.0])


def _visitors():
    rng = np.random.default_rng(561)
    none = np.array([], dtype=int)
    cases = []
    for levels, n in (((3.0, 4.0), 5), ((3.0, 4.0), 1), ((2.5,), 4)):
        taste = rng.normal(size=(len(levels) + 1, 9, 3))
        items = rng.choice(9, n, replace=False)
        # An edge belongs to the level above it, and is always among the stars.
        stars = np.array([levels[-1], 5, 1, 3, 2])[:n]
        cases.append((taste, np.array(levels), items, stars))
    return [*cases, (taste, np.array(levels), none, none.astype(float))]


def _recall(found, exact):
    shares = [len({*a} & {*b}) / len(b) for a, b in zip(found, exact, strict=True)]
    return sum(shares) / len(shares)


def _searches():
    rng = np.random.default_rng(562)
    cases = []
    for n, k in ((6, 5), (4, 10)):
        exact = np.array([rng.permutation(30)[:k] for _ in range(n)])
        approximate = np.array([rng.permutation(30)[:k] for _ in range(n)])
        cases.append((approximate, exact))
    same = exact[:, ::-1].copy()  # another order, the same films
    padded = np.where(np.arange(10) < 4, exact, -1)  # an index may find fewer
    return [*cases, (same, exact), (padded, exact)]


def _percentile(seconds, q):
    ordered = sorted(seconds)
    place = max(1, math.ceil(round(q * len(ordered), 9)))
    return ordered[place - 1]


def _waits():
    rng = np.random.default_rng(563)
    waits = rng.exponential(size=200)
    return [
        (waits, 0.99),
        (waits, 0.5),
        (waits[:101], 0.5),
        (np.array([3.0, 1.0, 2.0]), 1.0),
        (np.array([5.0]), 0.01),
        (np.array([4.0, 1.0, 3.0, 2.0]), 0.25),
        (waits[:150], 0.99),  # where the place that is counted from 0 differs
    ]


def _tail(n, q):
    return 1 - q**n


def _replayed(log):
    kept = {}
    for visitor, film, stars in log:
        kept.pop((visitor, film), None)
        if stars is not None:
            kept[visitor, film] = stars
    return kept


def _logs():
    log = [("Ann", 7, 4), ("Bob", 7, 2), ("Ann", 7, 5), ("Ann", 9, 1)]
    taken = [("Ann", 7, None), ("Ann", 7, None), ("Cem", 1, None)]
    again = [("Ann", 7, 3), ("Ann", 7, 3)]
    mind = [("Ann", 7, 4), ("Bob", 7, 1), ("Ann", 9, 1)]  # as before, or fewer
    logs = log, log + taken, log + taken + again, log + taken + mind, log + mind, []
    return [(entries,) for entries in logs]


def _merged(shards, k):
    every = [pair for shard in shards for pair in shard]
    return [film for film, _ in sorted(every, key=lambda p: (-p[1], p[0]))[:k]]


def _shards():
    rng = np.random.default_rng(565)
    cases = []
    for sizes, k in (((4, 4, 4), 5), ((3, 0, 6), 4), ((2, 1), 9)):
        films = rng.permutation(50)[: sum(sizes)].tolist()
        scores = (rng.integers(0, 6, sum(sizes)) / 2).tolist()  # with ties
        pairs, shards = list(zip(films, scores, strict=True)), []
        for size in sizes:
            own, pairs = pairs[:size], pairs[size:]
            shards.append(sorted(own, key=lambda p: (-p[1], p[0])))
        cases.append((shards, k))
    # All of the best on one machine.
    return [*cases, ([[(4, 1.0), (7, 0.5)], [(n, 9.0 - n) for n in (2, 3, 5, 8)]], 4)]


exercise_function("5.6-vector", _vector, _visitors, what="the vector", atol=1e-6)
exercise_function("5.6-recall", _recall, _searches, what="the recall", atol=1e-9)
exercise_function(
    "5.6-percentile", _percentile, _waits, what="the percentile", atol=1e-12
)
exercise_value("5.6-little", lambda: 3.0, atol=1e-6)
exercise_function(
    "5.6-tail",
    _tail,
    [(1, 0.99), (10, 0.99), (100, 0.99), (5, 0.5)],
    what="the share",
    atol=1e-9,
)
exercise_function("5.6-replay", _replayed, _logs, what="the ratings")
exercise_function("5.6-shards", _merged, _shards, what="the films")
