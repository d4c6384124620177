"""Checks of chapter 2.3, item-based collaborative filtering."""

import numpy as np

from recbook import datasets
from recbook.checks import exercise_function, exercise_value
from recbook.neighbors import ItemKNN


def _dee():
    """What Dee would give Dune, by the rules that the exercise sets."""
    toy = datasets.load_toy()
    model = ItemKNN(similarity="adjusted_cosine", center="mean", min_support=2)
    codes = toy.user_ids.tolist().index("Dee"), toy.item_ids.tolist().index("Dune")
    return float(model.fit(toy).predict(*([code] for code in codes))[0])


exercise_value("2.3-dee", _dee, "Dee's Dune", atol=0.02)


def _tables():
    """Tables of stars with gaps, one with an empty row and an empty column."""
    rng = np.random.default_rng(23)
    tables = []
    for shape, share in [((4, 6), 0.7), ((9, 5), 0.4), ((6, 12), 0.3)]:
        stars = rng.integers(1, 6, shape).astype(float)
        tables.append(np.where(rng.random(shape) < share, stars, 0.0))
    gaps = np.array([[5.0, 0, 0, 3], [0, 2, 0, 0], [0, 0, 0, 0], [1, 5, 0, 4]])
    return [*tables, gaps]


def _steps(table):
    films, people = (table > 0).sum(axis=1), (table > 0).sum(axis=0)
    return tuple(int((n * (n - 1) // 2).sum()) for n in (films, people))


exercise_function(
    "2.3-steps", _steps, lambda: [(t,) for t in _tables()], "(film, people) steps"
)


def _predict(base, weights, deviations, k, reg):
    order = sorted(range(len(weights)), key=lambda j: (-abs(weights[j]), j))[:k]
    total = sum(abs(weights[j]) for j in order)
    if total == 0:
        return float(base)
    weighted = sum(weights[j] * deviations[j] for j in order)
    return float(base + weighted / (total + reg))


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


exercise_function("2.3-predict", _predict, _neighbourhoods, "the prediction")


def _guest(S, basket, k):
    scores = [sum(S[i, j] for j in basket) for i in range(len(S))]
    others = [i for i in range(len(S)) if i not in set(np.asarray(basket).tolist())]
    return np.array(sorted(others, key=lambda i: (-scores[i], i))[:k])


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


exercise_function("2.3-guest", _guest, _baskets, "the list")


def _truncate(S, k):
    kept = np.zeros_like(S)
    for i, row in enumerate(S):
        good = [j for j in range(len(S)) if j != i and row[j] > 0]
        for j in sorted(good, key=lambda j: (-row[j], j))[:k]:
            kept[i, j] = row[j]
    return kept


exercise_function(
    "2.3-truncate",
    _truncate,
    lambda: [(S, k) for S, k in zip(_similarities(), (2, 3, 11), strict=True)],
    "the matrix",
)


def _update(counts, rated, new):
    after = np.array(counts)
    for j in rated:
        after[new, j] += 1
        after[j, new] += 1
    after[new, new] += 1
    return after


def _arrivals():
    cases, tables = [], _tables()
    for table, u in zip([tables[-1], *tables], (3, 0, 3, 5, 2), strict=True):
        seen = (table > 0).astype(int)
        gaps = np.flatnonzero(seen[u] == 0)
        if gaps.size:
            cases.append((seen.T @ seen, np.flatnonzero(seen[u]), int(gaps[-1])))
    return cases


exercise_function("2.3-update", _update, _arrivals, "the matrix of counts")


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


def _likes():
    tables = [(table >= 3).astype(float) for table in _tables()]
    return [(t, beta) for t, beta in zip(tables, (0.0, 2.0, 20.0, 5.0), strict=True)]


exercise_function("2.3-lift", _lift, _likes, "the lift")
