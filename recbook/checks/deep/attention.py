"""Checks of chapter 4.4, attention."""

import functools

import numpy as np

from recbook.checks import exercise, exercise_function, same
from recbook.checks.guard import remember
from recbook.checks.inside import without, without_loop

BY_HAND = without("recbook")


def _softmax(scores, mask=None):
    """Weights over the last axis; zeros where nothing is real."""
    real = np.broadcast_to(True if mask is None else mask, scores.shape)
    low = np.where(real, scores, -np.inf)
    top = np.max(low, axis=-1, keepdims=True, initial=-1e300)
    powers = np.exp(low - top)
    total = powers.sum(axis=-1, keepdims=True)
    return powers / np.where(total > 0, total, 1.0)


def _rows():
    rng = np.random.default_rng(44)
    rows = [(rng.normal(size=n), rng.random(n) < 0.6) for n in (3, 6, 9)]
    rows.append((np.array([1e4, 9999.0, -1e4]), np.array([True, True, True])))
    rows.append((np.array([5.0, 900.0, 1.0]), np.array([True, False, True])))
    rows.append((np.array([np.nan, 1.0, 2.0]), np.array([False, True, True])))
    return rows


def _literally(scores, mask):
    powers = np.exp(np.where(mask, scores, -np.inf))
    return powers / powers.sum()


def _past_padding(scores, mask):
    powers = np.exp(scores - scores.max()) * mask
    return powers / powers.sum()


SOFTMAX = {
    "the mask comes too late: padding has taken part in the sum": (
        lambda scores, mask: _softmax(scores) * mask
    ),
    "the exponential overflows: what can be taken off all scores?": _literally,
    "padding has a score of 0, which is a score like others": (
        lambda scores, mask: _softmax(np.where(mask, scores, 0.0))
    ),
    "what is taken off is the largest score of all, padding among them": _past_padding,
    "True is a real step, and not padding": lambda scores, mask: _softmax(
        scores, ~mask
    ),
    "a NaN stays a NaN whatever is added to it: it has to be replaced": (
        lambda scores, mask: _softmax(scores - 1e300 * ~mask)
    ),
}


@exercise("4.4-softmax", slips=SOFTMAX)
def softmax(answer):
    """Right on real steps; untouched by padding; zeros where nobody is real."""
    empty = np.array([3.0, 1.0]), np.array([False, False])
    with np.errstate(all="ignore"):
        results = [(answer(*row), row) for row in [*_rows(), empty]]
        for weights, (scores, mask) in results:
            expected = _softmax(np.where(mask, scores, 0.0), mask)
            what = "the weights" if mask.any() else "a row without a real step"
            if problem := same(weights, expected, what, atol=1e-10):
                remember((scores, mask))
                return _softmax_slip(results[:-1]) or problem
    return BY_HAND(answer)


def _softmax_slip(results):
    for message, slip in SOFTMAX.items():
        if not any(same(got, slip(*row), atol=1e-10) for got, row in results):
            return message
    return None


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


ADDITIVE = {
    "tanh is missing between the two layers": (
        lambda S, H, W_q, W_k, v: (S @ W_q.T @ v)[:, None] + H @ W_k.T @ v
    ),
    "query and step are added up after tanh: it is to be before": (
        lambda S, H, W_q, W_k, v: (
            (np.tanh(S @ W_q.T) @ v)[:, None] + np.tanh(H @ W_k.T) @ v
        )
    ),
    "a row belongs to a query, a column to a step": lambda *case: _additive(*case).T,
}
exercise_function(
    "4.4-additive",
    _additive,
    _networks,
    "the scores",
    slips=ADDITIVE,
    then=without_loop,
)


def _query_slope(s, H, g, scale=1.0, centred=1.0):
    """Another scale, or steps that are not compared with the context, are slips."""
    alpha = _softmax(H @ s / scale)
    c = alpha @ H
    return (alpha * ((H - centred * c) @ g)) @ H / scale


def _score_slopes(s, H, g):
    alpha = _softmax(H @ s)
    return alpha * ((H - alpha @ H) @ g)


def _queries():
    rng = np.random.default_rng(442)
    shapes = [(2, 3), (3, 5), (4, 6)]
    return [
        tuple(rng.normal(size=shape) for shape in ((d,), (steps, d), (d,)))
        for d, steps in shapes
    ]


SLOPES = {
    "the weights sum to 1, so one that grows takes from the others: where is c?": (
        functools.partial(_query_slope, centred=0.0)
    ),
    "these are the slopes in the scores: how does a score move with the query?": (
        _score_slopes
    ),
    "the plain dot score is not scaled": (
        lambda s, *rest: _query_slope(s, *rest, scale=np.sqrt(len(s)))
    ),
    "the sign is that of a step down, not of the slope": (
        lambda *case: -_query_slope(*case)
    ),
}
exercise_function("4.4-slopes", _query_slope, _queries, "the slope", slips=SLOPES)


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


