"""Tests of two arms beside statsmodels.

The plain difference is statsmodels' z-test with unequal variances, the planned numbers
are those of its NormalIndPower, and CUPED's effect is the coefficient of a regression
on treatment and the covariate. A stratified effect is that of a regression with a level
for each stratum, and findings of many tests are those of its multipletests. Data are
orders and spending of made-up people.
"""

import numpy as np

from recbook.marketing import experiments
from tests.benchmarks.peers.clock import medians

AS_FAST = 0.5  # neither side takes a millisecond; ours checks its input


def data(n=100_000, seed=0):
    """Return outcome, treatment and a covariate of n people."""
    rng = np.random.default_rng(seed)
    before = rng.gamma(0.5, 20.0, n)
    treated = rng.random(n) < 0.5
    return before + rng.gamma(0.5, 20.0, n) + 0.3 * treated, treated, before


def compared(y, treated):
    """Return statsmodels' z, p and interval of the difference."""
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    means = CompareMeans(DescrStatsW(y[treated]), DescrStatsW(y[~treated]))
    z, p = means.ztest_ind(usevar="unequal")
    return z, p, means.zconfint_diff(usevar="unequal")


def tests_agree():
    """Compare the z-test, on amounts and on orders."""
    from statsmodels.stats.proportion import proportions_ztest

    y, treated, _ = data()
    for outcome in (y, (y > 60).astype(float)):
        ours = experiments.difference(outcome, treated)
        z, p, interval = compared(outcome, treated)
        close = {"rtol": 1e-10, "atol": 1e-12}
        np.testing.assert_allclose(ours.value / ours.standard_error, z, **close)
        np.testing.assert_allclose(ours.p, p, **close)
        np.testing.assert_allclose(ours.interval, interval, **close)
    # With one variance for both arms, as under no effect, z is a little another.
    y = np.repeat([1.0, 0.0, 1.0, 0.0], [320, 3680, 260, 3740])
    ours = experiments.difference(y, np.repeat([1, 0], 4000))
    z, _ = proportions_ztest([320, 260], [4000, 4000])
    np.testing.assert_allclose(ours.value / ours.standard_error, z, atol=2e-3)


def plans_agree():
    """Compare sample sizes and power."""
    from statsmodels.stats.power import NormalIndPower

    peer = NormalIndPower()
    for size, power in ((0.05, 0.8), (0.1, 0.9), (0.5, 0.6)):
        n = peer.solve_power(size, power=power, alpha=0.05)
        ours = experiments.sample_size(size, 1.0, power)
        assert ours == max(2, int(np.ceil(n - 1e-6))), (ours, n)
        for count in (50, 500, 5000):
            ours = experiments.power(size, 1.0, count)
            theirs = peer.power(size, count, alpha=0.05)
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)


def cuped_agrees():
    """Compare CUPED with ordinary least squares."""
    from statsmodels.api import OLS, add_constant

    y, treated, before = data()
    X = add_constant(np.column_stack([treated, before]).astype(float))
    fitted = OLS(y, X).fit(cov_type="HC1")
    ours = experiments.cuped(y, treated, before)
    np.testing.assert_allclose(ours.value, fitted.params[1], rtol=1e-9)
    np.testing.assert_allclose(ours.standard_error, fitted.bse[1], rtol=1e-3)


def ratios_agree():
    """Compare the ratio with a regression through the origin, people as clusters."""
    from statsmodels.api import WLS

    rng = np.random.default_rng(3)
    visits = rng.integers(1, 20, 20_000).astype(float)
    orders = rng.binomial(visits.astype(int), rng.beta(1, 9, 20_000)).astype(float)
    treated = rng.random(20_000) < 0.5
    X = np.column_stack([treated, ~treated]).astype(float)
    fitted = WLS(orders / visits, X, weights=visits).fit(cov_type="HC0")
    ours = experiments.ratio(orders, visits, treated)
    np.testing.assert_allclose(ours.value, np.diff(fitted.params[::-1])[0], rtol=1e-9)
    error = np.sqrt((fitted.bse**2).sum())
    np.testing.assert_allclose(ours.standard_error, error, rtol=1e-3)


def strata_agree():
    """Compare the stratified effect with a regression with a level for each stratum."""
    from statsmodels.api import OLS

    rng = np.random.default_rng(4)
    stage = rng.integers(0, 5, 50_000)
    treated = rng.random(50_000) < np.array([0.01, 0.05, 0.2, 0.5, 0.9])[stage]
    y = rng.normal(5.0 - stage + 0.2 * treated)
    X = np.column_stack([treated, *(stage == h for h in range(5))]).astype(float)
    fitted = OLS(y, X).fit(cov_type="HC1")
    ours = experiments.stratified(y, treated, stage)
    np.testing.assert_allclose(ours.value, fitted.params[0], rtol=1e-10)
    np.testing.assert_allclose(ours.standard_error, fitted.bse[0], rtol=2e-3)


def discoveries_agree():
    """Compare the findings of many tests, and their adjusted p-values."""
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(5)
    for m, q in ((1, 0.1), (8, 0.2), (300, 0.1), (5000, 0.05)):
        p = rng.random(m) ** rng.choice([1, 4], m)
        p[: m // 3] = np.round(p[: m // 3], 2)  # ties
        kept, adjusted = multipletests(p, alpha=q, method="fdr_bh")[:2]
        np.testing.assert_allclose(
            experiments.adjusted_p(p), adjusted, rtol=1e-12, atol=1e-15
        )
        assert (experiments.false_discoveries(p, q) == kept).all()


def parity():
    """Raise unless all agree."""
    tests_agree()
    plans_agree()
    cuped_agrees()
    ratios_agree()
    strata_agree()
    discoveries_agree()


def rows():
    """Measure the test beside statsmodels', and the bounds of ten looks."""
    y, treated, _ = data()
    ours, peer, ten = medians(
        lambda: experiments.difference(y, treated),
        lambda: compared(y, treated),
        lambda: experiments.bounds(10),
        repetitions=7,
    )
    return [
        {
            "benchmark": "difference of two means with its interval",
            "size": f"{len(y)} people",
            "ours_s": ours,
            "peer": "statsmodels, CompareMeans",
            "peer_s": peer,
            "ratio": peer / ours,
            "target": AS_FAST,
            "note": "inputs are checked on both sides",
        },
        {
            "benchmark": "Pocock's bound by exact recursion",
            "size": "10 looks",
            "ours_s": ten,
            "note": "no peer in the environment",
        },
    ]
