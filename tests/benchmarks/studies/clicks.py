"""Click models and what their errors cost: the record of chapter 6.2.

``python -m tests.benchmarks.studies.clicks`` writes ``data/results/clicks.csv``; it
takes two minutes on one core.

Ten worlds of 400,000 impressions, seeds 0 to 9. Models learn from days 0 to 19,
calibration from days 20 and 21, scores are of days 22 and 23, and ``profit`` is what
bids of .40 € times the probability truly earn on days 22 to 29. Steps and penalties
were chosen on days 20 and 21 of another world, seed 100, by ``choose`` below. The rows
``movielens`` are real: is a rating five stars, from the rater and the film, on the last
fifth of MovieLens 100K in the order of time, with the same settings.

Columns: ``study``, ``seed`` (of the world, or of the sampling for MovieLens),
``model``, ``metric``, ``value``.
"""

from itertools import product

import numpy as np
import pandas as pd

from recbook import datasets
from recbook.leaderboard.results import write_results
from recbook.marketing import ctr, worlds

PLAIN = ["site", "ad", "age", "device", "part", "position"]
CROSSES = [("site", "ad"), ("ad", "age")]
N_BUCKETS, VALUE, RATE = 2**18, 0.40, 0.1
STEPS = {"alpha": 0.2, "l1": 0.5}
MACHINE = {"n_factors": 4, "lr": 0.3, "n_epochs": 4}
SIZES = [2**k for k in (6, 8, 10, 12, 14, 16, 18)]


class Month:
    """A world with its days, and buckets of its impressions."""

    def __init__(self, seed):
        self.world = worlds.impressions(seed=seed)
        self.y, self.truth = self.world.clicks, self.world.truth.click
        self.day = self.world.table["day"].to_numpy()
        self.train, self.test = self.between(0, 20), self.between(22, 24)
        self.valid, self.sold = self.between(20, 22), self.between(22, 30)
        self.shop = self.world.subset(self.sold).truth

    def between(self, first, last):
        return (self.day >= first) & (self.day < last)

    def buckets(self, fields, crosses=CROSSES, n_buckets=N_BUCKETS):
        return ctr.hash_fields(self.world.table[fields], n_buckets, crosses)

    def scores(self, p):
        """Yield metric and value of probabilities for all impressions."""
        y, said = self.y[self.test], p[self.test]
        yield "log_loss", ctr.log_loss(y, said)
        yield "ne", ctr.normalized_entropy(y, said)
        if said.min() < said.max():
            yield "auc", ctr.auc(y, said)
        yield "ratio", said.mean() / y.mean()
        yield "profit", self.shop.profit(VALUE * p[self.sold])
        yield "spend", self.shop.price[VALUE * p[self.sold] > self.shop.price].sum()


def learned(month, X, rows, model=None, weight=None):
    model = model or ctr.FTRL(N_BUCKETS, **STEPS)
    return model.fit(X[rows], month.y[rows], weight).predict(X)


def choose(seed=100):
    """Print the log loss of the candidates on days 20 and 21 of another world."""
    month = Month(seed)
    X, flat = month.buckets([*PLAIN, "person"]), month.buckets(PLAIN, ())
    valid, y = month.valid, month.y[month.valid]
    for alpha, l1 in product((0.1, 0.2, 0.3, 0.5), (0.5, 1.0, 2.0)):
        p = learned(month, X, month.train, ctr.FTRL(N_BUCKETS, alpha=alpha, l1=l1))
        print("FTRL", alpha, l1, round(ctr.log_loss(y, p[valid]), 5))
    for lr, n_epochs in product((0.1, 0.2, 0.3, 0.5), (1, 2, 3, 4)):
        settings = {**MACHINE, "lr": lr, "n_epochs": n_epochs}
        model = ctr.HashedFM(N_BUCKETS, **settings)
        p = learned(month, flat, month.train, model)
        print("FM", lr, n_epochs, round(ctr.log_loss(y, p[valid]), 5), flush=True)


def models(month):
    """Yield name and probabilities of each model."""
    yield "truth", month.truth
    yield "rate", np.full(len(month.y), month.y[month.train].mean())
    for name, fields, crosses in [
        ("main", PLAIN, ()),
        ("pairs", PLAIN, CROSSES),
        ("person", [*PLAIN, "person"], CROSSES),
    ]:
        X = month.buckets(fields, crosses)
        yield name, learned(month, X, month.train)
    machine = ctr.HashedFM(N_BUCKETS, **MACHINE)
    yield "fm", learned(month, month.buckets(PLAIN, ()), month.train, machine)


