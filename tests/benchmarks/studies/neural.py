"""What the pages on networks and autoencoders claim, with all their splits and seeds.

``python -m tests.benchmarks.studies.neural`` writes ``data/results/neural.csv``, which
chapters 4.2 and 4.3 read. Names after the command choose some experiments, and the rows
of the others stay. It needs the real MovieLens 100K and takes five minutes on one core.

- ``lists``: nDCG@10 on five splits of 75/25, the network's seed with the split. Beside
  it one hidden film of each person, among all films and among 1 + 99, and differences
  of two models over people, each person's nDCG@10 averaged over the splits.
- ``product``: the RMSE of a network that learns a dot product from pairs of vectors.
- ``traps``: nDCG@10 of the 100 busiest people after each epoch, with two mistakes.
- ``charges``: MultVAE with five prices of its code, on a tenth of train.
- ``stars``: a light AutoRec that hears who rated, and one that does not, on five folds.

No setting was chosen on a test: the recipes are the leaderboard's, and the light
networks have the settings of the page.
"""

import itertools
import sys

import numpy as np
import pandas as pd

from recbook import (
    AutoRec,
    MultVAE,
    NeuralCF,
    datasets,
    evaluation,
    leaderboard,
    metrics,
    splits,
)
from recbook.leaderboard.results import results_folder, write_results

COLUMNS = ["experiment", "model", "at", "seed", "metric", "value"]
LIGHT = {
    "gmf": {"kind": "gmf", "n_factors": 24, "n_epochs": 12, "lr": 0.02,
            "n_negatives": 8, "reg": 0.015},
    "mlp": {"kind": "mlp", "n_factors": 16, "hidden": (32, 16), "n_epochs": 7,
            "lr": 0.006, "lr_decay": 0.9},
    "neumf": {"kind": "neumf", "n_factors": 16, "hidden": (16, 8), "n_epochs": 8,
              "batch_size": 2048, "lr": 0.014},
}  # fmt: skip
RECIPES = ("popularity", "ease", "ials", "multvae")
VERSUS = ("gmf-mlp", "gmf-neumf", "gmf-ials", "gmf-ease")
VERSUS += ("multvae-ease", "multvae-ials")
CHARGES = {
    "β = 0": {"beta": 0.0},
    "β = 0.4, rising": {"beta": 0.4, "n_anneal": 6},
    "β = 1, rising": {"beta": 1.0, "n_anneal": 6},
    "β = 1 at once": {"beta": 1.0, "n_anneal": 0},
    "β = 20 at once": {"beta": 20.0, "n_anneal": 0},
}


class Table:
    """A model that is its table of scores."""

    def __init__(self, scores):
        self.scores = scores.__getitem__


def seeded(name, seed):
    """Return the leaderboard's recipe or the light network, with this seed."""
    if name in LIGHT:
        return NeuralCF(validation_share=0, seed=seed, **LIGHT[name])
    model = leaderboard.recipes("ranking")[name]()
    if hasattr(model, "seed"):
        model.seed = seed
    return model


def ndcg(scores, train, test, users=None):
    """Return each person's nDCG@10 over the films that are not in train."""
    users = np.arange(train.n_users) if users is None else users
    free = np.where(train.csr[users].toarray() > 0, -np.inf, scores)
    ranked = np.argsort(-free, axis=1, kind="stable")[:, :10]
    return metrics.ndcg(ranked, test.csr[users], 10)


def one_each(ratings, test, seed):
    """Return all ratings but one of each person's test, and these."""
    place = np.random.default_rng(seed).permutation(test.n_ratings)
    _, first = np.unique(test.users[place], return_index=True)
    held = np.zeros((ratings.n_users, ratings.n_items), dtype=bool)
    held[test.users[place[first]], test.items[place[first]]] = True
    held = held[ratings.users, ratings.items]
    return ratings.subset(~held), ratings.subset(held)


def lists(movielens, n_splits=5):
    """Return the rows of seven models on five splits, and their differences."""
    ratings, rows, people = movielens.ratings, [], {}
    everyone = np.arange(ratings.n_users)
    for s in range(n_splits):
        train, test = splits.stratified(ratings, 0.75, "item", seed=42 + s)
        halves = one_each(ratings, test, s)
        for name in (*RECIPES, *LIGHT):
            scores = seeded(name, s).fit(train).scores(everyone)
            people[name, s] = ndcg(scores, train, test)
            report = evaluation.sampled_ranking_report(
                Table(scores), *halves, n_negatives=99, seed=s
            )
            values = {
                "ndcg": np.nanmean(people[name, s]),
                "ndcg_one": np.nanmean(ndcg(scores, *halves)),
                "ndcg_1+99": report.set_index("metric").loc["ndcg", "mean"],
            }
            rows += [("lists", name, 42 + s, s, m, v) for m, v in values.items()]
            print(name, s, values, flush=True)
    people = pd.DataFrame(people).T.groupby(level=0).mean()
    for pair in VERSUS:
        result = evaluation.paired_test(*people.loc[pair.split("-")].to_numpy())
        values = (result.difference, *result.interval)
        names = ("difference", "low", "high")
        rows += [("versus", pair, "people", "", m, v)
                 for m, v in zip(names, values, strict=True)]  # fmt: skip
    return rows


