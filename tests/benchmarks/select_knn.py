"""How the settings of the leaderboard's item neighbours were chosen.

``python tests/benchmarks/select_knn.py`` holds a tenth of each official fold's train
out, fits every setting of the grid on the rest, and takes the one of least error. The
test ratings are opened once, by the chosen setting. It needs the real MovieLens 100K
(say where in ``RECBOOK_ML100K``) and a few minutes.
"""

import itertools

import numpy as np

from recbook import datasets, metrics
from recbook.neighbors import ItemKNN

GRID = {
    "similarity": ["adjusted_cosine", "pearson", "residual"],
    "over": ["all", "corated"],
    "n_neighbors": [40, 60],
    "shrinkage": [5.0, 20.0],
    "amplification": [1.5, 2.0],
    "reg": [0.0, 0.03],
}
FIXED = {"center": "baseline", "damping": (8.0, 3.0)}
FOLDS = (1, 2, 3, 4, 5)


def settings():
    """Return every combination of the grid, as keyword arguments."""
    combinations = itertools.product(*GRID.values())
    return [dict(zip(GRID, values, strict=True)) for values in combinations]


def error(train, test, **setting):
    """Return the RMSE on ``test`` of the neighbours fitted on ``train``."""
    model = ItemKNN(**FIXED, **setting).fit(train)
    return metrics.rmse(model.predict(test.users, test.items), test.values)


def validation_part(train, seed):
    """Return train less a random tenth, and that tenth."""
    hidden = np.random.default_rng(seed).random(train.n_ratings) < 0.1
    return train.subset(~hidden), train.subset(hidden)


def main():
    """Print each fold's choice, its errors, and those of the common choice."""
    movielens = datasets.load_ml100k("real")
    candidates = settings()
    errors = np.empty((len(FOLDS), len(candidates)))
    for row, k in enumerate(FOLDS):
        train, _ = movielens.fold(k)
        fit_part, hidden = validation_part(train, seed=k)
        for column, setting in enumerate(candidates):
            errors[row, column] = error(fit_part, hidden, **setting)
        best = errors[row].argmin()
        print(f"u{k} validation {errors[row, best]:.4f}", candidates[best], flush=True)
    common = errors.mean(axis=0).argmin()
    print(f"common: {errors[:, common].mean():.4f}", candidates[common])
    results = []
    for row, k in enumerate(FOLDS):
        train, test = movielens.fold(k)
        own = error(train, test, **candidates[errors[row].argmin()])
        results.append((own, error(train, test, **candidates[common])))
        print(
            f"u{k} test: own choice {results[-1][0]:.4f}, common {results[-1][1]:.4f}"
        )
    own, shared = np.mean(results, axis=0)
    print(f"mean test: own choice {own:.4f}, common {shared:.4f}")


if __name__ == "__main__":
    main()
