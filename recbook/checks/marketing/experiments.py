"""Checks of chapter 6.9, was it the campaign?"""

import numpy as np

from recbook.checks import exercise, exercise_function, same


def _size(z, variances=0.02 * 0.98 + 0.024 * 0.976, effect=0.004):
    return z**2 * variances / effect**2


@exercise("6.9-size")
def size(answer):
    """A number by pencil, with what is often forgotten."""
    what, both = "the people in each arm", 1.96 + 0.8416
    slips = {
        "both arms are noisy: their variances add up": _size(both, 0.02 * 0.98),
        "that is the size of both arms together": 2 * _size(both),
        "the power is missing: 0.8416 is added to 1.96": _size(1.96),
        "square the sum of 1.96 and 0.8416": _size(both**0.5),
        "divide by the square of the effect": _size(both, effect=0.004**0.5),
    }
    problem = same(answer, size.value(), what, size.atol)
    for message, wrong in slips.items() if problem else ():
        if same(answer, wrong, what, 0.003 * wrong) is None:
            return message
    return problem


size.value, size.atol = lambda: _size(1.96 + 0.8416), 60


def _people(n, seed):
    """Outcome, treatment and the outcome before of n people."""
    rng = np.random.default_rng(seed)
    treated = np.arange(n) % 3 != 1
    before = rng.integers(0, 9, n) / 2
    return before + rng.integers(0, 5, n) + 1.0 * treated, treated, before


def _slope(y, x):
    return ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()


def _gap(y, treated):
    return y[treated].mean() - y[~treated].mean()


def _adjusted(y, treated, before):
    return _gap(y - _slope(y, before) * (before - before.mean()), treated)


exercise_function(
    "6.9-cuped",
    _adjusted,
    lambda: [_people(n, n) for n in (6, 9, 14)],
    "the effect",
    slips={
        "that is the plain difference: what was different before is still in it": (
            lambda y, treated, before: _gap(y, treated)
        ),
        "that takes all of the difference before away: multiply it by theta": (
            lambda y, treated, before: _gap(y - before, treated)
        ),
        "theta divides by the variance of before, not by that of y": (
            lambda y, treated, before: _gap(y - before * _slope(before, y), treated)
        ),
        "np.cov divides by n - 1 and var by n: take the same for both": (
            lambda y, treated, before: _gap(
                y - _slope(y, before) * len(y) / (len(y) - 1) * before, treated
            )
        ),
        "the sign is turned: what was ahead before is taken away": (
            lambda y, treated, before: _gap(y + _slope(y, before) * before, treated)
        ),
        "the difference is turned: treated less untreated": (
            lambda *case: -_adjusted(*case)
        ),
    },
)


def _ratio_error(orders, visits, ddof=1):
    ratio = orders.sum() / visits.sum()
    left = orders - ratio * visits
    return np.sqrt(left.var(ddof=ddof) / len(left)) / visits.mean()


def _visits():
    cases = []
    for n in (5, 8, 13):
        rng = np.random.default_rng(n)
        visits = rng.integers(1, 9, n).astype(float)
        cases.append((np.floor(visits * rng.random(n)), visits))
    return cases


def _by_rows(orders, visits):
    ratio = orders.sum() / visits.sum()
    return np.sqrt(ratio * (1 - ratio) / visits.sum())


exercise_function(
    "6.9-ratio",
    _ratio_error,
    _visits,
    "the standard error",
    slips={
        "that takes visits as independent: the unit is the person": _by_rows,
        "that is the error of the mean of each person's own ratio, another number": (
            lambda orders, visits: (orders / visits).std(ddof=1) / np.sqrt(len(visits))
        ),
        "divide by the mean number of visits": lambda orders, visits: (
            _ratio_error(orders, visits) * visits.mean()
        ),
        "that is the squared error: take the root": lambda orders, visits: (
            _ratio_error(orders, visits) ** 2
        ),
        "the sample variance divides by n - 1": lambda orders, visits: _ratio_error(
            orders, visits, ddof=0
        ),
        "that is the spread of one person, not the error of a mean": (
            lambda o, v: _ratio_error(o, v) * np.sqrt(len(v))
        ),
    },
)


def _chi_squared(counts, shares):
    expected = counts.sum() * shares
    return ((counts - expected) ** 2 / expected).sum()


