"""How the settings of the leaderboard's neighbourhood models were chosen.

``python tests/benchmarks/select_knn.py`` holds a part of train out, fits every setting
of a grid on the rest, and takes the one that does best there: by RMSE on a tenth of
each official fold's train, by nDCG@10 on a fifth of the 75/25 split's. No other setting
sees a test rating. It needs the real MovieLens 100K (say where in ``RECBOOK_ML100K``)
and some minutes.

For stars it makes the choice twice and writes both to ``data/results/selection.csv``:
each fold's own (the strict one: no rating of the fold's test takes part) and a common
one, by the mean over the five held-out parts, which is the recipe. A fold's train is
the other four tests together, so every part that chose the common setting is made of
other folds' test ratings; about a third of each test, 1 - 0.9^4, was in one of them.
Neither choice mends that the grids, and the items' damping, were narrowed on the same
parts of u1's and u3's train, nor that the items' grid is twice the users'.
"""

import itertools

import numpy as np
import pandas as pd

from recbook import datasets, evaluation, leaderboard, metrics, splits
from recbook._results import write_results
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
    return metrics.rmse(test.values, model.predict(test.users, test.items))


def gain(factory, train, test):
    """Return the nDCG@10 on ``test`` of the model fitted on ``train``."""
    report = evaluation.ranking_report(factory(), train, test)
    return report.set_index("metric").loc["ndcg", "mean"]


def validation_part(train, seed):
    """Return train less a random tenth, and that tenth."""
    hidden = np.random.default_rng(seed).random(train.n_ratings) < 0.1
    return train.subset(~hidden), train.subset(hidden)


def select_rating(name, movielens, candidates):
    """Return each fold's own choice and the common one, a row each, with errors."""
    errors = np.empty((len(FOLDS), len(candidates)))
    for row, k in enumerate(FOLDS):
        parts = validation_part(movielens.fold(k)[0], seed=k)
        errors[row] = [error(candidate, *parts) for candidate in candidates]
    common = errors.mean(axis=0).argmin()
    rows = []
    for row, k in enumerate(FOLDS):
        for choice, c in [("own", errors[row].argmin()), ("common", common)]:
            found = {"model": name, "fold": f"u{k}", "choice": choice}
            found["validation"] = errors[row, c]
            found["test"] = error(candidates[c], *movielens.fold(k))
            found["settings"] = leaderboard.settings(candidates[c]())
            rows.append(found)
    return pd.DataFrame(rows)


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
    item = {"center": "baseline", "damping": (8.0, 3.0)}
    grids = {
        "userknn": list(factories(UserKNN, USER_GRID, **user)),
        "knn": list(factories(ItemKNN, ITEM_GRID, **item)),
    }
    chosen = [select_rating(name, movielens, grid) for name, grid in grids.items()]
    table = pd.concat(chosen)
    print(table.round(4).to_string(index=False))
    print(table.groupby(["model", "choice"])[["validation", "test"]].mean().round(4))
    write_results("selection", table, data=movielens.name, real=movielens.is_real)


if __name__ == "__main__":
    main()
