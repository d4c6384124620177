"""Checks of chapter 4.7, graphs and knowledge."""

import numpy as np

from recbook.checks import exercise_function, exercise_value

exercise_value("4.7-edge", lambda: 1.0 / np.sqrt(2.0 * 4.0), "the weight", atol=5e-3)


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


exercise_function(
    "4.7-reach",
    _reach,
    [
        *((X, 1, n) for X in _tables() for n in (1, 3)),
        *((_chain(), 3, n) for n in (1, 3, 5, 9)),
        (_chain(), 0, 3),  # film 0 only by going back over its one edge
    ],
    "the films",
)


def _light(X, P0, Q0, n_layers):
    X_hat = X / np.sqrt(np.outer(X.sum(axis=1), X.sum(axis=0)))
    P, Q = [P0], [Q0]
    for _ in range(n_layers):
        P, Q = [*P, X_hat @ Q[-1]], [*Q, X_hat.T @ P[-1]]
    return np.mean(P, axis=0), np.mean(Q, axis=0)


def _vectors():
    rng = np.random.default_rng(471)
    return [
        (X, rng.normal(size=(len(X), 3)), rng.normal(size=(X.shape[1], 3)), n)
        for X in _tables()
        for n in (0, 1, 3)
    ]


exercise_function("4.7-propagate", _light, _vectors, "the two tables", atol=1e-8)


def _response(eigenvalues, n_layers):
    powers = np.asarray(eigenvalues, dtype=float)[:, None] ** np.arange(n_layers + 1)
    return powers.mean(axis=1)


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
)


def _hinge(q, c, t, true, false, margin):
    def distance(codes):
        gap = q[codes[:, 0]] + c[codes[:, 1]] - t[codes[:, 2]]
        return np.sqrt((gap**2).sum(axis=1))

    return np.maximum(0.0, margin + distance(true) - distance(false))


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


exercise_function("4.7-hinge", _hinge, _facts, "the hinges", atol=1e-8)


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


exercise_function("4.7-false", _false, _said, "the entities")


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


exercise_function("4.7-struck", _falls, _films, "the falls", atol=1e-8)
