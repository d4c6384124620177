"""The world of members, who leave at the end of a month."""

import numpy as np
import pytest

from recbook.marketing import worlds


def test_who_is_still_there_is_seen_until_today():
    world = worlds.members(2000, window=24, seed=1)
    table, left = world.table, world.truth.left
    seen = 24 - table["joined"]
    gone = table["churned"] == 1
    assert (table["months"][gone] == left[gone]).all()
    assert (table["months"][~gone] == seen[~gone]).all()
    assert (left[~gone] > seen[~gone]).all()
    assert table["months"].min() >= 1
    assert table["joined"].between(0, 23).all()


def test_the_truth_is_what_happens():
    world = worlds.members(60_000, seed=2)
    months = [0, 1, 6, 24, 60]
    curve = world.truth.survival(months)
    happened = [np.mean(world.truth.left > k) for k in months]
    np.testing.assert_allclose(curve.mean(axis=0), happened, atol=0.007)
    portal = world.features()["portal"] == 1
    happened = [np.mean(world.truth.left[portal] > k) for k in months]
    np.testing.assert_allclose(curve[portal].mean(axis=0), happened, atol=0.012)
    # A beta distribution of a = .9 and b = 9, times .55, 1.8 and .65.
    lone = (world.table["channel"] == "search") & (world.table["plan"] == "solo")
    assert np.unique(world.truth.a[lone]).tolist() == [0.9]
    assert world.truth.churn[lone].mean() == pytest.approx(0.9 / 9.9, abs=0.003)
    assert np.unique(world.truth.a).size == 6


def test_a_seed_is_a_world():
    one, same, other = (worlds.members(100, seed=seed) for seed in (0, 0, 1))
    assert one.table.equals(same.table)
    assert not one.table.equals(other.table)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: worlds.members(0), "n"),
        (lambda: worlds.members(10, window=0), "window"),
        (lambda: worlds.members(10, seed=-1), "seed"),
        (lambda: worlds.members(10).truth.survival([-1]), r"months\[0\]"),
    ],
)
def test_members_refuse(call, words):
    with pytest.raises(ValueError, match=words):
        call()
