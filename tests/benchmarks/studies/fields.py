"""What each block of fields is worth to a factorization machine, and for a newcomer.

``python -m tests.benchmarks.studies.fields`` writes ``data/results/fields.csv``, which
chapter 4.1 reads. It needs the real MovieLens 100K and takes four minutes on one core.

- ``fields``: RMSE on the five official folds, three seeds each, of a light machine that
  is given one more block of fields each time, of SVD++ with as many factors, of the
  biases, and of the five steps' network, which has two embeddings and no product.
- ``newcomers``: all ratings of 200 people, or of 200 films, are taken away, in ten
  draws, and what is left of them is side information.

The machines have the settings of the page, which no test has chosen.
"""

import itertools

import keras
import numpy as np
import pandas as pd

from recbook import FactorizationMachine, SVDpp, datasets, leaderboard, metrics
from recbook.leaderboard.results import write_results

COLUMNS = ["experiment", "model", "at", "seed", "metric", "value"]
LIGHT = {
    "n_factors": 8, "n_epochs": 6, "lr": 0.03, "lr_decay": 0.75, "reg": 1.5,
    "init_std": 0.1, "validation_share": 0.0,
}  # fmt: skip


def machine(seed, choices=False):
    """Return a light machine, with or without the fields of choices."""
    return FactorizationMachine(history=choices, raters=choices, seed=seed, **LIGHT)


def five_steps(train, test, seed, k=16):
    """Return the RMSE of two embeddings side by side and a layer that reads them."""
    keras.utils.set_random_seed(seed)
    user, item = (keras.Input((), dtype="int32") for _ in range(2))
    p = keras.layers.Embedding(train.n_users, k)(user)
    q = keras.layers.Embedding(train.n_items, k)(item)
    a = keras.layers.Dense(32, "relu")(keras.layers.Concatenate()([p, q]))
    network = keras.Model([user, item], keras.layers.Dense(1)(a)[:, 0])
    network.compile(keras.optimizers.Adam(0.01), "mse")
    pairs = [train.users, train.items]
    network.fit(pairs, train.values, batch_size=1024, epochs=6, verbose=0)
    stars = network([test.users, test.items]).numpy()
    return metrics.rmse(test.values, np.clip(stars, 1, 5))


def fields(movielens):
    """Return the rows of the five folds."""
    known = {"movies": movielens.movies, "users": movielens.users}
    rows = []
    for fold, seed in itertools.product(range(1, 6), range(3)):
        train, test = movielens.fold(fold)
        models = {
            "FM: ids": machine(seed).fit(train),
            "FM: + told": machine(seed).fit(train, **known),
            "FM: + told + choices": machine(seed, choices=True).fit(train, **known),
            "SVD++, 8 factors": SVDpp(
                n_factors=8, reg=1.3, init_std=0.05, seed=seed
            ).fit(train),
        }
        if seed == 0:  # it draws nothing
            models["biases"] = leaderboard.recipes()["bias"]().fit(train)
        errors = {
            name: metrics.rmse(test.values, model.predict(test.users, test.items))
            for name, model in models.items()
        }
        errors["five steps"] = five_steps(train, test, seed)
        rows += [("fields", name, f"u{fold}", seed, "rmse", error)
                 for name, error in errors.items()]  # fmt: skip
        print(fold, seed, errors, flush=True)
    return rows


def newcomers(movielens, n_draws=10):
    """Return the rows of people and films without a rating."""
    known = {"movies": movielens.movies, "users": movielens.users}
    ratings, rows = movielens.ratings, []
    for kind, seed in itertools.product(("items", "users"), range(n_draws)):
        codes, n = getattr(ratings, kind), getattr(ratings, f"n_{kind}")
        new = np.random.default_rng(seed).permutation(n)[:200]
        hidden = np.isin(codes, new)
        told = machine(0).fit(ratings.subset(~hidden), **known)
        test = ratings.subset(hidden)
        for name, model in {"biases": told.bias_, "told": told}.items():
            error = metrics.rmse(test.values, model.predict(test.users, test.items))
            rows.append(("newcomers", name, kind, seed, "rmse", error))
        print(kind, seed, rows[-2][-1], rows[-1][-1], flush=True)
    return rows


def main():
    """Measure and write."""
    movielens = datasets.load_ml100k("real")
    rows = [*fields(movielens), *newcomers(movielens)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["value"] = [float(f"{value:.6g}") for value in table["value"]]
    write_results("fields", table, data=movielens.name, real=True)


if __name__ == "__main__":
    main()
