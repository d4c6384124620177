"""What sharing rows of a table costs: the record of chapter 5.7, on five folds.

``python -m tests.benchmarks.studies.hashing`` writes ``data/results/hashing.csv``, the
RMSE on u1 to u5 of the real MovieLens 100K; it takes half a minute on one core.

Columns: ``way``, that films share all rows (``shared``), share all but those of the
half with most ratings (``head``), have a row each (``full``), or have a bias and no
vector (``biases``); ``rows`` of the table; ``fold``; ``rmse``. ALS and the biases have
the leaderboard's recipes, and nothing is chosen here.
"""

import numpy as np
import pandas as pd

from recbook import Ratings, datasets, leaderboard, metrics
from recbook.leaderboard.results import write_results

SIZES = (1600, 1200, 800, 400, 200)


def shared_rows(n_items, n_rows):
    """Return a row for each code by Knuth's multiplicative hash."""
    return np.arange(n_items) * 2654435761 % 2**32 % n_rows


def head_and_shared(counts, n_rows):
    """Return a row of their own for the films with most ratings, the rest shared."""
    head = n_rows // 2
    row = head + shared_rows(len(counts), n_rows - head)
    row[np.argsort(-counts, kind="stable")[:head]] = np.arange(head)
    return row


def hashed_rmse(train, test, row):
    """Return the error of ALS where film ``i`` has row ``row[i]``."""
    pairs = pd.DataFrame({"u": train.users, "i": row[train.items]})
    pairs = pairs.assign(r=train.values).groupby(["u", "i"])["r"].mean()
    users, rows = (pairs.index.get_level_values(name) for name in "ui")
    codes = train.user_ids, np.arange(row.max() + 1)
    table = Ratings(users, rows, pairs, None, *codes)
    model = leaderboard.recipes()["als"]().fit(table)
    return metrics.rmse(test.values, model.predict(test.users, row[test.items]))


def main():
    """Measure and write."""
    movielens, found = datasets.load_ml100k("real"), []
    for k in range(1, 6):
        train, test = movielens.fold(k)
        n_items = train.n_items
        counts = np.bincount(train.items, minlength=n_items)
        ways = {("full", n_items): np.arange(n_items)}
        for size in SIZES:
            ways["shared", size] = shared_rows(n_items, size)
            ways["head", size] = head_and_shared(counts, size)
        for (way, size), row in ways.items():
            found.append((way, size, f"u{k}", hashed_rmse(train, test, row)))
        biases = leaderboard.recipes()["bias"]().fit(train)
        error = metrics.rmse(test.values, biases.predict(test.users, test.items))
        found.append(("biases", n_items, f"u{k}", error))
        print("fold", k, flush=True)
    table = pd.DataFrame(found, columns=["way", "rows", "fold", "rmse"])
    table["rmse"] = table["rmse"].round(6)
    write_results("hashing", table, data=movielens.name)


if __name__ == "__main__":
    main()
