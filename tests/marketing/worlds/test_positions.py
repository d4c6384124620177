"""The world of product lists: draws beside their definitions, and refusals."""

import numpy as np
import pytest
from scipy.special import logit

from recbook.marketing import worlds

WORLD = worlds.product_lists()
N = 100_000


def rates(world, log):
    """Clicks and impressions of each product at each position."""
    shape = world.n_lists * world.n_products, world.n_products
    n, c = np.zeros((2, *shape))
    np.add.at(n, (log["item"], log["position"] - 1), 1)
    np.add.at(c, (log["item"], log["position"] - 1), log["clicked"])
    return c, n


def test_each_list_shows_each_of_its_products_once():
    codes = np.arange(200).reshape(20, 10)
    for ranking in WORLD.rankings:
        np.testing.assert_array_equal(np.sort(ranking, axis=1), codes)
    log = WORLD.log(500, swap=0.5)
    assert (log.groupby("session")["item"].nunique() == 10).all()
    assert (log["item"] // 10 == log["list"]).all()


def test_rankers_know_as_much_as_was_put_in():
    world = worlds.product_lists(n_lists=400, seed=5)
    scores = logit(world.truth.attraction).reshape(400, 10)
    assert abs(scores.mean() + 2) < 0.06
    assert abs(scores.std() - 1) < 0.05
    tops = [
        np.take_along_axis(scores, r - 10 * np.arange(400)[:, None], axis=1)[:, 0]
        for r in world.rankings
    ]
    # The mean of the largest of ten normals is 1.54; a ranker gets its leaning of it.
    for top, leaning in zip(tops, (0.6, 0.3, 0.0), strict=True):
        assert abs(top.mean() + 2 - 1.54 * leaning) < 0.16


def test_visitors_are_served_at_random_by_the_shares():
    log = WORLD.log(N, seed=2)
    first = log[log["position"] == 1]
    assert np.abs(np.bincount(first["ranker"]) / N - [0.8, 0.1, 0.1]).max() < 0.005
    assert np.abs(np.bincount(first["list"]) / N - 0.05).max() < 0.004
    shown = WORLD.rankings[first["ranker"], first["list"], 0]
    np.testing.assert_array_equal(first["item"], shown)
    assert (first["rank"] == 1).all()
    assert set(WORLD.log(200, shares=(0, 1, 1))["ranker"]) == {1, 2}


def test_a_swap_exchanges_the_first_product_with_a_position_drawn_evenly():
    log = WORLD.log(N, swap=1.0, seed=2)
    moved = log[log["rank"] == 1]
    assert np.abs(np.bincount(moved["position"])[1:] / N - 0.1).max() < 0.005
    other = log[(log["position"] == 1) & (log["rank"] > 1)]
    partner = moved.set_index("session").loc[other["session"], "position"]
    np.testing.assert_array_equal(other["rank"], partner)
    rest = log[(log["rank"] != 1) & (log["position"] != 1)]
    assert (rest["rank"] == rest["position"]).all()
    shown = WORLD.rankings[log["ranker"], log["list"], log["rank"] - 1]
    np.testing.assert_array_equal(log["item"], shown)


@pytest.mark.parametrize("behaviour", ["positions", "trust"])
def test_click_rates_are_examination_times_attraction_or_trust(behaviour):
    world = worlds.product_lists(2, 4, behaviour=behaviour, seed=1)
    c, n = rates(world, world.log(N, shares=(1, 1, 1), seed=3))
    truth = world.truth
    gamma = truth.attraction[:, None]
    p = truth.examination * (gamma + (1 - gamma) * truth.trust)
    off = (c - n * p)[n > 0] / np.sqrt(n * p * (1 - p))[n > 0]
    assert np.abs(off).max() < 4
    np.testing.assert_allclose(truth.examination, 1 / np.arange(1, 5), atol=1e-9)
    assert (truth.trust[0] == 0.3) == (behaviour == "trust")


def test_in_a_cascade_a_list_gets_one_click_at_most():
    world = worlds.product_lists(2, 4, behaviour="cascade", seed=1)
    log = world.log(N, shares=(1, 0, 0), seed=3)
    assert log.groupby("session")["clicked"].sum().max() == 1
    for ranking in world.rankings[0]:
        gamma, above = world.truth.attraction[ranking], 1.0
        rows = log[log["list"] == ranking[0] // 4]
        for k in range(4):
            p = gamma[k] * above * world.truth.examination[k]
            seen = rows[rows["position"] == k + 1]["clicked"]
            assert abs(seen.mean() - p) < 4 * np.sqrt(p * (1 - p) / len(seen))
            above *= 1 - gamma[k]


@pytest.mark.parametrize("behaviour", ["positions", "cascade", "trust"])
def test_the_truth_of_a_ranking_is_its_mean_clicks(behaviour):
    world = worlds.product_lists(3, 5, behaviour=behaviour, seed=1)
    log = world.log(N, shares=(0, 1, 0), seed=4)
    expected = world.truth.clicks(world.rankings[1])
    clicks = log["clicked"].sum() / N
    if behaviour == "trust":  # clicks without attraction are not counted
        assert clicks > expected + 0.1
    else:
        assert abs(clicks - expected) < 4 * np.sqrt(expected / N)
    best = np.argsort(-world.truth.attraction.reshape(3, 5), axis=1)
    best = best + 5 * np.arange(3)[:, None]
    assert world.truth.clicks(best) > max(map(world.truth.clicks, world.rankings))


def test_own_rankings_are_shown():
    own = WORLD.rankings[:1, :, ::-1]
    log = WORLD.log(100, shares=[1], rankings=own)
    shown = own[0][log["list"], log["position"] - 1]
    np.testing.assert_array_equal(log["item"], shown)


def test_the_same_seed_draws_the_same():
    again = worlds.product_lists()
    np.testing.assert_array_equal(WORLD.rankings, again.rankings)
    assert (WORLD.rankings != worlds.product_lists(seed=1).rankings).any()
    one, same, other = (WORLD.log(300, seed=s)["clicked"] for s in (4, 4, 5))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    # Without swaps the same visitors see the same rankers.
    plain, swapped = WORLD.log(300), WORLD.log(300, swap=1.0)
    np.testing.assert_array_equal(plain["ranker"], swapped["ranker"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: worlds.product_lists(0), "n_lists must be an integer of at least 1"),
        (lambda: worlds.product_lists(n_products=1), "n_products .* at least 2"),
        (lambda: worlds.product_lists(decay=-1), "decay must be .* at least 0"),
        (lambda: worlds.product_lists(behaviour="luck"), "behaviour must be 'posit"),
        (lambda: WORLD.log(0), "n must be an integer of at least 1"),
        (lambda: WORLD.log(9, swap=2), "swap must be .* at most 1, got 2"),
        (lambda: WORLD.log(9, shares=(1, 1)), "shares has 2 rows, but 3 are needed"),
        (lambda: WORLD.log(9, shares=(0, 0, 0)), "shares are all 0"),
        (lambda: WORLD.log(9, rankings=[[0]]), r"rankings have shape \(1, 1\): give"),
        (
            lambda: WORLD.log(9, rankings=WORLD.rankings // 2),
            "rankings must hold each product of a list once",
        ),
    ],
)
def test_refusals(call, words):
    with pytest.raises(ValueError, match=words):
        call()
