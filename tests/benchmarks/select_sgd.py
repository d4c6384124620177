"""How the settings of the leaderboard's models of gradient descent were chosen.

``python -m tests.benchmarks.select_sgd`` takes some minutes; ``selection.py`` says how.
The grids were narrowed on the same parts of u1's and u3's train, where the error is
flat: a rank of 50 (and of 200 for SVD++), other exponents of the penalty (0.3, 0.7,
and 1, the penalty per rating) and other penalties of the biases won nothing, and lost
less than 0.004.
"""

from recbook.factorization import MatrixFactorization, SVDpp
from tests.benchmarks.studies import selection

# Falling slowly from low, or fast from high.
SGD_PACES = [
    {"lr": 0.03, "lr_decay": 0.93, "n_epochs": 40},
    {"lr": 0.02, "lr_decay": 0.97, "n_epochs": 60},
]
SGD_GRID = {"n_factors": [100, 200], "reg": [1.1, 1.3], "init_std": [0.05, 0.1]}
SVDPP_PACES = [
    {"lr": 0.01, "lr_decay": 0.95, "n_epochs": 30},
    {"lr": 0.02, "lr_decay": 0.88, "n_epochs": 30},
    {"lr": 0.02, "lr_decay": 0.9, "n_epochs": 20},
]
SVDPP_GRID = {"n_factors": [100], "reg": [1.3, 1.5, 1.7], "init_std": [0.05, 0.1]}


def paced(model, grid, paces):
    """Return a factory for every combination of the grid, at every pace."""
    return [
        factory
        for pace in paces
        for factory in selection.factories(model, grid, **pace)
    ]


def main():
    """Select both."""
    selection.record(
        selection.rating("sgd", paced(MatrixFactorization, SGD_GRID, SGD_PACES)),
        selection.rating("svdpp", paced(SVDpp, SVDPP_GRID, SVDPP_PACES)),
    )


if __name__ == "__main__":
    main()
