"""Logistic and ridge regression beside their optimality, weights and hand numbers."""

import numpy as np
import pytest
from estimators import EstimatorContract, Example
from scipy.optimize import minimize
from scipy.special import expit

from recbook.base import DivergenceError
from recbook.marketing import regression
from recbook.marketing.regression import Logistic, Ridge


def people(n=200, d=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    y = (rng.random(n) < expit(X[:, 0] - 1)).astype(float)
    return X, y, rng.integers(1, 4, n).astype(float)


def test_ridge_by_hand():
    # x = 0, 1, 2 and y = 1, 3, 5, centred -1 0 1 and -2 0 2: w = 4 / (2 + 2) = 1,
    # and the line goes through the means: b = 3 - 1 · 1 = 2.
    model = Ridge(reg=2.0).fit([[0.0], [1], [2]], [1.0, 3, 5])
    assert model.coef_.tolist() == pytest.approx([1.0])
    assert model.intercept_ == pytest.approx(2.0)


def test_logistic_by_hand():
    # At the optimum the sum of y - p is 0, and that of x (y - p) is reg · w: with two
    # people at -1, one of whom ordered, and two at 1, who both did, 3 orders in all.
    model = Logistic(reg=0.5).fit([[-1.0], [-1], [1], [1]], [0, 1, 1, 1])
    low, high = model.predict([[-1.0], [1.0]])
    assert 2 * low + 2 * high == pytest.approx(3.0)
    assert (2 - 2 * high) - (1 - 2 * low) == pytest.approx(0.5 * model.coef_[0])


@pytest.mark.parametrize("reg", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_both_are_at_their_minimum(reg, weighted):
    X, y, a = people()
    weight = a if weighted else None
    a = a if weighted else np.ones(len(y))

    def of_logistic(w):
        scores = w[0] + X @ w[1:]
        losses = np.logaddexp(0, scores) - y * scores
        return a @ losses + reg / 2 * w[1:] @ w[1:]

    def of_ridge(w):
        return a @ (y - w[0] - X @ w[1:]) ** 2 + reg * w[1:] @ w[1:]

    for model, objective in ((Logistic, of_logistic), (Ridge, of_ridge)):
        fitted = model(reg).fit(X, y, weight)
        w = np.array([fitted.intercept_, *fitted.coef_])
        best = minimize(objective, np.zeros(5), method="BFGS", options={"gtol": 1e-7})
        np.testing.assert_allclose(w, best.x, atol=1e-5)


@pytest.mark.parametrize("make", [Logistic, Ridge])
def test_a_weight_of_two_is_two_people(make):
    X, y, a = people()
    times = a.astype(int)
    weighted = make(2.0).fit(X, y, a)
    repeated = make(2.0).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-9)
    none = make(2.0).fit(X, y, np.where(np.arange(200) < 100, 1.0, 0.0))
    half = make(2.0).fit(X[:100], y[:100])
    np.testing.assert_allclose(none.predict(X), half.predict(X), atol=1e-9)


def test_a_strong_penalty_leaves_the_mean():
    X, y, _ = people()
    for make in (Logistic, Ridge):
        predicted = make(1e12).fit(X, y).predict(X)
        np.testing.assert_allclose(predicted, y.mean(), atol=1e-8)


def test_columns_that_explain_each_other_share_their_weight():
    x = np.arange(6.0)
    model = Ridge(reg=0).fit(np.column_stack([x, x]), 2 * x)
    np.testing.assert_allclose(model.coef_, [1.0, 1.0])
    constant = Ridge(reg=0).fit(np.ones((3, 1)), [1.0, 2, 3])
    np.testing.assert_allclose(constant.predict([[1.0]]), 2.0)


def test_features_that_separate_the_outcomes_have_a_finite_answer():
    X = np.array([[-1.0], [-2], [1], [2]]) * 1000
    model = Logistic(reg=1e-3).fit(X, [0, 0, 1, 1])
    assert np.isfinite(model.coef_).all()
    assert (model.predict(X) > 0.5).tolist() == [False, False, True, True]


def test_a_search_that_does_not_settle_says_so(monkeypatch):
    monkeypatch.setattr(regression, "STEPS", 2)
    X, y, _ = people()
    with pytest.raises(DivergenceError, match="not settled after 2 steps"):
        Logistic(0.01).fit(X, y)


REFUSED = [
    (lambda: Logistic().fit([[0.0], [1]], [1, 1]), "y is 1 in all rows"),
    (lambda: Logistic().fit([[0.0], [1]], [0, 0]), "y is 0 in all rows"),
    (lambda: Logistic().fit([[0.0], [1]], [0, 0.5]), r"y\[1\] is 0.5"),
    (lambda: Ridge().fit([[0.0], [1]], [0, 1], [0, 0]), "weight is 0 in all rows"),
    (lambda: Ridge().fit([[0.0], [1]], [0, 1], [1, -1]), r"weight\[1\] is -1.0"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def weighted(rng):
    X, y, weight = people(60, 3, rng)
    return {"X": X, "y": y, "weight": weight}


class TestContract(EstimatorContract):
    cases = [
        Example(make, weighted, names="X")
        for make in (Ridge, lambda: Ridge(0), lambda: Logistic(2.0))
    ]
