"""Credits beside plain loops, numbers by hand and axioms; refusals."""

import itertools
import math

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from recbook.marketing import attribution, worlds

HAND = [("D", "S"), ("S",), ("D",), ("S",)], [1, 1, 0, 0]
RULES = [
    attribution.last_click,
    attribution.first_click,
    attribution.linear,
    attribution.decay,
    attribution.markov,
]
EACH = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)


@st.composite
def logs(draw):
    """Paths over up to four channels, at least one of which has a touch."""
    path = st.lists(st.sampled_from("DESR"), max_size=5).map(tuple)
    paths = [draw(path.filter(len)), *draw(st.lists(path, max_size=12))]
    ordered = draw(st.lists(st.booleans(), min_size=len(paths), max_size=len(paths)))
    return paths, ordered


LOGS = given(logs())
FEW = hypothesis.settings(max_examples=25, deadline=None)


# Rules -------------------------------------------------------------------------------


def plain(paths, ordered, weights):
    """Credit by definition: a loop over paths and their touches."""
    credit = {channel: 0.0 for path in paths for channel in path}
    for path, yes in zip(paths, ordered, strict=True):
        if yes and path:
            shares = weights(len(path))
            for channel, share in zip(path, shares, strict=True):
                credit[channel] += share / sum(shares)
    return credit


@FEW
@LOGS
def test_rules_are_what_a_loop_gives(log):
    for rule, weights in (
        (attribution.last_click, lambda n: [0.0] * (n - 1) + [1.0]),
        (attribution.first_click, lambda n: [1.0] + [0.0] * (n - 1)),
        (attribution.linear, lambda n: [1.0] * n),
        (attribution.decay, lambda n: [2 ** (-(n - 1 - t) / 2) for t in range(n)]),
    ):
        credit = rule(*log)
        assert list(credit.index) == sorted(credit.index)
        assert credit.to_dict() == pytest.approx(plain(*log, weights), abs=1e-12)


@FEW
@LOGS
def test_all_orders_with_a_touch_are_shared_out(log):
    paths, ordered = log
    orders = sum(bool(p) and y for p, y in zip(paths, ordered, strict=True))
    for rule in RULES:
        credit = rule(*log)
        assert credit.sum() == pytest.approx(orders)
        assert (credit >= 0).all()
    value = attribution.orders_within(*log)
    credit = attribution.shapley(value, sorted({c for p in paths for c in p}))
    assert credit.sum() == pytest.approx(orders)


def test_rules_by_hand():
    # D S with an order, S with an order: the first order is D's, S's, or half each;
    # with a half-life of one touch its shares are 1/3 and 2/3.
    for rule, d in (
        (attribution.last_click, 0.0),
        (attribution.first_click, 1.0),
        (attribution.linear, 0.5),
        (lambda *log: attribution.decay(*log, half_life=1.0), 1 / 3),
    ):
        assert rule(*HAND).to_dict() == pytest.approx({"D": d, "S": 2 - d})


def test_decay_lies_between_the_last_click_and_linear():
    log = [("D", "D", "S"), ("S", "D", "E")], [1, 1]
    last, even = attribution.last_click(*log), attribution.linear(*log)
    np.testing.assert_allclose(attribution.decay(*log, half_life=0.01), last, atol=1e-9)
    np.testing.assert_allclose(attribution.decay(*log, 1e6), even, atol=1e-5)


# The chain ---------------------------------------------------------------------------


def walked(steps, without=None, n_steps=4000):
    """Chance of an order, by walking the chain; a step into `without` ends."""
    channels = list(steps.index[1:])
    at = steps.loc["(start)", channels].to_numpy()
    between = steps.loc[channels, channels].to_numpy()
    to_order = steps.loc[channels, "(order)"].to_numpy()
    open_ = np.array([c != without for c in channels])
    chance = 0.0
    for _ in range(n_steps):
        at = at * open_
        chance += at @ to_order
        at = at @ between
        if at.sum() < 1e-16:
            break
    return chance


