"""Survival curves beside statsmodels, hazards beside scikit-learn.

Kaplan–Meier's curve, its numbers at risk and Greenwood's error are those of
statsmodels' SurvfuncRight, and the log-log interval is written out from them. The
discrete hazard is scikit-learn's logistic regression on a row for each month of each
member, with C = 1/reg. Data are the members of the world.
"""

import numpy as np

from recbook.marketing import survival, worlds
from recbook.marketing.base import NORMAL_975
from tests.benchmarks.peers.clock import medians

HAZARD = 2.0
REG = 0.5


def data(n=20_000):
    """Return features, months and who has left."""
    world = worlds.members(n)
    months, churned = (world.table[name].to_numpy() for name in ("months", "churned"))
    return world.features().to_numpy(), months, churned


def person_months(X, months, churned):
    """Return a row for each month of each member, and whether it is their last."""
    who = np.repeat(np.arange(len(months)), months)
    month = np.concatenate([np.arange(1, last + 1) for last in months])
    starts = np.array([2, 3, 4, 7, 13, 25])
    band = (month[:, None] >= starts).sum(axis=1)
    levels = band[:, None] == np.arange(1, len(starts) + 1)
    rows = np.column_stack([np.log(month), levels, X[who]])
    return rows, (month == months[who]) & (churned[who] == 1)


def by_rows(X, months, churned):
    """Return scikit-learn's regression on the person-months."""
    from sklearn.linear_model import LogisticRegression

    how = {"C": 1 / REG, "solver": "newton-cholesky", "tol": 1e-12}
    return LogisticRegression(**how).fit(*person_months(X, months, churned))


def parity():
    """Raise unless curve, error, interval and coefficients agree."""
    from statsmodels.duration.survfunc import SurvfuncRight

    for n in (300, 20_000):
        X, months, churned = data(n)
        ours = survival.kaplan_meier(months, churned)
        theirs = SurvfuncRight(months, churned)
        rows = ours.set_index("month").loc[theirs.surv_times]
        for name, values in {
            "survival": theirs.surv_prob,
            "standard_error": theirs.surv_prob_se,
            "at_risk": theirs.n_risk,
            "churned": theirs.n_events,
        }.items():
            np.testing.assert_allclose(rows[name], values, rtol=0, atol=1e-10)
        log = np.log(theirs.surv_prob)
        error = theirs.surv_prob_se / (theirs.surv_prob * np.abs(log))
        for name, sign in (("low", 1), ("high", -1)):
            ends = np.exp(log * np.exp(sign * NORMAL_975 * error))
            np.testing.assert_allclose(rows[name], ends, rtol=0, atol=1e-10)
        model = survival.DiscreteHazard(REG).fit(X, months, churned)
        peer = by_rows(X, months, churned)
        mine = np.concatenate([model.tenure_, model.coef_])
        np.testing.assert_allclose(mine, peer.coef_[0], rtol=0, atol=1e-7)
        np.testing.assert_allclose(model.intercept_, peer.intercept_[0], atol=1e-7)


def rows():
    """Measure both."""
    from statsmodels.duration.survfunc import SurvfuncRight

    X, months, churned = data()
    curve, peer_curve, hazard, peer_hazard = medians(
        lambda: survival.kaplan_meier(months, churned),
        lambda: SurvfuncRight(months, churned),
        lambda: survival.DiscreteHazard(REG).fit(X, months, churned),
        lambda: by_rows(X, months, churned),
    )
    size = f"{len(months)} members, {months.sum()} months"
    return [
        {
            "benchmark": "Kaplan–Meier with Greenwood's error",
            "size": size,
            "ours_s": curve,
            "peer": "statsmodels SurvfuncRight",
            "peer_s": peer_curve,
            "ratio": peer_curve / curve,
            "note": "no target: making the table takes most of it",
        },
        {
            "benchmark": "discrete hazard: the whole fit",
            "size": size,
            "ours_s": hazard,
            "peer": "scikit-learn LogisticRegression on person-months",
            "peer_s": peer_hazard,
            "ratio": peer_hazard / hazard,
            "target": HAZARD,
            "note": "members who are alike are one row for each month, weighted",
        },
    ]
