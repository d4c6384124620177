"""Checks of chapter 5.4, the evaluation of the film project."""

import numpy as np

from recbook.checks import exercise_function


def _two_means(users, errors):
    _, codes = np.unique(users, return_inverse=True)
    squares, counts = np.bincount(codes, np.square(errors)), np.bincount(codes)
    over_people = np.sqrt(squares / counts).mean()
    return float(np.sqrt(squares.sum() / counts.sum())), float(over_people)


def _errors_of_people():
    rng = np.random.default_rng(541)
    cases = [(rng.integers(0, m, n), rng.normal(size=n)) for m, n in ((3, 9), (5, 30))]
    return [*cases, (np.array([7, 2, 7, 7, 7]), np.array([0.5, 2.0, 0.5, 0.5, -0.5]))]


def _resampled(users, errors, draws):
    squares, counts = np.bincount(users, np.square(errors)), np.bincount(users)
    return np.sqrt(squares[draws].sum(axis=1) / counts[draws].sum(axis=1))


def _draws():
    rng = np.random.default_rng(542)
    cases = []
    for m, n, size in ((2, 5, 4), (6, 25, 10)):
        users = np.append(np.arange(m), rng.integers(0, m, n - m))
        cases.append((users, rng.normal(size=n), rng.integers(0, m, (size, m))))
    return cases


def _mend(predicted, actual, new):
    slope, start = np.polyfit(predicted, actual, 1)
    return np.clip(start + slope * new, 1, 5)


def _predictions():
    rng = np.random.default_rng(543)
    cases = []
    for slope, start in ((1.3, -1.2), (0.6, 1.0)):
        predicted = rng.uniform(1, 5, 40)
        stars = start + slope * predicted + rng.normal(0, 0.3, 40)
        cases.append((predicted, stars, np.linspace(0.5, 5.5, 7)))
    return cases


def _quarters(popularity, items):
    edges = np.quantile(popularity[items], [0.25, 0.5, 0.75])
    return np.searchsorted(edges, popularity, side="left")


def _films():
    rng = np.random.default_rng(544)
    cases = []
    for n_films, n in ((6, 40), (15, 60)):
        popularity = rng.integers(0, 30, n_films)
        likely = (popularity + 1) / (popularity + 1).sum()
        cases.append((popularity, rng.choice(n_films, n, p=likely)))
    edge = (np.array([1, 2, 3, 4, 5]), np.arange(5))  # films exactly at the edges
    return [*cases, edge]


def _next_film(p, genres, chosen, scores, weight):
    q = (genres[chosen].sum(axis=0) + genres) / (len(chosen) + 1)
    mixed, has = 0.99 * q + 0.01 * p, p > 0
    distance = (p[has] * np.log2(p[has] / mixed[:, has])).sum(axis=1)
    value = (1 - weight) * scores - weight * distance
    value[chosen] = -np.inf
    return int(value.argmax())


def _lists():
    p = np.array([0.5, 0.5, 0.0])
    genres = np.array(
        [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0.5, 0.5, 0], [0, 0, 1], [0, 1, 0]]
    )
    scores = np.array([3.0, 2.9, 1.0, 2.0, 5.0, 1.0])
    none = np.array([], dtype=int)
    return [
        (p, genres, none, scores, 0.0),  # the score alone
        (p, genres, none, scores, 0.9),
        (p, genres, np.array([0]), scores, 0.9),  # the other half; a tie
        (p, genres, np.array([4, 0]), scores, 0.1),
        *_close_lists(),
    ]


def _close_lists():
    """Cases where another base, another epsilon or a mean of scores shows."""
    rng, cases = np.random.default_rng(402), []
    for n_chosen, weight in ((2, 0.5), (1, 0.8), (3, 0.6), (2, 0.3)):
        rows = np.append(rng.dirichlet((0.4, 0.4, 0.4), 11), [[0, 0, 1]], axis=0)
        taste = np.append(rng.dirichlet((1, 1)), 0)
        chosen = rng.permutation(12)[:n_chosen]
        cases.append((taste, rows, chosen, rng.uniform(0, 1, 12), weight))
    return cases


exercise_function("5.4-means", _two_means, _errors_of_people, what="the means")
exercise_function("5.4-bootstrap", _resampled, _draws, what="RMSE")
exercise_function("5.4-mend", _mend, _predictions, what="stars")
exercise_function("5.4-quarters", _quarters, _films, what="quarter")
exercise_function("5.4-genres", _next_film, _lists, what="the next film")
