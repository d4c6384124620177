"""The world of weekly totals: its draws, its truth, its lift tests."""

import numpy as np
import pytest

from recbook.marketing import worlds


@pytest.fixture(scope="module")
def world():
    return worlds.weeks(seed=4)


def test_a_seed_makes_the_weeks(world):
    again, other = worlds.weeks(seed=4), worlds.weeks(seed=5)
    for name in ("sales", "spend", "queries"):
        np.testing.assert_array_equal(getattr(world, name), getattr(again, name))
        assert (getattr(world, name) != getattr(other, name)).any()
    assert world.lift_test("tv") == again.lift_test("tv")


def test_sales_are_the_truth_and_noise(world):
    noise = world.sales - world.truth.baseline - world.truth.contribution.sum(axis=1)
    assert abs(noise.mean()) < 3 * 1800 / np.sqrt(104)
    assert 1400 < noise.std() < 2200
    by_loop = np.zeros(3)
    for t, spend in enumerate(world.spend):
        by_loop = (1 - world.truth.carry) * spend + world.truth.carry * by_loop
        share = by_loop / (by_loop + world.truth.half)
        np.testing.assert_allclose(
            world.truth.contribution[t], world.truth.peak * share, atol=1e-5
        )


def test_a_constant_spend_has_its_sales(world):
    # 50,000 · 3/(3 + 9) + 23,000 · 4/(4 + 4) + 9,600 · 2/(2 + 6).
    expected = 12_500 + 11_500 + 2400
    assert world.truth.sales([3000, 4000, 2000]) == pytest.approx(expected)


def correlations(plan):
    found = []
    for seed in range(20):
        world = worlds.weeks(plan=plan, seed=seed)
        logs = np.log(np.maximum(world.spend, 1))
        both = np.column_stack([logs, world.truth.baseline])
        found.append(np.corrcoef(both.T)[3, 1:3])
    return np.mean(found, axis=0)


def test_spend_follows_demand_by_one_plan_alone():
    social, search = correlations("demand")
    assert social > 0.6
    assert search > 0.6
    assert np.abs(correlations("random")).max() < 0.1


def test_truth_does_not_depend_on_the_plan():
    demand, random = worlds.weeks(seed=1), worlds.weeks(plan="random", seed=1)
    np.testing.assert_array_equal(demand.truth.baseline, random.truth.baseline)
    np.testing.assert_array_equal(demand.truth.peak, random.truth.peak)
    on = demand.spend[:, 0] > 0
    np.testing.assert_array_equal(on, random.spend[:, 0] > 0)
    assert 0.2 < on.mean() < 0.6


def test_a_lift_test_is_the_truth_and_its_error():
    scores = []
    for seed in range(60):
        world = worlds.weeks(seed=seed)
        for channel, change in (("search", -1.0), ("social", 0.5)):
            test = world.lift_test(channel, 50, 6, change)
            c = world.channels.index(channel)
            carried = other = 0.0
            expected = 0.0
            for t in range(56):
                now = world.spend[t, c]
                a, k = world.truth.carry[c], world.truth.half[c]
                carried = (1 - a) * now + a * carried
                factor = 1 + change if t >= 50 else 1.0
                other = (1 - a) * factor * now + a * other
                gain = other / (other + k) - carried / (carried + k)
                expected += world.truth.peak[c] * gain
            scores.append((test.value - expected) / test.standard_error)
            assert test.standard_error == pytest.approx(
                0.0045 * world.sales[50:56].sum(), abs=0.01
            )
    assert abs(np.mean(scores)) < 0.3
    assert 0.85 < np.std(scores) < 1.15


def test_queries_are_a_noisy_demand(world):
    logs = np.log(world.queries)
    assert np.corrcoef(logs, np.log(world.truth.baseline))[0, 1] > 0.9


def test_the_default_world_is_as_its_card_says():
    # Sales of some 175,000 € a week, ads of some 10,000 €, returns 3.6, 2.9 and .9.
    world = worlds.weeks()
    returns = world.truth.contribution.sum(axis=0) / world.spend.sum(axis=0)
    np.testing.assert_allclose(returns, [3.6, 2.9, 0.9], atol=0.06)
    assert 170_000 < world.sales.mean() < 182_000
    assert 9500 < world.spend.sum(axis=1).mean() < 12_000


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: worlds.weeks(7), "n"),
        (lambda: worlds.weeks(plan="best"), "plan"),
        (lambda: worlds.weeks(seed=-1), "seed"),
        (lambda: worlds.weeks().lift_test("radio"), "channel"),
        (lambda: worlds.weeks().lift_test("tv", 100), "start is 100"),
        (lambda: worlds.weeks().lift_test("tv", -1), "start"),
        (lambda: worlds.weeks().lift_test("tv", change=-2), "change"),
        (lambda: worlds.weeks().lift_test("tv", n_weeks=0), "n_weeks"),
        (lambda: worlds.weeks().truth.sales([1, 2]), "spend has 2 rows"),
        (lambda: worlds.weeks().truth.sales([1, 2, -3]), r"spend\[2\] is -3.0"),
    ],
)
def test_weeks_refuse(call, words):
    with pytest.raises(ValueError, match=words):
        call()
