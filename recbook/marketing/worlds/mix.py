"""Weekly sales and spend of the shop, in which spend follows demand."""

from dataclasses import dataclass

import numpy as np

from recbook._core import draws
from recbook._core.validate import check_choice, check_number, check_positive_int
from recbook.marketing.base import check_values
from recbook.marketing.mix import LiftTest, adstock, saturate

__all__ = ["WeekTruth", "Weeks", "weeks"]

CHANNELS = ("tv", "social", "search")
CARRY = np.array([0.7, 0.4, 0.1])  # share of an effect that is left a week later
HALF = np.array([9000.0, 4000.0, 6000.0])  # € per week at half of the peak
PEAK = np.array([50_000.0, 23_000.0, 9600.0])  # € of sales per week
LEVEL, NOISE = 150_000.0, 1800.0  # € per week: sales without ads, and their noise
WARM = 60  # weeks in which demand wanders before the first
PLANS = ("demand", "random")
KINDS = ("wander", "noise", "flights", "tv", "social", "search", "queries", "test")
ERROR = 0.0045  # of a lift test, as a share of the sales of its weeks


@dataclass(frozen=True)
class WeekTruth:
    """What the shop cannot know.

    Parameters
    ----------
    carry, half, peak : (C,) arrays
        Carry-over, half point and largest effect of each channel; the latter two in
        euros per week.
    contribution : (n_weeks, C) array
        What each channel added to sales, in euros.
    baseline : (n_weeks,) array
        Sales that there would be without ads, in euros, noise apart.
    """

    carry: np.ndarray
    half: np.ndarray
    peak: np.ndarray
    contribution: np.ndarray
    baseline: np.ndarray

    def sales(self, spend):
        """Return what a weekly spend (C,) that stays the same adds to weekly sales."""
        spend = check_values("spend", spend, len(self.peak), low=0)
        return float(self.peak @ saturate(spend, self.half))


@dataclass(frozen=True)
class Weeks:
    """Weekly totals of a shop: sales, and what was spent on each channel.

    Parameters
    ----------
    sales : (n_weeks,) array
        Euros.
    spend : (n_weeks, C) array
        Euros; a column for each of ``channels``.
    channels : tuple of str
        Names.
    queries : (n_weeks,) array
        How often people searched for what the shop sells, 100 on average: a noisy
        measure of demand.
    truth : WeekTruth
        What only the generator knows.
    seed : int
        Seed of the draw, and of its lift tests.

    Examples
    --------
    >>> world = weeks(seed=1)
    >>> world.spend.shape, world.channels
    ((104, 3), ('tv', 'social', 'search'))
    """

    sales: np.ndarray
    spend: np.ndarray
    channels: tuple[str, ...]
    queries: np.ndarray
    truth: WeekTruth
    seed: int

    def lift_test(self, channel, start=52, n_weeks=8, change=-1.0):
        """Change the spend of a channel in a random half of the regions, and compare.

        Its error is .45 % of the sales of these weeks, about that of a geo experiment
        with a synthetic control.

        Parameters
        ----------
        channel : str
            Name.
        start, n_weeks : int
            First week, counted from 0, and how many.
        change : float
            By which share the spend changes: −1 switches the channel off.

        Returns
        -------
        LiftTest
            With a value that is scaled to all regions, in euros.

        Raises
        ------
        ValueError
            If there is no such channel or the weeks are not within the draw.
        """
        check_choice("channel", channel, self.channels)
        start = check_positive_int("start", start, minimum=0)
        stop = start + check_positive_int("n_weeks", n_weeks)
        change = check_number("change", change, -1)
        if stop > len(self.sales):
            raise ValueError(
                f"start is {start} and n_weeks {n_weeks}, but the last of "
                f"{len(self.sales)} weeks is {len(self.sales) - 1}, counted from 0"
            )
        c, truth = self.channels.index(channel), self.truth
        other = self.spend[:, c].copy()
        other[start:stop] *= 1 + change
        other = truth.peak[c] * saturate(adstock(other, truth.carry[c]), truth.half[c])
        effect = (other - truth.contribution[:, c])[start:stop].sum()
        error = ERROR * self.sales[start:stop].sum()
        luck = draws.normal(_rng(self.seed, "test", c, start), 1)[0]
        value, error = np.round([effect + error * luck, error], 2)
        return LiftTest(c, start, stop, change, float(value), float(error))


