"""Mix models beside plain loops, slopes by differences, numbers by hand, refusals."""

import numpy as np
import pytest
from estimators import EstimatorContract, Example
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from recbook import NotFittedError
from recbook.marketing import mix, worlds
from recbook.marketing.mix.curves import carried
from recbook.marketing.mix.rows import Rows

NAN, INF = float("nan"), float("inf")
SPENDS = st.lists(st.floats(0, 1e5), min_size=1, max_size=12)


def looped(spend, carry, normalize=True, length=None):
    """Adstock of one channel, from its definition as a weighted mean of lags."""
    out = []
    for t in range(len(spend)):
        top = sum(
            carry**lag * spend[t - lag]
            for lag in range(t + 1)
            if length is None or lag < length
        )
        if length is None:
            below = 1 / (1 - carry)
        else:
            below = sum(carry**lag for lag in range(length))
        out.append(top / below if normalize else top)
    return np.array(out)


# Curves -------------------------------------------------------------------------------


def test_adstock_by_hand():
    # 100; half of it 50; half of that 25; 12.5 + 50 = 62.5. Divided by 1/(1 − ½) = 2.
    raw = mix.adstock([100, 0, 0, 50], 0.5, normalize=False)
    assert raw.tolist() == [100, 50, 25, 62.5]
    assert mix.adstock([100, 0, 0, 50], 0.5).tolist() == [50, 25, 12.5, 31.25]
    # Two weeks: weights 1 and ½, in all 1.5: 100/1.5, 50/1.5, 0, 50/1.5.
    short = mix.adstock([100, 0, 0, 50], 0.5, length=2)
    np.testing.assert_allclose(short, [200 / 3, 100 / 3, 0, 100 / 3])


@pytest.mark.parametrize("length", [None, 1, 3, 8, 40])
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("carry", [0.0, 0.3, 0.95])
def test_adstock_is_its_definition(carry, normalize, length):
    spend = np.random.default_rng(0).random(23) * 1000
    ours = mix.adstock(spend, carry, normalize, length)
    np.testing.assert_allclose(ours, looped(spend, carry, normalize, length))


def test_each_channel_has_its_carry():
    spend = np.random.default_rng(1).random((17, 3))
    ours = mix.adstock(spend, [0.1, 0.5, 0.9])
    for c, carry in enumerate([0.1, 0.5, 0.9]):
        np.testing.assert_allclose(ours[:, c], looped(spend[:, c], carry))


@settings(max_examples=30, deadline=None)
@given(SPENDS, st.floats(0, 0.999))
def test_adstock_keeps_a_constant_and_loses_nothing(spend, carry):
    A = mix.adstock(spend, carry)
    assert A.min() >= 0
    assert A.max() <= max(spend) * (1 + 1e-9)
    # Whatever has not worked by the last week is carried: a/(1 − a) of its adstock.
    left = carry / (1 - carry) * A[-1]
    assert A.sum() + left == pytest.approx(sum(spend), rel=1e-9, abs=1e-9)
    long = mix.adstock(np.full(60, 7.0), min(carry, 0.8))
    assert long[-1] == pytest.approx(7.0, rel=1e-4)


def test_slope_of_adstock_is_its_difference():
    spend = np.random.default_rng(2).random((30, 3))
    a, step = np.array([0.0, 0.4, 0.9]), 1e-6
    _, slope = carried(spend, a)
    there, here = carried(spend, a + step)[0], carried(spend, a)[0]
    np.testing.assert_allclose(slope, (there - here) / step, atol=1e-4)


def test_saturate_by_hand():
    # 4,000/(4,000 + 12,000) = ¼; at the half point ½; nothing for nothing.
    assert mix.saturate(4000, 12_000) == 0.25
    assert mix.saturate([0, 12_000], 12_000).tolist() == [0, 0.5]
    assert isinstance(mix.saturate(1, 1), float)


def test_half_life_by_hand():
    # .5 after one week; √½ after two; nothing is carried without carry-over.
    assert mix.half_life(0.5) == 1.0
    assert mix.half_life(np.sqrt(0.5)) == pytest.approx(2)
    assert mix.half_life(0) == 0.0


# The budget ---------------------------------------------------------------------------