def vectors(rng, n, f):
    """Return n pairs of vectors side by side, and their dot products."""
    p, q = rng.normal(0, f**-0.25, (2, n, f)).astype("f")
    return np.hstack([p, q]), (p * q).sum(axis=1)


def adam(parameters, slopes, memory, step, lr):
    """Take one step of Adam, in place."""
    rate = lr * (1 - 0.999**step) ** 0.5 / (1 - 0.9**step)
    for w, g, (m, v) in zip(parameters, slopes, memory, strict=True):
        m += 0.1 * (g - m)
        v += 0.001 * (g * g - v)
        w -= rate * m / (np.sqrt(v) + 1e-7)


def forwards(x, layers):
    """Return what every layer puts out, the input first."""
    steps = [x]
    for W, b in layers:
        steps.append(np.maximum(steps[-1] @ W + b, 0))
    return steps


def backwards(slope, steps, layers):
    """Return the slopes of every layer's weights and offsets."""
    slopes = []
    for a, below, (W, _) in zip(steps[:0:-1], steps[-2::-1], layers[::-1], strict=True):
        delta = slope * (a > 0)
        slopes.insert(0, (below.T @ delta, delta.sum(axis=0)))
        slope = delta @ W.T
    return slopes


def learn_product(f, n, seed, n_steps=1500, lr=0.003):
    """Return the RMSE on new pairs of a network that has met n pairs."""
    rng = np.random.default_rng(seed)
    (x, y), (x_new, y_new) = vectors(rng, n, f), vectors(rng, 2000, f)
    *layers, (h, b) = [
        (rng.normal(0, (2 / a) ** 0.5, (a, b)).astype("f"), np.zeros(b, "f"))
        for a, b in itertools.pairwise([2 * f, 64, 32, 1])
    ]
    flat = [w for layer in [*layers, (h, b)] for w in layer]
    memory = [(np.zeros_like(w), np.zeros_like(w)) for w in flat]
    for step in range(1, n_steps + 1):
        some = rng.integers(n, size=128)
        steps = forwards(x[some], layers)
        e = (steps[-1] @ h + b - y[some, None]) / 128
        slopes = [w for layer in backwards(e @ h.T, steps, layers) for w in layer]
        slopes += [steps[-1].T @ e, e.sum(axis=0)]
        adam(flat, slopes, memory, step, lr * (1 - step / n_steps))
    z_new = forwards(x_new, layers)[-1] @ h + b
    return metrics.rmse(y_new, z_new[:, 0].astype(float))


def product(movielens):
    """Return the rows of the learnt product. It needs no data."""
    return [
        ("product", f"f = {f}", n, seed, "rmse", learn_product(f, n, seed))
        for f in (2, 8, 32)
        for n in (1_000, 10_000, 100_000)
        for seed in range(5)
    ]


def sigmoid(z):
    """Return the probability of a logit."""
    return np.exp(-np.logaddexp(0, -z))


