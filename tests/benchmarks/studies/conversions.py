"""Orders that have not come yet, and what bids by them earn: the record of 6.3.

``python -m tests.benchmarks.studies.conversions`` writes
``data/results/conversions.csv``; it takes two minutes of one core.

Forty worlds of 60,000 clicks and 200,000 impressions for sale, seeds 100 to 139. The
world was chosen on seeds below 10, and nobody had looked at those of the record.
Models see the log of day 30; all penalties are the package's default, 1. ``truth`` is
the world's own probability, ``eventual`` a logistic regression of what the clicks have
brought by day 400. Profits are those of the expected margins, in euros.

Columns: ``part``, ``law`` of the delay, ``case``, ``metric``, ``seed``, ``value``.
Parts:

- ``order``: estimates of the probability of an order after a click. ``ratio``, ``new``
  and ``late``: estimated over true orders, of all clicks, of the spring campaign's, of
  furniture; ``excess``: expected log loss above the truth's, in 1e-5; ``profit`` and
  ``spend`` of bids by it, where the margin is estimated, too;
- ``margin``: bids by ``DelayedFeedback`` with ways to price an order; ``net`` is the
  profit if orders that would have come anyway do not count, ``orders`` their number,
  ``novels`` the profit of novels alone;
- ``stages``: predicted over true clicks, orders after clicks (weighted by clicks),
  orders of impressions, with a model of clicks that does not know the device;
- ``curse``: a rate for each of 150 kinds of clicks, raw and shrunk: orders over clicks
  that are counted by the share of their orders that has come; ``all`` and ``won``:
  estimated over true margins;
- ``week``: orders per 100 clicks of the last seven days: as counted on day 30, with
  what is pending, and by day 400;
- ``penalty``: profit by ``DelayedFeedback`` with the penalty ``case``.
"""

import numpy as np
import pandas as pd

from recbook.leaderboard.results import write_results
from recbook.marketing import conversions, experiments, worlds
from recbook.marketing.regression import Logistic, Ridge

SEEDS = range(100, 140)
FIELDS = ["campaign", "category", "device", "returning"]
MARGIN = 0.36
LAWS = ("exponential", "mixture")
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)


def table_of(frame):
    """Return the fields of clicks or impressions as columns of 0 and 1."""
    return pd.get_dummies(frame[FIELDS]).astype(float)


class Month:
    """A world, its log of day 30, and the columns of both tables."""

    def __init__(self, seed, law):
        self.world = worlds.conversions(law=law, seed=seed)
        self.log, self.truth = self.world.log(), self.world.truth
        self.X, self.Z = table_of(self.log), table_of(self.world.sale)
        self.y = self.log["converted"].to_numpy()
        self.age = 30 - self.log["day"].to_numpy()
        self.came = self.world.log(400)["converted"].to_numpy()
        self.click = self.world.sale["click"].to_numpy()
        value = conversions.OrderValue()
        value.fit(self.X[self.y], self.log["value"][self.y])
        self.margin = MARGIN * value.predict(self.Z)

    def profit(self, order, margin=None):
        margin = self.margin if margin is None else margin
        return self.truth.sale.profit(conversions.bid(self.click, order, margin))


def orders(month):
    """Yield name and fitted model of each way to learn from the log."""
    X, y = month.X, month.y
    yield "eventual", Logistic().fit(X, month.came)
    yield "naive", Logistic().fit(X, y)
    for days in (7, 14):
        old = month.age > days
        yield f"wait {days}", Logistic().fit(X[old], y[old])
    for law in ("exponential", "weibull"):
        model = conversions.DelayedFeedback(law=law)
        yield law, model.fit(X, y, month.log["time"])


def scores(month, p, bids):
    """Yield metric and value of probabilities for the clicks, and of bids."""
    q, log = month.truth.order, month.log
    for name, rows in (
        ("ratio", np.ones(len(q), dtype=bool)),
        ("new", (log["campaign"] == "spring").to_numpy()),
        ("late", (log["category"] == "furniture").to_numpy()),
    ):
        yield name, p[rows].sum() / q[rows].sum()
    loss = q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p))
    yield "excess", 1e5 * loss.mean()
    sale = month.truth.sale
    yield "profit", sale.profit(bids)
    yield "spend", sale.price[bids > sale.price].sum()


def of_orders(month, models):
    bids = month.truth.sale.margin
    for row in scores(month, month.truth.order, bids):
        yield "order", "truth", *row
    flat = np.full(len(month.X), month.y.mean())
    bids = conversions.bid(month.click, np.full(len(bids), flat[0]), month.margin)
    for row in scores(month, flat, bids):
        yield "order", "one rate", *row
    for name, model in models.items():
        bids = conversions.bid(month.click, model.predict(month.Z), month.margin)
        for row in scores(month, model.predict(month.X), bids):
            yield "order", name, *row


