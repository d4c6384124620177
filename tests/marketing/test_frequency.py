"""Caps beside plain loops, NumPy's own fits, numbers by hand, and their contract."""

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from estimators import EstimatorContract, Example
from hypothesis import given
from scipy import stats
from scipy.optimize import minimize

from recbook.marketing import experiments, frequency, worlds

FEW = hypothesis.settings(max_examples=40)
CAPS = np.array([0, 1, 2, 4, np.inf])


def trial(rng, n=400, noise=0.002):
    """A trial whose outcome follows the curve closely, with r_1 = .1 and q = .6."""
    came = rng.poisson(rng.gamma(0.8, 5.0, n))
    cap = CAPS[np.arange(n) % 5]
    seen = np.minimum(came, cap)
    y = 0.02 * came + 0.1 * (1 - 0.6**seen) / 0.4 + noise * rng.standard_normal(n)
    return {"cap": cap, "impressions": seen, "y": y, "opportunities": came}


@pytest.fixture(scope="module")
def month():
    return worlds.audience(60_000, seed=2).trial(seed=2)


# Reach --------------------------------------------------------------------------------


def test_reach_by_hand():
    # k = 1: shares 1/5, 4/25, … so at least n comes (4/5)^n.
    assert frequency.reach(4.0, 1.0) == pytest.approx(0.8)
    assert frequency.reach(4.0, 1.0, n=[0, 2]).tolist() == pytest.approx([1, 0.64])
    assert frequency.reach(np.log(2)) == pytest.approx(0.5)  # 1 - e^-m
    assert frequency.reach([0.0, np.log(4)]).tolist() == pytest.approx([0, 0.75])


@FEW
@given(st.floats(0.01, 40), st.floats(0.05, 50), st.integers(1, 30))
def test_reach_is_scipys(mean, shape, n):
    poisson = stats.poisson.sf(n - 1, mean)
    binomial = stats.nbinom.sf(n - 1, shape, shape / (shape + mean))
    assert frequency.reach(mean, n=n) == pytest.approx(poisson, rel=1e-9, abs=1e-14)
    found = frequency.reach(mean, shape, n)
    assert found == pytest.approx(binomial, rel=1e-9, abs=1e-14)
    plain = 1 - (1 + mean / shape) ** -shape
    assert frequency.reach(mean, shape) == pytest.approx(plain)


def test_shares_add_up_to_the_mean():
    steps = np.arange(1, 400)
    assert frequency.reach(5.0, 0.8, steps).sum() == pytest.approx(5.0)
    assert frequency.reach(5.0, n=steps).sum() == pytest.approx(5.0)


# A trial of caps ----------------------------------------------------------------------


def test_caps_by_hand():
    # Cap 0: 1, 0 (mean .5, variance .5). Cap 2: 2, 1, 3 impressions 2, 1, 2: mean 2.
    cap, seen = [0, 0, 2, 2, 2], [0, 0, 2, 1, 2]
    table = frequency.cap_effects(cap, seen, [1, 0, 2, 1, 3])
    assert table["people"].tolist() == [2, 3]
    assert table.loc[0.0, "effect":"high"].tolist() == [0, 0, 0, 0]
    assert table.loc[2.0, "effect"] == 1.5
    assert table.loc[2.0, "standard_error"] == pytest.approx(np.sqrt(0.5 / 2 + 1 / 3))
    one = frequency.impression_effects(cap, seen, [1, 0, 2, 1, 3])
    each = 1.5 / (5 / 3)  # .9 for an impression
    rest = np.array([2 - 2 * each, 1 - each, 3 - 2 * each])
    error = np.sqrt(0.5 / 2 + rest.var(ddof=1) / 3) / (5 / 3)
    row = one.loc[(0.0, 2.0)]
    assert row["effect"] == pytest.approx(each)
    assert row["standard_error"] == pytest.approx(error)


def test_caps_are_compared_as_two_arms_are(month):
    cap, y = month["cap"].to_numpy(), month["ordered"].to_numpy()
    table = frequency.cap_effects(cap, month["impressions"], y)
    for level in CAPS[1:]:
        two = (cap == 0) | (cap == level)
        effect = experiments.difference(y[two], cap[two] == level)
        row = table.loc[level]
        assert row["effect"] == pytest.approx(effect.value, abs=1e-15)
        assert row["standard_error"] == pytest.approx(effect.standard_error)
        assert row[["low", "high"]].tolist() == pytest.approx(effect.interval)


def test_steps_add_up_to_the_effect_of_the_cap(month):
    given = month["cap"], month["impressions"], month["ordered"]
    steps, caps = frequency.impression_effects(*given), frequency.cap_effects(*given)
    total = (steps["effect"] * steps["impressions"]).cumsum()
    np.testing.assert_allclose(total, caps["effect"][1:], atol=1e-15)
    assert steps.index.tolist() == [(0, 1), (1, 2), (2, 4), (4, np.inf)]


