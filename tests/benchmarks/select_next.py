"""How the settings were chosen of models without order, asked for what comes next.

``python -m tests.benchmarks.select_next`` takes some minutes; ``selection.py`` says
how. They are what a model of sequences has to beat, so they are tuned for this very
task, and not taken from the lists of the random split.
"""

from recbook.factorization import ImplicitALS
from recbook.leaderboard import unit_cosine
from recbook.linear import EASE
from recbook.neighbors import ItemKNN
from tests.benchmarks.studies import selection

KNN_GRID = {"n_neighbors": [10, 20, 50, 100, 200, 400]}
ALS_GRID = {
    "n_factors": [24, 48, 96],
    "reg": [1.0, 3.0, 12.0],
    "reg_power": [0.0, 0.3],
    "alpha": [1.0, 4.0],
}
EASE_GRID = {"reg": [20.0, 50.0, 100.0, 200.0, 300.0, 500.0, 700.0, 1000.0]}
KNN_FIXED = {"similarity": unit_cosine, "feedback": "implicit"}


def main():
    """Select all three."""
    knn = selection.factories(ItemKNN, KNN_GRID, **KNN_FIXED)
    selection.record(
        selection.following("itemknn", knn),
        selection.following("ials", selection.factories(ImplicitALS, ALS_GRID)),
        selection.following("ease", selection.factories(EASE, EASE_GRID)),
    )


if __name__ == "__main__":
    main()
