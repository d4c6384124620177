"""Checks of chapter 5.2, the model of the film project."""

import numpy as np

from recbook.checks import call, exercise, exercise_function, same

SINGLE = 1e-5  # float32 will do


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


def _history_row(items, stars, n_films):
    row = [0.0] * (3 * n_films)
    for item, value in zip(items, stars, strict=True):
        row[(0 if value < 3 else 1 if value < 4 else 2) * n_films + item] = 10 / (
            len(items) + 5
        )
    return np.array(row)


exercise_function(
    "5.2-row",
    _history_row,
    [
        (np.array([0, 3]), np.array([5, 1]), 6),
        (np.array([4, 1, 2, 0]), np.array([3, 2, 4, 3]), 5),
        (np.array([2, 1]), np.array([4, 2]), 3),
        (np.array([], dtype=int), np.array([]), 2),
    ],
    what="the row",
    atol=SINGLE,
)
exercise_function(
    "5.2-scores",
    lambda P, Q, users: P[users] @ Q.T,
    lambda: [_tables(seed) for seed in (4, 5)],
    what="the matrix of scores",
    atol=SINGLE,
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
    atol=SINGLE,
)


@exercise("5.2-distance")
def distance(answer):
    """Fills the films up to the length of the longest, whatever rounding does."""
    for seed in range(9, 40):  # in some, the longest squared is less than its square
        people, films, _ = _tables(seed)
        got = call(answer, people, films)
        if not isinstance(got, tuple | list) or len(got) != 2:
            return "return two arrays, (people, films)"
        zeros = np.zeros((len(people), 1))
        if problem := same(got[0], np.hstack([people, zeros]), "people", SINGLE):
            return problem
        points = np.array(got[1], dtype=np.float64)
        if points.shape != (7, 4):
            return f"films has shape {points.shape}; asked for is (7, 4)"
        if np.isnan(points).any():
            return "films holds nan: a negative number stood under the root"
        if (points[:, 3] < 0).any():
            return "the last column of films holds a negative number: it is a root"
        # The square, since the root makes a thousandth of a rounding of a millionth.
        points[:, 3] **= 2
        squares = (films**2).sum(axis=1, keepdims=True)
        expected = np.hstack([films, squares.max() - squares])
        if same(points[:, :3], expected[:, :3], atol=SINGLE):
            return "the first columns of films are not those of the films"
        if same(points[:, 3], expected[:, 3], atol=3 * SINGLE):
            return "the films with their last column are not as long as the longest"
    return None


@exercise("5.2-circle")
def circle(answer):
    """Film u is the first of person u, and of nobody else, in a plane."""
    for n in (2, 3, 7, 40):
        got = call(answer, n)
        if not isinstance(got, tuple | list | np.ndarray) or len(got) != 2:
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