# The curve ----------------------------------------------------------------------------


def plain_fit(data, strata):
    """The minimum of the docstring's sum of squares, by a general search over loops."""
    cap, seen, y = (np.asarray(data[k]) for k in ("cap", "impressions", "y"))
    cells = [
        (s, y[(strata == s) & (cap == c)], seen[(strata == s) & (cap == c)])
        for s in np.unique(strata) for c in np.unique(cap)
    ]  # fmt: skip
    cells = [cell for cell in cells if len(cell[1])]

    def loss(parameters):
        first, q = parameters
        total = 0.0
        for s in np.unique(strata):
            own = [(len(a), a.mean() - first * np.mean([sum(q**j for j in range(int(k)))
                   for k in n])) for t, a, n in cells if t == s]  # fmt: skip
            size = np.array([n for n, _ in own])
            rest = np.array([r for _, r in own])
            total += size @ (rest - size @ rest / size.sum()) ** 2
        return total

    start, how = [0.08, 0.5], {"xatol": 1e-10, "fatol": 1e-18, "maxiter": 2000}
    return minimize(loss, start, method="Nelder-Mead", options=how).x


@pytest.mark.parametrize("stratified", [False, True])
def test_the_fit_is_the_minimum_of_its_sum(stratified):
    data = trial(np.random.default_rng(1), 120, noise=0.02)
    came = data.pop("opportunities")
    came = np.minimum(came, 6) if stratified else None
    if stratified:
        data["impressions"] = np.minimum(data["impressions"], came)
    curve = frequency.ResponseCurve().fit(**data, opportunities=came)
    strata = np.zeros(120) if came is None else came
    first, ratio = plain_fit(data, strata)
    assert curve.first_ == pytest.approx(first, rel=1e-5)
    assert curve.ratio_ == pytest.approx(ratio, rel=1e-5)


def test_the_covariance_is_the_sandwich_of_a_regression():
    """At the optimum: y on strata, lift and its slope in q, White's errors (HC0)."""
    data = trial(np.random.default_rng(3), 500, noise=0.2)
    curve = frequency.ResponseCurve().fit(**data)
    a, q, n = curve.first_, curve.ratio_, data["impressions"]
    lift = np.array([sum(q**j for j in range(int(k))) for k in n])
    bend = np.array([sum(j * q ** (j - 1) for j in range(1, int(k))) for k in n])
    came = data["opportunities"]
    X = np.column_stack([lift, a * bend, *(came == s for s in np.unique(came))])
    bread = np.linalg.pinv(X.T @ X)
    rest = data["y"] - X @ (bread @ X.T @ data["y"])
    sandwich = bread @ ((X.T * rest**2) @ X) @ bread
    np.testing.assert_allclose(curve.covariance_, sandwich[:2, :2], rtol=1e-8)
    error = np.sqrt(curve.covariance_[0, 0]) / a
    rows = curve.marginal(3)
    reach = np.log(rows["high"] / rows["effect"])
    assert reach[1] == pytest.approx(1.959964 * error)
    slope = np.array([1 / a, 2 / q])  # of the logarithm of a q²
    third = np.sqrt(slope @ curve.covariance_ @ slope)
    assert reach[3] == pytest.approx(1.959964 * third)
    np.testing.assert_allclose(np.log(rows["effect"] / rows["low"]), reach)


def test_the_curve_finds_what_the_world_put_in():
    data = trial(np.random.default_rng(5), 20_000)
    for came in (data.pop("opportunities"), None):
        curve = frequency.ResponseCurve().fit(**data, opportunities=came)
        error = np.sqrt(np.diag(curve.covariance_))
        assert abs(curve.first_ - 0.1) < 3 * error[0]
        assert abs(curve.ratio_ - 0.6) < 3 * error[1]
    assert not curve.at_limit_


def test_who_comes_often_does_not_matter():
    """An outcome that rises with opportunities changes nothing where they are given."""
    data = trial(np.random.default_rng(6), 1000, noise=0.05)
    one = frequency.ResponseCurve().fit(**data)
    data["y"] = data["y"] + 7.0 * data["opportunities"] ** 2
    other = frequency.ResponseCurve().fit(**data)
    assert other.first_ == pytest.approx(one.first_, rel=1e-8)
    np.testing.assert_allclose(other.covariance_, one.covariance_, rtol=1e-6)


