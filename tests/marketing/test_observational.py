"""Effects without randomisation beside plain loops, numbers by hand, and refusals."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from recbook.marketing import experiments, observational
from recbook.marketing.base import Effect
from recbook.marketing.observational import Robustness
from recbook.marketing.regression import Logistic, Ridge


def people(n=400, seed=0, d=3):
    """Columns, outcome, treatment and its propensity of n people; the effect is 1."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    e = expit(0.8 * X[:, 0] - 0.4)
    treated = rng.random(n) < e
    y = X[:, 0] + 0.5 * X[:, 1] + treated + rng.normal(size=n)
    return X, y, treated, e


# Overlap and balance -----------------------------------------------------------------


def test_overlap_counts_each_person_once():
    _, _, treated, e = people()
    table = observational.overlap(e, treated, n_bins=7)
    for row in table.itertuples():
        inside = [low for low in range(len(e)) if row.low <= e[low] < row.high]
        assert row.treated == sum(treated[i] for i in inside)
        assert row.untreated == sum(not treated[i] for i in inside)
        if inside:
            assert row.share == pytest.approx(treated[inside].mean())
            assert row.predicted == pytest.approx(e[inside].mean())
        else:
            assert math.isnan(row.share)
            assert math.isnan(row.predicted)
    assert table[["treated", "untreated"]].to_numpy().sum() == len(e)


def test_balance_by_hand_and_after_weights():
    # Means 40 and 30, variances 100 and 100: one deviation. With weights 3 and 1 the
    # first arm's mean is 35, half a deviation above 30.
    X = pd.DataFrame({"age": [30, 50, 20, 40], "same": 1.0})
    table = observational.balance(X, [1, 1, 0, 0], [3, 1, 1, 1])
    assert table.loc["age"].tolist() == [40.0, 30.0, 1.0, 0.5]
    assert table.loc["same", ["before", "after"]].tolist() == [0.0, 0.0]
    apart = observational.balance([[1.0], [1.0], [0.0]], [1, 1, 0])
    assert apart["before"].tolist() == [math.inf]


@pytest.mark.parametrize("target", ["all", "treated", "overlap"])
def test_weights_balance_the_columns(target):
    X, _, treated, e = people(40_000)
    w = observational.balancing_weights(treated, e, target)
    table = observational.balance(X, treated, w)
    assert abs(table.loc[0, "before"]) > 0.5
    assert table["after"].abs().max() < 0.05
    tilt = {"all": 1 + 0 * e, "treated": e, "overlap": e * (1 - e)}[target]
    for row in range(20):
        chance = e[row] if treated[row] else 1 - e[row]
        assert w[row] == pytest.approx(tilt[row] / chance)


def test_overlap_weights_balance_exactly_where_a_logistic_regression_made_them():
    X, _, treated, _ = people(500)
    e = Logistic(1e-9).fit(X, treated).predict(X)
    w = observational.balancing_weights(treated, e, "overlap")
    assert np.abs(observational.balance(X, treated, w)["after"]).max() < 1e-7


# Weighting ---------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["all", "treated", "overlap"])
def test_weighted_effect_is_a_plain_loop(target):
    _, y, treated, e = people(60)
    w = observational.balancing_weights(treated, e, target)
    means, errors = [], []
    for arm in (True, False):
        rows = [i for i in range(len(y)) if treated[i] == arm]
        total = sum(w[i] for i in rows)
        mean = sum(w[i] * y[i] for i in rows) / total
        errors.append(sum((w[i] * (y[i] - mean) / total) ** 2 for i in rows))
        means.append(mean)
    effect = observational.weighted_effect(y, treated, e, target)
    assert effect.value == pytest.approx(means[0] - means[1])
    assert effect.standard_error == pytest.approx(math.sqrt(sum(errors)))


