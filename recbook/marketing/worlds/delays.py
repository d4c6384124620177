"""Clicks whose orders come days later, and the impressions that are sold next."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import expit

from recbook._core import draws
from recbook._core.validate import (
    check_choice,
    check_number,
    check_positive_int,
    generator,
)
from recbook.marketing.base import check_values
from recbook.marketing.worlds.ctr import pick

__all__ = ["ConversionTruth", "Conversions", "SaleTruth", "conversions"]

LAWS = ("exponential", "mixture")
N_DAYS, NEW = 30, 22  # days of the log, and the day on which a campaign begins
MARGIN = 0.36  # of the value of an order
# For each level: its share of the impressions, and what it adds to the log odds of a
# click, to those of an order, to the logarithm of the rate and to that of the value.
LEVELS = {
    "campaign": {
        "search": (0.15, 1.0, 0.4, 0.0, 0.0),
        "display": (0.35, -0.6, -0.3, 0.0, 0.0),
        "partners": (0.15, 0.0, 0.0, 0.0, 0.0),
        "video": (0.15, -0.4, -0.5, -0.2, 0.0),
        "spring": (0.20, 0.2, 0.5, -0.1, 0.1),
    },
    "category": {
        "novels": (0.25, 0.1, 0.5, 0.9, -1.0),
        "games": (0.25, 0.1, 0.2, 0.5, -0.4),
        "shoes": (0.25, 0.0, 0.0, 0.0, 0.1),
        "coffee": (0.15, -0.1, -0.3, -0.5, 0.6),
        "furniture": (0.10, -0.2, -0.7, -0.9, 1.1),
    },
    "device": {
        "desktop": (0.30, 0.0, 0.3, 0.2, 0.0),
        "tablet": (0.10, 0.0, 0.0, 0.0, 0.0),
        "phone": (0.60, 0.4, -0.3, -0.2, -0.1),
    },
    "returning": {
        "no": (0.75, 0.0, 0.0, 0.0, 0.0),
        "yes": (0.25, 0.5, 0.7, 0.5, 0.1),
    },
}
CLICK, ORDER = -3.6, -4.3  # log odds of a click, and of an order after it
DELAY, VALUE = 7.0, 62.0  # days and euros, where all that is added is 0
SHAPE = 2.5  # of the gamma distribution of an order's value
FAST, FAST_DELAY = 0.4, 1 / 48  # of the mixture: a share, and half an hour
SURPRISE = 0.5  # deviation of a click's log odds, within a kind of impression
PRICE, KNOWN, NOISE = 0.014, 0.6, 0.45  # median price, what rivals know, deviation
CAUSED = {"no": 0.9, "yes": 0.3}  # share of orders that would not come without the ad


@dataclass(frozen=True)
class SaleTruth:
    """What the shop cannot know of the impressions for sale; a row for each.

    Parameters
    ----------
    order : (m,) array
        Probability that a click on it brings an order.
    mean_value : (m,) array
        Mean value of such an order, in euros.
    margin : (m,) array
        Expected margin of the impression, in euros: click × order × margin of an order.
    caused : (m,) array
        Share of its orders that would not come without the ad.
    price : (m,) array
        Highest bid of a rival, in euros: what the winner pays. A bidder learns it only
        for the impressions that it wins.
    """

    order: np.ndarray
    mean_value: np.ndarray
    margin: np.ndarray
    caused: np.ndarray
    price: np.ndarray

    def profit(self, bids):
        """Return what bids (m,) truly earn, in euros: margins won, less their prices.

        All orders after a click count, also those that would have come anyway.
        """
        bids = check_values("bids", bids, len(self.price), low=0)
        return float((self.margin - self.price)[bids > self.price].sum())


@dataclass(frozen=True)
class ConversionTruth:
    """What the shop cannot know of the clicks; a row for each.

    Parameters
    ----------
    order : (n,) array
        Probability that the click brings an order, at last.
    mean_delay : (n,) array
        Mean days from the click to such an order.
    mean_value : (n,) array
        Mean value of such an order, in euros.
    delay, value : (n,) arrays
        What will come: days to the order and its value, NaN where there is none.
    sale : SaleTruth
        Of the impressions for sale.
    """

    order: np.ndarray
    mean_delay: np.ndarray
    mean_value: np.ndarray
    delay: np.ndarray
    value: np.ndarray
    sale: SaleTruth


@dataclass(frozen=True)
class Conversions:
    """A month of clicks, what became of them by any day, and the next impressions.

    Parameters
    ----------
    clicks : DataFrame
        One row for each click, in the order of time: ``day`` (0 to 30, with
        fractions), ``campaign`` ("spring" begins on day 22), ``category``, ``device``,
        ``returning`` (has visited the shop before).
    sale : DataFrame
        One row for each impression that is for sale from day 30 on: the same fields,
        and ``click``, its probability of a click, as a model of clicks predicts it.
    truth : ConversionTruth
        What only the generator knows.

    Examples
    --------
    >>> world = conversions(1000, 50)
    >>> world.clicks.columns.tolist()
    ['day', 'campaign', 'category', 'device', 'returning']
    """

    clicks: pd.DataFrame
    sale: pd.DataFrame
    truth: ConversionTruth

    def log(self, today=N_DAYS):
        """Return the clicks before a day, with what is known of them on that day.

        Parameters
        ----------
        today : float
            With fractions, and after the first click. On day 30 the last clicks are
            minutes old; by day 300 nearly all orders have come.

        Returns
        -------
        DataFrame
            The columns of ``clicks``, and ``converted`` (has ordered by now), ``time``
            (days to the order, or to now where there is none), ``value`` (of the order
            in euros, or NaN).

        Examples
        --------
        >>> world = conversions(1000, 50)
        >>> [int(world.log(day)["converted"].sum()) for day in (30, 60, 300)]
        [21, 23, 23]
        """
        first = float(self.clicks["day"].iloc[0])
        today = check_number("today", today, above=first)
        rows = self.clicks["day"].to_numpy() < today
        table = self.clicks[rows].copy()
        age = today - table["day"].to_numpy()
        delay = self.truth.delay[rows]
        table["converted"] = converted = delay < age  # False for NaN
        table["time"] = np.where(converted, delay, age)
        table["value"] = np.where(converted, self.truth.value[rows], np.nan)
        return table

    def auction(self, bids):
        """Bid for each impression for sale (m,), euros; the second price is paid.

        Returns
        -------
        won : (m,) bool array
            Where the bid is above every rival's.
        paid : (m,) array
            Euros: the highest rival's bid where won, else 0.
        """
        price = self.truth.sale.price
        bids = check_values("bids", bids, len(price), low=0)
        won = bids > price
        return won, np.where(won, price, 0.0)


def kinds():
    """Return the kinds of impressions (k, 4), their shares and what each adds (k, 4).

    >>> names, shares, adds = kinds()
    >>> len(names), float(shares.sum().round(9)), adds.shape
    (150, 1.0, (150, 4))
    """
    names = list(product(*LEVELS.values()))
    rows = [
        [LEVELS[field][level] for field, level in zip(LEVELS, kind, strict=True)]
        for kind in names
    ]
    table = np.array(rows)  # (k, 4 fields, 5 numbers)
    return names, table[:, :, 0].prod(axis=1), table[:, :, 1:].sum(axis=1)


def conversions(n=60_000, n_sale=200_000, law="exponential", seed=0):
    r"""Draw a month of clicks and the impressions after it: a tenth of a second.

    The log odds of an order after a click, the logarithm of its mean delay and that of
    its mean value are sums over campaign, category, device and returning. Where orders
    are large they come late: novels after three days, furniture after two weeks.

    Parameters
    ----------
    n : int
        Clicks, spread evenly over 30 days.
    n_sale : int
        Impressions for sale.
    law : {"exponential", "mixture"}
        Of the delay. In the mixture two orders in five come within half an hour on
        average, and the others so much later that the mean delay is the same.
    seed : int
        The same world for the same seed, on every machine. Both laws share all else.

    Returns
    -------
    Conversions
        Clicks, impressions for sale and truth.

    Raises
    ------
    ValueError
        If a number is below 1, seed below 0, or the law has another name.

    Examples
    --------
    >>> world = conversions(2000, 100, seed=1)
    >>> len(world.clicks), len(world.sale)
    (2000, 100)
    """
    n = check_positive_int("n", n)
    n_sale = check_positive_int("n_sale", n_sale)
    law = check_choice("law", law, LAWS)
    rng = generator(seed)
    names, shares, adds = kinds()
    order = expit(ORDER + adds[:, 1])
    mean_delay, mean_value = DELAY * np.exp(-adds[:, 2]), VALUE * np.exp(adds[:, 3])
    day = np.round(np.sort(N_DAYS * rng.random(n)), 9)
    chance = shares * expit(CLICK + adds[:, 0])
    old = np.array([kind[0] != "spring" for kind in names])
    codes = np.where(day < NEW, pick(rng, n, chance * old), pick(rng, n, chance))
    ordered = rng.random(n) < order[codes]
    delay = drawn_delays(rng, mean_delay[codes], law)
    value = np.round(mean_value[codes] * draws.gamma(rng, n, SHAPE, SHAPE), 2)
    value = np.maximum(value, 0.01)
    of_sale = pick(rng, n_sale, shares)
    click = expit(CLICK + adds[of_sale, 0] + SURPRISE * draws.normal(rng, n_sale))
    click = np.round(click, 9)
    margin = MARGIN * click * (order * mean_value)[of_sale]
    log = np.log(margin) - np.log(margin).mean()
    price = PRICE * np.exp(KNOWN * log + NOISE * draws.normal(rng, n_sale))
    caused = np.array([CAUSED[kind[-1]] for kind in names])[of_sale]
    of_kind = order[of_sale], mean_value[of_sale]
    sold = SaleTruth(*of_kind, margin, caused, np.round(price, 9))
    future = [np.where(ordered, column, np.nan) for column in (delay, value)]
    of_click = [column[codes] for column in (order, mean_delay, mean_value)]
    truth = ConversionTruth(*of_click, *future, sold)
    clicks = pd.DataFrame({"day": day, **shown(codes)})
    sale = pd.DataFrame({**shown(of_sale), "click": click})
    return Conversions(clicks, sale, truth)


def drawn_delays(rng, mean, law):
    """Draw days from click to order (n,) of these means; both laws take as many."""
    fast, delays = rng.random(len(mean)) < FAST, draws.exponential(rng, 1 / mean)
    if law == "exponential":
        return delays
    slow = (mean - FAST * FAST_DELAY) / (1 - FAST)
    return np.round(delays / mean * np.where(fast, FAST_DELAY, slow), 9)


def shown(codes):
    """Return the fields of kinds (n,) as categories of the same levels everywhere."""
    places = np.unravel_index(codes, [len(levels) for levels in LEVELS.values()])
    return {
        field: pd.Categorical.from_codes(place, list(LEVELS[field]))
        for field, place in zip(LEVELS, places, strict=True)
    }
