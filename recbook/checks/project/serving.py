"""Checks of chapter 5.6, the film project as a service."""

import functools
import math

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _vector(taste, levels, items, stars, weight=lambda n: 10 / (n + 5), last=(1.0,)):
    """With another weight or end: a slip."""
    p = np.zeros(taste.shape[2])
    for item, given in zip(items, stars, strict=True):
        level = sum(given >= edge for edge in levels)
        p += taste[level, item] * weight(len(items))
    return np.array([*p, *last])


VECTOR = {
    "stars exactly at an edge are in the level below: they belong above it": (
        lambda taste, levels, items, stars: _vector(taste, levels, items, stars - 1e-9)
    ),
    "each row weighs one over a root here: look at the formula": (
        functools.partial(_vector, weight=lambda n: n**-0.5)
    ),
    "that is a sum of the rows: the more there are, the less each is to weigh": (
        functools.partial(_vector, weight=lambda n: 1.0)
    ),
    "that is a mean of the rows: a visitor with few stars is to stay near 0": (
        functools.partial(_vector, weight=lambda n: 1 / n)
    ),
    "the 1 that meets the film's offset is missing": functools.partial(
        _vector, last=()
    ),
    "the last number is scaled as well: the film's offset comes once": (
        lambda *case: np.append(_vector(*case)[:-1], 10 / (len(case[2]) + 5))
    ),
}


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


def _precision(found, exact):
    return np.mean(
        [np.isin(a[a >= 0], b).mean() for a, b in zip(found, exact, strict=True)]
    )


RECALL = {
    "here the sequence within a row matters: it is not to": (
        lambda found, exact: (found == exact).mean()
    ),
    "a code that was found for another query counts here: it is not to": (
        lambda found, exact: np.isin(exact, found).mean()
    ),
    "that is a fraction of what was found: take it of the exact codes": (_precision),
    "that is a number of codes: a fraction is asked for": (
        lambda found, exact: _recall(found, exact) * exact.shape[1]
    ),
    "that is the fraction of queries that were answered in full": (
        lambda found, exact: np.mean(
            [{*b} <= {*a} for a, b in zip(found, exact, strict=True)]
        )
    ),
}


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


def _percentile(seconds, q, rounded=math.ceil, shift=-1):
    """Rounded otherwise, or counted from another place: a slip."""
    ordered = sorted(seconds)
    place = max(1, rounded(round(q * len(ordered), 9)))
    return ordered[min(place + shift, len(ordered) - 1)]


PERCENTILE = {
    "that is one too far: the index counts from 1, and an array from 0": (
        functools.partial(_percentile, shift=0)
    ),
    "the index is rounded to the nearest: it is to be rounded up": (
        functools.partial(_percentile, rounded=round)
    ),
    "the index is rounded down: it is to be rounded up": (
        functools.partial(_percentile, rounded=math.floor)
    ),
    "nobody waited that long: it lies between two waits": np.quantile,
    "the waits have to be sorted first": (
        lambda seconds, q: seconds[math.ceil(round(q * len(seconds), 9)) - 1]
    ),
    "the longest wait comes last, and here it comes first": (
        lambda seconds, q: -_percentile(-seconds, q)
    ),
}


def _waits():
    rng = np.random.default_rng(563)
    waits = rng.exponential(size=200)
    return [
        (waits, 0.99),
        (waits, 0.5),
        (waits[:101], 0.5),
        (waits[:7], 0.4),
        (np.array([3.0, 1.0, 2.0]), 1.0),
        (np.array([5.0]), 0.01),
        (np.array([4.0, 1.0, 3.0, 2.0]), 0.25),
        (waits[:150], 0.99),  # where the place that is counted from 0 differs
    ]


def _tail(n, q):
    return 1 - q**n


TAIL = {
    "that is the fraction of pages that are in time": lambda n, q: q**n,
    "a page is late if one of its answers is, not only if all are": (
        lambda n, q: (1 - q) ** n
    ),
    "probabilities do not add up here: two answers can be late on one page": (
        lambda n, q: n * (1 - q)
    ),
    "that is the fraction for one answer: a page waits for all of them": (
        lambda n, q: 1 - q
    ),
}


