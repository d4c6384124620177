"""The world of a firm's tests: its draws, and what holds in them by construction."""

import numpy as np
import pytest
from scipy.stats import norm

from recbook.marketing import experiments, worlds


@pytest.mark.parametrize("kind", ["mixture", "normal", "heavy"])
def test_true_effects_have_the_spread_of_the_card(kind):
    world = worlds.archive(40_000, kind, seed=3)
    true = world.truth.effect
    assert true.mean() == pytest.approx(0, abs=0.005)
    assert true.std() == pytest.approx(0.1643, rel=0.1 if kind == "heavy" else 0.02)
    assert (true == 0).mean() == pytest.approx(0.7 * (kind == "mixture"), abs=0.01)


def test_estimates_are_noise_around_the_truth():
    world = worlds.archive(40_000, seed=4)
    table = world.table
    z = (table["effect"] - world.truth.effect) / table["standard_error"]
    assert z.mean() == pytest.approx(0, abs=0.02)
    assert z.std() == pytest.approx(1, abs=0.02)
    p = 2 * norm.sf(np.abs(table["effect"] / table["standard_error"]))
    np.testing.assert_allclose(table["p"], p, rtol=1e-9)
    assert table["people"].between(5000, 49_249).all()
    # 4 % without, 4 % + the effect with the change, in orders of 100 customers
    rate = 0.04 + world.truth.effect[7] / 100
    variance = (0.04 * 0.96 + rate * (1 - rate)) / table["people"][7]
    assert table["standard_error"][7] == pytest.approx(100 * np.sqrt(variance))


def test_the_same_seed_draws_the_same_and_another_does_not():
    for make in (worlds.archive, worlds.launch):
        one, two, other = (make(50, seed=seed) for seed in (4, 4, 5))
        assert one.table.equals(two.table)
        assert not one.table.equals(other.table)
    assert (one.daily == two.daily).all()


def test_a_launch_is_as_its_card_says():
    world = worlds.launch(seed=2)
    table, truth = world.table, world.truth
    share = np.repeat([0.01, 0.05, 0.5], [3, 4, 14])
    np.testing.assert_array_equal(table["share"], share[table["day"]])
    for value, part in table.groupby("share")["treated"]:
        assert part.mean() == pytest.approx(value, abs=0.012)
    assert table["met"].mean() == pytest.approx(0.2, abs=0.01)
    assert truth.activity.mean() == pytest.approx(1, abs=0.02)
    early = truth.activity[table["day"] < 3].mean()
    assert early > 1.3 * truth.activity[table["day"] > 13].mean()
    # .1 for good; .4 on day 0, of which half is left on day 2
    assert truth.effect(1) == pytest.approx(0.5)
    assert truth.effect(3) == pytest.approx(0.1 + 0.4 * (1 + 0.5**0.5 + 0.5) / 3)


def test_the_effect_is_on_those_who_met_the_change():
    world = worlds.launch(seed=6)
    table, y = world.table, world.daily.mean(axis=1)
    treated, met = table["treated"].to_numpy(), table["met"].to_numpy()
    last = table["share"].to_numpy() == 0.5
    inside, outside = (
        experiments.difference(y[last & rows], treated[last & rows])
        for rows in (met, ~met)
    )
    assert abs(inside.value - world.truth.effect()) < 3 * inside.standard_error
    assert abs(outside.value) < 3 * outside.standard_error


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: worlds.archive(0), "n must be"),
        (lambda: worlds.archive(kind="uniform"), "kind"),
        (lambda: worlds.archive(seed=-1), "seed"),
        (lambda: worlds.launch(0), "n must be"),
        (lambda: worlds.launch(5).truth.effect(0), "n_days must be"),
    ],
)
def test_worlds_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
