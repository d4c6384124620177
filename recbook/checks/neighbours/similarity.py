"""Checks of chapter 2.1, similarity."""

import numpy as np

from recbook import datasets, similarity
from recbook.checks import exercise, exercise_function, exercise_value, same


def _cem_and_dee(alike=similarity.cosine, angle=np.arccos, turn=180 / np.pi, **how):
    """Cosine and angle of the two over the films that both rated."""
    toy = datasets.load_toy()
    cem, dee = (toy.user_ids.tolist().index(name) for name in ("Cem", "Dee"))
    value = float(alike(toy.csr, **how)[cem, dee])
    return [value, float(angle(value)) * turn]


exercise_value(
    "2.1-angle",
    _cem_and_dee,
    "[cosine, degrees]",
    atol=[0.006, 0.6],  # a pencil may round the angle to a degree
    slips={
        "the angle is asked for in degrees, not in radians": (
            lambda: _cem_and_dee(turn=1.0)
        ),
        "the angle is the arc cosine of the cosine, not its arc sine": (
            lambda: _cem_and_dee(angle=np.arcsin)
        ),
        "each length runs over the films that both rated, not over whole rows": (
            lambda: _cem_and_dee(over="all")
        ),
        "nothing is centred here: Pearson's coefficient subtracts means": (
            lambda: _cem_and_dee(similarity.pearson, mean="corated")
        ),
        "a length is the root of a sum of squares": (
            lambda: [17 / (42 * 21), float(np.degrees(np.arccos(17 / (42 * 21))))]
        ),
    },
)


def _eve(mean="corated", otherwise="undefined"):
    """Pearson about co-rated means; "undefined" where a norm is zero."""
    toy = datasets.load_toy()
    names = toy.user_ids.tolist()
    table, eve = toy.csr.toarray(), names.index("Eve")
    S = similarity.pearson(toy.csr, mean=mean)
    answer = {}
    for other, name in enumerate(names):
        both = (table[other] > 0) & (table[eve] > 0)
        varies = np.ptp(table[other, both]) and np.ptp(table[eve, both])
        if other != eve:
            answer[name] = float(S[other, eve]) if varies else otherwise
    return answer


_EVE_SLIPS = {
    "0/0 is not 0: what can one say of a single film that both rated?": (
        lambda: _eve(otherwise=0.0)
    ),
    "0/0 is no perfect agreement: what can one film that both rated say?": (
        lambda: _eve(otherwise=1.0)
    ),
    "the means run over the films that both rated, not over whole rows": (
        lambda: _eve(mean="own")
    ),
    "who prefers the same of the two films as Eve gets a positive number": (
        lambda: {n: x if isinstance(x, str) else -x for n, x in _eve().items()}
    ),
}


def _unlike(answer, expected):
    """A message must not tell whether a number or a text is expected."""
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


@exercise("2.1-eve", slips=_EVE_SLIPS)
def eve(answer):
    """Four values, with what is often given instead."""
    problem = _unlike(answer, _eve())
    for message, slip in _EVE_SLIPS.items() if problem else ():
        if _unlike(answer, slip()) is None:
            return message
    return problem


eve.value = _eve


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


def _seen(table):
    return (table > 0).astype(float)


def _over(union):
    """What both rows have, divided by a function of that and of the two sizes."""

    def compare(table):
        both, n = _seen(table) @ _seen(table).T, _seen(table).sum(axis=1)
        return both / union(both, n[:, None], n)

    return compare


def _jaccard_of_stars(table):
    both, n = table @ table.T, table.sum(axis=1)
    return both / np.maximum(n[:, None] + n - both, 1)


_JACCARD_SLIPS = {
    "what both have is counted twice in that union": (
        _over(lambda both, n, m: np.maximum(n + m, 1))
    ),
    "divide by what either of them has, not by all columns": (
        lambda table: _seen(table) @ _seen(table).T / table.shape[1]
    ),
    "divide by what either of them has, not by the shorter of the two": (
        _over(lambda both, n, m: np.maximum(np.minimum(n, m), 1))
    ),
    "a pair of rows without any rating gets 0, yours has 0/0": (
        _over(lambda both, n, m: n + m - both)
    ),
    "Jaccard uses only what was rated: the stars play no part": _jaccard_of_stars,
}
exercise_function(
    "2.1-jaccard", similarity.jaccard, _alone, "the matrix", slips=_JACCARD_SLIPS
)


