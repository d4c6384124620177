"""Checks of chapter 6.15, who is still a customer and what one is worth."""

import functools
import math
from collections.abc import Callable

import numpy as np
from scipy.special import betaln

from recbook.checks import exercise_function


def _history(days, end, first=0, merged=True, cut=True, silence=False):
    """Frequency, recency and T of one customer, day after day."""
    kept = []
    for day in sorted(np.asarray(days).tolist()):
        if (day <= end or not cut) and not (merged and day in kept):
            kept.append(day)
    recency = end - kept[-1] if silence else kept[-1] - kept[0]
    return np.array([len(kept) - 1 + first, recency, end - kept[0]], dtype=float)


_MISTAKES: dict[str, Callable] = {
    "frequency counts repeat orders: the first order is not one of them": (
        functools.partial(_history, first=1)
    ),
    "two orders on one day count once": functools.partial(_history, merged=False),
    "recency runs from the first order to the last, not from the last to the end": (
        functools.partial(_history, silence=True)
    ),
    "T runs to the end of the log, not to the last order": (
        lambda days, end, cut=True: _history(days, end, cut=cut)[[0, 1, 1]]
    ),
}
_LATER = "orders after the end do not count"
# An answer that forgets those may make each of the other mistakes as well.
_HISTORY_SLIPS = {
    **_MISTAKES,
    _LATER: functools.partial(_history, cut=False),
    **{
        f"{message}; and {_LATER}": functools.partial(mistake, cut=False)
        for message, mistake in _MISTAKES.items()
    },
}
exercise_function(
    "6.15-history",
    _history,
    lambda: [
        (np.array([3, 10]), 20),
        (np.array([40, 3, 10, 10, 55, 3]), 50),
        (np.array([7, 7]), 7),
        (np.array([100, 30, 64, 30, 99]), 99),
    ],
    "frequency, recency and T",
    slips=_HISTORY_SLIPS,
)


def _log_likelihood(
    r, alpha, a, b, x, t_x, T, less=1, left=True, rate=True, always=False
):
    shape = math.lgamma(r + x) - math.lgamma(r) + (r * math.log(alpha) if rate else 0)
    shape += float(betaln(a, b + x) - betaln(a, b))
    alive = -(r + x) * math.log(alpha + T)
    if not left or (x == 0 and not always):
        return shape + alive
    gone = math.log(a / (b + x - less)) - (r + x) * math.log(alpha + t_x)
    return shape + float(np.logaddexp(alive, gone))


def _histories():
    return [
        (0.5, 4.0, 0.8, 2.5, 0, 0.0, 30.0),
        (0.5, 4.0, 0.8, 2.5, 2, 12.0, 30.0),
        (0.9, 9.0, 1.3, 2.0, 5, 29.0, 31.0),
        (0.3, 5.0, 0.6, 3.0, 240, 50.0, 80.0),
    ]


def _plain(r, alpha, a, b, x, t_x, T):
    """The formula as printed, which underflows for long histories."""
    both = (alpha + T) ** -(r + x)
    both += (x > 0) * a / (b + x - (x > 0)) * (alpha + t_x) ** -(r + x)
    shape = math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha)
    value = shape + float(betaln(a, b + x) - betaln(a, b))
    return value + (math.log(both) if both else -math.inf)


_LIKELIHOOD_SLIPS = {
    "with many orders both powers are 0 in the computer: add them by logarithms": (
        _plain
    ),
    "nobody can have left before a repeat order: for x = 0 the second term is out": (
        lambda *case: _log_likelihood(*case, always=True)
    ),
    "the case that the customer has left is missing": (
        lambda *case: _log_likelihood(*case, left=False)
    ),
    "leaving after the last order means x - 1 stays before it: a / (b + x - 1)": (
        lambda *case: _log_likelihood(*case, less=0)
    ),
    "α to the power r is missing": lambda *case: _log_likelihood(*case, rate=False),
    "that is the likelihood: its logarithm is asked for": (
        lambda *case: math.exp(_log_likelihood(*case))
    ),
}
exercise_function(
    "6.15-likelihood",
    _log_likelihood,
    _histories,
    "the log-likelihood",
    atol=1e-8,
    slips=_LIKELIHOOD_SLIPS,
)


def _alive(r, alpha, a, b, x, t_x, T, less=1, always=False, power=1, turned=1):
    if x == 0 and not always:
        return 1.0
    ratio = ((alpha + T) / (alpha + t_x)) ** turned
    return 1 / (1 + a / (b + x - less) * ratio ** (r + power * x))


_ALIVE_SLIPS = {
    "that is the probability of having left": lambda *case: 1 - _alive(*case),
    "without a repeat order nobody can have left: for x = 0 it is 1": (
        lambda *case: _alive(*case, always=True)
    ),
    "stayed x - 1 times, then left: a / (b + x - 1)": (
        lambda *case: _alive(*case, less=0)
    ),
    "the power is r + x: with x orders the same silence counts more": (
        lambda *case: _alive(*case, power=0)
    ),
    "T and t_x have changed places: longer silence makes it less likely": (
        lambda *case: _alive(*case, turned=-1)
    ),
}
exercise_function(
    "6.15-alive",
    _alive,
    lambda: [
        (0.5, 4.0, 0.8, 2.5, 1, 12.0, 30.0),
        (0.5, 4.0, 0.8, 2.5, 0, 0.0, 30.0),
        (0.9, 9.0, 1.3, 2.0, 6, 20.0, 31.0),
        (0.3, 5.0, 0.6, 3.0, 15, 50.0, 52.0),
    ],
    "P(alive)",
    atol=1e-9,
    slips=_ALIVE_SLIPS,
)


