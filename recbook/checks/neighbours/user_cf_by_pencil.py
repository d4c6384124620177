"""Checks of chapter 2.2, user-based collaborative filtering: the answers by pencil."""

import numpy as np

from recbook.checks import exercise_value


def _babe(least=1, sign=-1, below=lambda w: np.abs(w).sum()):
    """Cem's Babe by Bob alone, and by Bob and Dee, clipped at the end."""
    cem, theirs = 10 / 3, 17 / 5
    w, d = np.array([0.674, sign * 0.757]), np.array([1.0, 5.0]) - theirs
    moves = [w[:n] @ d[:n] / below(w[:n]) for n in (1, 2)]
    return [float(np.clip(cem + x, least, 5)) for x in moves]


exercise_value(
    "2.2-babe",
    _babe,
    "[Bob alone, Bob and Dee]",
    atol=0.01,
    slips={
        "the last step is missing: no prediction is below the fewest stars": (
            lambda: _babe(least=-9)
        ),
        "the weights in the denominator need their absolute values": (
            lambda: _babe(below=np.sum)
        ),
        "Dee's weight is negative: her deviation counts the other way round": (
            lambda: _babe(sign=1)
        ),
        "divide by the sum of the absolute weights, not by how many there are": (
            lambda: _babe(below=len)
        ),
        "divide by the sum of the absolute weights before you add Cem's mean": (
            lambda: _babe(below=lambda w: 1.0)
        ),
    },
)


exercise_value(
    "2.2-leak",
    lambda: 6 * 3.5 - 5 * 4.0,
    "the rating",
    atol=1e-6,
    slips={
        "a mean is not a sum: multiply each by its number of people": lambda: 3.5 - 4.0,
        "Monday's sum has all of Monday's people in it": lambda: 6 * 3.5 - 4.0,
        "Monday's page had fewer people than Tuesday's": lambda: 6 * 3.5 - 6 * 4.0,
        "the other way round: take Monday's sum off Tuesday's": (
            lambda: 5 * 4.0 - 6 * 3.5
        ),
        "the colleague is a small part of Tuesday's mean, and not half of it": (
            lambda: 2 * 3.5 - 4.0
        ),
    },
)


def _moved(opponent, up, down, w=1.0):
    """How far two votes move somebody, with bars in the denominator and without."""
    push = w * up + opponent * down
    return [push / (w + abs(opponent)), push / (w - opponent)]


exercise_value(
    "2.2-explode",
    _moved,
    "[Σ|w|, Σw]",
    atol=0.05,
    slips={
        "the move with bars comes first, the one without second": (
            lambda **own: _moved(**own)[::-1]
        ),
        "a negative weight turns a negative deviation round: minus times minus": (
            lambda opponent, up, down: _moved(opponent, up, -down)
        ),
        "the second weight is negative": (
            lambda opponent, up, down: _moved(-opponent, up, down)
        ),
        "divide by the weights, not by how many neighbours there are": (
            lambda opponent, up, down: [(up + opponent * down) / 2] * 2
        ),
        "those are the numerators: each is still to be divided": (
            lambda opponent, up, down: [up + opponent * down] * 2
        ),
    },
    numbers={
        "opponent": [0.9, 0.8, 0.75, 0.6, 0.5],
        "up": [1, 0.5, 1.5, 2],
        "down": [1, 0.5, 1.5, 2],
    },
)
