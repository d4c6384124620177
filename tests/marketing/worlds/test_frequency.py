"""The world of caps: its draws beside their definitions, and what it refuses."""

import numpy as np
import pytest

from recbook.marketing import worlds


@pytest.fixture(scope="module")
def world():
    return worlds.audience(seed=3)


def test_a_seed_makes_the_people_and_the_month():
    one, two, other = (worlds.audience(500, seed) for seed in (4, 4, 5))
    assert one.log.equals(two.log)
    assert not one.log.equals(other.log)
    assert one.trial(seed=1).equals(two.trial(seed=1))
    assert not one.trial(seed=1).equals(one.trial(seed=2))


def test_people_come_as_the_card_says(world):
    came = world.log["impressions"].to_numpy()
    intensity = world.truth.intensity
    assert intensity.mean() == pytest.approx(5, rel=0.01)
    assert intensity.var() == pytest.approx(25 / 0.8, rel=0.03)
    assert came.var() == pytest.approx(5 + 25 / 0.8, rel=0.03)
    often = intensity > 10
    assert came[often].mean() == pytest.approx(intensity[often].mean(), rel=0.01)
    np.testing.assert_allclose(
        world.truth.base, 0.008 + 0.012 * intensity / 5, atol=1e-12
    )


def test_the_truth_of_a_cap_is_that_of_the_people(world):
    """Means over the drawn people, by loops over their impressions."""
    trial = world.trial(seed=1)
    came = trial["opportunities"].to_numpy()
    for cap in (0, 1, 3, np.inf):
        seen = np.minimum(came, cap)
        added = [sum(0.01 * 0.5**j for j in range(int(n))) for n in seen[:40_000]]
        truth = world.truth
        assert truth.impressions(cap) == pytest.approx(seen.mean(), rel=0.01)
        assert truth.orders(cap) == pytest.approx(np.mean(added), rel=0.02)
        expected = 1e5 * (20 * truth.orders(cap) - 0.03 * truth.impressions(cap))
        assert truth.profit(cap) == pytest.approx(expected)
    assert truth.effect([0, 1, 2]).tolist() == [0, 0.01, 0.015]
    assert truth.marginal(3).tolist() == [0.01, 0.005, 0.0025]
    best = max(range(12), key=truth.profit)
    assert best == 3  # 20 € × .0025 = 5 cents, and the fourth 2.5 < 3


def test_a_trial_caps_and_raises_orders(world):
    trial = world.trial(seed=1)
    assert (trial["impressions"] == trial[["cap", "opportunities"]].min(axis=1)).all()
    people = trial["cap"].value_counts()
    assert sorted(people.index) == [0, 1, 2, 4, np.inf]
    assert people.between(39_000, 41_000).all()
    means = trial.groupby("cap")[["ordered", "opportunities"]].mean()
    assert np.ptp(means["opportunities"]) < 0.15  # ads change no opportunities
    for cap, y in means["ordered"].items():
        assert y == pytest.approx(0.02 + world.truth.orders(cap), abs=0.003)


def test_the_log_confounds_as_the_formula_says(world):
    """E[base | n] = .008 + .012 (k + n) / (k + m)."""
    came = world.log["impressions"].to_numpy()
    for n in (0, 1, 4, 8):
        expected = 0.008 + 0.012 * (0.8 + n) / 5.8
        base = world.truth.base[came == n]
        assert base.mean() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda w: worlds.audience(0), "n must be an integer"),
        (lambda w: w.trial(caps=[-1, 2]), r"caps\[0\] is -1.0"),
        (lambda w: w.trial(caps=[0, float("nan")]), r"caps\[1\] is nan"),
        (lambda w: w.trial(caps=3), "caps must be a flat list"),
        (lambda w: w.truth.profit(cap=-1), "cap must be"),
        (lambda w: w.truth.effect([-1]), r"impressions\[0\] is -1"),
    ],
)
def test_what_is_refused(world, call, words):
    with pytest.raises(ValueError, match=words):
        call(world)
