"""Delayed orders, their value and the bid, beside plain loops and hand numbers."""

import itertools
from math import exp, lgamma, log, sqrt

import numpy as np
import pytest
from estimators import EstimatorContract, Example
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit

from recbook.base import DivergenceError
from recbook.marketing import conversions
from recbook.marketing.conversions import DelayedFeedback, OrderValue, bid
from recbook.marketing.regression import Logistic

LAWS = ["exponential", "weibull"]


def clicks(n=400, seed=0, law="exponential", last=20.0):
    """Clicks of two features; an order in four, days later, seen to day ``last``."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    ordered = rng.random(n) < expit(X[:, 0] - 1)
    rate = np.exp(0.5 * X[:, 1]) / 5
    k = 1.0 if law == "exponential" else 0.6
    delay = rng.exponential(size=n) ** (1 / k) / rate
    age = last * rng.random(n)
    converted = ordered & (delay < age)
    return X, converted, np.where(converted, delay, age)


def of_click(converted, time, s, u, k):
    """The log-likelihood of one click, from its definition."""
    p, rate = 1 / (1 + exp(-s)), exp(u)
    survival = exp(-((rate * time) ** k))
    if converted:
        return log(p * k * rate**k * time ** (k - 1) * survival)
    return log(1 - p + p * survival)


def plain(model, X, converted, time, weight=None):
    """The objective at a model's own parameters, click by click."""
    weight = np.ones(len(X)) if weight is None else weight
    total = 0.0
    for x, y, t, a in zip(X, converted, time, weight, strict=True):
        s = model.intercept_ + sum(x * model.coef_)
        u = model.rate_intercept_ + sum(x * model.rate_coef_)
        total += a * of_click(y, t, s, u, model.shape_)
    squares = (model.coef_**2).sum() + (model.rate_coef_**2).sum()
    return total - model.reg / 2 * squares


PARTS = ("intercept_", "coef_", "rate_intercept_", "rate_coef_", "shape_")


def moved(model, change):
    """A copy of a fitted model with other parameters."""
    other = DelayedFeedback(model.reg, model.law)
    b, w, c, v, k = (getattr(model, part) for part in PARTS)
    d = len(w)
    other.intercept_, other.coef_ = b + change[0], w + change[1 : d + 1]
    other.rate_intercept_ = c + change[d + 1]
    other.rate_coef_ = v + change[d + 2 : 2 * d + 2]
    other.shape_ = k + change[-1]
    return other


# The likelihood and its optimum -------------------------------------------------------


@pytest.mark.parametrize("law", LAWS)
def test_the_gradient_is_that_of_finite_differences(law):
    X, y, time = clicks(60)
    a = np.random.default_rng(1).integers(0, 3, 60).astype(float)
    loss = conversions._Loss(X, y, time, a, np.array([0.7, 2.0]), law)
    for seed in range(5):
        theta = 0.7 * np.random.default_rng(seed).normal(size=7)
        theta[-1] *= law == "weibull"
        numeric = approx_fprime(theta, lambda at: loss(at)[0], 1e-7)
        np.testing.assert_allclose(loss(theta)[1], numeric, atol=2e-6)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("weighted", [False, True])
def test_no_other_parameters_are_likelier(law, weighted):
    X, y, time = clicks(300, law=law)
    a = np.random.default_rng(1).integers(1, 4, 300) if weighted else None
    model = DelayedFeedback(2.0, law).fit(X, y, time, a)
    best = plain(model, X, y, time, a)
    rng, ends = np.random.default_rng(2), []
    for size in (1e-3, 1e-2, 0.3):
        for _ in range(12):
            change = size * rng.normal(size=7)
            change[-1] *= law == "weibull"
            ends.append(plain(moved(model, change), X, y, time, a))
    assert max(ends) < best
    # The slope of the plain objective is 0, to what differences can tell.
    for place in range(7 if law == "weibull" else 6):
        step = 1e-5 * np.eye(7)[place]
        up, down = (plain(moved(model, h), X, y, time, a) for h in (step, -step))
        assert abs(up - down) / 2e-5 < 2e-3


