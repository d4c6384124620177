"""What the noise and the moods of chapter 3.6 are worth, on five folds and three seeds.

``python -m tests.benchmarks.studies.moods`` writes ``data/results/moods.csv``. It needs
the real MovieLens 100K and takes some minutes on one core.

Columns: ``study``; ``model``; ``part``, which test ratings; ``seed`` (none where the
squared errors of all seeds or folds are put together); ``metric``, ``value``.

- ``noise``: one chain with ids alone and one noise for all, one for each person, or one
  for each person and film, beside SVD++, on u1 to u5.
- ``time``: a chain without moods and one with, asked at the rating's own second and
  without a time. ``plain`` is the RMSE without moods, ``own`` and ``none`` the gain
  over it, ``own-se`` and ``none-se`` its standard error over people. The test is u1 to
  u5 together (``random``), or the last tenth of each person's ratings (``tenth``) and
  parts of it by the wait since the last known second.

The settings are the page's, and nothing is chosen here. The folds have 100 rounds and
three time constants, the last tenth 200 and the leaderboard's four.
"""

import numpy as np
import pandas as pd

from recbook import datasets, leaderboard, metrics
from recbook.bayesian import BayesianMF
from recbook.leaderboard.results import write_results

COLUMNS = ["study", "model", "part", "seed", "metric", "value"]
SHORT = {"n_factors": 8, "n_iterations": 100, "burn_in": 30}
LONGER = SHORT | {"n_iterations": 200}
CHAINS = (1.0, 60.0, 3600.0)
MONTH = 2_592_000.0
SEEDS = (0, 1, 2)
WAITS = {"same": 0, "minutes": 1, "day": 2, "more": 3}


def row(study, part, metric, value, model=None, seed=None):
    """Return one row of the table."""
    return dict(zip(COLUMNS, (study, model, part, seed, metric, value), strict=True))


def noise(movielens):
    """Yield the error of each form of the noise on each fold."""
    ids = {"history": False, "raters": False}
    models = {"svdpp": leaderboard.recipes()["svdpp"]}
    for name in ("shared", "user", "both"):
        models[name] = lambda name=name: BayesianMF(**SHORT, **ids, noise=name)
    for k in range(1, 6):
        train, test = movielens.fold(k)
        for name, make in models.items():
            told = make().fit(train).predict(test.users, test.items)
            error = metrics.rmse(test.values, np.clip(told, 1, 5))
            yield row("noise", f"u{k}", "rmse", error, model=name)
        print("noise: fold", k, flush=True)


def gain(users, before, after):
    """Return what the second squared errors gain in RMSE, and its error over people."""
    roots = before.mean() ** 0.5 + after.mean() ** 0.5
    mean = (before - after).mean()
    people = np.bincount(users, before - after - mean)
    return mean / roots, np.sqrt(people @ people) / (users.size * roots)


def squares(model, test, times=None):
    """Return the squared errors of a model on a test."""
    return (test.values - model.predict(test.users, test.items, times)) ** 2


def asked(plain, moody, test):
    """Return three squared errors of each test rating: plain, own second, no time."""
    own = squares(moody, test, test.timestamps)
    return np.array([squares(plain, test), own, squares(moody, test)])


def measured(part, users, errors, seed=None):
    """Yield the rows of one part of the test."""
    before, own, none = errors
    found = {"n": users.size, "plain": before.mean() ** 0.5}
    found["own"], found["own-se"] = gain(users, before, own)
    found["none"], found["none-se"] = gain(users, before, none)
    for metric, value in found.items():
        yield row("time", part, metric, value, seed=seed)


def at_random(movielens):
    """Yield the rows of the official folds, the last for all five together."""
    known = movielens.movies, movielens.users
    users, errors = [], []
    for k in range(1, 6):
        train, test = movielens.fold(k)
        plain = BayesianMF(**SHORT).fit(train, *known)
        moody = BayesianMF(**SHORT, time=CHAINS).fit(train, *known)
        users.append(test.users)
        errors.append(asked(plain, moody, test))
        yield from measured(f"u{k}", users[-1], errors[-1])
        print("time: fold", k, flush=True)
    yield from measured("random", np.concatenate(users), np.hstack(errors))


def last_tenth(ratings):
    """Return what came before, each person's last tenth, and how long after."""
    order = np.lexsort((ratings.items, ratings.timestamps, ratings.users))
    who = ratings.users[order]
    place = np.arange(who.size) - np.searchsorted(who, who)
    late = np.empty(who.size, dtype=bool)
    late[order] = place >= 0.9 * np.bincount(who)[who]
    past, future = ratings.subset(~late), ratings.subset(late)
    last = np.zeros(ratings.n_users, dtype=np.int64)
    np.maximum.at(last, past.users, past.timestamps)
    return past, future, future.timestamps - last[future.users]


def tenth(movielens):
    """Yield the rows of the last tenth, of each seed and of all together."""
    known = movielens.movies, movielens.users
    past, future, wait = last_tenth(movielens.ratings)
    edges = np.digitize(wait, [1, 600, 86_400])
    parts = {"tenth": np.ones(wait.size, dtype=bool), "later": wait > 0}
    parts |= {name: edges == b for name, b in WAITS.items()}
    errors = []
    for seed in SEEDS:
        plain = BayesianMF(**LONGER, seed=seed).fit(past, *known)
        moody = BayesianMF(**LONGER, seed=seed, time=(*CHAINS, MONTH))
        errors.append(asked(plain, moody.fit(past, *known), future))
        for name, part in parts.items():
            found = errors[-1][:, part]
            yield from measured(name, future.users[part], found, seed)
        print("time: seed", seed, flush=True)
    together = np.mean(errors, axis=0)
    for name, part in parts.items():
        yield from measured(name, future.users[part], together[:, part])


def main():
    """Measure and write."""
    movielens = datasets.load_ml100k("real")
    rows = [*noise(movielens), *at_random(movielens), *tenth(movielens)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["seed"] = table["seed"].astype("Int64")
    table["value"] = table["value"].round(6)
    write_results("moods", table, data=movielens.name)


if __name__ == "__main__":
    main()
