"""Checks of chapter 6.1, did the letter change anything?"""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _in_errors(
    customers, orders_with, orders_without, error=lambda a, b: (a + b) ** 0.5, power=1
):
    p, q = orders_with / customers, orders_without / customers
    squares = (x * (1 - x) ** power / customers for x in (p, q))
    return (p - q) / error(*squares)


exercise_value(
    "6.1-errors",
    _in_errors,
    "the number of standard errors",
    atol=0.02,
    slips={
        "both arms are noisy: their variances add up": (
            lambda **own: _in_errors(**own, error=lambda a, b: a**0.5)
        ),
        "the variance of a yes or no is p (1 − p), not p": (
            lambda **own: _in_errors(**own, power=0)
        ),
        "variances add up, and not standard errors": (
            lambda **own: _in_errors(**own, error=lambda a, b: a**0.5 + b**0.5)
        ),
        "n is the size of one arm, not of both": (
            lambda **own: 2**0.5 * _in_errors(**own)
        ),
        "upside down: how many errors fit into the difference?": (
            lambda **own: 1 / _in_errors(**own)
        ),
    },
    numbers={
        "customers": [2000, 1000, 1500, 2500, 3000, 4000, 5000],
        "orders_with": [120, 70, 75, 80, 90, 100, 110, 135, 150, 180, 200],
        "orders_without": [90, 50, 60, 75, 80, 100, 120, 130, 150, 160],
    },
    where=lambda **own: (
        1.2 < _in_errors(**own) < 3 and own["orders_without"] / own["customers"] > 0.03
    ),
)


def _size(margin, without, with_letter, z=1.96 + 0.8416, arms=2, power=2):
    """People in each arm who show whether a letter brings the orders that it costs."""
    p, q = with_letter / 100, without / 100
    variances = [q * (1 - q), p * (1 - p)][:arms]
    return z**2 * sum(variances) / (p - q) ** power


exercise_value(
    "6.1-size",
    _size,
    "the number of people",
    atol=lambda **own: 0.003 * _size(**own),
    slips={
        "both arms are noisy: their variances add up": lambda **own: _size(
            **own, arms=1
        ),
        "that is the size of both arms together": lambda **own: 2 * _size(**own),
        "the power is missing: 0.8416 is added to 1.96": (
            lambda **own: _size(**own, z=1.96)
        ),
        "square the sum of 1.96 and 0.8416": (
            lambda **own: _size(**own, z=(1.96 + 0.8416) ** 0.5)
        ),
        "divide by the square of the effect": lambda **own: _size(**own, power=1),
    },
    numbers={
        "margin": [150, 50, 60, 75, 80, 100, 120, 200],
        "without": [2, 1, 1.5, 2.5, 3, 4, 5],
        "with_letter": [2.4, *(x / 100 for x in range(130, 621, 5) if x != 240)],
    },
    # A letter costs 0.60 €.
    where=lambda margin, without, with_letter: (
        abs(with_letter - without - 60 / margin) < 1e-9
    ),
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
