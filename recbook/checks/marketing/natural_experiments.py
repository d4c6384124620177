"""Checks of chapter 6.13, an experiment that nobody planned."""

import numpy as np

from recbook.checks import exercise_function, exercise_value

_SENT, _USED = (600 - 500) / 5000, (1500 - 250) / 5000
exercise_value(
    "6.13-hand",
    lambda: _SENT / _USED,
    "the difference of probabilities",
    atol=0.0006,
    slips={
        "that is the effect of sending it: divide by the share that was moved": (
            lambda: _SENT
        ),
        "some use one without being sent it: they were not moved": (
            lambda: _SENT / (1500 / 5000)
        ),
        "that is the share that was moved: divide the effect of sending by it": (
            lambda: _USED
        ),
        "that is the share that used it, and no effect": lambda: 1500 / 5000,
        "give it as a probability: 0.05 for 5 in a hundred": (
            lambda: 100 * _SENT / _USED
        ),
    },
)


def _people(n, seed, always=0.2):
    """Outcome, treatment and assignment of n people, with each case in either arm."""
    rng = np.random.default_rng(seed)
    assigned = np.arange(n) % 2 == 0
    treated = rng.random(n) < always + 0.5 * assigned
    treated[:4] = [True, False, False, True]
    return rng.integers(0, 9, n) + 2.0 * treated, treated, assigned


def _stage(treated, assigned):
    return treated[assigned].mean() - treated[~assigned].mean()


def _base(y, treated, assigned):
    alone = y * ~treated
    gap = alone[~assigned].mean() - alone[assigned].mean()
    return gap / _stage(treated, assigned)


exercise_function(
    "6.13-base",
    _base,
    lambda: [_people(n, n) for n in (20, 30, 44)],
    "the mean outcome",
    slips={
        "divide by the share of compliers": lambda y, treated, assigned: (
            _base(y, treated, assigned) * _stage(treated, assigned)
        ),
        "the sign is turned: with the letter, fewer are left without the app": (
            lambda *case: -_base(*case)
        ),
        "that is the mean of the untreated without a letter, never-takers among them": (
            lambda y, treated, assigned: y[~treated & ~assigned].mean()
        ),
        "take the mean of y (1 - d) over the whole arm, not over the untreated": (
            lambda y, treated, assigned: (
                (y[~treated & ~assigned].mean() - y[~treated & assigned].mean())
                / _stage(treated, assigned)
            )
        ),
        "that is the effect on compliers, not what they do without it": (
            lambda y, treated, assigned: (
                (y[assigned].mean() - y[~assigned].mean()) / _stage(treated, assigned)
            )
        ),
    },
)


def _gap(values, arm):
    return values[arm].mean() - values[~arm].mean()


def _spread(values, arm):
    return sum(values[a].var(ddof=1) / a.sum() for a in (arm, ~arm))


def _how_far(b, y, treated, assigned):
    left = y - b * treated
    return _gap(left, assigned) / _spread(left, assigned) ** 0.5


exercise_function(
    "6.13-ar",
    _how_far,
    lambda: [(b, *_people(n, n)) for b, n in ((0.5, 20), (2.0, 30), (-1.0, 44))],
    "the number of standard errors",
    slips={
        "that is the gap: divide it by its standard error": (
            lambda b, y, treated, assigned: _gap(y - b * treated, assigned)
        ),
        "that divides by the variance: take its root": lambda b, y, treated, assigned: (
            _gap(y - b * treated, assigned) / _spread(y - b * treated, assigned)
        ),
        "compare the arms of the assignment, not users with others": (
            lambda b, y, treated, assigned: _how_far(b, y, treated, treated)
        ),
        "take b from the outcome of the treated before you compare": (
            lambda b, y, treated, assigned: _how_far(0.0, y, treated, assigned)
        ),
        "b belongs to the treated, not to the assigned": (
            lambda b, y, treated, assigned: _how_far(b, y, assigned, assigned)
        ),
        "the error is that of what is left, y - b d, not of y": (
            lambda b, y, treated, assigned: (
                _gap(y - b * treated, assigned) / _spread(y, assigned) ** 0.5
            )
        ),
        "the sign is turned: assigned less not assigned": lambda *case: (
            -_how_far(*case)
        ),
    },
)


