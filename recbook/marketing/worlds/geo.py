"""Weekly sales of the shop's regions, in some of which a campaign runs."""

from dataclasses import dataclass

import numpy as np

from recbook._core import draws
from recbook._core.validate import check_number, check_positive_int, generator

__all__ = ["RegionTruth", "Regions", "regions"]

N_FACTORS = 3


@dataclass(frozen=True)
class RegionTruth:
    """What the shop cannot know.

    Parameters
    ----------
    lift : float
        By which share the campaign raises sales.
    without : (n_regions, n_weeks) array
        Sales that there would be without the campaign, in euros.
    """

    lift: float
    without: np.ndarray


@dataclass(frozen=True)
class Regions:
    """Weekly sales of regions, in euros.

    Parameters
    ----------
    sales : (n_regions, n_weeks) array
        Euros.
    treated : (n_regions,) bool array
        Where the campaign ran; chosen at random.
    start : int
        Its first week, counted from 0. It runs to the end.
    truth : RegionTruth
        What only the generator knows.

    Examples
    --------
    >>> world = regions(seed=1)
    >>> world.sales.shape, int(world.treated.sum()), world.start
    ((40, 60), 8, 52)
    """

    sales: np.ndarray
    treated: np.ndarray
    start: int
    truth: RegionTruth


def regions(n=40, n_weeks=60, start=52, n_treated=8, lift=0.05, seed=0):
    r"""Draw weekly sales of regions, and a campaign in some of them.

    .. math:: \ln s_{rt} = a_r + \sum_{k=1}^{3} b_{rk} f_{kt} + e_{rt}
        + \mathbb{1}[r \text{ treated}, t \ge \text{start}]\, \ln(1 + \text{lift})

    A season with its high before Christmas, a trend and a wandering demand,
    :math:`f_{1t}, f_{2t}, f_{3t}`, move all regions, each by leanings of its own
    :math:`b_{rk}`. Levels are normal with a deviation of .5, noise with .02.

    Parameters
    ----------
    n : int
        Regions, at least 4.
    n_weeks : int
        At least 4.
    start : int
        First week of the campaign, with at least two weeks before it.
    n_treated : int
        Where the campaign runs; the regions are chosen at random.
    lift : float
        By which share it raises sales, above −1.
    seed : int
        The same sales for the same seed, on every machine. The assignment and all else
        stay the same when ``lift`` changes.

    Returns
    -------
    Regions
        Sales, treatment and truth.

    Raises
    ------
    ValueError
        If a number is too small, start leaves no week on either side, or fewer than two
        regions are left untreated.

    Examples
    --------
    >>> calm = regions(lift=0.0)
    >>> bool((calm.sales == calm.truth.without.round(2)).all())
    True
    """
    n = check_positive_int("n", n, minimum=4)
    n_weeks = check_positive_int("n_weeks", n_weeks, minimum=4)
    start = check_positive_int("start", start, minimum=2)
    n_treated = check_positive_int("n_treated", n_treated)
    lift = check_number("lift", lift, above=-1)
    if start >= n_weeks:
        raise ValueError(f"start is {start}, but there are {n_weeks} weeks, from 0 on")
    if n_treated > n - 2:
        raise ValueError(
            f"n_treated is {n_treated}: leave at least two of {n} regions untreated"
        )
    rng = generator(seed)
    treated = np.zeros(n, dtype=bool)
    treated[np.argsort(rng.random(n), kind="stable")[:n_treated]] = True
    level = 10.0 + 0.5 * draws.normal(rng, n)
    leaning = np.array([1.0, 1.0, 1.0]) + 0.6 * _table(rng, n, N_FACTORS)
    noise = 0.02 * _table(rng, n, n_weeks)
    logs = level[:, None] + leaning @ _factors(rng, n_weeks) + noise
    without = np.round(np.exp(logs), 6)
    running = treated[:, None] & (np.arange(n_weeks) >= start)
    sales = np.round(without * np.where(running, 1 + lift, 1.0), 2)
    return Regions(sales, treated, start, RegionTruth(lift, without))


def _table(rng, n_rows, n_columns):
    return draws.normal(rng, n_rows * n_columns).reshape(n_rows, n_columns)


def _factors(rng, n_weeks):
    """Return season, trend and wandering demand (3, n_weeks)."""
    week = np.arange(n_weeks)
    season = 0.08 * np.cos(2 * np.pi * (week - 50) / 52)
    trend = 0.05 * week / 52
    wander = np.cumsum(0.012 * draws.normal(rng, n_weeks))
    return np.array([season, trend, wander])
