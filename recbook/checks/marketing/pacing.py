"""Checks of chapter 6.6, a day on a budget."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _list(first, second, third, fourth, price_1, price_2, price_3, price_4, budget=0):
    """What a euro brings, the best first, and what it costs to go so far."""
    offers = (first, price_1), (second, price_2), (third, price_3), (fourth, price_4)
    ranked = sorted(offers, key=lambda offer: offer[1] / offer[0])
    return [v / p for v, p in ranked], np.cumsum([p for _, p in ranked])


def _next_of_list(place=2, less=1, **own):
    """From the value of a euro that stands at a place of the list."""
    return _list(**own)[0][place] - less


def _two_fit(**own):
    """Whether the two best cost the budget, and the next one is worth its price."""
    a_euro, costs = _list(**own)
    apart = max(np.diff(a_euro)) < -0.2
    return costs[1] == own["budget"] and apart and a_euro[2] >= 1.15


exercise_value(
    "6.6-hand",
    _next_of_list,
    "the multiplier",
    atol=0.006,
    slips={
        "μ is what a euro must bring beyond itself": (
            lambda **own: _next_of_list(less=0, **own)
        ),
        "the smallest is asked for: it may go down until the next one comes in": (
            lambda **own: _next_of_list(place=1, **own)
        ),
        "without a multiplier more is bought than the budget pays": (
            lambda **own: _next_of_list(place=3, **own)
        ),
        "that is what the last one bought brings: what keeps the next one out?": (
            lambda **own: _next_of_list(place=1, less=0, **own)
        ),
        "value for a euro, not euros for the value": (
            lambda **own: 1 - 1 / _next_of_list(less=0, **own)
        ),
    },
    numbers={
        "first": [8, 12],
        "second": [3, 4],
        "third": [6, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        "fourth": [2],
        "price_1": [4, 3],
        "price_2": [1],
        "price_3": [4, 3, 5, 6, 7, 8],
        "price_4": [2],
        "budget": [5, 4],
    },
    where=_two_fit,
)


def _multiplier(values, prices, budget, least=0.0, one=False):
    back = np.sort((values / prices)[values > prices])[::-1]
    for ratio in back:
        if prices[values >= ratio * prices].sum() > budget:
            return ratio - (0.0 if one else 1.0)
    return least


def _days():
    return [
        (np.array([6.0, 5.0, 4.0, 3.0]), np.array([4.0, 2.0, 2.0, 1.0]), 5.0),
        (np.array([8.0, 3.0, 6.0, 2.0, 1.0]), np.array([4.0, 1.0, 4.0, 2.0, 3.0]), 4.5),
        (np.array([2.0, 9.0, 1.0]), np.array([1.0, 3.0, 2.0]), 20.0),
        (np.array([7.0, 9.0, 2.5, 4.0]), np.array([2.0, 3.0, 1.0, 0.5]), 3.0),
    ]


exercise_function(
    "6.6-multiplier",
    _multiplier,
    _days,
    "the multiplier",
    atol=2e-4,
    slips={
        "that is the divisor, 1 + mu": lambda *day: _multiplier(*day, least=1, one=True)
    },
)


def _step(mu, step, plan, spent):
    return max(0.0, mu - step * (plan - spent))


exercise_function(
    "6.6-step",
    _step,
    lambda: [
        (0.5, 2.0, 0.125, 0.0),
        (0.5, 2.0, 0.125, 0.5),
        (0.125, 4.0, 0.5, 0.25),
        (1.0, 0.5, 0.25, 0.75),
    ],
    "the multiplier",
    slips={
        "the sign is turned: after spending too much, bid less": (
            lambda mu, step, plan, spent: max(0.0, mu + step * (plan - spent))
        ),
        "a multiplier below 0 would bid more than the value: stop at 0": (
            lambda mu, step, plan, spent: mu - step * (plan - spent)
        ),
        "the plan is missing: only what exceeds it is too much": (
            lambda mu, step, plan, spent: mu + step * spent
        ),
    },
)


def _pace(values, prices, budget, step, keeps=True, late=False, plan=True):
    left, value, mu = budget, 0.0, 0.0
    rho = budget / len(values) if plan else 0.0
    for v, p in zip(values, prices, strict=True):
        if late:
            mu = max(0.0, mu - step * (rho - p))
        wins = p < v / (1 + mu) and (p <= left or not keeps)
        left -= p * wins
        value += v * wins
        if not late:
            mu = max(0.0, mu - step * (rho - p * wins))
    return value


def _paced_days():
    days = []
    for seed, n in ((0, 8), (1, 14), (2, 30)):
        rng = np.random.default_rng(seed)
        values = rng.integers(1, 17, n) / 8 + 0.0625
        prices = rng.integers(1, 9, n) / 8
        days.append((values, prices, n / 8, 2.0))
    return days


exercise_function(
    "6.6-pace",
    _pace,
    _paced_days,
    "the value",
    slips={
        "what is not left cannot be spent": lambda *day: _pace(*day, keeps=False),
        "the price of an impression is not known when we bid: step after it": (
            lambda *day: _pace(*day, late=True)
        ),
        "the multiplier also has to fall: subtract the plan, budget / n": (
            lambda *day: _pace(*day, plan=False)
        ),
        "that is the value as the bid: divide by 1 + mu": (
            lambda values, prices, budget, step: _pace(values, prices, budget, 0.0)
        ),
    },
)

exercise_function(
    "6.6-plan",
    lambda budget, costs, n_impressions: (
        (budget - sum(costs)) / (n_impressions - len(costs))
    ),
    lambda: [
        (8.0, np.array([1.0, 0.0]), 4),
        (6.0, np.array([]), 12),
        (5.0, np.array([0.5, 1.5, 0.0]), 11),
    ],
    "the allowance",
    slips={
        "that is the plan of midnight: what is left?": (
            lambda budget, costs, n_impressions: budget / n_impressions
        ),
        "spread it over the impressions to come, not over all": (
            lambda budget, costs, n_impressions: (
                (budget - np.sum(costs)) / n_impressions
            )
        ),
    },
)


def _bid(value, mu, lam, target):
    return (1 + lam) * value / (1 + mu + lam * target)


exercise_function(
    "6.6-roas",
    _bid,
    lambda: [(6.0, 0.5, 1.0, 3.0), (2.0, 0.0, 0.5, 4.0), (5.0, 1.5, 2.0, 2.5)],
    "the bid",
    slips={
        "that keeps the budget alone": lambda v, mu, lam, r: v / (1 + mu),
        "the value counts for the return as well: (1 + lambda) v": (
            lambda v, mu, lam, r: v / (1 + mu + lam * r)
        ),
        "a euro of cost needs r euros of value: lambda r": (
            lambda v, mu, lam, r: (1 + lam) * v / (1 + mu + lam)
        ),
        "that is the bid of a very large lambda": lambda v, mu, lam, r: v / r,
    },
)
