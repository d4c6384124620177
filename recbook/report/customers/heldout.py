"""The last weeks of the log, held out: what was predicted, and what was counted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from recbook.report.customers.forecast import (
    DECILES,
    Forecast,
    Horizon,
    deciles,
    forecast,
    interval,
    order_days,
    people_of,
)

__all__ = ["HeldOut", "cut_of", "held_out"]

PARTS = 4  # of the held-out weeks, in which a season shows
MOST = 7  # orders after the first: as many and more are one group


@dataclass(frozen=True)
class HeldOut:
    """A forecast at the cut, beside what the weeks after it brought.

    Parameters
    ----------
    forecast : Forecast
        Of the customers who had ordered before the cut, from these orders alone.
    counted : (n,) array
        Days with an order in the held-out weeks.
    amount : float
        What the same people spent in these weeks; NaN without amounts.
    rules : dict of str to (n,) array
        What each rule of thumb expects.
    by_week : (weeks,) array
        Orders counted in each week.
    newcomers : int
        Customers who first ordered after the cut: no rule knows them.
    """

    forecast: Forecast
    counted: np.ndarray
    amount: float
    rules: dict
    by_week: np.ndarray
    newcomers: int

    @property
    def error(self):
        """By how much the forecast of orders is off, as a share of those counted."""
        return self.forecast.orders.sum() / max(self.counted.sum(), 1) - 1

    @property
    def interval(self):
        """The 95 % interval of the orders in all."""
        return interval(self.forecast.draws["orders"])

    @property
    def missed(self):
        """Whether the orders counted lie outside of the interval."""
        low, high = self.interval
        return not low <= self.counted.sum() <= high

    @property
    def wave(self):
        """The p-value of the model's course over the weeks, whatever their total.

        A chi-square test of four parts of the held-out weeks, 1 where a part is too
        small for it. A season that evens out over the weeks is seen here alone.
        """
        _, expected, counted = self.week_by_week()
        expected = expected * counted.sum() / expected.sum()
        parts = [np.array([part.sum() for part in np.array_split(weeks, PARTS)])
                 for weeks in (counted, expected)]  # fmt: skip
        if parts[1].min() < 5:
            return 1.0
        return float(chdtrc(PARTS - 1, ((parts[0] - parts[1]) ** 2 / parts[1]).sum()))

    def compared(self):
        """Return a row for each rule: in all, off, per customer, in its best tenth."""
        rules = {"BG/NBD": self.forecast.orders} | self.rules
        total = max(self.counted.sum(), 1)
        rows = []
        for name, values in rules.items():
            miss = values - self.counted
            best = self.counted[deciles(values) == 1].sum()
            rows.append({
                "rule": name,
                "predicted": values.sum(),
                "counted": self.counted.sum(),
                "off %": 100 * (values.sum() / total - 1),
                "absolute error": np.abs(miss).mean(),
                "squared error": (miss**2).mean(),
                "in its best tenth %": 100 * best / total,
            })  # fmt: skip
        return pd.DataFrame(rows)

    def by_frequency(self):
        """Return mean orders by the number of orders before the cut."""
        x = np.minimum(self.forecast.people.history[0], MOST).astype(int)
        table = pd.DataFrame({
            "orders after the first": x,
            "counted": self.counted,
            "BG/NBD": self.forecast.orders,
        } | self.rules)  # fmt: skip
        groups = table.groupby("orders after the first")
        means = groups.mean().assign(customers=groups.size())
        means["error"] = groups["counted"].std() / means["customers"] ** 0.5
        return means.fillna({"error": 0.0})

    def by_decile(self):
        """Return orders predicted and counted, by decile of the forecast."""
        groups = deciles(self.forecast.orders)
        sums = {"predicted": self.forecast.orders, "counted": self.counted}
        sums = {k: np.bincount(groups, v, DECILES + 1)[1:] for k, v in sums.items()}
        return pd.DataFrame({"decile": np.arange(1, DECILES + 1)} | sums)

    def week_by_week(self):
        """Return weeks, orders expected in each, and orders counted."""
        weeks = np.arange(1.0, len(self.by_week) + 1)
        model, history = self.forecast.model, self.forecast.people.history
        total = model.expected_purchases(weeks, *history).sum(axis=0)
        return weeks, np.diff(total, prepend=0.0), self.by_week


def cut_of(days, weeks):
    """Return the last day before the held-out weeks."""
    return days["day"].max() - pd.Timedelta(weeks=weeks)


def held_out(orders, days, weeks, n_draws, seed):
    """Forecast the last weeks of a log from what was before, and count.

    Parameters
    ----------
    orders : Orders
        The log.
    days : DataFrame
        Customer, day and amount, as ``order_days`` returns them.
    weeks : int
        How many weeks are held out.
    n_draws, seed : int
        As in ``forecast``.

    Returns
    -------
    HeldOut
    """
    cut = cut_of(days, weeks)
    table = orders.holdout(weeks)
    halves = orders.split(cut + pd.Timedelta(days=1))
    before, after = (order_days(half) for half in halves)
    known = after[after["customer"].isin(table.index)]
    people = people_of(table, before)
    week = (known["day"] - cut).dt.days.to_numpy() - 1
    return HeldOut(
        forecast(people, Horizon(weeks, 1.0, 0.0), n_draws, seed, "held-out weeks"),
        table["orders"].to_numpy(float),
        known["amount"].sum(min_count=1),
        rules(people, before, cut, weeks),
        np.bincount(week // 7, minlength=weeks),
        after["customer"].nunique() - known["customer"].nunique(),
    )


def rules(people, before, cut, weeks):
    """Return what two rules of thumb expect of each customer.

    "As before": as many orders as in as many weeks before the cut. "Own rate": orders
    after the first, divided by the weeks since, go on for ever.
    """
    x, _, T = people.history
    lately = before[before["day"] > cut - pd.Timedelta(weeks=weeks)]
    same = lately.groupby("customer").size().reindex(people.table.index, fill_value=0)
    own = np.divide(weeks * x, T, out=np.zeros(len(x)), where=T > 0)
    return {"as before": same.to_numpy(float), "own rate": own}
