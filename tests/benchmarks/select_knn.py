"""How the settings of the leaderboard's neighbourhood models were chosen.

``python tests/benchmarks/select_knn.py`` holds a part of train out, fits every setting
of a grid on the rest, and takes the one that does best there: by RMSE on a tenth of
each official fold's train, by nDCG@10 on a fifth of the 75/25 split's. The test ratings
are opened once, by the chosen setting. It needs the real MovieLens 100K (say where in
``RECBOOK_ML100K``) and some minutes. The grids were narrowed on the same parts of u1's
and u3's train.
"""

import itertools

import numpy as np

from recbook import datasets, evaluation, leaderboard, metrics, splits
from recbook.neighbors import ItemKNN, UserKNN

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
FOLDS = (1, 2, 3, 4, 5)


def factories(model, grid, **fixed):
    """Return a factory for every combination of the grid."""
    for values in itertools.product(*grid.values()):
        chosen = dict(zip(grid, values, strict=True))
        yield lambda chosen=chosen: model(**fixed, **chosen)


def error(factory, train, test):
    """Return the RMSE on ``test`` of the model fitted on ``train``."""
    model = factory().fit(train)
    return metrics.rmse(model.predict(test.users, test.items), test.values)


def gain(factory, train, test):
    """Return the nDCG@10 on ``test`` of the model fitted on ``train``."""
    report = evaluation.ranking_report(factory(), train, test)
    return report.set_index("metric").loc["ndcg", "mean"]


def validation_part(train, seed):
    """Return train less a random tenth, and that tenth."""
    hidden = np.random.default_rng(seed).random(train.n_ratings) < 0.1
    return train.subset(~hidden), train.subset(hidden)


def select_rating(movielens, candidates):
    """Print each fold's own choice, the common one, and their test errors."""
    errors = np.empty((len(FOLDS), len(candidates)))
    for row, k in enumerate(FOLDS):
        parts = validation_part(movielens.fold(k)[0], seed=k)
        errors[row] = [error(candidate, *parts) for candidate in candidates]
    common = errors.mean(axis=0).argmin()
    print("common:", leaderboard.settings(candidates[common]()))
    results = []
    for row, k in enumerate(FOLDS):
        own = errors[row].argmin()
        test = [error(candidates[c], *movielens.fold(k)) for c in (own, common)]
        results.append(test)
        print(f"u{k}: {leaderboard.settings(candidates[own]())}")
        print(
            f"    validation {errors[row, own]:.4f}, {errors[row, common]:.4f} (common)"
        )
        print(f"    test       {test[0]:.4f}, {test[1]:.4f}", flush=True)
    own, shared = np.mean(results, axis=0)
    print(f"mean test: own choice {own:.4f}, common {shared:.4f}")


def select_ranking(movielens, candidates):
    """Print each candidate's validation nDCG@10, and the best one's on test."""
    train, test = splits.stratified(movielens.ratings, 0.75, "item", seed=42)
    parts = splits.stratified(train, 0.8, "item", seed=1)
    gains = [gain(candidate, *parts) for candidate in candidates]
    for candidate, value in zip(candidates, gains, strict=True):
        print(f"validation {value:.4f}", leaderboard.settings(candidate()))
    best = candidates[int(np.argmax(gains))]
    print(f"test {gain(best, train, test):.4f}", leaderboard.settings(best()))


def main():
    """Select all three."""
    movielens = datasets.load_ml100k("real")
    ranked = {"over": "all", "feedback": "implicit"}
    select_ranking(movielens, list(factories(ItemKNN, RANKING_GRID, **ranked)))
    user = {"over": "all", "center": "baseline"}
    select_rating(movielens, list(factories(UserKNN, USER_GRID, **user)))
    item = {"center": "baseline", "damping": (8.0, 3.0)}
    select_rating(movielens, list(factories(ItemKNN, ITEM_GRID, **item)))


if __name__ == "__main__":
    main()
