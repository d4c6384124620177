"""Checks of chapter 4.5, what comes next."""

import functools

import numpy as np

from recbook.checks import exercise_function, exercise_value


def _transitions(sequences, n_items):
    counts = np.zeros((n_items, n_items))
    for sequence in sequences:
        for step in range(1, len(sequence)):
            counts[sequence[step - 1], sequence[step]] += 1
    return counts


def _sequences():
    rng = np.random.default_rng(451)
    drawn = [rng.integers(0, 6, size).tolist() for size in (5, 1, 0, 9, 7)]
    return [
        ([[0, 1, 2], [1, 2], [2]], 4),
        ([[0, 0, 0, 1], []], 2),  # the same film three times running
        (drawn, 6),
    ]


def _once_each(sequences, n_items):
    counts = np.zeros((n_items, n_items))
    for s in sequences:
        counts[s[:-1], s[1:]] += 1
    return counts


TRANSITIONS = {
    "with arrays, += counts a repeated pair of a sequence only once": (_once_each),
    "whether a step was taken is not how often it was taken": (
        lambda *case: (_transitions(*case) > 0) * 1.0
    ),
    "a row is where a step begins, a column where it ends": (
        lambda *case: _transitions(*case).T
    ),
    "the end of a sequence is no step to the beginning of the next": (
        lambda sequences, n: _transitions([[i for s in sequences for i in s]], n)
    ),
    "counts are asked for, and not yet what is made of them": (
        lambda *case: (
            _transitions(*case)
            / np.maximum(_transitions(*case).sum(axis=1, keepdims=True), 1)
        )
    ),
}
exercise_function(
    "4.5-transitions",
    _transitions,
    _sequences,
    "the counts",
    atol=1e-12,
    slips=TRANSITIONS,
)


def _smoothed(beta=2, n=1, shares=(0.1, 0.2), more=2):
    """Of Babe and Up after Coco, from one step to Babe."""
    steps = (1, 0)
    return [(k + beta * x) / (n + more) for k, x in zip(steps, shares, strict=True)]


exercise_value(
    "4.5-smoothed",
    _smoothed,
    "(Babe, Up)",
    atol=0.005,
    slips={
        "smoothing is missing": lambda: _smoothed(beta=0, more=0),
        "the end of a sequence is no step": lambda: _smoothed(n=4),
        "β belongs below the line, too": lambda: _smoothed(more=0),
        "β multiplies the share of a film": lambda: _smoothed(beta=1),
        "smoothing pulls towards the share of each film, not towards an even one": (
            lambda: _smoothed(shares=(1 / 6, 1 / 6))
        ),
    },
)


def _window(history, n_steps, shift=1):
    last = [int(i) + shift for i in history][-n_steps:]
    return np.array([0] * (n_steps - len(last)) + last)


def _padded_right(history, n_steps):
    last = [i + 1 for i in history][-n_steps:]
    return np.array(last + [0] * (n_steps - len(last)))


def _histories():
    return [
        ([3, 0, 7], 5),
        ([3, 0, 7], 2),
        ([], 3),
        ([4, 4, 1, 9, 0, 2, 6], 7),
        (list(range(30)), 1),
    ]


WINDOW = {
    "0 is padding here, so no item may be written as 0": (
        functools.partial(_window, shift=0)
    ),
    "the padding is on the right: the newest item belongs at the end": (_padded_right),
    "these are the first items of the history, not the last": (
        lambda history, n: _window(history[:n], n)
    ),
    "the newest item comes first: the order of the history is to stay": (
        lambda history, n: _window(history[-n:][::-1], n)
    ),
}
exercise_function("4.5-window", _window, _histories, "the window", slips=WINDOW)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _note(x, h, r, W_h, U_h, b_in, b_state):
    return np.tanh(W_h @ x + b_in + r * (U_h @ h + b_state))


def _state(x, h, W, U, b_in, b_state, note=_note):
    z, r = (_sigmoid(W[k] @ x + U[k] @ h + b_in[k] + b_state[k]) for k in range(2))
    return z * h + (1 - z) * note(x, h, r, W[2], U[2], b_in[2], b_state[2])


def _steps():
    rng = np.random.default_rng(452)
    cases = []
    for d, width in ((1, 1), (3, 2), (2, 4)):
        W = [rng.normal(size=(d, width)) for _ in range(3)]
        U = [rng.normal(size=(d, d)) for _ in range(3)]
        b_in, b_state = (list(rng.normal(size=(3, d))) for _ in range(2))
        cases.append((rng.normal(size=width), rng.normal(size=d), W, U, b_in, b_state))
    return cases


def _early(x, h, r, W_h, U_h, b_in, b_state):
    return np.tanh(W_h @ x + b_in + U_h @ (r * h) + b_state)


def _outside(x, h, r, W_h, U_h, b_in, b_state):
    return np.tanh(W_h @ x + b_in + r * (U_h @ h) + b_state)


def _bare(*args):
    return np.arctanh(_note(*args))


def _turned(x, h, W, U, b_in, b_state):
    """1 - z in place of z: the sigmoid of the opposite."""
    turned = ([-m[0], *m[1:]] for m in (W, U, b_in, b_state))
    return _state(x, h, *turned)