def _spend(p, q, v, x, z, less=1.0):
    mean = p * v / (q - 1)
    weight = p * x / (p * x + q - less)
    return (1 - weight) * mean + weight * z


_SPEND_SLIPS = {
    "the mean of all people is p v / (q - 1), not p v / q": (
        lambda p, q, v, x, z: p * (v * (q - 1) / q + x * z) / (p * x + q - 1)
    ),
    "the weight of the customer's own mean has q - 1 in it, not q": (
        lambda *case: _spend(*case, less=0.0)
    ),
    "that is the customer's own mean: two orders are not the whole truth": (
        lambda p, q, v, x, z: z
    ),
    "the two weights have changed places": lambda p, q, v, x, z: (
        p * v / (q - 1) + z - _spend(p, q, v, x, z)
    ),
    "the weight counts orders, x, and each counts as much as p: p x": (
        lambda p, q, v, x, z: ((q - 1) * p * v / (q - 1) + x * z) / (x + q - 1)
    ),
}
exercise_function(
    "6.15-spend",
    _spend,
    [
        (6.0, 4.0, 16.0, 2, 30.0),
        (6.0, 4.0, 16.0, 0, 0.0),
        (2.5, 3.0, 40.0, 9, 75.0),
        (6.0, 2.5, 20.0, 1, 200.0),
    ],
    "the expected value of an order",
    atol=1e-9,
    slips=_SPEND_SLIPS,
)


def _value(cumulative, spend, margin, annual, start=1, monthly=None, total=False):
    rate = (1 + annual) ** (1 / 12) - 1 if monthly is None else monthly(annual)
    value, before = 0.0, 0.0
    for k, orders in enumerate(np.asarray(cumulative).tolist(), start=start):
        value += margin * spend * (orders - before) / (1 + rate) ** k
        before = 0.0 if total else orders
    return value


_VALUE_SLIPS = {
    "the numbers are cumulative: take the difference from month to month": (
        lambda *case: _value(*case, total=True)
    ),
    "the rate is a year's: find the month's by the twelfth root": (
        lambda *case: _value(*case, monthly=lambda annual: annual)
    ),
    "a twelfth of the rate, twelve times with interest, is more than the rate": (
        lambda *case: _value(*case, monthly=lambda annual: annual / 12)
    ),
    "a month's orders count at its end: the first is discounted, too": (
        lambda *case: _value(*case, start=0)
    ),
    "the margin is missing: that is what is sold, not what is left": (
        lambda cumulative, spend, margin, annual: _value(cumulative, spend, 1.0, annual)
    ),
    "the rate makes later money worth less, not more": (
        lambda *case: _value(*case, monthly=lambda d: (1 + d) ** (-1 / 12) - 1)
    ),
}
exercise_function(
    "6.15-value",
    _value,
    [
        (np.array([0.5, 0.9, 1.2]), 50.0, 0.4, 0.12),
        (np.array([0.1, 0.1, 0.4, 0.6]), 80.0, 0.25, 0.3),
        (np.array([2.0]), 10.0, 0.5, 0.08),
    ],
    "the lifetime value",
    atol=1e-9,
    slips=_VALUE_SLIPS,
)


def _scores(values, k, ties="middle", turned=False):
    values = np.asarray(values, dtype=float)
    n = len(values)
    found = []
    for place, value in enumerate(values):
        below = int((values < value).sum())
        equal = int((values == value).sum())
        if ties == "middle":
            rank = below + equal / 2
        elif ties == "low":
            rank = below
        else:
            rank = below + int((values[:place] == value).sum())
        found.append(int(k * rank / n))
    found = np.array(found) + 1
    return k + 1 - found if turned else found


_SCORE_SLIPS = {
    "equal values must have equal scores, whatever row they are in": (
        lambda values, k: _scores(values, k, ties="order")
    ),
    "equal values take the middle of their ranks, not the lowest": (
        lambda values, k: _scores(values, k, ties="low")
    ),
    "the largest value has the highest score": (
        lambda values, k: _scores(values, k, turned=True)
    ),
    "scores begin at 1": lambda values, k: _scores(values, k) - 1,
    "groups of equally many people, not of equally long spans of values": (
        lambda values, k: (
            1
            + np.minimum(
                (values - values.min()) * k // max(values.max() - values.min(), 1),
                k - 1,
            ).astype(int)
        )
    ),
}
exercise_function(
    "6.15-scores",
    _scores,
    [
        (np.array([1.0, 5.0, 2.0, 9.0]), 2),
        (np.array([0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 7.0, 30.0, 0.0, 3.0]), 5),
        (np.array([4.0, 4.0, 1.0, 8.0, 8.0, 8.0, 3.0]), 3),
    ],
    "the scores",
    slips=_SCORE_SLIPS,
)
