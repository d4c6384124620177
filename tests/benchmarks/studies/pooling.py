"""Does it pay to weigh the past for each candidate? Three averages of the last films.

``python -m tests.benchmarks.studies.pooling`` writes ``data/results/pooling.csv``,
which chapter 4.4 reads. It needs the real MovieLens 100K and takes two minutes on one
core.

- ``lists``: nDCG@10 of each person's last film among all that they have not rated, of
  DIN with a plain average, with a softmax and with its unit, five seeds each, beside
  popularity, item neighbours and EASE.
- ``versus``: differences over people, each person's nDCG@10 averaged over the seeds,
  with their 95 % intervals.
- ``weights``: the rank correlation between the size of a weight and how much the logit
  changes without that film: its mean over people, and the share of people below 0.5.

The networks have the light settings of the page and learn from the latest 30 films of
each person; the baselines have the leaderboard's and learn from all of train.
"""

import itertools

import numpy as np
import pandas as pd
from scipy import stats

from recbook import DIN, datasets, evaluation, leaderboard, metrics, splits
from recbook.leaderboard.results import write_results

COLUMNS = ["experiment", "model", "at", "seed", "metric", "value"]
LIGHT = {
    "n_factors": 16, "n_steps": 10, "n_hidden": 8, "hidden": (32,), "n_epochs": 8,
    "batch_size": 256, "lr": 0.003, "validation_share": 0,
}  # fmt: skip
SEEDS = range(5)
VERSUS = ("unit-mean", "dot-mean", "unit-ease")


def latest(train, n):
    """Return each person's latest n ratings, and everybody's films in order of time."""
    table = pd.DataFrame({"user": train.users, "time": train.timestamps,
                          "item": train.items})  # fmt: skip
    by_time = table.sort_values("time", kind="stable").groupby("user")
    age = by_time.cumcount(ascending=False).sort_index()
    return train.subset((age < n).to_numpy()), dict(iter(by_time["item"]))


def gains(model, train, test):
    """Return each person's nDCG@10."""
    everyone = np.arange(train.n_users)
    lists = model.recommend(everyone, k=10, exclude=train)
    return metrics.ndcg(lists, test.csr, 10)


def rank_correlations(model, histories, item):
    """Return, for each person, how sizes of weights and of changes go together."""
    windows = np.array(histories, dtype=np.int32) + 1  # (n, 10), 0 is padding
    without = np.where(np.eye(10, dtype=bool), 0, windows[:, None])  # (n, 10, 10)
    rows = np.concatenate([windows[:, None], without], axis=1).reshape(-1, 10)
    candidates = np.full((len(rows), 1), item + 1, dtype=np.int32)
    z, w = (np.array(out) for out in model.network_([rows, candidates]))
    z = z.reshape(len(windows), 11)
    change = np.abs(z[:, :1] - z[:, 1:])
    size = np.abs(w.reshape(len(windows), 11, 10)[:, 0])
    return [stats.spearmanr(*pair).statistic for pair in zip(size, change, strict=True)]


def main():
    """Measure and write."""
    movielens = datasets.load_ml100k("real")
    train, test = splits.leave_last_out(movielens.ratings)
    recent, films = latest(train, 30)
    histories = [f.to_numpy()[-10:] for f in films.values() if len(f) >= 10]
    counts = np.bincount(train.items, minlength=train.n_items).astype(float)
    own = films[3].to_numpy()  # the page's person, whose candidate we take
    sci_fi = movielens.movies.set_index("movie_id").loc[train.item_ids, "Sci-Fi"]
    allowed = sci_fi.to_numpy(dtype=bool) & ~np.isin(np.arange(train.n_items), own)
    candidate = int(np.argmax(np.where(allowed, counts, -1)))
    rows, by_person = [], {}
    for name, seed in itertools.product(("mean", "dot", "unit"), SEEDS):
        model = DIN(pooling=name, seed=seed, **LIGHT).fit(recent)
        by_person[name, seed] = gains(model, train, test)
        if name != "mean":
            ranks = np.array(rank_correlations(model, histories, candidate))
            found = {"spearman": np.nanmean(ranks), "poor": np.mean(ranks < 0.5)}
            rows += [("weights", name, len(ranks), seed, m, v)
                     for m, v in found.items()]  # fmt: skip
            print(rows[-2:], flush=True)
    for name in ("popularity", "itemknn", "ease"):
        model = leaderboard.recipes("next")[name]().fit(train)
        by_person[name, 0] = gains(model, train, test)
    for (name, seed), values in by_person.items():
        rows.append(("lists", name, "last", seed, "ndcg", np.nanmean(values)))
        print(*rows[-1], flush=True)
    people = pd.DataFrame(by_person).T.groupby(level=0).mean()
    for pair in VERSUS:
        result = evaluation.paired_test(*people.loc[pair.split("-")].to_numpy())
        values = (result.difference, *result.interval)
        rows += [("versus", pair, "people", "", m, v) for m, v in zip(
            ("difference", "low", "high"), values, strict=True)]  # fmt: skip
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["value"] = [float(f"{value:.6g}") for value in table["value"]]
    write_results("pooling", table, data=movielens.name, real=True)


if __name__ == "__main__":
    main()
