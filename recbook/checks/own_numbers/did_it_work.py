"""Checks of chapter 8.4, did it work."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _interval(z=1.96, variances=2 * 30**2, n=2500):
    reach = z * (variances / n) ** 0.5
    return [42 - 40 - reach, 42 - 40 + reach]


exercise_value(
    "8.4-interval",
    _interval,
    "the interval",
    0.006,
    slips={
        "the error of a mean: divide the variance by the number of customers": (
            lambda: _interval(n=1)
        ),
        "both arms are noisy: their variances add up": (
            lambda: _interval(variances=30**2)
        ),
        "an interval of 95 % is 1.96 standard errors to each side": (
            lambda: _interval(z=1)
        ),
    },
)


def _ratio(below=(8000, 2000), expected=(8000, 2000)):
    off = np.array([8120, 1880]) - expected
    return (off**2 / below).sum()


exercise_value(
    "8.4-ratio",
    _ratio,
    "chi squared",
    0.006,
    slips={
        "divide by what was expected, not by what was counted": (
            lambda: _ratio(below=(8120, 1880))
        ),
        "one customer in five was to see B, and not every second": (
            lambda: _ratio((5000, 5000), (5000, 5000))
        ),
        "that is one of the two terms": lambda: _ratio(below=(np.inf, 2000)),
        "that is one of the two terms, the smaller one": (
            lambda: _ratio(below=(8000, np.inf))
        ),
        "the differences are squared before they are divided": (
            lambda: 120 / 8000 + 120 / 2000
        ),
    },
)


def _width(left=1 - 22**2 / (20 * 26), power=0.5):
    return left**power


exercise_value(
    "8.4-cuped",
    _width,
    "the factor",
    0.003,
    slips={
        "a width is the root of a variance: take the root of the fraction": (
            lambda: _width(power=1)
        ),
        "what CUPED leaves is asked for, not what it removes": (
            lambda: 22**2 / (20 * 26)
        ),
        "that is the correlation": lambda: 22 / (20 * 26) ** 0.5,
        "the other way round: the new width is smaller, so below 1": (
            lambda: _width(power=-0.5)
        ),
    },
)


def _next(arms=2, left=0.6, effect=1.5):
    return 2.8**2 * arms * left * 30**2 / effect**2


exercise_value(
    "8.4-next",
    _next,
    "the number of customers",
    4,
    slips={
        "that is both arms together: each arm is asked for": lambda: _next(arms=4),
        "CUPED leaves 60 % of the variance": lambda: _next(left=1),
        "CUPED leaves 60 % of the variance, and not of the deviation": (
            lambda: _next(left=0.6**2)
        ),
        "both arms are noisy: twice the variance": lambda: _next(arms=1),
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
