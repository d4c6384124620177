"""The shop's ads on other sites: who saw what, who clicked, at what price."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from recbook._core import draws
from recbook._core.validate import check_number, check_positive_int, generator
from recbook.marketing.base import check_values
from recbook.marketing.worlds.people import AGE_SHARES, AGES

__all__ = ["FIELDS", "ImpressionTruth", "Impressions", "impressions"]

FIELDS = ("site", "ad", "age", "device", "part", "position", "person")
N_DAYS, SEASON = 30, 24  # days, and the day on which the season begins
N_SITES, N_ADS = 60, 40
DEVICES, DEVICE_SHARES = ("phone", "tablet", "desktop"), (0.55, 0.15, 0.30)
PARTS, PART_ENDS = ("night", "morning", "afternoon", "evening"), (0.1, 0.35, 0.65)
POSITION_SHARES = (0.45, 0.33, 0.22)
LEVEL = -4.5  # mean of the log odds of a click, season apart
IMPRESSIONS_EACH = 8  # impressions of a person on average; a few have hundreds


@dataclass(frozen=True)
class ImpressionTruth:
    """What the shop cannot know: arrays with a value for each impression.

    Parameters
    ----------
    click : (n,) array
        Probability of a click.
    price : (n,) array
        Highest bid of a rival in euros: what the winner pays. A bidder learns it only
        for the impressions that it wins.
    """

    click: np.ndarray
    price: np.ndarray

    def profit(self, bids, value=0.40):
        r"""Return what these bids truly earn, in euros, in second-price auctions.

        .. math:: \sum_{i:\ b_i > q_i} (v\, \pi_i - q_i)

        Parameters
        ----------
        bids : (n,) array_like
            A bid :math:`b_i` for each impression, in euros. 0 wins nothing.
        value : float
            What a click is worth, :math:`v`, in euros.
        """
        bids = check_values("bids", bids, len(self.click), low=0)
        value = check_number("value", value, 0)
        return float((value * self.click - self.price)[bids > self.price].sum())


@dataclass(frozen=True)
class Impressions:
    """A month of impressions of the shop's ads, in the order of time.

    Parameters
    ----------
    table : DataFrame
        What is known before an impression is shown, one row for each impression:
        ``day`` (0 to 29), ``site`` (0 to 59, a few have most impressions), ``ad`` (0 to
        39), ``age`` (band), ``device``, ``part`` (of the day), ``position`` (1 to 3 on
        the page), ``person`` (a code; most have few impressions, a few have hundreds).
    clicks : (n,) array
        1 where the impression was clicked, else 0.
    truth : ImpressionTruth
        What only the generator knows.

    Examples
    --------
    >>> world = impressions(1000)
    >>> world.n_impressions, world.table.columns[:3].tolist()
    (1000, ['day', 'site', 'ad'])
    """

    table: pd.DataFrame
    clicks: np.ndarray
    truth: ImpressionTruth

    @property
    def n_impressions(self):
        """Number of impressions."""
        return len(self.table)

    def auction(self, bids):
        """Bid for each impression (n,), euros; the winner pays the second highest bid.

        Returns
        -------
        won : (n,) bool array
            Where the bid is above every rival's.
        paid : (n,) array
            Euros: the highest rival's bid where won, else 0.
        """
        bids = check_values("bids", bids, self.n_impressions, low=0)
        won = bids > self.truth.price
        return won, np.where(won, self.truth.price, 0.0)

    def subset(self, mask):
        """Return the impressions of a bool mask (n,) as a world of their own."""
        mask = np.asarray(mask)
        if mask.dtype != np.bool or mask.shape != (self.n_impressions,):
            raise ValueError(
                f"mask must hold {self.n_impressions} bools, got {mask.dtype} of shape "
                f"{mask.shape}"
            )
        truth = ImpressionTruth(self.truth.click[mask], self.truth.price[mask])
        table = self.table[mask].reset_index(drop=True)
        return Impressions(table, self.clicks[mask], truth)


def pick(rng, n, weights):
    """Draw n codes in proportion to their weights."""
    ends = np.cumsum(weights)
    places = np.searchsorted(ends / ends[-1], rng.random(n), side="right")
    return places.astype(np.int64)


def vectors(rng, n, k, size):
    """Draw n vectors (n, k) whose products have a deviation of ``size``."""
    drawn = draws.normal(rng, n * k).reshape(n, k)
    return drawn * np.sqrt(size / np.sqrt(k))


def log_odds(rng, codes):
    """Return the true log odds of a click at each impression, -4.5 on average."""
    site_of, ad_of, age_of = codes["site"], codes["ad"], codes["age"]
    site = 0.45 * draws.normal(rng, N_SITES)
    ad = 0.40 * draws.normal(rng, N_ADS)
    taste = vectors(rng, N_SITES, 3, 0.5) @ vectors(rng, N_ADS, 3, 0.5).T
    leaning = vectors(rng, N_ADS, 2, 0.4) @ vectors(rng, len(AGES), 2, 0.4).T
    person = 0.6 * draws.normal(rng, 1 + int(codes["person"].max()))
    scores = (
        (site[:, None] + ad + taste)[site_of, ad_of]
        + leaning[ad_of, age_of]
        + np.array([0.1, 0.0, -0.05, 0.15])[age_of]
        + np.array([0.0, 0.1, -0.25])[codes["device"]]
        + np.array([-0.2, 0.0, 0.05, 0.2])[codes["part"]]
        + np.array([0.35, 0.0, -0.4])[codes["position"]]
        + person[codes["person"]]
    )
    return scores - scores.mean() + LEVEL


def impressions(n=400_000, seed=0):
    r"""Draw a month of ad impressions: a fifth of a second for 400,000.

    The log odds of a click add up a level for each site, ad, age band, device, part of
    the day, position and person, a product of vectors for each site with each ad, and
    one for each ad with each age band. From day 24 on, the season adds .25. The rivals'
    highest bid is lognormal, with a median of about 1 cent, and a quarter of the log
    odds above or below their mean is added to its logarithm: rivals know something.

    Parameters
    ----------
    n : int
        How many impressions.
    seed : int
        The same impressions for the same seed, on every machine.

    Returns
    -------
    Impressions
        Table, clicks and truth.

    Raises
    ------
    ValueError
        If n is below 1 or seed below 0.

    Examples
    --------
    >>> world = impressions(2000, seed=1)
    >>> len(world.clicks), len(world.truth.click)
    (2000, 2000)
    """
    n = check_positive_int("n", n)
    rng = generator(seed)
    time = np.sort(N_DAYS * rng.random(n))
    day = time.astype(np.int64)
    n_people = max(1, n // IMPRESSIONS_EACH)
    codes = {
        "site": pick(rng, n, 1 / (np.arange(N_SITES) + 2.0)),
        "ad": pick(rng, n, 1 / (np.arange(N_ADS) + 8.0)),
        "age": pick(rng, n, AGE_SHARES),
        "device": pick(rng, n, DEVICE_SHARES),
        "part": np.searchsorted(PART_ENDS, time - day, side="right"),
        "position": pick(rng, n, POSITION_SHARES),
        "person": pick(rng, n, (np.arange(n_people) + 50.0) ** -0.8),
    }
    scores = log_odds(rng, codes)
    click = np.round(expit(scores + np.where(day >= SEASON, 0.25, 0.0)), 9)
    known = 0.25 * (scores - LEVEL)  # what rivals know of the impression
    price = np.round(0.010 * np.exp(known + 0.63 * draws.normal(rng, n)), 9)
    clicks = (rng.random(n) < click).astype(np.float64)
    return Impressions(shown(day, codes), clicks, ImpressionTruth(click, price))


def shown(day, codes):
    """Return the table of what is known before an impression."""
    labels = {"age": AGES, "device": DEVICES, "part": PARTS}
    columns = {
        name: pd.Categorical.from_codes(code, labels[name])
        if name in labels
        else code + (name == "position")
        for name, code in codes.items()
    }
    return pd.DataFrame({"day": day, **columns})