def weeks(n=104, plan="demand", seed=0):
    r"""Draw weekly sales, spend of three channels, and what each channel added.

    .. math:: y_t = b_t + \sum_c \beta_c \frac{A_{tc}}{A_{tc} + k_c} + e_t

    Without ads, sales are 150,000 € per week, with a trend, a season with its high
    before Christmas, and a demand that wanders. By the plan ``"demand"``, TV comes in
    flights that are larger in season, social follows the season, and search follows all
    of demand, since it is paid for by those who search. By ``"random"``, spend is drawn
    at random. Effects are the same in both.

    Parameters
    ----------
    n : int
        Weeks, at least 8.
    plan : {"demand", "random"}
        How spend is decided.
    seed : int
        The same weeks for the same seed, on every machine.

    Returns
    -------
    Weeks
        Sales, spend, queries and truth.

    Raises
    ------
    ValueError
        If n is below 8, the plan is another, or seed below 0.

    Examples
    --------
    >>> world = weeks()
    >>> returns = world.truth.contribution.sum(axis=0) / world.spend.sum(axis=0)
    >>> bool(returns[0] > returns[1] > 2 > 1 > returns[2])
    True
    """
    n = check_positive_int("n", n, minimum=8)
    check_choice("plan", plan, PLANS)
    seed = check_positive_int("seed", seed, minimum=0)
    season, wander = _season(n), _wander(n, seed)
    demand = season + wander
    spend = _spend(n, plan, season, wander, seed)
    share = saturate(adstock(spend, CARRY), HALF)
    added = np.round(PEAK * share, 6)
    baseline = np.round(LEVEL * (1 + 0.03 * np.arange(n) / 52 + demand), 6)
    noise = NOISE * draws.normal(_rng(seed, "noise"), n)
    sales = np.round(baseline + added.sum(axis=1) + noise, 2)
    heard = demand + 0.01 * draws.normal(_rng(seed, "queries"), n)
    queries = np.round(100 * np.exp(heard - heard.mean()), 2)
    truth = WeekTruth(CARRY.copy(), HALF.copy(), PEAK.copy(), added, baseline)
    return Weeks(sales, spend, CHANNELS, queries, truth, seed)


def _rng(seed, kind, *more):
    """Return a generator of its own for each kind of draw."""
    return np.random.default_rng([seed, 11, KINDS.index(kind), *more])


def _season(n):
    """Return the season (n,) as a share of sales, about 0 on average."""
    week = np.arange(n) % 52
    angle = 2 * np.pi * (week - 48) / 52
    christmas = np.exp(-(((week - 48) / 2.5) ** 2) / 2)
    return 0.08 * np.cos(angle) + 0.045 * np.cos(2 * angle) + 0.06 * christmas - 0.007


def _wander(n, seed):
    """Return a demand (n,) that wanders: 85 % of it stays from week to week."""
    steps = 0.02 * np.sqrt(1 - 0.85**2) * draws.normal(_rng(seed, "wander"), n + WARM)
    demand = np.zeros(n + WARM)
    for t in range(1, n + WARM):
        demand[t] = 0.85 * demand[t - 1] + steps[t]
    return np.round(demand[WARM:], 9)


def _spend(n, plan, season, wander, seed):
    """Return spend (n, 3) in whole euros."""
    luck = np.column_stack([draws.normal(_rng(seed, c), n) for c in CHANNELS])
    on = _flights(n, seed)
    if plan == "random":
        logs = np.array([0.4, 0.6, 0.6]) * luck
    else:
        follows = np.column_stack([2.5 * season, 4 * season, 4 * season + 3 * wander])
        logs = follows + np.array([0.15, 0.25, 0.25]) * luck
    typical = np.array([9000.0, 3000.0, 4000.0])
    spend = typical * np.exp(logs)
    spend[:, 0] *= on
    return np.round(spend)


def _flights(n, seed):
    """Return 1 for each week in which TV is on: 3 to 5 weeks, then 6 to 8 off."""
    rng = _rng(seed, "flights")
    on, week = np.zeros(n), int(6 * rng.random())
    while week < n:
        length, gap = 3 + int(3 * rng.random()), 6 + int(3 * rng.random())
        on[week : week + length] = 1.0
        week += length + gap
    return on
