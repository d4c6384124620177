"""Tests of two arms beside plain loops, other formulas, numbers by hand, refusals."""

import math

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from scipy.stats import chisquare, norm, ttest_ind

from recbook.marketing import experiments

VARIANCES = [0.065 * 0.935, 0.08 * 0.92]
ONE_AND_ONE = [1, 1, 0, 0]


def people(n=200, seed=0):
    """Outcome, treatment, the outcome before and a denominator of n people."""
    rng = np.random.default_rng(seed)
    treated = np.arange(n) % 3 == 0
    before = rng.normal(size=n)
    y = 2 + before + rng.normal(size=n) + 0.3 * treated
    return y, treated, before, rng.integers(1, 9, n).astype(float)


# Planning ----------------------------------------------------------------------------


def test_sample_size_by_hand():
    # (1.959964 + .841621)² (.060775 + .0736) / .015² = 7.848879 · .134375 / .000225
    # = 4687.5, so 4,688.
    assert experiments.sample_size(0.015, VARIANCES) == 4688
    assert experiments.sample_size(-0.015, VARIANCES) == 4688
    # Half the effect, four times the people: 4 · 4687.53 = 18750.1
    assert experiments.sample_size(0.0075, VARIANCES) == 18_751
    assert experiments.sample_size(100.0, 1.0) == 2


@hypothesis.settings(max_examples=40)
@given(
    effect=st.floats(0.01, 2),
    variance=st.floats(0.1, 5),
    power=st.floats(0.3, 0.99),
    alpha=st.floats(0.001, 0.2),
)
def test_sample_size_is_the_smallest_that_reaches_the_power(
    effect, variance, power, alpha
):
    n = experiments.sample_size(effect, variance, power, alpha)
    reached = experiments.power(effect, variance, n, alpha)
    assert reached >= power - 1e-9
    if n > 2 and power > 0.5:  # where the wrong sign has no weight
        fewer = experiments.power(effect, variance, n - 1, alpha)
        assert fewer < power + 1e-4


def test_power_is_what_drawing_gives():
    # A test of n people per arm is significant where |Z| > 1.96, Z normal around d/se.
    n, effect, variance = [100, 300], 0.4, [1.0, 2.0]
    z = effect / math.sqrt(1 / 100 + 2 / 300)
    expected = norm.sf(1.959964 - z) + norm.cdf(-1.959964 - z)
    assert experiments.power(effect, variance, n) == pytest.approx(expected, abs=1e-6)
    assert experiments.power(0.0, 1.0, 10, alpha=0.03) == pytest.approx(0.03)
    rng = np.random.default_rng(0)
    share = np.mean(np.abs(z + rng.standard_normal(200_000)) > 1.959964)
    assert experiments.power(effect, variance, n) == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: experiments.sample_size(0, 1), "effect is 0, which no number"),
        (lambda: experiments.sample_size(1, 0), "variance is 0 in both arms"),
        (lambda: experiments.sample_size(1, [1, -2]), r"variance\[1\] is -2.0"),
        (lambda: experiments.sample_size(1, [1, 2, 3]), "variance has 3 rows"),
        (lambda: experiments.sample_size(1, 1, power=0.05), "not above alpha"),
        (
            lambda: experiments.sample_size(1, 1, power=1),
            "power .* above 0 and below 1",
        ),
        (
            lambda: experiments.sample_size(1, 1, alpha=0),
            "alpha .* above 0 and below 1",
        ),
        (lambda: experiments.sample_size(1e-12, 1), "ask for a larger effect"),
        (lambda: experiments.sample_size(1e-300, 1), "ask for a larger effect"),
        (lambda: experiments.sample_size(math.nan, 1), "effect must be"),
        (lambda: experiments.power(1, 1, 2.5), "whole numbers of people"),
        (lambda: experiments.power(1, 1, [0, 5]), r"n\[0\] is 0.0"),
    ],
)
def test_plans_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Effects -----------------------------------------------------------------------------


def test_difference_by_hand():
    # 320 of 4,000 against 260 of 4,000: variances .08 · .92 and .065 · .935, times
    # 4000/3999, over 4,000: se = sqrt(.134375 / 3999) = .0057967, z = 2.58767.
    y = np.repeat([1.0, 0.0, 1.0, 0.0], [320, 3680, 260, 3740])
    effect = experiments.difference(y, np.repeat([1, 0], 4000))
    assert effect.value == pytest.approx(0.015)
    assert effect.standard_error == pytest.approx(math.sqrt(0.134375 / 3999))
    assert effect.p == pytest.approx(2 * norm.sf(2.58767), abs=1e-6)
    assert effect.interval[0] == pytest.approx(0.015 - 1.959964 * 0.0057967, abs=1e-7)


