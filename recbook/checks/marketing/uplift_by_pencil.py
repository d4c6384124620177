"""Checks of chapter 6.14, uplift: the answers by pencil."""

from recbook.checks import exercise_value


def _five(e=1 / 4, sign=-1, n=5):
    """The transformed outcome of one order with a letter and two without one."""
    return (1 / e + sign * 2 / (1 - e)) / n


exercise_value(
    "6.14-four",
    _five,
    "the mean of the five",
    atol=0.006,
    slips={
        "that is the difference of the two order rates": lambda: 1 / 2 - 2 / 3,
        "the letters go to a quarter: which weight belongs to whom?": (
            lambda: _five(e=3 / 4)
        ),
        "the letters go to a quarter, not to a half": lambda: _five(e=1 / 2),
        "an order without a letter has a minus, and a mean divides by all five": (
            lambda: _five(sign=1)
        ),
        "people who did not order belong to the mean": lambda: _five(n=3),
        "each order is divided by the chance of what its person got": (
            lambda: (1 - 2) / 5
        ),
    },
)


def _people(
    reach=1.96, variance=0.03 / 0.5 + 0.02 / 0.5 - 0.01**2, effect=0.01, power=2
):
    return reach**2 * variance / effect**power


exercise_value(
    "6.14-people",
    _people,
    "the number of people",
    atol=12,
    slips={
        "the interval is 1.96 standard errors to each side": lambda: _people(reach=1),
        "n stands under a root: square the point, too": lambda: _people(power=1),
        "each half is only half of the people: divide by its probability": (
            lambda: _people(variance=0.03 + 0.02 - 0.01**2)
        ),
        "± 1 point reaches over two points": lambda: _people(effect=0.02),
        "that is with nine letters in ten": (
            lambda: _people(variance=0.03 / 0.9 + 0.02 / 0.1 - 0.01**2)
        ),
        "the transformed outcome has a larger variance than two rates": (
            lambda: _people(variance=0.03 * 0.97 / 0.5 + 0.02 * 0.98 / 0.5)
        ),
    },
)
