"""How the settings of the leaderboard's neighbourhood models were chosen.

``python -m tests.benchmarks.select_knn`` takes some minutes; ``selection.py`` says how.
The grids, and the items' damping, were narrowed on the same parts of u1's and u3's
train, and the items' grid is twice the users'.
"""

from recbook import leaderboard
from recbook.neighbors import ItemKNN, UserKNN
from tests.benchmarks.studies import selection

USER_GRID = {
    "similarity": ["residual", "pearson"],
    "n_neighbors": [80, 150],
    "shrinkage": [5.0, 20.0],
    "amplification": [1.0, 2.0],
    "reg": [0.0, 0.1, 0.3],
}
ITEM_GRID = {
    "similarity": ["adjusted_cosine", "pearson", "residual"],
    "over": ["all", "corated"],
    "n_neighbors": [40, 60],
    "shrinkage": [5.0, 20.0],
    "amplification": [1.5, 2.0],
    "reg": [0.0, 0.03],
}
RANKING_GRID = {
    "similarity": ["cosine", leaderboard.unit_cosine],
    "n_neighbors": [50, 100, 400],
    "amplification": [1.0, 1.5],
}


def main():
    """Select all three."""
    ranked = {"over": "all", "feedback": "implicit"}
    user = {"over": "all", "center": "baseline"}
    item = {"center": "baseline", "damping": (8.0, 3.0)}
    selection.record(
        selection.ranking(
            "itemknn", selection.factories(ItemKNN, RANKING_GRID, **ranked)
        ),
        selection.rating("userknn", selection.factories(UserKNN, USER_GRID, **user)),
        selection.rating("knn", selection.factories(ItemKNN, ITEM_GRID, **item)),
    )


if __name__ == "__main__":
    main()
