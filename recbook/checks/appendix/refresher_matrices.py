"""Checks of the refresher on matrices, expectation and variance."""

import numpy as np

from recbook.checks import exercise_function, exercise_value

exercise_value("0.2-entry", lambda: 3 * 5 + 4 * 7, "the entry", atol=0.01)
exercise_value("0.2-system", lambda: [2, 3], "[x, y]", atol=0.005)
exercise_value("0.2-letter", lambda: 0.02 * 20 - 0.60, "the euros", atol=0.005)
exercise_value("0.2-people", lambda: 0.05 * 0.95 / 0.005**2, "n", atol=1)


def _samples():
    rng = np.random.default_rng(2)
    return [(rng.normal(3, 2, n),) for n in (4, 9, 25)] + [(np.array([1.0, 2, 6]),)]


def _standard_error(values):
    return np.std(values, ddof=1) / np.sqrt(len(values))


_SLIPS = {
    "the standard deviation has n − 1 in its denominator here: ddof=1": (
        lambda values: np.std(values) / np.sqrt(len(values))
    ),
    "that is the standard deviation of one value: divide by the root of n": (
        lambda values: np.std(values, ddof=1)
    ),
    "divide by the root of n, not by n": (
        lambda values: np.std(values, ddof=1) / len(values)
    ),
}
exercise_function(
    "0.2-error", _standard_error, _samples, "the standard error", slips=_SLIPS
)
