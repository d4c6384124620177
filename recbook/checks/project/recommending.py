"""Checks of chapter 5.5, recommending films with the project's towers."""

import functools

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _best(scores, allowed, k, cut=None, tie=1):
    """With a list that is ``cut`` too early, or another rule for ties: a slip."""
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], tie * i))[:cut]
    order = [i for i in order if allowed[i]][:k]
    return np.array(order + [-1] * (k - len(order)))


def _unpadded(*case):
    found = _best(*case)
    return found[found >= 0]


def _places(scores, allowed, k):
    """Where each code stands among the allowed."""
    places = np.cumsum(allowed) - 1
    found = _best(scores, allowed, k)
    return np.where(found >= 0, places[found], -1)


RULES = {
    "a rule that comes after the cut leaves the list too short": (
        lambda scores, allowed, k: _best(scores, allowed, k, cut=k)
    ),
    "films that are not allowed are in the list": (
        lambda scores, allowed, k: _best(scores, np.ones_like(allowed), k)
    ),
    "these are positions among the allowed films, not the films' codes": _places,
    "of equal scores the larger code comes first here: it is to be the smaller": (
        functools.partial(_best, tie=-1)
    ),
    "where too few films are allowed, the list is to be padded": _unpadded,
    "the best comes first, and here the worst does": (
        lambda scores, *rest: _best(-scores, *rest)
    ),
}


def _people():
    rng = np.random.default_rng(54)
    cases = [
        (rng.integers(0, 4, 9) / 2, rng.random(9) > 0.4, k)  # with ties
        for k in (2, 5, 9)
    ]
    many = rng.integers(-2, 2, 80).astype(float)  # long enough for an unstable sort
    return [
        *cases,
        (np.arange(4.0), np.zeros(4, dtype=bool), 2),
        (many, rng.random(80) > 0.2, 30),
        (-np.arange(1.0, 6), np.array([0, 1, 1, 0, 1], dtype=bool), 7),
    ]


def _cosines(Y, liked, i, undefined=0.0):
    lengths = np.linalg.norm(Y[liked], axis=1) * np.linalg.norm(Y[i])
    with np.errstate(invalid="ignore"):
        cosines = Y[liked] @ Y[i] / lengths
    # Where a rounding parts equal cosines, the smaller code is to win all the same.
    return np.where(lengths > 0, cosines.round(12), undefined)


def _reason(*case):
    return case[1][_cosines(*case).argmax()]


REASON = {
    "that is the largest product: without the lengths a long row wins": (
        lambda Y, liked, i: liked[(Y[liked] @ Y[i]).argmax()]
    ),
    "0 / 0 is nan, and nan wins a maximum: a row of zeros has the cosine 0": (
        lambda *case: case[1][_cosines(*case, undefined=np.nan).argmax()]
    ),
    "that is a position among the liked films, not the film's code": (
        lambda *case: int(_cosines(*case).argmax())
    ),
    "that is the nearest of all films: the reason is a film that was liked": (
        lambda Y, liked, i: int(
            np.delete(np.arange(len(Y)), i)[
                _cosines(Y, np.delete(np.arange(len(Y)), i), i).argmax()
            ]
        )
    ),
    "of equal cosines the larger code is taken: it is to be the smaller": (
        lambda Y, liked, i: _reason(Y, liked[::-1], i)
    ),
    "that is the smallest distance: the smallest angle is asked for": (
        lambda Y, liked, i: liked[np.linalg.norm(Y[liked] - Y[i], axis=1).argmin()]
    ),
}


def _rows():
    rng = np.random.default_rng(55)
    cases = [
        (rng.normal(size=(9, 3)), np.array([1, 4, 6]), 0),
        (rng.normal(size=(9, 3)) * 9.0 ** np.arange(-4, 5)[:, None], np.arange(5), 7),
    ]
    zero = -np.ones((4, 2))
    zero[1:] = [[1, 1], [0, 0], [2, 1]]
    not_it = np.array([[1.0, 1], [2, 1], [0, 0], [1, 0]])  # 0/0 must not win
    tie = np.array([[1.0, 0], [0, 1], [2, 0], [2, 0]])  # two at 1, the smaller first
    nothing = np.array([[0.0, 0], [1, 1], [2, 1], [-1, 0]])  # all at 0
    three = np.array([1, 2, 3])
    return cases + [(table, three, 0) for table in (zero, not_it, tie, nothing)]


def _shares(x, V, y):
    return np.array(
        [x[a] * sum(V[a, f] * y[f] for f in range(len(y))) for a in range(len(x))]
    )


SHARES = {
    "that is the whole score: what does each feature add to it?": (
        lambda x, V, q: _shares(x, V, q).sum()
    ),
    "here a feature adds something even if the person does not have it": (
        lambda x, V, q: V @ q
    ),
    "that is what each factor adds: one number for each feature is asked for": (
        lambda x, V, q: (x @ V) * q
    ),
    "these add up to 1: each should be a part of the score itself": (
        lambda x, V, q: _shares(x, V, q) / _shares(x, V, q).sum()
    ),
}


def _sums():
    rng = np.random.default_rng(57)
    return [
        (rng.random(5), rng.normal(size=(5, 3)), rng.normal(size=3)),
        (np.array([0.0, 1.0]), np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, -1])),
        (np.array([0.6, 0.8, 0, 0]), rng.normal(size=(4, 2)), rng.normal(size=2)),
    ]