def test_difference_without_variation():
    same = experiments.difference([2.0, 2, 2, 2], ONE_AND_ONE)
    assert (same.value, same.standard_error, same.p) == (0.0, 0.0, 1.0)
    apart = experiments.difference([3.0, 3, 2, 2], ONE_AND_ONE)
    assert (apart.value, apart.interval, apart.p) == (1.0, (1.0, 1.0), 0.0)


def test_difference_is_the_trials_average_effect():
    from recbook.marketing.uplift import average_effect

    y, treated, *_ = people()
    ours, other = experiments.difference(y, treated), average_effect(y, treated)
    assert ours.value == pytest.approx(other.value, rel=1e-12)
    assert ours.standard_error == pytest.approx(other.standard_error, rel=1e-12)
    assert ours.p == pytest.approx(other.p, rel=1e-9)


def plain_theta(y, treated, x):
    """Covariance over variance within the arms, by counting."""
    top = bottom = 0.0
    for arm in (True, False):
        rows = [i for i in range(len(y)) if treated[i] == arm]
        mean_x = sum(x[i] for i in rows) / len(rows)
        mean_y = sum(y[i] for i in rows) / len(rows)
        top += sum((x[i] - mean_x) * (y[i] - mean_y) for i in rows)
        bottom += sum((x[i] - mean_x) ** 2 for i in rows)
    return top / bottom


def test_cuped_subtracts_what_was_different_before():
    y, treated, before, _ = people()
    theta = plain_theta(y, treated, before)
    gap = before[treated].mean() - before[~treated].mean()
    effect = experiments.cuped(y, treated, before)
    plain = experiments.difference(y, treated)
    assert effect.value == pytest.approx(plain.value - theta * gap, rel=1e-12)
    adjusted = experiments.difference(y - theta * before, treated)
    assert effect.standard_error == pytest.approx(adjusted.standard_error, rel=1e-12)


def test_cuped_is_least_squares_on_treatment_and_before():
    y, treated, before, _ = people(seed=3)
    X = np.column_stack([np.ones(len(y)), treated, before])
    coef = np.linalg.lstsq(X, y, rcond=None)[0]
    effect = experiments.cuped(y, treated, before)
    assert effect.value == pytest.approx(coef[1], rel=1e-10)


def test_cuped_divides_the_variance_by_what_is_known():
    # y = before + noise of the same size: rho² = 1/2.
    y, treated, before, _ = people(40_000, seed=1)
    plain = experiments.difference(y, treated).standard_error
    ours = experiments.cuped(y, treated, before).standard_error
    assert (ours / plain) ** 2 == pytest.approx(0.5, abs=0.02)


@hypothesis.settings(max_examples=40)
@given(
    y=arrays(float, 8, elements=st.floats(-5, 5).map(lambda x: round(x, 3))),
    before=arrays(float, 8, elements=st.integers(-3, 3).map(float)),
    scale=st.sampled_from([1e-6, 3.0, 1e6]),
)
def test_cuped_ignores_the_unit_and_the_zero_of_before(y, before, scale):
    treated = np.arange(8) % 2 == 0
    one = experiments.cuped(y, treated, before)
    other = experiments.cuped(y, treated, scale * before + 7)
    assert other.value == pytest.approx(one.value, abs=1e-7)
    assert other.standard_error == pytest.approx(one.standard_error, abs=1e-7)


def test_cuped_without_anything_known_is_the_difference():
    y, treated, *_ = people()
    for before in (np.full(len(y), 3.0), 5.0 * treated):
        same = experiments.cuped(y, treated, before)
        plain = experiments.difference(y, treated)
        assert same.value == pytest.approx(plain.value, rel=1e-12)
        assert same.standard_error == pytest.approx(plain.standard_error, rel=1e-12)
    huge = experiments.cuped([1.0, 2, 3, 4], ONE_AND_ONE, [1e300, 2e300, 0, 1e300])
    assert huge.value == pytest.approx(-2 - 1.0)  # theta is 1 for each 1e300


