"""Trials of frequency caps beside statsmodels and SciPy.

Effects by cap are a regression on a dummy for each cap with HC2 errors, the effect of
one impression is two-stage least squares with the cap as instrument, reach is SciPy's
negative binomial, and the curve's errors are White's at the optimum, which SciPy's
least squares finds from people, not cells.
"""

import numpy as np

from recbook.marketing import frequency, worlds
from tests.benchmarks.peers.clock import medians

AS_FAST = 3.0
CLOSE = {"rtol": 1e-10, "atol": 1e-14}


def data(n=200_000, seed=0):
    """Return cap, impressions, orders and opportunities of n people."""
    trial = worlds.audience(n, seed).trial(seed=seed)
    names = ["cap", "impressions", "ordered", "opportunities"]
    return [trial[name].to_numpy(dtype=float) for name in names]


def caps_agree():
    """Compare the effects of caps with a regression on dummies."""
    from statsmodels.api import OLS

    cap, seen, y, _ = data(50_000)
    levels = np.unique(cap)
    X = np.column_stack([np.ones(len(y)), *(cap == level for level in levels[1:])])
    fitted = OLS(y, X).fit(cov_type="HC2")
    ours = frequency.cap_effects(cap, seen, y).iloc[1:]
    np.testing.assert_allclose(ours["effect"], fitted.params[1:], **CLOSE)
    np.testing.assert_allclose(ours["standard_error"], fitted.bse[1:], **CLOSE)
    ends = fitted.conf_int()[1:].T
    np.testing.assert_allclose(ours[["low", "high"]].T, ends, **CLOSE)


def steps_agree():
    """Compare the effect of one impression with two-stage least squares."""
    from statsmodels.sandbox.regression.gmm import IV2SLS

    cap, seen, y, _ = data(50_000)
    ours = frequency.impression_effects(cap, seen, y)
    for (low, high), row in ours.iterrows():
        two = (cap == low) | (cap == high)
        X = np.column_stack([np.ones(two.sum()), seen[two]])
        Z = np.column_stack([np.ones(two.sum()), cap[two] == high])
        theirs = IV2SLS(y[two], X, Z).fit().params[1]
        np.testing.assert_allclose(row["effect"], theirs, rtol=1e-9, atol=1e-12)


def residuals(parameters, cells):
    """Return what each person's outcome leaves, beside those with as many chances."""
    (first, q), (seen, y, code) = parameters, cells
    rest = y - first * (1 - q**seen) / (1 - q)
    return rest - (np.bincount(code, rest) / np.bincount(code))[code]


def solved(cap, seen, y, came):
    """Return the least squares of all people, by SciPy."""
    from scipy.optimize import least_squares

    code = np.unique(came, return_inverse=True)[1]
    start, exact = [0.02, 0.6], {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}
    how = {"args": ((seen, y, code),), "x_scale": [0.01, 0.1], "jac": "3-point"}
    return least_squares(residuals, start, **how, **exact).x


def curves_agree():
    """Compare the curve with people's least squares, and its errors with White's."""
    from statsmodels.api import OLS

    cap, seen, y, came = data(50_000)
    curve = frequency.ResponseCurve().fit(cap, seen, y, came)
    found = solved(cap, seen, y, came)
    np.testing.assert_allclose([curve.first_, curve.ratio_], found, rtol=1e-5)
    first, q, code = curve.first_, curve.ratio_, np.unique(came, return_inverse=True)[1]
    lift = (1 - q**seen) / (1 - q)
    bend = (1 - seen * q ** (seen - 1) + (seen - 1) * q**seen) / (1 - q) ** 2
    X = np.column_stack([lift, first * bend])
    for column in (*X.T, y):
        column -= (np.bincount(code, column) / np.bincount(code))[code]
    covariance = OLS(y, X).fit(cov_type="HC0").cov_params()
    np.testing.assert_allclose(curve.covariance_, covariance, rtol=1e-8)


def shares_agree():
    """Compare reach with the distributions of SciPy."""
    from scipy import stats

    n = np.arange(1, 60)
    for mean in (0.3, 5.0, 40.0):
        for shape in (0.2, 0.8, 5.0):
            theirs = stats.nbinom.sf(n - 1, shape, shape / (shape + mean))
            np.testing.assert_allclose(frequency.reach(mean, shape, n), theirs, **CLOSE)
        theirs = stats.poisson.sf(n - 1, mean)
        np.testing.assert_allclose(frequency.reach(mean, n=n), theirs, **CLOSE)


def parity():
    """Raise unless both agree where their definitions do."""
    caps_agree()
    steps_agree()
    curves_agree()
    shares_agree()


def rows():
    """Measure a trial's curve beside people's least squares."""
    given = data()
    ours, peer = medians(
        lambda: frequency.ResponseCurve().fit(*given), lambda: solved(*given)
    )
    return [
        {
            "benchmark": "a curve through a trial of caps",
            "size": f"{len(given[0])} people",
            "ours_s": ours,
            "peer": "scipy, least_squares",
            "peer_s": peer,
            "ratio": peer / ours,
            "target": AS_FAST,
            "note": "cells against people; the peer gives no errors",
        }
    ]