def test_allocate_by_hand():
    # √(βk) is √(40,000 · 5,000) = 14,142 and half of it, 7,071. With both channels on,
    # z = (20,000 + 10,000)/21,213 = √2: 20,000 − 5,000 and 10,000 − 5,000; λ = 1/z².
    split = mix.allocate([40_000, 10_000], [5000, 5000], 20_000)
    np.testing.assert_allclose(split.spend, [15_000, 5000])
    assert split.multiplier == pytest.approx(0.5)
    # 40,000 · ¾ + 10,000 · ½.
    assert split.sales == pytest.approx(35_000)
    # The first euro of the second brings 10,000/5,000 = 2, as much as the first's does
    # at a spend of 5,000: 40,000 · 5,000/10,000² = 2. Up to there it gets nothing.
    split = mix.allocate([40_000, 10_000], [5000, 5000], 4000)
    assert split.spend.tolist() == [4000, 0]


def budgets():
    rng = np.random.default_rng(3)
    for seed in range(12):
        n = 2 + seed % 4
        peak, half = 1e4 * rng.random(n), 100 + 5000 * rng.random(n)
        low = 300 * rng.random(n) * (seed % 2)
        high = low + 4000 * rng.random(n) + 1 if seed % 3 else np.full(n, INF)
        top = min(high.sum(), 9000)
        yield peak, half, low.sum() + rng.random() * (top - low.sum()), low, high


@pytest.mark.parametrize("case", list(budgets()))
def test_allocate_is_what_another_solver_finds(case):
    peak, half, budget, low, high = case
    split = mix.allocate(peak, half, budget, low, high)
    assert split.spend.sum() == pytest.approx(budget, rel=1e-9)
    assert (split.spend >= low - 1e-9).all()
    assert (split.spend <= high + 1e-9).all()
    peer = minimize(
        lambda x: -(peak * x / (x + half)).sum() / 1000,
        low + (budget - low.sum()) * (np.minimum(high, 1e5) - low)
        / (np.minimum(high, 1e5) - low).sum(),
        jac=lambda x: -peak * half / (x + half) ** 2 / 1000,
        bounds=list(zip(low, np.where(np.isinf(high), None, high), strict=True)),
        constraints={"type": "eq", "fun": lambda x: (x.sum() - budget) / 1000},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    assert split.sales >= -1000 * peer.fun - 1e-6
    np.testing.assert_allclose(split.spend, peer.x, atol=1.0)
    # What the next euro brings, by spending it.
    more = mix.allocate(peak, half, min(budget + 0.01, high.sum()), low, high)
    assert (more.sales - split.sales) / 0.01 == pytest.approx(
        split.multiplier, rel=1e-3
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1e5), st.floats(1, 1e5)), min_size=1, max_size=6),
    st.floats(0, 1e6),
)
def test_no_euro_is_better_elsewhere(channels, budget):
    peak, half = np.array(channels).T
    split = mix.allocate(peak, half, budget)
    marginal = peak * half / (split.spend + half) ** 2
    used = split.spend > 1e-6 * (1 + budget)
    assert (split.spend >= 0).all()
    if peak.any():
        assert split.spend.sum() == pytest.approx(budget, rel=1e-6, abs=1e-6)
        np.testing.assert_allclose(marginal[used], split.multiplier, rtol=1e-3)
        assert (marginal <= split.multiplier * (1 + 1e-3) + 1e-12).all()


def test_what_no_channel_can_use_is_left():
    split = mix.allocate([100, 0], [10, 10], 50, low=[0, 5], high=[20, 30])
    assert split.spend.tolist() == [20, 5]
    assert split.multiplier == 0.0
    nothing = mix.allocate([0, 0], [10, 10], 50)
    assert (nothing.spend.tolist(), nothing.sales) == ([0, 0], 0.0)
    assert mix.allocate([100], [10], 0).multiplier == pytest.approx(10)
    tiny = mix.allocate([1e-309, 5e-324], [1, 1e300], 50)
    assert tiny.spend.sum() == pytest.approx(50)
    assert tiny.multiplier == pytest.approx(0)


# The fit ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world():
    return worlds.weeks(seed=2)


def rows(world, tests=()):
    model = mix.MediaMix()
    design = model._design(np.arange(len(world.sales)), None)
    return Rows(world.sales, world.spend, design, tests, *model._priors(world.spend))


