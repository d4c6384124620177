"""Spending, many tests, shrinking and periods: plain loops, hand numbers, refusals."""

import math

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.stats import multivariate_normal, norm

from recbook.marketing import experiments

EVEN = [0.2, 0.4, 0.6, 0.8, 1.0]

# Spending ----------------------------------------------------------------------------


def test_bounds_are_the_published_ones():
    # As printed for five even looks at .05, two-sided, by the program of Reboussin,
    # DeMets, Kim and Lan (2000).
    found = experiments.spending_bounds(EVEN)
    np.testing.assert_allclose(
        found, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310], atol=1.5e-4
    )
    found = experiments.spending_bounds(EVEN, kind="pocock")
    np.testing.assert_allclose(
        found, [2.4380, 2.4268, 2.4101, 2.3966, 2.3859], atol=1.5e-4
    )


def test_spent_by_hand():
    # z of 1 - .05/4 is 2.24140. At t = 1/4: 4 Φ(-4.48280) = 4 · 3.6833e-6.
    assert experiments.spent([0.25])[0] == pytest.approx(1.4733e-5, rel=1e-3)
    # .05 ln(1 + 1.718282/2) = .05 · .620115
    assert experiments.spent([0.5], kind="pocock")[0] == pytest.approx(0.03100573)
    assert experiments.spent([0.5], 0.04, 2)[0] == pytest.approx(0.01)
    for kind in ("pocock", "obrien-fleming", 1, 0.4):
        assert experiments.spent([1.0], 0.03, kind)[0] == pytest.approx(0.03)


@hypothesis.settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 100), min_size=1, max_size=7, unique=True),
    st.sampled_from(["pocock", "obrien-fleming", 1.0, 3]),
    st.floats(0.001, 0.2),
)
def test_each_look_spends_what_it_may(hundredths, kind, alpha):
    t = np.sort(hundredths) / 100
    bounds = experiments.spending_bounds(t, alpha, kind)
    stopped = experiments.crossing(len(t), bounds, fractions=t)
    may = np.diff(experiments.spent(t, alpha, kind), prepend=0.0)
    np.testing.assert_allclose(stopped, may, atol=1e-12)
    # What comes later changes no bound.
    np.testing.assert_allclose(
        experiments.spending_bounds(t[:2], alpha, kind), bounds[:2], rtol=1e-9
    )


def test_uneven_looks_by_the_multivariate_normal():
    t, b = np.array([0.3, 0.45, 1.0]), np.array([2.6, 2.2, 2.0])
    covariance = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    mean = 1.3 * np.sqrt(t)
    inside = [
        multivariate_normal(mean[:k], covariance[:k, :k]).cdf(b[:k], lower_limit=-b[:k])
        for k in (1, 2, 3)
    ]
    stopped = experiments.crossing(3, b, drift=1.3, fractions=t)
    np.testing.assert_allclose(np.cumsum(stopped), 1 - np.array(inside), atol=2e-5)


def test_even_fractions_are_even_looks():
    for k in (1, 4, 9):
        t = np.arange(1, k + 1) / k
        even, other = (
            experiments.crossing(k, 2.0, 1.5, fractions) for fractions in (None, t)
        )
        np.testing.assert_allclose(even, other, atol=1e-12)


def test_a_look_that_stops_nobody_changes_nothing():
    # However near it is to the one before: the integrals are as fine as the step.
    alone = experiments.crossing(2, [2.0, 2.2], 1.5, [0.3, 1.0])
    for t in (0.302, 0.998):
        between = experiments.crossing(3, [2.0, 40.0, 2.2], 1.5, [0.3, t, 1.0])
        np.testing.assert_allclose(between, [alone[0], 0, alone[1]], atol=1e-11)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: experiments.spending_bounds([0.5, 0.5]),
            r"fractions\[1\] is 0.5, aft",
        ),
        (
            lambda: experiments.spending_bounds([0.001]),
            r"fractions\[0\] is 0.001, after",
        ),
        (lambda: experiments.spending_bounds([0.5, 1.2]), r"fractions\[1\] is 1.2"),
        (lambda: experiments.spending_bounds([]), "fractions must be a flat list"),
        (lambda: experiments.spending_bounds([0.5], kind="haybittle"), "kind"),
        (lambda: experiments.spending_bounds([0.5], kind=0), "kind must be"),
        (lambda: experiments.spent([0.5], alpha=0), "alpha must be"),
        (lambda: experiments.spent([0.0]), r"fractions\[0\] is 0.0"),
        (
            lambda: experiments.crossing(3, fractions=[0.5, 1.0]),
            "fractions has 2 rows, but n_looks is 3",
        ),
    ],
)
def test_spending_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Many tests --------------------------------------------------------------------------


