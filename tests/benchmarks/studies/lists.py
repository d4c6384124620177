"""Who makes the better list: the records of chapters 3.4 and 3.5, on several splits.

``python -m tests.benchmarks.studies.lists`` writes ``data/results/lists.csv``. It needs
the real MovieLens 100K and takes some minutes on one core.

Columns: ``study``; ``model``; ``against``, the other model of a paired test over people
(``low`` and ``high`` are its 95 % interval); ``setting``, where a model is tried with
several; ``split``, or seed, from 0 (none where people are tested, over all splits); and
``metric``, ``value``. A split hides a quarter of each film's ratings; what is hidden is
relevant. Recipes are those of the leaderboard, and nothing is chosen here.

- ``linear``: the models of 3.5 and teams of two on five splits, and over people, with
  each person's mean over the splits;
- ``penalty``, ``rank``: EASE and ridge regression over the penalty, and factors over
  their number, inside the training halves of the five splits;
- ``order``: a model for stars beside models for lists, on five splits (3.4);
- ``samplers``, ``signs``: BPR over its epochs with other negatives, and with another
  sign of the penalty, three seeds each (3.4).
"""

import numpy as np
import pandas as pd

from recbook import (
    BPR,
    Ensemble,
    datasets,
    evaluation,
    leaderboard,
    metrics,
    splits,
)
from recbook.factorization import bpr
from recbook.leaderboard.results import write_results

COLUMNS = ["study", "model", "against", "setting", "split", "metric", "value"]
N_SPLITS = 5
SEEDS = (0, 1, 2)
LINEAR = ("popularity", "itemknn", "ials", "ease", "edlae", "slim")
TEAMS = {
    "starts": ("ials", "ials"),
    "kin": ("ease", "edlae"),
    "kinds": ("ials", "edlae"),
}
TESTS = [("ease", name) for name in ("itemknn", "ials", "edlae", "slim")]
TESTS += [("edlae", name) for name in ("ials", "slim")]
TESTS += [("kinds", name) for name in ("ials", "edlae")]
REGS = (1, 10, 50, 150, 300, 500, 1000, 5000)
RANKS = (2, 5, 10, 20, 50, 100, 200, 400, 900)
ORDER = {
    "pop": "popularity",
    "mf": "sgd",
    "knn": "itemknn",
    "als": "ials",
    "bpr": "bpr",
}


def row(study, model, metric, value, **more):
    """Return one row of the table."""
    given = {"study": study, "model": model, "metric": metric, "value": float(value)}
    return given | more


def tested(study, people, pairs):
    """Yield the rows of paired tests over people, of each pair of models."""
    for a, b in pairs:
        test = evaluation.paired_test(people[a], people[b])
        found = {
            "difference": test.difference,
            "low": test.interval[0],
            "high": test.interval[1],
            "better": np.mean(people[a] > people[b]),
            "worse": np.mean(people[a] < people[b]),
            "people": len(people[a]),
        }
        for metric, value in found.items():
            yield row(study, a, metric, value, against=b)


# --- 3.5: linear models -----------------------------------------------------------


def team_of(names):
    """Return an ensemble of two recipes; the second of two alike has another seed."""
    members = []
    for seed, name in enumerate(names):
        model = leaderboard.recipes("ranking")[name]()
        if name == "ials":
            model.seed = seed
        members.append(model)
    return Ensemble(members)


def linear(folds):
    """Yield the rows of the models of 3.5, of their teams, and of the tests."""
    recipes, people = leaderboard.recipes("ranking"), {}

    def values_of(name, model, train, test):
        values = evaluation.user_values(model, train, test)["ndcg"]
        people.setdefault(name, []).append(values)
        return values.mean()

    for k, (train, test) in enumerate(folds):
        for name in LINEAR:
            model = recipes[name]().fit(train)
            value = values_of(name, model, train, test)
            yield row("linear", name, "ndcg", value, split=k)
            if name == "slim":
                filled = (model.B_ != 0).mean()
                yield row("linear", name, "filled", filled, split=k)
            if name == "ease":
                model.B_ = np.maximum(model.B_, 0.0)
                value = values_of("clipped", model, train, test)
                yield row("linear", "clipped", "ndcg", value, split=k)
        for name, members in TEAMS.items():
            team = team_of(members).fit(train)
            alone = [
                evaluation.user_values(m, train, test)["ndcg"].mean()
                for m in team.models_
            ]
            value = values_of(name, team, train, test)
            everybody = np.arange(train.n_users)
            a, b = (m.recommend(everybody, 10, exclude=train) for m in team.models_)
            same = (a[:, :, None] == b[:, None, :]).sum(axis=(1, 2)).mean()
            found = {"ndcg": value, "gain": value - max(alone), "same": same}
            for metric, value in found.items():
                yield row("linear", name, metric, value, split=k)
        print("linear: split", k, flush=True)
    means = {name: pd.concat(v, axis=1).mean(axis=1) for name, v in people.items()}
    yield from tested("linear", means, [*TESTS, ("ease", "clipped")])


