"""Checks of chapter 5.4, the evaluation of the film project."""

import functools

import numpy as np

from recbook.checks import exercise_function


def _two_means(users, errors, of_each=lambda squares, n: np.sqrt(squares / n).mean()):
    """With another mean over people: a slip."""
    _, codes = np.unique(users, return_inverse=True)
    squares, counts = np.bincount(codes, np.square(errors)), np.bincount(codes)
    over_ratings = np.sqrt(squares.sum() / counts.sum())
    return float(over_ratings), float(of_each(squares, counts))


def _with_strangers(users, errors):
    """Codes that do not occur are people with an error of 0, or of 0 / 0."""
    squares, counts = np.bincount(users, errors**2), np.bincount(users)
    return _two_means(users, errors)[0], np.sqrt(squares / np.maximum(counts, 1)).mean()


def _with_nan(users, errors):
    nobody = len(np.unique(users)) < users.max() + 1
    over_ratings, over_people = _two_means(users, errors)
    return over_ratings, np.nan if nobody else over_people


MEANS = {
    "over people, the root is taken of each one's mean, not of the mean of all": (
        functools.partial(
            _two_means, of_each=lambda squares, n: np.sqrt((squares / n).mean())
        )
    ),
    "the root of each person's mean is missing": (
        functools.partial(_two_means, of_each=lambda squares, n: (squares / n).mean())
    ),
    "each person's sum of squares is not yet divided by their number of ratings": (
        functools.partial(
            _two_means, of_each=lambda squares, n: np.sqrt(squares).mean()
        )
    ),
    "a code that does not occur is nobody: it must not count in the mean": (
        _with_strangers
    ),
    "a code that does not occur is nobody, and gives 0 / 0": _with_nan,
    "the roots are missing, in both means": (
        lambda *case: tuple(x**2 for x in _two_means(*case))
    ),
    "the mean over ratings comes first": lambda *case: _two_means(*case)[::-1],
    "errors of both signs cancel here: square them before a mean is taken": (
        lambda users, errors: (abs(errors.mean()), _two_means(users, errors)[1])
    ),
}


def _errors_of_people():
    rng = np.random.default_rng(541)
    cases = [(rng.integers(0, m, n), rng.normal(size=n)) for m, n in ((3, 9), (5, 30))]
    return [*cases, (np.array([7, 2, 7, 7, 7]), np.array([0.5, 2.0, 0.5, 0.5, -0.5]))]


def _resampled(users, errors, draws):
    squares, counts = np.bincount(users, np.square(errors)), np.bincount(users)
    return np.sqrt(squares[draws].sum(axis=1) / counts[draws].sum(axis=1))


def _once_each(users, errors, draws):
    return np.array([_resampled(users, errors, np.unique(row)[None]) for row in draws])


def _mean_of_people(users, errors, draws):
    each = np.sqrt(np.bincount(users, np.square(errors)) / np.bincount(users))
    return each[draws].mean(axis=1)


def _mean_of_squares(users, errors, draws):
    each = np.bincount(users, np.square(errors)) / np.bincount(users)
    return np.sqrt(each[draws].mean(axis=1))


BOOTSTRAP = {
    "somebody who was drawn twice counts once here: they are to count twice": (
        lambda *case: _once_each(*case).ravel()
    ),
    "that is a mean over people: here it is one over the ratings of those drawn": (
        _mean_of_people
    ),
    "a person's mean counts here as one number, however many ratings are in it": (
        _mean_of_squares
    ),
    "the root is missing": lambda *case: _resampled(*case) ** 2,
    "each row of draws has a number of its own: this is their mean": (
        lambda *case: _resampled(*case).mean()
    ),
    "draws holds people, and each brings all of their ratings": (
        lambda users, errors, draws: np.sqrt(np.square(errors)[draws].mean(axis=1))
    ),
    "divide by the ratings of those drawn, not by how many there are in all": (
        lambda users, errors, draws: np.sqrt(
            np.bincount(users, np.square(errors))[draws].sum(axis=1) / len(users)
        )
    ),
}


def _draws():
    rng = np.random.default_rng(542)
    cases = []
    for m, n, size in ((2, 5, 4), (6, 25, 10)):
        users = np.append(np.arange(m), rng.integers(0, m, n - m))
        cases.append((users, rng.normal(size=n), rng.integers(0, m, (size, m))))
    return cases


def _line(predicted, actual, new):
    slope, start = np.polyfit(predicted, actual, 1)
    return start + slope * new


def _mend(predicted, actual, new):
    return np.clip(_line(predicted, actual, new), 1, 5)


