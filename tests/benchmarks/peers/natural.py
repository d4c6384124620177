"""Instruments, differences and thresholds beside statsmodels and SciPy.

Wald's estimate is two-stage least squares with one instrument. Its error is the HC2
error of the regression of what is left on the assignment, over the first stage. The
difference in differences is the interaction of a regression of all rows, and its error
that of a regression of the changes. The local line and parabola are weighted least
squares with HC2 errors. The data are those of the worlds.
"""

import numpy as np

from recbook.marketing import observational as natural
from recbook.marketing import worlds
from tests.benchmarks.peers.clock import medians

CLOSE = {"rtol": 1e-10, "atol": 1e-12}
AS_FAST = 0.5  # a few milliseconds; ours checks its input


def two_stage(y, treated, assigned):
    """Return statsmodels' effect, and the error of what is left, over the stage."""
    from statsmodels.api import OLS, add_constant
    from statsmodels.sandbox.regression.gmm import IV2SLS

    X, Z = (add_constant(column.astype(float)) for column in (treated, assigned))
    beta = IV2SLS(y, X, Z).fit().params
    left = OLS(y - X @ beta, Z).fit(cov_type="HC2")
    stage = OLS(treated.astype(float), Z).fit().params[1]
    return beta[1], left.bse[1] / stage


def instruments_agree():
    """Compare Wald's effect and its error, and a bound of the Anderson–Rubin set."""
    from statsmodels.api import OLS, add_constant

    world = worlds.nudges(10_000, seed=3)
    y, treated, assigned = world.margin, world.uses, world.nudged
    ours = natural.wald(y, treated, assigned)
    theirs = two_stage(y, treated, assigned)
    np.testing.assert_allclose((ours.value, ours.standard_error), theirs, **CLOSE)
    Z = add_constant(assigned.astype(float))
    for end in natural.anderson_rubin(y, treated, assigned).parts[0]:
        test = OLS(y - end * treated, Z).fit(cov_type="HC2")
        np.testing.assert_allclose(abs(test.tvalues[1]), 1.959963984540054, rtol=1e-8)


def differences_agree():
    """Compare the coefficient of treated × after, and the error of the changes."""
    from scipy.stats import ttest_ind
    from statsmodels.api import OLS, add_constant

    world = worlds.rollout(seed=3)
    n, n_weeks = world.sales.shape
    ours = natural.did(world.sales, world.treated, 16)
    treated = np.repeat(world.treated, n_weeks) * 1.0
    after = np.tile(np.arange(n_weeks) >= 16, n) * 1.0
    X = add_constant(np.column_stack([treated, after, treated * after]))
    rows = OLS(world.sales.ravel(), X).fit()
    np.testing.assert_allclose(ours.value, rows.params[3], **CLOSE)
    change = world.sales[:, 16:].mean(axis=1) - world.sales[:, :16].mean(axis=1)
    X = add_constant(world.treated * 1.0)
    changes = OLS(change, X).fit(cov_type="HC2")
    np.testing.assert_allclose(ours.standard_error, changes.bse[1], **CLOSE)
    test = ttest_ind(change[world.treated], change[~world.treated], equal_var=False)
    np.testing.assert_allclose(ours.p, test.pvalue, **CLOSE)
    np.testing.assert_allclose(
        ours.interval, tuple(test.confidence_interval()), **CLOSE
    )
    # Errors by cluster leave out how few shops there are: nearly as large with 40.
    shops = np.repeat(np.arange(n), n_weeks)
    clustered = OLS(world.sales.ravel(), np.column_stack([
        np.ones(len(shops)), treated, after, treated * after,
    ])).fit(cov_type="cluster", cov_kwds={"groups": shops})  # fmt: skip
    np.testing.assert_allclose(ours.standard_error, clustered.bse[3], rtol=0.1)


def local_fit(y, x, h, order):
    """Return the jump of two weighted regressions of statsmodels, and its error."""
    from statsmodels.api import WLS

    found = []
    for side in ((x < 0) & (x > -h), (x >= 0) & (x < h)):
        X = np.vander(x[side] / h, order + 1, increasing=True)
        weights = 1 - np.abs(x[side]) / h
        fitted = WLS(y[side], X, weights=weights).fit(cov_type="HC2")
        found.append((fitted.params[0], fitted.bse[0] ** 2))
    below, above = found
    return above[0] - below[0], np.sqrt(above[1] + below[1])


def thresholds_agree():
    """Compare line and parabola at one bandwidth."""
    table = worlds.vouchers(seed=3).table
    y, x = table["margin"].to_numpy(), table["spent"].to_numpy() - 100
    ours = natural.discontinuity(y, x, 0.0, 25.0)
    line, (middle, error) = (local_fit(y, x, 25.0, order) for order in (1, 2))
    np.testing.assert_allclose((ours.value, ours.standard_error), line, **CLOSE)
    reach = 1.959963984540054 * error
    np.testing.assert_allclose(
        ours.interval, (middle - reach, middle + reach), rtol=1e-9
    )


def parity():
    """Raise unless all agree."""
    instruments_agree()
    differences_agree()
    thresholds_agree()


def rows():
    """Measure an instrument and a threshold beside statsmodels."""
    world = worlds.nudges(40_000, seed=3)
    data = world.margin, world.uses, world.nudged
    table = worlds.vouchers(seed=3).table
    y, x = table["margin"].to_numpy(), table["spent"].to_numpy() - 100
    ours, peer = medians(
        lambda: natural.wald(*data), lambda: two_stage(*data), repetitions=5
    )
    lines, fits = medians(
        lambda: natural.discontinuity(y, x, 0.0, 25.0),
        lambda: [local_fit(y, x, 25.0, order) for order in (1, 2)],
        repetitions=5,
    )
    return [
        {
            "benchmark": "effect of an encouragement, with its interval",
            "size": "40,000 people",
            "ours_s": ours,
            "peer": "statsmodels, IV2SLS and HC2",
            "peer_s": peer,
            "ratio": peer / ours,
            "target": AS_FAST,
        },
        {
            "benchmark": "jump at a threshold, line and parabola",
            "size": "20,000 people",
            "ours_s": lines,
            "peer": "statsmodels, WLS with HC2",
            "peer_s": fits,
            "ratio": fits / lines,
            "target": AS_FAST,
        },
    ]
