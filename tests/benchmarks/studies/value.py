"""What a customer is worth: how often the report's intervals are right.

``python -m tests.benchmarks.studies.value`` writes ``data/results/value.csv``, a row
for each kind of world, seed and total. It takes half an hour on one free core.

Worlds are drawn, of each kind as many as ``KINDS`` holds. ``Orders`` reads a world's
log, and the report's own steps forecast the next 26 weeks and the held-out ones.
``truth`` is what the world then does:

- ``shop``: 1,000 customers of the book's shop;
- ``cdnow``: 1,000 customers drawn by the BG/NBD and gamma–gamma models at the
  published parameters of CDNOW, most of whom never order again;
- ``small``: 400 customers of the shop, with little more than the least that the report
  accepts;
- ``season``: 1,000 customers of the kind of ``cdnow``, whose rates swing by half around
  their mean, in a year that begins on a day drawn at random: the model is wrong.

``orders`` and ``value`` are totals of the next 26 weeks, ``held_out`` and
``held_out_amount`` those of the last 26 weeks of the log. ``inside`` is whether the
interval holds the truth, ``verdict`` what the report found of the held-out orders,
``wave`` the p-value of their course over the weeks, of which it warns below .01, and
``refused`` whether it gave no totals.
"""

import numpy as np
import pandas as pd

from recbook import Orders
from recbook._core import draws
from recbook.leaderboard.results import write_results
from recbook.marketing import worlds
from recbook.marketing.worlds.people import orders_of
from recbook.report.customers import checks
from recbook.report.customers.forecast import (
    Horizon,
    forecast,
    interval,
    order_days,
    people_of,
)
from recbook.report.customers.heldout import held_out

WEEKS, PAST, YEAR = 26, 104, 52
CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}
HORIZON = Horizon(WEEKS, 0.3, 0.1)
N_DRAWS = 199
KINDS = {  # customers, worlds
    "shop": (1000, 200),
    "cdnow": (1000, 200),
    "small": (400, 100),
    "season": (1000, 100),
}
SEEDS = 1000  # the first: on those below it, the report's own rules were tried
START = pd.Timestamp("2024-01-01")


def shop(n, seed):
    """Return the orders of the shop's customers, and those of the weeks after."""
    world = worlds.customers(n, seed=seed)
    later = world.truth.future(WEEKS, seed=seed)
    later["week"] += PAST
    log = pd.concat([world.orders, later], ignore_index=True)
    return log["customer"], log["week"], log["value"]


def drawn(n, seed, swing=0.0):
    """Return orders by the models themselves, at rates that swing with the season.

    Time runs at the speed 1 + swing · sin(2π (t + phase) / 52).
    """
    rng = np.random.default_rng(seed)
    first = PAST * rng.random(n)
    rate = np.maximum(draws.gamma(rng, n, CDNOW["r"], CDNOW["alpha"]), 1e-6)
    leaving = draws.beta(rng, n, CDNOW["a"], CDNOW["b"])
    phase = 2 * np.pi * rng.random()
    grid = np.linspace(0, PAST + WEEKS, 10_000)
    turn = 2 * np.pi * grid / YEAR + phase
    inner = grid - swing * YEAR / (2 * np.pi) * (np.cos(turn) - np.cos(phase))
    begin = np.interp(first, grid, inner)
    customer, since, _ = orders_of(rng, rate, leaving, inner[-1] - begin)
    who = np.concatenate([np.arange(n), customer])
    week = np.interp(np.concatenate([begin, begin[customer] + since]), inner, grid)
    nu = draws.gamma(rng, n, SPEND["q"], SPEND["v"])
    value = draws.gamma(rng, len(who), SPEND["p"], 1.0) / nu[who]
    return who, week, np.round(value, 2)


def log_of(kind, n, seed):
    """Return customer, day and value of a world, the weeks to come among them."""
    if kind in ("shop", "small"):
        who, week, value = shop(n, seed)
    else:
        who, week, value = drawn(n, seed, 0.5 if kind == "season" else 0.0)
    log = pd.DataFrame({"who": who, "week": week, "value": value})
    return log.assign(day=np.floor(log["week"] * 7).astype(int), item="a")


