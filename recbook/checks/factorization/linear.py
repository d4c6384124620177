"""Checks of chapter 3.5, linear models of items."""

import math

import numpy as np
from scipy.linalg import inv as inverse  # not by the name that 3.5-arrives rules out

from recbook.checks import exercise_function, exercise_value
from recbook.checks.inside import used_by

# The cofactor of Dune and Coco: 2 · 3 − (4 + λ) · 1
exercise_value(
    "3.5-zero",
    lambda: 2.0 * 3.0 / 1.0 - 4.0,
    "the number of people",
    atol=1e-6,
    slips={
        "λ is added to a count that is on the diagonal already": lambda: 2.0 * 3.0,
        "the cofactor is a difference of two products, not a sum": (
            lambda: 2.0 * 3.0 + 4.0
        ),
        "the product with λ has a minus: a larger λ makes the cofactor smaller": (
            lambda: 4.0 - 2.0 * 3.0
        ),
        "λ is added on the diagonal, not multiplied": lambda: 2.0 * 3.0 / 4.0,
        "the table by hand has its own λ on the diagonal: begin with G": (
            lambda: 2.0 * 3.0 - 5.0
        ),
    },
)

_LARGEST_SLIPS = {
    "B has a number for each pair of items": lambda memory: memory // 8,
    "a number takes 8 bytes": math.isqrt,
    "the nearest whole number may be one item too many: round down": (
        lambda memory: round(math.sqrt(memory / 8))
    ),
    "rounded up is one item more than fits: round down": (
        lambda memory: math.ceil(math.sqrt(memory / 8))
    ),
}
exercise_function(
    "3.5-largest",
    lambda memory: math.isqrt(memory // 8),
    [(32_000_000,), (16_000_000_000,), (8 * 1000**2 - 1,), (8 * 777**2 + 5,), (800,)],
    "the number of items",
    slips=_LARGEST_SLIPS,
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


def _reasons(B, basket, film, k, later=1, least=0.0):
    basket = [i for i in np.asarray(basket).tolist() if B[i, film] > least]
    ordered = sorted(basket, key=lambda i: (-B[i, film], later * i))
    return np.array(ordered[:k], dtype=int)


def _places(B, basket, film, k):
    weights = B[basket, film]
    order = np.argsort(-weights, kind="stable")
    return order[weights[order] > 0][:k]


_REASON_SLIPS = {
    "B is not symmetric: that is what the film does for others": (
        lambda B, *rest: _reasons(B.T, *rest)
    ),
    "a film whose weight is not positive is no reason": (
        lambda *case: _reasons(*case, least=-np.inf)
    ),
    "a weight of 0 is no reason": lambda *case: _reasons(*case, least=-1e-9),
    "ties go to the lower code, however the basket is sorted": (
        lambda B, basket, *rest: basket[_places(B, basket, *rest)]
    ),
    "only films of the basket are reasons": (
        lambda B, basket, film, k: _reasons(B, np.arange(len(B)), film, k)
    ),
    "those are positions in the basket: codes are asked for": _places,
}


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


exercise_function("3.5-because", _reasons, _baskets, "the reasons", slips=_REASON_SLIPS)


def _prices(X, reg):
    """What each film's regression leaves, with its penalty: the multiplier."""
    prices = np.empty(X.shape[1])
    for j in range(X.shape[1]):
        others, x = np.delete(X, j, axis=1), X[:, j]
        M = others.T @ others + reg * np.eye(others.shape[1])
        b = np.linalg.solve(M, others.T @ x)
        prices[j] = ((x - others @ b) ** 2).sum() + reg * (b**2).sum()
    return prices


_PRICE_SLIPS = {
    "λ stands in that equation, too": lambda X, reg: _prices(X, reg) + reg,
    "those are the entries of the inverse: solve its equation for γ": (
        lambda X, reg: 1 / (_prices(X, reg) + reg)
    ),
    "that is the diagonal before the inverse: what do other films explain of it?": (
        lambda X, reg: np.diag(X.T @ X)
    ),
}
exercise_function(
    "3.5-price",
    _prices,
    lambda: [(X, reg) for X, reg in zip(_tables(), (1.0, 0.5, 20.0, 2.0), strict=True)],
    "the multipliers",
    atol=1e-8,
    slips=_PRICE_SLIPS,
)


def _edlae(X, reg, dropout):
    """One regression for each film, each other film with its own penalty."""
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


_EDLAE_SLIPS = {
    "what is hidden weighs against what is not: p alone is not the factor": (
        lambda X, reg, p: _edlae(X, reg, p / (1 + p))
    ),
    "each entry is divided by the diagonal of its column, not of its row": (
        lambda *case: _edlae(*case).T
    ),
    "the diagonal of B is 0": lambda *case: _edlae(*case) - np.eye(case[0].shape[1]),
    "the dropout is missing: that is EASE": lambda X, reg, _: _edlae(X, reg, 0.0),
    "the sign is turned: films that go together have weights above 0": lambda *case: (
        -_edlae(*case)
    ),
}
exercise_function("3.5-edlae", _edlae, _hidings, "B", atol=1e-8, slips=_EDLAE_SLIPS)


def _slim_column(G, j, l1, l2, n_rounds, own=0, least=0.0, newest=True, itself=False):
    b = [0.0] * len(G)
    for _ in range(n_rounds):
        seen = b if newest else list(b)
        for i in range(len(G)):
            if i == j and not itself:
                continue
            taken = sum(
                g * (own if k == i else 1) * seen[k] for k, g in enumerate(G[i])
            )
            b[i] = max(least, G[i, j] - taken - l1) / (G[i, i] + l2)
    return np.array(b)


_SLIM_SLIPS = {
    "a film's own weight is taken off as well: give its part back": (
        lambda *case: _slim_column(*case, own=1)
    ),
    "the weights are not the newest: a film sees those set in the same round": (
        lambda *case: _slim_column(*case, newest=False)
    ),
    "no weight is below 0": lambda *case: _slim_column(*case, least=-np.inf),
    "film j may not explain itself": lambda *case: _slim_column(*case, itself=True),
    "the threshold of reg_l1 is missing": (
        lambda G, j, _, l2, n: _slim_column(G, j, 0.0, l2, n)
    ),
    "reg_l2 is missing": lambda G, j, l1, _, n: _slim_column(G, j, l1, 0.0, n),
}


def _columns():
    grams = [X.T @ X for X in _tables()]
    return [
        (grams[0], 1, 0.5, 1.0, 1),
        (grams[1], 0, 1.0, 2.0, 2),
        (grams[1], 5, 0.0, 5.0, 3),
        (grams[2], 4, 1.5, 0.5, 30),
        (grams[3], 3, 0.2, 1.0, 2),
    ]


exercise_function(
    "3.5-slim", _slim_column, _columns, "the column", atol=1e-8, slips=_SLIM_SLIPS
)


def _arrives(P, x):
    return inverse(inverse(P) + np.outer(x, x))


def _arrivals():
    cases = []
    for X, reg in zip(_tables(), (1.0, 4.0, 0.5, 2.0), strict=True):
        P = np.linalg.inv(X[:-1].T @ X[:-1] + reg * np.eye(X.shape[1]))
        cases.append((P, X[-1]))
    return cases


def _without_inverse(answer):
    names = used_by(answer)  # a helper may be called solve
    if {"inv", "solve"} & names and any("linalg" in name for name in names):
        return (
            "the values are right, by another inverse of n^3 steps: v and c are enough"
        )
    return None


_ARRIVES_SLIPS = {
    "the factor c is missing: multiply by the new matrix to find it": (
        lambda P, x: P - np.outer(P @ x, P @ x)
    ),
    "c lacks a term: multiply by the new matrix once more": (
        lambda P, x: P - np.outer(P @ x, P @ x) / (x @ P @ x)
    ),
    "more evidence makes the inverse smaller, yours has grown": (
        lambda P, x: 2 * P - _arrives(P, x)
    ),
    "G grows by x xᵀ, its inverse does not": lambda P, x: P + np.outer(x, x),
}
exercise_function(
    "3.5-arrives",
    _arrives,
    _arrivals,
    "the new matrix",
    atol=1e-8,
    slips=_ARRIVES_SLIPS,
    then=_without_inverse,
)
