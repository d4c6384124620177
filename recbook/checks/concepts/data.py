"""Checks of chapter 1.3, what a rating table is."""

import numpy as np

from recbook import baselines, datasets
from recbook.checks import exercise_function, exercise_value


def _reviews(happy_stars, unhappy_stars, happy, unhappy):
    """The mean of all, and that of the reviews, of two kinds that are equally many."""
    sums = happy * happy_stars + unhappy * unhappy_stars
    return [(happy_stars + unhappy_stars) / 2, sums / (happy + unhappy)]


def _slip_of_reviews(change):
    """A slip in the second number: what it becomes of mean, shift and numbers."""

    def slip(**own):
        mean, reviews = _reviews(**own)
        return [mean, change(mean, reviews - mean, own)]

    return slip


exercise_value(
    "1.3-reviews",
    _reviews,
    "[all, reviews]",
    atol=0.01,
    slips={
        "the shift goes towards those who write more often": (
            _slip_of_reviews(lambda mean, shift, own: mean - shift)
        ),
        "the covariance is still to be divided by the mean probability": (
            _slip_of_reviews(
                lambda mean, shift, own: (
                    mean + (own["happy"] + own["unhappy"]) / 2 * shift
                )
            )
        ),
        "the shift is how far the reviews are from the mean of all: add the two": (
            _slip_of_reviews(lambda mean, shift, own: shift)
        ),
        "weights that do not sum to 1 need their sum below": (
            _slip_of_reviews(
                lambda mean, shift, own: (
                    (mean + shift) * (own["happy"] + own["unhappy"])
                )
            )
        ),
        "the mean of all comes first, that of the reviews second": (
            lambda **own: _reviews(**own)[::-1]
        ),
    },
    numbers={
        "happy_stars": [5, 4],
        "unhappy_stars": [2, 1, 3],
        "happy": [0.02, 0.01, 0.03, 0.04, 0.05, 0.06, 0.08],
        "unhappy": [0.06, 0.01, 0.02, 0.03, 0.04, 0.05, 0.08],
    },
    where=lambda happy_stars, unhappy_stars, happy, unhappy: (
        happy_stars > unhappy_stars + 1
        and 1.3 < max(happy / unhappy, unhappy / happy) < 6
    ),
)


def _dee(user=1, item=1, **settings):
    """Predict Dee's Dune by damped offsets."""
    settings = {"damping": 2.0, "n_iterations": 1} | settings
    model = baselines.Bias(**settings).fit(datasets.load_toy())
    return float(model.mu_ + user * model.bu_[3] + item * model.bi_[1])


exercise_value(
    "1.3-dee",
    _dee,
    "the prediction",
    atol=0.01,
    slips={
        "damping is missing in the denominators": lambda: _dee(damping=0.0),
        "Dee has an offset, too": lambda: _dee(user=0),
        "Dune has an offset, too": lambda: _dee(item=0),
        "take the films' offsets off Dee's ratings before you take her mean": (
            lambda: _dee(user=0) + (17 - 5 * 3.5) / (5 + 2)
        ),
        "one turn: Dune's offset does not know Dee's yet": (
            lambda: _dee(n_iterations=2)
        ),
    },
)


def _star_tables():
    rng = np.random.default_rng(13)
    cases = [(rng.integers(0, 6, (4, 5)), t, a) for t, a in [(4, 10), (3, 2.5)]]
    return [*cases, (rng.integers(0, 6, (3, 6)), 0, 1)]


def _implicit(table, threshold, alpha):
    known = table > 0
    liked = known & (table >= threshold)
    return liked.astype(int), 1 + alpha * known


_IMPLICIT_SLIPS = {
    "an empty cell is no like, however low the threshold": (
        lambda table, threshold, alpha: (table >= threshold, 1 + alpha * (table > 0))
    ),
    "a rating exactly at the threshold is a like": (
        lambda table, threshold, alpha: (table > threshold, 1 + alpha * (table > 0))
    ),
    "s is 1 for a known rating: the confidence does not grow with the stars": (
        lambda table, threshold, alpha: (
            _implicit(table, threshold, alpha)[0],
            1 + alpha * table,
        )
    ),
}
exercise_function(
    "1.3-implicit",
    _implicit,
    _star_tables,
    "(liked, confidence)",
    slips=_IMPLICIT_SLIPS,
)


def _counts():
    """With shares that are no 1/m of the items, and ties at the edge of the top."""
    rng = np.random.default_rng(31)
    cases = [(rng.geometric(0.02, n), s) for n, s in [(40, 0.1), (33, 0.25)]]
    few = [([3, 3], 1.0), ([9, 3, 2, 1], 0.3), ([5, 5, 5, 1], 0.25)]
    few.append(([0, 7, 0, 1, 2, 4], 0.5))
    return [*cases, *((np.array(counts), share) for counts, share in few)]


def _top_share(counts, share, rounded=np.ceil):
    ordered = -np.sort(-counts)
    return ordered[: int(rounded(share * len(ordered)))].sum() / ordered.sum()