def _mmr(scores, W, k, lam, price=np.max):
    """With another price of being close to the list: a slip."""
    chosen = []
    for _ in range(min(k, len(scores))):
        prices = [price(W[i, chosen]) if chosen else 0 for i in range(len(scores))]
        worth = (1 - lam) * scores - lam * np.array(prices)
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
    return np.array(chosen)


MMR = {
    "closeness to all films of the list is added up: only the closest counts": (
        functools.partial(_mmr, price=np.sum)
    ),
    "closeness to all films of the list is averaged: only the closest counts": (
        functools.partial(_mmr, price=np.mean)
    ),
    "the list has changed since the film before came in: look at all of it": (
        functools.partial(_mmr, price=lambda close: close[-1])
    ),
    "lam belongs to the closeness, what is left of 1 to the score": (
        lambda scores, W, k, lam: _mmr(scores, W, k, 1 - lam)
    ),
    "closeness below 0 is cut off here: it is a gain": (
        functools.partial(_mmr, price=lambda close: max(close.max(), 0))
    ),
    "closeness is a cost, not a gain": (
        functools.partial(_mmr, price=lambda close: -close.max())
    ),
    "that is the ranking by the scores alone": (
        lambda scores, W, k, lam: _mmr(scores, W, k, 0.0)
    ),
}


def _catalogues():
    rng = np.random.default_rng(58)
    cases = []
    for n, k, lam in ((6, 3, 0.5), (9, 5, 0.3), (9, 9, 0.8), (7, 4, 0.0), (3, 5, 0.6)):
        flags = rng.random((n, 4)) < 0.5
        flags[:, 0] |= ~flags.any(axis=1)
        rows = flags / np.sqrt(flags.sum(axis=1, keepdims=True))
        cases.append((rng.random(n), rows @ rows.T, k, lam))
    # The sum of two half twins must not count like one whole twin.
    W = np.array([[1, 0, 0.5, 0.6], [0, 1, 0.5, 0], [0.5, 0.5, 1, 0], [0.6, 0, 0, 1]])
    tied = (np.array([0.5, 1.0, 1.0, 0.5]), np.eye(4), 3, 0.25)
    # Closeness below 0 is a gain: a film unlike all others of the list comes second.
    V = np.array([[1, 0, -0.75], [0, 1, 0], [-0.75, 0, 1]])
    unlike = (np.array([1.0, 0.5, 0.25]), V, 2, 0.5)
    twins = (np.array([1.0, 0.9, 0.8, 0.79]), W, 3, 0.5)
    return [*cases, twins, tied, unlike]


def _fold_in(Y, items, s, reg):
    # The same minimum as a plain least-squares problem: the penalty is extra rows.
    n_factors = Y.shape[1]
    rows = np.vstack([Y[items], np.sqrt(reg) * np.eye(n_factors)])
    return np.linalg.lstsq(rows, np.concatenate([s, np.zeros(n_factors)]))[0]


def _penalty_everywhere(Y, items, s, reg):
    return np.linalg.pinv(Y[items].T @ Y[items] + reg) @ Y[items].T @ s


FOLD_IN = {
    "the penalty grows here with the number of ratings: it is not to": (
        lambda Y, items, s, reg: (
            _fold_in(Y, items, s, reg * len(items))
            if len(items)
            else _fold_in(Y, items, s, reg)
        )
    ),
    "the penalty is missing": lambda Y, items, s, reg: _fold_in(Y, items, s, 0.0),
    "only the rated films count: unknown stars are not 0": (
        lambda Y, items, s, reg: _fold_in(
            Y, np.arange(len(Y)), np.bincount(items, s, len(Y)), reg
        )
    ),
    "the right side is there, but nothing is solved": (
        lambda Y, items, s, reg: Y[items].T @ s
    ),
    "the penalty is added to every entry: it belongs on the diagonal alone": (
        _penalty_everywhere
    ),
}


def _newcomers():
    rng = np.random.default_rng(56)
    Y = rng.normal(size=(12, 4))
    none = np.array([], dtype=int)
    return [
        (Y, np.array([0, 3, 5]), np.array([1.0, -2.0, 0.5]), 0.5),
        (Y, np.array([7, 2, 9, 4]), np.array([1.5, -1.0, 0.25, -0.5]), 3.0),
        (Y, np.arange(12), rng.normal(size=12), 2.0),
        (Y, none, np.array([]), 1.0),
    ]


exercise_function("5.5-rules", _best, _people, what="the list", slips=RULES)
exercise_function("5.5-because", _reason, _rows, what="the reason", slips=REASON)
exercise_function(
    "5.5-shares", _shares, _sums, what="the array of shares", slips=SHARES
)
exercise_function("5.5-mmr", _mmr, _catalogues, what="the list", slips=MMR)
exercise_function("5.5-fold-in", _fold_in, _newcomers, what="the vector", slips=FOLD_IN)
exercise_value(
    "5.5-candidates",
    lambda: 10 / 0.04,
    atol=0.5,
    slips={
        "that many of ten pass: how many must come so that ten do?": lambda: 10 * 0.04,
        "a per cent is a hundredth": lambda: 10 / 4,
        "divide by the probability of those that pass": lambda: 10 / 0.96,
        "those that pass are among the candidates": lambda: 10 / 0.04 - 10,
    },
)
