"""Checks of chapter 4.4, attention."""

import numpy as np

from recbook.checks import exercise, exercise_function, exercise_value, same


def _softmax(scores, mask=None):
    """Weights over the last axis; zeros where nothing is real."""
    real = np.broadcast_to(True if mask is None else mask, scores.shape)
    low = np.where(real, scores, -np.inf)
    top = np.max(low, axis=-1, keepdims=True, initial=-1e300)
    powers = np.exp(low - top)
    total = powers.sum(axis=-1, keepdims=True)
    return powers / np.where(total > 0, total, 1.0)


_FAY = np.array([[2, 0], [2, 1], [1, 0], [0, 2], [0, 1], [1, 2.0]])

exercise_value(
    "4.4-hand", lambda: _softmax(_FAY.sum(axis=1)) @ _FAY, "the context", atol=0.006
)
exercise_value(
    "4.4-variance", lambda: (2.0, 1 / 3), "the two standard deviations", atol=0.01
)


def _rows():
    rng = np.random.default_rng(44)
    rows = [(rng.normal(size=n), rng.random(n) < 0.6) for n in (3, 6, 9)]
    rows.append((np.array([1e4, 9999.0, -1e4]), np.array([True, True, True])))
    rows.append((np.array([5.0, 900.0, 1.0]), np.array([True, False, True])))
    rows.append((np.array([np.nan, 1.0, 2.0]), np.array([False, True, True])))
    return rows


@exercise("4.4-softmax")
def softmax(answer):
    """Right on real steps; untouched by padding; zeros where nobody is real."""
    for scores, mask in _rows():
        expected = _softmax(np.where(mask, scores, 0.0), mask)
        with np.errstate(all="ignore"):
            weights = answer(scores, mask)
        if problem := same(weights, expected, "the weights", atol=1e-10):
            return problem
    empty = np.array([3.0, 1.0]), np.array([False, False])
    with np.errstate(all="ignore"):
        weights = answer(*empty)
    return same(weights, np.zeros(2), "a row without a real step", atol=1e-12)


def _additive(S, H, W_q, W_k, v):
    return np.array([[v @ np.tanh(W_q @ s + W_k @ h) for h in H] for s in S])


def _networks():
    rng = np.random.default_rng(441)
    cases = []
    for n, steps, d_q, d_h, width in (
        (2, 3, 2, 2, 2),
        (1, 4, 3, 2, 5),
        (5, 7, 2, 4, 3),
    ):
        shapes = (n, d_q), (steps, d_h), (width, d_q), (width, d_h), (width,)
        cases.append(tuple(rng.normal(size=shape) for shape in shapes))
    return cases


exercise_function("4.4-additive", _additive, _networks, "the scores")


def _query_slope(s, H, g):
    alpha = _softmax(H @ s)
    c = alpha @ H
    return sum(a * (g @ (h - c)) * h for a, h in zip(alpha, H, strict=True))


def _queries():
    rng = np.random.default_rng(442)
    shapes = [(2, 3), (3, 5), (4, 6)]
    return [
        tuple(rng.normal(size=shape) for shape in ((d,), (steps, d), (d,)))
        for d, steps in shapes
    ]


exercise_function("4.4-slopes", _query_slope, _queries, "the slope")


def _may_look(codes):
    batch, steps = codes.shape
    may = np.zeros((batch, steps, steps), dtype=bool)
    for b, t, r in np.ndindex(may.shape):
        may[b, t, r] = r <= t and codes[b, r] != 0
    return may


def _codes():
    rng = np.random.default_rng(443)
    padded = np.array([[0, 0, 3, 1], [2, 5, 1, 4], [0, 0, 0, 0]])
    return [(padded,), (rng.integers(0, 3, (2, 5)),), (rng.integers(0, 9, (4, 3)),)]


@exercise("4.4-masks")
def masks(answer):
    """A query that is padding is not asked for, but may look at nothing forbidden."""
    for (codes,) in _codes():
        expected = _may_look(codes)
        mask = answer(codes)
        shaped = isinstance(mask, np.ndarray) and mask.shape == expected.shape
        if shaped and mask.dtype == bool:
            padding = (codes == 0)[:, :, None]
            expected = np.where(padding, mask & expected, expected)
        if problem := same(mask, expected, "the mask", atol=0):
            return problem
    return None


def _fading(s, H, decay):
    ages = len(H) - 1 - np.arange(len(H))
    return _softmax(H @ s / np.sqrt(len(s)) - decay * ages)


def _pasts():
    rng = np.random.default_rng(444)
    return [
        (rng.normal(size=d), rng.normal(size=(steps, d)), decay)
        for d, steps, decay in ((2, 3, 0.5), (4, 6, 0.0), (3, 5, 2.0))
    ]


exercise_function("4.4-recency", _fading, _pasts, "the weights")


def _multi_heads(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    size, Y = X.shape[2] // n_heads, np.zeros(X.shape)
    for k in range(n_heads):
        head = slice(k * size, (k + 1) * size)
        q, keys, v = (X @ W[:, head] for W in (W_Q, W_K, W_V))
        alpha = _softmax(q @ keys.swapaxes(1, 2) / np.sqrt(size), mask)
        Y += alpha @ v @ W_O[head]
    return Y


def _batches():
    rng = np.random.default_rng(445)
    cases = []
    for batch, steps, size, n_heads in ((1, 3, 2, 1), (2, 4, 2, 3), (3, 5, 3, 2)):
        d = size * n_heads
        maps = [rng.normal(size=(d, d)) for _ in range(4)]
        mask = rng.random((batch, steps, steps)) < 0.5
        mask |= np.eye(steps, dtype=bool)
        cases.append((rng.normal(size=(batch, steps, d)), *maps, n_heads, mask))
    return cases


exercise_function("4.4-heads", _multi_heads, _batches, "the outputs")
