"""What similarities, their settings and a few ratings are worth: the records of part 2.

``python -m tests.benchmarks.studies.neighbours`` writes ``data/results/neighbours.csv``
for chapters 2.1 to 2.3, one row of RMSE for each model, setting and fold of a study. It
needs the real MovieLens 100K and takes some minutes on one core. The studies:

- ``measure`` (2.1): error on the folds' tests with 40 neighbours, by similarity; where
  it is shrunk, the β comes from splitting the fold's train in halves;
- ``newcomers`` (2.2): error on the folds' tests for 150 people of whom the model has
  a number of ratings, the value;
- ``ladder`` (2.3): error on a tenth hidden of each fold's train, step by step;
- ``setting`` (2.3): the same around the recipe, with one setting at another value.

No study chooses anything but the β: the recipe is that of the leaderboard.
"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from recbook import (
    Bias,
    ItemKNN,
    UserKNN,
    datasets,
    leaderboard,
    metrics,
    similarity,
    splits,
)
from recbook.leaderboard.results import write_results

COLUMNS = ["study", "model", "setting", "value", "fold", "metric", "error"]
MEASURES = ("cosine", "pearson", "adjusted_cosine")
EDGES = np.array([2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96])
MIDDLES = (EDGES[:-1] + EDGES[1:] - 1) / 2
KEPT = (0, 1, 2, 3, 5, 10, 20, 40)
GRIDS = {
    "shrinkage": (0, 2, 5, 20, 80),
    "amplification": (1, 1.5, 2, 3, 4),
    "n_neighbors": (2, 5, 10, 20, 40, 80),
}


def row(study, model, setting, value, fold, error):
    """Return one row of the table."""
    return (study, model, setting, value, fold, "rmse", error)


def error(model, train, test):
    """Return the RMSE of a model that is fitted on ``train``."""
    predicted = model.fit(train).predict(test.users, test.items)
    return metrics.rmse(test.values, predicted)


def alike(rows):
    """Return a similarity of 1 for every pair."""
    return np.ones((rows.shape[0],) * 2)


def supports(X):
    """Return how many columns each pair of rows has in common."""
    seen = X.astype(bool).astype(float)
    return (seen @ seen.T).toarray()


def repeats(X, seed=0):
    """Return how well each measure repeats itself in two halves, by co-raters."""
    first = np.random.default_rng(seed).random(X.shape[1]) < 0.5
    halves = X[:, first], X[:, ~first]
    pairs = np.triu_indices(X.shape[0], 1)
    bins = [np.digitize(supports(half)[pairs], EDGES) for half in halves]
    both = np.where(bins[0] == bins[1], bins[0], 0)
    places = [np.flatnonzero(both == b) for b in range(1, len(EDGES))]
    found = {}
    for name in MEASURES:
        one, two = (getattr(similarity, name)(half)[pairs] for half in halves)
        found[name] = np.array([np.corrcoef(one[p], two[p])[0, 1] for p in places])
    return found


def best_beta(values):
    """Return the β whose curve n / (n + β) lies closest to the values."""
    betas = np.geomspace(1, 1000, 301)[:, None]
    misses = (MIDDLES / (MIDDLES + betas) - values) ** 2
    return float(betas[misses.sum(axis=1).argmin(), 0])


def measures(folds):
    """Yield the errors with each similarity, among films and among people."""
    for fold, (train, test) in folds.items():
        value = error(Bias(), train, test)
        yield row("measure", "Bias", "none", np.nan, fold, value)
        for new, rows in ((ItemKNN, csr_array(train.csr.T)), (UserKNN, train.csr)):
            options = {"all alike": {"similarity": alike}}
            options["jaccard"] = {"similarity": "jaccard"}
            for name, values in repeats(rows).items():
                label = name.replace("_", " ")
                options[label] = {"similarity": name}
                shrunk = {"similarity": name, "shrinkage": best_beta(values)}
                options[label + ", shrunk"] = shrunk
            for name, chosen in options.items():
                model = new(n_neighbors=40, center="baseline", **chosen)
                value = error(model, train, test)
                yield row("measure", new.__name__, name, np.nan, fold, value)


def young(train, test, seed):
    """Return each rating's place within 150 people, -1 for others, and their test."""
    rng = np.random.default_rng(seed)
    counts = np.bincount(train.users, minlength=train.n_users)
    many = np.flatnonzero(counts >= KEPT[-1])
    chosen = rng.permutation(np.intersect1d(many, test.users))[:150]
    order = np.lexsort((rng.random(train.n_ratings), train.users))
    place = np.empty(train.n_ratings, dtype=int)
    starts = np.cumsum(counts) - counts
    place[order] = np.arange(train.n_ratings) - starts[train.users[order]]
    place[~np.isin(train.users, chosen)] = -1
    return place, test.subset(np.isin(test.users, chosen))


def newcomers(folds):
    """Yield the errors for people of whom little is known."""
    models = {"Bias": Bias, "mean": UserKNN}
    models["held back"] = lambda: UserKNN(center="baseline", reg=2.0)
    for seed, (fold, (train, test)) in enumerate(folds.items()):
        place, asked = young(train, test, seed)
        for n in KEPT:
            table = train.subset(place < n)
            for name, new in models.items():
                value = error(new(), table, asked)
                yield row("newcomers", name, "ratings", n, fold, value)


def settings(folds):
    """Yield the errors on hidden training ratings, by parts of the recipe."""
    recipe = leaderboard.recipes()["knn"]
    plain = {"similarity": "adjusted_cosine", "center": "baseline"}
    steps = {"raw stars, cosine": {"similarity": "cosine", "center": "none"}}
    steps["adjusted cosine"] = plain | {"center": "none"}
    steps["+ baseline"] = plain
    steps["+ norms over all raters"] = plain | {"over": "all"}
    steps["+ shrinkage 5"] = plain | {"over": "all", "shrinkage": 5.0}
    for seed, (fold, (train, _)) in enumerate(folds.items()):
        part = splits.holdout(train, 0.9, seed=seed)
        for name, chosen in steps.items():
            value = error(ItemKNN(**chosen), *part)
            yield row("ladder", "ItemKNN", name, np.nan, fold, value)
        value = error(recipe(), *part)
        yield row("ladder", "ItemKNN", "recipe", np.nan, fold, value)
        changed = recipe()
        changed.similarity = "residual"
        value = error(changed, *part)
        yield row("ladder", "ItemKNN", "recipe, residual", np.nan, fold, value)
        for name, grid in GRIDS.items():
            for setting in grid:
                model = recipe()
                setattr(model, name, setting)
                value = error(model, *part)
                yield row("setting", "ItemKNN", name, setting, fold, value)


def main():
    """Measure and write."""
    movielens = datasets.load_ml100k("real")
    folds = {f"u{k}": movielens.fold(k) for k in range(1, 6)}
    found = []
    for rows in (measures(folds), newcomers(folds), settings(folds)):
        found += rows
        print(len(found), *found[-1], flush=True)
    table = pd.DataFrame(found, columns=COLUMNS).round({"error": 6})
    write_results("neighbours", table, data=movielens.name, real=movielens.is_real)
    means = table.groupby(COLUMNS[:4], dropna=False, sort=False)["error"]
    print(means.agg(["mean", "std", "count"]).round(4).to_string())


if __name__ == "__main__":
    main()
