"""Checks of chapter 3.5, linear models of items."""

import math
from unittest import mock

import numpy as np

from recbook.checks import call, exercise, exercise_function, exercise_value, same
from recbook.checks.guard import Problem, describe

exercise_value(
    "3.5-zero", lambda: 2.0 * 3.0 / 1.0 - 4.0, "the number of people", atol=1e-6
)

exercise_function(
    "3.5-largest",
    lambda memory: math.isqrt(memory // 8),
    [(32_000_000,), (16_000_000_000,), (8 * 1000**2 - 1,), (8 * 777**2 + 5,), (800,)],
    "the number of items",
)


def _tables():
    """Tables of ones and zeros, each film rated by someone, one with twin films."""
    rng = np.random.default_rng(35)
    made = []
    for shape, share in [((9, 4), 0.5), ((14, 6), 0.4), ((7, 9), 0.5)]:
        X = (rng.random(shape) < share).astype(float)
        X[0] = 1.0
        made.append(X)
    twins = made[0].copy()
    twins[:, 1] = twins[:, 3]
    return [*made, twins]


def _reasons(B, basket, film, k):
    good = [(-B[i, film], i) for i in np.asarray(basket).tolist() if B[i, film] > 0]
    return np.array([i for _, i in sorted(good)[:k]], dtype=int)


def _baskets():
    """Weights in quarters, so that there are ties; rows and columns differ."""
    rng = np.random.default_rng(351)
    B = rng.integers(-3, 4, (9, 9)) / 4
    np.fill_diagonal(B, 0.0)
    small = np.zeros((4, 4))
    small[0, 3], small[1, 3], small[3, 0] = 0.5, 0.5, -0.5
    return [
        (B, np.array([7, 0, 3, 5]), 1, 2),
        (B, np.array([8, 6, 2, 1, 0]), 4, 5),
        (B, np.array([1, 2, 3, 4, 5, 6, 7, 8]), 0, 3),
        (small, np.array([2, 1, 0]), 3, 3),
        (small, np.array([3, 1]), 0, 2),
    ]


exercise_function("3.5-because", _reasons, _baskets, "the reasons")


def _prices(X, reg):
    """What each film's regression leaves, with its penalty: the multiplier."""
    prices = np.empty(X.shape[1])
    for j in range(X.shape[1]):
        others, x = np.delete(X, j, axis=1), X[:, j]
        M = others.T @ others + reg * np.eye(others.shape[1])
        b = np.linalg.solve(M, others.T @ x)
        prices[j] = ((x - others @ b) ** 2).sum() + reg * (b**2).sum()
    return prices


exercise_function(
    "3.5-price",
    _prices,
    lambda: [(X, reg) for X, reg in zip(_tables(), (1.0, 0.5, 20.0, 2.0), strict=True)],
    "the multipliers",
    atol=1e-8,
)


def _edlae(X, reg, dropout):
    """One regression a film, each other film with its own penalty."""
    n_items = X.shape[1]
    B = np.zeros((n_items, n_items))
    for j in range(n_items):
        others = np.array([i for i in range(n_items) if i != j])
        Y = X[:, others]
        penalty = reg + dropout / (1.0 - dropout) * Y.sum(axis=0)
        B[others, j] = np.linalg.solve(Y.T @ Y + np.diag(penalty), Y.T @ X[:, j])
    return B


def _hidings():
    settings = [(1.0, 0.5), (0.5, 0.2), (10.0, 0.75), (2.0, 0.0)]
    return [(X, *both) for X, both in zip(_tables(), settings, strict=True)]


exercise_function("3.5-edlae", _edlae, _hidings, "B", atol=1e-8)


def _slim_column(G, j, reg_l1, reg_l2, n_rounds):
    b = [0.0] * len(G)
    for _ in range(n_rounds):
        for i in range(len(G)):
            if i == j:
                continue
            taken = sum(G[i, other] * b[other] for other in range(len(G)) if other != i)
            b[i] = max(0.0, G[i, j] - taken - reg_l1) / (G[i, i] + reg_l2)
    return np.array(b)


def _columns():
    grams = [X.T @ X for X in _tables()]
    return [
        (grams[0], 1, 0.5, 1.0, 1),
        (grams[1], 0, 1.0, 2.0, 2),
        (grams[1], 5, 0.0, 5.0, 3),
        (grams[2], 4, 1.5, 0.5, 30),
        (grams[3], 3, 0.2, 1.0, 2),
    ]


exercise_function("3.5-slim", _slim_column, _columns, "the column", atol=1e-8)


def _arrives(P, x):
    return np.linalg.inv(np.linalg.inv(P) + np.outer(x, x))


def _arrivals():
    cases = []
    for X, reg in zip(_tables(), (1.0, 4.0, 0.5, 2.0), strict=True):
        P = np.linalg.inv(X[:-1].T @ X[:-1] + reg * np.eye(X.shape[1]))
        cases.append((P, X[-1]))
    return cases


def _inverse(*_, **__):
    raise Problem("that is another inverse, n^3 steps: v and c are all it takes")


@exercise("3.5-arrives")
def arrives(answer):
    """The matrix, and no inverse or system of equations on the way to it."""
    for P, x in _arrivals():
        with mock.patch.multiple(np.linalg, inv=_inverse, solve=_inverse):
            got = call(answer, P, x)
        if problem := same(got, _arrives(P, x), "the new matrix", atol=1e-8):
            return f"with ({describe(P, most=8)}, {describe(x)}): {problem}"
    return None
