"""What customers will order and spend: two models, and futures drawn from both.

The interval of a total has two parts. The parameters are those of one sample of
customers, and the future is chance even where the parameters are known. So a draw
resamples the customers, fits both models again, and lets the customers of the log live
through the coming weeks once by these models. An interval is the middle 95 % of draws.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recbook._core.progress import bar
from recbook.marketing.lifetime import BetaGeo, GammaGamma, lifetime_value

__all__ = ["Forecast", "Horizon", "People", "forecast", "interval", "order_days"]

YEAR = 365.25 / 7  # weeks
FEWEST = 39  # draws of which the lowest and the highest are an interval of 95 %
LEAST = 50  # customers with an amount, or there are orders only
PERIOD = 4  # weeks, at most, in which money is counted at one date
DECILES = 10


@dataclass(frozen=True)
class People:
    """What both models need of each customer.

    Parameters
    ----------
    table : DataFrame
        By customer id: ``frequency`` (days with an order after the first), ``recency``
        and ``T`` in weeks.
    spend : (n,) array or None
        Mean amount of an order, 0 where none is known; None without amounts.
    """

    table: pd.DataFrame
    spend: np.ndarray | None

    @property
    def history(self):
        """Frequency, recency and T as arrays."""
        names = ("frequency", "recency", "T")
        return tuple(self.table[name].to_numpy(float) for name in names)

    @property
    def priced(self):
        """How many orders the mean amount is over: 0 where none is known."""
        return np.where(self.spend > 0, self.history[0] + 1, 0.0)


@dataclass(frozen=True)
class Horizon:
    """The weeks ahead, in periods of at most four weeks.

    An order's amount is discounted to today from the end of its period, at ``rate``
    per year.

    Examples
    --------
    >>> Horizon(26, 0.3, 0.1).ends.round(1).tolist()
    [3.7, 7.4, 11.1, 14.9, 18.6, 22.3, 26.0]
    """

    weeks: float
    margin: float
    rate: float

    @property
    def ends(self):
        """End of each period, in weeks from today."""
        n = math.ceil(self.weeks / PERIOD)
        return self.weeks / n * np.arange(1, n + 1)

    @property
    def period_rate(self):
        """The discount rate for one period."""
        return (1 + self.rate) ** (self.ends[0] / YEAR) - 1

    @property
    def worth(self):
        """What a euro at the end of each period is worth today, times the margin."""
        periods = np.arange(1, len(self.ends) + 1)
        return self.margin * (1 + self.period_rate) ** -periods


@dataclass(frozen=True)
class Forecast:
    """What the customers of a log will order in the weeks after it.

    Parameters
    ----------
    people : People
        The customers.
    model, spending : BetaGeo, GammaGamma or None
        Both models, fitted on all customers; no second one without amounts, or where
        amounts are so uneven that they have no mean.
    orders, value : (n,) array
        Expected orders, and euros of today. ``value`` is None without ``spending``.
    decile : (n,) array
        1 for the tenth of the customers who are expected to bring most, to 10.
    draws : DataFrame
        A row for each draw: ``orders`` and ``value`` in all, by decile as ``orders 1``
        and so on, the parameters, and ``limit``: whether one of them ended at a limit.
    """

    people: People
    model: BetaGeo
    spending: GammaGamma | None
    orders: np.ndarray
    value: np.ndarray | None
    decile: np.ndarray
    draws: pd.DataFrame


def order_days(orders):
    """Return customer, day and amount of each day on which somebody ordered.

    The amount is NaN where none is known. The orders of a day are one order.
    """
    frame = orders.frame()
    amount = frame.get("amount", np.nan)
    days = frame.assign(day=frame["time"].dt.floor("D"), amount=amount)
    days = days.groupby(["customer", "day"], sort=True)["amount"].sum(min_count=1)
    return days.reset_index()


def people_of(table, days):
    """Return the customers of a table, with the mean amounts of their orders in days.

    Amounts of 0 or less in all, of gifts or returns, are as good as unknown.
    """
    if days["amount"].isna().all():
        return People(table, None)
    total = days.groupby("customer")["amount"].sum().reindex(table.index)
    spend = total.to_numpy(float) / (table["frequency"].to_numpy(float) + 1)
    return People(table, np.where(spend > 0, spend, 0.0))


def interval(draws):
    """Return the middle 95 % of draws (n, ...) as low and high.

    By ``method="weibull"`` the 5th and the 195th of 199 draws: another draw of the
    same kind falls between them with probability .95 exactly.

    >>> interval(np.arange(1.0, 200.0)).round(9).tolist()
    [5.0, 195.0]
    """
    return np.quantile(draws, [0.025, 0.975], axis=0, method="weibull")


def forecast(people, horizon, n_draws, seed, title="customers drawn again"):
    """Fit both models and draw futures from them.

    Parameters
    ----------
    people : People
        The customers.
    horizon : Horizon
        How far to look ahead, and what an amount is worth.
    n_draws, seed : int
        How many draws, and from which seed. A model with a parameter at its limit is
        refused, and each of its climbs is long: it gets no more than FEWEST draws.
    title : str
        Of the progress bar, which appears after three seconds.

    Returns
    -------
    Forecast
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parameters at a limit: a check says it
        model, spending = fit(people)
        if model.at_limit_:
            n_draws = min(n_draws, FEWEST)
        mean = expected(model, spending, people, horizon)
        decile = deciles(mean[0] if mean[1] is None else mean[1])
        rng = np.random.default_rng(seed)
        n = len(people.table)
        rows = []
        for _ in bar(range(n_draws), title):
            again = np.bincount(rng.integers(n, size=n), minlength=n)
            models = fit(people, again, (model, spending))
            future = live(*models, people, horizon, rng)
            rows.append(summed(future, decile) | parameters(*models))
    return Forecast(people, model, spending, *mean, decile, pd.DataFrame(rows))


