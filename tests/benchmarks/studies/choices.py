"""How often a report sends a model where nobody has a taste, and where they have one.

``python -m tests.benchmarks.studies.choices`` writes ``choices.csv`` and its json in
``data/results``. It takes about ten minutes of one core.

Columns: ``part``, see below; ``case``; ``value``, with ``low`` and ``high``, Wilson's
95 % interval of a share; ``n`` logs or samples. Parts:

- ``alarms``: share of logs without taste in which ``report.recommend`` sends the lists
  of a model in place of the most popular. The lines are those of 400 customers of the
  book's shop, drawn anew for each log, with the items permuted over all lines: who
  bought what, and when, is chance;
- ``sent``: the same share for shops of 400 customers, drawn anew, with taste;
- ``gain``: of these, hits of 100 customers beyond popularity, the mean over the logs;
- ``coverage``: share of intervals of ``evaluation.choose`` that held the truth, for one
  setting of EASE beside popularity, in samples of 400 customers from a plain world of
  tastes. The truth is the mean difference of all samples, so an interval has to hold
  other customers and another training set;
- ``length``: the mean length of these intervals, beside 3.92 standard deviations of the
  difference over samples.

Seeds start at 1000. Limits and grids of the report were chosen on the book's shop, with
its taste in it, before these logs were drawn.
"""

import argparse

import numpy as np
import pandas as pd

from recbook import EASE, Orders, datasets, evaluation, report
from recbook.leaderboard.results import write_results
from recbook.synthetic.shop.log import generate

N_CUSTOMERS, FIRST_SEED = 400, 1000


def share(part, case, hits):
    """Return a row for a share, with Wilson's 95 % interval."""
    n, p, z = len(hits), float(np.mean(hits)), 1.959964
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    ends = {"low": round(max(0, middle - reach), 5), "high": round(middle + reach, 5)}
    return {"part": part, "case": case, "value": round(p, 5), **ends, "n": n}


def purchases(seed, n_customers=N_CUSTOMERS):
    """Return the lines of a drawn shop's orders: customer, item, time."""
    rows = [
        (customer, item, when)
        for customer, item, behaviour, when, _ in generate(seed, n_customers).events
        if behaviour == "p"
    ]
    log = pd.DataFrame(rows, columns=["customer", "item", "time"])
    return log.assign(time=pd.to_datetime(log["time"].astype(np.int64), unit="s"))


def book_shop():
    """Return the lines of the orders of the book's shop."""
    events = datasets.load_shop().events
    log = events[events["behaviour"] == "purchase"]
    log = log.rename(columns={"user_id": "customer", "product_id": "item"})
    return log.assign(time=pd.to_datetime(log["timestamp"], unit="s"))


def orders_of(log):
    """Return the orders of such lines."""
    return Orders.from_frame(log, customer="customer", item="item", time="time")


def without_taste(log, seed):
    """Return the lines of 400 customers, with the items permuted over them."""
    rng = np.random.default_rng(seed)
    customers = rng.permutation(log["customer"].unique())[:N_CUSTOMERS]
    log = log[log["customer"].isin(customers)]
    return log.assign(item=rng.permutation(log["item"].to_numpy()))


def alarms(seeds):
    """Return the report's numbers for logs without taste."""
    whole = book_shop()
    return [verdict("alarms", seed, without_taste(whole, seed)) for seed in seeds]


def sent(seeds):
    """Return the report's numbers for drawn shops."""
    return [verdict("sent", seed, purchases(seed)) for seed in seeds]


def verdict(part, seed, log):
    """Return the report's numbers for the discoveries of one log."""
    made = report.recommend(orders_of(log), verbose=False)
    found = {"seed": seed, **made.numbers["discoveries"]}
    print(part, seed, found["outcome"], found["chosen"], flush=True)
    return found


