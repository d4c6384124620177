"""Checks of chapter 6.5, what an impression costs."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _best_bid(value, rivals=2):
    """Where b = value − F/f, with F/f = b/rivals."""
    return value * rivals / (rivals + 1)


exercise_value(
    "6.5-three",
    _best_bid,
    "the best bid",
    atol=0.002,
    slips={
        "both rivals must be below the bid, not one of them": (
            lambda value: _best_bid(value, 1)
        ),
        "the bidder is no rival of its own": lambda value: _best_bid(value, 3),
        "upside down: F is divided by its slope f": lambda value: _best_bid(
            value, 1 / 2
        ),
        "whoever bids the value has nothing left of it": lambda value: value,
        "that is what it earns: which bid earns it?": (
            lambda value: (1.5 * _best_bid(value)) ** 2 * (value - _best_bid(value))
        ),
    },
    numbers={"value": [0.6, *(x / 100 for x in range(12, 100, 3) if x != 60)]},
)


def _alike(value=10, pays=2, other=(10 - 4) * 200):
    return other / (value - pays)


exercise_value(
    "6.5-clicks",
    _alike,
    "the number of clicks",
    atol=0.5,
    slips={
        "a click has its price: what is left of its value?": lambda: _alike(pays=0),
        "in the second position it pays the bid of the third": lambda: _alike(pays=4),
        "a click earns its value less its price, not the price": (
            lambda: _alike(0, -2)
        ),
        "that is how many it has now: they must become fewer": lambda: 199,
        "the lie must bring what the value earns, not the other way round": (
            lambda: _alike(10, 4, (10 - 2) * 199)
        ),
    },
)


def _best(value, prices, surplus=True, reach=True):
    gains = {0.0: 0.0}
    for bid in sorted(prices):
        share = np.mean([p <= bid if reach else p < bid for p in prices])
        gain = (value - bid) * share if surplus else (bid <= value) * share
        if gain > max(gains.values()) + 1e-12:
            gains[bid] = gain
    return max(gains, key=gains.get)


_BEST_SLIPS = {
    "that bid wins the most: what does it leave?": (
        lambda value, prices: _best(value, prices, surplus=False)
    ),
    "a bid that equals a price wins": (
        lambda value, prices: _best(value, prices, reach=False)
    ),
    "that is the value: at first price it earns nothing": lambda value, prices: value,
    "that is half of the value: use the prices": lambda value, prices: value / 2,
    "a bid above the value loses money: return 0 if nothing earns": (
        lambda value, prices: min(prices)
    ),
}
exercise_function(
    "6.5-bid",
    _best,
    lambda: [
        (2.0, np.array([1.25, 0.25, 1.75])),
        (2.0, np.array([1.0, 0.5, 1.0, 1.75, 3.0])),
        (0.5, np.array([0.75, 1.0])),
        (4.0, np.array([3.0, 1.5, 2.0, 2.0, 0.5, 6.0, 1.5])),
    ],
    "the bid",
    slips=_BEST_SLIPS,
)


def _ranked(bids, clicks):
    """Advertisers by falling bid, and how many of them have a position."""
    ranking = sorted(range(len(bids)), key=lambda i: -bids[i])
    return ranking, min(len(bids), len(clicks))


def _gsp(bids, clicks, own=False, per_click=False):
    ranking, n = _ranked(bids, clicks)
    payment = np.zeros(len(bids))
    for k in range(n):
        below = bids[ranking[k + 1]] if k + 1 < len(ranking) else 0.0
        price = bids[ranking[k]] if own else below
        payment[ranking[k]] = price * (1 if per_click else clicks[k])
    return payment


def _vcg(bids, clicks, last=True):
    ranking, n = _ranked(bids, clicks)
    payment = np.zeros(len(bids))
    for k in range(n):
        for j in range(k, n):
            after = clicks[j + 1] if j + 1 < len(clicks) else 0.0
            if not last and j + 1 == len(clicks):
                after = clicks[j]
            below = bids[ranking[j + 1]] if j + 1 < len(ranking) else 0.0
            payment[ranking[k]] += (clicks[j] - after) * below
    return payment


def _by_position(payments):
    """The payments by position, not by advertiser."""

    def sorted_by_position(bids, clicks):
        ranking, _ = _ranked(bids, clicks)
        return payments(bids, clicks)[ranking]

    return sorted_by_position


def _pages():
    return [
        (np.array([2.0, 10.0, 4.0]), np.array([200.0, 199.0])),
        (np.array([1.0, 3.0]), np.array([50.0, 20.0, 5.0])),
        (np.array([0.5, 2.5, 7.0, 4.0, 1.5]), np.array([90.0, 40.0, 30.0])),
    ]


_GSP_SLIPS = {
    "each pays the bid of the one below, not its own": (
        lambda bids, clicks: _gsp(bids, clicks, own=True)
    ),
    "that is the price of a click: how many are there in an hour?": (
        lambda bids, clicks: _gsp(bids, clicks, per_click=True)
    ),
    "payments are sorted by position: put them back to their bids": (
        _by_position(_gsp)
    ),
    "that is VCG: by GSP each pays the bid below for every click": _vcg,
}
exercise_function("6.5-gsp", _gsp, _pages, "the payments", slips=_GSP_SLIPS)

_VCG_SLIPS = {
    "that is GSP: pay only for the clicks that others lose": _gsp,
    "the last position, too, pushes somebody off the page: alpha is 0 after it": (
        lambda bids, clicks: _vcg(bids, clicks, last=False)
    ),
    "payments are sorted by position: put them back to their bids": (
        _by_position(_vcg)
    ),
}
exercise_function("6.5-vcg", _vcg, _pages, "the payments", slips=_VCG_SLIPS)


def _reserve(values, reach=True):
    tried = sorted(set(values))
    gains = [
        r * np.mean([v >= r if reach else v > r for v in values]) for r in tried
    ]  # fmt: skip
    return tried[int(np.argmax(gains))]


_RESERVE_SLIPS = {
    "whoever values it at exactly the reserve buys": (
        lambda values: _reserve(values, reach=False)
    ),
    "that is the highest value: how often is it paid?": lambda values: max(values),
    "that is the lowest value: it always sells, and for little": (
        lambda values: min(values)
    ),
    "that is the median: weigh the price by how often it is paid": (
        lambda values: float(np.median(values))
    ),
    "that is the mean: weigh the price by how often it is paid": (
        lambda values: float(np.mean(values))
    ),
}
exercise_function(
    "6.5-reserve",
    _reserve,
    lambda: [
        (np.array([4.0, 1.0, 3.0, 2.5]),),
        (np.array([1.0, 6.0, 2.0]),),
        (np.array([2.0, 2.0, 5.0, 3.0, 3.0, 1.0, 3.5]),),
        (np.array([5.0, 1.0, 4.5, 4.0, 4.75, 0.5]),),
    ],
    "the reserve",
    slips=_RESERVE_SLIPS,
)
