"""Checks of chapter 6.9, how many of our winners are real?"""

import numpy as np

from recbook.checks import exercise_function, exercise_value

_PS = np.array([0.001, 0.008, 0.018, 0.041, 0.049, 0.058, 0.2, 0.4, 0.6, 0.9])
_LIMITS = 0.1 * np.arange(1, 11) / 10  # of Benjamini and Hochberg
_BELOW = _LIMITS >= _PS
exercise_value(
    "6.9-keep",
    lambda: int(np.flatnonzero(_BELOW)[-1]) + 1,
    "the number of tests",
    slips={
        "do not stop at the first p above its limit: look for the last one below": (
            lambda: int(np.argmin(_BELOW))
        ),
        "that is p < .05, or each by its own limit: the last below keeps all before": (
            lambda: (_PS < 0.05).sum()
        ),
        "that is Bonferroni's limit for all of them": lambda: (_PS <= 0.1 / 10).sum(),
    },
)


def _size(z=1.96 + 0.8416, arms=2, margin=0.004):
    return z**2 * arms * 0.04 * 0.96 / margin**2


exercise_value(
    "6.9-guardrail",
    _size,
    "the number of people",
    atol=120,
    slips={
        "both arms are noisy: their variances add up": lambda: _size(arms=1),
        "the power is missing: 0.8416 is added to 1.96": lambda: _size(1.96),
        "that is the size of both arms together": lambda: _size(arms=4),
        "square the sum of 1.96 and 0.8416": lambda: _size((1.96 + 0.8416) ** 0.5),
        "divide by the square of the margin": lambda: _size(margin=0.004**0.5),
    },
)


def _adjusted(p, up=True):
    rank = np.argsort(p)
    scaled = p[rank] * len(p) / np.arange(1, len(p) + 1)
    if up:
        scaled = np.minimum.accumulate(scaled[::-1])[::-1]
    found = np.empty(len(p))
    found[rank] = np.minimum(scaled, 1)
    return found


def _pvalues():
    cases = []
    for n in (4, 7, 12):
        p = np.random.default_rng(n).random(n) ** 3
        p[:2] = 0.04, 0.041  # whose ranks alone would turn their sequence round
        cases.append((np.round(p, 3),))
    return cases


exercise_function(
    "6.9-adjusted",
    _adjusted,
    _pvalues,
    "the adjusted p-values",
    slips={
        "give them back in the sequence in which they came": lambda p: np.sort(
            _adjusted(p)
        ),
        "a larger p must not get a smaller one: take the minimum from the end": (
            lambda p: _adjusted(p, up=False)
        ),
        "that is Bonferroni's: divide by the rank": lambda p: np.minimum(p * len(p), 1),
    },
)


def _risk(significant, power, alpha):
    null = (power - significant) / (power - alpha)
    return alpha * null / significant


exercise_function(
    "6.9-risk",
    _risk,
    [(0.1, 0.3, 0.05), (0.3, 0.8, 0.05), (0.05, 0.5, 0.01)],
    "the risk",
    slips={
        "that is the fraction of all tests without an effect: how many of the "
        "significant are they?": lambda s, power, alpha: (power - s) / (power - alpha),
        "that is alpha over s, which takes all tests as tests without an effect": (
            lambda s, power, alpha: alpha / s
        ),
        "that is the probability of a real effect": lambda *case: 1 - _risk(*case),
        "alpha of the tests without an effect are significant, not of all findings": (
            lambda s, power, alpha: alpha * (power - s) / (power - alpha)
        ),
    },
)


def _shrink(d, s, mean, deviation):
    return mean + deviation**2 / (deviation**2 + s**2) * (d - mean)


def _archive():
    cases = []
    for n in (3, 5, 8):
        rng = np.random.default_rng(n)
        cases.append((rng.normal(size=n), 0.2 + rng.random(n), 0.1 * n, 0.3 + 0.1 * n))
    return cases


exercise_function(
    "6.9-shrink",
    _shrink,
    _archive,
    "the effects",
    slips={
        "the weight is of variances: square both": lambda d, s, mean, deviation: (
            mean + deviation / (deviation + s) * (d - mean)
        ),
        "that is the weight of the prior: a noisy estimate must count less": (
            lambda d, s, mean, deviation: (
                mean + s**2 / (deviation**2 + s**2) * (d - mean)
            )
        ),
        "shrink towards the mean of the prior, not towards 0": (
            lambda d, s, mean, deviation: deviation**2 / (deviation**2 + s**2) * d
        ),
        "add the mean again: what is shrunk is the distance from it": (
            lambda *case: _shrink(*case) - case[2]
        ),
    },
)


def _gap(y, treated):
    one, other = y[treated], y[~treated]
    error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    return np.array([one.mean() - other.mean(), error])


def _diluted(y, treated, met):
    return met.mean() * _gap(y[met], treated[met])


def _people():
    cases = []
    for n in (12, 20, 30):
        rng = np.random.default_rng(n)
        treated, met = np.arange(n) % 2 == 0, np.arange(n) % 5 < 2
        cases.append((rng.integers(0, 9, n) + 2.0 * (treated & met), treated, met))
    return cases


exercise_function(
    "6.9-diluted",
    _diluted,
    _people,
    "effect and error",
    slips={
        "that is the effect on those who met the change: how many of all are they?": (
            lambda y, treated, met: _gap(y[met], treated[met])
        ),
        "that compares everybody, with the noise of those who met nothing": (
            lambda y, treated, met: _gap(y, treated)
        ),
        "the error is multiplied by the same fraction": lambda y, treated, met: (
            _gap(y[met], treated[met]) * np.array([met.mean(), 1])
        ),
        "multiply by the fraction of people who met it, not only of those treated": (
            lambda y, treated, met: (met & treated).mean() * _gap(y[met], treated[met])
        ),
    },
)


def _strata(y, treated, stage, by="people"):
    values, sizes = [], []
    for h in sorted(set(stage.tolist())):
        rows = stage == h
        values.append(y[rows & treated].mean() - y[rows & ~treated].mean())
        n1, n0 = (rows & treated).sum(), (rows & ~treated).sum()
        weights = {"people": n1 + n0, "same": 1, "treated": n1}
        sizes.append((weights | {"noise": n1 * n0 / (n1 + n0)})[by])
    return np.average(values, weights=sizes)


def _ramp():
    cases = []
    for n in (16, 24, 36):
        rng = np.random.default_rng(n)
        stage = np.arange(n) * 3 // n
        treated = np.arange(n) % np.array([4, 3, 2])[stage] == 0
        y = 9.0 - 3 * stage + (1 + stage) * treated + rng.integers(0, 5, n)
        keep = np.arange(n) > 1
        cases.append((y[keep], treated[keep], stage[keep]))
    return cases


exercise_function(
    "6.9-strata",
    _strata,
    _ramp,
    "the effect",
    slips={
        "that pools the stages, which had different people": lambda y, treated, stage: (
            y[treated].mean() - y[~treated].mean()
        ),
        "a stage counts by its people": lambda y, treated, stage: _strata(
            y, treated, stage, "same"
        ),
        "those weights suit the noise: here a stage counts by all of its people": (
            lambda y, treated, stage: _strata(y, treated, stage, "noise")
        ),
        "a stage counts by all of its people, not by the treated alone": (
            lambda y, treated, stage: _strata(y, treated, stage, "treated")
        ),
        "the difference is turned: treated less untreated": lambda *case: (
            -_strata(*case)
        ),
    },
)
