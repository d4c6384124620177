"""Choose settings: ``python -m tests.benchmarks.select NAME [NAME ...]``.

A name is that of a recipe of the leaderboard. Each is selected in every kind in which
it has a grid, or in ``--kind`` alone, and recorded as soon as it is chosen. Most take
minutes on one core, the networks and the Bayesian models more. How is said in
``studies/selection.py``.
"""

import argparse
import sys
from pathlib import Path

from recbook import datasets
from recbook.leaderboard.measure import RECIPES
from tests.benchmarks.studies import selection


def main(arguments=None):
    """Select what is named, and record each as soon as it is chosen."""
    options = _parse(arguments)
    movielens = datasets.load_ml100k(options.source)
    for kind, name in options.work:
        table = selection.chosen(kind, name, RECIPES[kind][name], movielens)
        selection.record(table, movielens, options.folder)


def _parse(arguments):
    """Return the options of the command line, and the (kind, name) pairs to select."""
    parser = argparse.ArgumentParser(
        "python -m tests.benchmarks.select",
        description="Choose the settings of recipes by validation, and record them.",
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help="recipes with a grid")
    parser.add_argument(
        "--kind", choices=[*RECIPES], help="by default all that have it"
    )
    parser.add_argument("--source", choices=("real", "embedded"), default="real")
    parser.add_argument("--folder", type=Path, default=None, help="data/results")
    options = parser.parse_args(arguments)
    kinds = [options.kind] if options.kind else [*RECIPES]
    known = {
        (kind, name): recipe.grid
        for kind in kinds
        for name, recipe in RECIPES[kind].items()
        if recipe.grid
    }
    names = sorted({name for _, name in known})
    if unknown := sorted(set(options.names) - set(names)):
        parser.error(
            f"no recipe with a grid is called {', '.join(unknown)}; "
            f"those with one are {', '.join(names)}"
        )
    options.work = [pair for name in options.names for pair in known if pair[1] == name]
    return options


if __name__ == "__main__":
    sys.exit(main())