MEND = {
    "the stars are not clipped": _line,
    "the line is fitted the wrong way round: it is to give stars for a prediction": (
        lambda predicted, actual, new: _mend(actual, predicted, new)
    ),
    "clip the output of the line, not its input": (
        lambda predicted, actual, new: _line(predicted, actual, np.clip(new, 1, 5))
    ),
    "the line need not go through 0: where is a?": (
        lambda predicted, actual, new: np.clip(
            predicted @ actual / (predicted @ predicted) * new, 1, 5
        )
    ),
    "only the mean is corrected: the line has a slope, too": (
        lambda predicted, actual, new: np.clip(
            new + actual.mean() - predicted.mean(), 1, 5
        )
    ),
    "these are the predictions that the line was fitted to: new ones are asked for": (
        lambda predicted, actual, new: _mend(predicted, actual, predicted)
    ),
}


def _predictions():
    rng = np.random.default_rng(543)
    cases = []
    for slope, start in ((1.3, -1.2), (0.6, 1.0)):
        predicted = rng.uniform(1, 5, 40)
        stars = start + slope * predicted + rng.normal(0, 0.3, 40)
        cases.append((predicted, stars, np.linspace(0.5, 5.5, 7)))
    return cases


def _quarters(popularity, items, of=lambda popularity, items: items, side="left"):
    """With the quantiles ``of`` others, or another ``side`` of an edge: a slip."""
    edges = np.quantile(popularity[of(popularity, items)], [0.25, 0.5, 0.75])
    return np.searchsorted(edges, popularity, side=side)


QUARTERS = {
    "these are quarters of the films: a film with many test ratings counts for each": (
        functools.partial(
            _quarters, of=lambda popularity, items: np.arange(len(popularity))
        )
    ),
    "each tested film counts once here: it is to count once for each test rating": (
        functools.partial(_quarters, of=lambda popularity, items: np.unique(items))
    ),
    "a film exactly at an edge is in the upper quarter: it belongs to the lower": (
        functools.partial(_quarters, side="right")
    ),
    "quarters are counted from 1 here: they are to be counted from 0": lambda *case: (
        _quarters(*case) + 1
    ),
    "each film has a quarter, not each test rating": (
        lambda popularity, items: _quarters(popularity, items)[items]
    ),
    "the quarters are upside down: the rare films are in quarter 0": lambda *case: (
        3 - _quarters(*case)
    ),
}


def _films():
    rng = np.random.default_rng(544)
    cases = []
    for n_films, n in ((6, 40), (15, 60)):
        popularity = rng.integers(0, 30, n_films)
        likely = (popularity + 1) / (popularity + 1).sum()
        cases.append((popularity, rng.choice(n_films, n, p=likely)))
    edge = (np.array([1, 2, 3, 4, 5]), np.arange(5))  # films exactly at the edges
    untested = (np.array([0, 0, 0, 10, 20, 30]), np.array([3, 4, 4, 5, 5, 5]))
    return [*cases, edge, untested]


def _next_film(p, genres, chosen, scores, weight, log=np.log2, share=None, own=True):
    """With another logarithm or share of q, or without ``own`` films: a slip."""
    q = (genres[chosen].sum(axis=0) + genres) / (share or len(chosen) + 1)
    if not own:
        q = genres
    mixed, has = 0.99 * q + 0.01 * p, p > 0
    distance = (p[has] * log(p[has] / mixed[:, has])).sum(axis=1)
    value = (1 - weight) * scores - weight * distance
    value[chosen] = -np.inf
    return int(value.argmax())


def _chosen_again(p, genres, chosen, scores, weight):
    """The film is drawn from all, also those on the list."""
    again = np.append(genres, genres[chosen], axis=0)
    best = _next_film(p, again, chosen, np.append(scores, scores[chosen]), weight)
    return int(np.append(np.arange(len(genres)), chosen)[best])


GENRES = {
    "bits are asked for: the logarithm is to the base 2": (
        functools.partial(_next_film, log=np.log)
    ),
    "the film is on the list already": _chosen_again,
    "the list is more than its new film: q is a mean over all of it": (
        functools.partial(_next_film, own=False)
    ),
    "q is a mean of rows, and this is their sum": functools.partial(
        _next_film, share=1
    ),
    "the distance is a cost, not a gain": (
        functools.partial(_next_film, log=lambda ratio: -np.log2(ratio))
    ),
    "weight belongs to the distance, what is left of 1 to the scores": (
        lambda *case: _next_film(*case[:-1], 1 - case[-1])
    ),
}


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


exercise_function(
    "5.4-means", _two_means, _errors_of_people, what="the means", slips=MEANS
)
exercise_function("5.4-bootstrap", _resampled, _draws, what="RMSE", slips=BOOTSTRAP)
exercise_function("5.4-mend", _mend, _predictions, what="stars", slips=MEND)
exercise_function("5.4-quarters", _quarters, _films, what="quarter", slips=QUARTERS)
exercise_function("5.4-genres", _next_film, _lists, what="the next film", slips=GENRES)
