"""Fairness: shares of attention, and rankings with floors beside all rankings."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recbook.marketing.fairness import exposure, with_floor


def test_exposure_is_the_loop():
    rng = np.random.default_rng(0)
    lists = np.array([rng.permutation(9)[:4] for _ in range(7)])
    lists[2, 3] = lists[5, 2] = -1
    total = [0.0] * 12
    for row in lists.tolist():
        for place, item in enumerate(row, start=1):
            if item >= 0:
                total[item] += 1 / math.log2(1 + place)
    shares = exposure(lists, 12)
    np.testing.assert_allclose(shares, np.array(total) / sum(total))
    assert shares.sum() == pytest.approx(1.0)


def test_exposure_of_nothing_is_zero():
    assert exposure([[-1, -1]], 3).tolist() == [0, 0, 0]
    assert exposure(np.zeros((0, 2), int), 3).tolist() == [0, 0, 0]
    assert exposure([[0, 1]], 2, weights=[0, 1]).tolist() == [0, 1]
    assert exposure([[0, 1]], 2, weights=[0.1, 0.1]).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("lists", "weights", "words"),
    [
        ([[0, 5]], None, "ranked"),
        ([0, 1], None, "ranked must be a"),
        ([[0, 1]], [1.0], "weight has 1 rows, but 2"),
        ([[0, 1]], [1.0, -1.0], r"weight\[1\] is -1.0"),
        ([[0, 1]], [0.0, 0.0], "weight is 0 in all rows"),
    ],
)
def test_exposure_refuses(lists, weights, words):
    with pytest.raises(ValueError, match=words):
        exposure(lists, 3, weights)


def keeps(ranking, groups, floor):
    """Tell whether every beginning of a ranking has its floors, counted plainly."""
    for p in range(1, len(ranking) + 1):
        for label, share in floor.items():
            have = sum(groups[i] == label for i in ranking[:p])
            if have < math.floor(share * p + 1e-9):
                return False
    return True


def best_by_hand(scores, groups, floor, k):
    """Return, of all rankings within the floors, the first in lexicographic order."""
    allowed = [
        ranking
        for ranking in itertools.permutations(range(len(scores)), k)
        if keeps(ranking, groups, floor)
    ]
    return max(allowed, key=lambda r: [(scores[i], -i) for i in r]), allowed


@st.composite
def cases(draw):
    n = draw(st.integers(3, 6))
    scores = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    groups = draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    k = draw(st.integers(1, min(n, 5)))
    cuts = sorted(draw(st.tuples(*[st.integers(0, 12)] * 2)))
    shares = [cuts[0] / 12, (cuts[1] - cuts[0]) / 12, (12 - cuts[1]) / 12]
    floor = dict(zip("abc", shares, strict=True))
    return scores, groups, floor, k


@settings(max_examples=150, deadline=None)
@given(cases())
def test_beside_all_rankings_within_the_floors(case):
    scores, groups, floor, k = case
    short = any(
        math.floor(share * k + 1e-9) > groups.count(label)
        for label, share in floor.items()
    )
    if short:
        with pytest.raises(ValueError, match=r"floor\['[abc]'\] asks for"):
            with_floor(scores, groups, floor, k)
        return
    ranking = with_floor(scores, groups, floor, k).tolist()
    best, allowed = best_by_hand(scores, groups, floor, k)
    assert ranking == list(best)
    most = max(sum(scores[i] for i in other) for other in allowed)
    assert sum(scores[i] for i in ranking) == most
    weights = 1 / np.log2(np.arange(2, k + 2))
    gains = [float(weights @ np.array(scores)[list(r)]) for r in allowed]
    assert float(weights @ np.array(scores)[ranking]) == pytest.approx(max(gains))


def test_floors_by_hand():
    # With 1/3 for each of three groups, the third place has to complete the set. The
    # best two are both "a"; a second "a" would leave one place for "b" and "c".
    scores, groups = [9, 8, 5, 1], list("aabc")
    third = {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}
    assert with_floor(scores, groups, third, 3).tolist() == [0, 2, 3]
    assert with_floor(scores, groups, third, 4).tolist() == [0, 2, 3, 1]
    assert with_floor(scores, groups, {}, 2).tolist() == [0, 1]
    # .29 of 100 places are 29, although in binary .29 * 100 is below 29.
    low = np.arange(200) < 100
    many = with_floor(np.arange(200.0), low, {True: 0.29}, 100)
    assert low[many].sum() == 29


def test_ties_go_to_the_lower_row_and_groups_may_be_numbers():
    assert with_floor([1, 1, 1], [7, 7, 8], {8: 0.5}, 2).tolist() == [0, 2]
    assert with_floor([1, 1, 1], [7, 7, 8], {8: 0.0}, 3).tolist() == [0, 1, 2]


def test_a_long_list_is_the_best_set():
    rng = np.random.default_rng(0)
    scores = rng.random(5000)
    groups = np.where(scores + rng.random(5000) > 1.2, "a", "b")
    chosen = with_floor(scores, groups, {"b": 0.4}, 1000)
    of_b = np.flatnonzero(groups == "b")
    forced = of_b[np.argsort(-scores[of_b])][:400]
    others = np.setdiff1d(np.arange(5000), forced)
    rest = others[np.argsort(-scores[others])][:600]
    assert set(chosen) == set(forced) | set(rest)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scores": [1.0, np.nan, 2.0]}, r"scores\[1\] is nan"),
        ({"groups": ["a", "b"]}, "groups has shape"),
        ({"groups": [["a"], ["b", "c"], []]}, "groups must be a flat list of labels"),
        ({"floor": {"a": 0.7, "b": 0.7}, "k": 1}, "the floors are together 1.4"),
        ({"floor": {"b": 1.5}}, r"floor\['b'\] must be a finite number"),
        ({"floor": {"z": 0.5}}, r"floor\['z'\] asks for 1 of 2 positions, but groups"),
        ({"floor": 0.5}, "floor must be a dict"),
        ({"k": 4}, "k is 4, but there are 3 rows"),
        ({"k": 0}, "k must be an integer of at least 1"),
    ],
)
def test_with_floor_refuses(change, words):
    case = {"scores": [3, 2, 1], "groups": list("aab"), "floor": {"b": 0.5}, "k": 2}
    with pytest.raises(ValueError, match=words):
        with_floor(**{**case, **change})