def plain_discoveries(p, q):
    """Benjamini and Hochberg's rule in words: the largest k whose p is small enough."""
    ranked, most = sorted(p), 0
    for k in range(1, len(p) + 1):
        if ranked[k - 1] <= k * q / len(p):
            most = k
    limit = ranked[most - 1] if most else -1
    return [value <= limit for value in p]


def test_discoveries_by_hand():
    # Eight tests, q = .1: the limits are .0125 k. The sixth, .072, is below .075,
    # though the fourth, .055, is above .050.
    p = [0.001, 0.012, 0.03, 0.055, 0.06, 0.072, 0.3, 0.8]
    assert experiments.false_discoveries(p).tolist() == [True] * 6 + [False] * 2
    assert experiments.false_discoveries([0.1], 0.1).tolist() == [True]  # at the limit
    assert experiments.false_discoveries([0.1] * 3, 0.1).all()  # 3 × .1 / 3 is above .1
    # .055 · 8/4 = .11, but .072 · 8/6 = .096 is less
    np.testing.assert_allclose(
        experiments.adjusted_p(p)[[0, 3, 7]], [0.008, 0.096, 0.8]
    )


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
    st.sampled_from([0.031, 0.1, 0.27]),
)
def test_discoveries_are_those_of_the_rule_in_words(p, q):
    found = experiments.false_discoveries(p, q)
    adjusted = experiments.adjusted_p(p)
    if np.abs(adjusted - q).min() > 1e-12:
        assert found.tolist() == plain_discoveries(p, q)
    assert (adjusted >= np.array(p) - 1e-15).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()
    turned = experiments.adjusted_p(p[::-1])[::-1]
    np.testing.assert_array_equal(adjusted, turned)


def test_the_false_part_is_q_times_the_tests_without_an_effect():
    rng, found = np.random.default_rng(0), []
    for _ in range(2000):
        z = rng.standard_normal(40) + 3.0 * (np.arange(40) < 10)
        keep = experiments.false_discoveries(2 * norm.sf(np.abs(z)), 0.2)
        found.append(keep[10:].sum() / max(keep.sum(), 1))
    assert np.mean(found) == pytest.approx(0.2 * 30 / 40, abs=0.012)


def test_false_positive_risk_by_hand():
    # s = .1, power .8, alpha .025: π0 = .7/.775 = .90323, and .025 · .90323/.1
    risk = experiments.false_positive_risk(0.1, 0.8, 0.025)
    assert risk == pytest.approx(0.2258065)
    assert experiments.false_positive_risk(0.05, 0.8, 0.05) == 1
    assert experiments.false_positive_risk(0.8, 0.8, 0.05) == pytest.approx(0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: experiments.adjusted_p([0.2, 1.1]), r"p\[1\] is 1.1"),
        (lambda: experiments.adjusted_p([0.2, math.nan]), r"p\[1\] is nan"),
        (lambda: experiments.false_discoveries([0.2], 1.0), "q must be"),
        (lambda: experiments.false_positive_risk(0.01), "significant must be"),
        (lambda: experiments.false_positive_risk(0.9), "significant must be"),
        (lambda: experiments.false_positive_risk(0.1, 0.04), "power must be"),
    ],
)
def test_many_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The archive -------------------------------------------------------------------------


def archive(n=300, null=0.6, seed=0):
    """Estimates, errors and true effects of n tests."""
    rng = np.random.default_rng(seed)
    true = rng.normal(0.1, 0.5, n) * (rng.random(n) >= null)
    errors = rng.uniform(0.1, 0.4, n)
    return true + errors * rng.standard_normal(n), errors, true


