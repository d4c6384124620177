"""Checks of chapter 2.1, similarity."""

import numpy as np

from recbook import datasets, similarity
from recbook.checks import exercise, exercise_function, exercise_value, same


def _cem_and_dee():
    """Cosine and angle of the two over the films that both rated."""
    toy = datasets.load_toy()
    cem, dee = (toy.user_ids.tolist().index(name) for name in ("Cem", "Dee"))
    value = float(similarity.cosine(toy.csr)[cem, dee])
    return [value, float(np.degrees(np.arccos(value)))]


@exercise("2.1-angle")
def angle(answer):
    """Two numbers of unlike size; a pencil may round the angle to a degree."""
    cosine, degrees = _cem_and_dee()
    if problem := same(answer, [cosine, degrees], "[cosine, degrees]", atol=180):
        return problem  # not a pair of numbers
    if problem := same(answer[0], cosine, "the cosine", atol=0.006):
        return problem
    return same(answer[1], degrees, "the angle in degrees", atol=0.6)


def _eve():
    """Pearson about co-rated means; "undefined" where a norm is zero."""
    toy = datasets.load_toy()
    names = toy.user_ids.tolist()
    table, eve = toy.csr.toarray(), names.index("Eve")
    S = similarity.pearson(toy.csr, mean="corated")
    answer = {}
    for other, name in enumerate(names):
        both = (table[other] > 0) & (table[eve] > 0)
        varies = np.ptp(table[other, both]) and np.ptp(table[eve, both])
        if other != eve:
            answer[name] = float(S[other, eve]) if varies else "undefined"
    return answer


@exercise("2.1-eve")
def eve(answer):
    """Four values; a message must not tell whether a number or a text is expected."""
    expected = _eve()
    if not isinstance(answer, dict) or set(answer) != set(expected):
        return f"a dict with the keys {', '.join(expected)} is asked for"
    for name, value in answer.items():
        if value is None or value is ...:
            return f"answer[{name!r}] is not filled in yet"
        if isinstance(value, str) and value.strip().casefold() != "undefined":
            return f'answer[{name!r}] is a text; the only text possible is "undefined"'
        if same(value, expected[name], name, atol=0.001):
            return f"answer[{name!r}] is off: you have {value!r}"
    return None


exercise_value("2.1-cross", lambda: 500 / 75.5, "beta", atol=0.05)


def _tables():
    """Tables of stars with gaps, an empty row and rows without a common entry."""
    rng = np.random.default_rng(21)
    tables = []
    for shape, share in [((4, 6), 0.7), ((7, 5), 0.5), ((6, 12), 0.3)]:
        stars = rng.integers(1, 6, shape).astype(float)
        tables.append(np.where(rng.random(shape) < share, stars, 0.0))
    gaps = np.array([[5.0, 0, 0, 3], [0, 2, 4, 0], [0, 0, 0, 0], [1, 5, 0, 4]])
    return [*tables, gaps]


def _alone():
    return [(table,) for table in _tables()]


exercise_function("2.1-jaccard", similarity.jaccard, _alone, "the matrix")


exercise_function("2.1-cosine", similarity.cosine, _alone, "the matrix")


def _adjusted(table, i, j):
    return float(similarity.adjusted_cosine(table.T)[i, j])


def _items():
    """Two items of each table; a pair that nobody rated is among them."""
    cases = [(table, 0, j) for table in _tables() for j in (1, 3)]
    return [*cases, (datasets.load_toy().csr.toarray(), 1, 4)]


exercise_function("2.1-adjusted", _adjusted, _items, "the similarity")


def _significance(S, table, limit):
    seen = (table > 0).astype(float)
    factors = np.minimum(seen @ seen.T, limit) / limit
    np.fill_diagonal(factors, 1.0)
    return S * factors


def _weighings():
    return [
        (similarity.pearson(table), table, limit)
        for table, limit in zip(_tables(), (2, 3, 5, 50), strict=True)
    ]


exercise_function("2.1-significance", _significance, _weighings, "the matrix")


def _lowest_cosine(low, high):
    return 2 * low * high / (low**2 + high**2)


exercise_function(
    "2.1-lowest", _lowest_cosine, [(1, 5), (0.5, 5), (2, 9), (3, 3)], "the floor"
)