exercise_function(
    "6.9-mismatch",
    _chi_squared,
    [
        (np.array([30.0, 50.0]), np.array([0.5, 0.5])),
        (np.array([80.0, 15.0]), np.array([0.9, 0.1])),
        (np.array([20.0, 30.0, 40.0]), np.array([0.25, 0.25, 0.5])),
    ],
    "chi squared",
    slips={
        "divide by what was expected, not by what came": lambda counts, shares: (
            (counts - counts.sum() * shares) ** 2 / counts
        ).sum(),
        "the shares count: not every arm was meant to be as large": (
            lambda counts, shares: _chi_squared(
                counts, np.full(len(counts), 1 / len(counts))
            )
        ),
        "square the gaps before you add them": lambda counts, shares: (
            np.abs(counts - counts.sum() * shares) / (counts.sum() * shares)
        ).sum(),
        "compare counts with counts: a share has lost how many people there were": (
            lambda counts, shares: (
                (counts / counts.sum() - shares) ** 2 / shares
            ).sum()
        ),
    },
)


def _stopped(z, bound):
    return np.mean([
        any(abs(z[i, k]) > bound[k] for k in range(len(bound))) for i in range(len(z))
    ])  # fmt: skip


def _looks():
    cases = []
    for n, k in ((8, 2), (15, 4), (25, 5)):
        rng = np.random.default_rng(n)
        parts = rng.normal(0.2, 1, (n, k))
        z = np.cumsum(parts, axis=1) / np.sqrt(np.arange(1, k + 1))
        cases.append((z, 1.6 * np.sqrt(k / np.arange(1.0, k + 1))))
    return cases


exercise_function(
    "6.9-looks",
    _stopped,
    _looks,
    "the share",
    slips={
        "a large negative z stops the test, too": lambda z, bound: (
            (z > bound).any(axis=1).mean()
        ),
        "that counts looks: a test that stops is one, at whichever look": (
            lambda z, bound: (np.abs(z) > bound).mean()
        ),
        "any look may stop the test, not only the last": lambda z, bound: (
            np.abs(z[:, -1]) > bound[-1]
        ).mean(),
        "it stops if one look is beyond its bound, not only if all are": (
            lambda z, bound: (np.abs(z) > bound).all(axis=1).mean()
        ),
    },
)


def _pocock(n_looks, alpha):
    from recbook.marketing import experiments

    return float(experiments.bounds(n_looks, alpha=alpha)[0])


def _alone(n_looks, alpha):
    return _pocock(1, alpha)


exercise_function(
    "6.9-pocock",
    _pocock,
    [(2, 0.05), (4, 0.1), (7, 0.02)],
    "the bound",
    atol=2e-3,
    slips={
        "that is the bound of a single look": _alone,
        "that divides alpha by the looks, which is too careful: looks share data": (
            lambda n_looks, alpha: _pocock(1, alpha / n_looks)
        ),
    },
)


def _blocks(y, treated, block, ddof=1):
    means, on = [], []
    for name in sorted(set(block)):
        rows = block == name
        means.append(y[rows].mean())
        on.append(treated[rows][0])
    means, on = np.array(means), np.array(on)
    return np.array([
        _gap(means, on),
        np.sqrt(sum(means[arm].var(ddof=ddof) / arm.sum() for arm in (on, ~on))),
    ])  # fmt: skip


def _hours():
    cases = []
    for n_days in (4, 6, 9):
        rng = np.random.default_rng(n_days)
        size = rng.integers(2, 5, n_days)
        block = np.repeat(np.arange(n_days), size.astype(np.intp))
        on = (np.arange(n_days) % 2 == 0)[block]
        y = rng.integers(0, 4, n_days)[block] + rng.integers(0, 9, len(block)) / 2
        cases.append((y + 1.0 * on, on, block))
    return cases


def _as_rows(y, treated, block):
    return _blocks(y, treated, np.arange(len(y)))


exercise_function(
    "6.9-switchback",
    _blocks,
    _hours,
    "effect and error",
    slips={
        "that takes hours as independent: the coin was tossed for days": _as_rows,
        "the effect is that of days, the error that of hours: both are of days": (
            lambda *case: np.array([_blocks(*case)[0], _as_rows(*case)[1]])
        ),
        "the sample variance divides by n - 1": lambda *case: _blocks(*case, ddof=0),
        "the difference is turned: on less off": lambda *case: (
            _blocks(*case) * np.array([-1, 1])
        ),
    },
)