def test_ratio_by_hand():
    # Treated 2/4 and 1/4: R = 3/8, left .5 and -.5, variance .5/2/16 = 1/64.
    # Untreated 1/4 and 1/4: R = 2/8 and nothing is left.
    effect = experiments.ratio([2, 1, 1, 1], [4, 4, 4, 4], ONE_AND_ONE)
    assert effect.value == 0.125
    assert effect.standard_error == pytest.approx(1 / 8)


def test_ratio_of_one_each_is_the_difference():
    y, treated, *_ = people()
    ours = experiments.ratio(y, np.ones(len(y)), treated)
    assert ours.value == pytest.approx(experiments.difference(y, treated).value)
    assert ours.standard_error == pytest.approx(
        experiments.difference(y, treated).standard_error, rel=1e-12
    )


def test_ratio_is_near_the_jackknife():
    rng = np.random.default_rng(5)
    visits = rng.integers(1, 9, 400).astype(float)
    orders = rng.binomial(visits.astype(int), rng.random(400) / 3).astype(float)
    treated = np.arange(400) % 2 == 0
    variance = 0.0
    for arm in (treated, ~treated):
        y, d = orders[arm], visits[arm]
        left_out = [(y.sum() - y[i]) / (d.sum() - d[i]) for i in range(len(y))]
        variance += (len(y) - 1) * np.var(left_out)
    error = experiments.ratio(orders, visits, treated).standard_error
    assert error == pytest.approx(math.sqrt(variance), rel=0.02)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: experiments.difference([1, 2, 3], [1, 0, 0]),
            "one person treated: an error needs two",
        ),
        (lambda: experiments.difference([1, 2], [1, 1]), "nobody untreated"),
        (lambda: experiments.difference([1, np.nan], [1, 0]), r"y\[1\] is nan"),
        (lambda: experiments.difference([1.0, 2, 3], ONE_AND_ONE), "has 4 rows"),
        (
            lambda: experiments.difference([1e308, -1e308, 0, 0], ONE_AND_ONE),
            "y overflows",
        ),
        (
            lambda: experiments.cuped([1, 2, 3, 4], ONE_AND_ONE, [1, 2, 3, np.inf]),
            r"before\[3\] is inf",
        ),
        (
            lambda: experiments.ratio([1, 2, 3, 4], [1, 1, -1, 1], ONE_AND_ONE),
            r"denominator\[2\] is -1.0",
        ),
        (
            lambda: experiments.ratio([1, 2, 3, 4], [0, 0, 1, 1], ONE_AND_ONE),
            "denominator is 0 for everybody treated",
        ),
        (
            lambda: experiments.ratio([1, 2, 3, 4], [1, 1, 0, 0], ONE_AND_ONE),
            "denominator is 0 for everybody untreated",
        ),
    ],
)
def test_effects_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The arms ----------------------------------------------------------------------------


def test_sample_ratio_by_hand():
    # 600 too many of 50,000: 2 · 600² / 50,000 = 14.4, and sqrt(14.4) = 3.79473.
    p = experiments.sample_ratio([50_600, 49_400])
    assert p == pytest.approx(2 * norm.sf(math.sqrt(14.4)), rel=1e-9)
    assert experiments.sample_ratio([90, 10], [9, 1]) == 1.0


@hypothesis.settings(max_examples=40)
@given(st.lists(st.integers(1, 1000), min_size=2, max_size=5), st.integers(1, 4))
def test_sample_ratio_is_scipys(counts, weight):
    shares = np.ones(len(counts))
    shares[0] = weight
    expected = np.sum(counts) * shares / shares.sum()
    assert experiments.sample_ratio(counts, shares) == pytest.approx(
        chisquare(counts, expected).pvalue, rel=1e-9, abs=1e-300
    )


@pytest.mark.parametrize(
    ("counts", "shares", "message"),
    [
        ([5], None, "counts has one arm"),
        ([5, 2.5], None, r"counts\[1\] is 2.5: give whole"),
        ([5, -1], None, r"counts\[1\] is -1.0"),
        ([0, 0], None, "counts is 0 in all arms"),
        ([5, 5], [1, 0], r"shares\[1\] is 0"),
        ([5, 5], [1, 1, 1], "shares has 3 rows"),
    ],
)
def test_counts_are_refused(counts, shares, message):
    with pytest.raises(ValueError, match=message):
        experiments.sample_ratio(counts, shares)


# Looks -------------------------------------------------------------------------------