@pytest.mark.parametrize("target", ["all", "treated", "overlap"])
def test_the_error_counts_in_that_propensities_were_estimated(target):
    """The part for the estimate is the derivative, taken here by small steps."""
    X, y, treated, _ = people(300)
    model = Logistic(1e-9).fit(X, treated)
    e = model.predict(X)
    Z = np.column_stack([np.ones(len(X)), X])

    def effect(w):
        at = expit(Z @ w)
        return observational.weighted_effect(y, treated, at, target).value

    w = np.r_[model.intercept_, model.coef_]
    steps = 1e-5 * np.eye(len(w))
    slope = np.array([(effect(w + s) - effect(w - s)) / 2e-5 for s in steps])
    A = (Z.T * (e * (1 - e))) @ Z
    weights = observational.balancing_weights(treated, e, target)
    psi = np.zeros(len(y))
    for arm, sign in ((treated, 1), (~treated, -1)):
        share = weights * arm / (weights @ arm)
        psi += sign * share * (y - share @ y)
    psi += (Z @ np.linalg.solve(A, slope)) * (treated - e)
    ours = observational.weighted_effect(y, treated, e, target, X)
    assert ours.standard_error == pytest.approx(math.sqrt(psi @ psi), rel=1e-6)
    plain = observational.weighted_effect(y, treated, e, target)
    assert plain.value == ours.value
    if target == "all":
        assert ours.standard_error < plain.standard_error


@pytest.mark.parametrize("scale", [1e-9, 1e9, 1e200])
def test_the_error_does_not_care_for_the_units_of_a_column(scale):
    X, y, treated, e = people()
    plain = observational.weighted_effect(y, treated, e, X=X)
    scaled = X * [scale, 1.0, 1.0]
    found = observational.weighted_effect(y, treated, e, X=scaled)
    assert found.standard_error == pytest.approx(plain.standard_error)


def test_one_propensity_for_all_is_the_difference():
    _, y, treated, _ = people()
    plain = experiments.difference(y, treated)
    for target in ("all", "treated", "overlap"):
        effect = observational.weighted_effect(y, treated, 0.3, target)
        assert effect.value == pytest.approx(plain.value)
        assert effect.standard_error == pytest.approx(plain.standard_error, rel=0.01)


# Matching ----------------------------------------------------------------------------


@pytest.mark.parametrize(("m", "correct"), [(1, False), (3, False), (3, True)])
def test_matched_effect_is_a_plain_loop(m, correct):
    X, y, treated, e = people(120)
    z = np.log(e / (1 - e))
    others = np.flatnonzero(~treated)
    served, pairs = dict.fromkeys(others, 0), []
    for i in np.flatnonzero(treated):
        near = sorted(others, key=lambda j: abs(z[i] - z[j]))[:m]
        pairs.append((i, near))
        for j in near:
            served[j] += 1
    line = np.poly1d([0.0])
    if correct:
        weights = np.sqrt([served[j] for j in others])
        line = np.poly1d(np.polyfit(z[others], y[others], 1, w=weights))
    gaps = np.array(
        [y[i] - np.mean([y[j] + line(z[i]) - line(z[j]) for j in near])
         for i, near in pairs]
    )  # fmt: skip
    squares = ((gaps - gaps.mean()) ** 2).sum()
    for j in others:
        near = sorted(set(others) - {j}, key=lambda k: abs(z[j] - z[k]))
        noise = 0.8 * (y[j] - y[near[:4]].mean()) ** 2
        squares += served[j] * (served[j] - 1) / m**2 * noise
    effect = observational.matched_effect(y, treated, X, e, m, correct=correct)
    assert effect.value == pytest.approx(gaps.mean())
    assert effect.standard_error == pytest.approx(math.sqrt(squares) / len(gaps))


