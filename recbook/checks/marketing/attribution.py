"""Checks of chapter 6.16, who gets the credit."""

from itertools import permutations

import numpy as np

from recbook.checks import exercise_function


def _position(n, ends=0.4, split=True):
    if n <= 2:
        return np.full(n, 1 / n)
    middle = (1 - 2 * ends) / (n - 2) if split else 1 - 2 * ends
    return np.array([ends, *[middle] * (n - 2), ends])


_POSITION_SLIPS = {
    "two touches divide the order: one half each": (
        lambda n: np.array([0.4, 0.4]) if n == 2 else _position(n)
    ),
    "a single touch gets the whole order": (
        lambda n: np.array([0.4]) if n == 1 else _position(n)
    ),
    "the touches between get 20 % together: divide by how many they are": (
        lambda n: _position(n, split=False)
    ),
    "that is the linear rule: first and last get 40 % each": (
        lambda n: np.full(n, 1 / n)
    ),
    "the ends get 40 % each, and those between 20 % together": (
        lambda n: _position(n, ends=0.2)
    ),
}
exercise_function(
    "6.16-position",
    _position,
    lambda: [(n,) for n in (3, 1, 2, 4, 7)],
    "the weights",
    slips=_POSITION_SLIPS,
)


def _rate(s, Q, r):
    return float(s @ np.linalg.solve(np.eye(len(s)) - Q, r))


def _removal(s, Q, r, c):
    keep = np.arange(len(s)) != c
    return 1 - _rate(s[keep], Q[np.ix_(keep, keep)], r[keep]) / _rate(s, Q, r)


def _rescaled(s, Q, r, c):
    """Those who would step to c go elsewhere."""
    keep = np.arange(len(s)) != c
    away = Q[keep, c]
    s, Q, r = s[keep] / (1 - s[c]), Q[np.ix_(keep, keep)], r[keep]
    scale = np.where(away < 1, 1 - away, 1)
    return s, Q / scale[:, None], r / scale


_REMOVAL_SLIPS = {
    "that is what is left: what is lost?": (
        lambda s, Q, r, c: 1 - _removal(s, Q, r, c)
    ),
    "that is the difference: divide by the rate with all channels": (
        lambda s, Q, r, c: _removal(s, Q, r, c) * _rate(s, Q, r)
    ),
    "the channel can still be reached from the others: strike out its column of Q": (
        lambda s, Q, r, c: (
            1 - _rate(s * (np.arange(len(s)) != c), Q, r) / _rate(s, Q, r)
        )
    ),
    "people who would step to c end without an order: do not scale the rows again": (
        lambda s, Q, r, c: 1 - _rate(*_rescaled(s, Q, r, c)) / _rate(s, Q, r)
    ),
    "that leaves out only orders right after c: nobody gets there at all": (
        lambda s, Q, r, c: (
            1 - _rate(s, Q, r * (np.arange(len(s)) != c)) / _rate(s, Q, r)
        )
    ),
}


def _chains():
    cases = []
    for n, c in ((2, 0), (3, 2), (3, 0), (4, 1)):
        rng = np.random.default_rng(10 * n + c)
        s = rng.integers(1, 6, n).astype(float)
        steps = rng.integers(1, 6, (n, n + 2)).astype(float)
        steps /= steps.sum(axis=1, keepdims=True)
        cases.append((s / s.sum(), steps[:, :n], steps[:, n], c))
    return cases


exercise_function(
    "6.16-removal", _removal, _chains, "the removal effect", slips=_REMOVAL_SLIPS
)


def _shapley(v):
    total = dict.fromkeys("ABC", 0.0)
    for order in permutations("ABC"):
        for k, player in enumerate(order):
            before = frozenset(order[:k])
            total[player] += (v[before | {player}] - v[before]) / 6
    return np.array([total[p] for p in "ABC"])


def _added(v, before):
    """What each player adds to a coalition of the others."""
    return [v[before(p) | {p}] - v[before(p)] for p in "ABC"]


def _banzhaf(v):
    """All coalitions of the others count alike."""
    out = []
    for p in "ABC":
        a, b = (frozenset(x) for x in "ABC" if x != p)
        coalitions = [frozenset(), a, b, a | b]
        out.append(np.mean([v[s | {p}] - v[s] for s in coalitions]))
    return np.array(out)


_ALL, _NONE = frozenset("ABC"), frozenset("")
_SHAPLEY_SLIPS = {
    "that is what each adds as the last: average over all sequences of joining": (
        lambda v: np.array(_added(v, lambda p: _ALL - {p}))
    ),
    "that is what each adds as the first: average over all sequences of joining": (
        lambda v: np.array(_added(v, lambda p: _NONE))
    ),
    "average over sequences, not coalitions: first and last weigh a third each": (
        _banzhaf
    ),
    "that is an equal split: players add different things": (
        lambda v: np.full(3, (v[_ALL] - v[_NONE]) / 3)
    ),
    "what nobody is needed for is nobody's: begin from the empty set's value": (
        lambda v: _shapley({**v, _NONE: 0.0})
    ),
    "divide by the number of sequences of joining, six": lambda v: 6 * _shapley(v),
}


