"""Checks of chapter 6.16, attribution: the answers by pencil."""

from recbook.checks import exercise_value


def _decay(base=1 / 2, touch=0):
    """Of display, search and retargeting, whom two, one and no touch follow."""
    weights = [base**k for k in (2, 1, 0)]
    return weights[touch] / sum(weights)


exercise_value(
    "6.16-decay",
    _decay,
    "display's fraction",
    atol=0.001,
    slips={
        "weights that do not sum to one have to be divided by their sum": (
            lambda: 1 / 4
        ),
        "the last touch weighs most, the first least": lambda: _decay(touch=2),
        "that is the second touch: display is the first": lambda: _decay(touch=1),
        "that is the linear rule, in which all touches weigh the same": (
            lambda: _decay(base=1)
        ),
        "each touch further back has half the weight, not an e-th": (
            lambda: _decay(base=0.36787944)
        ),
    },
)


def _credit(after_two, alone, after_three, two=1 / 2, one=1, three=1 / 3):
    """Search's part of the orders after paths of two, one and three channels."""
    return two * after_two + one * alone + three * after_three


exercise_value(
    "6.16-log",
    _credit,
    "search's credit",
    atol=0.006,
    slips={
        "a channel counts once in an order, however often it comes": (
            lambda **own: _credit(**own, two=1 / 3)
        ),
        "an order is shared by its channels": lambda **own: _credit(
            **own, two=1, three=1
        ),
        "that is the rule of the last touch": lambda **own: _credit(
            **own, two=1, three=0
        ),
        "that is the rule of the first touch": (
            lambda **own: _credit(**own, two=0, three=0)
        ),
        "an order that came after search alone is search's": (
            lambda **own: _credit(**own, one=0)
        ),
        "three paths bring their own orders: credits are not divided by three": (
            lambda **own: _credit(**own) / 3
        ),
    },
    numbers={
        "after_two": [1, 2, 3, 4, 5],
        "alone": [1, 2, 3, 4, 5, 6],
        "after_three": [1, 2, 4, 5, 7],
    },
)
