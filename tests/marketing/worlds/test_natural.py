"""The worlds of nudges, roll-outs and thresholds: what was put in is in them."""

import numpy as np
import pytest

from recbook.marketing import worlds


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: worlds.nudges(3), "n must be"),
        (lambda: worlds.nudges(compliers=1.5), "compliers"),
        (lambda: worlds.nudges(compliers=0.6, always=0.6), "1.2 together"),
        (lambda: worlds.nudges(direct=np.nan), "direct"),
        (lambda: worlds.nudges(pull=-1), "pull"),
        (lambda: worlds.rollout(3), "n must be"),
        (lambda: worlds.rollout(start=24), "start is 24, but there are 24 weeks"),
        (lambda: worlds.rollout(n_treated=39), "n_treated is 39"),
        (lambda: worlds.rollout(n_weeks=16, staggered=True), "n_weeks"),
        (lambda: worlds.vouchers(49), "n must be"),
        (lambda: worlds.vouchers(threshold=0), "threshold"),
        (lambda: worlds.vouchers(sorting=2), "sorting"),
        (lambda: worlds.vouchers(seed=0.5), "seed"),
    ],
)
def test_worlds_refuse(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_people_do_what_their_kind_does():
    world = worlds.nudges(4000, compliers=0.3, always=0.2, defiers=0.1, seed=3)
    kind, nudged = world.truth.kind, world.nudged
    for name, share in (("always", 0.2), ("complier", 0.3), ("defier", 0.1)):
        assert abs((kind == name).mean() - share) < 0.03
    assert world.uses[kind == "always"].all()
    assert not world.uses[kind == "never"].any()
    assert (world.uses == nudged)[kind == "complier"].all()
    assert (world.uses != nudged)[kind == "defier"].all()
    assert world.truth.itt == pytest.approx(0.3 * 1.5 - 0.1 * 1.0)


def test_margins_are_what_the_docstring_promises():
    world = worlds.nudges(400_000, compliers=0.4, always=0.3, direct=0.5, seed=1)
    kind, without = world.truth.kind, ~world.nudged
    for name, mean in (("always", 14 + 3), ("complier", 8), ("never", 6)):
        margin = world.margin[(kind == name) & without]
        assert margin.mean() == pytest.approx(mean, rel=0.02)
        gap = world.margin[(kind == name) & world.nudged].mean() - margin.mean()
        added = 0.5 + 1.5 * (name == "complier")
        assert gap == pytest.approx(added, abs=0.2)


def test_without_defiers_nobody_defies():
    assert "defier" not in worlds.nudges(1000, compliers=0.5, always=0.5).truth.kind


def test_counters_add_their_effect_and_nothing_else():
    with_it, calm = worlds.rollout(seed=2), worlds.rollout(effect=0.0, seed=2)
    since = np.arange(24) - with_it.start[:, None]
    np.testing.assert_allclose(with_it.sales - calm.sales, since >= 0, atol=2e-3)
    assert with_it.truth.effect == 1
    np.testing.assert_allclose(calm.sales, calm.truth.without, atol=2e-3)
    drifting = worlds.rollout(drift=0.1, seed=2)
    drift = 0.1 * np.outer(with_it.treated, np.arange(24))
    np.testing.assert_allclose(drifting.sales - with_it.sales, drift, atol=2e-3)


def test_waves_grow():
    world = worlds.rollout(staggered=True, n_treated=6, seed=4)
    added = world.sales - world.truth.without
    np.testing.assert_allclose(added[0, 7:10], [0, 1 / 8, 2 / 8], atol=2e-3)
    np.testing.assert_allclose(added[5, 15:18], [0, 1 / 8, 2 / 8], atol=2e-3)
    assert not added[6:].any()
    # Waves of 16, 12 and 8 weeks: sums of k / 8 are 17, 9.75 and 4.5 for each shop.
    assert world.truth.effect == pytest.approx((17 + 9.75 + 4.5) / 36)


def test_noise_remembers_and_keeps_its_deviation():
    world = worlds.rollout(n=2000, n_treated=1000, seed=5)
    left = world.truth.without - world.truth.without.mean(axis=1, keepdims=True)
    left = left - left.mean(axis=0)
    steps = np.diff(left, axis=1)
    # e_t − e_{t−1} has the variance 2 · .64 · (1 − .7).
    assert steps.var() == pytest.approx(2 * 0.64 * 0.3, rel=0.05)


def test_only_the_keen_just_below_move():
    calm, busy = (worlds.vouchers(sorting=s, seed=6) for s in (0.0, 0.5))
    moved = busy.truth.moved
    before = calm.table["spent"][moved]
    assert before.between(90, 99.99).all()
    assert (busy.truth.keen[moved] > 0).all()
    assert busy.table["spent"][moved].between(100, 104).all()
    could = calm.table["spent"].between(90, 99.99) & (busy.truth.keen > 0)
    assert moved.sum() / could.sum() == pytest.approx(0.5, abs=0.1)
    assert (calm.table["spent"][~moved] == busy.table["spent"][~moved]).all()
    gap = busy.table["margin"] - calm.table["margin"]
    np.testing.assert_allclose(gap, 1.2 * moved, atol=0.011)


def test_the_same_seed_gives_the_same_world():
    for draw in (worlds.nudges, worlds.rollout, worlds.vouchers):
        one, same, other = draw(seed=1), draw(seed=1), draw(seed=2)
        numbers = [getattr(w, "margin", getattr(w, "sales", None)) for w in
                   (one, same, other)]  # fmt: skip
        if numbers[0] is None:
            numbers = [w.table["margin"].to_numpy() for w in (one, same, other)]
        assert (numbers[0] == numbers[1]).all()
        assert (numbers[0] != numbers[2]).any()
