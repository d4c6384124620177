"""The world of ad impressions: its draws, what they hold, and its auctions."""

import numpy as np
import pytest
from scipy.special import expit

from recbook.marketing import worlds
from recbook.marketing.worlds.ctr import (
    FIELDS,
    Impressions,
    ImpressionTruth,
    pick,
)


@pytest.fixture(scope="module")
def world():
    return worlds.impressions(120_000, seed=3)


def test_the_same_seed_draws_the_same_and_another_does_not():
    one, two, other = (worlds.impressions(500, seed) for seed in (4, 4, 5))
    assert one.table.equals(two.table)
    assert (one.truth.click == two.truth.click).all()
    assert (one.truth.price == two.truth.price).all()
    assert not one.table.equals(other.table)


def test_the_table_holds_what_is_known_and_no_more(world):
    assert list(world.table) == ["day", *FIELDS]
    assert world.n_impressions == 120_000
    day = world.table["day"].to_numpy()
    assert (np.diff(day) >= 0).all()  # in the order of time
    assert day.min() == 0
    assert day.max() == 29
    assert set(world.table["position"]) == {1, 2, 3}
    assert world.table["site"].max() < 60
    assert world.table["ad"].max() < 40
    assert not world.table.isna().to_numpy().any()


def test_clicks_follow_the_truth(world):
    p = world.truth.click
    assert 0.015 < p.mean() < 0.03
    assert set(np.unique(world.clicks)) == {0.0, 1.0}
    for mask in (p < 0.01, p > 0.05, world.table["day"].to_numpy() >= 24):
        gap = (world.clicks[mask] - p[mask]).sum()
        assert abs(gap) < 4 * np.sqrt((p * (1 - p))[mask].sum())


def test_the_season_lifts_the_odds_from_day_24_on(world):
    odds = np.log(world.truth.click) - np.log1p(-world.truth.click)
    late = world.table["day"].to_numpy() >= 24
    assert odds[late].mean() - odds[~late].mean() == pytest.approx(0.25, abs=0.03)
    # The mean is -4.5, season apart.
    assert (odds - 0.25 * late).mean() == pytest.approx(-4.5, abs=1e-6)


def test_a_few_people_have_many_views(world):
    views = world.table["person"].value_counts()
    assert views.median() <= 5
    assert views.max() > 100


def test_rivals_bid_more_for_better_views(world):
    log = np.log(world.truth.price)
    late = world.table["day"].to_numpy() >= 24
    odds = np.log(world.truth.click) - np.log1p(-world.truth.click) - 0.25 * late
    slope, level = np.polyfit(odds + 4.5, log, 1)
    assert slope == pytest.approx(0.25, abs=0.01)
    assert np.exp(level) == pytest.approx(0.010, rel=0.01)
    assert (log - slope * (odds + 4.5)).std() == pytest.approx(0.63, rel=0.01)


def test_pick_draws_in_proportion():
    drawn = pick(np.random.default_rng(0), 40_000, [1.0, 0.0, 3.0])
    assert (np.bincount(drawn, minlength=3) / 40_000).round(2).tolist() == [
        0.25,
        0.0,
        0.75,
    ]


def by_hand():
    """Three impressions: clicks with .10, .02 and .05, prices of 1, 3 and 2 cents."""
    truth = ImpressionTruth(np.array([0.10, 0.02, 0.05]), np.array([0.01, 0.03, 0.02]))
    table = worlds.impressions(3).table
    return Impressions(table, np.array([1.0, 0.0, 0.0]), truth)


def test_the_winner_pays_the_second_price():
    won, paid = by_hand().auction([0.04, 0.02, 0.02])
    assert won.tolist() == [True, False, False]  # a tie wins nothing
    assert paid.tolist() == [0.01, 0.0, 0.0]


def test_profit_counts_what_is_won():
    truth = by_hand().truth
    # 0.40 * 0.10 - 0.01 = 0.03; 0.40 * 0.05 - 0.02 = 0; 0.40 * 0.02 - 0.03 = -0.022.
    assert truth.profit([0.04, 0.008, 0.02]) == pytest.approx(0.03)
    assert truth.profit([1, 1, 1]) == pytest.approx(0.03 - 0.022)
    assert truth.profit([1, 0, 0], value=1.0) == pytest.approx(0.09)
    assert truth.profit([0, 0, 0]) == 0


def test_no_bid_beats_the_true_value(world):
    """In a second-price auction the truth dominates, impression by impression."""
    truth, rng = world.truth, np.random.default_rng(1)
    best = truth.profit(0.40 * truth.click)
    for _ in range(5):
        noise = np.exp(0.5 * rng.normal(size=world.n_impressions))
        assert truth.profit(0.40 * truth.click * noise) < best
    assert truth.profit(0.40 * expit(np.full(world.n_impressions, -3.9))) < best


def test_a_subset_is_a_world(world):
    first = world.subset(world.table["day"].to_numpy() < 2)
    assert first.n_impressions == (world.table["day"] < 2).sum()
    assert first.table.index[0] == 0
    bids = np.full(first.n_impressions, 0.01)
    full = np.zeros(world.n_impressions)
    full[: first.n_impressions] = 0.01
    assert first.truth.profit(bids) == pytest.approx(world.truth.profit(full))


@pytest.mark.parametrize(
    ("bids", "message"),
    [
        ([0.1, 0.1], "bids has 2 rows, but 3 are needed"),
        ([0.1, -0.1, 0.1], r"bids\[1\] is -0.1"),
        ([0.1, np.nan, 0.1], r"bids\[1\] is nan"),
        ([np.inf, 0.1, 0.1], r"bids\[0\] is inf"),
    ],
)
def test_bids_that_are_refused(bids, message):
    for bid in (by_hand().auction, by_hand().truth.profit):
        with pytest.raises(ValueError, match=message):
            bid(bids)


def test_other_refusals():
    with pytest.raises(ValueError, match="n must be"):
        worlds.impressions(0)
    with pytest.raises(ValueError, match="seed must be"):
        worlds.impressions(10, seed=-1)
    with pytest.raises(ValueError, match="mask must hold 3 bools"):
        by_hand().subset([0, 1, 2])
    with pytest.raises(ValueError, match="value must be"):
        by_hand().truth.profit([0, 0, 0], value=-1)


def test_one_view_is_a_world():
    world = worlds.impressions(1)
    assert world.n_impressions == 1
    assert np.isfinite(world.truth.click).all()


def test_the_first_views_stay_what_they_are():
    """Seed 0: a change of any draw changes every page that stands on it."""
    world = worlds.impressions(1000)
    table = world.table[["site", "ad", "position", "person"]]
    assert table.iloc[:2].to_numpy().tolist() == [[0, 38, 3, 66], [31, 0, 2, 93]]
    assert world.clicks.sum() == 21
    assert world.truth.click.sum() == pytest.approx(20.033511, abs=1e-5)
    assert world.truth.price[0] == pytest.approx(0.007585, abs=1e-6)
