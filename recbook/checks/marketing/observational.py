"""Checks of chapter 6.12, what letters did that a clerk chose."""

import numpy as np

from recbook.checks import exercise_function, exercise_value

# 40 of 350 and 32 of 650; 4 points of 200 and 1 of 800; 4 of 150 and 1 of 200.

_REGULAR, _OCCASIONAL = 30 / 150 - 8 / 50, 10 / 200 - 24 / 600  # what a letter adds


def _by_hand(of_all=200 / 1000, of_treated=150 / 350, unit=100):
    """Points: the difference, and two means of the effects by a weight of regulars."""
    groups = (of_all, of_treated)
    means = [w * _REGULAR + (1 - w) * _OCCASIONAL for w in groups]
    return [unit * x for x in (40 / 350 - 32 / 650, *means)]


exercise_value(
    "6.12-hand",
    _by_hand,
    "[difference, all, treated]",
    atol=0.02,
    slips={
        "those are fractions: give points": lambda: _by_hand(unit=1),
        "the two effects are weighted by customers, not averaged": (
            lambda: _by_hand(1 / 2, 1 / 2)
        ),
        "the last two are swapped: the treated are mostly regular": (
            lambda: _by_hand(150 / 350, 200 / 1000)
        ),
        "those with a letter are asked for, not those without one": (
            lambda: _by_hand(of_treated=50 / 650)
        ),
    },
)


def _bias(left=1 - 0.04, unit=100, f=5 / (0.5 * 100)):
    return [
        0.5 * unit * np.sqrt(0.01 * 0.04 / left),
        (np.sqrt(f**4 + 4 * f**2) - f**2) / 2,
    ]


exercise_value(
    "6.12-bias",
    _bias,
    "[bias, RV]",
    atol=0.004,
    slips={
        "divide by 1 less what the cause explains of the letters": lambda: _bias(
            left=1
        ),
        "the two are swapped below the root: 0.96 belongs to the letters": (
            lambda: _bias(left=1 - 0.01)
        ),
        "f divides by the root of the degrees of freedom": lambda: _bias(f=5 / 0.5),
        "that is a fraction of the effect's unit: give points": lambda: _bias(unit=1),
    },
)


def _people():
    """Outcome, treatment and propensity of some people."""
    rng = np.random.default_rng(612)
    cases = []
    for n in (6, 12, 30):
        treated = np.arange(n) % 3 == 0
        e = rng.uniform(0.1, 0.9, n)
        cases.append((rng.integers(0, 9, n) + 3.0 * treated, treated, e))
    return cases


def _on(y, treated, e, one=None, other=None):
    one, other = (np.ones(len(y)) if w is None else w for w in (one, other))
    means = [
        (w * arm) @ y / (w @ arm) for w, arm in ((one, treated), (other, ~treated))
    ]
    return means[0] - means[1]


exercise_function(
    "6.12-treated",
    lambda y, treated, e: _on(y, treated, e, other=e / (1 - e)),
    _people,
    "the effect",
    slips={
        "that is the plain difference: nobody is weighted": _on,
        "that is the effect on all: the treated count once each here": (
            lambda y, treated, e: _on(y, treated, e, 1 / e, 1 / (1 - e))
        ),
        "the odds are upside down: e above, 1 - e below": (
            lambda y, treated, e: _on(y, treated, e, other=(1 - e) / e)
        ),
        "that is the overlap's effect": (
            lambda y, treated, e: _on(y, treated, e, 1 - e, e)
        ),
        "that is Horvitz and Thompson's mean: divide by the sum of the weights": (
            lambda y, treated, e: (
                y[treated].mean() - (e / (1 - e) * y)[~treated].sum() / treated.sum()
            )
        ),
        "the untreated are weighted by e: they count by the odds e / (1 - e)": (
            lambda y, treated, e: _on(y, treated, e, other=e)
        ),
    },
)


def _columns():
    rng = np.random.default_rng(6_120)
    cases = []
    for n in (6, 11, 24):
        treated = np.arange(n) % 3 == 0
        x = rng.integers(0, 9, n) + 2.0 * treated
        cases.append((x, treated, rng.uniform(0.2, 3.0, n)))
    return cases


def _unlike(x, treated, w, weighted=True, spread=None):
    one, other = x[treated], x[~treated]
    w = w[~treated] if weighted else np.ones(len(other))
    variance = (one.var() + other.var()) / 2
    spread = np.sqrt(variance) if spread is None else spread(one, other, variance)
    return (one.mean() - w @ other / w.sum()) / spread


