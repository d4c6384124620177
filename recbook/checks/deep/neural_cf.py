"""Checks of chapter 4.2, a product or a network."""

import functools
import itertools
import math

import numpy as np

from recbook.checks import call, exercise, exercise_function, exercise_value, same
from recbook.checks.inside import without


def _sigmoid(z):
    return np.exp(-np.logaddexp(0.0, -np.asarray(z, dtype=float)))


def _loss(z, y, sign=1):
    return float(np.logaddexp(0.0, z) - y * z), sign * float(_sigmoid(z) - y)


def _losses(rated=1, sign=1):
    return [*_loss(-2.0, rated, sign), *_loss(-2.0, 1 - rated, sign)]


def _twice(sign=1, inside=True, at=_sigmoid):
    """The slopes with one sigmoid and with two."""
    p = float(_sigmoid(-6.0))
    inner = p * (1 - p) if inside else 1.0
    return [sign * (p - 1), sign * (float(at(p)) - 1) * inner]


exercise_value(
    "4.2-loss",
    _losses,
    "(loss, e, loss, e)",
    atol=6e-3,  # a pencil's two decimals
    slips={
        "a rated film has y = 1, and comes first": lambda: _losses(rated=0),
        "e is the probability less y, not the other way round": (
            lambda: _losses(sign=-1)
        ),
        "e takes y off the probability": lambda: [
            x + y for x, y in zip(_losses(), (0, 1, 0, 0), strict=True)
        ],
        "the loss of a rated film takes y z off: z is negative": (
            lambda: [_losses()[2] - 2, *_losses()[1:]]
        ),
        "the logarithm is the natural one, not that to the base 2": (
            lambda: [x / (1, np.log(2))[k % 2 == 0] for k, x in enumerate(_losses())]
        ),
    },
)


exercise_value(
    "4.2-twice",
    _twice,
    "(once, twice)",
    atol=[6e-3, 5e-5],  # a pencil's digits, two of them for the small slope
    slips={
        "the chain rule: the inner sigmoid has a slope, too": (
            lambda: _twice(inside=False)
        ),
        "the outer slope is taken at what the outer sigmoid gives": (
            lambda: _twice(at=lambda p: p)
        ),
        "a film that was rated pulls its logit up: the slope of its loss has a minus": (
            lambda: _twice(sign=-1)
        ),
        "once comes first, twice second": lambda: _twice()[::-1],
    },
)


def _step(p, q, h, b, y, lr, error=lambda z, y: _sigmoid(z) - y):
    e = error(h @ (p * q) + b, y)
    return p - lr * e * h * q, q - lr * e * h * p, h - lr * e * p * q, b - lr * e


def _step_one_by_one(p, q, h, b, y, lr):
    e = _sigmoid(h @ (p * q) + b) - y
    p = p - lr * e * h * q
    q = q - lr * e * h * p
    return p, q, h - lr * e * p * q, b - lr * e


def _without_h(p, q, h, b, y, lr):
    e = _sigmoid(h @ (p * q) + b) - y
    return p - lr * e * q, q - lr * e * p, *_step(p, q, h, b, y, lr)[2:]


def _error_twice(z, y):
    chance = _sigmoid(z)
    return (chance - y) * chance * (1 - chance)


def _pairs():
    rng = np.random.default_rng(42)
    cases = []
    for f, y in ((2, 1), (3, 0), (5, 1)):
        p, q, h = rng.normal(size=(3, f)).round(2)
        cases.append((p, q, h, round(float(rng.normal()), 2), y, 0.5))
    return cases


STEP = {
    "q and h step with the p of after its step: take all from the old values": (
        _step_one_by_one
    ),
    "p and q meet through h: it is a factor in their slopes": (_without_h),
    "this goes up the slope, and the loss grows": (
        lambda *case: _step(*case[:-1], -case[-1])
    ),
    "e is a probability minus y, and the logit is none yet": (
        functools.partial(_step, error=lambda z, y: z - y)
    ),
    "the slope of the sigmoid has cancelled in e: it must not come in again": (
        functools.partial(_step, error=_error_twice)
    ),
}
exercise_function("4.2-step", _step, _pairs, "(p, q, h, b)", atol=1e-9, slips=STEP)


def _wrong_logits(P, Q, h, b):
    """What readers' vectors may give instead, by what is off in them."""
    yield "the number b is missing", (P * h) @ Q.T
    yield "h is missing", P @ Q.T + b
    yield "h is in both, and so counts twice", (P * h**2) @ Q.T + b
    yield "b comes twice: one of its two partners must be a 1", (P * h) @ Q.T + b * b


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
            for slip, wrong in _wrong_logits(P, Q, h, b):
                if same(A @ B.T, wrong, atol=1e-9) is None:
                    return f"A @ B.T is off: {slip}"
            return problem
    return None


