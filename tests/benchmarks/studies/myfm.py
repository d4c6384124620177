"""The sampler of another library on our columns: myfm on the five official folds.

``python -m tests.benchmarks.studies.myfm`` writes ``data/results/myfm.csv`` for the
page of results: the error of myfm's Gibbs sampler, with one seed, ten factors and 400
sweeps, of which the first five are left out. It gets the columns that ``BayesianMF``
makes, in the same groups: the ids alone, or also who rated what. It needs the
environment of ``make bench`` and the real MovieLens 100K, and takes some minutes on one
core. No setting was chosen by it.
"""

import contextlib
import io
from importlib.metadata import version

import numpy as np
import pandas as pd
from myfm import MyFMGibbsRegressor, RelationBlock
from scipy import sparse

from recbook import datasets, metrics
from recbook.bayesian.features import sides
from recbook.leaderboard.results import write_results

FACTORS, SWEEPS, BURN_IN, SEED = 10, 400, 5, 0
TOLD = {"stars": False, "rated": True}  # whether it knows who rated what


def error(train, test, rated):
    """Return the RMSE of a fit on train, its predictions clipped to train's stars."""
    both = sides(train, None, None, rated, rated)

    def blocks(ratings):
        codes = ratings.users, ratings.items
        return [
            RelationBlock(code.tolist(), sparse.csr_matrix(side.X))
            for code, side in zip(codes, both, strict=True)
        ]

    model = MyFMGibbsRegressor(rank=FACTORS, random_seed=SEED)
    with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
        model.fit(
            None,
            train.values,
            blocks(train),
            n_iter=SWEEPS,
            n_kept_samples=SWEEPS - BURN_IN,
            group_shapes=[n for side in both for n in np.bincount(side.group)],
        )
    predicted = model.predict(None, blocks(test))
    low, high = train.values.min(), train.values.max()
    return metrics.rmse(test.values, np.clip(predicted, low, high))


def main():
    """Measure, write, print."""
    movielens, rows = datasets.load_ml100k("real"), []
    for told, rated in TOLD.items():
        for k in range(1, 6):
            value = error(*movielens.fold(k), rated)
            rows.append(("myfm", told, f"u{k}", "rmse", value))
            print(*rows[-1], flush=True)
    table = pd.DataFrame(rows, columns=["model", "told", "fold", "metric", "value"])
    settings = {"factors": FACTORS, "sweeps": SWEEPS, "burn_in": BURN_IN, "seed": SEED}
    settings["myfm"] = version("myfm")
    write_results("myfm", table, data="ml-100k", real=True, **settings)
    print(table.groupby("told")["value"].mean().round(4).to_string())


if __name__ == "__main__":
    main()
