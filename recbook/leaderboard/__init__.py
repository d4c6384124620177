"""The best settings of every model, and the table of what they reach.

``python -m recbook.leaderboard`` fits each recipe on the splits that others report on
and writes ``data/results/leaderboard.csv``, one row for each model, fold and metric.
What is in the file already is not run again, so an interrupted run goes on where it
stopped and a new recipe costs only itself. Names after the command choose some recipes;
``--costs`` measures what rows of an older file lack, processor seconds and bytes.
"""

from recbook.leaderboard.costs import fitted_bytes
from recbook.leaderboard.measure import fitted, knowledge, recipes, run, settings
from recbook.leaderboard.results import results_folder, tried
from recbook.leaderboard.tuned import unit_cosine

__all__ = [
    "recipes",
    "knowledge",
    "settings",
    "fitted",
    "fitted_bytes",
    "run",
    "results_folder",
    "tried",
    "unit_cosine",
]