def _triangle(codes, k=0):
    return np.tri(codes.shape[1], k=k, dtype=bool)


MASKS = {
    "no step may look ahead: this mask hides padding alone": (
        lambda codes: (codes != 0)[:, None] & np.ones_like(_triangle(codes))
    ),
    "padding may be looked at by nobody: this mask hides the future alone": (
        lambda codes: np.array([_triangle(codes)] * len(codes))
    ),
    "your mask hides a step from itself: the present is not the future": (
        lambda codes: (codes != 0)[:, None] & _triangle(codes, -1)
    ),
    "a step sees the one that comes next: the mask is off by one": (
        lambda codes: (codes != 0)[:, None] & _triangle(codes, 1)
    ),
    "this looks ahead and not back: rows are queries, columns are keys": (
        lambda codes: (codes != 0)[:, None] & _triangle(codes).T
    ),
}


@exercise("4.4-masks", slips=MASKS)
def masks(answer):
    """A query that is padding is not asked for, but may look at nothing forbidden."""
    results = [(answer(codes), codes) for (codes,) in _codes()]
    for mask, codes in results:
        expected = _may_look(codes)
        if problem := _mask_problem(mask, expected, codes):
            remember((codes,))
            return _mask_slip(results) or problem
    return None


def _mask_slip(results):
    for message, slip in MASKS.items():
        if not any(_mask_problem(mask, slip(codes), codes) for mask, codes in results):
            return message
    return None


def _mask_problem(mask, expected, codes):
    shaped = isinstance(mask, np.ndarray) and mask.shape == expected.shape
    if shaped and mask.dtype == bool:
        padding = (codes == 0)[:, :, None]
        expected = np.where(padding, mask & expected, expected)
    return same(mask, expected, "the mask", atol=0)


def _fading(s, H, decay, scale=None):
    """With another scale: a slip."""
    ages = len(H) - 1 - np.arange(len(H))
    return _softmax(H @ s / (scale or np.sqrt(len(s))) - decay * ages)


def _fading_too_late(s, H, decay):
    return _fading(s, H, 0.0) * np.exp(-decay * np.arange(len(H))[::-1])


def _pasts():
    rng = np.random.default_rng(444)
    return [
        (rng.normal(size=d), rng.normal(size=(steps, d)), decay)
        for d, steps, decay in ((2, 3, 0.5), (4, 6, 0.0), (3, 5, 2.0))
    ]


RECENCY = {
    "here age helps a step instead of costing it: the last step has age 0": (
        lambda s, H, decay: _fading(s, H, -decay)
    ),
    "the score is not scaled": functools.partial(_fading, scale=1),
    "the root is that of the number of steps: take the length of a vector": (
        lambda s, H, decay: _fading(s, H, decay, np.sqrt(len(H)))
    ),
    "the weights fade after the softmax and no longer sum to 1": _fading_too_late,
}
exercise_function("4.4-recency", _fading, _pasts, "the weights", slips=RECENCY)


def _multi_heads(X, W_Q, W_K, W_V, W_O, n_heads, mask, scale=None, weights=_softmax):
    """With a ``scale`` or ``weights`` of its own: a slip."""
    size, Y = X.shape[2] // n_heads, np.zeros(X.shape)
    for k in range(n_heads):
        head = slice(k * size, (k + 1) * size)
        q, keys, v = (X @ W[:, head] for W in (W_Q, W_K, W_V))
        alpha = weights(q @ keys.swapaxes(1, 2) / np.sqrt(scale or size), mask)
        Y += alpha @ v @ W_O[head]
    return Y


def _mixed_heads(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    B, T, d = X.shape
    cut = B, n_heads, T, d // n_heads
    q, keys, v = ((X @ W).reshape(cut) for W in (W_Q, W_K, W_V))
    e = q @ keys.swapaxes(2, 3) / np.sqrt(d // n_heads)
    return (_softmax(e, mask[:, None]) @ v).reshape(B, T, d) @ W_O


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


HEADS = {
    "the root is that of d: take the length of what a head multiplies": (
        lambda X, *rest: _multi_heads(X, *rest, scale=X.shape[2])
    ),
    "all of d is one head here": (lambda *case: _multi_heads(*case[:5], 1, case[-1])),
    "the scores are not scaled": functools.partial(_multi_heads, scale=1),
    "the mask is missing": (
        functools.partial(_multi_heads, weights=lambda e, mask: _softmax(e))
    ),
    "the mask comes after the softmax: weights no longer sum to 1": (
        functools.partial(_multi_heads, weights=lambda e, mask: _softmax(e) * mask)
    ),
    "steps and heads are mixed: reshaping alone does not move an axis": _mixed_heads,
    "W_O is missing at the end": (
        lambda *case: _multi_heads(*case[:4], np.eye(len(case[4])), *case[5:])
    ),
}
exercise_function(
    "4.4-heads", _multi_heads, _batches, "the outputs", slips=HEADS, then=BY_HAND
)
