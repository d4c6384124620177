"""Geo-lift beside plain loops and another solver, numbers by hand, refusals."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize

from recbook.marketing import geo, worlds

# Logarithms to base 2 of four weeks: the last is the campaign's.
HAND = 2.0 ** np.array([[0, 1, 2, 6], [3, 4, 5, 7], [1, 1, 1, 2]])


def noisy(n=8, weeks=14, seed=0):
    """Sales of regions that share a wandering demand, each by its own leaning."""
    rng = np.random.default_rng(seed)
    shared = np.cumsum(rng.normal(size=(2, weeks)), axis=1) * 0.1
    logs = 3 + rng.normal(size=(n, 2)) @ shared + 0.02 * rng.normal(size=(n, weeks))
    return np.exp(logs)


def test_did_by_hand():
    # Region 0 grows from a mean of 1 to 6: 5. The others 4 → 7 and 1 → 2: 3 and 1, on
    # average 2. Doubled 5 − 2 = 3 times: 8-fold, that is 700 % more.
    effect = geo.geo_lift(HAND, [1, 0, 0], 3, "did")
    assert effect.value == pytest.approx(7.0)
    # Lots on region 1: 3 − (5 + 1)/2 = 0; on region 2: 1 − (5 + 3)/2 = −3.
    others = geo.placebos(HAND, [1, 0, 0], 3, "did")
    np.testing.assert_allclose(others, [2.0**0 - 1, 2.0**-3 - 1], atol=1e-12)
    # |−3| is as much as 3: two lots of three.
    assert effect.p == pytest.approx(2 / 3)
    # Less the effect, region 0 grows by 2: lots find 3 − 1.5 and 1 − 2.5; deviation
    # of 1.5 and −1.5 with n − 1: sqrt(4.5), in units of ln 2; times sqrt(2/1) for three
    # regions. Student's quantile with one degree of freedom is tan(.475 π) = 12.7062.
    error = np.sqrt(4.5 * 2) * np.log(2)
    assert effect.standard_error == pytest.approx(8 * error)
    ends = 8 * np.exp(np.array([-1, 1]) * np.tan(0.475 * np.pi) * error) - 1
    np.testing.assert_allclose(effect.interval, ends, rtol=1e-5)


def test_synthetic_by_hand():
    # Before the start region 1 moves as region 0 and region 2 not at all: all weight on
    # region 1, which grows by 3 where region 0 grows by 5: 2² − 1.
    weights = geo.synthetic_weights(HAND, [1, 0, 0], 3)
    np.testing.assert_allclose(weights, [0, 1, 0], atol=1e-9)
    effect = geo.geo_lift(HAND, [1, 0, 0], 3)
    assert effect.value == pytest.approx(3.0)


def test_gap_is_did_written_out():
    sales, treated, start = noisy(), np.arange(8) < 3, 9
    logs = np.log(sales)
    after = logs[:, start:].mean(axis=1) - logs[:, :start].mean(axis=1)
    expected = after[treated].mean() - after[~treated].mean()
    gap = geo.weekly_gap(sales, treated, start, "did")
    assert gap[start:].mean() == pytest.approx(expected, abs=1e-12)
    assert gap[:start].mean() == pytest.approx(0, abs=1e-12)
    assert geo.geo_lift(sales, treated, start, "did").value == pytest.approx(
        np.expm1(expected)
    )


@pytest.mark.parametrize("seed", range(3))
def test_weights_are_those_of_another_solver(seed):
    sales, treated, start = noisy(6, 20, seed), np.arange(6) == 2, 16
    weights = geo.synthetic_weights(sales, treated, start)
    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= 0
    assert weights[2] == 0
    d = np.log(sales)
    d = (d - d[:, :start].mean(axis=1, keepdims=True))[:, :start]

    def missed(w):
        return 1000 * ((d[2] - w @ d[~treated]) ** 2).sum()

    peer = minimize(
        missed,
        np.full(5, 0.2),
        bounds=[(0, 1)] * 5,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    assert missed(weights[~treated]) <= missed(peer.x) + 1e-9
    np.testing.assert_allclose(weights[~treated], peer.x, atol=1e-4)


@pytest.mark.parametrize("method", ["did", "synthetic"])
def test_units_and_levels_do_not_matter(method):
    sales, treated, start = noisy(), np.arange(8) < 2, 9
    effect = geo.geo_lift(sales, treated, start, method, n=30)
    scaled = sales * np.arange(1, 9)[:, None] * 1000
    other = geo.geo_lift(scaled, treated, start, method, n=30)
    assert other.value == pytest.approx(effect.value, abs=1e-9)
    assert other.p == effect.p


def test_an_effect_that_is_put_in_is_found_on_top():
    sales, treated, start = noisy(), np.arange(8) < 2, 9
    before = geo.geo_lift(sales, treated, start, n=30)
    sales[:2, start:] *= 1.10
    after = geo.geo_lift(sales, treated, start, n=30)
    assert 1 + after.value == pytest.approx(1.10 * (1 + before.value))
    error = before.standard_error / (1 + before.value)
    assert after.standard_error / (1 + after.value) == pytest.approx(error)


def test_lots_are_all_others_where_they_are_few():
    sales, treated = noisy(5), np.arange(5) < 2
    others = geo.placebos(sales, treated, 9, "did")
    expected = []
    for lot in itertools.combinations(range(5), 2):
        if lot != (0, 1):
            mask = np.isin(np.arange(5), lot)
            gap = geo.weekly_gap(sales, mask, 9, "did")
            expected.append(np.expm1(gap[9:].mean()))
    np.testing.assert_allclose(others, expected)
    many = noisy(30), np.arange(30) < 10, 9, "did"
    assert len(geo.placebos(*many, n=50)) == 50
    assert (geo.placebos(*many, n=50) == geo.placebos(*many, n=50)).all()
    assert (geo.placebos(*many, n=50) != geo.placebos(*many, n=50, seed=1)).any()


def test_p_is_even_where_nothing_happens():
    # Whoever was treated: all lots of the same sales have all ranks, once each.
    sales = noisy(6, seed=4)
    p = sorted(geo.geo_lift(sales, np.arange(6) == r, 9).p for r in range(6))
    np.testing.assert_allclose(p, np.arange(1, 7) / 6)


def test_synthetic_control_beats_difference_in_differences_in_the_world():
    errors = {"did": [], "synthetic": []}
    for seed in range(25):
        world = worlds.regions(seed=seed)
        for method, found in errors.items():
            gap = geo.weekly_gap(world.sales, world.treated, world.start, method)
            found.append(np.expm1(gap[world.start :].mean()) - world.truth.lift)
    spread = {method: np.std(found) for method, found in errors.items()}
    assert spread["synthetic"] < spread["did"] / 2
    assert abs(np.mean(errors["synthetic"])) < 0.004


def test_constant_sales_have_no_effect_and_no_error():
    effect = geo.geo_lift(np.ones((4, 6)), [1, 0, 0, 0], 3)
    assert (effect.value, effect.standard_error, effect.p) == (0.0, 0.0, 1.0)
    assert effect.interval == (0.0, 0.0)


SOME = noisy(4, 6)
NAN = float("nan")


def spoilt(value):
    """The sales with one cell that cannot be."""
    sales = SOME.copy()
    sales[2, 1] = value
    return sales


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"sales": spoilt(0)},
            r"sales\[2, 1\] is 0.0: give",
        ),
        ({"sales": spoilt(NAN)}, r"sales\[2, 1\] is nan"),
        ({"sales": SOME[0]}, "sales must have a row"),
        ({"treated": [1, 1, 1, 0]}, "one region untreated"),
        ({"treated": [0, 0, 0, 0]}, "nobody treated"),
        ({"treated": [1, 0, 0]}, "treated has 3 rows, but 4"),
        ({"start": 1}, "start"),
        ({"start": 6}, "start is 6, but the last of 6 weeks is 5"),
        ({"start": 2.5}, "start"),
        ({"method": "before-after"}, "method"),
    ],
)
def test_geo_refuses(change, words):
    case = {"sales": SOME, "treated": [1, 0, 0, 0], "start": 3} | change
    for call in (geo.geo_lift, geo.placebos, geo.weekly_gap):
        with pytest.raises(ValueError, match=words):
            call(**case)
    if "method" not in change:
        with pytest.raises(ValueError, match=words):
            geo.synthetic_weights(**case)


@pytest.mark.parametrize("n", [1, 2.5, NAN])
def test_lots_refuse(n):
    with pytest.raises(ValueError, match="n"):
        geo.geo_lift(SOME, [1, 0, 0, 0], 3, n=n)
    with pytest.raises(ValueError, match="seed"):
        geo.placebos(SOME, [1, 0, 0, 0], 3, seed=-1)


# What a test can find -----------------------------------------------------------------


@pytest.mark.parametrize("method", ["did", "synthetic"])
def test_detectable_is_the_least_lift_that_geo_lift_finds(method):
    # All 21 assignments are tried, in three stretches.
    sales, weeks, before = noisy(7, 20), 4, 8
    lots = [np.isin(np.arange(7), lot) for lot in itertools.combinations(range(7), 2)]
    least = geo.detectable(sales, 2, weeks, before, method, power=0.6)
    for lift, enough in ((least * 1.001, True), (least * 0.999, False)):
        found = []
        for end in (20, 16, 12):
            for treated in lots:
                busy = sales[:, end - 12 : end].copy()
                busy[treated, before:] *= 1 + lift
                found.append(geo.geo_lift(busy, treated, before, method).p <= 0.05)
        assert (np.mean(found) >= 0.6) == enough


def test_more_regions_and_less_power_find_less():
    calm = worlds.regions(n_weeks=104, start=102, lift=0.0).sales
    base = geo.detectable(calm, 8, 8, 52, n=30)
    assert geo.detectable(calm[:12], 3, 8, 52, n=30) > base
    assert geo.detectable(calm, 8, 8, 52, "did", n=30) > 1.5 * base
    assert geo.detectable(calm, 8, 8, 52, power=0.6, n=30) < base
    assert geo.detectable(np.ones((7, 20)), 2, 4, 8) == 0.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n_treated": 6}, "n_treated is 6 of 7 regions: leave at least two untreated"),
        ({"n_treated": 1}, "n_treated is 1 of 7 regions: .* have 20 ways or more"),
        ({"n_treated": 0}, "n_treated"),
        ({"weeks": 0}, "weeks"),
        ({"before": 1}, "before"),
        ({"before": 5}, "sales have 6 weeks, but a try needs 5 before and 2 with"),
        ({"power": 0}, "power"),
        ({"power": 1}, "power"),
        ({"n": 18}, "n must be an integer of at least 19"),
        ({"seed": -1}, "seed"),
        ({"method": "best"}, "method"),
        ({"sales": np.zeros((7, 6))}, r"sales\[0, 0\] is 0.0: give"),
        ({"sales": np.full((7, 6), NAN)}, r"sales\[0, 0\] is nan"),
        ({"sales": SOME[0]}, "sales must have a row"),
    ],
)
def test_detectable_refuses(change, words):
    case = {"sales": noisy(7, 6), "n_treated": 2, "weeks": 2, "before": 3} | change
    with pytest.raises(ValueError, match=words):
        geo.detectable(**case)


def test_a_p_of_exactly_5_percent_finds():
    # One of twenty regions: p is 1/20 where nothing else is as far from 0.
    assert geo.detectable(noisy(20, 12), 1, 4, 8, "did") > 0
    # Of three and three, the others are as far from 0: no p is below 2/20.
    with pytest.raises(ValueError, match=r"power is 0.8, which no lift reaches"):
        geo.detectable(noisy(6, 12), 3, 4, 8, "did")