def _replayed(log):
    kept = {}
    for visitor, film, stars in log:
        kept.pop((visitor, film), None)
        if stars is not None:
            kept[visitor, film] = stars
    return kept


def _first_words(log):
    kept = {}
    for visitor, film, stars in log:
        if stars is None:
            kept.pop((visitor, film), None)
        else:
            kept.setdefault((visitor, film), stars)
    return kept


def _by_visitor(log):
    return {visitor: stars for (visitor, _), stars in _replayed(log).items()}


def _added_up(log):
    kept = {}
    for visitor, film, stars in log:
        if stars is None:
            kept.pop((visitor, film), None)
        else:
            kept[visitor, film] = kept.get((visitor, film), 0) + stars
    return kept


REPLAY = {
    "a rating that was taken back and given again is missing": (
        lambda log: _replayed(
            [row for row in log if (*row[:2], None) not in log or row[2] is None]
        )
    ),
    "a rating that was taken back is still there": (
        lambda log: _replayed([row for row in log if row[2] is not None])
    ),
    "here the first entry of a pair wins: the last is to": _first_words,
    "the key is a pair: a visitor rates more than one film": _by_visitor,
    "an entry that is there twice states the same twice: nothing is added": _added_up,
}


def _logs():
    log = [("Ann", 7, 4), ("Bob", 7, 2), ("Ann", 7, 5), ("Ann", 9, 1)]
    taken = [("Ann", 7, None), ("Ann", 7, None), ("Cem", 1, None)]
    again = [("Ann", 7, 3), ("Ann", 7, 3)]
    mind = [("Ann", 7, 4), ("Bob", 7, 1), ("Ann", 9, 1)]  # as before, or fewer
    logs = log, log + taken, log + taken + again, log + taken + mind, log + mind, []
    return [(entries,) for entries in logs]


def _best_pairs(shards, k, tie=lambda film: film):
    """With another order of equal scores: a slip."""
    every = [pair for shard in shards for pair in shard]
    return sorted(every, key=lambda pair: (-pair[1], tie(pair[0])))[:k]


def _merged(*case, **slip):
    return [film for film, _ in _best_pairs(*case, **slip)]


SHARDS = {
    "of equal scores the smaller number comes first, not the one met first": (
        functools.partial(_merged, tie=lambda film: 0)
    ),
    "of equal scores the smaller number comes first, and here the larger does": (
        functools.partial(_merged, tie=lambda film: -film)
    ),
    "all of the best may lie on one machine: do not take as many from each": (
        lambda shards, k: _merged([s[: -(-k // len(shards))] for s in shards], k)
    ),
    "one list after the other is not best first": (
        lambda shards, k: [film for shard in shards for film, _ in shard][:k]
    ),
    "only the films are asked for, not their scores": _best_pairs,
    "the best comes first, and here the worst does": (
        lambda shards, k: _merged([[(n, -x) for n, x in s] for s in shards], k)
    ),
}


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


exercise_function(
    "5.6-vector", _vector, _visitors, what="the vector", atol=1e-6, slips=VECTOR
)
exercise_function(
    "5.6-recall", _recall, _searches, what="the recall", atol=1e-9, slips=RECALL
)
exercise_function(
    "5.6-percentile",
    _percentile,
    _waits,
    what="the percentile",
    atol=1e-12,
    slips=PERCENTILE,
)
exercise_value(
    "5.6-little",
    lambda: 120 * 0.025,
    atol=1e-6,
    slips={
        "milliseconds must become seconds first": lambda: 120 * 25,
        "arrivals are multiplied by the time inside": lambda: 120 / 25,
        "arrivals are multiplied by the time inside, in seconds": lambda: 120 / 0.025,
        "a millisecond is a thousandth of a second": lambda: 120 * 0.25,
    },
)
exercise_function(
    "5.6-tail",
    _tail,
    [(1, 0.99), (10, 0.99), (100, 0.99), (5, 0.5)],
    what="the share",
    atol=1e-9,
    slips=TAIL,
)
exercise_function("5.6-replay", _replayed, _logs, what="the ratings", slips=REPLAY)
exercise_function("5.6-shards", _merged, _shards, what="the films", slips=SHARDS)
