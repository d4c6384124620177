"""Checks of chapter 5.2, the model of the film project."""

import numpy as np

from recbook.checks import call, exercise, exercise_function


def _tables(seed):
    rng = np.random.default_rng(seed)
    P, Q = rng.normal(size=(5, 3)), rng.normal(size=(7, 3))
    return P, Q, rng.integers(0, 5, 4)


def _count(num_users, num_movies, embedding_size, offsets):
    return num_users * (embedding_size + offsets) + num_movies * (
        embedding_size + offsets
    )


exercise_function(
    "5.2-parameters",
    _count,
    [(944, 1683, 50, False), (944, 1683, 50, True), (6, 7, 2, True), (3, 9, 1, False)],
    what="the number of parameters",
)
exercise_function(
    "5.2-one-hot",
    lambda table, ids: table[ids],
    lambda: [(P, users) for P, _, users in map(_tables, (1, 2, 3))],
    what="the result",
)
exercise_function(
    "5.2-scores",
    lambda P, Q, users: P[users] @ Q.T,
    lambda: [_tables(seed) for seed in (4, 5)],
    what="the matrix of scores",
)


def _features(seed):
    rng = np.random.default_rng(seed)
    X = rng.random((4, 6)) * (rng.random((4, 6)) < 0.5)
    Y = rng.random((5, 3)) * (rng.random((5, 3)) < 0.7)
    V, W, c, d = (rng.normal(size=s) for s in ((6, 2), (3, 2), 6, 3))
    return X, Y, V, W, c, d, float(rng.normal(3.5))


exercise_function(
    "5.2-towers",
    lambda X, Y, V, W, c, d, mu: mu + (X @ c)[:, None] + Y @ d + (X @ V) @ (Y @ W).T,
    lambda: [_features(seed) for seed in (6, 7, 8)],
    what="the matrix of stars",
)


def _as_points(people, films):
    squares = (films**2).sum(axis=1)
    fill = np.sqrt(np.maximum(squares.max() - squares, 0))
    zeros = np.zeros(len(people))
    return np.column_stack([people, zeros]), np.column_stack([films, fill])


exercise_function(
    "5.2-distance",
    _as_points,
    lambda: [_tables(seed)[:2] for seed in (9, 10)],
    what="(people, films)",
)


@exercise("5.2-circle")
def circle(answer):
    """Film u is the first of person u, and of nobody else, in a plane."""
    for n in (2, 3, 7, 40):
        got = call(answer, n)
        if not isinstance(got, tuple | list) or len(got) != 2:
            return "return two arrays, (P, Q)"
        P, Q = (np.asarray(part, dtype=np.float64) for part in got)
        for name, part in (("P", P), ("Q", Q)):
            if part.shape != (n, 2):
                return f"{name} has shape {part.shape} for n={n}: two numbers each"
            if not np.isfinite(part).all():
                return f"{name} holds a number that is not finite for n={n}"
        products = P @ Q.T
        others = products - 2 * np.diag(np.abs(products).max(axis=1) + 1)
        best = others.max(axis=1)
        lost = np.flatnonzero(np.diag(products) <= best)
        if lost.size:
            return f"for n={n} person {lost[0]} has another film as high or higher"
    return None