def _slopes(p, q, layers, h, b, y, dead=0.0, target=1.0, twice=False):
    """``dead`` passes where ReLU gave 0; the options are for slips."""
    outputs = [np.concatenate([p, q])]
    for W, offset in layers:
        outputs.append(np.maximum(outputs[-1] @ W + offset, 0.0))
    chance = _sigmoid(outputs[-1] @ h + b)
    slope = (chance - target * y) * h * (chance * (1 - chance) if twice else 1)
    for level in range(len(layers) - 1, -1, -1):
        slope = layers[level][0] @ (slope * np.where(outputs[level + 1] > 0, 1, dead))
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


BACK = {
    "a slope passes where ReLU has given 0: it must stop there": functools.partial(
        _slopes, dead=1
    ),
    "the slope of the sigmoid has cancelled in e: it must not come in again": (
        functools.partial(_slopes, twice=True)
    ),
    "y is missing in e": functools.partial(_slopes, target=0),
    "these are the slopes of q and p: return p, then q": (
        lambda *case: _slopes(*case)[::-1]
    ),
}
exercise_function(
    "4.2-back", _slopes, _networks, "the two slopes", atol=1e-8, slips=BACK
)


def _tables():
    rng = np.random.default_rng(423)
    cases = []
    for shape, n_negatives in (((3, 5), 1), ((4, 9), 4), ((6, 20), 8)):
        counts = rng.integers(1, shape[1], size=shape[0])
        counts[0] = 0
        cases.append((rng.normal(0, 2, shape), counts, n_negatives))
    return cases


def _tau(z, counts, n_negatives):
    return (n_negatives * counts / (z.shape[1] - counts))[:, None]


def _mended(z, counts, n_negatives, tau=_tau):
    odds = np.exp(z) * tau(z, counts, n_negatives)
    return odds / (1 + odds)


def _unshared(z, counts, n_negatives):
    return (n_negatives * counts / z.shape[1])[:, None]


def _inverse(*case):
    tau = _tau(*case)
    return np.divide(1, tau, where=tau > 0, out=np.zeros_like(tau))


MEND = {
    "tau is missing: these are the probabilities among what was sampled": (
        functools.partial(_mended, tau=lambda *case: 1.0)
    ),
    "the shift has the wrong sign: the probabilities must become smaller, not larger": (
        functools.partial(_mended, tau=_inverse)
    ),
    "negatives are drawn from the films without a rating, not from all": (
        functools.partial(_mended, tau=_unshared)
    ),
    "tau multiplies the odds, not the probability": (
        lambda *case: _sigmoid(case[0]) * _tau(*case)
    ),
    "these are odds: probabilities are asked for": (
        lambda *case: np.exp(case[0]) * _tau(*case)
    ),
}


def _in_silence(answer):
    """A division by 0, or a logarithm of it, is an error where nobody has rated."""
    with np.errstate(all="raise", under="ignore"):
        for case in _tables():
            call(answer, *case)


exercise_function(
    "4.2-mend",
    _mended,
    _tables,
    "the probabilities",
    atol=1e-9,
    slips=MEND,
    then=_in_silence,
)


def _hit(rank, n_items, n_negatives, k, itself=0):
    """With ``itself`` 1 the film can be drawn as well: a slip."""
    ways = sum(
        math.comb(rank - 1, j) * math.comb(n_items - rank + itself, n_negatives - j)
        for j in range(min(k, n_negatives + 1))
    )
    return ways / math.comb(n_items - 1 + itself, n_negatives)


def _with_replacement(rank, n_items, n_negatives, k):
    above = (rank - 1) / (n_items - 1)
    return sum(
        math.comb(n_negatives, j) * above**j * (1 - above) ** (n_negatives - j)
        for j in range(min(k, n_negatives + 1))
    )


HITS = {
    "counted one too far: with k of the drawn above it, a film has rank k + 1": (
        lambda *case: _hit(*case[:-1], case[-1] + 1)
    ),
    "here a film can be drawn twice: it is without replacement": _with_replacement,
    "here the film itself can be drawn: only the others are": (
        functools.partial(_hit, itself=1)
    ),
    "that is the probability of a miss": lambda *case: 1 - _hit(*case),
    "that is the probability of exactly one number above it: fewer would do as well": (
        lambda *case: _hit(*case) - _hit(*case[:-1], case[-1] - 1)
    ),
}


exercise_function(
    "4.2-chance",
    _hit,
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
    slips=HITS,
    then=without("scipy"),
)
