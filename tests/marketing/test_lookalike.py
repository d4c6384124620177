"""Look-alikes: the regression behind them, their order, and lift."""

import math

import numpy as np
import pytest

from recbook.marketing.lookalike import lift, lookalike


def people(n=6000, seed=0):
    """Features, who is positive, and a third of the positives as a list."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) * [1.0, 100.0, 0.01] + [5.0, 0.0, 1.0]
    chance = 1 / (1 + np.exp(2.0 - 1.5 * (X[:, 0] - 5) + 0.01 * X[:, 1]))
    positive = rng.random(n) < chance
    return X, positive, positive & (rng.random(n) < 1 / 3), chance


def test_the_score_is_a_logistic_regression_on_standardised_columns():
    X, _, listed, _ = people(400)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    w, b = np.zeros(3), 0.0
    for _ in range(4000):  # by plain gradient steps
        p = 1 / (1 + np.exp(-(Z @ w + b)))
        w -= 0.01 * (Z.T @ (p - listed) + 2.0 * w)
        b -= 0.01 * (p - listed).sum()
    score = lookalike(X, listed, reg=2.0)
    np.testing.assert_allclose(score, 1 / (1 + np.exp(-(Z @ w + b))), atol=1e-6)


def test_units_and_columns_that_say_nothing_change_nothing():
    X, _, listed, _ = people(500)
    score = lookalike(X, listed)
    moved = np.column_stack([X * [1000.0, 0.01, 5.0] - 3.0, np.full(len(X), 0.1)])
    np.testing.assert_allclose(lookalike(moved, listed), score, atol=1e-7)


def test_a_random_list_has_the_order_of_the_positives_at_another_level():
    X, positive, listed, chance = people()
    score = lookalike(X, listed)
    assert np.corrcoef(np.argsort(np.argsort(score)), chance.argsort().argsort())[
        0, 1
    ] == pytest.approx(1.0, abs=0.01)
    # The constant of Elkan and Noto: the mean score of the list, near 1/3 of Pr.
    assert score.mean() == pytest.approx(positive.mean() / 3, rel=0.1)


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([1, 1, 1], "listed has everybody"),
        ([0, 0, 0], "listed has nobody"),
        ([0, 1], "listed has 2 rows, but 3"),
        ([0, 1, 2], r"listed\[2\] is 2.0"),
    ],
)
def test_lists_without_a_contrast_are_refused(listed, words):
    with pytest.raises(ValueError, match=words):
        lookalike([[0.0], [1.0], [2.0]], listed)


def test_features_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match=r"X\[1, 0\] is nan"):
        lookalike([[0.0], [np.nan]], [0, 1])


def test_lift_by_hand():
    # 3 of 10 order, both of the best two: 1 / .3.
    y = [1, 1, 0, 0, 1, 0, 0, 0, 0, 0]
    score = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert lift(y, score, 0.2) == pytest.approx(1 / 0.3)
    assert lift(y, score, 1) == 1
    assert lift([0, 0], [1, 2], 0.5) == 0
    # A quarter of 10 is 3 people, rounded up; ties go to the lower row.
    assert lift(y, [1] * 10, 0.25) == pytest.approx((2 / 3) / 0.3)
    assert lift(y, [1] * 10, 1e-12) == lift(y, [1] * 10, 0.1)  # at least one person


def test_lift_of_a_random_order_is_one_on_average():
    rng = np.random.default_rng(1)
    y = rng.random(1000) < 0.2
    lifts = [lift(y.astype(float), rng.random(1000)) for _ in range(300)]
    assert abs(np.mean(lifts) - 1) < 4 * np.std(lifts) / math.sqrt(300)


def test_lift_refuses():
    with pytest.raises(ValueError, match=r"share must be .* above 0 .*, got 0"):
        lift([1.0], [1.0], 0)
    with pytest.raises(ValueError, match=r"y\[0\] is -1.0"):
        lift([-1.0], [1.0])
    with pytest.raises(ValueError, match="score has 2 rows"):
        lift([1.0], [1.0, 2.0])
