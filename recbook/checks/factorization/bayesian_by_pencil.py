"""Checks of chapter 3.6, Bayesian factorization: the answers by pencil."""

import numpy as np

from recbook.checks import exercise_value


def _eve(position=-1.0, alpha=2.0, reg=2.0, power=-0.5):
    x, d = np.array([position, position]), np.array([0.5, 1.5])
    A = reg + alpha * x @ x
    return [alpha * x @ d / A, A**power]


exercise_value(
    "3.6-eve",
    _eve,
    "[mean, deviation]",
    atol=0.005,
    slips={
        "a deviation is one over the root of the precision": lambda: _eve(power=1),
        "a variance is not yet a deviation": lambda: _eve(power=-1),
        "the prior has a precision, too: λ is missing": lambda: _eve(reg=0.0),
        "a rating has a precision: α is missing": lambda: _eve(alpha=1.0),
        "the position is negative: which way does her line tilt?": (
            lambda: _eve(position=1.0)
        ),
    },
)


def _enough(times=100, prior=6, extra=0):
    return int(np.ceil((times * 1.5 - prior) / 1.5)) + extra


exercise_value(
    "3.6-enough",
    _enough,
    "n",
    atol=0,
    slips={
        "the prior counts as some ratings already": lambda: _enough(prior=0),
        "the prior helps: it is taken off what is needed, not added": (
            lambda: _enough(prior=-6)
        ),
        "a tenth of the deviation is a hundredth of the variance": (
            lambda: _enough(times=10)
        ),
        "that is a precision: how many ratings bring it?": lambda: 100 * 1.5 - 6,
        "at most: where both are equal, it is enough": lambda: _enough(extra=1),
    },
)


def _half(log=np.log, parts=(1, 2)):
    return [60 * log(2) / part for part in parts]


exercise_value(
    "3.6-half",
    _half,
    "[seconds, seconds]",
    atol=0.1,
    slips={
        "an exponential is no straight line: half of τ is too early": (
            lambda: [60 / 2, 60 / 4]
        ),
        "after τ an e-th is left: the logarithm is the natural one": (
            lambda: _half(np.log2)
        ),
        "the logarithm is the natural one, not that to the base 10": (
            lambda: _half(np.log10)
        ),
        "a square falls faster than the value itself": lambda: _half(parts=(1, 0.5)),
        "the half of the value comes first, that of the square second": (
            lambda: _half(parts=(2, 1))
        ),
    },
)
