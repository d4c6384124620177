"""Checks of chapter 6.1, did the letter change anything?"""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _in_errors(p=120 / 2000, q=90 / 2000, n=2000, variance=lambda p: p * (1 - p)):
    return (p - q) / np.sqrt((variance(p) + variance(q)) / n)


exercise_value(
    "6.1-errors",
    _in_errors,
    "the standard errors",
    atol=0.02,
    slips={
        "both arms are noisy: their variances add up": (
            lambda: 0.015 / np.sqrt(0.06 * 0.94 / 2000)
        ),
        "the variance of a yes or no is p (1 − p), not p": (
            lambda: _in_errors(variance=lambda p: p)
        ),
        "variances add up, and not standard errors": (
            lambda: (
                0.015 / (np.sqrt(0.06 * 0.94 / 2000) + np.sqrt(0.045 * 0.955 / 2000))
            )
        ),
        "n is the size of one arm, not of both": lambda: _in_errors(n=4000),
        "upside down: how many errors fit into the difference?": (
            lambda: 1 / _in_errors()
        ),
    },
)


def _size(z=1.96 + 0.8416, variances=0.02 * 0.98 + 0.024 * 0.976, effect=0.004):
    return z**2 * variances / effect**2


exercise_value(
    "6.1-size",
    _size,
    "the people in each arm",
    atol=60,
    slips={
        "both arms are noisy: their variances add up": (
            lambda: _size(variances=0.02 * 0.98)
        ),
        "that is the size of both arms together": lambda: 2 * _size(),
        "the power is missing: 0.8416 is added to 1.96": lambda: _size(1.96),
        "square the sum of 1.96 and 0.8416": lambda: _size((1.96 + 0.8416) ** 0.5),
        "divide by the square of the effect": lambda: _size(effect=0.004**0.5),
    },
)


def _least(variances, n, z=1.96 + 0.8416):
    return z * (sum(variances) / n) ** 0.5


exercise_function(
    "6.1-least",
    _least,
    [([0.06, 0.07], 4000), ([0.25, 0.2], 900), ([120.0, 150.0], 20_000)],
    "the effect",
    atol=1e-6,
    slips={
        "the power is missing: 0.8416 is added to 1.96": (
            lambda variances, n: _least(variances, n, z=1.96)
        ),
        "both arms are noisy: their variances add up": (
            lambda variances, n: _least(variances[:1], n)
        ),
        "that is the squared effect: take the root": (
            lambda variances, n: _least(variances, n) ** 2
        ),
        "n is the size of one arm, not of both": (
            lambda variances, n: _least(variances, n / 2)
        ),
    },
)


def _people(n, seed):
    """Outcome, treatment and the outcome before of n people."""
    rng = np.random.default_rng(seed)
    treated = np.arange(n) % 3 != 1
    before = rng.integers(0, 9, n) / 2
    return before + rng.integers(0, 5, n) + 1.0 * treated, treated, before


def _slope(y, x):
    return ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()


def _gap(y, treated):
    return y[treated].mean() - y[~treated].mean()


def _adjusted(y, treated, before):
    return _gap(y - _slope(y, before) * (before - before.mean()), treated)


exercise_function(
    "6.1-cuped",
    _adjusted,
    lambda: [_people(n, n) for n in (6, 9, 14)],
    "the effect",
    slips={
        "that is the plain difference: what was different before is still in it": (
            lambda y, treated, before: _gap(y, treated)
        ),
        "that takes all of the difference before away: multiply it by theta": (
            lambda y, treated, before: _gap(y - before, treated)
        ),
        "theta divides by the variance of before, not by that of y": (
            lambda y, treated, before: _gap(y - before * _slope(before, y), treated)
        ),
        "np.cov divides by n - 1 and var by n: take the same for both": (
            lambda y, treated, before: _gap(
                y - _slope(y, before) * len(y) / (len(y) - 1) * before, treated
            )
        ),
        "the sign is turned: what was ahead before is taken away": (
            lambda y, treated, before: _gap(y + _slope(y, before) * before, treated)
        ),
        "the difference is turned: treated less untreated": (
            lambda *case: -_adjusted(*case)
        ),
    },
)


def _chi_squared(counts, fractions):
    expected = counts.sum() * fractions
    return ((counts - expected) ** 2 / expected).sum()


exercise_function(
    "6.1-mismatch",
    _chi_squared,
    [
        (np.array([30.0, 50.0]), np.array([0.5, 0.5])),
        (np.array([80.0, 15.0]), np.array([0.9, 0.1])),
        (np.array([20.0, 30.0, 40.0]), np.array([0.25, 0.25, 0.5])),
    ],
    "chi squared",
    slips={
        "divide by what was expected, not by what came": lambda counts, fractions: (
            (counts - counts.sum() * fractions) ** 2 / counts
        ).sum(),
        "the fractions count: not every arm was planned to be as large": (
            lambda counts, fractions: _chi_squared(
                counts, np.full(len(counts), 1 / len(counts))
            )
        ),
        "square the gaps before you add them": lambda counts, fractions: (
            np.abs(counts - counts.sum() * fractions) / (counts.sum() * fractions)
        ).sum(),
        "compare counts with counts: a fraction has lost how many people there were": (
            lambda counts, fractions: (
                (counts / counts.sum() - fractions) ** 2 / fractions
            ).sum()
        ),
    },
)