def test_rows_are_their_definition(world):
    tests = [world.lift_test("search"), world.lift_test("tv", 20, 9, 0.5)]
    problem = rows(world, tests)
    rng = np.random.default_rng(4)
    theta = (problem.center + problem.width * rng.normal(size=(3, 3))).ravel()
    returns, odds, half = theta.reshape(3, 3)
    carry, half, returns = 1 / (1 + np.exp(-odds)), np.exp(half), np.exp(returns)
    peak, added = [], []
    for c in range(3):
        A = looped(world.spend[:, c], carry[c])
        share = A / (A + half[c])
        peak.append(returns[c] * world.spend[:, c].sum() / share.sum())
        added.append(peak[c] * share)
    week = np.arange(104)
    waves = [f(2 * np.pi * k * week / 52) for k in (1, 2) for f in (np.sin, np.cos)]
    design = np.column_stack([np.ones(104), week, *waves])
    rest = world.sales - np.sum(added, axis=0)
    left = rest - design @ np.linalg.lstsq(design, rest)[0]
    expected = [*(left / 1700), *((theta.reshape(3, 3) - problem.center)
                                  / problem.width).ravel()]  # fmt: skip
    for test in tests:
        c = test.channel
        other = world.spend[:, c].copy()
        other[test.start : test.stop] *= 1 + test.change
        A = looped(other, carry[c])
        change = (peak[c] * A / (A + half[c]) - added[c])[test.start : test.stop].sum()
        expected.append((change - test.value) / test.standard_error)
    np.testing.assert_allclose(problem.residuals(theta, 1700.0), expected, atol=1e-7)


def test_slopes_of_rows_are_their_differences(world):
    problem = rows(world, [world.lift_test("social", 30, 5, -0.5)])
    theta = problem.center.ravel() + 0.1
    slopes = problem.slopes(theta, 2000.0)
    for place in range(9):
        step = np.zeros(9)
        step[place] = 1e-6
        two = [problem.residuals(theta + s * step, 2000.0) for s in (1, -1)]
        np.testing.assert_allclose(
            slopes[:, place], (two[0] - two[1]) / 2e-6, atol=1e-5
        )


def test_no_other_solver_finds_a_smaller_sum(world):
    tests = [world.lift_test("search")]
    model = mix.MediaMix().fit(world.sales, world.spend, tests)
    problem = rows(world, tests)
    logs = np.log(model.mean_returns().value)
    odds = np.log(model.carry_ / (1 - model.carry_))
    ours = np.concatenate([logs, odds, np.log(model.half_)])
    best = problem.objective(ours, model.sigma_)

    def joint(point):
        return problem.objective(point[:9], np.exp(point[9]))

    for start in (ours, problem.center.ravel()):
        point = np.append(start, np.log(model.sigma_))
        peer = minimize(joint, point, method="BFGS", options={"gtol": 1e-6})
        assert best <= peer.fun + 1e-5
    np.testing.assert_allclose(peer.x[:9], ours, atol=1e-2)


def test_sales_without_noise_give_the_curves_back():
    rng = np.random.default_rng(5)
    spend = 5000 * rng.random((150, 2)) * (rng.random((150, 2)) < 0.5)
    carry, half, peak = np.array([0.6, 0.2]), np.array([3000.0, 1000.0]), [2e4, 9000.0]
    week = np.arange(150)
    base = 50_000 + 30 * week + 4000 * np.sin(2 * np.pi * week / 52)
    added = peak * mix.saturate(mix.adstock(spend, carry), half)
    model = mix.MediaMix().fit(base + added.sum(axis=1), spend)
    np.testing.assert_allclose(model.carry_, carry, atol=1e-3)
    np.testing.assert_allclose(model.half_, half, rtol=0.01)
    np.testing.assert_allclose(model.peak_, peak, rtol=0.01)
    np.testing.assert_allclose(model.contribution(), added, rtol=0.01, atol=20)
    np.testing.assert_allclose(model.baseline_, base, atol=100)
    returns = model.mean_returns()
    np.testing.assert_allclose(
        returns.value, added.sum(axis=0) / spend.sum(axis=0), rtol=0.01
    )
    assert model.r2_ > 0.99999


def test_fit_adds_up(world):
    model = mix.MediaMix().fit(world.sales, world.spend)
    left = world.sales - model.baseline_ - model.contribution().sum(axis=1)
    assert abs(left.mean()) < 1e-6
    assert model.sigma_ == pytest.approx(np.sqrt((left**2).sum() / 98), rel=1e-5)
    assert model.r2_ == pytest.approx(1 - left.var() / world.sales.var())
    share = mix.saturate(mix.adstock(world.spend, model.carry_), model.half_)
    np.testing.assert_allclose(model.contribution(), model.peak_ * share)
    returns = model.mean_returns()
    value = model.contribution().sum(axis=0) / world.spend.sum(axis=0)
    np.testing.assert_allclose(returns.value, value)
    error = np.sqrt(np.diag(model.covariance_[0, :, 0, :]))
    np.testing.assert_allclose(returns.high / value, np.exp(1.959963984540054 * error))
    np.testing.assert_allclose(value / returns.low, returns.high / value)
    again = mix.MediaMix().fit(world.sales, world.spend)
    assert (again.peak_ == model.peak_).all()


