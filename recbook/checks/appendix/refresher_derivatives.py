"""Checks of the refresher on derivatives."""

import numpy as np

from recbook.checks import (
    call,
    exercise,
    exercise_function,
    exercise_value,
    same,
)

exercise_value("0.1-slope", lambda: 2 * (4 - 3) * -3, "the slope", atol=0.005)
exercise_value("0.1-valley", lambda: 16 / 10, "q", atol=0.005)
exercise_value("0.1-log", lambda: -1 / 2, "the slope", atol=0.005)


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
