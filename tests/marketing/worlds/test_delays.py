"""The world of late orders: its draws, what a log shows of them, and its auctions."""

import numpy as np
import pytest

from recbook.marketing import worlds
from recbook.marketing.worlds.delays import LEVELS, MARGIN, kinds


@pytest.fixture(scope="module")
def world():
    return worlds.conversions(200_000, 50_000, seed=3)


def test_the_same_seed_draws_the_same_and_another_does_not():
    one, two, other = (worlds.conversions(500, 100, seed=s) for s in (4, 4, 5))
    assert one.clicks.equals(two.clicks)
    assert one.sale.equals(two.sale)
    np.testing.assert_array_equal(one.truth.delay, two.truth.delay)
    np.testing.assert_array_equal(one.truth.sale.price, two.truth.sale.price)
    assert not one.clicks.equals(other.clicks)


def test_both_laws_share_all_but_the_delay(world):
    other = worlds.conversions(200_000, 50_000, law="mixture", seed=3)
    assert world.clicks.equals(other.clicks)
    assert world.sale.equals(other.sale)
    np.testing.assert_array_equal(world.truth.value, other.truth.value)
    one, two = (np.isnan(w.truth.delay) for w in (world, other))
    assert (one == two).all()
    mean = world.truth.mean_delay[~one].mean()
    for truth in (world.truth, other.truth):
        assert np.nanmean(truth.delay) == pytest.approx(mean, rel=0.07)
    delay = other.truth.delay[~one]
    # Of 40 % at half an hour on average, 1 - e^-2 come within an hour; few others do.
    assert np.mean(delay < 1 / 24) == pytest.approx(0.4 * (1 - np.exp(-2)), abs=0.02)


def test_the_log_shows_what_a_shop_sees_on_that_day(world):
    day, delay = world.clicks["day"].to_numpy(), world.truth.delay
    for today in (12.5, 30.0, 45.0):
        log = world.log(today)
        assert len(log) == (day < today).sum()
        for row in range(0, len(log), 997):
            age = today - day[row]
            came = delay[row] < age  # False where there is none
            assert log["converted"].iloc[row] == came
            assert log["time"].iloc[row] == (delay[row] if came else age)
            assert np.isnan(log["value"].iloc[row]) != came
    assert (log["time"] > 0).all()


def test_all_orders_come_in_the_end(world):
    assert world.log(400)["converted"].sum() == (~np.isnan(world.truth.delay)).sum()
    counts = [world.log(day)["converted"].sum() for day in (30, 40, 60)]
    assert counts == sorted(counts)
    assert 0.75 < counts[0] / world.log(400)["converted"].sum() < 0.9


def test_orders_delays_and_values_follow_the_truth(world):
    truth = world.truth
    ordered = ~np.isnan(truth.delay)
    assert 0.018 < truth.order.mean() < 0.025
    for masked in (truth.order > 0.03, truth.order < 0.015, truth.mean_delay > 10):
        gap = (ordered[masked] - truth.order[masked]).sum()
        assert abs(gap) < 4 * np.sqrt(truth.order[masked].sum())
        some = masked & ordered
        near = 4 / np.sqrt(some.sum())
        assert np.mean((truth.delay / truth.mean_delay)[some]) == pytest.approx(
            1, abs=near
        )
        assert np.mean((truth.value / truth.mean_value)[some]) == pytest.approx(
            1, abs=near
        )
    spread = (truth.value / truth.mean_value)[ordered].var()
    assert spread == pytest.approx(1 / 2.5, abs=0.06)
    # The margin of an order is some 20 €, as everywhere in the shop.
    margin = MARGIN * (truth.order * truth.mean_value).sum() / truth.order.sum()
    assert margin == pytest.approx(20, abs=1.5)