STATE = {
    "old and new are exchanged: z is what is kept of the old state": _turned,
    "r multiplies the state before the matrix: that is the first version of the GRU": (
        functools.partial(_state, note=_early)
    ),
    "the second bias of the new note belongs into the bracket of r": (
        functools.partial(_state, note=_outside)
    ),
    "the new note has not gone through tanh": functools.partial(_state, note=_bare),
    "z and r are exchanged: the order of the matrices is z, r, h": (
        lambda x, h, *lists: _state(x, h, *([m[1], m[0], m[2]] for m in lists))
    ),
}
exercise_function("4.5-state", _state, _steps, "the new state", atol=1e-9, slips=STATE)


def _may_look(window):
    n = len(window)
    return np.array([[j <= t and window[j] > 0 for j in range(n)] for t in range(n)])


def _windows():
    rows = ([0, 0, 3, 1], [5, 2, 2, 8], [0, 0, 0], [7], [0, 4])
    return [(np.array(row),) for row in rows]


def _masked(window, k=0, real=True):
    """A triangle that is moved by ``k``, or one that lets padding in: a slip."""
    return np.tri(len(window), k=k, dtype=bool) & ((window > 0) | (not real))


MASK = {
    "your mask hides a step from itself: the present is not the future": (
        functools.partial(_masked, k=-1)
    ),
    "a step sees the one that comes next: the mask is off by one": (
        functools.partial(_masked, k=1)
    ),
    "padding may be looked at by nobody: only the future is hidden": (
        functools.partial(_masked, real=False)
    ),
    "no step may look ahead: only padding is hidden": (
        functools.partial(_masked, k=99)
    ),
    "what is looked at are columns: the padding is hidden in the rows": (
        lambda window: _masked(window, real=False) & (window > 0)[:, None]
    ),
    "this looks ahead and not back: the triangle is upside down": (
        lambda window: _masked(window, real=False).T & (window > 0)
    ),
    "the mask is upside down: True is where a step may look": (
        lambda window: ~_masked(window)
    ),
}
exercise_function("4.5-mask", _may_look, _windows, "the mask", slips=MASK)


def _slope(scores, j):
    powers = np.exp(scores - scores.max())
    slope = powers / powers.sum()
    slope[j] -= 1
    return slope


def _scores():
    rng = np.random.default_rng(453)
    return [
        (np.array([0.0, 0.0]), 0),
        (rng.normal(0, 3, 7), 4),
        (np.array([1000.0, 999.0, 0.0]), 1),  # no overflow on the way
    ]


def _overflowing(scores, j):
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(scores)
        return powers / powers.sum() - (np.arange(len(scores)) == j)


SLOPE = {
    "the exponential overflows: what can be taken off all scores?": _overflowing,
    "these are the probabilities: the film that came is not in it yet": (
        lambda scores, j: _slope(scores, j) + (np.arange(len(scores)) == j)
    ),
    "the sign is that of a step down, not of the slope": lambda *case: -_slope(*case),
    "the other films have a slope, too": (
        lambda scores, j: _slope(scores, j) * (np.arange(len(scores)) == j)
    ),
}
exercise_function("4.5-slope", _slope, _scores, "the gradient", atol=1e-9, slips=SLOPE)


def _gain(scores, target, seen, k, log=np.log2, first=1, loses=lambda i, target: False):
    """Another logarithm or first rank is a slip, or a tie that ``loses``."""
    others = [i for i in range(len(scores)) if i not in {*seen, target}]
    tied = [i for i in others if scores[i] == scores[target] and loses(i, target)]
    rank = first + sum(scores[i] > scores[target] for i in others) + len(tied)
    return float(1 / log(rank + 1)) if rank <= k else 0.0


def _lists():
    rng = np.random.default_rng(454)
    s = rng.permutation(12).astype(float)
    return [
        (np.array([0.5, 2.0, 1.0, 3.0]), 2, [3], 10),
        (s, 4, [0, 1, 2], 10),
        (s, int(s.argmin()), [], 10),  # too far down
        (s, int(s.argmin()), [], 12),
        (s, int(s.argmax()), [5], 1),
        (np.array([2.0, 2.0, 3.0, 2.0, 2.0]), 3, [], 10),  # ties on both sides
        (s // 3, 7, [3], 5),
    ]


GAIN = {
    "films that were seen take ranks here: leave them out": (
        lambda scores, target, seen, k: _gain(scores, target, [], k)
    ),
    "here ties count against the target: they are to count for it": (
        functools.partial(_gain, loses=lambda i, target: True)
    ),
    "a sort puts one of two equal films first: ties are to count for the target": (
        functools.partial(_gain, loses=lambda i, target: i < target)
    ),
    "the logarithm is to the base 2": functools.partial(_gain, log=np.log),
    "the rank is one too far: the best film has rank 1": (
        functools.partial(_gain, first=2)
    ),
    "each hit counts 1 here: it is to count by its rank": (
        lambda *case: float(_gain(*case) > 0)
    ),
    "a rank beyond k counts here: it is to count nothing": (
        lambda scores, target, seen, k: _gain(scores, target, seen, len(scores))
    ),
    "that is the reciprocal rank: the discount of DCG is another": (
        functools.partial(_gain, log=lambda x: x - 1)
    ),
}
exercise_function("4.5-gain", _gain, _lists, "the gain", atol=1e-9, slips=GAIN)
