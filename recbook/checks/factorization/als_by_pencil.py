"""Checks of chapter 3.3, alternating least squares: the answers by pencil."""

import numpy as np

from recbook.checks import exercise_value

PLACES = np.array([1.0, 1.0, 0.5, -1.0, -1.0, -1.0])
DEE = {0: 1, 2: 2, 3: 5, 4: 4, 5: 5}  # film -> stars


def _dee(reg=1.0, mean=3.5, below=np.square, base=3.5):
    q = PLACES[list(DEE)]
    d = np.array(list(DEE.values())) - mean
    tilt = q @ d / (below(q).sum() + reg)
    return [tilt, base + tilt * PLACES[1]]


exercise_value(
    "3.3-dee",
    _dee,
    "[p, stars for Dune]",
    atol=0.005,
    slips={
        "λ is missing below the line": lambda: _dee(reg=0.0),
        "λ counts once, however many films there are": lambda: _dee(reg=5.0),
        "the positions below the line are squared": lambda: _dee(below=np.abs),
        "take μ off her stars first": lambda: _dee(mean=0.0),
        "the stars begin with μ": lambda: _dee(base=0.0),
    },
)


def _even(part=1 / 6, rows=1e8 + 1e6, ratings=1e9):
    return ratings / (rows * part)


exercise_value(
    "3.3-even",
    _even,
    "f",
    atol=1.0,
    slips={
        "solving has a factor in front of its cube": lambda: _even(part=1.0),
        "the factor in front of the cube changes sides: it divides there": (
            lambda: _even(part=6.0)
        ),
        "that is the mean number of ratings in a row": lambda: _even(part=1 / 2),
        "both sides are solved, and here customers are the many": (
            lambda: _even(rows=1e6)
        ),
        "upside down: rows make solving expensive, and ratings building": (
            lambda: 1 / _even()
        ),
    },
)
