"""The world of journeys: channels that can be switched off, and who is held out."""

from collections import Counter

import numpy as np
import pytest

from recbook.marketing import worlds

N = 6000


def test_journeys_are_the_same_for_the_same_seed():
    one, same, other = (worlds.journeys(N, seed=s) for s in (3, 3, 4))
    assert one.paths == same.paths
    assert (one.converted == same.converted).all()
    assert one.paths != other.paths
    assert len(one.paths) == one.n_people == N


def test_a_channel_that_is_off_is_on_no_path_and_others_stay_until_an_order():
    on, off = worlds.journeys(N), worlds.journeys(N, off=("display",))
    assert not any("display" in path for path in off.paths)
    neither = ~on.converted & ~off.converted
    for person in np.flatnonzero(neither):
        rest = tuple(c for c in on.paths[person] if c != "display")
        assert off.paths[person] == rest
    # Ads never keep anybody from ordering: who orders without, orders with.
    assert (on.converted >= off.converted).all()


def test_days_go_with_the_path_and_end_with_the_order():
    world = worlds.journeys(N)
    assert [len(days) for days in world.days] == [len(path) for path in world.paths]
    for path, days, ordered_on in zip(
        world.paths, world.days, world.ordered_on, strict=True
    ):
        # Within a day channels come in their order, and each at most once.
        at = [(day, world.channels.index(c)) for day, c in zip(days, path, strict=True)]
        assert at == sorted(set(at))
        assert all(0 <= day <= 29 for day in days)
        assert ordered_on == -1 or all(day <= ordered_on for day in days)
    assert (world.converted == (world.ordered_on >= 0)).all()
    assert world.ordered_on.max() == 29


def test_the_truth_switches_off_what_was_on():
    world = worlds.journeys(N)
    assert (
        world.truth.orders("display") == worlds.journeys(N, "display").converted.sum()
    )
    assert world.truth.orders(()) == world.converted.sum()
    half = worlds.journeys(N, off=("display", "social"))
    assert (
        half.truth.orders(("e-mail", "search", "retargeting")) == world.truth.orders()
    )


def test_holdout_keeps_one_channel_from_some():
    world = worlds.journeys(N)
    trial = world.holdout("social", share=0.3, seed=5)
    assert abs(trial.treated.mean() - 0.7) < 0.03
    without = worlds.journeys(N, off="social").converted
    assert (trial.converted[trial.treated] == world.converted[trial.treated]).all()
    assert (trial.converted[~trial.treated] == without[~trial.treated]).all()
    # Who is never reached is not changed by the lot.
    never = ~trial.reached
    assert (world.converted[never] == without[never]).all()
    assert (world.holdout("social", seed=5).treated != trial.treated).any()


def test_the_coin_knows_nothing_of_the_people():
    # A coin of the journeys' own seed, too: both halves see as many other ads.
    world = worlds.journeys(20_000)
    trial = world.holdout("retargeting", seed=0)
    others = np.array([path.count("display") for path in world.paths])
    a, b = others[trial.treated], others[~trial.treated]
    error = np.sqrt(a.var() / len(a) + b.var() / len(b))
    assert abs(a.mean() - b.mean()) < 3 * error


def test_each_channel_has_a_coin_of_its_own():
    world = worlds.journeys(N)
    coins = [world.holdout(channel).treated for channel in world.channels]
    coins += [worlds.journeys(N, seed=1).holdout("display", seed=1).treated]
    for k, one in enumerate(coins):
        for other in coins[:k]:
            assert abs((one == other).mean() - 0.5) < 4 * 0.5 / np.sqrt(N)


def test_search_and_retargeting_stand_nearest_the_till():
    world = worlds.journeys(20_000)
    touches = Counter(channel for path in world.paths for channel in path)
    ordered = zip(world.paths, world.converted, strict=True)
    last = Counter(path[-1] for path, yes in ordered if yes and path)
    share = {c: last[c] / touches[c] for c in world.channels}
    others = max(share[c] for c in ("display", "social", "e-mail"))
    assert min(share["search"], share["retargeting"]) > 1.25 * others


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: worlds.journeys(0), "n must"),
        (lambda: worlds.journeys(10, off=("radio",)), "off"),
        (lambda: worlds.journeys(10, off="radio"), "off"),
        (lambda: worlds.journeys(10, seed=-1), "seed"),
        (lambda: worlds.journeys(10).holdout("radio"), "channel"),
        (lambda: worlds.journeys(10, off="social").holdout("social"), "channel"),
        (lambda: worlds.journeys(10).holdout("social", share=1.0), "share is 1.0"),
        (lambda: worlds.journeys(10).holdout("social", seed=-1), "seed"),
        (lambda: worlds.journeys(10).truth.orders("radio"), "off"),
    ],
)
def test_journeys_refuse(call, words):
    with pytest.raises(ValueError, match=words):
        call()
