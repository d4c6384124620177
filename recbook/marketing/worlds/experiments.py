"""Days of ad impressions bought from one budget, so that arms of a test compete."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recbook._core import draws
from recbook._core.arrays import check_reals
from recbook._core.jit import njit
from recbook._core.validate import (
    check_codes,
    check_number,
    check_positive_int,
    generator,
)
from recbook.marketing.base import check_values

__all__ = ["Market", "MarketTruth", "market"]

MEDIAN_VALUE, MEDIAN_PRICE = 0.0040, 0.0075  # euros for an impression
PER_IMPRESSION = 0.00110  # budget of a day for each of its impressions, euros


@njit(cache=True)
def buy(day, bid, price, budget_of, budgets, won):
    """Write to ``won`` which impressions are bought, in their order, day after day.

    An impression goes to the bid if it is above the price, the highest rival's bid, and
    the budget can still pay that price. Budgets are filled each morning.
    """
    left = budgets.copy()
    for i in range(len(bid)):
        if i == 0 or day[i] != day[i - 1]:
            left[:] = budgets
        if bid[i] > price[i] and price[i] <= left[budget_of[i]]:
            left[budget_of[i]] -= price[i]
            won[i] = True


@dataclass(frozen=True)
class MarketTruth:
    """What the shop cannot know, and what only one who has each day twice can measure.

    Parameters
    ----------
    price : (n,) array
        Highest bid of a rival for each impression, in euros: what the winner pays. A
        bidder learns it only for the impressions that it wins.
    day, value : (n,) arrays
        As in the table.
    budget : float
        Budget of a day, in euros.
    """

    price: np.ndarray
    day: np.ndarray
    value: np.ndarray
    budget: float

    def effect(self, factor):
        """Return the euros per impression that ``factor`` on *all* bids adds."""
        factor = check_number("factor", factor, 0)
        gained = [
            self.value[self.bought(f * self.value, None, [self.budget])].sum()
            for f in (factor, 1.0)
        ]
        return float((gained[0] - gained[1]) / len(self.value))

    def bought(self, bids, budget_of, budgets):
        """Return which impressions (n,) are bought, from their budgets or one for all.

        >>> truth = market(n_days=1, n_impressions=100).truth
        >>> bool(truth.bought(truth.value, None, [0.0]).any())
        False
        """
        won = np.zeros(len(bids), dtype=np.bool)
        budget_of = (
            np.zeros(len(bids), dtype=np.int64) if budget_of is None else budget_of
        )
        budgets = np.asarray(budgets, dtype=np.float64)
        buy(self.day, bids, self.price, budget_of, budgets, won)
        return won


@dataclass(frozen=True)
class Market:
    """Some days of ad impressions, which the shop may buy in second-price auctions.

    Parameters
    ----------
    table : DataFrame
        One row for each impression, in the order of time: ``day`` (from 0), ``hour`` (0
        to 23), ``value`` (what the impression is worth to the shop, euros: a click's
        worth times its probability).
    budget : float
        Budget of a day, in euros. What is left at midnight is not carried over.
    truth : MarketTruth
        What only the generator knows.

    Examples
    --------
    >>> world = market(n_days=2, n_impressions=500)
    >>> world.n_impressions, world.table.columns.tolist()
    (1000, ['day', 'hour', 'value'])
    """

    table: pd.DataFrame
    budget: float
    truth: MarketTruth

    @property
    def n_impressions(self):
        """Number of impressions, all days together."""
        return len(self.table)

    def play(self, factor=1.0, budget_of=None, budgets=None):
        """Bid a factor of each impression's value, until the money of the day is gone.

        Parameters
        ----------
        factor : float or (n,) array_like
            The bid over the value, at least 0.
        budget_of : (n,) int array_like, optional
            Which budget pays for each impression, from 0. Without it, one for all.
        budgets : (k,) array_like, optional
            Euros a day in each budget, at least 0. Without it, the budget in equal
            parts.

        Returns
        -------
        won : (n,) bool array
            Which impressions were bought.
        paid : (n,) array
            Euros: the highest rival's bid where won, else 0.

        Raises
        ------
        ValueError
            If lengths differ, a number is out of its range, or an impression has no
            budget_of.

        Examples
        --------
        >>> world = market(n_days=2, n_impressions=500)
        >>> won, paid = world.play(1.3)
        >>> bool((paid[world.table["day"] == 0]).sum() <= world.budget)
        True
        """
        n = self.n_impressions
        factor = check_reals("factor", factor)
        factor = np.full(n, factor) if not factor.ndim else factor
        factor = check_values("factor", factor, n, low=0)
        if budget_of is None:
            budget_of = np.zeros(n, dtype=np.int64)
        if budgets is not None:
            budgets = check_values("budgets", budgets, low=0)
        budget_of = check_codes(
            "budget_of", budget_of, n if budgets is None else len(budgets)
        )
        if len(budget_of) != n:
            raise ValueError(f"budget_of has {len(budget_of)} rows, but {n} are needed")
        if budgets is None:
            k = 1 + int(budget_of.max())
            budgets = np.full(k, self.budget / k)
        budget_of = np.require(
            budget_of, requirements="W"
        )  # as the kernel was compiled for
        bids = factor * self.truth.value
        won = self.truth.bought(bids, budget_of, budgets)
        return won, np.where(won, self.truth.price, 0.0)


def market(n_days=20, n_impressions=30_000, seed=0):
    r"""Draw some days of ad impressions on a budget: a tenth of a second for 600,000.

    Values are lognormal, with a median of .4 cents and a deviation of .6 in the
    logarithm. The highest rival's bid has a median of .75 cents. Its logarithm moves by
    .3 of what the value's does, by .4 of noise, and by .05 with the day. The budget is
    some 20 % more than bids at value spend, so that on most days money is left.

    Parameters
    ----------
    n_days : int
        How many days.
    n_impressions : int
        Impressions of a day, spread evenly over it.
    seed : int
        The same days for the same seed, on every machine.

    Returns
    -------
    Market
        Table, budget and truth.

    Raises
    ------
    ValueError
        If a number is below 1 or seed below 0.

    Examples
    --------
    >>> world = market(n_days=3, n_impressions=1000, seed=1)
    >>> round(world.budget, 2), world.table["day"].max()
    (1.1, np.int64(2))
    """
    n_days = check_positive_int("n_days", n_days)
    n_impressions = check_positive_int("n_impressions", n_impressions)
    rng = generator(seed)
    n = n_days * n_impressions
    day = np.repeat(np.arange(n_days, dtype=np.int64), n_impressions)
    hour = np.tile(
        np.arange(n_impressions, dtype=np.int64) * 24 // n_impressions, n_days
    )
    worth = 0.6 * draws.normal(rng, n)
    level = 0.05 * draws.normal(rng, n_days)[day]
    noise = 0.4 * draws.normal(rng, n)
    value = np.round(MEDIAN_VALUE * np.exp(worth), 9)
    price = np.round(MEDIAN_PRICE * np.exp(0.3 * worth + level + noise), 9)
    budget = PER_IMPRESSION * n_impressions
    table = pd.DataFrame({"day": day, "hour": hour, "value": value})
    return Market(table, budget, MarketTruth(price, day, value, budget))