def traps(movielens):
    """Return the rows of GMF with h = 1 for the 100 people with the most ratings."""
    ratings, n_items = movielens.ratings, movielens.ratings.n_items
    busy = np.argsort(-np.bincount(ratings.users), kind="stable")[:100]
    halves = splits.stratified(ratings, 0.75, "item", seed=42)
    train, test = (h.subset(np.isin(h.users, busy)) for h in halves)
    seen, y = train.csr.toarray() > 0, np.array([1, 0, 0, 0, 0])

    def anything(rng, users):
        return rng.integers(n_items, size=(users.size, 4))

    def unrated(rng, users):
        drawn = anything(rng, users)
        while (wrong := seen[users[:, None], drawn]).any():
            drawn[wrong] = rng.integers(n_items, size=wrong.sum())
        return drawn

    def once(z):
        return sigmoid(z) - y

    def twice(z):
        chance = sigmoid(z)
        return (sigmoid(chance) - y) * chance * (1 - chance)

    def learn(draw, error, seed, n_epochs=8, reg=0.02, lr=0.02):
        rng = np.random.default_rng(seed)
        sizes = ratings.n_users, n_items, 1
        P, Q, b = (rng.normal(0, 0.1, (n, 16)) for n in sizes)
        b, curve = b[:, :1] * 0, []
        memory = [(np.zeros_like(w), np.zeros_like(w)) for w in (P, Q, b)]
        u, i = train.users, train.items
        blocks, step = u.size // 1024 + 1, 0
        for _ in range(n_epochs):
            rows = np.column_stack([i, draw(rng, u)])
            for some in np.array_split(rng.permutation(u.size), blocks):
                p, q = P[u[some]][:, None], Q[rows[some]]
                e = error((p * q).sum(-1) + b)[..., None] / (5 * some.size)
                dP, dQ, step = np.zeros_like(P), np.zeros_like(Q), step + 1
                small = reg / (5 * some.size)
                np.add.at(dP, u[some], (e * q + small * p).sum(1))
                np.add.at(dQ, rows[some], e * p + small * q)
                adam([P, Q, b], [dP, dQ, e.sum()], memory, step, lr)
            curve.append(np.nanmean(ndcg(P[busy] @ Q.T, train, test, busy)))
        return curve

    kinds = {
        "right": (unrated, once),
        "negatives from all films": (anything, once),
        "sigmoid twice": (unrated, twice),
    }
    return [
        ("traps", name, epoch, seed, "ndcg", value)
        for name, kind in kinds.items()
        for seed in range(5)
        for epoch, value in enumerate(learn(*kind, seed), start=1)
    ]


def charges(movielens):
    """Return the histories of five prices, and what each dimension of a code says."""
    train, _ = splits.stratified(movielens.ratings, 0.75, "item", seed=42)
    X = (train.csr.toarray() > 0).astype(np.float32)
    unit = X / np.sqrt(np.maximum(X.sum(axis=1, keepdims=True), 1))
    zero, rows = np.zeros((len(X), 64), dtype=np.float32), []
    named = {"kl": "kl", "likelihood": "likelihood", "ndcg": "validation"}
    for name, seed in itertools.product(CHARGES, range(3)):
        model = MultVAE(
            n_factors=64, n_epochs=10, patience=10, dropout=0.5, seed=seed,
            **CHARGES[name],
        ).fit(train)  # fmt: skip
        for metric, key in named.items():
            rows += [("charges", name, epoch, seed, metric, value)
                     for epoch, value in enumerate(model.history_[key], 1)]  # fmt: skip
        _, mean, spread = (out.numpy() for out in model.network_([unit, zero]))
        price = (np.exp(spread) + mean**2 - 1 - spread).mean(axis=0) / 2
        rows += [("charges", name, place, seed, "price", value)
                 for place, value in enumerate(np.sort(price)[::-1], 1)]  # fmt: skip
        print(name, seed, rows[-65], flush=True)
    return rows


def stars(movielens):
    """Return the RMSE of light AutoRecs on the five folds."""
    rows = []
    for fold, seed in itertools.product(range(1, 6), range(3)):
        train, test = movielens.fold(fold)
        for name, options in {"hears": {}, "deaf": {"implicit": 0.0}}.items():
            model = AutoRec(
                n_factors=100, n_epochs=15, validation_share=0.0, seed=seed, **options
            ).fit(train)
            error = metrics.rmse(test.values, model.predict(test.users, test.items))
            rows.append(("stars", name, f"u{fold}", seed, "rmse", error))
            print(*rows[-1], flush=True)
    return rows


EXPERIMENTS = {run.__name__: run for run in (lists, product, traps, charges, stars)}


def places(experiments):
    """Return where each experiment stands in the table: differences after lists."""
    order = [word for name in EXPERIMENTS for word in (name, "versus")]
    return experiments.map(order.index)


def main(names):
    """Run the experiments of these names, all where there is none, and write."""
    path, names = results_folder() / "neural.csv", names or list(EXPERIMENTS)
    table = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=COLUMNS)
    movielens = datasets.load_ml100k("real")
    for name in names:
        mine = [name, "versus"] if name == "lists" else [name]
        rows = pd.DataFrame(EXPERIMENTS[name](movielens), columns=COLUMNS)
        rows["value"] = [float(f"{value:.6g}") for value in rows["value"]]
        kept = table[~table["experiment"].isin(mine)]
        table = pd.concat([kept, rows]) if len(kept) else rows
        table["seed"] = pd.to_numeric(table["seed"]).astype("Int64")  # whole, or none
        table = table.sort_values("experiment", key=places, kind="stable")
        write_results("neural", table, data=movielens.name, real=True)


if __name__ == "__main__":
    main(sys.argv[1:])
