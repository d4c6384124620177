"""How the leaderboard's settings of the two ALS models were chosen.

``python -m tests.benchmarks.select_als`` takes some minutes; ``selection.py`` says how.
The grids were narrowed on the same parts of u1's and u3's train, and of the 75/25
split's.
"""

from recbook.factorization import ALS, ImplicitALS
from tests.benchmarks.studies import selection

RATING_GRID = {
    "n_factors": [4, 6, 10, 20],
    "reg": [0.5, 0.7, 1.0, 1.4, 2.0],
    "reg_power": [0.3, 0.5, 0.7],
}
RANKING_GRID = {
    "n_factors": [16, 24, 32, 64],
    "alpha": [0.5, 1.0, 2.0, 4.0],
    "reg": [2.0, 4.0, 6.0, 8.0, 12.0, 16.0],
    "reg_power": [0.3, 0.5, 0.7],
}


def main():
    """Select both."""
    selection.record(
        selection.ranking("ials", selection.factories(ImplicitALS, RANKING_GRID)),
        selection.rating("als", selection.factories(ALS, RATING_GRID, n_iterations=20)),
    )


if __name__ == "__main__":
    main()
