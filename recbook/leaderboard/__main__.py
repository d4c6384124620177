"""Renew the leaderboard: ``python -m recbook.leaderboard --help``."""

import argparse
import sys
from pathlib import Path

from recbook import datasets
from recbook.leaderboard.measure import KINDS, recipes, run
from recbook.leaderboard.results import results_folder, write_results


def parse(arguments):
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(
        "python -m recbook.leaderboard", description=run.__doc__.split("\n")[0]
    )
    parser.add_argument("names", nargs="*", help="recipes; by default all of them")
    parser.add_argument("--source", choices=("real", "embedded"), default="real")
    parser.add_argument("--folder", type=Path, default=None, help="data/results")
    parser.add_argument(
        "--again", action="store_true", help="measure what is in the table again"
    )
    parser.add_argument(
        "--costs", action="store_true", help="fit again what has no costs, one fold"
    )
    chosen = parser.parse_args(arguments)
    known = {name for kind in KINDS for name in recipes(kind)}
    if unknown := sorted(set(chosen.names) - known):
        parser.error(f"no recipe is called {', '.join(unknown)}: {sorted(known)} are")
    return chosen


def main(arguments=None):
    """Run the leaderboard from the command line; return the exit status."""
    import pandas as pd

    chosen = parse(arguments)
    movielens = datasets.load_ml100k(chosen.source)
    name = "leaderboard" if movielens.is_real else "leaderboard-embedded"
    path = (chosen.folder or results_folder()) / f"{name}.csv"
    done = pd.read_csv(path) if path.exists() else None
    if chosen.again and done is not None:
        done = done[~done["model"].isin(chosen.names)] if chosen.names else None

    def save(table):
        write_results(
            name, table, chosen.folder, data=movielens.name, real=movielens.is_real
        )

    try:
        names = chosen.names or None
        table = run(movielens, done, save, names=names, costs=chosen.costs)
    except KeyboardInterrupt:
        print("\nstopped; what was finished is kept, the same command goes on")
        return 130
    save(table)
    main_metric = table[table.metric.isin(["rmse", "ndcg"])]
    print(
        main_metric.groupby(["kind", "metric", "model"], sort=False)["value"]
        .agg(["mean", "sem", "count"])
        .round(4)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