def drawn_crossings(n_looks, bound, drift, repeats=200_000):
    """First look beyond the bound, by drawing; -1 where there is none."""
    rng = np.random.default_rng(n_looks)
    parts = rng.standard_normal((repeats, n_looks)) + drift / math.sqrt(n_looks)
    z = np.cumsum(parts, axis=1) / np.sqrt(np.arange(1, n_looks + 1))
    beyond = np.abs(z) > bound
    first = np.where(beyond.any(axis=1), beyond.argmax(axis=1), -1)
    return np.array([(first == k).mean() for k in range(n_looks)])


@pytest.mark.parametrize(
    ("n_looks", "bound", "drift"),
    [(3, 1.96, 0.0), (4, [3.0, 1.5, 2.5, 2.0], 1.5), (5, 2.413, -3.0)],
)
def test_crossing_is_what_drawing_gives(n_looks, bound, drift):
    np.testing.assert_allclose(
        experiments.crossing(n_looks, bound, drift),
        drawn_crossings(n_looks, bound, drift),
        atol=0.004,  # over four standard errors of a share of 200,000
    )


def test_two_looks_are_a_bivariate_normal():
    # P(|Z1| > b or |Z2| > b) with correlation sqrt(1/2), by integrating over z1.
    b, nodes = 1.96, np.linspace(-1.96, 1.96, 20_001)
    inside = norm.cdf(b * math.sqrt(2) - nodes) - norm.cdf(-b * math.sqrt(2) - nodes)
    expected = 1 - np.trapezoid(norm.pdf(nodes) * inside, nodes)
    assert experiments.false_positives(2, b) == pytest.approx(expected, abs=1e-8)


def test_false_positives_are_armitages():
    # Armitage, McPherson and Rowe (1969), at 1.96.
    found = [experiments.false_positives(k) for k in (1, 2, 5, 10, 20)]
    np.testing.assert_allclose(found, [0.05, 0.083, 0.142, 0.193, 0.248], atol=5e-4)
    assert experiments.false_positives(1) == pytest.approx(0.05, abs=1e-12)


@hypothesis.settings(max_examples=40)
@given(st.integers(1, 12), st.floats(0.5, 4), st.floats(-4, 4))
def test_crossing_is_a_probability(n_looks, bound, drift):
    stopped = experiments.crossing(n_looks, bound, drift)
    assert (stopped >= 0).all()
    assert stopped.sum() <= 1 + 1e-9
    mirrored = experiments.crossing(n_looks, bound, -drift)
    np.testing.assert_allclose(stopped, mirrored, atol=1e-12)
    alone = norm.sf(bound - drift) + norm.cdf(-bound - drift)
    assert stopped.sum() >= alone - 1e-9  # the last look alone


def test_crossing_far_away():
    assert experiments.false_positives(3, 40.0) == 0.0
    np.testing.assert_allclose(experiments.crossing(3, 2.0, 1e6), [1, 0, 0], atol=1e-12)
    assert experiments.false_positives(4, 1e-9) == pytest.approx(1.0, abs=1e-8)


def test_bounds_are_those_of_the_books():
    # Jennison and Turnbull (2000), tables 2.1 and 2.3, alpha .05.
    for n_looks, pocock, obrien in ((2, 2.178, 1.977), (5, 2.413, 2.040),
                                    (10, 2.555, 2.087)):  # fmt: skip
        flat = experiments.bounds(n_looks)
        falling = experiments.bounds(n_looks, "obrien-fleming")
        np.testing.assert_allclose(flat, pocock, atol=6e-4)
        assert falling[-1] == pytest.approx(obrien, abs=6e-4)
        assert falling[0] == pytest.approx(falling[-1] * math.sqrt(n_looks))
        for b in (flat, falling):
            assert experiments.false_positives(n_looks, b) == pytest.approx(0.05)
    assert experiments.bounds(1)[0] == pytest.approx(1.959964)
    assert experiments.bounds(3, alpha=0.01)[0] == pytest.approx(2.873, abs=6e-4)


def test_always_valid_by_hand():
    # sigma² = tau² = 1. After one row of 1: sqrt(1/2) e^(1/4) = .908, so p = 1.
    # After two, sum 2: sqrt(1/3) e^(4/6) = 1.1245, p = .8893. After -1: it stays.
    p = experiments.always_valid([1.0, 1.0, -1.0], 1.0, 1.0)
    two = math.sqrt(3) * math.exp(-4 / 6)
    np.testing.assert_allclose(p, [1, two, two], rtol=1e-12)
    assert experiments.always_valid([0.0] * 4, 1.0, 1.0).tolist() == [1.0] * 4


