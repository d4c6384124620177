"""Checks of chapter 3.1, matrix factorization: the answers by pencil."""

from recbook.checks import exercise_value


def _step(p, q, r, lr, reg):
    e = r - sum(a * b for a, b in zip(p, q, strict=True))
    pairs = list(zip(p, q, strict=True))
    return (
        [a + lr * (e * b - reg * a) for a, b in pairs],
        [b + lr * (e * a - reg * b) for a, b in pairs],
    )


def _pencil(r=5.0, lr=0.1, reg=0.2, late=False):
    old_p, old_q = [0.5, 1.0], [1.0, 2.0]
    p, q = _step(old_p, old_q, r, lr, reg)
    if late:  # the error is the old one, which is 2.5
        pairs = zip(p, old_q, strict=True)
        q = [b + lr * (2.5 * a - reg * b) for a, b in pairs]
    return [*p, *q]


exercise_value(
    "3.1-step",
    _pencil,
    "[p1, p2, q1, q2]",
    atol=0.002,
    slips={
        "the two lines for q take the old p": lambda: _pencil(late=True),
        "the penalty is missing": lambda: _pencil(reg=0.0),
        "the penalty pulls towards 0: it has a minus": lambda: _pencil(reg=-0.2),
        "the error is the rating less the prediction, not the other way round": (
            lambda: _pencil(r=0.0)
        ),
        "the step has no factor of 2: it is in the learning rate": (
            lambda: _pencil(lr=0.2)
        ),
    },
)


# At a minimum p = q and r - p² = reg; there is such a p as long as reg < r.
exercise_value(
    "3.1-minima",
    lambda rating, reg: [rating - reg, rating],
    "[prediction, lambda]",
    atol=0.005,
    slips={
        "the model predicts the product of p and q, not p": (
            lambda rating, reg: [(rating - reg) ** 0.5, rating]
        ),
        "a penalty pulls the product towards 0, not away": (
            lambda rating, reg: [rating + reg, rating]
        ),
        "the slope of the penalty has a factor of two": (
            lambda rating, reg: [rating - reg / 2, 2 * rating]
        ),
        "the slope of the squared error has a factor of two": (
            lambda rating, reg: [rating - 2 * reg, rating / 2]
        ),
        "the penalty takes a number off the product, not a fraction": (
            lambda rating, reg: [rating * (1 - reg), 1.0]
        ),
    },
    numbers={
        "rating": [2.5, 1.5, 2, 3, 3.5, 4, 4.5],
        "reg": [0.25, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75],
    },
)


# -0.005 (-2 e q + 0.08 p) = 0.01 (e q - 0.04 p)
exercise_value(
    "3.1-translate",
    lambda: [2 * 0.005, 0.08 / 2],
    "[lr, reg]",
    atol=1e-6,
    slips={
        "the colleague's line has a 2 in the bracket, and the page's has none": (
            lambda: [0.005, 0.08]
        ),
        "the 2 stands at one of the two terms: what is left of the other?": (
            lambda: [2 * 0.005, 0.08]
        ),
        "the penalty has no 2, so it shrinks when the 2 is pulled out": (
            lambda: [2 * 0.005, 2 * 0.08]
        ),
        "the 2 that is pulled out of the bracket belongs to lr": (
            lambda: [0.005, 0.08 / 2]
        ),
        "the other way round: the step for e q must not become smaller": (
            lambda: [0.005 / 2, 2 * 0.08]
        ),
    },
)
