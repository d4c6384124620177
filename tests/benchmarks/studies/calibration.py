"""Do the intervals of the Bayesian models hold what they promise; have they settled?

``python -m tests.benchmarks.studies.calibration`` writes
``data/results/calibration.csv``, from the real MovieLens 100K: of each recipe, run as
one chain, on u1..u5, the share of test ratings inside the central normal intervals of
50 and 90 % (mean and deviation of ``predict``, not clipped to the stars); of all pairs,
and of the quarter of them whose person, or whose film, has the fewest ratings in train.
And on u1 R-hat, from three chains, of each trace and of predictions. No setting was
chosen by it.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from recbook import datasets, leaderboard
from recbook.bayesian import r_hat
from recbook.leaderboard.results import write_results
from tests.benchmarks.studies.selection import predicted

RECIPES = ("bayes-ids", "bayes-notime", "bayes-fast")
LEVELS = (0.5, 0.9)
N_ASKED, CLOSE = 2000, 1.1  # predictions whose R-hat is taken, and what is near 1


def groups(train, test):
    """Return name to mask of the test's pairs."""
    found = {"all": np.ones(test.n_ratings, dtype=bool)}
    for name, codes, own, n in [
        ("people with few ratings", train.users, test.users, train.n_users),
        ("films with few ratings", train.items, test.items, train.n_items),
    ]:
        counts = np.bincount(codes, minlength=n)[own]
        found[name] = counts <= np.quantile(counts, 0.25)
    return found


def coverage(movielens, name):
    """Yield a row a fold, group and level."""
    knows = leaderboard.knowledge(name)
    for k in range(1, 6):
        train, test = movielens.fold(k)
        model = leaderboard.recipes()[name]()
        model.n_chains = 1
        leaderboard.fitted(model, train, movielens, knows)
        means, stds = predicted(model, test, knows, return_std=True)
        off = np.abs(test.values - means) / stds
        for group, mask in groups(train, test).items():
            for level in LEVELS:
                inside = (off[mask] <= ndtri((1 + level) / 2)).mean()
                row = {"model": name, "fold": f"u{k}", "what": group, "level": level}
                yield row | {"value": inside, "n": int(mask.sum())}


def convergence(movielens, name="bayes-fast"):
    """Yield a row for R-hat of each trace, and the share of predictions below 1.1."""
    knows, (train, test) = leaderboard.knowledge(name), movielens.fold(1)
    model = leaderboard.recipes()[name]()
    model.n_chains = 3
    leaderboard.fitted(model, train, movielens, knows)
    found = {
        f"R-hat of {t}": r_hat(v[:, model.burn_in :]) for t, v in model.trace_.items()
    }
    close = [r_hat(draws) < CLOSE for draws in predictions(model, test)]
    found[f"share of predictions with R-hat < {CLOSE}"] = np.mean(close)
    for what, value in found.items():
        yield {"model": name, "fold": "u1", "what": what, "level": None, "value": value}


def predictions(model, test):
    """Yield (n_chains, T), the whole draws' predictions, moods apart, of some pairs."""
    for u, i in zip(test.users[:N_ASKED], test.items[:N_ASKED], strict=True):
        rows = [(c.W[u].astype(float), c.H[i].astype(float)) for c in model.chains_]
        yield [w[:, 0] + h[:, 0] + (w[:, 1:] * h[:, 1:]).sum(axis=1) for w, h in rows]


def main():
    """Measure, write, print."""
    movielens = datasets.load_ml100k("real")
    rows = [row for name in RECIPES for row in coverage(movielens, name)]
    rows += convergence(movielens)
    table = pd.DataFrame(rows).astype({"n": "Int64"})
    write_results("calibration", table, data="ml-100k", real=True)
    shares = table[table["level"].notna()].groupby(["model", "what", "level"])["value"]
    print(shares.agg(["mean", "min", "max"]).round(3).to_string())
    print(table[table["level"].isna()].round(3).to_string())


if __name__ == "__main__":
    main()
