"""Checks of chapter 2.1, similarity: an answer by pencil."""

from recbook.checks import exercise_value


def _crossing(high, few, low, many):
    return few * many * (high - low) / (low * many - high * few)


exercise_value(
    "2.1-cross",
    _crossing,
    "beta",
    atol=0.05,
    slips={
        "each correlation is multiplied by its number of co-ratings, too": (
            lambda high, few, low, many: (high * many - low * few) / (low - high)
        ),
        "multiply each side by the denominator of the other side": (
            lambda high, few, low, many: (
                (high * few**2 - low * many**2) / (low * many - high * few)
            )
        ),
        "a term with β that changes sides changes its sign": (
            lambda high, few, low, many: (
                few * many * (high - low) / (low * many + high * few)
            )
        ),
        "a number that changes sides changes its sign": (
            lambda high, few, low, many: (
                few * many * (high + low) / (low * many - high * few)
            )
        ),
        "upside down: divide by what stands before β": (
            lambda **own: 1 / _crossing(**own)
        ),
    },
    numbers={
        "high": [0.9, 0.8, 0.7],
        "few": [5, 4, 6, 8, 10],
        "low": [0.4, 0.3, 0.5],
        "many": [200, 50, 80, 100, 150],
    },
    where=lambda **own: 2 < _crossing(**own) < 25,
)
