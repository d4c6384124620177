"""Checks of chapter 1.3, what a rating table is."""

import numpy as np

from recbook import baselines, datasets
from recbook.checks import exercise_function, exercise_value

exercise_value("1.3-reviews", lambda: [3.5, 2.75], "[all, reviews]", atol=0.01)


def _dee():
    """Predict Dee's Dune by damped offsets."""
    toy = datasets.load_toy()
    model = baselines.Bias(method="damped", damping=2.0).fit(toy)
    return float(model.predict([3], [1])[0])


exercise_value("1.3-dee", _dee, "the prediction", atol=0.01)


def _star_tables():
    rng = np.random.default_rng(13)
    cases = [(rng.integers(0, 6, (4, 5)), t, a) for t, a in [(4, 10), (3, 2.5)]]
    return [*cases, (rng.integers(0, 6, (3, 6)), 0, 1)]


def _implicit(table, threshold, alpha):
    known = table > 0
    liked = known & (table >= threshold)
    return liked.astype(int), 1 + alpha * known


exercise_function("1.3-implicit", _implicit, _star_tables, "(liked, confidence)")


def _counts():
    rng = np.random.default_rng(31)
    cases = [(rng.geometric(0.02, n), s) for n, s in [(40, 0.1), (33, 0.25)]]
    return [*cases, (np.array([0, 7, 0, 1, 2]), 0.5), (np.array([3, 3]), 1.0)]


def _top_share(counts, share):
    ordered = -np.sort(-counts)
    return ordered[: int(np.ceil(share * len(ordered)))].sum() / ordered.sum()


exercise_function("1.3-top-share", _top_share, _counts, "the share")


def _clocks():
    rng = np.random.default_rng(5)
    cases = [(rng.integers(0, 20_000, n), p) for n, p in [(9, 3600), (14, 900)]]
    at_the_limit = np.array([700, 100, 400, 401]), 300
    return [*cases, at_the_limit, (np.array([42]), 60)]


def _sessions(timestamps, pause):
    order = np.argsort(timestamps, kind="stable")
    numbers = np.empty(len(timestamps), dtype=int)
    long = np.diff(timestamps[order]) > pause
    numbers[order] = np.concatenate([[0], np.cumsum(long)])
    return numbers


exercise_function("1.3-sessions", _sessions, _clocks, "the array of session numbers")


def _answers():
    rng = np.random.default_rng(8)
    cases = []
    for n, variance in [(6, 1.2), (15, 2.0)]:
        first = rng.integers(2, 5, n).astype(float)
        second = first + rng.integers(-1, 2, n)
        first[1], second[2], second[3] = np.nan, np.nan, second[3] + 1
        cases.append((first, second, variance))
    return cases


def _noise(first, second, variance):
    sigma_squared = np.nanmean((first - second) ** 2) / 2
    return np.sqrt(sigma_squared), 1 - sigma_squared / variance


exercise_function("1.3-noise", _noise, _answers, "(sigma, greatest share)")


def _logs_and_surveys():
    rng = np.random.default_rng(17)
    every = np.arange(1, 6)
    cases = []
    for n, density in [(200, 0.06), (80, 0.2), (60, 0.9)]:
        log = rng.choice(every, n, p=[0.05, 0.1, 0.2, 0.3, 0.35])
        survey = rng.choice(every, 40, p=[0.25, 0.25, 0.2, 0.2, 0.1])
        cases.append((np.append(log, every), np.append(survey, every), density))
    return cases


def _propensities(log, survey, density):
    in_log = np.bincount(log, minlength=6)[1:] / len(log)
    in_survey = np.bincount(survey, minlength=6)[1:] / len(survey)
    return np.minimum(in_log * density / in_survey, 1)


exercise_function(
    "1.3-propensities", _propensities, _logs_and_surveys, "the array of propensities"
)
