"""Checks of chapter 8.4, did it work."""

import numpy as np

from recbook.checks import exercise_function, exercise_value

ERROR = (30**2 / 2500 + 30**2 / 2500) ** 0.5


def _around(reach):
    return [2 - reach, 2 + reach]


exercise_value(
    "8.4-interval",
    lambda: _around(1.96 * ERROR),
    "the interval",
    0.006,
    slips={
        "the error of a mean: divide the variance by the number of customers": (
            _around(1.96 * 30)
        ),
        "both arms are noisy: their variances add up": _around(1.96 * 30 / 50),
        "an interval of 95 % is 1.96 standard errors to each side": _around(ERROR),
    },
)
exercise_value(
    "8.4-ratio",
    lambda: 9.0,
    "chi squared",
    0.006,
    slips={
        "divide by what was expected, not by what was counted": (
            120**2 / 8120 + 120**2 / 1880
        ),
        "one customer in five was to see B, and not every second": (2 * 3120**2 / 5000),
        "that is one of the two terms": 7.2,
    },
)
exercise_value(
    "8.4-cuped",
    lambda: (36 / 520) ** 0.5,
    "the factor",
    0.003,
    slips={
        "that is the fraction of the variance: a width is its root": 36 / 520,
        "that is what CUPED removes, not what it leaves": 484 / 520,
        "that is the correlation": (484 / 520) ** 0.5,
        "the other way round: the new width is smaller, so below 1": (520 / 36) ** 0.5,
    },
)
exercise_value(
    "8.4-next",
    lambda: 2.8**2 * 2 * 0.6 * 900 / 1.5**2,
    "the number of customers",
    4,
    slips={
        "that is both arms together: each arm is asked for": (
            2.8**2 * 4 * 0.6 * 900 / 1.5**2
        ),
        "CUPED leaves 60 % of the variance": 2.8**2 * 2 * 900 / 1.5**2,
        "CUPED leaves 60 % of the variance, and not of the deviation": (
            2.8**2 * 2 * 0.36 * 900 / 1.5**2
        ),
        "both arms are noisy: twice the variance": 2.8**2 * 0.6 * 900 / 1.5**2,
    },
)


def _sums(customer, spent):
    return np.array([
        sum(amount for who, amount in zip(customer, spent, strict=True) if who == one)
        for one in range(max(customer) + 1)
    ])  # fmt: skip


exercise_function(
    "8.4-units",
    _sums,
    lambda: [
        (np.array([0, 1, 0]), np.array([2.0, 5.0, 3.0])),
        (np.array([2, 0, 1, 2, 2]), np.array([1.5, 0.0, 4.0, 2.0, 4.25])),
    ],
    "the sums",
    slips={
        "that is the mean of a visit: add them up": (
            lambda customer, spent: _sums(customer, spent) / np.bincount(customer)
        ),
        "that is the first visit of each: add the later ones": (
            lambda customer, spent: spent[np.unique(customer, return_index=True)[1]]
        ),
        "that is one number for each visit, and one for each customer is asked for": (
            lambda customer, spent: spent
        ),
    },
)


def _decide(low, high, smallest):
    if high < 0:
        return "less"
    if low <= 0:
        return "not shown"
    return "more" if low >= smallest else "more, size open"


exercise_function(
    "8.4-decide",
    _decide,
    [
        (1.2, 3.4, 1.0),
        (0.2, 3.4, 1.0),
        (-0.2, 3.4, 1.0),
        (-3.4, -0.2, 1.0),
        (-0.2, 0.8, 1.0),
        (1.0, 2.0, 1.0),
        (0.0, 2.0, 1.0),
    ],
    "the answer",
    slips={
        "look at the low end: even that must pay for the change": (
            lambda low, high, smallest: (
                _decide(low, high, smallest)
                if low <= 0
                else "more"
                if high >= smallest
                else "more, size open"
            )
        ),
    },
)
