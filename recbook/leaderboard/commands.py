"""The command line of the leaderboard."""

import argparse
from pathlib import Path

from recbook import datasets
from recbook.leaderboard.measure import KINDS, recipes, run
from recbook.leaderboard.results import output_folder, write_results


def main(arguments=None):
    """Run the leaderboard from the command line; return the exit status."""
    import pandas as pd

    options = _parse(arguments)
    movielens = datasets.load_ml100k(options.source)
    name = "leaderboard" if movielens.is_real else "leaderboard-embedded"
    path = (options.folder or output_folder()) / f"{name}.csv"
    done = pd.read_csv(path) if path.exists() else None
    if options.again and done is not None:
        done = done[~done["model"].isin(options.names)] if options.names else None

    def save(table):
        facts = {"data": movielens.name, "real": movielens.is_real}
        write_results(name, table, options.folder, **facts)

    try:
        names = options.names or None
        table = run(movielens, done, save, names=names, costs=options.costs)
    except KeyboardInterrupt:
        print("\nstopped; what was finished is kept, the same command goes on")
        return 130
    save(table)
    main_metric = table[table["metric"].isin(["rmse", "ndcg"])]
    values = main_metric.groupby(["kind", "metric", "model"], sort=False)["value"]
    print(values.agg(["mean", "sem", "count"]).round(4))
    return 0


def _parse(arguments):
    """Return the options of the command line."""
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
    options = parser.parse_args(arguments)
    known = {name for kind in KINDS for name in recipes(kind)}
    if unknown := sorted(set(options.names) - known):
        parser.error(f"no recipe is called {', '.join(unknown)}: {sorted(known)} are")
    return options
