"""The best that a budget could have bought, once the day is over."""

import numpy as np

from recbook._core.validate import check_number
from recbook.marketing.base import check_rows, check_values

__all__ = ["check_day", "offline_multiplier", "offline_plan"]

MOST = 1e12  # euros for one impression, or for a day


def offline_multiplier(values, prices, budget):
    r"""Return the smallest multiplier at which a day's impressions fit the budget.

    With a bid of :math:`v_i / (1 + \mu)` in second-price auctions the impressions with
    :math:`v_i > (1 + \mu)\, p_i` are won, and the bidder pays :math:`p_i` for each. The
    multiplier is what the next euro would earn beyond itself.

    Parameters
    ----------
    values : (n,) array_like
        What each impression is worth, :math:`v_i`, in euros, at least 0.
    prices : (n,) array_like
        The highest bid of the others, :math:`p_i`, in euros, at least 0.
    budget : float
        Euros, at least 0.

    Returns
    -------
    float
        :math:`\mu`; 0 where there is money for all that is worth its price. With a
        budget of 0 only free impressions are won.

    Raises
    ------
    ValueError
        If a value, a price or the budget is negative or not finite, or the lengths
        differ.

    Examples
    --------
    Values 6, 5, 4, 3 at prices 4, 2, 2, 1 return 1.5, 2.5, 2 and 3 for a euro. Five
    euros buy the last three, and the next euro would bring 1.5.

    >>> offline_multiplier([6, 5, 4, 3], [4, 2, 2, 1], budget=5)
    0.5
    """
    return offline_plan(values, prices, budget)[1]


def offline_plan(values, prices, budget):
    r"""Return what to buy of a day so that a budget earns the most.

    .. math::
       \max_{0 \le x \le 1}\ \sum_i (v_i - p_i)\, x_i
       \quad \text{subject to} \quad \sum_i p_i\, x_i \le B

    The impressions with the highest return :math:`v_i / p_i` come first, as far as the
    money goes, and a part of the one that no longer fits: a fractional knapsack. What
    is not worth its price is left. No way of bidding earns more, whatever it knows.

    Parameters
    ----------
    values : (n,) array_like
        What each impression is worth, :math:`v_i`, in euros, at least 0.
    prices : (n,) array_like
        Its price, :math:`p_i`, in euros, at least 0.
    budget : float
        Euros, at least 0.

    Returns
    -------
    share : (n,) array
        :math:`x_i`. At most one is neither 0 nor 1. Of impressions with the same return
        the first come first.
    multiplier : float
        As :func:`offline_multiplier`.

    Raises
    ------
    ValueError
        As :func:`offline_multiplier`.

    References
    ----------
    Dantzig 1957.

    Examples
    --------
    >>> share, multiplier = offline_plan([6, 5, 4, 3], [4, 2, 2, 1], budget=6)
    >>> share.tolist(), multiplier
    ([0.25, 1.0, 1.0, 1.0], 0.5)
    """
    values, prices = check_day(values, prices)
    budget = check_number("budget", budget, 0, MOST)
    share = ((prices == 0) & (values > 0)).astype(np.float64)
    worth = np.flatnonzero((values > prices) & (prices > 0))
    back = values[worth] / prices[worth]
    order = worth[np.argsort(-back, kind="stable")]
    cost = np.cumsum(prices[order])
    n_fit = int(np.searchsorted(cost, budget, side="right"))
    share[order[:n_fit]] = 1.0
    if n_fit == len(order):
        return share, 0.0
    next_one = order[n_fit]
    left = budget - (cost[n_fit - 1] if n_fit else 0.0)
    share[next_one] = left / prices[next_one]
    return share, float(values[next_one] / prices[next_one] - 1)


def check_day(values, prices):
    """Return values and prices of the same impressions as arrays of at least 0 (n,).

    >>> check_day([1, 2], [0.5])
    Traceback (most recent call last):
    ...
    ValueError: prices has 1 rows, but 2 are needed
    """
    check_rows(values=values, prices=prices)
    values = check_values("values", values, low=0, high=MOST)
    return values, check_values("prices", prices, len(values), low=0, high=MOST)