def test_chain_by_hand():
    # Starts: D, S, D, S. From D: one to S, one to none. From S: 2 orders, 1 none.
    steps = attribution.transitions(*HAND)
    assert steps.loc["(start)"].tolist() == [0.5, 0.5, 0, 0]
    assert steps.loc["D"].tolist() == [0, 0.5, 0, 0.5]
    assert steps.loc["S"].tolist() == pytest.approx([0, 0, 2 / 3, 1 / 3])
    # p = (1/2 · 1/2 + 1/2) · 2/3 = 1/2; without D 1/2 · 2/3 = 1/3; without S 0.
    assert walked(steps) == pytest.approx(1 / 2)
    effects = attribution.removal_effects(*HAND)
    assert effects.to_dict() == pytest.approx({"D": 1 / 3, "S": 1.0})
    # Shares 1/4 and 3/4 of two orders.
    assert attribution.markov(*HAND).to_dict() == pytest.approx({"D": 0.5, "S": 1.5})


@FEW
@LOGS
def test_removal_is_what_walking_the_chain_without_a_channel_loses(log):
    steps = attribution.transitions(*log)
    np.testing.assert_allclose(steps.sum(axis=1), 1.0)
    touched = [yes for path, yes in zip(*log, strict=True) if path]
    rate = walked(steps)
    assert rate == pytest.approx(np.mean(touched), abs=1e-12)  # the log's own rate
    for channel, effect in attribution.removal_effects(*log).items():
        lost = rate - walked(steps, channel)
        assert effect * rate == pytest.approx(lost, abs=1e-12)
        assert effect <= 1


def test_paths_without_a_touch_change_no_credit():
    paths, ordered = HAND
    more = [*paths, (), ()], [*ordered, 1, 0]
    for rule in RULES:
        assert rule(*more).to_dict() == pytest.approx(rule(*HAND).to_dict())


# Games -------------------------------------------------------------------------------


def by_orders_of_joining(value, players):
    """Shapley's value by definition: a mean over all n! orders of joining."""
    total = dict.fromkeys(players, 0.0)
    for order in itertools.permutations(players):
        for i, player in enumerate(order):
            added = value(frozenset(order[: i + 1])) - value(frozenset(order[:i]))
            total[player] += added / math.factorial(len(players))
    return total


def game(seed, players="ABCDE"):
    """A value for each coalition."""
    rng = np.random.default_rng(seed)
    sizes = range(len(players) + 1)
    return {
        frozenset(s): float(rng.normal())
        for k in sizes
        for s in itertools.combinations(players, k)
    }


def test_shapley_by_hand():
    # D joins first and adds 3 − 2, or second and adds 8 − 5: (1 + 3)/2 = 2.
    v = {"": 2, "D": 3, "S": 5, "DS": 8}
    credit = attribution.shapley(lambda s: v["".join(sorted(s))], ["D", "S"])
    assert credit.to_dict() == {"D": 2.0, "S": 4.0}


@pytest.mark.parametrize("seed", range(3))
def test_shapley_is_the_mean_over_orders_of_joining(seed):
    v = game(seed)
    expected = by_orders_of_joining(v.__getitem__, "ABCDE")
    credit = attribution.shapley(v, list("ABCDE"))
    assert credit.to_dict() == pytest.approx(expected, abs=1e-12)
    total = v[frozenset("ABCDE")] - v[frozenset()]
    assert credit.sum() == pytest.approx(total, abs=1e-12)


def test_shapley_keeps_its_axioms():
    v, w = game(1, "ABC"), game(2, "ABC")
    both = attribution.shapley({s: v[s] + w[s] for s in v}, list("ABC"))
    one, other = (attribution.shapley(g, list("ABC")) for g in (v, w))
    np.testing.assert_allclose(both, one + other, atol=1e-12)  # additive
    idle = attribution.shapley(lambda s: len(s - {"C"}) ** 2, list("ABC"))
    assert idle["C"] == 0.0  # who adds nothing gets nothing
    assert idle["A"] == idle["B"] == pytest.approx(2.0)  # alike get the same