_TOP_SLIPS = {
    "the number of top items is rounded up": (
        lambda *case: _top_share(*case, rounded=np.floor)
    ),
    "items without ratings belong to the catalogue": (
        lambda counts, share: _top_share(counts[counts > 0], share)
    ),
    "a quantile takes all items of a tie, or too few: sort and count the items": (
        lambda counts, share: (
            counts[counts >= np.quantile(counts, 1 - share)].sum() / counts.sum()
        )
    ),
    "the counts are not sorted: which items are the top ones?": (
        lambda counts, share: (
            counts[: int(np.ceil(share * len(counts)))].sum() / counts.sum()
        )
    ),
}
exercise_function("1.3-top-share", _top_share, _counts, "the share", slips=_TOP_SLIPS)


def _clocks():
    rng = np.random.default_rng(5)
    cases = [(rng.integers(0, 20_000, n), p) for n, p in [(9, 3600), (14, 900)]]
    at_the_limit = np.array([700, 100, 400, 401]), 300
    return [*cases, at_the_limit, (np.array([42]), 60)]


def _in_order(timestamps, pause):
    return np.append(0, np.cumsum(np.diff(timestamps) > pause))


def _sessions(timestamps, pause):
    order = np.argsort(timestamps, kind="stable")
    numbers = np.empty(len(timestamps), dtype=int)
    numbers[order] = _in_order(timestamps[order], pause)
    return numbers


_SESSION_SLIPS = {
    "a pause of exactly `pause` seconds is not yet longer": (
        lambda timestamps, pause: _sessions(timestamps, pause - 1)
    ),
    "these are sorted by time: return them in the sequence they came in": (
        lambda timestamps, pause: _in_order(np.sort(timestamps), pause)
    ),
    "indexing with order once more does not undo the sort: how can you?": (
        lambda timestamps, pause: _in_order(np.sort(timestamps), pause)[
            np.argsort(timestamps, kind="stable")
        ]
    ),
    "a pause lies between neighbours in time: sort first": _in_order,
    "the first session is number 0": lambda *case: _sessions(*case) + 1,
}
exercise_function(
    "1.3-sessions",
    _sessions,
    _clocks,
    "the array of session numbers",
    slips=_SESSION_SLIPS,
)


def _answers():
    rng = np.random.default_rng(8)
    cases = []
    for n, variance in [(6, 1.2), (15, 2.0)]:
        first = rng.integers(2, 5, n).astype(float)
        second = first + rng.integers(-1, 2, n)
        first[1], second[2], second[3] = np.nan, np.nan, second[3] + 1
        cases.append((first, second, variance))
    return cases


def _noise_of(square, variance):
    return np.sqrt(square), 1 - square / variance


def _noise(first, second, variance):
    return _noise_of(np.nanmean((first - second) ** 2) / 2, variance)


_NOISE_SLIPS = {
    "a difference holds the noise of two answers, not of one": (
        lambda first, second, variance: _noise_of(
            np.nanmean((first - second) ** 2), variance
        )
    ),
    "leave out people who did not answer both times: one NaN makes a mean NaN": (
        lambda *case: (np.nan, np.nan)
    ),
    "the share compares variances, and sigma is no variance": (
        lambda *case: (_noise(*case)[0], 1 - _noise(*case)[0] / case[2])
    ),
    "the mean of the squares is asked for, with no mean subtracted before": (
        lambda first, second, variance: _noise_of(
            np.nanvar(first - second) / 2, variance
        )
    ),
}
exercise_function(
    "1.3-noise", _noise, _answers, "(sigma, greatest share)", slips=_NOISE_SLIPS
)


def _logs_and_surveys():
    rng = np.random.default_rng(17)
    every = np.arange(1, 6)
    cases = []
    for n, density in [(200, 0.06), (80, 0.2), (60, 0.9)]:
        log = rng.choice(every, n, p=[0.05, 0.1, 0.2, 0.3, 0.35])
        survey = rng.choice(every, 40, p=[0.25, 0.25, 0.2, 0.2, 0.1])
        cases.append((np.append(log, every), np.append(survey, every), density))
    return cases


def _propensities(log, survey, density, most=1.0):
    in_log = np.bincount(log, minlength=6)[1:] / len(log)
    in_survey = np.bincount(survey, minlength=6)[1:] / len(survey)
    return np.minimum(in_log * density / in_survey, most)


_PROPENSITY_SLIPS = {
    "a propensity is a probability: none is above 1": (
        lambda *case: _propensities(*case, most=np.inf)
    ),
    "log and survey are swapped: which of them is Pr(r)?": (
        lambda log, survey, density: _propensities(survey, log, density)
    ),
    "the density is missing": lambda log, survey, _: _propensities(log, survey, 1.0),
    "counts of two samples of unlike size: make shares of them": (
        lambda log, survey, density: _propensities(
            log, survey, density * len(log) / len(survey)
        )
    ),
}
exercise_function(
    "1.3-propensities",
    _propensities,
    _logs_and_surveys,
    "the array of propensities",
    slips=_PROPENSITY_SLIPS,
)
