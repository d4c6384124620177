"""Checks of the refresher on matrices, expectation and variance."""

import numpy as np

from recbook.checks import exercise_function, exercise_value

_A, _B = np.array([[1, 2], [3, 4]]), np.array([[5, 6], [7, 8]])
exercise_value(
    "0.2-entry",
    lambda: (_A @ _B)[1, 0],
    "the entry",
    atol=0.01,
    slips={
        "that is row times row: a row of A meets a column of B": (
            lambda: (_A @ _B.T)[1, 0]
        ),
        "a whole row meets a whole column: one product is not enough": (
            lambda: (_A * _B)[1, 0]
        ),
        "A B is not B A: the row is one of A": lambda: (_B @ _A)[1, 0],
        "the row comes first, the column second": lambda: (_A @ _B)[0, 1],
        "that is the first row": lambda: (_A @ _B)[0, 0],
        "that is the second column": lambda: (_A @ _B)[1, 1],
    },
)


def _system(first=(3, 1), second=(1, 2), right=(9, 8)):
    return np.linalg.solve([first, second], right)


exercise_value(
    "0.2-system",
    _system,
    "[x, y]",
    atol=0.005,
    slips={
        "x comes first, then y": lambda: _system()[::-1],
        "a term that changes sides changes its sign": lambda: _system(first=(-3, 1)),
        "a factor in front of a bracket multiplies all that is in it": (
            lambda: _system(second=(-2, 0), right=(9, 8 - 18))
        ),
        "where y is replaced, the factor in front of it stays": (
            lambda: _system(second=(1, 1))
        ),
    },
)


def _letter(rate=0.02, margin=20, cost=0.60):
    return rate * margin - cost


exercise_value(
    "0.2-letter",
    _letter,
    "the answer in euros",
    atol=0.005,
    slips={
        "what a letter brings less what it costs, not the other way round": (
            lambda: -_letter()
        ),
        "every letter costs, not only those that bring an order": (
            lambda: 0.02 * _letter(rate=1)
        ),
        "a letter has its cost, too": lambda: _letter(cost=0),
        "only a few of the letters bring an order": lambda: _letter(rate=1),
        "a per cent is a hundredth": lambda: _letter(rate=2),
    },
)


def _people(variance=0.05 * 0.95, error=0.005, power=2):
    return variance / error**power


exercise_value(
    "0.2-people",
    _people,
    "n",
    atol=1,
    slips={
        "a yes or no has the variance p (1 − p), not p": lambda: _people(0.05),
        "n stands under a root: square the error, too": lambda: _people(power=1),
        "a root of p (1 − p) is left: square both sides": (
            lambda: _people((0.05 * 0.95) ** 0.5, power=1)
        ),
        "half a percentage point is 0.005, not 0.5": lambda: _people(error=0.5),
        "the standard error is asked for, not an interval of 1.96 of them": (
            lambda: 1.96**2 * _people()
        ),
    },
)


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
