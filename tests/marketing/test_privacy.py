"""Privacy: groups of rows that look alike, purchases that single out, noisy counts."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recbook.marketing.privacy import (
    PrivacyBudget,
    best_guess,
    group_sizes,
    matches,
    noisy_counts,
    singled_out,
)

rows = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2)), min_size=1)


@given(rows)
def test_a_group_is_who_has_the_same_values_in_all_columns(people):
    frame = pd.DataFrame(people, columns=["age", "week"])
    sizes = group_sizes(frame, ["age", "week"])
    assert sizes.tolist() == [sum(p == q for q in people) for p in people]


@given(rows)
def test_a_further_column_never_hides_anybody(people):
    frame = pd.DataFrame(people, columns=["age", "week"])
    fewer, more = group_sizes(frame, "age"), group_sizes(frame, ["age", "week"])
    assert (more <= fewer).all()
    assert (group_sizes(frame, ["week", "age"]) == more).all()


def test_groups_of_many_values_do_not_meet():
    # Numbered row by row of 50,000, the pairs of two people are 2**32 apart.
    a = np.arange(90_000)
    b = a % 50_000
    b[[0, 85_899]] = 0, 2**32 - 85_899 * 50_000
    assert (group_sizes(pd.DataFrame({"a": a, "b": b}), ["a", "b"]) == 1).all()


def test_groups_by_hand():
    day = pd.Timestamp("2025-01-06")
    frame = pd.DataFrame({
        "age": pd.Categorical(["18-29", "60+", "18-29", None, None]),
        "joined": [day, day, day, day, day],
        "spend": [1.5, np.nan, 1.5, 1.5, 1.5],
    })  # fmt: skip
    assert group_sizes(frame, []).tolist() == [5] * 5
    assert group_sizes(frame, ["age"]).tolist() == [2, 1, 2, 2, 2]
    assert group_sizes(frame, ["age", "joined", "spend"]).tolist() == [2, 1, 2, 2, 2]
    assert group_sizes(frame, "spend").tolist() == [4, 1, 4, 4, 4]
    assert group_sizes(frame[:0], ["age"]).tolist() == []


def test_many_columns_do_not_overflow():
    frame = pd.DataFrame({f"c{j}": np.arange(3000) for j in range(12)})
    assert (group_sizes(frame, list(frame)) == 1).all()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("name", "columns names 'name'"),
        (["a", "bag"], "column 'bag' holds lists"),
        (None, "columns must be a list, got None"),
    ],
)
def test_groups_refuse_columns(columns, words):
    frame = pd.DataFrame({"a": [1, 2], "bag": [[1], [2]]})
    with pytest.raises(ValueError, match=words):
        group_sizes(frame, columns)


def test_groups_refuse_what_is_no_frame_and_two_columns_of_a_name():
    with pytest.raises(ValueError, match="frame must be a DataFrame, got list"):
        group_sizes([[1]], "a")
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(ValueError, match="give the name of one column"):
        group_sizes(twice, "a")


bags = st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=8)


@settings(max_examples=50)
@given(bags, st.integers(0, 99))
def test_whole_sets_match_those_who_contain_them(sets, seed):
    # Of a person with exactly k things, all are known, and nothing is left to chance.
    rng = np.random.default_rng(seed)
    for k in (1, 2, 3):
        found = matches(sets, k, rng)
        for u, items in enumerate(sets):
            if len(items) == k:
                assert found[u] == sum(items <= other for other in sets)
            elif len(items) < k:
                assert found[u] == 0
            else:
                assert found[u] >= 1


def test_the_things_that_are_known_are_a_fair_draw():
    # The first person has 0, 1, 2; the others 0, 0 and 1. With one thing known, it
    # fits 3, 2 or 1 people, each in a third of the draws.
    sets = [[2, 0, 1, 0], [0], [0], [1]]
    rng = np.random.default_rng(5)
    found = np.array([matches(sets, 1, rng)[0] for _ in range(3000)])
    assert abs(np.bincount(found, minlength=4)[1:] - 1000).max() < 4 * math.sqrt(667)


def test_a_share_by_hand():
    # With all three things known: {0, 1, 2} fits two people, {0, 1, 3} and
    # {4, 5, 6} one each; the last two have too few. So 2 of 4.
    sets = [[0, 1, 2], [2, 1, 0], {0, 1, 3}, [4, 5, 6], [4, 5], []]
    assert singled_out(sets, 3, np.random.default_rng(0)) == 0.5
    assert singled_out(sets, 4, np.random.default_rng(0)) == 0.0


def test_codes_may_have_gaps_and_a_seed_repeats_the_draw():
    sets = [[7, 1_000_000], [7], [1_000_000, 5]]
    one, two = (matches(sets, 1, np.random.default_rng(3)) for _ in range(2))
    assert (one == two).all()
    assert set(one) <= {1, 2}


@pytest.mark.parametrize(
    ("sets", "k", "words"),
    [
        ([], 1, "sets is empty"),
        (7, 1, "sets must be a list, got 7"),
        ([[0], None], 1, r"sets\[1\] must be one-dimensional"),
        ([{0, "a"}], 1, r"sets\[0\] must hold integer codes"),
        ([[0], [0.5]], 1, r"sets\[1\] must hold integer codes"),
        ([[0], [-1]], 1, r"sets\[1\]\[0\] is -1"),
        ([[0]], 0, "k must be an integer of at least 1"),
    ],
)
def test_matches_refuses(sets, k, words):
    with pytest.raises(ValueError, match=words):
        matches(sets, k, np.random.default_rng(0))


def test_noise_is_laplaces():
    # b = 1 / .5 = 2: the mean error is 2, and off by more than 6 are e^-3 = 5.0 %.
    noise = noisy_counts(np.zeros(40_000), 0.5, np.random.default_rng(0))
    assert abs(noise).mean() == pytest.approx(2.0, rel=0.03)
    assert (abs(noise) > 6).mean() == pytest.approx(math.exp(-3), rel=0.08)
    assert noise.mean() == pytest.approx(0.0, abs=0.06)
    five = noisy_counts(np.zeros(40_000), 0.5, np.random.default_rng(0), sensitivity=5)
    np.testing.assert_allclose(five, 5 * noise)


def test_noise_keeps_the_shape_and_is_added():
    counts = np.array([[12, 0], [240, 3]])
    noisy = noisy_counts(counts, 1.0, np.random.default_rng(1))
    plain = noisy_counts(np.zeros((2, 2)), 1.0, np.random.default_rng(1))
    np.testing.assert_allclose(noisy - plain, counts)
    assert noisy_counts(12, 1.0, np.random.default_rng(1)).shape == ()


@settings(max_examples=20, deadline=None)
@given(st.floats(0.2, 3.0), st.floats(-3, 4))
def test_no_answer_tells_more_than_epsilon_allows(epsilon, threshold):
    # Pr(answer > t) with the person and without, for counts of 1 and 0.
    def above(count):
        off = threshold - count
        tail = 0.5 * math.exp(-abs(off) * epsilon)
        return tail if off > 0 else 1 - tail

    ratio = above(1) / above(0)
    assert 1 <= ratio <= math.exp(epsilon) * (1 + 1e-12)
    drawn = noisy_counts(np.ones(4000), epsilon, np.random.default_rng(7))
    spread = math.sqrt(above(1) * (1 - above(1)) / 4000)
    assert abs((drawn > threshold).mean() - above(1)) < 5 * spread + 1e-9


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 3.0])
def test_the_best_guess_is_as_good_as_it_says_and_no_better_than_allowed(epsilon):
    rng = np.random.default_rng(2)
    there = rng.random(40_000) < 0.5
    answer = noisy_counts(there.astype(float), epsilon, rng)
    right = ((answer > 0.5) == there).mean()
    assert right == pytest.approx(best_guess(epsilon), abs=0.01)
    assert best_guess(epsilon) <= math.exp(epsilon) / (1 + math.exp(epsilon))


def test_best_guesses_by_hand():
    assert best_guess(0) == 0.5
    assert best_guess(2 * math.log(2)) == pytest.approx(0.75)  # 1 - 1/2 * 1/2


@pytest.mark.parametrize(
    ("counts", "epsilon", "more", "words"),
    [
        ([1, np.nan], 1.0, {}, "counts has nan at place 1"),
        ([[1, 2], [3, np.inf]], 1.0, {}, "counts has inf at place 3"),
        ([1], 0, {}, r"epsilon must be .* above 0, got 0"),
        ([1], -1, {}, "epsilon must be .* above 0, got -1"),
        ([1], 1e-320, {}, "that noise has no end"),
        ([1], 1.0, {"sensitivity": 0}, "sensitivity must be .* above 0, got 0"),
        ([1], 1.0, {"sensitivity": "one"}, "sensitivity must be a finite number"),
    ],
)
def test_noise_refuses(counts, epsilon, more, words):
    with pytest.raises(ValueError, match=words):
        noisy_counts(counts, epsilon, np.random.default_rng(0), **more)


def test_a_seed_is_no_generator():
    with pytest.raises(ValueError, match="rng must be a generator, got 0"):
        noisy_counts([1], 1.0, 0)
    with pytest.raises(ValueError, match="rng must be a generator"):
        matches([[0]], 1, None)


def test_a_budget_pays_until_it_is_spent():
    budget = PrivacyBudget(1.0)
    rng = np.random.default_rng(0)
    for _ in range(10):  # ten tenths are one, although their sum falls short of it
        budget.counts([5], 0.1, rng)
    assert budget.spent == pytest.approx(1.0)
    assert budget.left == 0
    with pytest.raises(ValueError, match=r"costs 0\.1, but only 0 of the budget of 1"):
        budget.counts([5], 0.1, rng)


def test_what_is_refused_costs_nothing():
    budget = PrivacyBudget(1.0)
    with pytest.raises(ValueError, match="costs 2"):
        budget.counts([5], 2.0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="counts has nan"):
        budget.counts([np.nan], 0.5, np.random.default_rng(0))
    assert budget.spent == 0
    assert budget.left == budget.epsilon == 1.0
    answer = budget.counts([5], 0.5, np.random.default_rng(4))
    assert answer == noisy_counts([5], 0.5, np.random.default_rng(4))
    with pytest.raises(ValueError, match=r"epsilon must be .* above 0, got 0"):
        PrivacyBudget(0)


def test_averaging_beats_the_noise_and_only_the_budget_sees_it():
    # 100 answers at .1: each is off by 10 on average, their mean by about
    # 10 * sqrt(2) / 10 * sqrt(2 / pi) = 1.13, and the loss is 10.
    rng = np.random.default_rng(3)
    answers = noisy_counts(np.full((2000, 100), 12.0), 0.1, rng)
    assert abs(answers - 12).mean() == pytest.approx(10, rel=0.03)
    assert abs(answers.mean(axis=1) - 12).mean() == pytest.approx(1.13, rel=0.06)