def plain_likelihood(d, s, mean, deviation, null):
    wide = np.sqrt(deviation**2 + s**2)
    some = (1 - null) * norm.pdf(d, mean, wide)
    return np.log(null * norm.pdf(d, 0, s) + some).sum()


@pytest.mark.parametrize("null", [False, True])
def test_the_prior_is_the_likeliest(null):
    d, s, _ = archive(120)
    prior = experiments.effect_prior(d, s, null)
    best = plain_likelihood(d, s, prior.mean, prior.deviation, prior.null)
    for mean in np.linspace(-0.3, 0.5, 7):
        for deviation in np.linspace(0.05, 1.0, 8):
            for part in np.linspace(0, 0.9, 7) if null else (0.0,):
                assert plain_likelihood(d, s, mean, deviation, part) <= best + 1e-6
    assert (prior.null > 0) == null
    moved = experiments.effect_prior(1000 * d, 1000 * s, null)
    assert moved.deviation == pytest.approx(1000 * prior.deviation, rel=1e-3)


def test_the_prior_of_noise_is_narrow():
    s = np.full(400, 0.2)
    d = 0.1 + s * norm.ppf((np.arange(400) + 0.5) / 400)
    prior = experiments.effect_prior(d, 1.05 * s)
    assert prior.deviation == pytest.approx(0.0, abs=1e-6)
    assert prior.mean == pytest.approx(0.1, abs=1e-6)
    found = experiments.shrink(d, 1.05 * s)
    np.testing.assert_allclose(found.value, 0.1, atol=1e-6)


def test_shrink_by_counting_on_a_grid():
    prior = experiments.Prior(0.1, 0.3, 0.6)
    d, s = [0.9, 0.05, -0.4], [0.25, 0.2, 0.3]
    found = experiments.shrink(d, s, prior)
    grid = np.linspace(-3, 3, 600_001)
    for i in range(3):
        part = 0.4 * norm.pdf(grid, 0.1, 0.3) * norm.pdf(d[i], grid, s[i])
        part = part * (grid[1] - grid[0])
        none = 0.6 * norm.pdf(d[i], 0, s[i])
        total = part.sum() + none
        assert found.value[i] == pytest.approx((grid * part).sum() / total, rel=1e-6)
        assert found.real[i] == pytest.approx(part.sum() / total, rel=1e-6)
        for end, q in zip(found.interval, (0.025, 0.975), strict=True):
            below = part[grid < end[i] - 1e-9].sum() + none * (end[i] > 0)
            below = below / total
            upto = below + (none / total if end[i] == 0 else 0)
            assert below - 1e-4 <= q <= upto + 1e-4
    plain = experiments.shrink([0.9], [0.3], experiments.Prior(0.1, 0.3))
    # weight 1/2, mean .1 + .8/2, error .3/sqrt 2
    assert plain.value[0] == pytest.approx(0.5)
    assert plain.interval[0][0] == pytest.approx(0.5 - 1.959964 * 0.3 / math.sqrt(2))


def test_shrunk_winners_are_as_large_as_they_look():
    naive, ours = [], []
    for seed in range(20):
        d, s, true = archive(300, 0.6, seed)
        won = d > 1.96 * s
        found = experiments.shrink(d, s, experiments.effect_prior(d, s, null=True))
        naive.append((d - true)[won].mean())
        ours.append((found.value - true)[won].mean())
    assert np.mean(naive) > 0.1
    assert abs(np.mean(ours)) < 0.2 * np.mean(naive)