def test_units_do_not_matter(world):
    model = mix.MediaMix(n_starts=2).fit(world.sales, world.spend)
    cents = mix.MediaMix(n_starts=2).fit(100 * world.sales, 100 * world.spend)
    np.testing.assert_allclose(cents.half_, 100 * model.half_, rtol=1e-3)
    np.testing.assert_allclose(cents.carry_, model.carry_, rtol=1e-3)
    one, other = model.mean_returns(), cents.mean_returns()
    np.testing.assert_allclose(other.value, one.value, rtol=1e-3)


def test_a_sharp_prior_is_kept(world):
    believed = ((2.0, 2.0, 0.7), (1.0, 1.0, 1e-4))
    model = mix.MediaMix(returns=believed, n_starts=1).fit(world.sales, world.spend)
    assert model.mean_returns().value[2] == pytest.approx(0.7, rel=1e-3)


def test_a_sharp_lift_test_is_kept(world):
    test = mix.LiftTest(2, 52, 60, -1.0, -9000.0, 1.0)
    model = mix.MediaMix(n_starts=1).fit(world.sales, world.spend, [test])
    other = world.spend[:, 2].copy()
    other[52:60] = 0
    gone = model.peak_[2] * mix.saturate(
        mix.adstock(other, model.carry_[2]), model.half_[2]
    )
    change = (gone - model.contribution()[:, 2])[52:60].sum()
    assert change == pytest.approx(-9000, abs=5)


def test_a_control_that_is_the_answer_is_used(world):
    plain = mix.MediaMix(n_starts=1).fit(world.sales, world.spend)
    demand = world.truth.baseline[:, None]
    model = mix.MediaMix(n_starts=1).fit(world.sales, world.spend, controls=demand)
    truth = world.truth.contribution.sum(axis=0) / world.spend.sum(axis=0)
    assert plain.mean_returns().value[2] > 2 * truth[2]
    assert model.mean_returns().low[2] < truth[2] < model.mean_returns().high[2]


def test_response_and_allocation_use_the_fitted_curves(world):
    model = mix.MediaMix(n_starts=1).fit(world.sales, world.spend)
    # A constant spend for long has itself as its adstock.
    constant = np.tile([3000.0, 2000.0, 1000.0], (200, 1))
    A = mix.adstock(constant, model.carry_)[-1]
    expected = model.peak_ * mix.saturate(A, model.half_)
    np.testing.assert_allclose(model.response(constant[0]), expected)
    assert model.response(constant).shape == (200, 3)
    split = model.allocate(10_000, low=[500, 0, 0])
    assert split.sales == pytest.approx(model.response(split.spend).sum())
    assert split.spend[0] >= 500


def test_draws_have_the_fit_as_center_and_its_covariance(world):
    model = mix.MediaMix(n_starts=1).fit(world.sales, world.spend)
    carry, half, peak = model.draws(4000, seed=3)
    assert carry.shape == half.shape == peak.shape == (4000, 3)
    added = [
        (p * mix.saturate(mix.adstock(world.spend, a), k)).sum(axis=0)
        for a, k, p in zip(carry[:300], half[:300], peak[:300], strict=True)
    ]
    logs = np.log(np.array(added) / world.spend.sum(axis=0))
    errors = np.sqrt(np.diag(model.covariance_[0, :, 0, :]))
    np.testing.assert_allclose(logs.std(axis=0), errors, rtol=0.2)
    center = np.log(model.mean_returns().value)
    np.testing.assert_allclose(logs.mean(axis=0), center, atol=0.2 * errors.max())
    both = np.cov(np.log(half).T, np.log(carry / (1 - carry)).T)
    np.testing.assert_allclose(both[:3, :3], model.covariance_[2, :, 2], atol=0.05)
    np.testing.assert_allclose(both[3:, :3], model.covariance_[1, :, 2], atol=0.08)
    again = model.draws(4000, seed=3)
    assert (again[2] == peak).all()
    with pytest.raises(ValueError, match="n must"):
        model.draws(0)


