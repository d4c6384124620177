"""Checks of chapter 5.2, the model of the film project."""

import functools

import numpy as np

from recbook.checks import call, exercise, exercise_function, same
from recbook.checks.inside import without_loop

SINGLE = 1e-5  # float32 will do


def _tables(seed):
    rng = np.random.default_rng(seed)
    P, Q = rng.normal(size=(5, 3)), rng.normal(size=(7, 3))
    return P, Q, rng.integers(0, 5, 4)


def _count(num_users, num_movies, embedding_size, offsets):
    return num_users * (embedding_size + offsets) + num_movies * (
        embedding_size + offsets
    )


PARAMETERS = {
    "row 0 is left out: it is a row of the table as well": (
        lambda users, movies, *rest: _count(users - 1, movies - 1, *rest)
    ),
    "one more row is there already: num_users counts it": (
        lambda users, movies, *rest: _count(users + 1, movies + 1, *rest)
    ),
    "both tables have offsets, one in each row": (
        lambda users, movies, size, offsets: (users + movies) * size + 2 * offsets
    ),
    "the offsets are missing": lambda *case: _count(*case[:3], False),
    "the mean of all ratings is not learned and does not count": (
        lambda *case: _count(*case) + case[3]
    ),
    "the rows of the two tables are added up, not multiplied": (
        lambda users, movies, size, offsets: users * movies * (size + offsets)
    ),
}
exercise_function(
    "5.2-parameters",
    _count,
    [(944, 1683, 50, False), (944, 1683, 50, True), (6, 7, 2, True), (3, 9, 1, False)],
    what="the number of parameters",
    slips=PARAMETERS,
)


def _history_row(items, stars, n_films, weight=lambda n: 10 / (n + 5), edges=(3, 4)):
    """With other weights or edges: a slip."""
    row = [0.0] * (3 * n_films)
    for item, value in zip(items, stars, strict=True):
        stretch = sum(value >= edge for edge in edges)
        row[stretch * n_films + item] = weight(len(items))
    return np.array(row)


def _film_by_film(items, stars, n_films):
    stretches = _history_row(items, stars, n_films).reshape(3, n_films)
    return stretches.T.ravel()


ROW = {
    "each film has a one: it is to have a weight": (
        functools.partial(_history_row, weight=lambda n: 1.0)
    ),
    "each film weighs one over a root here: look at the weight in the text": (
        functools.partial(_history_row, weight=lambda n: n**-0.5)
    ),
    "n_u counts the films that the person has rated, not all films": (
        lambda items, stars, n: _history_row(items, stars, n, lambda _: 10 / (n + 5))
    ),
    "films with 4 stars are in the wrong stretch: look at the edges": (
        functools.partial(_history_row, edges=(3, 4.5))
    ),
    "films with 3 stars are in the wrong stretch: look at the edges": (
        functools.partial(_history_row, edges=(3.5, 4))
    ),
    "a stretch holds all films: here the three entries of a film are side by side": (
        _film_by_film
    ),
    "how a film was rated is shown by the position of the entry, not by its stars": (
        lambda items, stars, n_films: (
            _history_row(items, stars, n_films, weight=lambda n: 1.0)
            * np.tile(np.bincount(items, stars, n_films), 3)
        )
    ),
}
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
    slips=ROW,
)
SCORES = {
    "a row belongs to a person, a column to a film": lambda P, Q, users: Q @ P[users].T,
    "only the people asked for have a row": lambda P, Q, users: P @ Q.T,
    "that is the row of the person before: code 0 has the first": (
        lambda P, Q, users: P[users - 1] @ Q.T
    ),
    "each person meets all films, not one of them": (
        lambda P, Q, users: (P[users] * Q[users]).sum(axis=1)
    ),
}
exercise_function(
    "5.2-scores",
    lambda P, Q, users: P[users] @ Q.T,
    lambda: [_tables(seed) for seed in (4, 5)],
    what="the matrix of scores",
    atol=SINGLE,
    slips=SCORES,
    then=without_loop,
)


def _features(seed):
    rng = np.random.default_rng(seed)
    X = rng.random((4, 6)) * (rng.random((4, 6)) < 0.5)
    Y = rng.random((5, 3)) * (rng.random((5, 3)) < 0.7)
    V, W, c, d = (rng.normal(size=s) for s in ((6, 2), (3, 2), 6, 3))
    return X, Y, V, W, c, d, float(rng.normal(3.5))


def _towers(X, Y, V, W, c, d, mu):
    return mu + (X @ c)[:, None] + Y @ d + (X @ V) @ (Y @ W).T


TOWERS = {
    "the offsets of the people are missing": (
        lambda X, Y, V, W, c, d, mu: _towers(X, Y, V, W, 0 * c, d, mu)
    ),
    "the offsets of the films are missing": (
        lambda X, Y, V, W, c, d, mu: _towers(X, Y, V, W, c, 0 * d, mu)
    ),
    "the offsets are missing, of people and of films": (
        lambda X, Y, V, W, c, d, mu: mu + (X @ V) @ (Y @ W).T
    ),
    "mu is missing": lambda *case: _towers(*case[:-1], 0.0),
    "a row belongs to a person, a column to a film": lambda *case: _towers(*case).T,
    "all offsets count here: only those of the features that a person has are to": (
        lambda X, Y, V, W, c, d, mu: mu + c.sum() + d.sum() + (X @ V) @ (Y @ W).T
    ),
}
exercise_function(
    "5.2-towers",
    _towers,
    lambda: [_features(seed) for seed in (6, 7, 8)],
    what="the matrix of stars",
    atol=SINGLE,
    slips=TOWERS,
    then=without_loop,
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
            if same(got[0], np.hstack([people, zeros + 1]), atol=SINGLE) is None:
                return "people have nothing to fill up: no 1 meets the films' column"
            return problem
        points = np.array(got[1], dtype=np.float64)
        if points.shape != (7, 4):
            return f"films has shape {points.shape}; asked for is (7, 4)"
        if np.isnan(points).any():
            return "films holds nan: a negative number stood under the root"
        if (points[:, 3] < 0).any():
            return "the last column of films holds a negative number: it is a root"
        left = (films**2).sum(axis=1).max() - (films**2).sum(axis=1)
        if same(points[:, 3], left, atol=3 * SINGLE) is None:
            return "the last column of films has no root yet: squares fill squares"
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
        if same(Q[0], Q[-1], atol=1e-9) is None:
            return f"for n={n} the last film lies where the first one lies"
        products = P @ Q.T
        others = products - 2 * np.diag(np.abs(products).max(axis=1) + 1)
        best = others.max(axis=1)
        lost = np.flatnonzero(np.diag(products) <= best)
        if lost.size:
            return f"for n={n} person {lost[0]} has another film as high or higher"
    return None