def test_matching_on_columns_does_not_care_for_their_units():
    X, y, treated, _ = people(300)
    one = observational.matched_effect(y, treated, X)
    turned = X @ np.array([[3.0, 1, 0], [0, 500, 2], [1, 0, -0.01]])
    other = observational.matched_effect(y, treated, turned)
    assert other.value == pytest.approx(one.value)
    doubled = observational.matched_effect(y, treated, np.hstack([X, X[:, :1]]))
    assert doubled.value == pytest.approx(one.value, abs=0.02)
    alike = observational.matched_effect(y, treated, np.ones((len(y), 2)))
    assert math.isfinite(alike.standard_error)


def test_those_who_are_alike_share_the_matches():
    # With answers of yes and no, hundreds are equally near to a treated person.
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X = rng.integers(0, 2, (600, 2))
        treated = rng.random(600) < 0.3 + 0.2 * X[:, 0]
        y = (rng.random(600) < 0.2 + 0.2 * X[:, 0] + 0.1 * treated) * 1.0
        found.append(observational.matched_effect(y, treated, X))
    values = [effect.value for effect in found]
    # One untreated person for each kind of customer would spread by .2.
    assert np.std(values) < 0.07
    assert np.mean(values) == pytest.approx(0.1, abs=0.02)
    held = [effect.interval[0] <= 0.1 <= effect.interval[1] for effect in found]
    assert np.mean(held) >= 0.9


# Doubly robust -----------------------------------------------------------------------


class Known:
    """A model that knows the answer."""

    def __init__(self, answer):
        self.answer = answer

    def fit(self, X, y):
        return self

    def predict(self, X):
        return self.answer(X)


def test_doubly_robust_is_the_mean_of_its_scores():
    X, y, treated, _ = people(200)
    chance = Known(lambda X: expit(X[:, 1]))
    mean = Known(lambda X: X[:, 0])
    effect = observational.doubly_robust(
        X, y, treated, outcome_model=mean, propensity_model=chance
    )
    scores = []
    for x, outcome, t in zip(X, y, treated, strict=True):
        e = min(max(expit(x[1]), 0.01), 0.99)
        scores.append((outcome - x[0]) * (1 / e if t else -1 / (1 - e)))
    assert effect.value == pytest.approx(np.mean(scores))
    error = np.std(scores, ddof=1) / math.sqrt(len(scores))
    assert effect.standard_error == pytest.approx(error)
    treated_only = observational.doubly_robust(
        X, y, treated, target="treated", outcome_model=mean, propensity_model=chance
    )
    total = sum(
        (outcome - x[0]) * (1 if t else -expit(x[1]) / (1 - expit(x[1])))
        for x, outcome, t in zip(X, y, treated, strict=True)
    )
    assert treated_only.value == pytest.approx(total / treated.sum(), rel=1e-3)
    squares = 0.0
    for x, outcome, t in zip(X, y, treated, strict=True):
        e = min(max(expit(x[1]), 0.01), 0.99)
        score = (outcome - x[0]) * (1 if t else -e / (1 - e))
        squares += (score - t * treated_only.value) ** 2
    error = math.sqrt(squares) / treated.sum()
    assert treated_only.standard_error == pytest.approx(error)


def test_either_model_may_be_wrong():
    X, y, treated, _ = people(60_000)
    right = Known(lambda X: expit(0.8 * X[:, 0] - 0.4))
    nonsense = Known(lambda X: 3 + 0 * X[:, 0])
    half = Known(lambda X: 0.5 + 0 * X[:, 0])
    for target in ("all", "treated"):
        how = {"target": target, "n_folds": 2}
        one = observational.doubly_robust(
            X, y, treated, outcome_model=nonsense, propensity_model=right, **how
        )
        other = observational.doubly_robust(
            X, y, treated, outcome_model=Ridge(0.0), propensity_model=half, **how
        )
        neither = observational.doubly_robust(
            X, y, treated, outcome_model=nonsense, propensity_model=half, **how
        )
        assert abs(one.value - 1) < 4 * one.standard_error
        assert abs(other.value - 1) < 4 * other.standard_error
        assert abs(neither.value - 1) > 0.3