def shelf(scores, rated):
    """Return each person's ten best films of those not rated, best first."""
    masked = np.where(rated, -np.inf, scores)
    ten = np.argpartition(-masked, 10, axis=1)[:, :10]
    order = np.argsort(-np.take_along_axis(masked, ten, axis=1), axis=1)
    return np.take_along_axis(ten, order, axis=1)


def spectral(U, s, V, reg):
    """Return the scores of EASE and of ridge regression, from one decomposition."""
    XP = U * (s / (s**2 + reg)) @ V.T
    diagonal = (1 - V**2 @ (s**2 / (s**2 + reg))) / reg
    return -XP / diagonal, -reg * XP


def cut(U, s, V, rank, reg):
    """Return ridge regression's scores through the first directions alone."""
    shrunk = s[:rank] * s[:rank] ** 2 / (s[:rank] ** 2 + reg)
    return U[:, :rank] * shrunk @ V[:, :rank].T


def penalties(folds):
    """Yield the rows of the two sweeps inside the training halves."""
    parts = [splits.stratified(train, 0.75, "item", seed=9) for train, _ in folds]
    seen = [train.csr.toarray() > 0 for train, _ in parts]
    pieces = []
    for rated in seen:
        U, s, Vt = np.linalg.svd(rated.astype(float), full_matrices=False)
        pieces.append((U, s, Vt.T))

    def ndcg(scores, k):
        return np.nanmean(metrics.ndcg(shelf(scores, seen[k]), parts[k][1].csr, 10))

    free = np.zeros(len(REGS))
    for k, at in np.ndindex(len(parts), len(REGS)):
        both = [ndcg(scores, k) for scores in spectral(*pieces[k], REGS[at])]
        for name, value in zip(("ease", "free"), both, strict=True):
            yield row("penalty", name, "ndcg", value, setting=REGS[at], split=k)
        free[at] += both[1]
    for name, reg in (("pure", 0), ("shrunk", REGS[free.argmax()])):
        for k, rank in ((k, rank) for k in range(len(parts)) for rank in RANKS):
            value = ndcg(cut(*pieces[k], rank, reg), k)
            yield row("rank", name, "ndcg", value, setting=rank, split=k)


# --- 3.4: the order is what counts ------------------------------------------------


def auc(scores, positive, negative):
    """Return the share of pairs in the right order; a tie counts one half."""
    beaten = np.sort(scores[negative])
    left = np.searchsorted(beaten, scores[positive], side="left")
    right = np.searchsorted(beaten, scores[positive], side="right")
    return (left + right).mean() / (2 * len(beaten))


def measured(model, train, test):
    """Return each person's values of a model, NaN where nothing is to be found."""
    scores = model.scores(np.arange(train.n_users))
    seen, found = train.csr.toarray() > 0, test.csr.toarray() > 0
    free = np.where(seen, -np.inf, scores)
    ranked = np.argsort(-free, axis=1, kind="stable")[:, :10]
    rows = zip(scores, found, ~seen & ~found, strict=True)
    areas = [auc(*row) if row[1].any() else np.nan for row in rows]
    values = {
        "ndcg": metrics.ndcg(ranked, test.csr, k=10),
        "liked": metrics.ndcg(ranked, test.csr >= 4, k=10),
        "auc": np.array(areas),
    }
    return values, np.median(seen.sum(axis=0)[ranked])