def test_large_orders_come_late_and_the_new_campaign_is_new(world):
    table, truth = world.clicks, world.truth
    by = table.assign(delay=truth.mean_delay, value=truth.mean_value)
    means = by.groupby("category", observed=True)[["delay", "value"]].mean()
    assert means.index.tolist() == list(LEVELS["category"])
    assert means["delay"].is_monotonic_increasing
    assert means["value"].is_monotonic_increasing
    spring = table["campaign"] == "spring"
    assert table["day"][spring].min() >= 22
    assert (table["day"] < 22).mean() == pytest.approx(22 / 30, abs=0.01)


def test_clicks_are_the_impressions_that_are_clicked(world):
    """A kind's share of the clicks is its share of the impressions times its rate."""
    names, shares, adds = kinds()
    assert shares.sum() == pytest.approx(1.0)
    assert adds[names.index(("search", "shoes", "phone", "yes"))].tolist() == (
        pytest.approx([1.9, 0.8, 0.3, 0.1])
    )
    late = world.clicks[world.clicks["day"] >= 22]
    clicked = world.sale.groupby("campaign", observed=True)["click"].sum()
    seen = late.groupby("campaign", observed=True).size()
    np.testing.assert_allclose(seen / seen.sum(), clicked / clicked.sum(), atol=0.03)


def test_rivals_know_something_of_the_margin(world):
    sale = world.truth.sale
    slope, level = np.polyfit(np.log(sale.margin), np.log(sale.price), 1)
    assert slope == pytest.approx(0.6, abs=0.01)
    rest = np.log(sale.price) - slope * np.log(sale.margin) - level
    assert rest.std() == pytest.approx(0.45, abs=0.01)
    expected = MARGIN * world.sale["click"] * sale.order * sale.mean_value
    np.testing.assert_allclose(sale.margin, expected, rtol=1e-9)
    assert set(sale.caused) == {0.9, 0.3}


def test_auctions_and_profit_by_hand():
    world = worlds.conversions(10, 3)
    sale = world.truth.sale
    bids = [2 * sale.price[0], sale.price[1], 0.0]
    won, paid = world.auction(bids)
    assert won.tolist() == [True, False, False]  # a tie wins nothing
    assert paid.tolist() == [sale.price[0], 0.0, 0.0]
    assert sale.profit(bids) == pytest.approx(sale.margin[0] - sale.price[0])
    assert sale.profit([0, 0, 0]) == 0.0


def test_no_bid_beats_the_true_margin(world):
    sale, rng = world.truth.sale, np.random.default_rng(1)
    best = sale.profit(sale.margin)
    for _ in range(5):
        noise = np.exp(0.5 * rng.normal(size=len(sale.price)))
        assert sale.profit(sale.margin * noise) < best


REFUSED = [
    (lambda: worlds.conversions(0), "n must be"),
    (lambda: worlds.conversions(10, 0), "n_sale must be"),
    (lambda: worlds.conversions(10, 10, law="weibull"), "law must be"),
    (lambda: worlds.conversions(10, 10, seed=-1), "seed must be"),
    (lambda: worlds.conversions(10, 3).log(0), "today must be"),
    (lambda: worlds.conversions(10, 3).auction([1, 2]), "bids has 2 rows"),
    (lambda: worlds.conversions(10, 3).truth.sale.profit([1, -1, 1]), r"bids\[1\] is"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_one_click_is_a_world():
    world = worlds.conversions(1, 1)
    assert len(world.log()) == len(world.sale) == 1


def test_the_first_clicks_stay_what_they_are():
    """Seed 0: a change of any draw changes every page that stands on it."""
    world = worlds.conversions(1000, 100)
    first = world.clicks.iloc[0].tolist()
    assert first == [0.005700048, "search", "novels", "desktop", "no"]
    first = world.sale.iloc[0].tolist()
    assert first == ["display", "games", "desktop", "no", 0.048015964]
    assert world.log()["converted"].sum() == 21
    assert world.truth.sale.margin.sum() == pytest.approx(1.782073, abs=1e-5)
    assert world.truth.sale.price[0] == pytest.approx(0.013803, abs=1e-6)
