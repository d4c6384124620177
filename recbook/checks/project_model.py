"""Checks of chapter 5.2, the model of the film project."""

import numpy as np

from recbook.checks import exercise_function


def _tables(seed):
    rng = np.random.default_rng(seed)
    P, Q = rng.normal(size=(5, 3)), rng.normal(size=(7, 3))
    return P, Q, rng.integers(0, 5, 4)


def _count(num_users, num_movies, embedding_size, offsets):
    return num_users * (embedding_size + offsets) + num_movies * (
        embedding_size + offsets
    )


exercise_function(
    "5.2-parameters",
    _count,
    [(944, 1683, 50, False), (944, 1683, 50, True), (6, 7, 2, True), (3, 9, 1, False)],
    what="the number of parameters",
)
exercise_function(
    "5.2-one-hot",
    lambda table, ids: table[ids],
    lambda: [(P, users) for P, _, users in map(_tables, (1, 2, 3))],
    what="the result",
)
exercise_function(
    "5.2-scores",
    lambda P, Q, users: P[users] @ Q.T,
    lambda: [_tables(seed) for seed in (4, 5)],
    what="the matrix of scores",
)
