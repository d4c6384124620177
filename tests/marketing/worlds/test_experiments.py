"""The world of ad days: its draws, its auctions, and arms that share a budget."""

import numpy as np
import pytest

from recbook.marketing import experiments, worlds


@pytest.fixture(scope="module")
def world():
    return worlds.market(n_days=6, n_impressions=5000, seed=2)


def plain_day(bids, prices, budget_of, budgets):
    """Which impressions of one day are won, by the rules in words."""
    left, won = list(budgets), []
    for bid, price, pocket in zip(bids, prices, budget_of, strict=True):
        take = bid > price and price <= left[pocket]
        left[pocket] -= price * take
        won.append(take)
    return won


@pytest.mark.parametrize("n_budgets", [1, 2])
def test_views_are_bought_as_the_rules_say(world, n_budgets):
    rng = np.random.default_rng(7)
    factor = rng.choice([1.0, 1.3, 2.0], world.n_impressions)
    budget_of = rng.integers(n_budgets, size=world.n_impressions)
    won, paid = world.play(factor, budget_of)
    bids, price = factor * world.truth.value, world.truth.price
    for day in range(6):
        rows = world.truth.day == day
        of_day = (bids[rows], price[rows], budget_of[rows])
        expected = plain_day(*of_day, [world.budget / n_budgets] * n_budgets)
        assert won[rows].tolist() == expected
    np.testing.assert_array_equal(paid, np.where(won, price, 0.0))


def test_no_budget_is_ever_overdrawn(world):
    for factor in (0.5, 1.0, 5.0):
        paid = world.play(factor)[1]
        spent = np.bincount(world.truth.day, paid)
        assert (spent <= world.budget + 1e-9).all()
    assert not world.play(0.0)[0].any()
    assert not world.play(2.0, budgets=[0.0])[0].any()
    assert spent.min() > 0.99 * world.budget  # five times the value empties it


def test_the_same_seed_draws_the_same_and_another_does_not():
    one, two, other = (worlds.market(2, 50, seed) for seed in (4, 4, 5))
    assert one.table.equals(two.table)
    assert (one.truth.price == two.truth.price).all()
    assert not one.table.equals(other.table)
    assert one.table["hour"].tolist() == sorted(one.table["hour"][:50].tolist()) * 2


def test_the_truth_is_both_futures_of_the_same_days(world):
    value = world.table["value"].to_numpy()
    gap = [value[world.play(f)[0]].sum() for f in (1.3, 1.0)]
    expected = (gap[0] - gap[1]) / world.n_impressions
    assert world.truth.effect(1.3) == pytest.approx(expected)
    assert world.truth.effect(1.0) == 0.0


def test_arms_with_one_budget_take_from_each_other():
    world = worlds.market(10, 10_000, seed=0)
    value = world.table["value"].to_numpy()
    treated = np.random.default_rng(50).random(world.n_impressions) < 0.5
    y = value * world.play(np.where(treated, 1.3, 1.0))[0]
    effect = experiments.difference(y, treated)
    assert effect.interval[0] > 0.4 * y[~treated].mean()
    assert abs(world.truth.effect(1.3)) < 0.08 * y.mean()


@pytest.mark.parametrize(
    ("budget_of", "words"),
    [
        (float("nan"), "budget_of must be one-dimensional, got nan"),
        ([], "budget_of has 0 rows, but 100 are needed"),
        ([2**40] + [0] * 99, r"budget_of\[0\] is \d+, but a code is from 0 to 99"),
    ],
)
def test_budget_of_is_a_code(budget_of, words):
    with pytest.raises(ValueError, match=words):
        worlds.market(1, 100).play(budget_of=budget_of)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"factor": [1.0, 2.0]}, "factor has 2 rows"),
        ({"factor": -1.0}, r"factor\[0\] is -1.0"),
        ({"budget_of": [0, 1]}, "budget_of has 2 rows"),
        ({"budget_of": [0, 2], "budgets": [1.0]}, r"budget_of\[1\] is 2"),
        ({"budgets": [-1.0]}, r"budgets\[0\] is -1.0"),
    ],
)
def test_bids_are_refused(world, arguments, message):
    with pytest.raises(ValueError, match=message):
        world.play(**arguments)
