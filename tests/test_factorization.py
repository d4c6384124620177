"""What the models of two factor matrices share; each family has a file of its own."""

import numpy as np
import pytest

from recbook.factorization import _shared
from recbook.factorization._shared import Predictor, Ranker, penalties, start


def predictor(offset=1.0):
    """Two users, two films, two factors; user 1 and film 1 are unknown."""
    model = Predictor()
    model.mu_, model._offset, model.scale_ = 3.0, offset * 3.0, (1.0, 5.0)
    model.bu_, model.bi_ = np.array([0.5, 0.0]), np.array([-0.25, 0.0])
    model.P_, model.Q_ = np.array([[1.0, 2.0], [9.0, 9.0]]), np.array([[0.5, 0.25]] * 2)
    model._known = np.array([True, False]), np.array([True, False])
    return model


def test_a_prediction_by_hand():
    # 3 + .5 - .25 + (1 · .5 + 2 · .25) = 4.25; less 3 where mu is no part of it.
    assert predictor().predict([0], [0]).tolist() == [4.25]
    assert predictor(offset=0.0).predict([0], [0]).tolist() == [1.25]
    # Unknown: mu and the bias that is known, whatever stands in the factors.
    for model in (predictor(), predictor(offset=0.0)):
        assert model.predict([0, 1, 1], [1, 0, 1]).tolist() == [3.5, 2.75, 3.0]
        scores = model.scores([1, 0])
        assert scores[0].tolist() == [2.75, 3.0]
        assert scores[1, 1] == 3.5


def test_clipping_comes_last_and_not_in_scores():
    model = predictor()
    model.P_ *= 10.0
    assert model.predict([0], [0]).tolist() == [5.0]
    assert model.scores([0])[0, 0] == 13.25


def test_a_ranker_by_hand():
    model = Ranker()
    model.P_, model.Q_ = np.array([[1.0], [2.0]]), np.array([[1.0], [-1.0], [0.5]])
    model.bi_, model.counts_ = np.array([0.0, 2.5, 0.0]), np.array([4.0, 1.0, 9.0])
    model._known = np.array([True, False]), np.ones(3, bool)
    assert model.scores([0, 1]).tolist() == [[1.0, 1.5, 0.5], [4.0, 1.0, 9.0]]
    assert model.recommend([0, 1], k=2).tolist() == [[1, 0], [2, 0]]


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_the_shares_of_a_row_add_up_to_its_penalty(power):
    counts = np.array([1.0, 4.0, 25.0])
    shares = penalties(0.3, power, counts)
    np.testing.assert_allclose(shares * counts, 0.3 * counts**power)
    assert penalties(0.3, power, np.zeros(1)).tolist() == [0.3]  # no ratings: as one


def test_start_leaves_strangers_at_zero():
    rows = np.array([True, False, True])
    drawn = start(np.random.default_rng(0), (3, 200), 0.5, rows)
    assert (drawn[1] == 0.0).all()
    assert drawn[0].std() == pytest.approx(0.5, rel=0.2)


def test_divergence_is_a_value_error_and_an_arithmetic_one():
    assert issubclass(_shared.DivergenceError, ValueError)
    assert issubclass(_shared.DivergenceError, ArithmeticError)