def test_always_valid_is_a_mean_of_likelihoods():
    rng, tau2, variance = np.random.default_rng(2), 0.3, 2.0
    x = rng.normal(0.5, math.sqrt(variance), 6)
    effects = np.linspace(-8, 8, 40_001)
    prior = norm.pdf(effects, scale=math.sqrt(tau2))
    sums, n = np.cumsum(x), np.arange(1, 7)
    ratios = [
        np.trapezoid(prior * np.exp((effects * s - k * effects**2 / 2) / variance),
                     effects)
        for s, k in zip(sums, n, strict=True)
    ]  # fmt: skip
    expected = np.minimum.accumulate(np.minimum(1, 1 / np.array(ratios)))
    found = experiments.always_valid(x, tau2, variance)
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_always_valid_keeps_its_error_rate():
    rng = np.random.default_rng(7)
    x = rng.standard_normal((400, 1000))
    alarms = [experiments.always_valid(row, 0.01, 1.0)[-1] <= 0.05 for row in x]
    assert np.mean(alarms) < 0.05
    shifted = [experiments.always_valid(row + 0.2, 0.04, 1.0)[-1] for row in x]
    assert np.mean(np.array(shifted) <= 0.05) > 0.95


def test_the_sequence_is_the_test_turned_round():
    rng = np.random.default_rng(4)
    x = rng.normal(0.4, 1.5, 50)
    low, high = experiments.confidence_sequence(x, 0.2, 2.25, alpha=0.1)
    # At its ends the likelihood ratio is exactly 1/alpha.
    for k in (1, 7, 50):
        shifted = x[:k] - high[k - 1]
        spread = 0.2 / 2.25
        total = shifted.sum() / 1.5
        ratio = math.exp(spread * total**2 / (2 * (1 + k * spread)))
        assert ratio / math.sqrt(1 + k * spread) == pytest.approx(10)
    np.testing.assert_allclose((low + high) / 2, np.cumsum(x) / np.arange(1, 51))


def test_the_sequence_of_a_long_stream_goes_on_narrowing():
    n = 70_000  # whose square has more than 32 bits
    low, high = experiments.confidence_sequence(np.zeros(n), 1.0, 1.0, alpha=0.05)
    assert (np.diff(high - low)[10:] < 0).all()
    assert high[-1] == pytest.approx(
        math.sqrt((1 + n) / n / n * math.log((1 + n) / 0.05**2))
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: experiments.crossing(0), "n_looks"),
        (lambda: experiments.crossing(501), "use always_valid"),
        (lambda: experiments.crossing(2.0), "n_looks"),
        (lambda: experiments.crossing(3, [2.0, 2.0]), "bound has 2 rows"),
        (lambda: experiments.crossing(2, [2.0, 0.0]), r"bound\[1\] is 0"),
        (lambda: experiments.crossing(2, -1.0), r"bound\[0\] is -1.0"),
        (lambda: experiments.crossing(2, drift=math.inf), "drift must be"),
        (lambda: experiments.bounds(3, "haybittle"), "kind"),
        (lambda: experiments.bounds(3, alpha=0.0), "alpha must be"),
        (lambda: experiments.always_valid([], 1.0, 1.0), "x must be a flat list"),
        (lambda: experiments.always_valid([1.0], 0.0, 1.0), "tau2 must be"),
        (lambda: experiments.always_valid([1.0], 1.0, -1.0), "variance must be"),
        (
            lambda: experiments.confidence_sequence([1.0], 1.0, 1.0, alpha=1),
            "alpha .* above 0 and below 1",
        ),
    ],
)
def test_looks_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Switchback --------------------------------------------------------------------------


def test_switchback_by_hand():
    # Days on: means 4 and 5; days off: 1.5 and 1.5. The difference is 3, its error
    # sqrt(.5/2) = .5, and all of it is of the two days on: 1 degree of freedom, at
    # which Student's 97.5 % is 12.7062.
    hours = [3.0, 5.0, 1.0, 2.0, 6.0, 4.0, 2.0, 1.0]
    effect = experiments.switchback(hours, [1, 1, 0, 0] * 2, np.repeat([9, 2, 4, 7], 2))
    assert (effect.value, effect.standard_error) == (3.0, 0.5)
    assert effect.interval[1] == pytest.approx(3 + 12.7062 / 2, abs=1e-4)


