"""Checks of chapter 5.5, recommending films with the project's towers."""

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _best(scores, allowed, k):
    order = sorted(
        (i for i in range(len(scores)) if allowed[i]),
        key=lambda i: (-scores[i], i),
    )[:k]
    return np.array(order + [-1] * (k - len(order)))


def _people():
    rng = np.random.default_rng(54)
    cases = [
        (rng.integers(0, 4, 9) / 2, rng.random(9) > 0.4, k)  # with ties
        for k in (2, 5, 9)
    ]
    many = rng.integers(-2, 2, 80).astype(float)  # long enough for an unstable sort
    return [
        *cases,
        (np.arange(4.0), np.zeros(4, dtype=bool), 2),
        (many, rng.random(80) > 0.2, 30),
        (-np.arange(1.0, 6), np.array([0, 1, 1, 0, 1], dtype=bool), 7),
    ]


def _reason(Y, liked, i):
    best, best_cosine = None, -np.inf
    for j in liked:
        lengths = np.linalg.norm(Y[i]) * np.linalg.norm(Y[j])
        cosine = Y[i] @ Y[j] / lengths if lengths > 0 else 0.0
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
    tie = np.array([[1.0, 0], [0, 1], [2, 0], [2, 0]])  # two at 1, the smaller first
    nothing = np.array([[0.0, 0], [1, 1], [2, 1], [-1, 0]])  # all at 0
    three = np.array([1, 2, 3])
    return cases + [(table, three, 0) for table in (zero, not_it, tie, nothing)]


def _shares(x, V, y):
    return np.array(
        [x[a] * sum(V[a, f] * y[f] for f in range(len(y))) for a in range(len(x))]
    )


def _sums():
    rng = np.random.default_rng(57)
    return [
        (rng.random(5), rng.normal(size=(5, 3)), rng.normal(size=3)),
        (np.array([0.0, 1.0]), np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, -1])),
        (np.array([0.6, 0.8, 0, 0]), rng.normal(size=(4, 2)), rng.normal(size=2)),
    ]


def _mmr(scores, W, k, lam):
    chosen = []
    for _ in range(min(k, len(scores))):
        worth = [
            -np.inf
            if i in chosen
            else (1 - lam) * scores[i] - lam * max((W[i, j] for j in chosen), default=0)
            for i in range(len(scores))
        ]
        chosen.append(int(np.argmax(worth)))
    return np.array(chosen)


def _catalogues():
    rng = np.random.default_rng(58)
    cases = []
    for n, k, lam in ((6, 3, 0.5), (9, 5, 0.3), (9, 9, 0.8), (7, 4, 0.0), (3, 5, 0.6)):
        flags = rng.random((n, 4)) < 0.5
        flags[:, 0] |= ~flags.any(axis=1)
        rows = flags / np.sqrt(flags.sum(axis=1, keepdims=True))
        cases.append((rng.random(n), rows @ rows.T, k, lam))
    # The sum of two half twins must not count like one whole twin.
    W = np.array([[1, 0, 0.5, 0.6], [0, 1, 0.5, 0], [0.5, 0.5, 1, 0], [0.6, 0, 0, 1]])
    tied = (np.array([0.5, 1.0, 1.0, 0.5]), np.eye(4), 3, 0.25)
    # Closeness below 0 is a gain: a film unlike all others of the list comes second.
    V = np.array([[1, 0, -0.75], [0, 1, 0], [-0.75, 0, 1]])
    unlike = (np.array([1.0, 0.5, 0.25]), V, 2, 0.5)
    twins = (np.array([1.0, 0.9, 0.8, 0.79]), W, 3, 0.5)
    return [*cases, twins, tied, unlike]


def _fold_in(Y, items, s, reg):
    # The same minimum as a plain least-squares problem: the penalty is extra rows.
    n_factors = Y.shape[1]
    rows = np.vstack([Y[items], np.sqrt(reg) * np.eye(n_factors)])
    return np.linalg.lstsq(rows, np.concatenate([s, np.zeros(n_factors)]))[0]


def _newcomers():
    rng = np.random.default_rng(56)
    Y = rng.normal(size=(12, 4))
    none = np.array([], dtype=int)
    return [
        (Y, np.array([0, 3, 5]), np.array([1.0, -2.0, 0.5]), 0.5),
        (Y, np.array([7, 2, 9, 4]), np.array([1.5, -1.0, 0.25, -0.5]), 3.0),
        (Y, np.arange(12), rng.normal(size=12), 2.0),
        (Y, none, np.array([]), 1.0),
    ]


exercise_function("5.5-rules", _best, _people, what="the list")
exercise_function("5.5-because", _reason, _rows, what="the reason")
exercise_function("5.5-shares", _shares, _sums, what="the array of shares")
exercise_function("5.5-mmr", _mmr, _catalogues, what="the list")
exercise_function("5.5-fold-in", _fold_in, _newcomers, what="the vector")
exercise_value("5.5-candidates", lambda: 250, atol=0.5)