class ByHeart(Known):
    """A model that remembers every outcome that it saw, and says 0 of others."""

    def __init__(self):
        self.seen = {}

    def fit(self, X, y):
        self.seen = {tuple(x): value for x, value in zip(X, y, strict=True)}
        return self

    def predict(self, X):
        return np.array([self.seen.get(tuple(x), 0.0) for x in X])


def test_nobody_is_predicted_by_a_model_that_saw_them():
    X, y, treated, _ = people(200)
    half = Known(lambda X: 0.5 + 0 * X[:, 0])
    how = {"outcome_model": ByHeart(), "propensity_model": half}
    effect = observational.doubly_robust(X, y, treated, **how)
    gap = 2 * (y[treated].sum() - y[~treated].sum()) / len(y)
    assert effect.value == pytest.approx(gap)
    fooled = observational.doubly_robust(X, y, treated, n_folds=1, **how)
    assert fooled.standard_error < effect.standard_error / 1.2


def test_yes_or_no_and_a_constant_outcome():
    X, y, treated, _ = people(2000)
    bought = (y > 0.5) * 1.0
    effect = observational.doubly_robust(X, bought, treated)
    assert 0.1 < effect.value < 0.5
    nobody = observational.doubly_robust(X, 0 * y, treated)
    assert (nobody.value, nobody.standard_error, nobody.p) == (0.0, 0.0, 1.0)
    again = observational.doubly_robust(X, bought, treated, seed=1)
    assert again.value != effect.value


# Sensitivity -------------------------------------------------------------------------


def test_a_left_out_cause_biases_as_the_formula_says():
    """With the cause's own partial R², the bias is that of leaving it out, exactly."""
    X, y, treated, _ = people(500)
    full = observational.robustness(y, treated, X)
    for hidden in range(3):
        short = observational.robustness(y, treated, np.delete(X, hidden, axis=1))
        own = full.benchmarks.loc[hidden, ["own_treatment", "own_outcome"]]
        bias = abs(short.effect.value - full.effect.value)
        assert short.bias(*own) == pytest.approx(bias)


def test_the_robustness_value_moves_the_effect_to_the_null():
    X, y, treated, _ = people(500)
    for null in (0.0, 0.8, 1.4):
        result = observational.robustness(y, treated, X, null=null)
        moved = result.bias(result.value, result.value)
        assert moved == pytest.approx(abs(result.effect.value - null))
        assert 0 <= result.value_interval <= result.value < 1
        gaps = (result.benchmarks["adjusted"] - result.effect.value) * (
            null - result.effect.value
        )
        assert (gaps >= 0).all()
    across = observational.robustness(y, treated, X, null=result.effect.value)
    assert (across.value, across.value_interval) == (0.0, 0.0)


def test_robustness_by_hand():
    # f = 1 / (2 · 5) = .1: RV = (sqrt(.0001 + .04) - .01) / 2 = .09512.
    # The bias of R² = .2 and .1 is 5 · sqrt(.1 · .2 / .8) = .79057.
    effect = Effect(1.0, 2.0, (0, 0), 0.6)
    result = Robustness(effect, 0.0, 0.1, 0.0, pd.DataFrame(), 5.0)
    assert result.bias(0.2, 0.1) == pytest.approx(0.79057, abs=1e-5)
    from recbook.marketing.observational import sensitivity

    assert sensitivity._value(0.1) == pytest.approx(0.0951249, abs=1e-6)
    assert sensitivity._value_of_the_end(20.0, 0.1) == pytest.approx(399.99 / 401)


