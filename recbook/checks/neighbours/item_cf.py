"""Checks of chapter 2.3, item-based collaborative filtering."""

import numpy as np

from recbook import datasets
from recbook.checks import exercise_function, exercise_value
from recbook.neighbors import ItemKNN


def _dee(similarity="adjusted_cosine", center="mean"):
    """What Dee would give Dune, by the rules that the exercise sets."""
    toy = datasets.load_toy()
    model = ItemKNN(similarity=similarity, center=center, min_support=2)
    codes = toy.user_ids.tolist().index("Dee"), toy.item_ids.tolist().index("Dune")
    return float(model.fit(toy).predict(*([code] for code in codes))[0])


_DUNE, _DEE, _ALL = 5.0, 3.4, 3.5  # means
_DEVIATION = (1 - 3.75 + 2 - 3.75) / 2  # Dee's, of Alien and Heat
exercise_value(
    "2.3-dee",
    _dee,
    "Dee's Dune",
    atol=0.02,
    slips={
        "divide by the sum of the weights: two deviations are averaged, not added": (
            lambda: _DUNE + 2 * _DEVIATION
        ),
        "average deviations from each film's mean, not stars": lambda: (1 + 2) / 2,
        "the baseline is the mean of Dune's stars, not of Dee's": (
            lambda: _DEE + _DEVIATION
        ),
        "the baseline is the mean of Dune's stars, not of all stars": (
            lambda: _ALL + _DEVIATION
        ),
        "Dee gave both films less than their means: which way does Dune move?": (
            lambda: _DUNE - _DEVIATION
        ),
    },
)


def _tables():
    """Tables of stars with gaps, one with an empty row and an empty column."""
    rng = np.random.default_rng(23)
    tables = []
    for shape, share in [((4, 6), 0.7), ((9, 5), 0.4), ((6, 12), 0.3)]:
        stars = rng.integers(1, 6, shape).astype(float)
        tables.append(np.where(rng.random(shape) < share, stars, 0.0))
    gaps = np.array([[5.0, 0, 0, 3], [0, 2, 0, 0], [0, 0, 0, 0], [1, 5, 0, 4]])
    return [*tables, gaps]