def test_forecast_goes_on_where_the_fit_ends(world):
    known = 80
    demand = world.queries[:, None]
    model = mix.MediaMix(n_starts=1)
    model.fit(world.sales[:known], world.spend[:known], controls=demand[:known])
    future = model.forecast(world.spend[known:], demand[known:])
    A = mix.adstock(world.spend, model.carry_)
    added = (model.peak_ * mix.saturate(A, model.half_)).sum(axis=1)
    # The design in other words: the forecast is what its columns say of later weeks.
    week = np.arange(104)
    waves = [f(2 * np.pi * k * week / 52) for k in (1, 2) for f in (np.sin, np.cos)]
    design = np.column_stack([np.ones(104), *waves, week, demand])
    rest = world.sales - added
    coef = np.linalg.lstsq(design[:known], rest[:known])[0]
    np.testing.assert_allclose(future, (design @ coef + added)[known:], rtol=1e-6)
    np.testing.assert_allclose(model.baseline_, (design @ coef)[:known], rtol=1e-6)
    for spend, controls, words in (
        (world.spend[known:, :2], None, "spend has 2 channels, but fit saw 3"),
        (world.spend[known:], None, "controls must have as many columns as in fit"),
        (world.spend[known:], demand, "controls has 104 rows, but 24"),
    ):
        with pytest.raises(ValueError, match=words):
            model.forecast(spend, controls)


def test_sales_that_never_vary_leave_nothing_to_explain():
    spend = 1 + np.random.default_rng(6).random((40, 1))
    model = mix.MediaMix(season=1).fit(np.full(40, 7.0), spend)
    assert model.r2_ == 1.0
    assert np.isfinite(model.contribution()).all()
    assert model.contribution().sum() < 0.01 * 7 * 40


def test_a_lift_test_mends_search_and_the_budget():
    found = {"season": [], "lift": []}
    earned = {"season": [], "lift": [], "now": []}
    for seed in range(4):
        world = worlds.weeks(seed=seed)
        truth = world.truth.contribution.sum(axis=0) / world.spend.sum(axis=0)
        now = world.spend.mean(axis=0)
        earned["now"].append(world.truth.sales(now))
        for name, tests in (("season", ()), ("lift", [world.lift_test("search")])):
            model = mix.MediaMix(n_starts=1).fit(world.sales, world.spend, tests)
            found[name].append(model.mean_returns().value[2] / truth[2])
            split = model.allocate(now.sum())
            earned[name].append(world.truth.sales(split.spend))
    assert np.mean(found["season"]) > 2.2
    assert 0.9 < np.mean(found["lift"]) < 1.7
    assert np.mean(earned["lift"]) > np.mean(earned["now"]) + 1000
    assert np.mean(earned["lift"]) > np.mean(earned["season"]) + 1000


# Refusals -----------------------------------------------------------------------------

SALES, SPEND = 10 + np.arange(20.0), 1 + np.random.default_rng(7).random((20, 2))
GOOD = {"channel": 1, "start": 5, "stop": 9, "change": -1.0, "value": -3.0}
GOOD["standard_error"] = 1.0


def spoilt(array, place, value):
    """The array with one cell that cannot be."""
    array = array.copy()
    array[place] = value
    return array


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sales": spoilt(SALES, 3, -1)}, r"sales\[3\] is -1"),
        ({"sales": 0 * SALES}, "sales is 0 in all weeks"),
        ({"spend": spoilt(SPEND, (4, 1), -2)}, r"spend\[4, 1\] is -2.0"),
        ({"spend": spoilt(SPEND, (4, 1), INF)}, r"spend\[4, 1\] is inf"),
        ({"spend": SPEND * [1, 0]}, "0 in all weeks of channel 1"),
        ({"spend": np.ones((20, 2, 2))}, "spend must be"),
        ({"controls": np.ones((3, 1))}, "controls has 3 rows"),
        ({"controls": spoilt(SPEND, (0, 0), NAN)}, r"controls\[0, 0\] is nan"),
        ({"lift_tests": [3]}, r"lift_tests\[0\] is 3"),
    ],
)
def test_fit_refuses(change, words):
    case = {"sales": SALES, "spend": SPEND} | change
    with pytest.raises(ValueError, match=words):
        mix.MediaMix(season=1).fit(**case)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"channel": 2}, r"lift_tests\[0\].channel is 2, but columns are 0 to 1"),
        ({"channel": -1}, "channel"),
        ({"channel": "tv"}, "channel"),
        ({"start": 9}, "runs from week 9 to before week 9"),
        ({"stop": 21}, "within 20 weeks"),
        ({"change": -1.5}, "change"),
        ({"change": 0.0}, "change is 0"),
        ({"value": NAN}, "value"),
        ({"standard_error": 0.0}, "standard_error must be a finite number above 0"),
        ({"standard_error": -1.0}, "standard_error"),
    ],
)
def test_a_lift_test_is_refused(change, words):
    test = mix.LiftTest(**(GOOD | change))
    with pytest.raises(ValueError, match=words):
        mix.MediaMix(season=1).fit(SALES, SPEND, [test])


