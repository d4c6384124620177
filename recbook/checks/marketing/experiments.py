"""Checks of chapter 6.8, was it the campaign?"""

import numpy as np
from scipy.special import ndtr, ndtri

from recbook.checks import exercise_function, exercise_value


def _design_effect(others=9 - 1, correlation=0.5, power=0.5):
    return (1 + others * correlation) ** power


exercise_value(
    "6.8-rows",
    _design_effect,
    "the factor",
    atol=0.02,
    slips={
        "a variance grows by that: the error is its root": (
            lambda: _design_effect(power=1)
        ),
        "a visit has no covariance with itself: count the others": (
            lambda: _design_effect(others=9)
        ),
        "visits are not copies of one another: where is the correlation?": (
            lambda: _design_effect(correlation=1)
        ),
        "upside down: by which factor must that error grow?": (
            lambda: _design_effect(power=-0.5)
        ),
        "a visit's own variance counts in full": lambda: (9 * 0.5) ** 0.5,
    },
)


def _ratio_error(orders, visits, ddof=1):
    ratio = orders.sum() / visits.sum()
    left = orders - ratio * visits
    return np.sqrt(left.var(ddof=ddof) / len(left)) / visits.mean()


def _visits():
    cases = []
    for n in (5, 8, 13):
        rng = np.random.default_rng(n)
        visits = rng.integers(1, 9, n).astype(float)
        cases.append((np.floor(visits * rng.random(n)), visits))
    return cases


def _by_rows(orders, visits):
    ratio = orders.sum() / visits.sum()
    return np.sqrt(ratio * (1 - ratio) / visits.sum())


exercise_function(
    "6.8-ratio",
    _ratio_error,
    _visits,
    "the standard error",
    slips={
        "that takes visits as independent: the unit is the person": _by_rows,
        "that is the error of the mean of each person's own ratio, another number": (
            lambda orders, visits: (orders / visits).std(ddof=1) / np.sqrt(len(visits))
        ),
        "divide by the mean number of visits": lambda orders, visits: (
            _ratio_error(orders, visits) * visits.mean()
        ),
        "that is the squared error: take the root": lambda orders, visits: (
            _ratio_error(orders, visits) ** 2
        ),
        "the sample variance divides by n - 1": lambda orders, visits: _ratio_error(
            orders, visits, ddof=0
        ),
        "that is the spread of one person, not the error of a mean": (
            lambda o, v: _ratio_error(o, v) * np.sqrt(len(v))
        ),
    },
)


def _stopped(z, bound):
    return np.mean([
        any(abs(z[i, k]) > bound[k] for k in range(len(bound))) for i in range(len(z))
    ])  # fmt: skip


def _looks():
    cases = []
    for n, k in ((8, 2), (15, 4), (25, 5)):
        rng = np.random.default_rng(n)
        parts = rng.normal(0.2, 1, (n, k))
        z = np.cumsum(parts, axis=1) / np.sqrt(np.arange(1, k + 1))
        cases.append((z, 1.6 * np.sqrt(k / np.arange(1.0, k + 1))))
    return cases


exercise_function(
    "6.8-looks",
    _stopped,
    _looks,
    "the fraction",
    slips={
        "a large negative z stops the test, too": lambda z, bound: (
            (z > bound).any(axis=1).mean()
        ),
        "that counts looks: a test that stops is one, at whichever look": (
            lambda z, bound: (np.abs(z) > bound).mean()
        ),
        "any look may stop the test, not only the last": lambda z, bound: (
            np.abs(z[:, -1]) > bound[-1]
        ).mean(),
        "it stops if one look is beyond its bound, not only if all are": (
            lambda z, bound: (np.abs(z) > bound).all(axis=1).mean()
        ),
    },
)


def _pocock(n_looks, alpha):
    from recbook.marketing import experiments

    return float(experiments.bounds(n_looks, alpha=alpha)[0])


def _alone(n_looks, alpha):
    return _pocock(1, alpha)


exercise_function(
    "6.8-pocock",
    _pocock,
    [(2, 0.05), (4, 0.1), (7, 0.02)],
    "the bound",
    atol=2e-3,
    slips={
        "that is the bound of a single look": _alone,
        "that divides alpha by the looks, which is too careful: looks share data": (
            lambda n_looks, alpha: _pocock(1, alpha / n_looks)
        ),
    },
)


def _blocks(y, treated, block, ddof=1):
    means, on = [], []
    for name in sorted(set(block)):
        rows = block == name
        means.append(y[rows].mean())
        on.append(treated[rows][0])
    means, on = np.array(means), np.array(on)
    return np.array([
        means[on].mean() - means[~on].mean(),
        np.sqrt(sum(means[arm].var(ddof=ddof) / arm.sum() for arm in (on, ~on))),
    ])  # fmt: skip


def _hours():
    cases = []
    for n_days in (4, 6, 9):
        rng = np.random.default_rng(n_days)
        size = rng.integers(2, 5, n_days)
        block = np.repeat(np.arange(n_days), size.astype(np.intp))
        on = (np.arange(n_days) % 2 == 0)[block]
        y = rng.integers(0, 4, n_days)[block] + rng.integers(0, 9, len(block)) / 2
        cases.append((y + 1.0 * on, on, block))
    return cases


def _as_rows(y, treated, block):
    return _blocks(y, treated, np.arange(len(y)))


exercise_function(
    "6.8-switchback",
    _blocks,
    _hours,
    "effect and error",
    slips={
        "that takes hours as independent: days were randomised": _as_rows,
        "the effect is that of days, the error that of hours: both are of days": (
            lambda *case: np.array([_blocks(*case)[0], _as_rows(*case)[1]])
        ),
        "the sample variance divides by n - 1": lambda *case: _blocks(*case, ddof=0),
        "the difference is turned: on less off": lambda *case: (
            _blocks(*case) * np.array([-1, 1])
        ),
    },
)


def _so_far(t, alpha, tails=4):
    return tails * (1 - ndtr(ndtri(1 - alpha / tails) / t**0.5)) if t else 0.0


def _may_spend(t, before, alpha, tails=4):
    return _so_far(t, alpha, tails) - _so_far(before, alpha, tails)


exercise_function(
    "6.8-spend",
    _may_spend,
    [(0.5, 0, 0.05), (1.0, 0.5, 0.05), (0.6, 0.4, 0.1), (0.9, 0.3, 0.01)],
    "the probability",
    atol=1e-6,
    slips={
        "take away what the look before may have spent": (
            lambda t, before, alpha: _so_far(t, alpha)
        ),
        "half of alpha is for each side of 0: take z of 1 - alpha / 4": (
            lambda t, before, alpha: _may_spend(t, before, alpha, tails=2)
        ),
        "both sides of 0 count: four times, not twice": (
            lambda t, before, alpha: _may_spend(t, before, alpha) / 2
        ),
        "divide by the root of t": (
            lambda t, before, alpha: _so_far(t * t, alpha) - _so_far(before**2, alpha)
        ),
        "that spends in proportion to the people": (
            lambda t, before, alpha: alpha * (t - before)
        ),
    },
)
