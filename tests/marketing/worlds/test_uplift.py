"""The letter: what it truly earns, and the trials of it."""

import math

import numpy as np
import pytest

from recbook.marketing import worlds


@pytest.fixture(scope="module")
def small():
    return worlds.customers(3000, seed=4)


def test_profit_by_hand(small):
    chosen = np.zeros(3000, dtype=bool)
    assert small.truth.profit(chosen) == 0.0
    chosen[[5, 9]] = True
    two = small.truth.effect[[5, 9]].sum()
    assert small.truth.profit(chosen) == pytest.approx(20 * two - 1.2)
    assert small.truth.profit(chosen, margin=5, cost=1) == pytest.approx(5 * two - 2)


def test_trials_give_letters_as_they_say(small):
    for assign, share in (("half", 0.5), ("nine-tenths", 0.9)):
        trial = small.letters(seed=1, n=2000, assign=assign)
        assert (trial.propensity == share).all()
        assert trial.treated.mean() == pytest.approx(share, abs=0.04)
    trial = small.letters(seed=1, n=2000, assign="by-score")
    score = small.table["score"].to_numpy()[trial.customers]
    by_hand = 0.05 + 0.9 / (1 + np.exp(-1.5 * (score + 4.2)))
    np.testing.assert_allclose(trial.propensity, by_hand, atol=1e-8)
    for low, high in ((0, 0.2), (0.2, 0.5), (0.5, 1)):
        some = (trial.propensity > low) & (trial.propensity <= high)
        expected = trial.propensity[some].mean()
        error = math.sqrt(expected * (1 - expected) / some.sum())
        assert abs(trial.treated[some].mean() - expected) < 4 * error


def test_a_trial_is_a_sample_with_its_seed(small):
    trial, again = (small.letters(seed=3, n=1000) for _ in range(2))
    for name in ("customers", "X", "treated", "y", "propensity"):
        np.testing.assert_array_equal(getattr(trial, name), getattr(again, name))
    assert (np.diff(trial.customers) > 0).all()
    X = small.features().to_numpy()[trial.customers]
    np.testing.assert_array_equal(trial.X, X)
    effect = small.truth.effect[trial.customers]
    np.testing.assert_array_equal(trial.truth.effect, effect)
    other = small.letters(seed=4, n=1000)
    assert not np.array_equal(trial.customers, other.customers)
    everybody = small.letters(n=3000)
    assert everybody.customers.tolist() == [*range(3000)]


@pytest.mark.parametrize("seed", [0, 1])
def test_who_takes_part_is_a_sample_of_all_customers(seed):
    """One seed for both draws: shared numbers gave a trial of the young alone."""
    shop = worlds.customers(20_000, seed=seed)
    trial = shop.letters(seed=seed, n=10_000)
    for column in ("age 18-29", "age 60+", "phone", "frequency"):
        everybody = shop.features()[column].to_numpy()
        error = everybody.std() / math.sqrt(len(everybody))  # a half of all are drawn
        gap = everybody[trial.customers].mean() - everybody.mean()
        assert abs(gap) < 4 * error, (column, gap)


def test_people_order_as_the_truth_says():
    trial = worlds.customers().letters(seed=2)
    expected = trial.truth.response + trial.treated * trial.truth.effect
    for arm in (trial.treated, ~trial.treated):
        error = math.sqrt(trial.y[arm].mean() / arm.sum())
        assert abs(trial.y[arm].mean() - expected[arm].mean()) < 4 * error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 3001}, "n is 3001, but there are 3000"),
        ({"n": 1}, "n must be"),
        ({"n": 100, "assign": "all"}, "assign"),
    ],
)
def test_what_makes_no_sense_is_refused(small, options, message):
    with pytest.raises(ValueError, match=message):
        small.letters(**options)
