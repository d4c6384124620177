"""Ensembles: the standardised sum by hand, and what is refused."""

import numpy as np
import pytest
from contract import Case, ModelContract
from hypothesis import given, settings
from hypothesis import strategies as st

from recbook.baselines import Bias, GlobalMean, Popularity
from recbook.ensemble import Ensemble, standardize
from recbook.neighbors import ItemKNN


class Says:
    """A model that says what it was made with, whatever it is fitted on."""

    def __init__(self, table):
        self.table = table

    def fit(self, train):
        self.fitted_ = True
        return self

    def scores(self, users):
        return np.array(self.table)[users]


def test_standardize_by_hand():
    # mean 3, deviations -3 0 3, variance (9 + 0 + 9) / 3 = 6
    expected = [[-3 / 6**0.5, 0.0, 3 / 6**0.5]]
    np.testing.assert_allclose(standardize([[0, 3, 6]]), expected)
    assert standardize([[0.1] * 3, [0.0] * 3]).tolist() == [[0.0] * 3] * 2
    assert standardize(np.empty((0, 3))).shape == (0, 3)
    # What is flat is flat beside its own row's size, and no other's.
    rows = np.array([[1e-13], [1.0], [1e13]]) * [0, 3, 6]
    np.testing.assert_allclose(standardize(rows), expected * 3)


@pytest.mark.parametrize("scores", [None, [1.0, 2.0], [[1.0, np.nan]], [[1j, 2.0]]])
def test_what_is_no_table_of_scores_is_refused(scores):
    with pytest.raises(ValueError, match=r"^scores"):
        standardize(scores)


@settings(deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=9),
    st.floats(0.01, 100.0),
    st.floats(-100.0, 100.0),
)
def test_a_models_unit_does_not_matter(row, scale, shift):
    row = np.array([row], dtype=float)
    moved = standardize(scale * row + shift)
    np.testing.assert_allclose(moved, standardize(row), atol=1e-6)


def test_the_sum_by_hand(toy):
    first = Says([[0, 0, 0, 0, 0, 6.0]] * 5)  # z of the last is sqrt 5, else -1/sqrt 5
    second = Says([[600.0, 0, 0, 0, 0, 0]] * 5)
    model = Ensemble((first, second), weights=[2.0, 1.0]).fit(toy)
    root = 5**0.5
    expected = [root - 2 / root, *[-3 / root] * 4, 2 * root - 1 / root]
    np.testing.assert_allclose(model.scores([3]), [expected])
    assert not hasattr(first, "fitted_")  # a copy was fitted
    alike = Ensemble([first, second]).fit(toy).recommend([0], k=2)
    assert alike.tolist() == [[0, 5]]  # equal weights: a tie, by code


def test_one_model_orders_as_it_does_alone(movielens):
    train = movielens.ratings
    alone = Popularity().fit(train).recommend(np.arange(50), 10, train)
    asked = Ensemble([Popularity(), GlobalMean()]).fit(train)
    np.testing.assert_array_equal(asked.recommend(np.arange(50), 10, train), alone)


@pytest.mark.parametrize("models", [(), None, Popularity(), [Popularity], [Bias(), 3]])
def test_models_that_are_none(toy, models):
    with pytest.raises(ValueError, match="models must be a list"):
        Ensemble(models).fit(toy)


@pytest.mark.parametrize(
    "weights", [[1.0], [0.0, 0.0], [1.0, -1.0], [1.0, np.nan], [1.0, 1e31], 2.0, "ab"]
)
def test_weights_that_do_not_go_with_the_models(toy, weights):
    with pytest.raises(ValueError, match="weights"):
        Ensemble([Popularity(), Bias()], weights).fit(toy)


def test_weights_so_large_that_their_sums_are_still_finite(toy):
    model = Ensemble([Popularity(), Bias()], [1e30, 1e30]).fit(toy)
    one = Ensemble([Popularity(), Bias()]).fit(toy)
    np.testing.assert_allclose(model.scores([0]), 1e30 * one.scores([0]))


def test_a_weight_below_0_is_named(toy):
    with pytest.raises(ValueError, match=r"weights must be .* at least 0.*got -1\.0"):
        Ensemble([Popularity(), Bias()], [2.0, -1.0]).fit(toy)


def test_an_interrupt_leaves_the_last_fit(toy):
    class Slow(Popularity):
        def fit(self, train):
            raise KeyboardInterrupt

    model = Ensemble([Popularity(), Bias()], [1.0, 2.0]).fit(toy)
    before = model.scores([0, 3])
    model.models, model.weights = [Popularity(), Slow()], [5.0, 1.0]
    with pytest.raises(KeyboardInterrupt):
        model.fit(toy)
    np.testing.assert_array_equal(model.scores([0, 3]), before)


class TestContract(ModelContract):
    cases = [
        Case(
            "Ensemble",
            lambda: Ensemble(
                (
                    ItemKNN(similarity="cosine", over="all", feedback="implicit"),
                    Popularity(),
                ),
                weights=(4.0, 1.0),
            ),
            rates=False,
        ),
    ]
