"""Checks of chapter 8.2, what a customer is worth."""

import itertools
import math

import numpy as np

from recbook.checks import exercise_function

exercise_function(
    "8.2-horizon",
    lambda span, wanted: min(wanted, int(span // 2)),
    [(118, 26), (39, 26), (3, 26), (52, 26), (51, 26)],
    "the weeks",
    slips={
        "as many weeks are held out as are predicted: half of the log at most": (
            lambda span, wanted: min(wanted, span)
        ),
        "what is left beside the held-out weeks has to be as long as they are": (
            lambda span, wanted: min(wanted, span - wanted)
        ),
        "no more than was asked for": lambda span, wanted: int(span // 2),
        "whole weeks, rounded down": lambda span, wanted: min(wanted, span / 2),
    },
)

exercise_function(
    "8.2-off",
    lambda predicted, counted: 100 * (predicted / counted - 1),
    [(110, 100), (704, 650), (450, 600), (80, 80)],
    "the error in percent",
    slips={
        "of what was counted, not of what was predicted": (
            lambda predicted, counted: 100 * (1 - counted / predicted)
        ),
        "above 0 where too much was predicted": (
            lambda predicted, counted: 100 * (1 - predicted / counted)
        ),
        "in percent: times 100": lambda predicted, counted: predicted / counted - 1,
        "100 % are not off at all: take 1 from the ratio": (
            lambda predicted, counted: 100 * predicted / counted
        ),
    },
)


def _rhythm(days, n=1):
    gaps = [b - a for a, b in itertools.pairwise(days)]
    mean = sum(gaps) / len(gaps)
    return 100 * math.sqrt(sum((g - mean) ** 2 for g in gaps) / (len(gaps) - n)) / mean


exercise_function(
    "8.2-rhythm",
    _rhythm,
    lambda: [
        np.array([0, 10, 30]),
        np.array([0, 28, 56, 83, 112]),
        np.array([5, 9, 80, 82, 140]),
    ],
    "the variation in percent",
    slips={
        "with n - 1 below the root: ddof=1": lambda days: _rhythm(days, 0),
        "of the gaps, not of the days": (
            lambda days: 100 * np.std(days, ddof=1) / np.mean(days)
        ),
        "in percent: times 100": lambda days: _rhythm(days) / 100,
        "divided by the mean of the gaps": (
            lambda days: np.diff(np.asarray(days)).std(ddof=1)
        ),
    },
)


def _tenth(values, share=10):
    ranked = sorted(np.asarray(values).tolist(), reverse=True)
    return 100 * sum(ranked[: max(len(ranked) // share, 1)]) / sum(ranked)


def _values():
    rng = np.random.default_rng(82)
    return [np.array([2.0, 6.0]), np.arange(1.0, 11.0), rng.gamma(0.5, 9.0, size=37)]


exercise_function(
    "8.2-tenth",
    _tenth,
    _values,
    "the share of the best tenth",
    slips={
        "the tenth of the customers with the largest values, not the smallest": (
            lambda values: 100 * np.sort(values)[: max(len(values) // 10, 1)].sum()
            / np.sum(values)
        ),
        "sort them first: the best may stand anywhere": (
            lambda values: 100 * values[: max(len(values) // 10, 1)].sum()
            / np.sum(values)
        ),
        "in percent: times 100": lambda values: _tenth(values) / 100,
        "at least one customer": (
            lambda values: 100 * np.sort(values)[::-1][: len(values) // 10].sum()
            / np.sum(values)
        ),
    },
)  # fmt: skip


def _vouchers(values, cost, lift):
    gains = [lift * v - cost for v in np.asarray(values).tolist()]
    return sum(g > 0 for g in gains), sum(g for g in gains if g > 0)


def _whole(values, cost, lift):
    """As if a customer's whole value came from the voucher."""
    return _vouchers(values, cost, 1.0)


exercise_function(
    "8.2-voucher",
    _vouchers,
    lambda: [
        (np.array([10.0, 200.0]), 5.0, 0.1),
        (np.array([80.0, 20.0, 51.0, 49.0]), 5.0, 0.1),
        (np.array([12.0, 30.0, 7.0]), 2.0, 0.25),
    ],
    "the number and the gain",
    slips={
        "a voucher adds the lift, not what the customer is worth": _whole,
        "only the vouchers that pay are sent": (
            lambda values, cost, lift: (
                (lift * values > cost).sum(), (lift * values - cost).sum()
            )
        ),
        "the cost comes off what they earn": (
            lambda values, cost, lift: (
                (lift * values > cost).sum(), sum(v for v in lift * values if v > cost)
            )
        ),
    },
)  # fmt: skip

exercise_function(
    "8.2-boxes",
    lambda stays, n: sum(stays**k for k in range(1, n + 1)),
    [(0.5, 2), (0.93, 6), (0.8, 12), (1.0, 3)],
    "the expected boxes",
    slips={
        "the second box takes two renewals: the probabilities multiply": (
            lambda stays, n: stays * n
        ),
        "the first of them takes a renewal, too": (
            lambda stays, n: sum(stays**k for k in range(n))
        ),
        "that is the probability of the last box: add up all of them": (
            lambda stays, n: stays**n
        ),
    },
)
