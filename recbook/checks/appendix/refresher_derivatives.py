"""Checks of the refresher on derivatives."""

import numpy as np

from recbook.checks import (
    call,
    exercise,
    exercise_function,
    exercise_value,
    same,
)


def _slope(q=1, outer=2, inner=-3):
    return outer * (4 - 3 * q) * inner


exercise_value(
    "0.1-slope",
    _slope,
    "the slope",
    atol=0.005,
    slips={
        "the chain rule: what is squared has a slope of its own": (
            lambda: _slope(inner=1)
        ),
        "what is squared falls where q grows: mind the sign": lambda: _slope(inner=3),
        "the square brings a factor of 2": lambda: _slope(outer=1),
        "that is the error itself, not its slope": lambda: (4 - 3) ** 2,
    },
)


def _valley(inner=-2, penalty=2):
    """Where 2 · inner · (4 − 2q) + penalty · q is 0."""
    return -2 * inner * 4 / (penalty - 2 * inner * 2)


exercise_value(
    "0.1-valley",
    _valley,
    "q",
    atol=0.005,
    slips={
        "the penalty has a slope, too": lambda: _valley(penalty=0),
        "the slope of q² is not q": lambda: _valley(penalty=1),
        "the chain rule: what is squared has a slope of its own": (
            lambda: _valley(inner=-1)
        ),
        "check the signs: what is squared falls with q, and the penalty grows": (
            lambda: _valley(penalty=-2)
        ),
    },
)


def _log_slope(x=0.0, outer=1, inner=-1):
    return inner * np.exp(-x) / (1 + outer * np.exp(-x))


exercise_value(
    "0.1-log",
    _log_slope,
    "the slope",
    atol=0.005,
    slips={
        "the chain rule goes on inside: the exponent has a slope, with a minus": (
            lambda: _log_slope(inner=1)
        ),
        "the logarithm has a slope, too": (lambda: _log_slope(outer=0)),
        "that is the function itself, not its slope": lambda: np.log(1 + 1),
        "the slope of a logarithm is one over what stands in it": (
            lambda: -np.exp(-0.0) * (1 + np.exp(-0.0))
        ),
    },
)


def _triples():
    return [(5.0, 1.0, 2.0), (3.0, 1.5, 4.0), (1.0, -2.0, 0.5), (4.0, 3.0, 0.0)]


def _slopes(r, p, q):
    return -2 * q * (r - p * q), -2 * p * (r - p * q)


_SLIPS = {
    "the first is the slope for p, which has q in front": (
        lambda r, p, q: _slopes(r, p, q)[::-1]
    ),
    "the inner derivative has a minus: r − pq falls where p grows": (
        lambda r, p, q: tuple(-slope for slope in _slopes(r, p, q))
    ),
    "the square brings a factor of 2": (
        lambda r, p, q: tuple(slope / 2 for slope in _slopes(r, p, q))
    ),
}
exercise_function("0.1-gradient", _slopes, _triples, "(∂J/∂p, ∂J/∂q)", slips=_SLIPS)


@exercise("0.1-numeric")
def numeric(slope):
    """Try a numerical derivative on functions with known ones."""
    known = (
        ("x² at 3", lambda x: x * x, 3.0, 6.0),
        ("e^x at 0", np.exp, 0.0, 1.0),
        ("sin x at 1", np.sin, 1.0, np.cos(1.0)),
        ("ln x at 2", np.log, 2.0, 0.5),
    )
    for name, f, x, expected in known:
        found = call(slope, f, x)
        if same(found, expected * 1e-5, atol=1e-6) is None:
            return "that is how much f grows: divide it by how far x has moved"
        if problem := same(found, expected, f"the slope of {name}", atol=3e-6):
            return problem
    return None
