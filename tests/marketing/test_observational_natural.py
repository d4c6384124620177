"""Instruments, differences, thresholds beside plain loops and numbers by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from recbook.marketing import experiments, geo, worlds
from recbook.marketing.observational import (
    anderson_rubin,
    compliance,
    density_jump,
    did,
    discontinuity,
    event_study,
    jump_bandwidth,
    staggered,
    wald,
)

LETTERS = (
    np.repeat([1, 0, 1, 0], [296, 3704, 248, 3752]),
    np.repeat([1, 0], [3200, 4800]),
    np.repeat([1, 0], [4000, 4000]),
)


def people(n=60, seed=0, push=0.5):
    rng = np.random.default_rng(seed)
    assigned = np.arange(n) % 2 == 0
    treated = rng.random(n) < 0.3 + push * assigned
    return rng.normal(size=n) + 2 * treated, treated, assigned


# Instruments --------------------------------------------------------------------------


def test_letters_that_came_back_by_hand():
    # .074 − .062 = .012 on everybody; .8 were moved; .012 / .8 = .015 on them.
    effect = wald(*LETTERS)
    assert effect.value == pytest.approx(0.015)
    found = compliance(*LETTERS[1:])
    assert (found.compliers, found.always) == (0.8, 0.0)
    assert found.never == pytest.approx(0.2)


def test_walds_error_is_that_of_the_loop():
    y, treated, assigned = people(31, seed=4)
    effect = wald(y, treated, assigned)
    stage = treated[assigned].mean() - treated[~assigned].mean()
    variance = 0.0
    for arm in (assigned, ~assigned):
        left = [a - effect.value * b for a, b in zip(y[arm], treated[arm], strict=True)]
        mean = sum(left) / len(left)
        square = sum((value - mean) ** 2 for value in left) / (len(left) - 1)
        variance += square / len(left)
    assert effect.standard_error == pytest.approx(variance**0.5 / stage)


def test_who_all_comply_gives_the_plain_difference():
    y, _, assigned = people(40, seed=2)
    ours, plain = wald(y, assigned, assigned), experiments.difference(y, assigned)
    assert ours.value == pytest.approx(plain.value)
    assert ours.standard_error == pytest.approx(plain.standard_error)
    ((low, high),) = anderson_rubin(y, assigned, assigned).parts
    np.testing.assert_allclose([low, high], plain.interval)
    assert compliance(assigned, assigned).f == np.inf


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.1, 0.3, 0.6]))
@settings(max_examples=60, deadline=None)
def test_the_set_is_the_effects_that_are_not_rejected(seed, push):
    y, treated, assigned = people(50, seed, push)
    found = anderson_rubin(y, treated, assigned)
    for beta in np.linspace(-30, 30, 241):
        test = experiments.difference(y - beta * treated, assigned)
        reach = abs(test.value) / test.standard_error
        if abs(reach - 1.959964) > 1e-3:
            assert (beta in found) == (reach < 1.959964), (beta, found)
    stage = compliance(treated, assigned)
    assert found.bounded == (stage.f > 1.959964**2)
    if stage.compliers:
        assert wald(y, treated, assigned).value in found


def test_nobody_moved_is_no_effect_and_a_set_of_all():
    y, treated = np.arange(8.0) % 3, np.array([1, 0] * 4)
    assigned = np.array([1, 1, 0, 0] * 2)
    with pytest.raises(ValueError, match="moved nobody"):
        wald(y, treated, assigned)
    assert anderson_rubin(y, treated, assigned).parts == ((-np.inf, np.inf),)


def test_a_dose_is_allowed_and_units_scale():
    y, treated, assigned = people(50, seed=9)
    whole, half = wald(y, treated, assigned), wald(y, 2.0 * treated, assigned)
    assert half.value == pytest.approx(whole.value / 2)
    big = anderson_rubin(1e6 * y, treated, assigned).parts
    np.testing.assert_allclose(
        big, 1e6 * np.array(anderson_rubin(y, treated, assigned).parts)
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y": [np.nan] * 4}, "y.0. is nan"),
        ({"assigned": [1, 1, 1, 1]}, "assigned has nobody un"),
        ({"assigned": [1, 1, 1, 0]}, "assigned has one person un"),
        ({"assigned": [1, 1, 0, 2]}, "assigned.3. is 2"),
        ({"treated": [1, 0, 1]}, "treated|rows"),
        ({"y": [1e308, -1e308, 1e308, -1e308]}, "overflows"),
    ],
)
def test_instruments_refuse(change, words):
    given = {"y": [1.0, 2.0, 0.0, 3.0], "treated": [1, 0, 1, 1]}
    given |= {"assigned": [1, 1, 0, 0]} | change
    for estimate in (wald, anderson_rubin):
        with pytest.raises(ValueError, match=words):
            estimate(**given)


def test_compliance_refuses_a_dose():
    with pytest.raises(ValueError, match=r"treated.0. is 2"):
        compliance([2, 0, 1, 1], [1, 1, 0, 0])


# Differences --------------------------------------------------------------------------

HUGE = [[1e308, -1e308]] * 4
SHOPS = np.array([[10, 15], [20, 23], [8, 10], [9, 9]], dtype=float)


def test_did_by_hand():
    # Changes of 5 and 3, and of 2 and 0: 4 − 1. Variances of 2 and 2, over 2 each.
    effect = did(SHOPS, [1, 1, 0, 0], 1)
    assert effect.value == 3
    assert effect.standard_error == pytest.approx(2**0.5)


def test_did_is_welchs_test_of_the_changes():
    y, treated = np.random.default_rng(1).normal(size=(11, 7)), np.arange(11) < 4
    change = y[:, 5:].mean(axis=1) - y[:, :5].mean(axis=1)
    effect = did(y, treated, 5)
    peer = ttest_ind(change[treated], change[~treated], equal_var=False)
    interval = peer.confidence_interval(0.95)
    assert effect.p == pytest.approx(peer.pvalue)
    np.testing.assert_allclose(effect.interval, [interval.low, interval.high])


def test_did_is_the_interaction_of_a_regression():
    y, treated = np.random.default_rng(2).normal(size=(9, 6)), np.arange(9) < 3
    g, after = np.repeat(treated, 6) * 1.0, np.tile(np.arange(6) >= 4, 9) * 1.0
    X = np.column_stack([np.ones(54), g, after, g * after])
    beta = np.linalg.lstsq(X, y.ravel())[0]
    assert did(y, treated, 4).value == pytest.approx(beta[3])


def test_levels_and_common_weeks_do_not_matter():
    rng = np.random.default_rng(3)
    y, treated = rng.normal(size=(8, 5)), np.arange(8) < 4
    moved = y + 10 * rng.normal(size=(8, 1)) + 10 * rng.normal(size=5)
    one, other = did(y, treated, 3), did(moved, treated, 3)
    assert other.value == pytest.approx(one.value)
    assert other.standard_error == pytest.approx(one.standard_error)


def test_did_of_logarithms_is_the_geo_tests():
    world = worlds.regions(n=12, n_weeks=20, start=15, n_treated=4, seed=1)
    ours = did(np.log(world.sales), world.treated, world.start)
    peer = geo.geo_lift(world.sales, world.treated, world.start, "did", n=5)
    assert np.expm1(ours.value) == pytest.approx(peer.value)


def test_event_study_is_did_of_two_periods():
    y, treated = np.random.default_rng(4).normal(size=(8, 6)), np.arange(8) < 3
    table = event_study(y, treated, 4)
    assert table["period"].tolist() == [-4, -3, -2, -1, 0, 1]
    for period, row in enumerate(table.to_dict("records")):
        if period == 3:
            assert (row["gap"], row["low"], row["high"]) == (0, 0, 0)
            continue
        two = did(y[:, [3, period]], treated, 1)
        assert row["gap"] == pytest.approx(two.value)
        np.testing.assert_allclose([row["low"], row["high"]], two.interval)


def plain_staggered(y, start):
    """The mean over treated units and periods, one by one."""
    gaps = []
    for i, g in enumerate(start):
        for t in range(int(min(g, y.shape[1])), y.shape[1]):
            g = int(g)
            others = [j for j in range(len(y)) if start[j] > t]
            change = np.mean([y[j, t] - y[j, g - 1] for j in others])
            gaps.append(y[i, t] - y[i, g - 1] - change)
    return np.mean(gaps)


def test_staggered_is_the_loop_and_its_jackknife():
    y = np.random.default_rng(5).normal(size=(9, 6))
    start = np.array([2, 2, 3, 5, 3, np.inf, 99, np.inf, np.inf])
    effect = staggered(y, start)
    assert effect.value == pytest.approx(plain_staggered(y, start))
    out = [
        plain_staggered(np.delete(y, i, 0), np.delete(start, i)) for i in range(len(y))
    ]
    error = np.sqrt(8 / 9 * ((out - np.mean(out)) ** 2).sum())
    assert effect.standard_error == pytest.approx(error)


def test_one_wave_is_did_from_the_last_period():
    y = np.random.default_rng(6).normal(size=(9, 6))
    start = np.where(np.arange(9) < 4, 3.0, np.inf)
    expected = did(y[:, 2:], start < 9, 1).value
    assert staggered(y, start).value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: did(SHOPS, [1, 1, 0, 0], 2), "start is 2, but the last of 2 periods"),
        (lambda: did(SHOPS, [1, 1, 0, 0], 0), "start"),
        (lambda: did(SHOPS, [1, 0, 0, 0], 1), "treated has one"),
        (lambda: did([[1.0, np.inf]] * 4, [1, 1, 0, 0], 1), "y.0, 1. is inf"),
        (lambda: event_study(SHOPS, [1, 1, 0], 1), "rows"),
        (lambda: did(HUGE, [1, 1, 0, 0], 1), "y overflows"),
        (lambda: event_study(HUGE, [1, 1, 0, 0], 1), "y overflows"),
        (lambda: staggered(HUGE, [1, 1, np.inf, np.inf]), "y overflows"),
        (lambda: staggered(SHOPS, [1, 1, np.inf]), "for each of 4 units"),
        (lambda: staggered(SHOPS, [0, 1, np.inf, np.inf]), "start.0. is 0"),
        (lambda: staggered(SHOPS, [1, np.nan, np.inf, np.inf]), "start.1. is nan"),
        (lambda: staggered(SHOPS, [0.5, 1, np.inf, np.inf]), "start.0. is 0.5"),
        (lambda: staggered(SHOPS, [1, 1, 1, np.inf]), "1 units that were never"),
        (lambda: staggered(SHOPS, [1, 2, 2, 2]), "1 units that were ever"),
    ],
)
def test_differences_refuse(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# Thresholds ---------------------------------------------------------------------------


def curve(n=300, seed=0, jump=2.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(50, 10, n)
    return 0.1 * x + jump * (x >= 55) + rng.normal(0, 1, n), x


def plain_edge(y, x, weight, order):
    """The fit at 0 and its HC2 variance, from the normal equations."""
    X = np.vander(x, order + 1, increasing=True)
    bread = np.linalg.inv(X.T @ np.diag(weight) @ X)
    beta = bread @ X.T @ (weight * y)
    meat = np.zeros_like(bread)
    for row, w, target in zip(X, weight, y, strict=True):
        own = w * row @ bread @ row
        meat += w**2 * (target - row @ beta) ** 2 / (1 - own) * np.outer(row, row)
    return beta[0], (bread @ meat @ bread)[0, 0]


@pytest.mark.parametrize("kernel", ["triangular", "uniform"])
def test_discontinuity_is_two_weighted_regressions(kernel):
    (y, x), h = curve(), 9.0
    effect = discontinuity(y, x, 55, h, kernel)
    u = (x - 55) / h
    weight = 1 - abs(u) if kernel == "triangular" else np.ones_like(u)
    gaps = []
    for order in (1, 2):
        below, above = (
            plain_edge(y[side], u[side], weight[side], order)
            for side in ((u < 0) & (u > -1), (u >= 0) & (u < 1))
        )
        gaps.append((above[0] - below[0], np.sqrt(above[1] + below[1])))
    np.testing.assert_allclose((effect.value, effect.standard_error), gaps[0])
    middle, error = gaps[1]
    ends = middle - 1.959964 * error, middle + 1.959964 * error
    np.testing.assert_allclose(effect.interval, ends, rtol=1e-6)
    assert effect.n == (
        int(((u < 0) & (u > -1)).sum()),
        int(((u >= 0) & (u < 1)).sum()),
    )
    assert effect.bandwidth == h


@given(st.integers(0, 10_000), st.floats(0.1, 100), st.floats(-50, 50))
@settings(max_examples=30, deadline=None)
def test_units_of_spending_and_a_common_line_do_not_matter(seed, scale, slope):
    y, x = curve(seed=seed)
    one = discontinuity(y, x, 55)
    other = discontinuity(y, scale * x, scale * 55)
    assert other.value == pytest.approx(one.value, rel=1e-6, abs=1e-9)
    assert other.bandwidth == pytest.approx(scale * one.bandwidth, rel=1e-6)
    tilted = discontinuity(y + slope * x, x, 55, one.bandwidth)
    assert tilted.value == pytest.approx(one.value, rel=1e-6, abs=1e-6)
    np.testing.assert_allclose(tilted.interval, one.interval, atol=1e-6)


def test_the_bandwidth_is_that_of_the_paper_step_by_step():
    rng = np.random.default_rng(7)
    x = rng.normal(0, 1, 2000)
    x = x / x.std()
    y = x**2 - 0.5 * x**3 + (x >= 0) * (1 + x**2) + rng.normal(0, 0.5, 2000)
    n, h1 = 2000, 1.84 * 2000**-0.2
    below, above = (x < 0) & (x >= -h1), (x >= 0) & (x <= h1)
    f = (below.sum() + above.sum()) / (2 * n * h1)
    s2 = [y[below].var(ddof=1), y[above].var(ddof=1)]
    X = np.column_stack([np.ones(n), x >= 0, x, x**2, x**3])
    third = 6 * np.linalg.lstsq(X, y)[0][4]
    curves, r = [], []
    for side, s in zip((x < 0, x >= 0), s2, strict=True):
        h2 = 3.56 * (s / (f * third**2)) ** (1 / 7) * side.sum() ** (-1 / 7)
        assert h2 < np.abs(x[side]).max()
        inside = side & (np.abs(x) <= h2)
        curves.append(2 * np.polyfit(x[inside], y[inside], 2)[0])
        r.append(720 * 3 * s / (inside.sum() * h2**4))
    bend = (curves[1] - curves[0]) ** 2 + sum(r)
    expected = 3.4375 * (sum(s2) / (f * bend)) ** 0.2 * n**-0.2
    assert jump_bandwidth(y, x, 0) == pytest.approx(expected, rel=1e-9)
    # Their constant is (C2 / 4 C1)^.2: 480^.2 for the triangle, 144^.2 for the box.
    box = jump_bandwidth(y, x, 0, "uniform")
    assert box / expected == pytest.approx((144 / 480) ** 0.2, rel=1e-4)


def test_a_threshold_that_does_nothing_has_no_jump():
    found = [discontinuity(*curve(seed=s, jump=0.0), 55) for s in range(100)]
    held = sum(f.interval[0] <= 0 <= f.interval[1] for f in found)
    assert held >= 88


def test_density_of_whole_numbers_by_hand():
    # As many people in each bar, but twice as many from 0 on: f from 1 to 2, over a
    # mean of 1.5.
    x = np.concatenate([np.linspace(-1, 0, 20_000, False), np.linspace(0, 1, 40_000)])
    assert density_jump(x, 0).value == pytest.approx(2 / 3, abs=0.02)
    assert density_jump(x, 0).p < 1e-6


def test_density_is_the_jump_of_a_histogram():
    x = np.random.default_rng(8).gamma(4.0, 10.0, 3000)
    width = x.std() / (2 * np.sqrt(3000))
    edges = np.arange(int(-40 / width) - 1, int(200 / width) + 1) * width
    counts, edges = np.histogram(x - 40, edges)
    seen = np.flatnonzero(counts)
    counts, edges = counts[seen[0] + 1 : seen[-1]], edges[seen[0] + 1 : seen[-1]]
    middle = edges + width / 2
    level = counts[np.abs(middle) < x.std() / 2].mean()
    expected = discontinuity(counts / level, middle, 0.0)
    found = density_jump(x, 40)
    assert found.value == pytest.approx(expected.value, rel=1e-6)
    assert found.n == expected.n


@pytest.mark.parametrize("level", [1.0, 0.1, 1e6 / 3])
def test_an_outcome_that_never_varies_has_no_jump(level):
    found = discontinuity(np.full(41, level), np.arange(41), 20)
    assert (found.value, found.standard_error, found.p) == (0.0, 0.0, 1.0)
    assert density_jump(np.repeat(np.arange(30), 5), 15).p == 1.0


@pytest.mark.parametrize("step", [1.0, 0.1])
def test_sorting_is_seen_where_spending_is_in_whole_steps(step):
    calm, busy = (worlds.vouchers(sorting=s, seed=1).table for s in (0.0, 0.5))
    for table, seen in ((calm, False), (busy, True)):
        whole = step * np.floor(table["spent"] / step + 1e-9)
        assert (density_jump(whole, 100).p < 0.01) == seen
        # Nobody is between two steps, so it does not matter where between them it is.
        assert density_jump(whole, 100 - step / 3).value == pytest.approx(
            density_jump(whole, 100).value
        )


def test_sorting_is_seen_in_density_and_visits():
    calm, busy = (worlds.vouchers(sorting=s, seed=1).table for s in (0.0, 0.8))
    for table, seen in ((calm, False), (busy, True)):
        assert (density_jump(table["spent"], 100).p < 0.01) == seen
        jump = discontinuity(table["visits"], table["spent"], 100)
        assert (jump.p < 0.01) == seen


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: discontinuity([1.0], [1.0, 2.0], 0), "rows"),
        (lambda: discontinuity(*curve(), 500), "cutoff is 500, with 0 people"),
        (lambda: discontinuity(*curve(), 55, 0), "bandwidth"),
        (lambda: discontinuity(*curve(), 55, 0.001), "bandwidth is 0.001"),
        (lambda: discontinuity(*curve(), 55, kernel="normal"), "kernel"),
        (lambda: discontinuity(*curve(), np.nan), "cutoff"),
        (lambda: discontinuity(np.ones(20), [0, 1] * 10, 1), "values of running"),
        (lambda: density_jump(np.ones(50), 0), "never varies"),
        (lambda: density_jump(curve()[1], 500), "cutoff is 500"),
        (lambda: density_jump([1.0, np.nan], 0), "running.1. is nan"),
    ],
)
def test_thresholds_refuse(call, words):
    with pytest.raises(ValueError, match=words):
        call()