def test_marginal_effects_add_up_to_the_prediction():
    curve = frequency.ResponseCurve().fit(**trial(np.random.default_rng(2)))
    steps = curve.marginal(6)
    total = np.cumsum(steps["effect"])
    np.testing.assert_allclose(curve.predict(np.arange(1, 7)), total)
    assert (steps["low"] < steps["effect"]).all()
    assert (steps["effect"] < steps["high"]).all()
    assert steps.index.tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("effects", "ratio"), [([0, 1, 2, 4], 1.0), ([0, 1, 1, 1], 0.01)]
)
def test_a_curve_at_its_limit_says_so(effects, ratio):
    cap = np.repeat([0, 1, 2, 4], 50)
    y = np.repeat(effects, 50) + 0.001 * np.random.default_rng(0).random(200)
    y += 0.01 * (np.repeat(effects, 50) > 2)  # more than straight, less than at once
    y -= 0.01 * (cap > 1) * (ratio < 0.5)
    with pytest.warns(UserWarning, match="ended at"):
        curve = frequency.ResponseCurve().fit(cap, cap, y)
    assert curve.ratio_ == pytest.approx(ratio)
    assert np.isfinite(curve.marginal(8)).all(axis=None)
    total = curve.marginal(4)["effect"].sum()
    assert curve.predict([4])[0] == pytest.approx(total)


# The best cap -------------------------------------------------------------------------


def test_a_cap_by_hand():
    # 20, 10, 5 and 2.5 cents.
    marginal = [0.01, 0.005, 0.0025, 0.00125]
    for price, multiplier, cap in (
        (0.03, 0.0, 3), (0.03, 1.0, 2), (0.25, 0.0, 0), (0.02, 0.0, 4), (0.0, 9.0, 4),
    ):  # fmt: skip
        assert frequency.best_cap(marginal, price, 20.0, multiplier) == cap
    assert frequency.best_cap([-1.0, 3.0], price=1.0, margin=1.0) == 0
    assert frequency.best_cap([-1.0, 4.0], price=1.0, margin=1.0) == 2


@FEW
@given(
    st.lists(st.integers(-4, 40), min_size=1, max_size=8),
    st.integers(0, 5), st.integers(0, 3),
)  # fmt: skip
def test_no_other_cap_earns_more(marginal, price, multiplier):
    def surplus(cap):
        return sum(2 * r - (1 + multiplier) * price for r in marginal[:cap])

    cap = frequency.best_cap(marginal, price, 2.0, multiplier)
    assert surplus(cap) == max(surplus(c) for c in range(len(marginal) + 1))


# What is refused ----------------------------------------------------------------------

NAN, INF = float("nan"), float("inf")
TWO = [0, 0, 2, 2], [0, 0, 2, 2], [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: frequency.reach(-1.0), r"mean\[0\] is -1.0"),
        (lambda: frequency.reach(1.0, shape=0), "shape must be"),
        (lambda: frequency.reach(1.0, n=1.5), r"n\[0\] is 1.5: give a whole number"),
        (lambda: frequency.reach([1, 2], n=[1, 2, 3]), "mean has 2 numbers and n 3"),
        (lambda: frequency.cap_effects([0, 0], [0, 0], [1, 0]), "cap is 0 for every"),
        (lambda: frequency.cap_effects([0, 0, INF], [0] * 3, [1] * 3), "cap is inf f"),
        (lambda: frequency.cap_effects([0, NAN], [0, 0], [1, 0]), "np.inf for no c"),
        (lambda: frequency.cap_effects([0, -INF], [0, 0], [1, 0]), r"cap\[1\] is -inf"),
        (lambda: frequency.cap_effects(0, [0], [1]), "cap must be a flat list"),
        (lambda: frequency.cap_effects(*TWO[:2], [1, 2, 3]), "y has 3 rows, but 4"),
        (lambda: frequency.cap_effects(TWO[0], [0, 0, 0.5, 1], TWO[2]), "a whole numb"),
        (lambda: frequency.cap_effects(*TWO[:2], [0, 0, 0, 1e300]), r"y\[3\] is 1e\+3"),
        (lambda: frequency.impression_effects(TWO[0], [1] * 4, TWO[2]), "no more at c"),
        (lambda: frequency.ResponseCurve().fit(*TWO), "too few values to tell"),
        (lambda: frequency.ResponseCurve().fit(TWO[0], [1] * 4, TWO[2]), "are the sam"),
        (lambda: frequency.ResponseCurve().fit(*TWO[:2], [1, 1, 0, 0]), "does not ris"),
        (lambda: frequency.ResponseCurve().fit(*TWO[:2], [1] * 4), "does not rise"),
        (lambda: frequency.ResponseCurve().fit(*TWO, [1, 2, 3]), "opportunities has 3"),
        (lambda: frequency.ResponseCurve().fit(*TWO, [3, 1, 2, 1]), r"ties\[3\] is 1"),
        (lambda: frequency.best_cap([], 1, 1), "marginal must be a flat list"),
        (lambda: frequency.best_cap([1], -1, 1), "price must be"),
        (lambda: frequency.best_cap([1], 1, NAN), "margin must be"),
        (lambda: frequency.best_cap([1], 1, 1, -1), "multiplier must be"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


class TestContract(EstimatorContract):
    cases = [
        Example(
            frequency.ResponseCurve, trial,
            {"predict": ("impressions",), "marginal": ()},
        ),
    ]  # fmt: skip