def test_switchback_compares_blocks_like_people():
    rng = np.random.default_rng(0)
    block = np.repeat(np.arange(20), 30)
    on = rng.permutation(20) < 8
    y = rng.normal(size=20)[block] + rng.normal(size=600)
    means = y.reshape(20, 30).mean(axis=1)
    effect = experiments.switchback(y, on[block], block)
    test = ttest_ind(means[on], means[~on], equal_var=False)
    assert effect.value == pytest.approx(means[on].mean() - means[~on].mean())
    assert effect.p == pytest.approx(test.pvalue)
    interval = test.confidence_interval()
    np.testing.assert_allclose(effect.interval, [interval.low, interval.high])
    shuffled = rng.permutation(600)
    again = experiments.switchback(y[shuffled], on[block][shuffled], block[shuffled])
    assert again.value == pytest.approx(effect.value)


def test_switchback_without_variation():
    effect = experiments.switchback([2.0, 2, 1, 1], ONE_AND_ONE, [0, 1, 2, 3])
    assert (effect.value, effect.interval, effect.p) == (1.0, (1.0, 1.0), 0.0)
    same = experiments.switchback([1.0] * 4, ONE_AND_ONE, ["a", "b", "c", "d"])
    assert (same.value, same.standard_error, same.p) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ([0, 0, 1, 1], "one block treated"),
        ([0, 1, 1, 2], r"block\[1\] is 1, which is treated in some"),
        ([0, 1, 2], r"block has shape \(3,\)"),
        ([0.0, 1.0, 2.0, math.nan], r"block\[3\] is nan"),
        ([0, 1, 2, 2], "one block untreated"),
    ],
)
def test_blocks_are_refused(block, message):
    with pytest.raises(ValueError, match=message):
        experiments.switchback([1.0, 2, 3, 4], ONE_AND_ONE, block)


def test_switchback_refuses_numbers_that_overflow():
    with pytest.raises(ValueError, match="y overflows"):
        experiments.switchback([1e308, -1e308, 0, 0], ONE_AND_ONE, [0, 1, 2, 3])


def test_cuped_where_some_have_no_number_from_before():
    """New customers have none: the mean of the others, and a flag that takes its part.

    The oracle is least squares of y on the two columns within the arms, by hand.
    """
    rng = np.random.default_rng(3)
    n = 400
    treated = rng.random(n) < 0.5
    before = rng.gamma(2.0, size=n)
    y = 1.5 * before + 0.3 * treated + rng.normal(size=n)
    missing = rng.random(n) < 0.3
    y[missing] += 4.0  # new customers order more
    holes = np.where(missing, np.nan, before)
    x = np.where(missing, before[~missing].mean(), before)
    columns = np.column_stack([x, missing])
    within, outcome = columns.copy(), y.copy()
    for arm in (treated, ~treated):
        within[arm] -= columns[arm].mean(axis=0)
        outcome[arm] -= y[arm].mean()
    theta = np.linalg.lstsq(within, outcome)[0]
    adjusted = y - (columns - columns.mean(axis=0)) @ theta
    expected = experiments.difference(adjusted, treated)
    for numbers in (
        holes,
        holes.tolist(),
        pd.Series(holes),
        pd.Series(holes).astype("Float64"),
        [None if m else b for m, b in zip(missing, before, strict=True)],
    ):
        effect = experiments.cuped(y, treated, numbers)
        assert effect.value == pytest.approx(expected.value)
        assert effect.standard_error == pytest.approx(expected.standard_error)
    plain = experiments.difference(y, treated).standard_error
    known = experiments.cuped(y, treated, np.where(missing, 0.0, before)).standard_error
    assert expected.standard_error < known < plain  # the flag is worth having


def test_cuped_refuses_what_is_missing_for_all_and_what_is_infinite():
    y, treated = [1.0, 2.0, 3.0, 4.0], [1, 1, 0, 0]
    with pytest.raises(ValueError, match="before is missing for everybody: leave it"):
        experiments.cuped(y, treated, [np.nan] * 4)
    with pytest.raises(ValueError, match=r"before\[1\] is inf"):
        experiments.cuped(y, treated, [np.nan, np.inf, 0.0, 1.0])
    with pytest.raises(ValueError, match="before has 3 rows, but 4 are needed"):
        experiments.cuped(y, treated, [np.nan, 0.0, 1.0])
