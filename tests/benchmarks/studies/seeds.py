"""How much of a result is the seed: every recipe that draws at random, three times.

``python -m tests.benchmarks.studies.seeds`` fits the leaderboard's recipes with seeds
0, 1 and 2 on its splits and writes ``data/results/seeds.csv``, one row for each model,
seed, fold and metric. It goes on where it was stopped, and needs the real MovieLens
100K. Names after the command, such as ``sasrec multvae``, choose some recipes.
"""

import sys

import pandas as pd

from recbook import datasets, leaderboard
from recbook.leaderboard.measure import COLUMNS, KINDS
from recbook.leaderboard.results import results_folder, write_results

SEEDS = (0, 1, 2)


def seeded(factory, seed):
    """Return a factory of the same recipe with another seed."""

    def make():
        model = factory()
        model.seed = seed
        return model

    return make


def chosen(names):
    """Return {kind: {"name/seed": factory}} of the recipes that have a seed."""
    return {
        kind: {
            f"{name}/{seed}": seeded(factory, seed)
            for name, factory in leaderboard.recipes(kind).items()
            if hasattr(factory(), "seed") and (not names or name in names)
            for seed in SEEDS
        }
        for kind in KINDS
    }


def with_seeds(table):
    """Return a table of :func:`recbook.leaderboard.run` with the seed in a column."""
    parts = table["model"].str.split("/", expand=True)
    table = table.assign(model=parts[0], seed=parts[1].astype(int))
    return table[table["metric"].isin(["rmse", "ndcg", "hit_rate"])]


def joined(table):
    """Return what :func:`with_seeds` was given: the seed in the model's name."""
    names = table["model"] + "/" + table["seed"].astype(str)
    return table.assign(model=names).reindex(columns=list(COLUMNS))


def main(names):
    """Measure, save after every fit, print means and spreads."""
    path = results_folder() / "seeds.csv"
    old = pd.read_csv(path) if path.exists() else None
    kept = old[~old["model"].isin(names)] if old is not None and names else None

    def save(table):
        table = with_seeds(table)
        if kept is not None:
            table = pd.concat([kept, table])
        table = table.sort_values(["kind", "model"], kind="stable")
        write_results("seeds", table, data="ml-100k", real=True)

    movielens = datasets.load_ml100k("real")
    done = None if old is None else joined(old)
    table = leaderboard.run(movielens, done, save, chosen(names))
    save(table)
    found = with_seeds(table).groupby(["kind", "metric", "model", "seed"])["value"]
    found = found.mean().groupby(["kind", "metric", "model"])
    print(found.agg(["mean", "std", "count"]).round(4).to_string())


if __name__ == "__main__":
    main(sys.argv[1:])