exercise_function(
    "6.12-gap",
    _unlike,
    _columns,
    "the difference",
    slips={
        "the weights are missing in the mean of the untreated": (
            lambda x, treated, w: _unlike(x, treated, w, weighted=False)
        ),
        "that is in the column's own units: divide by the deviation": (
            lambda x, treated, w: _unlike(x, treated, w, spread=lambda *_: 1.0)
        ),
        "that divides by the variance: take its root": (
            lambda x, treated, w: _unlike(x, treated, w, spread=lambda a, b, v: v)
        ),
        "the two variances are averaged: divide their sum by 2": (
            lambda x, treated, w: _unlike(
                x, treated, w, spread=lambda a, b, v: np.sqrt(2 * v)
            )
        ),
        "give the variances with n below, as NumPy's std() does": (
            lambda x, treated, w: _unlike(
                x,
                treated,
                w,
                spread=lambda a, b, v: np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2),
            )
        ),
        "that is the deviation of everybody together: the gap itself is in it": (
            lambda x, treated, w: _unlike(
                x, treated, w, spread=lambda a, b, v: np.concatenate([a, b]).std()
            )
        ),
        "the difference is turned: treated less untreated": (
            lambda *case: -_unlike(*case)
        ),
    },
)


def _pairs(y, treated, score):
    far = np.abs(score[treated][:, None] - score[~treated])
    return y[treated], y[~treated], far


def _matched(y, treated, score):
    one, other, far = _pairs(y, treated, score)
    return (one - other[far.argmin(axis=1)]).mean()


def _once(y, treated, score):
    """Matching in which nobody serves again."""
    one, other, far = _pairs(y, treated, score)
    gaps = []
    for row in range(len(one)):
        column = far[row].argmin()
        gaps.append(one[row] - other[column])
        far[:, column] = np.inf
    return np.mean(gaps)


def _themselves(y, treated, score):
    far = np.abs(score[treated][:, None] - score)
    return (y[treated] - y[far.argmin(axis=1)]).mean()


def _untreated(y, treated, score):
    one, other, far = _pairs(y, treated, score)
    return (one[far.argmin(axis=0)] - other).mean()


exercise_function(
    "6.12-match",
    _matched,
    lambda: [case for case in _people() if len(case[0]) > 6] + _people()[:1],
    "the effect",
    slips={
        "that is the plain difference: nobody is matched": (
            lambda y, treated, score: _on(y, treated, score)
        ),
        "a neighbour may serve again": _once,
        "look among the untreated: everybody is nearest to themselves": _themselves,
        "that looks for a neighbour of each *untreated* person": _untreated,
        "take the distance without its sign": (
            lambda y, treated, score: (
                y[treated]
                - y[~treated][
                    (score[treated][:, None] - score[~treated]).argmin(axis=1)
                ]
            ).mean()
        ),
        "the difference is turned: treated less neighbour": lambda *c: -_matched(*c),
    },
)


def _rv(f):
    return (np.sqrt(f**4 + 4 * f**2) - f**2) / 2


exercise_function(
    "6.12-rv",
    lambda effect, error, df, null: _rv(abs(effect - null) / error / np.sqrt(df)),
    [
        (5.0, 0.5, 10_000, 0.0),
        (2.0, 0.4, 900, 3.0),
        (-1.0, 0.3, 400, 0.5),
        (4.0, 1.5, 64, 1.0),
    ],
    "RV (0 to 1)",
    atol=1e-6,
    slips={
        "the distance counts from null, where the decision turns": (
            lambda effect, error, df, null: _rv(abs(effect) / error / np.sqrt(df))
        ),
        "f divides by the root of the degrees of freedom": (
            lambda effect, error, df, null: _rv(abs(effect - null) / error)
        ),
        "f divides by the root of the degrees of freedom, not by their number": (
            lambda effect, error, df, null: _rv(abs(effect - null) / error / df)
        ),
        "divide by 2 at the end": (
            lambda effect, error, df, null: (
                2 * _rv(abs(effect - null) / error / np.sqrt(df))
            )
        ),
        "that is f: the robustness value comes out of the quadratic equation": (
            lambda effect, error, df, null: abs(effect - null) / error / np.sqrt(df)
        ),
    },
)
