"""The figures of the report: predicted and counted, and who carries the value."""

import numpy as np

from recbook.report.base import Chart
from recbook.report.customers.forecast import interval
from recbook.report.customers.heldout import MOST

__all__ = ["by_frequency", "by_week", "carried"]


def by_frequency(held, weeks):
    """Return predicted and counted orders, by the number of orders before the cut."""
    means = held.by_frequency()
    last = means.iloc[-1]
    alt = (
        "Mean orders in the held-out weeks, by the orders after the first before them. "
        f"In the last group {last['counted']:.1f} were counted, the model predicted "
        f"{last['BG/NBD']:.1f} and the rule 'as before' {last['as before']:.1f}."
    )
    caption = (
        f"Orders in the {weeks} held-out weeks, by the number of orders before. Dots "
        "are means of what was counted, ± 1.96 standard errors. 'As before' repeats as "
        "many weeks before the cut."
    )

    def draw(ax):
        from recbook.plots import COLORS

        x = means.index.to_numpy()
        error = 1.96 * means["error"]
        ax.errorbar(x, means["counted"], error, fmt="o", color=COLORS["deep"],
                    label="counted")  # fmt: skip
        ax.plot(x, means["BG/NBD"], color=COLORS["ours"], label="BG/NBD")
        before = means["as before"]
        ax.plot(x, before, ":", color=COLORS["baseline"], label="as before")
        names = [f"{k} or more" if k == MOST else str(k) for k in x]
        ax.set_xticks(x, names)
        ax.set(xlabel="orders after the first, before the held-out weeks")
        ax.set(ylabel=f"orders in {weeks} weeks, mean", ylim=(0, None))
        ax.legend(loc="upper left")

    return Chart("held-out", caption, alt, draw)


def by_week(held):
    """Return orders of each held-out week, expected and counted."""
    weeks, expected, counted = held.week_by_week()
    alt = (
        f"Orders in each of {len(weeks)} held-out weeks: expected {expected[0]:,.0f} "
        f"in the first and {expected[-1]:,.0f} in the last, counted {counted[0]:,.0f} "
        f"and {counted[-1]:,.0f}."
    )
    caption = (
        "Orders of the customers known at the cut, week by week. A wave around the "
        "line is a season, which the model does not know."
    )

    def draw(ax):
        from recbook.plots import COLORS

        ax.plot(weeks, counted, "o", color=COLORS["deep"], label="counted")
        ax.plot(weeks, expected, color=COLORS["ours"], label="BG/NBD")
        ax.set(xlabel="held-out week", ylabel="orders", ylim=(0, None))
        ax.legend(loc="lower left")

    return Chart("by-week", caption, alt, draw)


def carried(future, table):
    """Return the share of the total that each decile brings."""
    name = "orders" if future.value is None else "value"
    share, decile = table["share %"], table["decile"]
    draws = np.column_stack([future.draws[f"{name} {k}"] for k in decile])
    low, high = interval(100 * draws / draws.sum(axis=1, keepdims=True))
    alt = (
        f"Share of the expected {name} by decile of the customers: the first brings "
        f"{share.iloc[0]:.0f} %, the second {share.iloc[1]:.0f} %, the last "
        f"{share.iloc[-1]:.0f} %."
    )
    caption = f"What each decile of the customers brings of the {name}, with intervals."

    def draw(ax):
        from recbook.plots import COLORS

        reach = np.maximum([share - low, high - share], 0)
        ax.bar(decile, share, color=COLORS["ours"])
        ax.errorbar(decile, share, reach, fmt="none", color=COLORS["deep"])
        ax.set_xticks(decile)
        ax.set(xlabel="decile of the customers", ylabel=f"% of the {name}")

    return Chart("who-carries", caption, alt, draw)
