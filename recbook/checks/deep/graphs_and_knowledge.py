"""Checks of chapter 4.7, graphs and knowledge."""

import functools

import numpy as np

from recbook.checks import exercise_function
from recbook.checks.inside import without_loop


def _tables():
    """Tables of ones and zeros in which everybody, and every film, has an entry."""
    rng = np.random.default_rng(47)
    made = []
    for shape, share in [((6, 5), 0.4), ((4, 7), 0.35), ((8, 8), 0.2)]:
        X = (rng.random(shape) < share).astype(float)
        X[np.arange(max(shape)) % shape[0], np.arange(max(shape)) % shape[1]] = 1.0
        made.append(X)
    return made


def _reach(X, u, n_steps):
    walks = X[u]
    for _ in range(n_steps // 2):
        walks = ((walks @ X.T @ X) > 0).astype(float)
    return np.flatnonzero(walks)


def _chain():
    """Person k has films k and k + 1: each two steps reach one film more each way."""
    return np.eye(7) + np.eye(7, k=1)


REACH = {
    "a step is one edge, so it takes two to come from a film to another": (
        lambda X, u, n_steps: _reach(X, u, 2 * n_steps)
    ),
    "films that fewer steps reach are missing: a walk may go back over its edge": (
        lambda X, u, n: np.setdiff1d(_reach(X, u, n), _reach(X, u, n - 2))
    ),
    "an array of codes is asked for, not of a mark for each film": (
        lambda X, u, n: np.isin(np.arange(X.shape[1]), _reach(X, u, n))
    ),
    "the last step is missing: it goes from people to films": (
        lambda X, u, n: _reach(X, u, n - 2)
    ),
}
exercise_function(
    "4.7-reach",
    _reach,
    [
        *((X, 1, n) for X in _tables() for n in (1, 3)),
        *((_chain(), 3, n) for n in (1, 3, 5, 9)),
        (_chain(), 0, 3),  # film 0 only by going back over its one edge
    ],
    "the films",
    slips=REACH,
)


def _layers(X, P0, Q0, n_layers, power=0.5, late=False):
    """All layers' tables. With a power of its own, or news that is ``late``: a slip."""
    X_hat = X / np.outer(X.sum(axis=1), X.sum(axis=0)) ** power
    P, Q = [P0], [Q0]
    for _ in range(n_layers):
        old = P[-1]
        P.append(X_hat @ Q[-1])
        Q.append(X_hat.T @ (P[-1] if late else old))
    return np.array(P), np.array(Q)


def _light(*case, of=lambda layers: layers.mean(axis=0), **slip):
    return tuple(map(of, _layers(*case, **slip)))


def _by_receiver(X, P0, Q0, n_layers):
    P, Q = [P0], [Q0]
    of_people, of_films = X / X.sum(axis=1, keepdims=True), X / X.sum(axis=0)
    for _ in range(n_layers):
        P, Q = [*P, of_people @ Q[-1]], [*Q, of_films.T @ P[-1]]
    return np.mean(P, axis=0), np.mean(Q, axis=0)


LIGHT = {
    "both hear the old vectors: here news travels two edges in one layer": (
        functools.partial(_light, late=True)
    ),
    "that is the last layer alone: a mean over all of them is asked for": (
        functools.partial(_light, of=lambda layers: layers[-1])
    ),
    "the layers are added up: a mean is asked for": (
        functools.partial(_light, of=lambda layers: layers.sum(axis=0))
    ),
    "the free vectors are missing in the mean: they are its first layer": (
        functools.partial(
            _light, of=lambda layers: layers[len(layers) > 1 :].mean(axis=0)
        )
    ),
    "an edge is divided by the roots of the degrees, and this lacks the roots": (
        functools.partial(_light, power=1.0)
    ),
    "the edges are not divided by anything": functools.partial(_light, power=0.0),
    "an edge is divided by both degrees' roots, not by the receiver's degree": (
        _by_receiver
    ),
}


def _vectors():
    rng = np.random.default_rng(471)
    return [
        (X, rng.normal(size=(len(X), 3)), rng.normal(size=(X.shape[1], 3)), n)
        for X in _tables()
        for n in (0, 1, 3)
    ]


exercise_function(
    "4.7-propagate",
    _light,
    _vectors,
    "the two tables",
    atol=1e-8,
    slips=LIGHT,
)


def _powers(eigenvalues, n_layers):
    return np.asarray(eigenvalues, dtype=float)[:, None] ** np.arange(n_layers + 1)


def _response(eigenvalues, n_layers):
    return _powers(eigenvalues, n_layers).mean(axis=1)


def _undefined(eigenvalues, n_layers):
    return np.where(eigenvalues == 1, np.nan, _response(eigenvalues, n_layers))


def _one_term_less(eigenvalues, n_layers):
    terms = _powers(eigenvalues, n_layers)
    return terms[:, :-1].sum(axis=1) / (n_layers + 1)


FILTER = {
    "at an eigenvalue of 1 the closed form is 0 / 0: look at the series itself": (
        _undefined
    ),
    "the terms are added up: divide by how many there are": (
        lambda *case: _powers(*case).sum(axis=1)
    ),
    "that is the last layer alone": lambda *case: _powers(*case)[:, -1],
    "the series ends one term too early: count its terms": _one_term_less,
    "divided by one term too few: the series begins with the power 0": (
        lambda x, n: _response(x, n) * (n + 1) / max(n, 1)
    ),
}


exercise_function(
    "4.7-filter",
    _response,
    [
        (np.linspace(-1.0, 1.0, 9), 3),
        (np.array([1.0, -1.0, 0.0, 0.5]), 2),
        (np.array([0.9, 1.0, 1.0, -0.3]), 40),
        (np.array([0.2, -0.7, 1.0]), 0),
    ],
    "the response",
    atol=1e-8,
    slips=FILTER,
    then=without_loop,
)


def _hinge(q, c, t, true, false, margin, power=0.5, least=0.0):
    def distance(codes):
        gap = q[codes[:, 0]] + c[codes[:, 1]] - t[codes[:, 2]]
        return (gap**2).sum(axis=1) ** power

    return np.maximum(least, margin + distance(true) - distance(false))


HINGE = {
    "the distance is a length, and this is its square": (
        functools.partial(_hinge, power=1.0)
    ),
    "a pair that is far enough apart has a negative loss here: 0 is the least": (
        functools.partial(_hinge, least=-np.inf)
    ),
    "the true triple is to be the nearer one, not the false one": (
        lambda q, c, t, true, false, margin: _hinge(q, c, t, false, true, margin)
    ),
    "each pair has a hinge of its own: this is their sum": (
        lambda *case: _hinge(*case).sum()
    ),
    "each pair has a hinge of its own: this is their mean": (
        lambda *case: _hinge(*case).mean()
    ),
    "the vector of the entity has the wrong sign": (
        lambda q, c, t, *rest: _hinge(q, c, -t, *rest)
    ),
}


def _facts():
    rng = np.random.default_rng(472)
    made = []
    for margin in (0.2, 1.0, 3.0):
        sizes = 5, 2, 4
        tables = [rng.normal(size=(n, 3)) for n in sizes]
        true, false = (
            np.column_stack([rng.integers(n, size=8) for n in sizes]) for _ in range(2)
        )
        false[:, 1] = true[:, 1]  # a corruption keeps its relation
        made.append((*tables, true, false, margin))
    return made


exercise_function("4.7-hinge", _hinge, _facts, "the hinges", atol=1e-8, slips=HINGE)


def _false(triples, triple):
    known = set(triples)
    return {e for _, _, e in triples if (*triple[:2], e) not in known}


def _said():
    films = [
        ("Solaris", "genre", "Sci-Fi"),
        ("Solaris", "genre", "Drama"),
        ("Solaris", "decade", "1970s"),
        ("Amelie", "genre", "Comedy"),
        ("Amelie", "decade", "2000s"),
        ("Ran", "genre", "Drama"),
        ("Ran", "genre", "War"),
    ]
    return [(films, films[k]) for k in (0, 2, 3, 6)]


FALSE = {
    "a film has several genres: others of its entities make triples of the list": (
        lambda triples, triple: {e for *_, e in triples} - {triple[2]}
    ),
    "entities of the film by another relation are missing: they may stand here": (
        lambda triples, triple: (
            {e for *_, e in triples} - {e for f, _, e in triples if f == triple[0]}
        )
    ),
    "entities of other relations are missing: all of the list are candidates": (
        lambda triples, triple: (
            _false(triples, triple) & {e for _, r, e in triples if r == triple[1]}
        )
    ),
    "these entities make triples that are in the list": (
        lambda triples, triple: {e for *pair, e in triples if (*pair,) == triple[:2]}
    ),
}
exercise_function("4.7-false", _false, _said, "the entities", slips=FALSE)


def _falls(p, parts, free):
    score = p @ (free + parts.mean(axis=0))
    falls = []
    for k in range(len(parts)):
        others = np.delete(parts, k, axis=0)
        mean = others.mean(axis=0) if len(others) else np.zeros(parts.shape[1])
        falls.append(score - p @ (free + mean))
    return np.array(falls)


def _films():
    rng = np.random.default_rng(473)
    return [
        (rng.normal(size=4), rng.normal(size=(n, 4)), rng.normal(size=4))
        for n in (1, 2, 5)
    ]


def _alone(p, parts, free):
    """What is left of a film with a single fact is a mean of nothing."""
    return _falls(p, parts, free) if len(parts) > 1 else np.array([np.nan])


STRUCK = {
    "without a fact, the mean runs over one fact less": (
        lambda p, parts, free: parts @ p / len(parts)
    ),
    "that is what each fact says, not by how much the score falls": (
        lambda p, parts, free: parts @ p
    ),
    "that compares a fact with all: strike it out, and take the score again": (
        lambda p, parts, free: parts @ p - parts.mean(axis=0) @ p
    ),
    "this is by how much the score rises: the sign is the other": (
        lambda *case: -_falls(*case)
    ),
    "the score holds a mean of the facts, and this falls by their sum": (
        lambda p, parts, free: _falls(p, parts, free) * len(parts)
    ),
    "these are the scores that are left, not the falls": (
        lambda p, parts, free: p @ (free + parts.mean(axis=0)) - _falls(p, parts, free)
    ),
    "a single fact leaves the mean of nothing: the film keeps its free part": _alone,
}
exercise_function("4.7-struck", _falls, _films, "the falls", atol=1e-8, slips=STRUCK)
