"""Checks of part 4: answers by pencil of chapters 4.3, 4.4, 4.6 and 4.7."""

import numpy as np

from recbook.checks import exercise_value


def _price(mu=(3.0, 4.0), half=0.5, power=2, rest=0.0):
    return half * (sum(x**power for x in mu) + rest)


exercise_value(
    "4.3-price",
    _price,
    "the price",
    atol=1e-6,
    slips={
        "the half in front is missing": lambda: _price(half=1.0),
        "each mean is squared": lambda: _price(power=1),
        "the squared length is asked for, not the length": (
            lambda: (3.0**2 + 4.0**2) ** 0.5 / 2
        ),
        "one is taken off each variance": lambda: _price(rest=2.0),
        "nats are asked for, with the natural logarithm, and not bits": (
            lambda: _price() / np.log(2)
        ),
    },
)

_FAY = np.array([[2, 0], [2, 1], [1, 0], [0, 2], [0, 1], [1, 2.0]])


def _context(scale=1.0, powers=np.exp, total=np.sum):
    weights = powers(_FAY.sum(axis=1) / scale)
    return weights @ _FAY / total(weights)


exercise_value(
    "4.4-hand",
    _context,
    "the context",
    atol=0.006,
    slips={
        "the scores are not scaled here": lambda: _context(scale=2**0.5),
        "a score becomes a weight by the exponential": lambda: _context(powers=abs),
        "weights sum to one: divide by the sum of the exponentials": (
            lambda: _context(total=lambda weights: 1.0)
        ),
        "divide by the sum of the exponentials, not by how many films there are": (
            lambda: _context(total=len)
        ),
        "that is the plain mean: films that fit the query weigh more": (
            lambda: _context(powers=np.ones_like)
        ),
        "all films count, not only those of the highest score": (
            lambda: _context(powers=lambda scores: scores == scores.max())
        ),
    },
)


def _deviations(variance=1 / 9, d=36, by=6, power=0.5):
    plain = d * variance
    return [plain**power, (plain / by**2) ** power]


exercise_value(
    "4.4-variance",
    _deviations,
    "(plain, scaled)",
    atol=0.01,
    slips={
        "those are variances: take their roots": lambda: _deviations(power=1),
        "divide by the root of d, not by d": lambda: _deviations(by=36),
        "the numbers have another variance than one": lambda: _deviations(variance=1),
        "a product has the variances of both factors, multiplied": (
            lambda: _deviations(variance=1 / 3)
        ),
        "what is given is a variance already: it needs no square": (
            lambda: _deviations(variance=1 / 81)
        ),
        "a score is a sum of d products": lambda: _deviations(d=1),
    },
)


def _desk(view=1, cart=3, purchase=10, last=0):
    lamp, desk = 6 * view + cart, last or 2 * view + purchase
    return desk / (lamp + desk)


exercise_value(
    "4.6-share",
    _desk,
    "the fraction",
    atol=5e-4,
    slips={
        "each behaviour has its own weight": lambda: _desk(cart=1, purchase=1),
        "that is the lamp's fraction": lambda: 1 - _desk(),
        "divide by the sum of both, not by the lamp alone": lambda: (2 + 10) / (6 + 3),
        "views count, too, where a purchase follows": lambda: _desk(last=10),
        "the desk was bought without a cart": lambda: _desk(last=2 + 3 + 10),
        "views are counted one by one": lambda: (1 + 10) / (1 + 3 + 1 + 10),
    },
)


def _edge(eve=2, coco=4, power=0.5):
    return 1 / (eve * coco) ** power


exercise_value(
    "4.7-edge",
    _edge,
    "the weight",
    atol=5e-3,
    slips={
        "the product of both degrees stands under a root": lambda: _edge(power=1),
        "the film has a degree, too": lambda: _edge(coco=1),
        "Eve has a degree, too": lambda: _edge(eve=1),
        "the degrees are multiplied, not added": lambda: 1 / (2 + 4) ** 0.5,
        "upside down: many edges make each of them weigh less": lambda: 1 / _edge(),
    },
)