def sample(seed, n_lines=4000, n_items=200, n_groups=10):
    """Return the lines of 400 customers, each of whom likes two groups of items.

    How much they buy is Gamma. Six of ten items are from a group that they like, the
    others from anywhere, both by popularity, which falls with the rank.
    """
    rng = np.random.default_rng(seed)
    activity = rng.gamma(1.0, size=N_CUSTOMERS)
    who = rng.choice(N_CUSTOMERS, size=n_lines, p=activity / activity.sum())
    liked = rng.integers(n_groups, size=(N_CUSTOMERS, 2))
    popularity = 1 / np.arange(1, n_items + 1) ** 0.8
    item = rng.choice(n_items, size=n_lines, p=popularity / popularity.sum())
    of_taste = rng.random(n_lines) < 0.6
    group = liked[who, rng.integers(2, size=n_lines)]
    for one in range(n_groups):
        rows = np.flatnonzero(of_taste & (group == one))
        own = np.arange(one, n_items, n_groups)
        share_of = popularity[own] / popularity[own].sum()
        item[rows] = rng.choice(own, size=rows.size, p=share_of)
    days = pd.to_timedelta(rng.integers(182 * 24, size=n_lines), unit="h")
    start = pd.Timestamp("2025-01-06")
    return pd.DataFrame({"customer": who, "item": item, "time": start + days})


def intervals(seeds):
    """Return difference, low and high of one EASE in each sample."""
    found = []
    for seed in seeds:
        models = {"EASE": lambda: EASE(reg=200.0)}
        orders = orders_of(sample(seed))
        choice = evaluation.choose(models, orders, 2, metric="precision")
        row = choice.tests.query("kind == 'discoveries' and model == 'EASE'").iloc[0]
        scale = 100 * choice.k
        found.append([scale * row[name] for name in ("difference", "low", "high")])
    return found


def rows_of(shuffled, drawn, ends):
    """Return the table from what the three parts found."""
    rows = []
    ahead = [one["outcome"] == "better" for one in shuffled]
    rows.append(share("alarms", "without taste", ahead))
    ahead = [one["outcome"] == "better" for one in drawn]
    rows.append(share("sent", "with taste", ahead))
    gains = [one["difference"]["value"] for one in drawn if one["outcome"] == "better"]
    gain = {"part": "gain", "case": "with taste", "n": len(gains)}
    rows.append(gain | {"value": round(float(np.mean(gains)), 3)})
    value, low, high = np.array(ends).T
    truth = value.mean()
    rows.append(share("coverage", "EASE", (low <= truth) & (truth <= high)))
    lengths = {"intervals": np.mean(high - low), "samples": 3.92 * value.std(ddof=1)}
    for case, length in lengths.items():
        row = {"part": "length", "case": case, "value": round(float(length), 3)}
        rows.append(row | {"n": len(value)})
    return pd.DataFrame(rows)


def main(argv=None):
    """Run the three parts and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shuffled", type=int, default=200, help="logs without taste")
    parser.add_argument("--drawn", type=int, default=40, help="logs with taste")
    parser.add_argument("--samples", type=int, default=400, help="for the coverage")
    counts = parser.parse_args(argv)
    parts = (counts.shuffled, counts.drawn, counts.samples)
    seeds = [range(FIRST_SEED, FIRST_SEED + n) for n in parts]
    write(alarms(seeds[0]), sent(seeds[1]), intervals(seeds[2]))


def write(shuffled, drawn, ends):
    """Write the record."""
    outcomes = pd.Series([one["outcome"] for one in shuffled]).value_counts()
    write_results(
        "choices",
        rows_of(shuffled, drawn, ends),
        customers=N_CUSTOMERS,
        first_seed=FIRST_SEED,
        outcomes_without_taste=outcomes.to_dict(),
        outcomes_with_taste=pd.Series([one["outcome"] for one in drawn])
        .value_counts()
        .to_dict(),
    )


if __name__ == "__main__":
    main()
