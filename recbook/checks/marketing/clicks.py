"""Checks of chapter 6.2, probabilities of clicks."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from recbook.checks import exercise_function, exercise_value


def _kept(rate):
    """Of the non-clicks, as many as there are clicks; the rate is in per cent."""
    return rate / (100 - rate)


exercise_value(
    "6.2-kept",
    _kept,
    "the fraction",
    atol=6e-4,
    slips={
        "upside down: a fraction that was kept is below 1": lambda rate: (
            1 / _kept(rate)
        ),
        "a half is their part of the sample: how many of all were kept?": lambda rate: (
            0.5
        ),
        "that is the fraction of the non-clicks that was thrown away": (
            lambda rate: 1 - _kept(rate)
        ),
        "give it as a fraction: 0.05 for 5 %": lambda rate: 100 * _kept(rate),
    },
    numbers={"rate": [2, *(x / 10 for x in range(15, 100, 2) if x % 10)]},
)


def _shared(m, D, others=-1, power=None):
    """The expected fraction of m values that have company, term by term."""
    alone = 1.0
    for _ in range(m + others):
        alone *= 1 - 1 / D
    return 1 - alone


_SHARED_SLIPS = {
    "that is the fraction that is alone": lambda m, D: 1 - _shared(m, D),
    "a value has m - 1 others, not m": lambda m, D: _shared(m, D, others=0),
    "that is a count: a fraction of the values is asked for": (
        lambda m, D: m * _shared(m, D)
    ),
    "that counts pairs, and passes 1 when there are many values": (
        lambda m, D: (m - 1) / D
    ),
}
exercise_function(
    "6.2-shared",
    _shared,
    [(3, 4), (2, 10), (1, 8), (500, 1000), (50, 7)],
    "the fraction",
    slips=_SHARED_SLIPS,
)


def _clicks():
    """Clicks and probabilities of a few impressions, none of them 0 or 1."""
    rng = np.random.default_rng(62)
    made = []
    for n, rate in [(6, 0.5), (12, 0.3), (40, 0.1), (60, 0.7)]:
        p = np.round(rng.uniform(0.05, 0.9, n), 3)
        y = (rng.random(n) < rate).astype(float)
        y[:2] = 0.0, 1.0
        made.append((y, p))
    return made


def _ne(y, p, base=None, log=np.log):
    rate = y.mean() if base is None else base(y, p)
    losses = [-(log(q) if t else log(1 - q)) for t, q in zip(y, p, strict=True)]
    own = [-(log(rate) if t else log(1 - rate)) for t in y]
    return sum(losses) / sum(own)


_NE_SLIPS = {
    "divide by the loss of the mean of y, not of the mean prediction": (
        lambda y, p: _ne(y, p, base=lambda y, p: p.mean())
    ),
    "that is the log loss: divide it by that of the mean rate": (
        lambda y, p: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    ),
    "it is upside down: smaller is better": lambda y, p: 1 / _ne(y, p),
    "the non-clicks count, too: both terms of the entropy": (
        lambda y, p: np.mean(y * np.log(p)) / (y.mean() * np.log(y.mean()))
    ),
}
exercise_function("6.2-ne", _ne, _clicks, "the normalised entropy", slips=_NE_SLIPS)


def _bins(y, p, k, order=None):
    order = sorted(range(len(p)), key=lambda i: p[i]) if order is None else order
    size = len(p) // k
    rows = [order[b * size : (b + 1) * size] for b in range(k)]
    return np.array([[p[r].mean(), y[r].mean()] for r in rows])


def _equal_widths(y, p, k):
    edges = np.linspace(0, 1, k + 1)
    bin_of = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, k - 1)
    rows = [bin_of == b for b in range(k)]
    return np.array(
        [[p[r].mean(), y[r].mean()] if r.any() else [0.0, 0.0] for r in rows]
    )


def _binned():
    rng = np.random.default_rng(620)
    made = []
    for n, k in [(6, 2), (12, 3), (40, 8), (60, 5)]:
        p = rng.permutation(np.round(rng.beta(1, 5, n), 6) + np.arange(n) * 1e-8)
        made.append(((rng.random(n) < p + 0.2).astype(float), p, k))
    return made


_BIN_SLIPS = {
    "bins of equal width: they should hold equally many impressions": _equal_widths,
    "sort by the prediction first": (
        lambda y, p, k: _bins(y, p, k, order=list(range(len(p))))
    ),
    "predicted comes first, then observed": lambda *case: _bins(*case)[:, ::-1],
    "a row for each bin, a column for each of the two": lambda *case: _bins(*case).T,
    "y has to be sorted as p is": (
        lambda y, p, k: np.column_stack(
            [_bins(y, p, k)[:, 0], y.reshape(k, -1).mean(axis=1)]
        )
    ),
}
exercise_function("6.2-bins", _bins, _binned, "the table", slips=_BIN_SLIPS)


def _shift(p, y):
    return brentq(lambda b: expit(logit(p) + b).mean() - y.mean(), -30, 30, xtol=1e-12)


_SHIFT_SLIPS = {
    "the sign is turned: add the shift to the log odds": lambda p, y: -_shift(p, y),
    "that is right for one probability only, not for the mean of many": (
        lambda p, y: logit(y.mean()) - logit(p.mean())
    ),
    "a mean of log odds is not the log odds of a mean": (
        lambda p, y: logit(y.mean()) - logit(p).mean()
    ),
    "log odds are asked for, not a factor of the probability": (
        lambda p, y: y.mean() / p.mean()
    ),
    "log odds, not logarithms of probabilities": (
        lambda p, y: np.log(y.mean() / p.mean())
    ),
}
exercise_function(
    "6.2-shift",
    _shift,
    lambda: [(p, y) for y, p in _clicks()],
    "the shift",
    atol=1e-6,
    slips=_SHIFT_SLIPS,
)


def _pav(y):
    """The formula of minima and maxima: max over starts, min over ends."""
    n = len(y)
    return np.array(
        [
            max(min(np.mean(y[s : t + 1]) for t in range(i, n)) for s in range(i + 1))
            for i in range(n)
        ]
    )


def _once(y):
    """Pools each violator with its left neighbour once, and does not look back."""
    m = np.array(y, dtype=float)
    for i in range(1, len(m)):
        if m[i] < m[i - 1]:
            m[i - 1 : i + 1] = m[i - 1 : i + 1].mean()
    return m


def _unweighted(y):
    blocks = []
    for value in y:
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, m), (b, n) = blocks[-2:]
            blocks[-2:] = [[(a + b) / 2, m + n]]
    return np.repeat([v for v, _ in blocks], [k for _, k in blocks])


def _outcomes():
    rng = np.random.default_rng(6200)
    drawn = [rng.integers(0, 2, n).astype(float) for n in (9, 15, 25)]
    return [
        np.array([0.0, 1, 0, 1, 1]),
        np.array([1.0, 1, 0, 0, 1]),
        np.array([3.0, 1, 1, 0]),
        *drawn,
    ]


_PAV_SLIPS = {
    "after pooling, look back: the new mean may be below the block before": _once,
    "a block counts by its rows: weight the means by their sizes": _unweighted,
    "that is the running maximum: pool to the mean instead": np.maximum.accumulate,
    "sorting the outcomes is not what is asked: the values stay sorted by p": np.sort,
}
exercise_function(
    "6.2-pav",
    _pav,
    lambda: [(y,) for y in _outcomes()],
    "the values",
    slips=_PAV_SLIPS,
)


def _little(highest, value, error, power=2, half=2, n=1000):
    """Cents that are lost where the bid is off by this part of the value."""
    return n * (error * value) ** power / (half * highest)


exercise_value(
    "6.2-little",
    _little,
    atol=0.05,
    slips={
        "the loss grows from nothing to its largest: on average it is half of that": (
            lambda **own: _little(**own, half=1)
        ),
        "both the extra impressions and the loss on each grow with ε": (
            lambda **own: _little(**own, power=1)
        ),
        "prices are spread over all of B": (
            lambda highest, value, error: _little(1, value, error)
        ),
        "the bid is off by ε times the value": (
            lambda highest, value, error: _little(highest, 1, error)
        ),
        "that is what one impression loses": lambda **own: _little(**own, n=1),
        "give what is lost as a positive number": lambda **own: -_little(**own),
    },
    numbers={
        "highest": [4, 3, 5, 8, 10, 16],
        "value": [0.8, 0.4, 0.5, 0.6, 1.2],
        "error": [0.5, 0.2, 0.25, 0.4, 0.1],
    },
    where=lambda **own: (
        1 <= _little(**own) <= 60
        and own["error"] != own["value"]
        and abs(10 * _little(**own) % 1 - 0.5) > 0.49
    ),
)
