"""Checks of chapter 6.15, its section on churn by contract."""

import numpy as np

from recbook.checks import exercise_function


def _curve(months, churned, risk="there", left=True, dropped=False, turned=False):
    """Survival after each month, one month after the other."""
    members = [
        (int(m), bool(c))
        for m, c in zip(months, churned, strict=True)
        if c or not dropped
    ]
    survival, curve = 1.0, []
    for month in range(1, int(np.max(months)) + 1):
        gone = sum(m == month and (c or not left) for m, c in members)
        still = {
            "there": sum(m >= month for m, c in members),
            "later": sum(m > month or (m == month and c) for m, c in members),
            "after": sum(m > month for m, c in members),
            "all": len(members),
        }[risk]
        share = gone / still if still else 1.0
        survival *= share if turned else 1 - share
        curve.append(survival)
    return np.array(curve)


def _summed(months, churned):
    """One less the sum of the hazards."""
    kept = _curve(months, churned)
    hazard = 1 - kept / np.append(1.0, kept[:-1])
    return 1 - np.cumsum(hazard)


def _alone(months, churned):
    """What is left of each month by itself."""
    kept = _curve(months, churned)
    return kept / np.append(1.0, kept[:-1])


_CURVE_SLIPS = {
    "members who are still there have not left: only `churned` counts as leaving": (
        lambda months, churned: _curve(months, churned, left=False)
    ),
    "those who are still there were at risk, too, for as long as they were seen": (
        lambda months, churned: _curve(months, churned, dropped=True)
    ),
    "who was last seen in a month was still there in it: they are at risk": (
        lambda months, churned: _curve(months, churned, risk="later")
    ),
    "at risk are those who are there when the month begins, leavers among them": (
        lambda months, churned: _curve(months, churned, risk="after")
    ),
    "divide by those who are at risk in that month, not by all who ever joined": (
        lambda months, churned: _curve(months, churned, risk="all")
    ),
    "that multiplies those who leave: multiply what is left of each month": (
        lambda months, churned: _curve(months, churned, turned=True)
    ),
    "the hazards are conditional: multiply what each leaves, do not add them up": (
        _summed
    ),
    "that is what is left of each month alone: multiply them up": _alone,
    "begin with month 1: after month 0 all are there": (
        lambda months, churned: np.append(1.0, _curve(months, churned))
    ),
}


def _memberships():
    cases = [(np.array([1, 2, 3, 3, 5, 6]), np.array([0, 1, 1, 0, 1, 0]))]
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        months = np.append(rng.integers(1, 7, 20), [7, 7])
        cases.append((months, (rng.random(22) < 0.5) & (months < 7)))
    return [(months, churned.astype(int)) for months, churned in cases]


exercise_function(
    "6.15-kaplan",
    _curve,
    _memberships,
    "the survival curve",
    atol=1e-9,
    slips=_CURVE_SLIPS,
)


def _worth(hazard, margin, rate, wait=0):
    survival, value = 1.0, margin / (1 + rate) ** wait
    for k, h in enumerate(np.asarray(hazard).tolist(), start=1):
        survival *= 1 - h
        value += margin * survival / (1 + rate) ** (k + wait)
    return value


def _without_first(hazard, margin, rate):
    return _worth(hazard, margin, rate) - margin


_WORTH_SLIPS = {
    "the first month is paid at once, by everybody: S(0) = 1": _without_first,
    "the first month is paid at once: it is not discounted": (
        lambda *case: _worth(*case, wait=1)
    ),
    "later money is worth less: divide by (1 + rate) to the power k": (
        lambda hazard, margin, rate: _worth(hazard, margin, 0.0)
    ),
    "the hazard is for those who are still there: multiply 1 - h month by month": (
        lambda hazard, margin, rate: float(
            margin
            + (
                margin
                * (1 - np.asarray(hazard))
                / (1 + rate) ** np.arange(1, len(hazard) + 1)
            ).sum()
        )
    ),
    "one mean hazard for all months makes another curve": (
        lambda hazard, margin, rate: _worth(
            np.full(len(hazard), np.mean(hazard)), margin, rate
        )
    ),
    "in month k + 1 those pay who have stayed through month k, not month k - 1": (
        lambda hazard, margin, rate: _worth(
            np.append(0.0, np.asarray(hazard)[:-1]), margin, rate
        )
    ),
}
exercise_function(
    "6.15-member",
    _worth,
    [
        (np.array([0.5]), 10.0, 0.25),
        (np.array([0.2, 0.1, 0.05]), 6.0, 0.01),
        (np.array([0.09, 0.08, 0.07, 0.065, 0.06]), 12.0, 0.02),
    ],
    "the value",
    atol=1e-9,
    slips=_WORTH_SLIPS,
)