def kept(y, rows, rate, seed):
    """Return which rows stay: all clicks, and a share of the others."""
    return rows & ((y == 1) | (np.random.default_rng(seed).random(len(y)) < rate))


def sampled(month, X, seed, rate=RATE):
    """Yield name and probabilities of each way to use a sample."""
    rows = kept(month.y, month.train, rate, seed)
    raw = learned(month, X, rows)
    yield "raw", raw
    yield "undone", ctr.undo_sampling(raw, rate)
    weight = np.where(month.y[rows] == 1, 1.0, 1 / rate)
    yield "weighted", learned(month, X, rows, weight=weight)
    held = raw[month.valid], month.y[month.valid]
    yield "platt", ctr.Platt().fit(*held).predict(raw)
    yield "isotonic", ctr.Isotonic().fit(*held).predict(raw)


def decay(month, p):
    """Yield what days 26 to 29 say of a model that is left alone, and of one moved."""
    recent, later = month.between(24, 26), month.between(26, 30)
    moved = ctr.Platt(slope=False).fit(p[recent], month.y[recent]).predict(p)
    shop = month.world.subset(later).truth
    for name, said in (("left alone", p), ("moved", moved), ("truth", month.truth)):
        yield name, "ratio to truth", said[later].mean() / month.truth[later].mean()
        yield name, "profit", shop.profit(VALUE * said[later])


def curse(month, p):
    """Yield probability over truth on days 22 and 23: of all impressions, of those won.

    The last row divides by predicted over observed clicks of impressions won on days
    20, 21.
    """
    won = month.world.truth.price < VALUE * p
    before = month.valid & won
    factor = p[before].sum() / month.y[before].sum()
    masks = {"all": month.test, "won": month.test & won}
    for name, mask in masks.items():
        yield name, "ratio to truth", p[mask].mean() / month.truth[mask].mean()
    mask = masks["won"]
    yield (
        "divided",
        "ratio to truth",
        p[mask].mean() / factor / month.truth[mask].mean(),
    )


def of_world(seed):
    """Yield all rows of one world."""
    month = Month(seed)
    for name, p in models(month):
        for row in month.scores(p):
            yield "models", seed, name, *row
        if name == "person":
            for row in decay(month, p):
                yield "decay", seed, *row
            for row in curse(month, p):
                yield "curse", seed, *row
    X = month.buckets([*PLAIN, "person"])
    for name, p in sampled(month, X, seed):
        for row in month.scores(p):
            yield "sampling", seed, name, *row
    for size in SIZES:
        X = month.buckets([*PLAIN, "person"], n_buckets=size)
        p = learned(month, X, month.train, ctr.FTRL(size, **STEPS))
        for row in month.scores(p):
            yield "buckets", seed, str(size), *row


def of_movielens(movielens, seeds=range(5)):
    """Yield the rows of the real table: five stars or not, on its last fifth."""
    ratings = movielens.ratings
    order = np.argsort(ratings.timestamps, kind="stable")
    columns = {"user": ratings.users[order], "item": ratings.items[order]}
    y = (ratings.values[order] == 5).astype(float)
    X = ctr.hash_fields(columns, N_BUCKETS)
    train = np.arange(len(y)) < 0.8 * len(y)

    def fitted(rows):
        model = ctr.FTRL(N_BUCKETS, **STEPS).fit(X[rows], y[rows])
        return model.predict(X)[~train]

    for seed in seeds:
        raw = fitted(kept(y, train, RATE, seed))
        undone = ctr.undo_sampling(raw, RATE)
        for name, p in (("full", fitted(train)), ("raw", raw), ("undone", undone)):
            yield "movielens", seed, name, "log_loss", ctr.log_loss(y[~train], p)
            yield "movielens", seed, name, "auc", ctr.auc(y[~train], p)
            yield "movielens", seed, name, "ratio", p.mean() / y[~train].mean()


def main():
    """Measure, write, print."""
    movielens = datasets.load_ml100k("real")
    rows = []
    for seed in range(10):
        rows += of_world(seed)
        print("world", seed, flush=True)
    rows += of_movielens(movielens)
    columns = ["study", "seed", "model", "metric", "value"]
    table = pd.DataFrame(rows, columns=columns)
    table["value"] = table["value"].round(6)
    write_results("clicks", table, data=f"worlds.impressions; {movielens.name}")
    means = table.pivot_table("value", ["study", "model"], "metric", sort=False)
    print(means.round(4).to_string())


if __name__ == "__main__":
    main()
