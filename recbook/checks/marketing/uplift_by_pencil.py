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


def _people(with_letter, without, width, reach=1.96, chance=0.5, power=2):
    """How many show an effect of this group to a width; all three are in per cent."""
    p, q = with_letter / 100, without / 100
    variance = p / chance + q / (1 - chance) - (p - q) ** 2
    return reach**2 * variance / (width / 100) ** power


def _as_rates(with_letter, without, width):
    """As if each half were as many people as there are, and both rates apart."""
    p, q = with_letter / 100, without / 100
    variance = p * (1 - p) / 0.5 + q * (1 - q) / 0.5
    return 1.96**2 * variance / (width / 100) ** 2


exercise_value(
    "6.14-people",
    _people,
    "the number of people",
    atol=lambda **own: 0.003 * _people(**own),
    slips={
        "the interval is 1.96 standard errors to each side": (
            lambda **own: _people(**own, reach=1)
        ),
        "n stands under a root: square the point, too": (
            lambda **own: _people(**own, power=1)
        ),
        "each half is only half of the people: divide by its probability": (
            lambda with_letter, without, width: (
                1.96**2
                * ((with_letter + without) * 100 - (with_letter - without) ** 2)
                / width**2
            )
        ),
        "the interval reaches as far down as up: take one side of it": (
            lambda **own: _people(**own) / 4
        ),
        "that is with nine letters in ten": lambda **own: _people(**own, chance=0.9),
        "the transformed outcome has a larger variance than two rates": _as_rates,
    },
    numbers={
        "with_letter": [3, 2.5, 4, 5, 6, 8],
        "without": [2, 1, 1.5, 3, 4],
        "width": [1, 0.5, 0.8, 1.5, 2],
    },
    where=lambda with_letter, without, width: (
        without < with_letter < 3 * without and width < 2 * (with_letter - without)
    ),
)