def of_margins(month, q):
    """Yield what bids earn by ways to price an order."""
    sale, y, value = month.truth.sale, month.y, month.log["value"]
    logs = Ridge().fit(month.X[y], np.log(value[y])).predict(month.Z)
    margins = {
        "one margin": np.full(len(q), MARGIN * value[y].mean()),
        "logarithms": MARGIN * np.exp(logs),
        "gamma": month.margin,
        "truth": MARGIN * sale.mean_value,
        "caused": month.margin * sale.caused,
    }
    novels = (month.world.sale["category"] == "novels").to_numpy()
    for name, margin in margins.items():
        won = conversions.bid(month.click, q, margin) > sale.price
        gain = sale.margin - sale.price
        yield "margin", name, "profit", gain[won].sum()
        net = sale.caused * sale.margin - sale.price
        yield "margin", name, "net", net[won].sum()
        count = month.click * sale.order
        yield "margin", name, "orders", count[won].sum()
        yield "margin", name, "spend", sale.price[won].sum()
        yield "margin", name, "novels", gain[won & novels].sum()


def of_stages(month, q):
    """Yield predicted over true sums of each stage and of the product."""
    kinds = [name for name in FIELDS if name != "device"]
    by = month.world.sale.groupby(kinds, observed=True)["click"]
    blind = by.transform("mean").to_numpy()
    true = month.truth.sale.order
    for name, click in (("knows", month.click), ("blind", blind)):
        yield "stages", name, "click", click.sum() / month.click.sum()
        weighted = (month.click * q).sum() / (month.click * true).sum()
        yield "stages", name, "order", weighted
        yield "stages", name, "both", (click * q).sum() / (month.click * true).sum()
        bids, sale = conversions.bid(click, q, month.margin), month.truth.sale
        won = bids > sale.price
        yield "stages", name, "won", bids[won].sum() / sale.margin[won].sum()
        yield "stages", name, "profit", sale.profit(bids)


def of_kinds(month, model):
    """Yield what bids by a rate for each kind of click earn, and what they promise."""
    arrived = 1 - np.exp(-month.age / model.expected_delay(month.X))
    clicks = month.log[FIELDS].assign(n=arrived, k=month.y)
    kinds = clicks.groupby(FIELDS, observed=False)[["n", "k"]].sum()
    kinds = kinds[kinds["n"] > 0]
    rate = kinds["k"] / kinds["n"]
    mean = kinds["k"].sum() / kinds["n"].sum()
    error = np.sqrt(mean / kinds["n"])
    shrunk = pd.Series(experiments.shrink(rate, error).value, rate.index)
    place = pd.MultiIndex.from_frame(month.world.sale[FIELDS])
    sale = month.truth.sale
    for name, rates in (("raw", rate), ("shrunk", shrunk), ("model", None)):
        q = model.predict(month.Z)
        if rates is not None:
            q = rates.reindex(place).fillna(mean).clip(0, 1).to_numpy()
        bids = conversions.bid(month.click, q, month.margin)
        won = bids > sale.price
        yield "curse", name, "all", bids.sum() / sale.margin.sum()
        yield "curse", name, "won", bids[won].sum() / sale.margin[won].sum()
        top = bids >= np.quantile(bids, 0.9)
        yield "curse", name, "top", bids[top].sum() / sale.margin[top].sum()
        yield "curse", name, "profit", sale.profit(bids)


def of_week(month, model):
    last = month.age < 7
    waiting = last & ~month.y
    pending = model.pending(month.X[waiting], month.age[waiting]).sum()
    per = 100 / last.sum()
    yield "week", "counted", "orders", per * month.y[last].sum()
    yield "week", "pending", "orders", per * (month.y[last].sum() + pending)
    yield "week", "came", "orders", per * month.came[last].sum()


def of_penalties(month):
    for reg in PENALTIES:
        model = conversions.DelayedFeedback(reg=reg)
        model.fit(month.X, month.y, month.log["time"])
        yield "penalty", f"{reg:g}", "profit", month.profit(model.predict(month.Z))


def of_world(seed, law):
    """Yield all rows of one world."""
    month = Month(seed, law)
    models = dict(orders(month))
    yield from of_orders(month, models)
    model = models["exponential"]
    yield from of_week(month, model)
    if law == "exponential":
        q = model.predict(month.Z)
        yield from of_margins(month, q)
        yield from of_stages(month, q)
        yield from of_kinds(month, model)
        yield from of_penalties(month)


def main():
    """Measure, write, print."""
    rows = []
    for seed in SEEDS:
        for law in LAWS:
            for part, case, metric, value in of_world(seed, law):
                rows.append((part, law, case, metric, seed, round(float(value), 5)))
        print("world", seed, flush=True)
    columns = ["part", "law", "case", "metric", "seed", "value"]
    table = pd.DataFrame(rows, columns=columns)
    write_results("conversions", table, data="worlds.conversions, seeds 100 to 139")
    keys = ["part", "law", "case"]
    print(table.pivot_table("value", keys, "metric", sort=False).round(3).to_string())


if __name__ == "__main__":
    main()
