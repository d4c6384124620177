"""What penalties, biases, choices and silence are worth: the records of part 3.

``python -m tests.benchmarks.studies.factors`` writes ``data/results/factors.csv`` for
chapters 3.1 to 3.3, one row for each model, setting, split and metric of a study. It
needs the real MovieLens 100K and takes some minutes on one core. The studies:

- ``penalty`` (3.1): error on a tenth hidden of each fold's train, by factors and λ;
- ``power`` (3.1): the same for three ρ, the setting, with three λ each;
- ``stars`` (3.1): error on the folds' tests of the model without offsets;
- ``biases`` (3.2): as ``penalty``, with biases or with two more factors in their place;
- ``reasons`` (3.2): mean squared error on the folds' tests, by ratings of the person;
- ``newcomers`` (3.2): five groups of eighty people, unknown to the model, of whom it is
  shown a number of stars, the setting, and half of their choices;
- ``root`` (3.2): the weight of a choice, a power of how many there are, the setting;
- ``duels`` (3.3): how much more squared error the recipe ``als`` has than another, over
  people with their ratings in all five tests, with the 95 % interval;
- ``confidence`` (3.3): lists on a fifth hidden of train, by α, the setting, and λ;
- ``lists`` (3.3): four models on five splits of 75 to 25 within each film.

No study chooses anything: the recipes are those of the leaderboard, and what is best of
a grid is said on the page to be the best of that grid.
"""

import numpy as np
import pandas as pd

from recbook import (
    Bias,
    MatrixFactorization,
    datasets,
    evaluation,
    leaderboard,
    metrics,
    splits,
)
from recbook.factorization import ImplicitALS
from recbook.leaderboard.results import write_results
from tests.benchmarks.paired import paired

COLUMNS = ["study", "model", "factors", "reg", "setting", "split", "people"]
COLUMNS += ["metric", "value"]
INSIDE = {"n_epochs": 40, "reg_power": 1.0, "reg_bias": 0.02}
SCALES = {0.0: (8, 16, 32), 0.5: (0.6, 1.2, 2.4), 1.0: (0.05, 0.1, 0.2)}
ACTIVITY = {"under 50": 0, "50 to 99": 50, "100 to 199": 100, "200 and more": 200}
STARS_KNOWN = (0, 1, 2, 5, 10)
SPLITS = range(42, 47)


def row(study, model, split, metric, value, **more):
    """Return one row of the table."""
    return {
        "study": study, "model": model, "split": split, "people": "all",
        "metric": metric, "value": value, **more,
    }  # fmt: skip


def error(model, train, test):
    """Return the RMSE of a model that is fitted on ``train``."""
    predicted = model.fit(train).predict(test.users, test.items)
    return metrics.rmse(test.values, predicted)


def ndcg(model, train, test):
    """Return nDCG@10 of the lists of a model that is fitted on ``train``."""
    report = evaluation.ranking_report(model.fit(train), train, test)
    return report.set_index("metric").loc["ndcg", "mean"]


def penalties(folds):
    """Yield the rows of ``penalty``, ``power``, ``stars`` and ``biases``."""
    for split, (train, test) in folds.items():
        where = split, splits.holdout(train, 0.9, seed=1)
        for f in (2, 10, 50):
            for reg in (0.02, 0.05, 0.1, 0.2):
                yield fitted("penalty", "biased", *where, f, reg, **INSIDE)
            for reg in (0.6, 1.2):
                yield fitted("biases", "biased", *where, f, reg)
                yield fitted("biases", "unbiased", *where, f + 2, reg, biased=False)
        for rho, regs in SCALES.items():
            for reg in regs:
                changed = INSIDE | {"reg_power": rho, "reg_bias": 0.4 * reg}
                yield fitted("power", "biased", *where, 20, reg, rho, **changed)
        bare = error(MatrixFactorization(biased=False), train, test)
        yield row("stars", "unbiased", split, "rmse", bare)


def fitted(study, model, split, part, factors, reg, setting=None, **changed):
    """Return the row of a factorization on what is hidden of ``part``."""
    value = error(MatrixFactorization(factors, reg=reg, **changed), *part)
    given = {"factors": factors, "reg": reg, "setting": setting}
    return row(study, model, split, "rmse", value, **given)