def test_one_kind_of_click_is_what_em_finds():
    """Expectation: who will still order; maximisation: a share and a rate."""
    rng = np.random.default_rng(3)
    n = 500
    age, delay = 10 * rng.random(n), rng.exponential(4.0, n)
    y = (rng.random(n) < 0.3) & (delay < age)
    time = np.where(y, delay, age)
    p, rate = 0.5, 1.0
    for _ in range(3000):
        later = [p * exp(-rate * t) for t in time]
        w = [1.0 if c else s / (1 - p + s) for c, s in zip(y, later, strict=True)]
        p = sum(w) / n
        rate = y.sum() / sum(a * t for a, t in zip(w, time, strict=True))
    model = DelayedFeedback().fit(np.zeros((n, 1)), y, time)
    assert model.predict([[0.0]])[0] == pytest.approx(p, abs=1e-6)
    assert model.expected_delay([[0.0]])[0] == pytest.approx(1 / rate, rel=1e-5)
    waiting = model.pending(np.zeros((n, 1)), time)[~y]
    assert y.sum() + waiting.sum() == pytest.approx(n * p, abs=1e-3)
    np.testing.assert_allclose(waiting, np.array(w)[~y], atol=1e-6)


def test_old_clicks_give_the_logistic_regression():
    """Where no order is pending, the first half of the likelihood is all there is."""
    X, _, _ = clicks(500)
    rng = np.random.default_rng(4)
    y = rng.random(500) < expit(X[:, 0] - 1)
    time = np.where(y, rng.exponential(1.0, 500), 1e5)
    model, known = DelayedFeedback(2.0).fit(X, y, time), Logistic(2.0).fit(X, y)
    np.testing.assert_allclose(model.predict(X), known.predict(X), atol=1e-6)
    assert model.pending(X, np.full(500, 1e5)).max() == 0.0


def test_what_is_pending_by_hand():
    # p = .2, delays of 5 days. After 2 days: .2 e^-.4 = .134064, over .8 + .134064.
    model = DelayedFeedback()
    model.intercept_, model.coef_ = log(0.2 / 0.8), np.zeros(1)
    model.rate_intercept_, model.rate_coef_ = log(1 / 5), np.zeros(1)
    model.shape_, model.columns_ = 1.0, None
    found = model.pending([[0.0], [0.0], [0.0]], [0, 2, 20])
    assert found.tolist() == pytest.approx(
        [0.2, 0.134064 / 0.934064, 0.004558], rel=1e-4
    )
    # A Weibull law of shape 1/2 and rate 1/5 has the mean 5 · Γ(3) = 10 days.
    model.shape_ = 0.5
    assert model.expected_delay([[0.0]])[0] == pytest.approx(10.0)
    later = 0.2 * exp(-sqrt(2 / 5))
    assert model.pending([[0.0]], [2])[0] == pytest.approx(later / (0.8 + later))


def test_the_truth_comes_back():
    for law, shape in (("exponential", 1.0), ("weibull", 0.6)):
        X, y, time = clicks(40_000, law=law, last=30.0)
        model = DelayedFeedback(0.1, law).fit(X, y, time)
        np.testing.assert_allclose(
            [model.intercept_, *model.coef_], [-1, 1, 0], atol=0.1
        )
        np.testing.assert_allclose(model.rate_coef_, [0.0, 0.5], atol=0.1)
        assert model.shape_ == pytest.approx(shape, abs=0.03)
        assert exp(model.rate_intercept_) == pytest.approx(1 / 5, rel=0.15)


@pytest.mark.parametrize("law", LAWS)
def test_the_unit_of_time_changes_the_rate_alone(law):
    X, y, time = clicks(law=law)
    days, hours = (DelayedFeedback(1.0, law).fit(X, y, t) for t in (time, 24 * time))
    np.testing.assert_allclose(hours.predict(X), days.predict(X), rtol=1e-5)
    delays = hours.expected_delay(X) / 24
    np.testing.assert_allclose(delays, days.expected_delay(X), rtol=1e-4)


@pytest.mark.parametrize("law", LAWS)
def test_a_weight_of_two_is_two_clicks(law):
    X, y, time = clicks(law=law)
    times = np.random.default_rng(5).integers(1, 4, len(y)).astype(np.intp)
    weighted = DelayedFeedback(1.0, law).fit(X, y, time, times)
    repeated = [np.repeat(part, times, axis=0) for part in (X, y, time)]
    again = DelayedFeedback(1.0, law).fit(*repeated)
    np.testing.assert_allclose(weighted.predict(X), again.predict(X), rtol=1e-5)