def truth_of(log):
    """Return orders and euros of today of the weeks after the log, of its people."""
    later = log[log["day"] >= 7 * PAST]
    later = later[later["who"].isin(log.loc[log["day"] < 7 * PAST, "who"])]
    period = (later["week"] - PAST) // HORIZON.ends[0]
    period = np.minimum(period.to_numpy(int), len(HORIZON.ends) - 1)
    days = later.drop_duplicates(["who", "day"])
    return len(days), (later["value"] * HORIZON.worth[period]).sum()


def measure(kind, n, seed):
    """Yield the rows of one world."""
    log = log_of(kind, n, seed)
    past = log[log["day"] < 7 * PAST]
    past = past.assign(day=START + pd.to_timedelta(past["day"], unit="D"))
    names = {"customer": "who", "time": "day", "item": "item", "amount": "value"}
    orders = Orders.from_frame(past[["who", "day", "item", "value"]], **names)
    days = order_days(orders)
    rows = checks.of_the_log(days, WEEKS)
    held = held_out(orders, days, WEEKS, N_DRAWS, seed)
    people = people_of(orders.customers(), days)
    future = forecast(people, HORIZON, N_DRAWS, seed + 1)
    rows += checks.of_the_models(held, future, WEEKS)
    verdicts = {row["check"]: row["verdict"] for row in rows}
    totals = dict(zip(("orders", "value"), truth_of(log), strict=True))
    past = {"orders": held.counted.sum(), "value": held.amount}
    for name, made, truth in (
        ("orders", future, totals), ("value", future, totals),
        ("held_out", held.forecast, past), ("held_out_amount", held.forecast, past),
    ):  # fmt: skip
        column = "value" if name in ("value", "held_out_amount") else "orders"
        low, high = interval(made.draws[column])
        yield {
            "world": kind, "customers": n, "seed": seed, "total": name,
            "forecast": getattr(made, column).sum(), "low": low, "high": high,
            "truth": truth[column], "inside": low <= truth[column] <= high,
            "verdict": verdicts["held-out orders"],
            "wave": held.wave, "refused": bool(checks.stopped(rows)),
        }  # fmt: skip


def world(kind):
    """Return the rows of all worlds of a kind."""
    (customers, n_worlds), rows = KINDS[kind], []
    for seed in range(SEEDS, SEEDS + n_worlds):
        rows += measure(kind, customers, seed)
        if seed % 20 == 19:
            print(kind, seed + 1 - SEEDS, flush=True)
    return pd.DataFrame(rows)


def write(table):
    """Write the record, and print how often each interval was right."""
    table = table.round({"forecast": 2, "low": 2, "high": 2, "truth": 2, "wave": 4})
    drawn_worlds = table.groupby("world", sort=False)["seed"].nunique().to_dict()
    share = table.groupby(["world", "total"], sort=False)["inside"].mean()
    covered = {f"{kind} {total}": value for (kind, total), value in share.items()}
    write_results("value", table, worlds=drawn_worlds, draws=N_DRAWS, covered=covered,
                  data="drawn worlds", real=False)  # fmt: skip
    width = (table["high"] - table["low"]) / table["forecast"] / 2
    table = table.assign(width=width, off=table["forecast"] / table["truth"] - 1)
    keys = ["world", "total"]
    means = table.groupby(keys, sort=False)
    print(means[["inside", "width", "off", "refused"]].mean().round(3))
    one = table[table["total"] == "orders"]
    one = one.assign(season=one["wave"] < checks.SEASON)
    print(one.groupby(["world", "verdict", "season"])["inside"].agg(["size", "mean"]))


def main():
    """Measure and write."""
    write(pd.concat([world(kind) for kind in KINDS], ignore_index=True))


if __name__ == "__main__":
    main()