def reasons(folds):
    """Yield the mean squared errors of seven models, by how much a person rated."""
    recipes = leaderboard.recipes()
    names = ("global_mean", "bias", "sgd", "svdpp", "knn")
    models = {name: recipes[name] for name in names}
    models["films only"] = lambda: Bias(damping=(1e12, 2.0))
    models["people only"] = lambda: Bias(damping=(5.0, 1e12))
    for split, (train, test) in folds.items():
        rated = np.bincount(train.users, minlength=train.n_users)[test.users]
        group = np.digitize(rated, list(ACTIVITY.values())) - 1
        for name, new in models.items():
            predicted = new().fit(train).predict(test.users, test.items)
            e = (test.values - predicted) ** 2
            yield row("reasons", name, split, "mse", e.mean())
            for code, people in enumerate(ACTIVITY):
                value = e[group == code].mean()
                yield row("reasons", name, split, "mse", value, people=people)


def duels(folds):
    """Yield paired tests over people of ``als`` and the others, on the five tests."""
    recipes = leaderboard.recipes()
    squares = {name: [] for name in ("als", "sgd", "bias")}
    for train, test in folds.values():
        for name, rows in squares.items():
            predicted = recipes[name]().fit(train).predict(test.users, test.items)
            rows.append(pd.Series((predicted - test.values) ** 2, test.users))
    people = {n: pd.concat(rows).groupby(level=0).mean() for n, rows in squares.items()}
    for other in ("sgd", "bias"):
        found = paired(people["als"], people[other]) | {"people": len(people["als"])}
        for metric in ("difference", "people", "low", "high"):
            yield row("duels", f"als less {other}", "u1 to u5", metric, found[metric])


def choices_of(model, films):
    """Return what a person's choices say, the z of SVD++."""
    return model.Y_[films].sum(axis=0) / np.sqrt(len(films))


def greeted(model, films, stars, z, pay, f=None):
    """Return predictions for a newcomer: a ridge regression of the stars, and z."""
    Q = model.Q_[:, :f]
    A = np.column_stack([np.ones(len(films)), Q[films]])
    left = stars - model.mu_ - model.bi_[films] - (Q[films] * z).sum(axis=1)
    regs = np.diag([model.reg_bias] + Q.shape[1] * [model.reg])
    x = np.linalg.solve(A.T @ A + pay * regs, A.T @ left)
    return model.mu_ + model.bi_ + x[0] + Q @ (x[1:] + z)


def met(ratings, group, rng):
    """Return {(way, stars known): (squared error, ratings)} of one group."""
    recipes = leaderboard.recipes()
    old = ratings.subset(~np.isin(ratings.users, group))
    taste, both = recipes["sgd"]().fit(old), recipes["svdpp"]().fit(old)
    counts = np.bincount(old.users)
    typical = np.median(counts[counts > 0]) ** 0.5
    found = {}
    for u in group:
        own = rng.permutation(np.flatnonzero(ratings.users == u))
        seen, hidden = np.array_split(own, 2)
        crowd = rng.choice(old.items, seen.size, replace=False)
        asked, given = ratings.items[hidden], ratings.values[hidden]
        z, peek = (choices_of(both, ratings.items[t]) for t in (seen, hidden))
        other = choices_of(both, crowd)
        for k in STARS_KNOWN:
            known = ratings.items[seen[:k]], ratings.values[seen[:k]]
            trained = max(k, 1) ** 0.5  # n_u to the power ρ of the recipes
            ways = {
                "habit": greeted(taste, *known, 0, typical, f=0),
                "taste": greeted(taste, *known, 0, typical),
                "taste and choice": greeted(both, *known, z, typical),
                "own": greeted(taste, *known, 0, trained),
                "peek": greeted(both, *known, peek, typical),
                "crowd": greeted(both, *known, other, typical),
                "alone": greeted(both, *known, 0, typical, f=0),
            }
            for way, predicted in ways.items():
                e = np.clip(predicted[asked], 1, 5) - given
                sums = found.get((way, k), (0, 0))
                found[way, k] = sums[0] + e @ e, sums[1] + e.size
    return found


def newcomers(ratings):
    """Yield the errors of five groups of newcomers."""
    rng = np.random.default_rng(0)
    groups = np.array_split(rng.permutation(ratings.n_users)[:400], 5)
    for number, group in enumerate(groups):
        for (way, k), (square, n) in met(ratings, group, rng).items():
            value = np.sqrt(square / n)
            yield row("newcomers", way, f"group {number}", "rmse", value, setting=k)


