"""Checks of chapter 5.1, the data of the film project."""

import numpy as np
from scipy import sparse

from recbook import datasets
from recbook.checks import exercise, exercise_function, exercise_value, same


def _tables():
    rng = np.random.default_rng(51)
    for shape in ((3, 4), (6, 5)):
        full = rng.integers(1, 6, shape) * (rng.random(shape) < 0.6)
        full[0, 0] = 3
        full[1] = 0  # a person without ratings
        yield sparse.csr_array(full.astype(float))


def _lookup(data, indices, indptr, u, i):
    row = slice(indptr[u], indptr[u + 1])
    found = data[row][indices[row] == i]
    return found[0] if len(found) else np.nan


def _places():
    return [
        (R.data, R.indices, R.indptr, u, i)
        for R in _tables()
        for u in range(R.shape[0])
        for i in range(R.shape[1])
    ]


exercise_value("5.1-indptr", lambda: datasets.load_toy().csr.indptr.tolist())
exercise_function("5.1-lookup", _lookup, _places, what="the rating")
exercise_function(
    "5.1-recode",
    lambda ids: np.unique(np.asarray(ids), return_inverse=True),
    [
        (np.array(["K-9", "A-17", "K-9"]),),
        (np.array([30, -2, 7, 7, 30]),),
        (np.array(["b", "a", "c", "a"]),),
    ],
    what="(distinct, codes)",
)


@exercise("5.1-latest")
def latest(answer):
    """One row a pair: the latest, and of equal times the one that came last."""
    import pandas as pd

    names = ["user_id", "movie_id", "rating", "timestamp"]
    logs = [
        [(2, 1, 5, 10), (1, 7, 3, 4), (2, 1, 2, 30), (1, 7, 4, 4)],
        [(1, 1, 1, 9), (1, 1, 5, 2), (1, 2, 3, 5), (3, 1, 4, 1)],
        # Many equal times in a shuffled log: only a stable rule gets them all.
        [(t % 3, t % 2, t % 5 + 1, t // 8) for t in range(40)],
    ]
    for log in logs:
        frame = pd.DataFrame(log, columns=names)
        last = {}
        for user, item, rating, time in log:
            if (user, item) not in last or last[user, item][3] <= time:
                last[user, item] = (user, item, rating, time)
        got = answer(frame)
        if not isinstance(got, pd.DataFrame):
            return f"return a DataFrame, not a {type(got).__name__}"
        if list(got.columns) != names:
            return f"the columns are {list(got.columns)}: keep those of the log"
        if list(got.index) != list(range(len(got))):
            return "the index is not 0, 1, 2, …: give the rows a fresh one"
        expected = np.array(sorted(last.values()))
        if problem := same(got.to_numpy(), expected, "the table"):
            return problem
    return None