def test_edges_of_the_prior():
    for prior, value in (
        (experiments.Prior(0.2, 0.0), 0.2),
        (experiments.Prior(0.2, 0.3, 1.0), 0.0),
        (experiments.Prior(0.0, 1e90), 0.7),
    ):
        found = experiments.shrink([0.7], [0.1], prior)
        assert found.value[0] == pytest.approx(value)
        assert np.isfinite(found.interval).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: experiments.effect_prior([1.0] * 9, [1.0] * 9), "effects has 9 tests"),
        (lambda: experiments.shrink([1.0], [0.0], 1), r"standard_errors\[0\] is 0.0"),
        (lambda: experiments.shrink([1.0, 2], [1.0], None), "rows"),
        (lambda: experiments.shrink([1.0], [1.0], 0.2), r"give a Prior\(mean"),
        (
            lambda: experiments.shrink([1.0], [1.0], experiments.Prior(0.0, -1.0)),
            "prior.deviation must be",
        ),
        (
            lambda: experiments.shrink([1.0], [1.0], experiments.Prior(0.0, 1.0, 2.0)),
            "prior.null must be",
        ),
    ],
)
def test_archives_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Periods -----------------------------------------------------------------------------


def ramp(n=600, seed=0):
    """Outcome, treatment and stratum of a test whose split and level change."""
    rng = np.random.default_rng(seed)
    stage = rng.integers(0, 3, n)
    treated = rng.random(n) < np.array([0.1, 0.3, 0.6])[stage]
    return 5.0 - 2 * stage + treated + rng.normal(size=n), treated, stage


@pytest.mark.parametrize("weights", ["precision", "people"])
def test_strata_by_plain_loops(weights):
    y, treated, stage = ramp()
    values, variances, shares = [], [], []
    for h in range(3):
        one, other = y[(stage == h) & treated], y[(stage == h) & ~treated]
        values.append(one.mean() - other.mean())
        variances.append(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
        n1, n0 = len(one), len(other)
        shares.append(n1 * n0 / (n1 + n0) if weights == "precision" else n1 + n0)
    share = np.array(shares) / sum(shares)
    found = experiments.stratified(y, treated, stage, weights)
    assert found.value == pytest.approx(share @ values)
    assert found.standard_error == pytest.approx(np.sqrt(share**2 @ variances))
    names = np.array(["early", "middle", "late"])[stage]
    assert experiments.stratified(y, treated, names, weights).value == pytest.approx(
        found.value
    )


def test_precision_is_a_regression_with_a_level_for_each_stratum():
    y, treated, stage = ramp()
    X = np.column_stack([treated, *(stage == h for h in range(3))]).astype(float)
    slope = np.linalg.lstsq(X, y, rcond=None)[0][0]
    assert experiments.stratified(y, treated, stage).value == pytest.approx(slope)
    pooled = experiments.difference(y, treated)
    assert pooled.interval[1] < 0.3  # the truth is 1
    one = experiments.stratified(y, treated, np.zeros(len(y)))
    assert one.value == pytest.approx(pooled.value)
    assert one.standard_error == pytest.approx(pooled.standard_error)


def test_fading_finds_what_was_put_in():
    since = np.arange(10)
    person = np.arange(8)[:, None] % 4 * 1.5
    treated = np.arange(8) < 4
    daily = person + treated[:, None] * (0.5 + 2.0 * 0.5 ** (since / 3))
    lasting, novelty = experiments.fading(daily, treated, 3)
    assert lasting.value == pytest.approx(0.5)
    assert novelty.value == pytest.approx(2.0)
    # What differs between people is in the error of what stays, not of what fades.
    assert lasting.standard_error > 0.5
    assert novelty.standard_error == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: experiments.stratified([1.0] * 5, [1, 1, 0, 0, 1], [0, 0, 0, 0, 7]),
            "stratum 7 has 1 people treated",
        ),
        (
            lambda: experiments.stratified([1.0] * 4, [1, 1, 0, 0], [0] * 4, "equal"),
            "weights",
        ),
        (
            lambda: experiments.stratified(
                [1.0] * 4, [1, 1, 0, 0], [0.0] * 3 + [math.nan]
            ),
            r"stratum\[3\] is nan",
        ),
        (lambda: experiments.fading(np.ones((4, 2)), [1, 1, 0, 0], 1), "has 2 days"),
        (
            lambda: experiments.fading(np.ones((4, 5)), [1, 1, 0, 0], 0),
            "half_life must",
        ),
        (lambda: experiments.fading(np.ones(4), [1, 1, 0, 0], 1), "daily must have"),
    ],
)
def test_periods_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