def _steps(table, twice=0, itself=0):
    films, people = (table > 0).sum(axis=1), (table > 0).sum(axis=0)
    once = [n * (n - 1) // 2 for n in (films, people)]
    both = zip(once, (films, people), strict=True)
    return tuple(int(((1 + twice) * pairs + itself * n).sum()) for pairs, n in both)


_STEP_SLIPS = {
    "a pair of films is met by each person who rated both: count the other way": (
        lambda table: _steps(table.T)
    ),
    "a pair is one pair, whichever of the two comes first": (
        lambda table: _steps(table, twice=1)
    ),
    "nothing makes a pair with itself": lambda table: _steps(table, itself=1),
    "those are all combinations, in both directions and with themselves: count pairs": (
        lambda table: _steps(table, twice=1, itself=1)
    ),
}
exercise_function(
    "2.3-steps",
    _steps,
    lambda: [(t,) for t in _tables()],
    "(film, people) steps",
    slips=_STEP_SLIPS,
)


def _predict(base, weights, deviations, k, reg, near=abs, size=abs):
    order = sorted(range(len(weights)), key=lambda j: (-near(weights[j]), j))[:k]
    total = sum(size(weights[j]) for j in order)
    if total == 0:
        return float(base)
    weighted = sum(weights[j] * deviations[j] for j in order)
    return float(base + weighted / (total + reg))


def _without_a_guard(base, w, d, k, reg):
    near = np.argsort(-np.abs(w), kind="stable")[:k]
    return base + w[near] @ d[near] / (np.abs(w[near]).sum() + reg)


def _neighbourhoods():
    rng = np.random.default_rng(231)
    w, d = rng.uniform(-1, 1, 8), rng.normal(size=8)
    opposite = np.array([0.5, -0.5, 0.1]), np.array([1.0, 1.0, 2.0])
    equal = np.array([0.25, 0.5, -0.5]), np.array([1.0, 1.0, 2.0])
    none = np.array([]), np.array([])
    return [
        (3.5, w, d, 3, 0.0),
        (2.5, w, d, 40, 0.5),
        (3.0, *opposite, 2, 0.0),  # the sum of the weights is 0, of their sizes 1
        (2.0, *equal, 1, 0.0),  # the first of two equally near may speak
        (4.25, *none, 5, 0.0),
        (1.5, np.zeros(3), np.ones(3), 2, 0.0),
    ]


_PREDICT_SLIPS = {
    "the weights in the denominator need their absolute values": (
        lambda *case: _predict(*case, size=float)
    ),
    "the nearest have the largest weights in size, of either sign": (
        lambda *case: _predict(*case, near=float)
    ),
    "only the k nearest speak": (
        lambda base, w, d, k, reg: _predict(base, w, d, len(w), reg)
    ),
    "reg is missing": lambda *case: _predict(*case[:-1], 0.0),
    "that is only how far to move: the base is missing": (
        lambda *case: _predict(0.0, *case[1:])
    ),
    "where nobody speaks, or all weights are 0, the base stays: yours is 0/0": (
        _without_a_guard
    ),
}
exercise_function(
    "2.3-predict",
    _predict,
    _neighbourhoods,
    "the prediction",
    slips=_PREDICT_SLIPS,
)


def _guest(S, basket, k, total=sum, later=1):
    scores = [total(S[i, j] for j in basket) for i in range(len(S))]
    others = [i for i in range(len(S)) if i not in set(np.asarray(basket).tolist())]
    return np.array(sorted(others, key=lambda i: (-scores[i], later * i))[:k])


def _similarities():
    """Symmetric, in quarters so that there are ties and sums are exact; diagonal 1."""
    rng = np.random.default_rng(232)
    made = []
    for n in (4, 9, 12):
        S = np.triu(rng.integers(-2, 4, (n, n)) / 4, 1)
        made.append(S + S.T + np.eye(n))
    return made


def _baskets():
    small, middle, large = _similarities()
    return [
        (small, np.array([0, 3]), 2),
        (middle, np.array([3]), 4),
        (middle, np.array([1, 2, 8]), 6),
        (large, np.array([0, 5, 7, 11]), 3),
    ]


def _at_zero(S, basket, k):
    scores = S[:, basket].sum(axis=1)
    scores[basket] = 0.0
    return np.argsort(-scores, kind="stable")[:k]


_GUEST_SLIPS = {
    "what is in the basket is not recommended": (
        lambda S, basket, k: np.argsort(-S[:, basket].sum(axis=1), kind="stable")[:k]
    ),
    "a score of 0 does not keep the basket out: other films may score less": _at_zero,
    "ties go to the lower code: reversing a list reverses them, too": (
        lambda *case: _guest(*case, later=-1)
    ),
    "all films of the basket count, not the most similar one alone": (
        lambda *case: _guest(*case, total=max)
    ),
    "best first is asked for": lambda S, basket, k: _guest(-S, basket, k),
}
exercise_function("2.3-guest", _guest, _baskets, "the list", slips=_GUEST_SLIPS)


def _truncate(S, k, itself=False, least=0.0):
    kept = np.zeros_like(S)
    for i, row in enumerate(S):
        good = [j for j in range(len(S)) if (itself or j != i) and row[j] > least]
        for j in sorted(good, key=lambda j: (-row[j], j))[:k]:
            kept[i, j] = row[j]
    return kept


def _with_ties(S, k):
    others = np.where(np.eye(len(S)), -np.inf, S)
    last = np.sort(others, axis=1)[:, -min(k, len(S) - 1)]
    return np.where((others >= last[:, None]) & (others > 0), S, 0.0)


_TRUNCATE_SLIPS = {
    "a film is not its own neighbour": lambda S, k: _truncate(S, k, itself=True),
    "negative similarities are not kept, even where a row has room": (
        lambda S, k: _truncate(S, k, least=-np.inf)
    ),
    "each row keeps its own nearest: these are those of the columns": (
        lambda S, k: _truncate(S, k).T
    ),
    "a row keeps at most k entries, even where others equal the last of them": (
        _with_ties
    ),
    "the result need not be symmetric: a row keeps only its own nearest": (
        lambda S, k: np.maximum(_truncate(S, k), _truncate(S, k).T)
    ),
}
exercise_function(
    "2.3-truncate",
    _truncate,
    lambda: [(S, k) for S, k in zip(_similarities(), (2, 3, 11), strict=True)],
    "the matrix",
    slips=_TRUNCATE_SLIPS,
)


def _update(counts, rated, new, other=1, own=1):
    after = np.array(counts)
    for j in rated:
        after[new, j] += 1
        after[j, new] += other
    after[new, new] += own
    return after


def _all_pairs(counts, rated, new):
    after, now = np.array(counts), np.append(rated, new)
    after[np.ix_(now, now)] += 1
    return after


_UPDATE_SLIPS = {
    "each pair has two entries in the matrix: you change one of them": lambda *case: (
        _update(*case, other=0)
    ),
    "`new` itself has one more rater": lambda *case: _update(*case, own=0),
    "pairs of films rated before have been counted when they were rated": _all_pairs,
}


def _arrivals():
    cases, tables = [], _tables()
    for table, u in zip([tables[-1], *tables], (3, 0, 3, 5, 2), strict=True):
        seen = (table > 0).astype(int)
        gaps = np.flatnonzero(seen[u] == 0)
        if gaps.size:
            cases.append((seen.T @ seen, np.flatnonzero(seen[u]), int(gaps[-1])))
    return cases


exercise_function(
    "2.3-update", _update, _arrivals, "the matrix of counts", slips=_UPDATE_SLIPS
)


def _lift(liked, shrinkage):
    m, n = liked.shape
    counts = liked.sum(axis=0)
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            both = (liked[:, i] * liked[:, j]).sum()
            if i != j and both > 0:
                observed_over_expected = both * m / (counts[i] * counts[j])
                out[i, j] = observed_over_expected * both / (both + shrinkage)
    return out


def _lift_without_a_guard(liked, shrinkage):
    both, n = liked.T @ liked, liked.sum(axis=0)
    lift = both * len(liked) / np.outer(n, n) * both / (both + shrinkage)
    return np.where(np.eye(len(n)), 0.0, lift)


def _likes():
    tables = [(table >= 3).astype(float) for table in _tables()]
    return [(t, beta) for t, beta in zip(tables, (0.0, 2.0, 20.0, 5.0), strict=True)]


def _lift_with_diagonal(liked, shrinkage):
    n = liked.sum(axis=0)
    itself = (n > 0) * len(liked) / np.maximum(n + shrinkage, 1)
    return _lift(liked, shrinkage) + np.diag(itself)


_LIFT_SLIPS = {
    "a film with itself gets 0": _lift_with_diagonal,
    "the number of people is missing: what would chance alone bring together?": (
        lambda liked, shrinkage: _lift(liked, shrinkage) / len(liked)
    ),
    "the shrinking factor is missing": lambda liked, _: _lift(liked, 0.0),
    "a pair that nobody likes gets 0, yours is 0/0": _lift_without_a_guard,
    "your denominator has only one of the two films: the other one is popular, too": (
        lambda liked, shrinkage: (
            _lift(liked, shrinkage) * liked.sum(axis=0) / len(liked)
        )
    ),
}
exercise_function("2.3-lift", _lift, _likes, "the lift", slips=_LIFT_SLIPS)