def test_a_lift_test_of_silent_weeks_is_refused():
    silent = SPEND.copy()
    silent[5:9, 1] = 0
    with pytest.raises(ValueError, match="nothing was spent"):
        mix.MediaMix(season=1).fit(SALES, silent, [mix.LiftTest(**GOOD)])


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"season": 10, "period": 20}, "sales has 20 weeks, but the baseline alone"),
        ({"returns": (0, 1)}, "returns has the median 0.0"),
        ({"returns": (2, 0)}, "returns has the deviation 0.0"),
        ({"returns": 2.0}, "returns must be a median and a deviation"),
        ({"returns": ([1, 2, 3], 1)}, "returns must hold one number or one for each"),
        ({"carry": (1.0, 1)}, "carry has the median 1.0"),
        ({"half": (NAN, 1)}, "half has the median nan"),
    ],
)
def test_settings_are_refused(setting, words):
    with pytest.raises(ValueError, match=words):
        mix.MediaMix(**setting).fit(SALES, SPEND)


@pytest.mark.parametrize(
    ("spend", "words"),
    [([1.0], "2 channels"), (3.0, "2 channels"), ([1, -1], "at least 0")],
)
def test_response_refuses(spend, words):
    model = mix.MediaMix(season=1, n_starts=1).fit(SALES, SPEND)
    with pytest.raises(ValueError, match=words):
        model.response(spend)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mix.adstock([1, -1], 0.5), r"spend\[1\] is -1.0"),
        (lambda: mix.adstock([], 0.5), "at least one week"),
        (lambda: mix.adstock([1], 1.0), "carry"),
        (lambda: mix.adstock([1], NAN), "carry"),
        (lambda: mix.adstock([[1, 2]], [0.1, 0.2, 0.3]), "one for each of 2 channels"),
        (lambda: mix.adstock([1], 0.5, length=0), "length"),
        (lambda: mix.saturate(-1, 2), "spend holds -1.0"),
        (lambda: mix.saturate([1, NAN], 2), "spend holds nan"),
        (lambda: mix.saturate(1, [2, 0]), "half holds 0.0"),
        (lambda: mix.half_life(1.0), "carry"),
        (lambda: mix.allocate([1, -1], [1, 1], 5), r"peak\[1\] is -1.0"),
        (lambda: mix.allocate([1, 1], [1, 0], 5), r"half\[1\] is 0.0"),
        (lambda: mix.allocate([1, 1], [1], 5), "half has 1 rows"),
        (lambda: mix.allocate([1], [1], -5), "budget"),
        (lambda: mix.allocate([1], [1], INF), "budget"),
        (lambda: mix.allocate([1, 1], [1, 1], 5, low=[3, 3]), "low asks for 6.0"),
        (lambda: mix.allocate([1], [1], 5, [3], [2]), r"low\[0\] is 3.0"),
        (lambda: mix.allocate([1], [1], 5, high=[NAN]), "high must be 1"),
        (lambda: mix.allocate([1], [1], 5, high=[1, 2]), "high must be 1"),
    ],
)
def test_curves_and_budget_refuse(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def weeks_of(rng):
    spend = 1 + rng.random((24, 2))
    return {"sales": 10 + spend.sum(axis=1) + rng.random(24), "spend": spend}


ASKS = {"contribution": (), "draws": (), "response": ("spend",), "forecast": ("spend",)}


def test_before_fit_there_are_no_returns_and_nothing_to_split_by():
    for ask in (mix.MediaMix().mean_returns, lambda: mix.MediaMix().allocate(9.0)):
        with pytest.raises(NotFittedError, match="MediaMix is not fitted yet"):
            ask()


def test_a_season_of_a_small_type_does_not_wrap():
    waves = mix.MediaMix(season=np.int8(127), trend=False)._design(np.arange(3), None)
    assert waves.shape == (3, 1 + 2 * 127)


class TestContract(EstimatorContract):
    cases = [
        Example(lambda: mix.MediaMix(season=1, n_starts=2), weeks_of, ASKS, "spend")
    ]