def order(cuts):
    """Yield the rows of stars against order."""
    of_lists, of_stars = leaderboard.recipes("ranking"), leaderboard.recipes()
    people = {}
    for k, (train, test) in enumerate(cuts):
        for name, recipe in ORDER.items():
            make = of_stars[recipe] if name == "mf" else of_lists[recipe]
            model = make().fit(train)
            values, raters = measured(model, train, test)
            yield row("order", name, "raters", raters, split=k)
            for metric, value in values.items():
                yield row("order", name, metric, np.nanmean(value), split=k)
                people.setdefault(metric, {}).setdefault(name, []).append(value)
            if name == "mf":
                error = metrics.rmse(test.values, model.predict(test.users, test.items))
                yield row("order", name, "rmse", error, split=k)
        biases = of_stars["bias"]().fit(train).predict(test.users, test.items)
        error = metrics.rmse(test.values, biases)
        yield row("order", "bias", "rmse", error, split=k)
        print("order: split", k, flush=True)
    for metric in ("ndcg", "auc"):
        means = {n: np.nanmean(v, axis=0) for n, v in people[metric].items()}
        for found in tested("order", means, [("bpr", "knn"), ("bpr", "als")]):
            yield found | {"metric": f"{metric}: {found['metric']}"}


def climbs(train, test):
    """Yield the rows of BPR over its epochs: three samplers, three signs."""
    n_users, n_items = train.csr.shape
    seen, counts = train.csr.toarray() > 0, np.bincount(train.items, minlength=n_items)
    shown, everyone = BPR(n_epochs=0).fit(train), np.arange(n_users)

    def uniform(rng, size):
        return rng.integers(n_items, size=size, dtype=np.int32)

    def popular(rng, size):
        return train.items[rng.integers(train.n_ratings, size=size)]

    def unrated(rng, users, propose):
        negatives = propose(rng, len(users))
        while (wrong := seen[users, negatives]).any():
            negatives[wrong] = propose(rng, wrong.sum())
        return negatives

    def run(draw, seed, reg):
        start, rng = np.random.default_rng(seed), np.random.default_rng(seed)
        P = start.normal(0, 0.1, (n_users, 32))
        Q, b = start.normal(0, 0.1, (n_items, 32)), np.zeros(n_items)
        for epoch in range(1, 41):
            rows = rng.integers(train.n_ratings, size=train.n_ratings)
            users, items = train.users[rows], train.items[rows]
            bpr.climb(P, Q, b, users, items, draw(rng, users), 0.05, reg, reg)
            if epoch % 5 == 0:
                shown.P_, shown.Q_, shown.bi_ = P, Q, b
                top = shown.recommend(everyone, k=10, exclude=train)
                yield (
                    epoch,
                    {
                        "ndcg": np.nanmean(metrics.ndcg(top, test.csr, k=10)),
                        "coverage": metrics.coverage(top, n_items),
                        "raters": np.median(counts[top]),
                        "length": np.linalg.norm(P, axis=1).mean(),
                    },
                )

    def fair(rng, users):
        return unrated(rng, users, uniform)

    samplers = {
        "uniform": fair,
        "popularity": lambda rng, users: unrated(rng, users, popular),
        "any": lambda rng, users: uniform(rng, len(users)),
    }
    cases = [("samplers", name, draw, 0.02) for name, draw in samplers.items()]
    signs = {"minus": 0.02, "none": 0.0, "plus": -0.02}
    cases += [("signs", name, fair, reg) for name, reg in signs.items()]
    for study, name, draw, reg in cases:
        for seed in SEEDS:
            for epoch, found in run(draw, seed, reg):
                for metric, value in found.items():
                    yield row(study, name, metric, value, setting=epoch, split=seed)
        print(study, name, flush=True)


def main():
    """Measure and write."""
    movielens = datasets.load_ml100k("real")

    def cuts(first):
        seeds = range(first, first + N_SPLITS)
        return [splits.stratified(movielens.ratings, 0.75, "item", seed=s)
                for s in seeds]  # fmt: skip

    folds, pages = cuts(0), cuts(42)
    rows = [*linear(folds), *penalties(folds), *order(pages), *climbs(*pages[0])]
    table = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("setting", "split"):
        table[name] = table[name].astype("Int64")
    table["value"] = table["value"].round(6)
    write_results("lists", table, data=movielens.name, people=movielens.ratings.n_users)


if __name__ == "__main__":
    main()