def one_person(data, t, theta, mu, lr, reg, a):
    """Take one person's ratings in turn, from scratch, as the page does."""
    bu, bi, P, Q, Y = theta
    own, u = data.items[t], data.users[t[0]]
    weight = len(own) ** -a
    z = begin = weight * Y[own].sum(axis=0)
    for i, r in zip(own, data.values[t], strict=True):
        p, q = P[u], Q[i]
        e = r - (mu + bu[u] + bi[i] + q @ (p + z))
        bu[u] += lr * (e - reg * bu[u])
        bi[i] += lr * (e - reg * bi[i])
        P[u], Q[i], z = (
            p + lr * (e * q - reg * p),
            q + lr * (e * (p + z) - reg * q),
            z + lr * e * q,
        )
    Y[own] += weight * (z - begin) - lr * reg * Y[own]


def weighted(a, train, test, n_epochs=8, lr=0.02, reg=0.05, f=5):
    """Return RMSE, and how far choices move a prediction, with the weight n**-a."""
    rng = np.random.default_rng(0)
    P = rng.normal(0, 0.1, (train.n_users, f))
    Q = rng.normal(0, 0.1, (train.n_items, f))
    bu, bi, Y = np.zeros(len(P)), np.zeros(len(Q)), np.zeros_like(Q)
    theta, mu = (bu, bi, P, Q, Y), train.values.mean()
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_epochs):
            place = rng.permutation(train.n_users)[train.users]
            order = np.lexsort((rng.random(train.n_ratings), place))
            turns = np.flatnonzero(np.diff(place[order])) + 1
            for t in np.split(order, turns):
                one_person(train, t, theta, mu, lr, reg, a)
            if not all(np.isfinite(x).all() for x in theta):
                return {"rmse": np.nan, "moved": np.nan}
    chosen = [train.items[train.users == u] for u in range(train.n_users)]
    Z = np.array([Y[c].sum(axis=0) * max(len(c), 1) ** -a for c in chosen])
    u, i = test.users, test.items
    moved = (Z[u] * Q[i]).sum(axis=1)
    r = mu + bu[u] + bi[i] + (P[u] * Q[i]).sum(axis=1)
    clipped = np.clip(r + moved, 1, 5)
    return {"rmse": metrics.rmse(test.values, clipped), "moved": moved.std()}


def roots(ratings, folds):
    """Yield what becomes of 120 people's choices with three weights."""
    few = np.random.default_rng(0).permutation(ratings.n_users)[:120]
    for split, fold in folds.items():
        small = [table.subset(np.isin(table.users, few)) for table in fold]
        for a in (0, 0.5, 1):
            for metric, value in weighted(a, *small).items():
                yield row("root", "SVD++", split, metric, value, setting=a)


def lists(ratings):
    """Yield the rows of ``confidence`` and ``lists``."""
    stars, ranking = leaderboard.recipes(), leaderboard.recipes("ranking")
    models = {name: ranking[name] for name in ("popularity", "itemknn", "ials")}
    models["als"] = stars["als"]
    for seed in SPLITS:
        train, test = splits.stratified(ratings, seed=seed)
        part = splits.stratified(train, 0.8, seed=1)
        for reg in (20, 100):
            for alpha in (0, 0.25, 1, 4, 16):
                model = ImplicitALS(16, 6, reg=reg, alpha=alpha)
                given = {"factors": 16, "reg": reg, "setting": alpha}
                value = ndcg(model, *part)
                yield row("confidence", "ials", seed, "ndcg", value, **given)
        for name, new in models.items():
            yield row("lists", name, seed, "ndcg", ndcg(new(), train, test))


def main():
    """Measure and write."""
    movielens = datasets.load_ml100k("real")
    ratings = movielens.ratings
    folds = {f"u{k}": movielens.fold(k) for k in range(1, 6)}
    found = []
    for rows in (
        penalties(folds),
        reasons(folds),
        duels(folds),
        newcomers(ratings),
        roots(ratings, folds),
        lists(ratings),
    ):
        found += rows
        print(len(found), found[-1]["study"], flush=True)
    table = pd.DataFrame(found, columns=COLUMNS)
    table = table.sort_values("study", kind="stable").round({"value": 6})
    write_results("factors", table, data=movielens.name, real=movielens.is_real)
    means = table.groupby(["study", "model", "factors", "reg", "setting", "people"],
                          dropna=False)["value"]  # fmt: skip
    print(means.agg(["mean", "std", "count"]).round(4).to_string())


if __name__ == "__main__":
    main()
