"""Pacing beside a linear programme, and how long a day of it takes.

What hindsight would buy is the solution of a linear programme; HiGHS, through SciPy,
solves it on 2,000 impressions, and its dual is the multiplier.
"""

import numpy as np

from recbook.marketing import pacing, worlds
from tests.benchmarks.peers.clock import medians

OFFLINE = 5.0
SHARES = (0.02, 0.2, 0.7, 2.0)  # budgets, as shares of what could be spent


def data(n=2000, seed=0):
    """Return values and prices of a day's views, and what could be spent."""
    today = worlds.day(n, seed)
    worth = today.values > today.prices
    return today.values, today.prices, today.prices[worth].sum()


def solved(values, prices, budget):
    """Return the best surplus and the price of the budget, by HiGHS."""
    from scipy.optimize import linprog

    found = linprog(prices - values, prices[None], [budget], bounds=(0, 1))
    return -found.fun, -found.ineqlin.marginals[0]


def parity():
    """Raise unless the surplus and the multiplier are those of the programme."""
    for seed in range(3):
        values, prices, most = data(seed=seed)
        for share in SHARES:
            bought, multiplier = pacing.offline_plan(values, prices, share * most)
            surplus, dual = solved(values, prices, share * most)
            np.testing.assert_allclose((values - prices) @ bought, surplus, rtol=1e-9)
            np.testing.assert_allclose(multiplier, dual, rtol=1e-6, atol=1e-9)


def rows():
    """Measure hindsight beside HiGHS, and a day of 100,000 impressions."""
    values, prices, most = data()
    today = worlds.day()
    ours, peer, day = medians(
        lambda: pacing.offline_plan(values, prices, 0.2 * most),
        lambda: solved(values, prices, 0.2 * most),
        lambda: pacing.pace(today.values, today.prices, 60.0, 3.0),
    )
    return [
        {
            "benchmark": "what a budget could have bought",
            "size": f"{len(values)} impressions",
            "ours_s": ours,
            "peer": "scipy, HiGHS",
            "peer_s": peer,
            "ratio": peer / ours,
            "target": OFFLINE,
            "note": "a sort against a general solver",
        },
        {
            "benchmark": "a day of pacing",
            "size": f"{today.n_impressions} impressions",
            "ours_s": day,
            "note": "target: 0.15 s",
        },
    ]
