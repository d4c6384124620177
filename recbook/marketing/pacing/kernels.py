"""The loop over a day's impressions."""

import numpy as np

from recbook._core.jit import njit


@njit(cache=True)
def run(values, prices, budget, step, start, target, roas):
    """Bid through a day. Return value, spending, what was won, and multipliers.

    ``roas`` is the target r of the return, 0 for none.
    """
    n = len(values)
    won = np.zeros(n, dtype=np.bool_)
    multipliers = np.empty(n)
    value, spent = 0.0, 0.0
    mu, lam = start, 0.0
    for t in range(n):
        multipliers[t] = mu
        bid = (1.0 + lam) * values[t] / (1.0 + mu + lam * roas)
        paid = 0.0
        if prices[t] < bid and spent + prices[t] <= budget:
            won[t] = True
            paid = prices[t]
            spent += paid
            value += values[t]
            if roas > 0.0:
                lam = max(0.0, lam - step * (values[t] - roas * paid))
        mu = max(0.0, mu - step * (target[t] - paid))
    return value, spent, won, multipliers