def _games():
    cases = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        sets = ["", "A", "B", "C", "AB", "AC", "BC", "ABC"]
        base = rng.integers(1, 20, 8)
        cases.append(({frozenset(s): float(base[k]) for k, s in enumerate(sets)},))
    return cases


exercise_function("6.16-shapley", _shapley, _games, "the values", slips=_SHAPLEY_SLIPS)


def _growth(sales, start):
    logs = np.log(sales)
    return logs[:, start:].mean(axis=1) - logs[:, :start].mean(axis=1)


def _lift(sales, treated, start):
    growth = _growth(sales, start)
    return float(np.expm1(growth[treated].mean() - growth[~treated].mean()))


def _in_euros(sales, treated, start):
    growth = sales[:, start:].mean(axis=1) / sales[:, :start].mean(axis=1)
    return float(growth[treated].mean() - growth[~treated].mean())


_LIFT_SLIPS = {
    "that is before–after: subtract what the other regions did": (
        lambda sales, treated, start: float(
            np.expm1(_growth(sales, start)[treated].mean())
        )
    ),
    "go back from the logarithm to a fraction": (
        lambda *case: float(np.log1p(_lift(*case)))
    ),
    "that is the factor: a lift of nothing is 0": lambda *case: 1 + _lift(*case),
    "regions differ in size: subtract each region's own mean before": (
        lambda sales, treated, start: float(
            np.expm1(
                np.log(sales)[treated, start:].mean()
                - np.log(sales)[~treated, start:].mean()
            )
        )
    ),
    "take logarithms first: means of sales, and their ratios, are something else": (
        _in_euros
    ),
    "the sign is turned: with the campaign less without": (
        lambda sales, treated, start: _lift(sales, ~treated, start)
    ),
}


def _countries():
    cases = []
    for n, weeks, start in ((3, 5, 3), (4, 6, 4), (6, 9, 5)):
        rng = np.random.default_rng(n)
        sales = np.exp(rng.normal(3, 1, (n, 1)) + rng.normal(0, 0.3, (n, weeks)))
        cases.append((sales, np.arange(n) % 3 == 1, start))
    return cases


exercise_function("6.16-did", _lift, _countries, "the lift", slips=_LIFT_SLIPS)


def _p(found, others):
    return float((1 + (np.abs(others) >= abs(found)).sum()) / (1 + len(others)))


_P_SLIPS = {
    "the true assignment is one of them: count it above and below": (
        lambda found, others: float(np.mean(np.abs(others) >= abs(found)))
    ),
    "count it above as well as below: p is never 0": (
        lambda found, others: float(
            (np.abs(others) >= abs(found)).sum() / (1 + len(others))
        )
    ),
    "two-sided: a lift as far below 0 counts as well": (
        lambda found, others: float((1 + (others >= found).sum()) / (1 + len(others)))
    ),
    "at least as far: equal ones count": (
        lambda found, others: float(
            (1 + (np.abs(others) > abs(found)).sum()) / (1 + len(others))
        )
    ),
    "that is the fraction of assignments that find less": (
        lambda found, others: float(
            (1 + (np.abs(others) < abs(found)).sum()) / (1 + len(others))
        )
    ),
}
exercise_function(
    "6.16-lots",
    _p,
    lambda: [
        (0.25, np.array([0.5, -0.25, 0.125, 0.0, -0.75])),
        (-0.125, np.array([0.0625, -0.125, 0.125, 0.5, 0.0, -0.25, -0.03125])),
        (0.5, np.array([0.125, 0.25, -0.0625, 0.375])),
    ],
    "the p-value",
    slips=_P_SLIPS,
)


def _smallest(found, reach=1.959964 + 0.841621, ddof=1, root=False, back=True):
    error = float(np.std(found, ddof=ddof)) / (len(found) ** 0.5 if root else 1)
    return float(np.expm1(reach * error)) if back else reach * error


_SMALLEST_SLIPS = {
    "1.96 errors are found in one test of two only: add .84 for four of five": (
        lambda found: _smallest(found, 1.959964)
    ),
    "give the standard deviation with n - 1: ddof=1": lambda found: _smallest(
        found * np.sqrt(1 - 1 / len(found))
    ),
    "that is the error of one test: multiply it": lambda found: _smallest(found, 1.0),
    "one test is one draw: do not divide by the root of how often you tried": (
        lambda found: _smallest(found, root=True)
    ),
    "that is a difference of logarithms: turn it back into a fraction": (
        lambda found: _smallest(found, back=False)
    ),
    "two-sided at 5 % is 1.96: 1.64 leaves 5 % on one side alone": (
        lambda found: _smallest(found, 1.644854 + 0.841621)
    ),
}
exercise_function(
    "6.16-plan",
    _smallest,
    lambda: [
        (np.array([0.01, -0.02, 0.03, -0.01]),),
        (np.random.default_rng(5).normal(0, 0.05, 12),),
        (np.random.default_rng(6).normal(0, 0.012, 30),),
    ],
    "the smallest lift",
    atol=3e-4,
    slips=_SMALLEST_SLIPS,
)