def fit(people, weights=None, start=(None, None)):
    """Return both models, the second one None where it has no mean to predict."""
    model = BetaGeo().fit(*people.history, weights, start[0])
    known = 0 if people.spend is None else (people.spend > 0).sum()
    if known < LEAST or (weights is not None and start[1] is None):
        return model, None
    spending = GammaGamma().fit(people.priced, people.spend, weights, start[1])
    if weights is None and spending.q_ <= 1:
        return model, None
    return model, spending


def expected(model, spending, people, horizon):
    """Return expected orders and, with amounts, euros of today: (n,) arrays."""
    cumulative = model.expected_purchases(horizon.ends, *people.history)
    cumulative = np.maximum.accumulate(cumulative, axis=1)  # against rounding
    if spending is None:
        return cumulative[:, -1], None
    each = spending.expected_spend(people.priced, people.spend)
    money = horizon.margin, horizon.period_rate
    return cumulative[:, -1], lifetime_value(cumulative, each, *money)


def deciles(values):
    """Return the decile of each value, 1 for the largest; ties go by row.

    >>> deciles(np.arange(20.0))[[0, 1, 18, 19]].tolist()
    [10, 10, 1, 1]
    """
    place = np.empty(len(values), dtype=np.int64)
    place[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return 1 + place * DECILES // len(values)


def live(model, spending, people, horizon, rng):
    r"""Draw what each customer orders, and what that is worth, in the weeks ahead.

    Given the history, a customer is still there with P(alive). Then the rate is
    gamma distributed with shape r + x and rate α + T, the probability of leaving beta
    distributed with a and b + x, and the future ends after a geometric number of
    orders. The mean amount is gamma–gamma's, given the amounts so far.

    Returns
    -------
    orders, value : (n,) arrays
        ``value`` is None without amounts.
    """
    x, t_x, T = people.history
    here = np.flatnonzero(rng.random(len(x)) < model.p_alive(x, t_x, T))
    rate = rng.gamma(model.r_ + x[here]) / (model.alpha_ + T[here])
    leaving = rng.beta(model.a_, model.b_ + x[here])
    last = rng.geometric(np.clip(leaving, 1e-9, 1.0))
    each = rng.poisson(rate[:, None] * horizon.ends[0], (len(here), len(horizon.ends)))
    until = np.minimum(each.cumsum(axis=1), last[:, None])  # (n here, n periods)
    orders = np.bincount(here, until[:, -1], len(x))
    if spending is None:
        return orders, None
    some = until[:, -1] > 0
    who, counts = here[some], np.diff(until[some], axis=1, prepend=0)
    number = people.priced[who]
    shape = spending.p_ * number + spending.q_
    nu = rng.gamma(shape) / (spending.v_ + number * people.spend[who])
    amounts = rng.standard_gamma(spending.p_ * counts) / nu[:, None]
    return orders, np.bincount(who, amounts @ horizon.worth, len(x))


def summed(future, decile):
    """Return one draw's orders and value, in all and by decile."""
    sums = {}
    for name, values in zip(("orders", "value"), future, strict=True):
        if values is not None:
            parts = np.bincount(decile, values, DECILES + 1)[1:]
            sums[name] = parts.sum()
            sums |= {f"{name} {k}": part for k, part in enumerate(parts, 1)}
    return sums


def parameters(model, spending):
    """Return the parameters of both models, and whether one is at its limit."""
    values = {name: getattr(model, f"{name}_") for name in ("r", "alpha", "a", "b")}
    if spending is not None:
        values |= {name: getattr(spending, f"{name}_") for name in ("p", "q", "v")}
    limits = [m.at_limit_ for m in (model, spending) if m is not None]
    return values | {"limit": any(limits)}