def test_a_benchmark_is_what_a_cause_as_strong_would_do():
    """Cinelli and Hazlett's bounds, from plain least squares."""
    X, y, treated, _ = people(300)
    n, t = len(y), treated * 1.0

    def left(of, by):
        B = np.column_stack([np.ones(n), *by])
        return of - B @ np.linalg.lstsq(B, of)[0]

    def r2(a, b, given):
        return np.corrcoef(left(a, given), left(b, given))[0, 1] ** 2

    for k in (1.0, 2.0):
        table = observational.robustness(y, treated, X, strength=k).benchmarks
        for j in range(3):
            rest = [X[:, i] for i in range(3) if i != j]
            rt, ry = r2(X[:, j], t, rest), r2(X[:, j], y, [*rest, t])
            rho = math.sqrt(k * rt**2 / ((1 - k * rt) * (1 - rt)))
            eta = (math.sqrt(k) + rho) / math.sqrt(1 - rho**2)
            bound = min(1.0, eta**2 * ry / (1 - ry))
            assert table.loc[j, "r2_treatment"] == pytest.approx(k * rt / (1 - rt))
            assert table.loc[j, "r2_outcome"] == pytest.approx(bound)
    none = observational.robustness(y, treated, np.hstack([X, X[:, :1]])).benchmarks
    assert none.loc[0, "own_treatment"] == none.loc[3, "own_treatment"] == 0.0
    strong = observational.robustness(y, treated, X, strength=90.0).benchmarks
    assert strong.loc[0, "r2_treatment"] == 1.0
    assert strong.loc[0, "adjusted"] == -math.inf


# Refusals ----------------------------------------------------------------------------

X, Y, T, E = people(12)
T[:4] = [True, True, False, False]
CALLS = [
    lambda y, t, X, e: observational.weighted_effect(y, t, e, "all", X),
    lambda y, t, X, e: observational.matched_effect(y, t, X, e),
    lambda y, t, X, e: observational.doubly_robust(X, y, t, n_folds=2),
    lambda y, t, X, e: observational.robustness(y, t, X),
]
BAD = [
    ((Y, np.ones(12), X, E), "treated has nobody untreated"),
    ((np.where(T, np.nan, Y), T, X, E), r"y\[\d+\] is nan"),
    ((Y[:5], T, X, E), "rows"),
    ((Y, T, np.where(X > 1, np.inf, X), E), r"X\[.*\] is inf"),
]


@pytest.mark.parametrize(("call", "case"), [*itertools.product(CALLS, BAD)])
def test_bad_data_are_refused(call, case):
    arguments, message = case
    with pytest.raises(ValueError, match=message):
        call(*arguments)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: observational.overlap(E + 1, T), r"propensity\[0\] is"),
        (lambda: observational.overlap(E, T, 0), "n_bins"),
        (lambda: observational.balance(X, T, T * 1.0), "nobody|everybody untreated"),
        (lambda: observational.balancing_weights(T, E, "treatd"), "target"),
        (lambda: observational.weighted_effect(Y, T, 1.0), "must lie between"),
        (lambda: observational.weighted_effect(Y, T, E, "atc"), "target"),
        (lambda: observational.matched_effect(Y, T, X, n_neighbours=99), "ask for"),
        (lambda: observational.doubly_robust(X, Y, T, 9), "fewer than the 9 folds"),
        (lambda: observational.doubly_robust(X, Y, T, 2, target="overlap"), "target"),
        (lambda: observational.doubly_robust(X, Y, T, 2, clip=0.5), "clip"),
        (lambda: observational.robustness(Y, T, X, strength=0), "strength"),
        (lambda: observational.robustness(Y, T, T[:, None]), "explains all of treat"),
        (lambda: observational.robustness(T * 2.0, T, X), "all of y"),
        (lambda: observational.robustness(Y, T, np.eye(12)), "more people"),
    ],
)
def test_settings_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_sure_propensity_model_is_refused():
    sure = Known(lambda X: (X[:, 0] > 0) * 1.0)
    with pytest.raises(ValueError, match="the propensity model gives row"):
        observational.doubly_robust(X, Y, T, 2, propensity_model=sure, clip=0)
