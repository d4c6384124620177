"""One day of ad impressions: its traffic, its prices, and their values."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from recbook._core import draws
from recbook._core.validate import check_positive_int, generator

__all__ = ["Day", "day"]

# Impressions in each hour, from midnight on; only the proportions count.
TRAFFIC = (22, 14, 10, 8, 8, 12, 22, 36, 44, 46, 46, 48,
           52, 50, 46, 46, 50, 58, 70, 84, 92, 86, 66, 40)  # fmt: skip
CLICK = 0.40  # what a click is worth, in euros
LEVEL, SPREAD = -4.0, 1.0  # of the log odds of a click
MEDIAN, KNOWN, NOISE = 0.008, 0.4, 0.7  # of the rivals' highest bid
EVENING, DEARER = 18, 1.15  # from this hour on rivals bid more, and less before


@dataclass(frozen=True)
class Day:
    """The impressions of one day, in the order of time.

    Parameters
    ----------
    minutes : (n,) array
        When each impression came up, in minutes after midnight, below 1440.
    values : (n,) array
        What an impression is worth to the shop in euros: probability of a click times
        0.40. Known before the bid.
    prices : (n,) array
        The least bid that would have won, in euros. An exchange reports it afterwards,
        so a bidder may learn from it on the next day, and may not bid by it.

    Examples
    --------
    >>> Day(np.array([0.5]), np.array([0.008]), np.array([0.01])).n_impressions
    1
    """

    minutes: np.ndarray
    values: np.ndarray
    prices: np.ndarray

    @property
    def n_impressions(self):
        """Number of impressions."""
        return len(self.minutes)


def day(n=100_000, seed=0):
    r"""Draw a day of ad impressions: a fiftieth of a second for 100,000.

    Traffic has its peak at 20 hours. Log odds of a click are normal (mean −4, deviation
    1). The rivals' highest bid is lognormal with a median of .8 cent: the impression's
    log odds, less their mean, enter its logarithm with a factor of .4, with noise of
    deviation .7. From 18 hours on rivals bid 15 % more, before that 15 % less.

    Parameters
    ----------
    n : int
        How many impressions.
    seed : int
        The same day for the same seed; another day for another.

    Returns
    -------
    Day
        Times, values and prices.

    Raises
    ------
    ValueError
        If n is below 1 or seed below 0.

    Examples
    --------
    >>> today = day(1000, seed=1)
    >>> today.n_impressions, bool((today.minutes < 1440).all())
    (1000, True)
    """
    n = check_positive_int("n", n)
    rng = generator(seed)
    ends = np.concatenate([[0.0], np.cumsum(TRAFFIC) / np.sum(TRAFFIC)])
    hours = np.interp(np.sort(rng.random(n)), ends, np.arange(25.0))
    surplus = SPREAD * draws.normal(rng, n)  # log odds above their mean
    busy = np.where(hours >= EVENING, DEARER, 1 / DEARER)
    price = MEDIAN * busy * np.exp(KNOWN * surplus + NOISE * draws.normal(rng, n))
    value = CLICK * expit(LEVEL + surplus)
    return Day(np.round(60 * hours, 6), np.round(value, 9), np.round(price, 9))