def _cosine(table, norms, root=np.sqrt, else_=1.0):
    below = root(norms * norms.T)
    return table @ table.T / np.where(below > 0, below, else_)


def _corated(table):
    return table**2 @ (table.T > 0)


_COSINE_SLIPS = {
    "those norms run over whole rows, not over what both have rated": (
        lambda table: similarity.cosine(table, over="all")
    ),
    "a norm is the root of a sum of squares": (
        lambda table: _cosine(table, _corated(table), root=np.abs)
    ),
    "a pair without co-rated entries gets 0, yours has 0/0": (
        lambda table: _cosine(table, _corated(table), else_=0.0)
    ),
    "that is Pearson's: nothing is centred here": similarity.pearson,
    "each pair has two norms, and the second is not the first": (
        lambda table: table @ table.T / np.maximum(_corated(table), 1)
    ),
}
exercise_function(
    "2.1-cosine", similarity.cosine, _alone, "the matrix", slips=_COSINE_SLIPS
)


def _adjusted(table, i, j):
    return float(similarity.adjusted_cosine(table.T)[i, j])


def _less(means):
    """Cosine of two columns over their co-raters, less some means of the table."""

    def compare(table, i, j):
        both = (table[:, i] > 0) & (table[:, j] > 0)
        x, y = (table - means(table))[both][:, [i, j]].T
        norms = np.sqrt((x @ x) * (y @ y))
        return float(x @ y / norms) if norms > 1e-12 else 0.0

    return compare


_ADJUSTED_SLIPS = {
    "that mean counts empty cells as zeros": _less(lambda t: t.mean(1, keepdims=True)),
    "subtract the mean of each user, not that of the film": (
        _less(lambda t: t.sum(axis=0) / np.maximum((t > 0).sum(axis=0), 1))
    ),
    "that is the plain cosine: no mean has been subtracted": _less(lambda t: 0.0),
    "those norms run over all raters of a film, not over those of both": (
        lambda t, i, j: float(similarity.adjusted_cosine(t.T, over="all")[i, j])
    ),
}


def _items():
    """Two items of each table; a pair that nobody rated is among them."""
    cases = [(table, 0, j) for table in _tables() for j in (1, 3)]
    return [*cases, (datasets.load_toy().csr.toarray(), 1, 4)]


exercise_function(
    "2.1-adjusted", _adjusted, _items, "the similarity", slips=_ADJUSTED_SLIPS
)


def _support(table):
    return _seen(table) @ _seen(table).T


def _significance(S, table, limit, factors=None):
    if factors is None:
        factors = np.minimum(_support(table), limit) / limit
    return S * np.where(np.eye(len(S)), 1.0, factors)


_SIGNIFICANCE_SLIPS = {
    "you changed the diagonal: leave it as it is": (
        lambda S, table, limit: S * np.minimum(_support(table), limit) / limit
    ),
    "a factor above 1 makes more of a similarity: where does it end?": (
        lambda *case: _significance(*case, _support(case[1]) / case[2])
    ),
    "that is the page's shrinkage, which never arrives at 1": (
        lambda *case: _significance(
            *case, _support(case[1]) / (_support(case[1]) + case[2])
        )
    ),
    "you wrote 50 where `limit` belongs": lambda S, table, _: _significance(
        S, table, 50
    ),
}


def _weighings():
    return [
        (similarity.pearson(table), table, limit)
        for table, limit in zip(_tables(), (2, 3, 5, 50), strict=True)
    ]


exercise_function(
    "2.1-significance",
    _significance,
    _weighings,
    "the matrix",
    slips=_SIGNIFICANCE_SLIPS,
)


def _lowest_cosine(low, high):
    return 2 * low * high / (low**2 + high**2)


_LOWEST_SLIPS = {
    "both films add to the product of the two rows: you count one": (
        lambda low, high: _lowest_cosine(low, high) / 2
    ),
    "each of the two rows has a length: that divides by one of them alone": (
        lambda low, high: 2 * low * high / np.hypot(low, high)
    ),
    "rows that point to the same end are alike: which two are not?": (
        lambda low, high: low / high
    ),
}
exercise_function(
    "2.1-lowest",
    _lowest_cosine,
    [(1, 5), (0.5, 5), (2, 9), (3, 3)],
    "the floor",
    slips=_LOWEST_SLIPS,
)