def _shops(n, weeks, seed):
    rng = np.random.default_rng(seed)
    sales = rng.integers(0, 40, (n, weeks)) + 10.0 * rng.random((n, 1))
    return sales, np.arange(n) % 3 == 0, weeks // 2 + 1


def _changes(sales, treated, start):
    change = sales[:, start:].mean(axis=1) - sales[:, :start].mean(axis=1)
    return change[treated], change[~treated]


def _error(sales, treated, start):
    one, other = _changes(sales, treated, start)
    return np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))


def _weeks_as_rows(sales, treated, start):
    parts = [sales[g][:, w] for g in (treated, ~treated)
             for w in (slice(start, None), slice(start))]  # fmt: skip
    return np.sqrt(sum(part.var(ddof=1) / part.size for part in parts))


exercise_function(
    "6.13-error",
    _error,
    lambda: [_shops(n, weeks, n) for n, weeks in ((9, 6), (12, 9), (7, 5))],
    "the standard error",
    slips={
        "each shop is one number: weeks of one shop are no news": _weeks_as_rows,
        "that is the variance: take the root": lambda *case: _error(*case) ** 2,
        "both groups are noisy: their variances add up": (
            lambda sales, treated, start: (
                _changes(sales, treated, start)[0].std(ddof=1) / treated.sum() ** 0.5
            )
        ),
        "divide by n - 1 in the variances: ddof=1": lambda *case: np.sqrt(
            sum(part.var() / len(part) for part in _changes(*case))
        ),
        "that is the effect, not its error": lambda *case: np.subtract(
            *(part.mean() for part in _changes(*case))
        ),
        "take each shop's change first: levels differ between shops": (
            lambda sales, treated, start: np.sqrt(
                _spread(sales[:, start:].mean(axis=1), treated)
            )
        ),
    },
)


def _edge(y, distance, h, root=True):
    weight = np.maximum(0, 1 - np.abs(distance) / h)
    return np.polyfit(distance, y, 1, w=np.sqrt(weight) if root else weight)[1]


def _near(n, seed, side):
    rng = np.random.default_rng(seed)
    distance = side * np.round(10 * rng.random(n) + 0.05, 2)
    return 5 + 0.4 * distance + rng.integers(0, 5, n), distance, 7.0 + seed


exercise_function(
    "6.13-edge",
    _edge,
    lambda: [_near(20, 1, 1), _near(26, 2, -1), _near(33, 0, 1)],
    "the height at 0",
    atol=1e-8,
    slips={
        "np.polyfit squares its weights: give it their roots": (
            lambda *case: _edge(*case, root=False)
        ),
        "the weights take the distance without its sign": (
            lambda y, distance, h: np.polyfit(
                distance, y, 1, w=np.sqrt(np.maximum(0, 1 - distance / h))
            )[1]
        ),
        "that is the slope: the height at 0 is the other coefficient": (
            lambda y, distance, h: np.polyfit(
                distance, y, 1, w=np.sqrt(np.maximum(0, 1 - np.abs(distance) / h))
            )[0]
        ),
        "the weights are missing: those near the threshold count more": (
            lambda y, distance, h: np.polyfit(
                distance[np.abs(distance) < h], y[np.abs(distance) < h], 1
            )[1]
        ),
        "people further away than h do not count": (
            lambda y, distance, h: np.polyfit(distance, y, 1)[1]
        ),
        "that is a mean: a line is needed, since outcomes rise with the distance": (
            lambda y, distance, h: np.average(
                y, weights=np.maximum(0, 1 - np.abs(distance) / h)
            )
        ),
    },
)