def test_a_constant_column_and_one_twice_do_no_harm():
    X, y, time = clicks()
    wide = np.column_stack([X, X[:, 0], np.full(len(X), 7.0)])
    model = DelayedFeedback(1e-3).fit(wide, y, time)
    np.testing.assert_allclose(model.coef_[0], model.coef_[2], rtol=1e-3)
    assert model.coef_[3] == 0.0
    narrow = DelayedFeedback(1e-3).fit(X, y, time)
    np.testing.assert_allclose(model.predict(wide), narrow.predict(X), atol=1e-3)


# What it is good for ------------------------------------------------------------------


def test_young_clicks_do_not_pull_it_down():
    X, y, time = clicks(20_000, seed=6, last=10.0)
    truth = expit(X[:, 0] - 1).mean()
    naive = Logistic(1.0).fit(X, y).predict(X).mean()
    found = DelayedFeedback().fit(X, y, time).predict(X).mean()
    assert naive < 0.75 * truth
    assert found == pytest.approx(truth, rel=0.06)


# The value of an order, and the bid ---------------------------------------------------


def orders(n=300, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return (
        X,
        np.exp(3 + 0.5 * X[:, 0]) * rng.gamma(2.5, 1 / 2.5, n),
        rng.integers(1, 4, n),
    )


@pytest.mark.parametrize("reg", [1e-3, 1.0, 50.0])
def test_order_values_are_at_their_minimum(reg):
    X, value, a = orders()

    def objective(w):
        total = 0.0
        for x, v, weight in zip(X, value, a, strict=True):
            mean = exp(w[0] + sum(x * w[1:]))
            total += weight * (log(mean) + v / mean)
        return total + reg / 2 * sum(w[1:] ** 2)

    model = OrderValue(reg).fit(X, value, a)
    w = np.array([model.intercept_, *model.coef_])
    best = minimize(objective, w + 0.01, method="BFGS", options={"gtol": 1e-4})
    np.testing.assert_allclose(w, best.x, atol=1e-5)


def test_order_values_are_likelier_than_any_other_gamma_mean():
    """The objective is a gamma log-likelihood, whatever its shape."""
    X, value, _ = orders(80)
    means = OrderValue(1e-6).fit(X, value).predict(X)

    def likelihood(m, k):
        parts = k * np.log(k / m) + (k - 1) * np.log(value) - k * value / m
        return (parts - lgamma(k)).sum()

    other = means * np.exp(0.01 * X[:, 1])
    assert all(likelihood(means, k) > likelihood(other, k) for k in (0.5, 1.0, 4.0))


def test_order_values_keep_their_sum_and_their_currency():
    X, value, _ = orders()
    model = OrderValue(3.0).fit(X, value)
    assert (value / model.predict(X)).mean() == pytest.approx(1.0)  # the intercept's
    cents = OrderValue(3.0).fit(X, 100 * value)
    np.testing.assert_allclose(cents.predict(X), 100 * model.predict(X), rtol=1e-9)
    lone = OrderValue().fit([[1.0]], [30.0])
    assert lone.predict([[5.0]]).tolist() == pytest.approx([30.0])


def test_the_logarithms_regression_is_below_the_mean():
    X, value, _ = orders(5000)
    logs = np.linalg.lstsq(np.c_[np.ones(5000), X], np.log(value))[0]
    low = np.exp(np.c_[np.ones(5000), X] @ logs)
    assert low.mean() < 0.9 * value.mean()
    assert OrderValue().fit(X, value).predict(X).mean() == pytest.approx(
        value.mean(), rel=0.02
    )


def test_the_bid_is_the_product():
    # .05 · .02 · 20 € = 2 cents; a margin below 0 is not bid for.
    assert bid([0.05, 0.05], [0.02, 0.02], [20.0, -5.0]).tolist() == [0.02, 0.0]
    assert bid([0.05, 0.1], [0.02, 0.04], 20).tolist() == pytest.approx([0.02, 0.08])


# Refusals -----------------------------------------------------------------------------

ONE = np.zeros((4, 1))
REFUSED = [
    (
        lambda: DelayedFeedback().fit(ONE, [0] * 4, [1] * 4),
        "converted is 0 in all rows",
    ),
    (
        lambda: DelayedFeedback().fit(ONE, [1] * 4, [1] * 4),
        "converted is 1 in all rows",
    ),
    (
        lambda: DelayedFeedback().fit(ONE, [1, 0, 0, 0], [1, 2, -1, 3]),
        r"time\[2\] is -1.0",
    ),
    (
        lambda: DelayedFeedback().fit(ONE, [1, 0, 0, 0], [0, 2, 1, 3]),
        "time is 0 for all orders",
    ),
    (
        lambda: DelayedFeedback(law="weibull").fit(ONE, [0, 1, 1, 0], [1, 2, 0, 3]),
        r"time\[2\] is 0.0 for an order: give a time above 0",
    ),
    (lambda: DelayedFeedback(law="normal").fit(ONE, [1, 0, 0, 0], [1] * 4), "law must"),
    (lambda: OrderValue().fit(ONE, [1, 2, 0, 3]), r"value\[2\] is 0.0: give a finite"),
    (lambda: bid([5.0], [0.02], 20), r"click\[0\] is 5.0: .*at most 1"),
    (lambda: bid([0.1], [2.0], 20), r"order\[0\] is 2.0"),
    (lambda: bid([0.1], [0.1, 0.1], 20), "order has 2 rows"),
    (lambda: bid([0.1, 0.1], [0.1, 0.1], [20]), "margin has 1 rows"),
    (lambda: bid([0.1], [0.1], float("nan")), r"margin\[0\] is nan"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("n", [2000, 300])
def test_a_log_shorter_than_the_delays_is_refused(n):
    y = np.arange(n) < 100  # one in twenty, or one in three
    time = np.where(y, np.sqrt((np.arange(n) + 0.5) / 100), 1.0)  # ever more orders
    with pytest.raises(DivergenceError, match="take a longer log"):
        DelayedFeedback().fit(np.zeros((n, 1)), y, time)


@pytest.mark.parametrize("times", [[2, 5, 6, 7], [2, 2, 2, 7]])
def test_a_shape_that_the_times_do_not_tell_is_refused(times):
    converted = [1, times[1] == 2, times[2] == 2, 0]
    with pytest.raises(DivergenceError, match="take the exponential law"):
        DelayedFeedback(law="weibull").fit(np.zeros((4, 1)), converted, times)


def test_a_search_that_does_not_settle_says_so(monkeypatch):
    monkeypatch.setattr(conversions, "STEPS", 2)
    X, value, _ = orders()
    with pytest.raises(DivergenceError, match="not settled after 2 steps"):
        OrderValue().fit(X, value)


def logged(rng):
    X, converted, time = clicks(60, rng)
    converted[3] = True
    return {"X": X, "converted": converted, "time": time, "weight": np.ones(60)}


def valued(rng):
    X, value, weight = orders(60, rng)
    return {"X": X, "value": value, "weight": weight.astype(float)}


ASKS = {"predict": ("X",), "expected_delay": ("X",)}


class TestContract(EstimatorContract):
    cases = [
        Example(DelayedFeedback, logged, ASKS, names="X"),
        Example(lambda: DelayedFeedback(3.0, "weibull"), logged, ASKS, names="X"),
        Example(OrderValue, valued, names="X"),
    ]


def test_a_log_of_twice_the_mean_delay_is_long_enough_and_of_one_is_not():
    found = {15: [], 30: []}
    for mean, seed in itertools.product(found, range(20)):
        rng = np.random.default_rng(seed)
        delay, age = rng.exponential(mean, 10_000), rng.uniform(0, 30, 10_000)
        y = (rng.random(10_000) < 0.1) & (delay < age)
        model = DelayedFeedback().fit(np.zeros((10_000, 1)), y, np.where(y, delay, age))
        found[mean].append(model.predict([[0.0]])[0] / 0.1)
    assert np.std(found[15]) < 0.1
    assert np.std(found[30]) > 2 * np.std(found[15])
