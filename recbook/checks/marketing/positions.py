"""Checks of chapter 6.4, a bad product or a bad position."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _attraction(clicks=60 + 45, as_often=0.25):
    return clicks / (500 + as_often * 1500)


exercise_value(
    "6.4-attraction",
    _attraction,
    "the attraction",
    atol=6e-4,
    slips={
        "that is the plain click rate: position 4 is looked at a quarter as often": (
            lambda: _attraction(as_often=1)
        ),
        "weigh the impressions, not the clicks: 45 clicks remain 45": (
            lambda: _attraction(60 + 45 / 4)
        ),
        "give it as a probability: 0.05 for 5 %": lambda: 100 * _attraction(),
        "1,500 impressions count as a quarter, not as four times as many": (
            lambda: _attraction(as_often=4)
        ),
    },
)


def _moved(lost=1 - 0.25, clicks=10_000 * 0.12, worth=0.40):
    return clicks * lost * worth


exercise_value(
    "6.4-moved",
    _moved,
    "the loss",
    atol=0.5,
    slips={
        "give what is lost as a positive number": lambda: -_moved(),
        "the clicks that are lost have a value: the loss is in euros": lambda: _moved(
            worth=1
        ),
        "that is what it still earns at position 4: what is lost?": (
            lambda: _moved(lost=0.25)
        ),
        "that is what it earned at position 1: a quarter of it remains": (
            lambda: _moved(lost=1)
        ),
    },
)


def _seen(theta, gamma):
    return theta * (1 - gamma) / (1 - theta * gamma)


def _pairs():
    """Examination and attraction of a few impressions."""
    rng = np.random.default_rng(64)
    return [tuple(np.round(rng.uniform(0.1, 0.9, (2, n)), 3)) for n in (2, 3, 6)]


exercise_function(
    "6.4-seen",
    _seen,
    _pairs,
    "the probability",
    slips={
        "that is the probability before it is known that there was no click": (
            lambda theta, gamma: theta
        ),
        "divide by the probability of no click, 1 - theta * gamma": (
            lambda theta, gamma: theta * (1 - gamma)
        ),
        "that is the other one: wanted, though not clicked": (
            lambda theta, gamma: _seen(gamma, theta)
        ),
        "one who looked and did not click did not want it: 1 - gamma": (
            lambda theta, gamma: theta * gamma / (1 - theta * gamma)
        ),
    },
)


def _interval(clicks, n, variance=lambda c, n: 1 / c - 1 / n):
    parts = [variance(c, m) for c, m in zip(clicks, n, strict=True)]
    reach = 1.96 * sum(parts) ** 0.5
    middle = (clicks[1] / n[1]) / (clicks[0] / n[0])
    return middle * np.exp(-reach), middle * np.exp(reach)


def _flat(clicks, n):
    """The interval of the same width to either side of the ratio itself."""
    ratio = (clicks[1] / n[1]) / (clicks[0] / n[0])
    reach = 1.96 * ratio * (1 / clicks - 1 / n).sum() ** 0.5
    return ratio - reach, ratio + reach


exercise_function(
    "6.4-swap",
    _interval,
    [
        (np.array([200.0, 90.0]), np.array([1000.0, 1000.0])),
        (np.array([40.0, 12.0]), np.array([90.0, 300.0])),
        (np.array([800.0, 10.0]), np.array([4000.0, 500.0])),
    ],
    "the interval",
    atol=1e-4,
    slips={
        "symmetric for the logarithm: multiply by exp(1.96 se) and divide by it": _flat,
        "the ratio is that of position k over position 1": lambda clicks, n: _interval(
            clicks[::-1], n[::-1]
        ),
        "both rates have an error: the two variances add": lambda clicks, n: _interval(
            clicks, n, lambda c, m: (1 / c - 1 / m) * (c == clicks[1])
        ),
        "that is the variance of a rate: for its logarithm divide by rate squared": (
            lambda clicks, n: _interval(clicks, n, lambda c, m: c / m * (1 - c / m) / m)
        ),
    },
)


def _weigh(position, clicked, theta, clip):
    weights = [min(1 / theta[k - 1], clip) for k in position]
    return sum(w for w, c in zip(weights, clicked, strict=True) if c) / len(position)


def _impressions():
    """Positions, clicks, the examination of four positions, and a clip."""
    rng = np.random.default_rng(65)
    theta = np.array([1.0, 0.5, 0.25, 0.2])
    made = []
    for n, clip in ((4, 3.0), (8, 10.0), (20, 2.5)):
        clicked = rng.integers(0, 2, n).astype(float)
        clicked[:2] = 1.0, 0.0
        position = rng.integers(1, 5, n)
        position[0] = 3
        made.append((position, clicked, theta, clip))
    return made


exercise_function(
    "6.4-weigh",
    _weigh,
    _impressions,
    "the attraction",
    slips={
        "positions count from 1 and arrays from 0: take theta[position - 1]": (
            lambda position, clicked, theta, clip: _weigh(
                position % len(theta) + 1, clicked, theta, clip
            )
        ),
        "a weight above clip becomes clip": lambda position, clicked, theta, clip: (
            _weigh(position, clicked, theta, np.inf)
        ),
        "divide by all impressions, not by the clicks": (
            lambda position, clicked, theta, clip: (
                _weigh(position, clicked, theta, clip) * len(clicked) / sum(clicked)
            )
        ),
        "that is clicks over expected clicks: here each click has its own weight": (
            lambda position, clicked, theta, clip: (
                clicked.sum() / theta[position - 1].sum()
            )
        ),
        "divide by all impressions, not by the sum of the weights": (
            lambda position, clicked, theta, clip: (
                _weigh(position, clicked, theta, clip)
                * len(clicked)
                / np.minimum(1 / theta[position - 1], clip).sum()
            )
        ),
    },
)


def _lists():
    """Lists of items with clicks, in which each item is examined."""
    rng = np.random.default_rng(66)
    made = []
    for n, size in ((6, 3), (12, 4), (30, 5)):
        items = np.array([np.roll(np.arange(size), t) for t in range(n)])
        made.append((items, (rng.random((n, size)) < 0.4) * 1, size))
    return made


def _cascade(items, clicked, n_items, first=True, examined=True):
    hits, seen = np.zeros(n_items), np.zeros(n_items)
    for row, clicks in zip(items, clicked, strict=True):
        left = False
        for i, c in zip(row, clicks, strict=True):
            seen[i] += not (left and examined)
            hits[i] += c * (not (left and first))
            left = left or c
    return hits / seen


exercise_function(
    "6.4-cascade",
    _cascade,
    _lists,
    "the attraction",
    slips={
        "that is the click rate: below the first click nothing was examined": (
            lambda items, clicked, n_items: _cascade(
                items, clicked, n_items, False, False
            )
        ),
        "clicks after the first one do not count": (
            lambda items, clicked, n_items: _cascade(items, clicked, n_items, False)
        ),
        "divide by the lists in which it was examined, not by all lists": (
            lambda items, clicked, n_items: _cascade(
                items, clicked, n_items, examined=False
            )
        ),
    },
)
