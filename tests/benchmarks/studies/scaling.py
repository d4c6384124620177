"""How cost grows with the number of ratings.

``python -m tests.benchmarks.studies.scaling`` generates tables of 100 K to 10 M
ratings, seeded, as large and as lopsided as the MovieLens sets of those sizes. Every
model fits them with 32 factors. There is no peer here; ``data/results/scaling.csv``
gets one row for each model and size.

``seconds`` is the processor time of one pass, an epoch or an iteration, with what
``fit`` writes into ``history_`` after it: the least of some fits of one pass, and of
some more; the difference, divided, has nothing of what happens once, such as sorting
the table by users. ``peak_bytes`` is the most that ``fit`` held at a time, the sorted
table and the factors included and ``train`` itself, 16 bytes a rating, not. The slopes
are those of log(seconds) and log(bytes) over log(ratings): 1 is linear.
"""

import os
import time
import tracemalloc

import numpy as np
import pandas as pd

from recbook import Ratings
from recbook.factorization import ALS, BPR, ImplicitALS, MatrixFactorization
from recbook.leaderboard.results import write_results

SEED = 0
N_FACTORS = 32
TURNS = 3
# Ratings -> users and items: MovieLens 100K, 1M and 10M, and between them.
SIZES = {
    100_000: (943, 1682),
    300_000: (2387, 2497),
    1_000_000: (6040, 3706),
    3_000_000: (20_547, 6289),
    10_000_000: (69_878, 10_677),
}
MODELS = {
    "MatrixFactorization": (MatrixFactorization, "n_epochs"),
    "ALS": (ALS, "n_iterations"),
    "ImplicitALS": (ImplicitALS, "n_iterations"),
    "BPR": (BPR, "n_epochs"),
}


def generated(n_ratings, n_users, n_items, seed=SEED):
    """Return a table of so many ratings, of busy and quiet users, hits and rarities.

    A user's and an item's weight are log-normal; pairs are drawn by both and repeats
    thrown away. Stars are a mean of the item and noise.
    """
    rng = np.random.default_rng(seed)
    busy = np.cumsum(rng.lognormal(0.0, 1.0, n_users))
    popular = np.cumsum(rng.lognormal(0.0, 1.5, n_items))
    cells = np.zeros(0, dtype=np.int64)
    while cells.size < n_ratings:
        missing = n_ratings - cells.size
        drawn = rng.random((2, missing + missing // 4 + 1000))
        users = np.searchsorted(busy, drawn[0] * busy[-1])
        items = np.searchsorted(popular, drawn[1] * popular[-1])
        cells = np.unique(np.append(cells, users * n_items + items))
    kept = rng.permutation(cells.size)[:n_ratings]
    users, items = np.divmod(cells[kept], n_items)
    means = rng.normal(3.5, 0.5, n_items)
    stars = np.clip(np.rint(means[items] + rng.normal(0.0, 1.0, n_ratings)), 1, 5)
    return Ratings(users, items, stars, None, np.arange(n_users), np.arange(n_items))


def fit(name, train, passes):
    """Fit the model, from a table that is not yet sorted by users."""
    model, counts = MODELS[name]
    train.__dict__.pop("csr", None)
    model(n_factors=N_FACTORS, **{counts: passes}).fit(train)


def more_passes(train):
    """Return how many more, so that they stand out from the clock's noise."""
    return max(1, 500_000 // train.n_ratings)


def seconds_of(name, train, passes):
    """Return the processor seconds of one fit."""
    start = time.process_time()
    fit(name, train, passes)
    return time.process_time() - start


def peak_bytes(name, train):
    """Return the most memory that a fit of one pass held at a time, in bytes."""
    tracemalloc.start()
    fit(name, train, 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def slope(table, column):
    """Return the slope of the log of a column over the log of the ratings."""
    logs = np.log(table[["n_ratings", column]].to_numpy(dtype=float))
    return np.polyfit(logs[:, 0], logs[:, 1], 1)[0]


def least_seconds(tables):
    """Return the least time of each fit, by (model, ratings, passes).

    Sizes take turns, so that what else the machine does meets all of them, and it
    only ever adds: by emptying the cache that they share, to processor time, too.
    """
    least = {}
    for turn in range(TURNS):
        for train in tables:
            for name in MODELS:
                for passes in (1, 1 + more_passes(train)):
                    key = name, train.n_ratings, passes
                    seconds = seconds_of(name, train, passes)
                    least[key] = min(seconds, least.get(key, seconds))
        print(f"turn {turn + 1} of {TURNS}, load {load()}", flush=True)
    return least


def row(name, train, least):
    """Return one row of the table."""
    n, more = train.n_ratings, more_passes(train)
    seconds = (least[name, n, 1 + more] - least[name, n, 1]) / more
    peak = peak_bytes(name, train)
    return {
        "model": name,
        "n_ratings": n,
        "n_users": train.n_users,
        "n_items": train.n_items,
        "seconds": round(seconds, 5),
        "seconds_per_million": round(1e6 * seconds / n, 4),
        "peak_bytes": peak,
        "bytes_per_rating": round(peak / n, 1),
    }


def load():
    """Return how many processes wanted a core in the last minute, if known."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def main():
    """Measure every model at every size and write the table."""
    loads = {"load_before": load()}
    small = generated(2000, 60, 80)
    for name in MODELS:
        fit(name, small, 2)  # compiles
    tables = [generated(n, *shape) for n, shape in SIZES.items()]
    least = least_seconds(tables)
    loads["load_after"] = load()
    table = pd.DataFrame([row(name, t, least) for name in MODELS for t in tables])
    for new, column in [("slope", "seconds"), ("bytes_slope", "peak_bytes")]:
        slopes = {name: slope(part, column) for name, part in table.groupby("model")}
        table[new] = table["model"].map(slopes).round(3)
    print(table.to_string(index=False))
    facts = {"data": "generated", "seed": SEED, "n_factors": N_FACTORS}
    write_results("scaling", table, **facts, **loads)


if __name__ == "__main__":
    main()
