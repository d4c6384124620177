"""Checks of chapter 7.1, six cases with their prices."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _payback(letters=20_000, costs=0.60, brings=0.12):
    return letters * (costs - brings) / 2_400


exercise_value(
    "7.1-payback",
    _payback,
    "the number of mailings",
    atol=1e-6,
    slips={
        "the letters of the trial bring something, too": lambda: _payback(brings=0),
        "what a letter brings is taken off what it costs": (
            lambda: _payback(brings=-0.12)
        ),
        "that is what the letters bring: what do they lose?": (
            lambda: _payback(costs=0, brings=-0.12)
        ),
        "upside down: how many times what a mailing earns is the loss?": (
            lambda: 1 / _payback()
        ),
        "that is the loss of the trial in euros": lambda: 2_400 * _payback(),
    },
)


def _visible(p, m, z=1.96 + 0.84, arms=2.0):
    return z * np.sqrt(arms * p * (1 - p) / m)


_VISIBLE_SLIPS = {
    "there are two arms, and each has its variance": (
        lambda p, m: _visible(p, m, arms=1.0)
    ),
    "1.96 alone finds such a difference in one test of two: add 0.84": (
        lambda p, m: _visible(p, m, z=1.96)
    ),
    "the root is missing": lambda p, m: 2.8 * 2 * p * (1 - p) / m,
    "that is in points: return a fraction": lambda p, m: 100 * _visible(p, m),
    "m is the number of people in each arm, not in both": (
        lambda p, m: _visible(p, m / 2)
    ),
    "the variance of a rate is p(1 − p)": lambda p, m: 2.8 * np.sqrt(2 * p / m),
}
exercise_function(
    "7.1-visible",
    _visible,
    lambda: [(0.5, 100), (0.04, 50_000), (0.02, 2_000_000)],
    "the difference",
    slips=_VISIBLE_SLIPS,
)


def _revenue(bids, rates):
    return 1000 * np.sort(bids * rates)[-2]


def _at(bids, rates, ranked_by, price):
    first, second = np.argsort(-ranked_by)[:2]
    return 1000 * rates[first] * price(first, second)


_REVENUE_SLIPS = {
    "the winner pays what is just enough, not the own bid": (
        lambda bids, rates: 1000 * np.max(bids * rates)
    ),
    "that ranks by the bid alone": lambda bids, rates: _at(
        bids, rates, bids, lambda i, j: bids[j]
    ),
    "the next bid is not enough: the product of the second has to be reached": (
        lambda bids, rates: _at(bids, rates, bids * rates, lambda i, j: bids[j])
    ),
    "that is the price of one click, not of 1,000 impressions": (
        lambda bids, rates: (
            _revenue(bids, rates) / 1000 / rates[np.argmax(bids * rates)]
        )
    ),
    "that is for one impression, not for 1,000": (
        lambda bids, rates: _revenue(bids, rates) / 1000
    ),
}
exercise_function(
    "7.1-search",
    _revenue,
    lambda: [
        (np.array([2.0, 1.0]), np.array([0.01, 0.04])),
        (np.array([0.5, 0.9, 0.7]), np.array([0.06, 0.02, 0.05])),
        (np.array([3.0, 0.4, 1.5, 0.8]), np.array([0.004, 0.05, 0.01, 0.03])),
    ],
    "the revenue",
    slips=_REVENUE_SLIPS,
)


def _how_often(extra, lost, weeks):
    totals = []
    for k in range(1, len(extra) + 1):
        reached, total = 1.0, 0.0
        for _ in range(weeks):
            total += reached * sum(extra[:k])
            reached *= 1 - sum(lost[:k])
        totals.append(total)
    return 1 + totals.index(max(totals))


def _of_one(extra, lost, weeks):
    """As if notification k alone were sent, without those before it."""
    each = [
        e * sum((1 - l) ** np.arange(weeks)) for e, l in zip(extra, lost, strict=True)
    ]
    return 1 + int(np.argmax(each))


_OFTEN_SLIPS = {
    "members who switched off are out of reach in the weeks that follow": (
        lambda extra, lost, weeks: len(extra)
    ),
    "that is an index: how many notifications are there per week?": (
        lambda *case: _how_often(*case) - 1
    ),
    "with k per week, all k of them add sessions and lose members": _of_one,
    "that is for one year: `weeks` says how long": (
        lambda extra, lost, weeks: _how_often(extra, lost, 52)
    ),
}


def _weeks():
    extra = np.array([3.0, 2.0, 1.2, 0.6, 0.2]) / 100
    lost = np.array([0.02, 0.05, 0.10, 0.25, 0.50]) / 100
    other = np.array([0.01, 0.009, 0.008, 0.002])
    tired = np.array([0.002, 0.004, 0.02, 0.02])
    return [
        (extra, lost, 1),
        (other, tired, 40),
        (extra, lost, 156),
        (extra, lost, 40),
        (other, tired, 400),
    ]


exercise_function(
    "7.1-often", _how_often, _weeks, "the number per week", slips=_OFTEN_SLIPS
)


def _offer(without, with_offer, value, cost):
    return value * (without - with_offer) - cost * (1 - with_offer)


_OFFER_SLIPS = {
    "everybody with an offer who stays costs it, not only those who are kept": (
        lambda a, b, value, cost: (value - cost) * (a - b)
    ),
    "members who leave all the same cost nothing": (
        lambda a, b, value, cost: value * (a - b) - cost
    ),
    "those who would have stayed without it take the offer, too: 1 − with_offer": (
        lambda a, b, value, cost: value * (a - b) - cost * (1 - a)
    ),
    "only those kept *by* the offer are a gain, not all who stay": (
        lambda a, b, value, cost: (value - cost) * (1 - b)
    ),
    "the sign of the effect is turned: fewer leave with the offer": (
        lambda a, b, value, cost: value * (b - a) - cost * (1 - b)
    ),
}
exercise_function(
    "7.1-offer",
    _offer,
    lambda: [
        (np.array([0.5]), np.array([0.4]), 100.0, 5.0),
        (np.array([0.4, 0.15, 0.03]), np.array([0.38, 0.09, 0.03]), 120.0, 6.0),
        (np.array([0.2, 0.3]), np.array([0.22, 0.1]), 80.0, 10.0),
    ],
    "what the offer earns",
    slips=_OFFER_SLIPS,
)


def _lost(keeps=0.08, of_orders=40, unit=100):
    return unit * 20 / (keeps * 50) / of_orders


exercise_value(
    "7.1-lost",
    _lost,
    "the percentage",
    atol=0.01,
    slips={
        "the marketplace keeps only a part of an order": lambda: _lost(keeps=1),
        "that is a number of orders: in per cent of those without the position?": (
            lambda: _lost(of_orders=1, unit=1)
        ),
        "in per cent, please: a hundredth is one": lambda: _lost(unit=1),
        "per cent of the orders, not of the searches": lambda: _lost(of_orders=1_000),
        "upside down: what the position brings over what all orders bring": (
            lambda: 100 / _lost()
        ),
    },
)
