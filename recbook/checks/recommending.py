"""Checks of chapter 5.4, recommending films with the project's model."""

import numpy as np

from recbook.checks import exercise_function


def _best(scores, forbidden, k):
    allowed = sorted(
        (i for i in range(len(scores)) if not forbidden[i]),
        key=lambda i: (-scores[i], i),
    )[:k]
    return np.array(allowed + [-1] * (k - len(allowed)))


def _people():
    rng = np.random.default_rng(54)
    cases = [
        (rng.integers(0, 4, 9) / 2, rng.random(9) < 0.4, k)  # with ties
        for k in (2, 5, 9)
    ]
    return [*cases, (np.arange(4.0), np.ones(4, dtype=bool), 2)]


def _reason(Q, liked, i):
    best, best_cosine = None, -np.inf
    for j in liked:
        lengths = np.linalg.norm(Q[i]) * np.linalg.norm(Q[j])
        cosine = Q[i] @ Q[j] / lengths if lengths > 0 else 0.0
        if cosine > best_cosine:
            best, best_cosine = j, cosine
    return best


def _rows():
    rng = np.random.default_rng(55)
    cases = [
        (rng.normal(size=(9, 3)), np.array([1, 4, 6]), 0),
        (rng.normal(size=(9, 3)) * 9.0 ** np.arange(-4, 5)[:, None], np.arange(5), 7),
    ]
    zero = -np.ones((4, 2))
    zero[1:] = [[1, 1], [0, 0], [2, 1]]
    not_it = np.array([[1.0, 1], [2, 1], [0, 0], [1, 0]])  # 0/0 must not win
    return [*cases, (zero, np.array([1, 2, 3]), 0), (not_it, np.array([1, 2, 3]), 0)]


def _newcomers():
    rng = np.random.default_rng(56)
    Q = rng.normal(size=(12, 4))
    none = np.array([], dtype=int)
    return [
        (Q, np.array([0, 3, 5]), np.array([1.0, -2.0, 0.5]), 0.5),
        (Q, np.arange(12), rng.normal(size=12), 2.0),
        (Q, none, np.array([]), 1.0),
    ]


def _fold_in(Q, items, s, reg):
    # The same minimum as a plain least-squares problem: the penalty is extra rows.
    n_factors = Q.shape[1]
    rows = np.vstack([Q[items], np.sqrt(reg) * np.eye(n_factors)])
    return np.linalg.lstsq(rows, np.concatenate([s, np.zeros(n_factors)]))[0]


exercise_function("5.4-rules", _best, _people, what="the list")
exercise_function("5.4-because", _reason, _rows, what="the reason")
exercise_function("5.4-fold-in", _fold_in, _newcomers, what="p")
