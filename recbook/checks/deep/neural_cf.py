"""Checks of chapter 4.2, a product or a network."""

import itertools
import math

import numpy as np

from recbook.checks import call, exercise, exercise_function, exercise_value, same


def _sigmoid(z):
    return np.exp(-np.logaddexp(0.0, -np.asarray(z, dtype=float)))


def _loss(z, y):
    return float(np.logaddexp(0.0, z) - y * z), float(_sigmoid(z) - y)


exercise_value(
    "4.2-loss",
    lambda: (*_loss(-2.0, 1), *_loss(-2.0, 0)),
    "(loss, e, loss, e)",
    atol=6e-3,  # a pencil's two decimals
)


@exercise("4.2-twice")
def twice(answer):
    """A pencil's digits for the large slope, two of them for the small one."""
    chance = float(_sigmoid(-6.0))
    slopes = chance - 1, (float(_sigmoid(chance)) - 1) * chance * (1 - chance)
    if problem := same(answer, slopes, "(once, twice)", atol=6e-3):
        return problem
    return same(answer[1], slopes[1], "the slope with two sigmoids", atol=4e-5)


def _step(p, q, h, b, y, lr):
    e = _sigmoid(h @ (p * q) + b) - y
    return p - lr * e * h * q, q - lr * e * h * p, h - lr * e * p * q, b - lr * e


def _pairs():
    rng = np.random.default_rng(42)
    cases = []
    for f, y in ((2, 1), (3, 0), (5, 1)):
        p, q, h = rng.normal(size=(3, f)).round(2)
        cases.append((p, q, h, round(float(rng.normal()), 2), y, 0.5))
    return cases


exercise_function("4.2-step", _step, _pairs, "(p, q, h, b)", atol=1e-9)


@exercise("4.2-dot")
def dot(answer):
    """Any two matrices with the right product: the shapes and the product are asked."""
    rng = np.random.default_rng(421)
    for m, n, f in ((3, 4, 2), (6, 5, 3), (2, 7, 1)):
        P, Q, h = rng.normal(size=(m, f)), rng.normal(size=(n, f)), rng.normal(size=f)
        b = float(rng.normal())
        made = call(answer, P, Q, h, b)
        if not isinstance(made, tuple | list) or len(made) != 2:
            return "return two matrices, (A, B)"
        A, B = (np.asarray(matrix) for matrix in made)
        if A.ndim != 2 or B.ndim != 2 or A.shape[0] != m or B.shape[0] != n:
            return (
                f"A needs a row for each of {m} people and B one for each of {n} "
                f"films; they have the shapes {A.shape} and {B.shape}"
            )
        if A.shape[1] != B.shape[1] or A.shape[1] > f + 1:
            return (
                f"with f = {f} both are to have the same width, {f + 1} at most; they "
                f"have {A.shape[1]} and {B.shape[1]}"
            )
        logits = (P * h) @ Q.T + b
        if problem := same(A @ B.T, logits, "A @ B.T", atol=1e-9):
            return problem
    return None


def _slopes(p, q, layers, h, b, y):
    outputs = [np.concatenate([p, q])]
    for W, offset in layers:
        outputs.append(np.maximum(outputs[-1] @ W + offset, 0.0))
    slope = (_sigmoid(outputs[-1] @ h + b) - y) * h
    for level in range(len(layers) - 1, -1, -1):
        slope = layers[level][0] @ (slope * (outputs[level + 1] > 0))
    return slope[: len(p)], slope[len(p) :]


def _networks():
    rng = np.random.default_rng(422)
    cases = []
    for f, widths, y in ((2, (3,), 1), (3, (5, 4), 0), (4, (6, 5, 3), 1)):
        sizes = [2 * f, *widths]
        layers = [
            (rng.normal(size=(a, c)), rng.normal(size=c))
            for a, c in itertools.pairwise(sizes)
        ]
        p, q = rng.normal(size=(2, f))
        cases.append((p, q, layers, rng.normal(size=widths[-1]), 0.3, y))
    return cases


exercise_function("4.2-back", _slopes, _networks, "the two slopes", atol=1e-8)


def _tables():
    rng = np.random.default_rng(423)
    cases = []
    for shape, n_negatives in (((3, 5), 1), ((4, 9), 4), ((6, 20), 8)):
        counts = rng.integers(1, shape[1], size=shape[0])
        counts[0] = 0
        cases.append((rng.normal(0, 2, shape), counts, n_negatives))
    return cases


@exercise("4.2-mend")
def mend(answer):
    """The odds times tau, silently where there are no ratings."""
    for z, counts, n_negatives in _tables():
        odds = np.exp(z) * (n_negatives * counts / (z.shape[1] - counts))[:, None]
        with np.errstate(all="raise", under="ignore"):
            chances = answer(z, counts, n_negatives)
        problem = same(chances, odds / (1 + odds), "the probabilities", atol=1e-9)
        if problem:
            return problem
    return None


def _chance(place, n_items, n_negatives, k):
    ways = sum(
        math.comb(place - 1, j) * math.comb(n_items - place, n_negatives - j)
        for j in range(min(k, n_negatives + 1))
    )
    return ways / math.comb(n_items - 1, n_negatives)


exercise_function(
    "4.2-chance",
    _chance,
    [
        (1, 50, 9, 1),
        (5, 20, 6, 2),
        (30, 200, 99, 10),
        (160, 1682, 99, 10),
        (50, 50, 20, 10),
        (7, 12, 5, 10),
    ],
    "the probability",
    atol=1e-9,
)