@FEW
@LOGS
def test_shapley_of_orders_within_splits_each_order_among_its_channels(log):
    paths, ordered = log
    channels = sorted({c for path in paths for c in path})
    expected = dict.fromkeys(channels, 0.0)
    for path, yes in zip(paths, ordered, strict=True):
        for channel in set(path) if yes else ():
            expected[channel] += 1 / len(set(path))
    credit = attribution.shapley(attribution.orders_within(*log), channels)
    assert credit.to_dict() == pytest.approx(expected, abs=1e-12)


def test_orders_within_counts_what_needs_nobody_else():
    v = attribution.orders_within([("D", "S", "D"), ("S",), (), ("D",)], [1, 1, 1, 0])
    assert [v(set()), v("D"), v("S"), v("DS"), v("DSX")] == [1, 1, 2, 3, 3]


# The world ---------------------------------------------------------------------------


def test_the_last_click_pays_the_channel_that_does_least():
    world = worlds.journeys(15_000)
    orders = int(world.converted.sum())
    credit = attribution.last_click(world.paths, world.converted)
    caused = {c: orders - world.truth.orders(c) for c in world.channels}
    assert credit.idxmax() == "retargeting"
    assert credit["retargeting"] > 10 * caused["retargeting"]
    assert max(caused, key=caused.get) == "display"
    assert credit.sum() > 3 * (orders - world.truth.orders())


# Refusals ----------------------------------------------------------------------------


@EACH
def test_nobody_ordered(rule):
    credit = rule([("D", "S"), ("S",)], [0, 0])
    assert credit.to_dict() == {"D": 0.0, "S": 0.0}


@EACH
@pytest.mark.parametrize(
    ("paths", "ordered", "words"),
    [
        ([(), ()], [1, 0], "paths has no touch at all"),
        ([], [], "at least one"),
        (["display"], [1], r"paths\[0\] is 'display': give a list of channel names"),
        ([("D",), None], [1, 0], r"paths\[1\] is None"),
        ([("D",), ("S", None)], [1, 0], r"paths\[1\]\[1\] is None: a channel is a"),
        ([("D",), ("S", float("nan"))], [1, 0], r"paths\[1\]\[1\] is nan"),
        ([("D",)], [1, 0], "converted has 2 rows, but 1"),
        ([("D",), ("S",)], [1, 2], r"converted\[1\] is 2.0: give True or False"),
        ([("D",), ("S",)], [1, float("nan")], r"converted\[1\] is nan"),
        (7, [1], "paths must be a list of paths, got 7"),
    ],
)
def test_rules_refuse(rule, paths, ordered, words):
    with pytest.raises(ValueError, match=words):
        rule(paths, ordered)


def test_a_half_life_may_be_as_short_as_a_number_is():
    last = attribution.last_click(*HAND)
    assert attribution.decay(*HAND, half_life=5e-324).to_dict() == last.to_dict()


@pytest.mark.parametrize("half_life", [0, -1, float("nan"), float("inf"), "x"])
def test_decay_refuses(half_life):
    with pytest.raises(ValueError, match="half_life"):
        attribution.decay(*HAND, half_life=half_life)


@pytest.mark.parametrize(
    ("value", "players", "words"),
    [
        (len, "AB", "players is 'AB': give a list"),
        (len, [], "players has 0 names"),
        (len, list(range(17)), "players has 17 names: give 1 to 16"),
        (len, ["A", "B", "A"], r"players\[2\] is 'A' once more"),
        (lambda s: math.nan, ["A"], r"value of \[\]"),
        (lambda s: None, ["A"], r"value of \[\]"),
        ({frozenset(): 0.0}, ["A"], r"value of \['A'\] is missing"),
    ],
)
def test_shapley_refuses(value, players, words):
    with pytest.raises(ValueError, match=words):
        attribution.shapley(value, players)


def test_paths_may_be_read_once():
    paths = [("display", "search"), ("search",), ()]
    value = attribution.orders_within(iter(paths), [1, 1, 1])
    assert [value(set()), value({"search"}), value({"display", "search"})] == [1, 2, 3]
    credit = attribution.markov(iter(paths), [1, 1, 1])
    assert credit.equals(attribution.markov(paths, [1, 1, 1]))
