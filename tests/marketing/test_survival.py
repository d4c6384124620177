"""Survival of members beside plain loops, hand numbers, published figures, refusals."""

import numpy as np
import pandas as pd
import pytest
from estimators import EstimatorContract, Example
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from recbook.marketing import survival, worlds
from recbook.marketing.survival import DiscreteHazard, ShiftedBetaGeometric

# Fader and Hardie (2007), table 1: members of 1,000 who are left after each year.
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]


def drawn(rng, n=60, longest=9):
    """Months and who has left, some of them in month 0."""
    months = rng.integers(0, longest + 1, n)
    return months, (rng.random(n) < 0.6) & (months > 0)


def by_loops(months, churned):
    """Return the curve and Greenwood's error from their definitions."""
    survival, total, rows = 1.0, 0.0, [(1.0, 0.0)]
    for month in range(1, max(months) + 1):
        at_risk = sum(m >= month for m in months)
        left = sum(m == month and gone for m, gone in zip(months, churned, strict=True))
        survival *= 1 - left / at_risk
        if left < at_risk:
            total += left / (at_risk * (at_risk - left))
        rows.append((survival, survival * total**0.5))
    return np.array(rows)


@pytest.mark.parametrize("seed", range(5))
def test_kaplan_meier_is_its_definition(seed):
    months, churned = drawn(np.random.default_rng(seed))
    table = survival.kaplan_meier(months, churned)
    expected = by_loops(months.tolist(), churned.tolist())
    ours = table[["survival", "standard_error"]].to_numpy()
    np.testing.assert_allclose(ours, expected, atol=1e-14)
    assert (table["low"] <= table["survival"] + 1e-15).all()
    assert (table["survival"] <= table["high"] + 1e-15).all()


def test_kaplan_meier_by_hand():
    # Six members: 1*, 2, 3, 3*, 5, 6 months, a star for those still there.
    months, churned = [1, 2, 3, 3, 5, 6], [0, 1, 1, 0, 1, 0]
    table = survival.kaplan_meier(months, churned)
    # Month 2: 1 of 5 leave. Month 3: 1 of 4. Month 5: 1 of 2. 4/5, 3/5, 3/10.
    assert table["at_risk"].tolist() == [6, 6, 5, 4, 2, 2, 1]
    curve = [1, 1, 0.8, 0.6, 0.6, 0.3, 0.3]
    np.testing.assert_allclose(table["survival"], curve)
    # Greenwood: 1/(5·4) + 1/(4·3) + 1/(2·1) = 19/30; .3 √(19/30) = .2387.
    assert table["standard_error"].iloc[5] == pytest.approx(0.3 * (19 / 30) ** 0.5)
    # log-log: v = √(19/30)/|ln .3| = .66099; .3^exp(1.95996·.66099), .3^exp(−…).
    reach = np.exp(1.959963984540054 * (19 / 30) ** 0.5 / -np.log(0.3))
    assert table["low"].iloc[5] == pytest.approx(0.3**reach)
    assert table["high"].iloc[5] == pytest.approx(0.3 ** (1 / reach))


def test_kaplan_meier_where_nobody_or_everybody_leaves():
    nobody = survival.kaplan_meier([2, 3], [0, 0])
    assert (nobody["survival"] == 1).all()
    assert (nobody["standard_error"] == 0).all()
    # Two at risk in months 1 and 2, one in month 3: .025^(1/2), .025.
    np.testing.assert_allclose(nobody["low"], [1, 0.025**0.5, 0.025**0.5, 0.025])
    assert (nobody["high"] == 1).all()
    everybody = survival.kaplan_meier([1, 2, 2], [1, 1, 1])
    last = everybody.iloc[-1]
    assert (last["survival"], last["standard_error"], last["low"]) == (0, 0, 0)
    assert last["high"] == everybody["high"].iloc[-2]
    assert np.isfinite(everybody.to_numpy()).all()


@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40))
def test_kaplan_meier_never_rises_and_has_no_gap(members):
    months, churned = map(list, zip(*members, strict=True))
    table = survival.kaplan_meier(months, churned)
    assert np.isfinite(table.to_numpy()).all()
    curve = table["survival"].to_numpy()
    assert curve[0] == 1
    assert (np.diff(curve) <= 0).all()
    if all(churned):  # without censoring it is the share that is left
        share = [np.mean(np.array(months) > k) for k in table["month"]]
        np.testing.assert_allclose(curve, share, atol=1e-12)


def test_the_bands_of_tenure_are_fitted_as_person_months():
    rng = np.random.default_rng(0)
    months, churned = drawn(rng, 200)
    X = rng.integers(0, 2, (200, 2)).astype(float)
    model = DiscreteHazard(reg=0.7).fit(X, months, churned)
    rows, outcomes = [], []  # each member is a row for each month
    for x, last, gone in zip(X, months, churned, strict=True):
        for month in range(1, last + 1):
            bands = [month in (2,), month == 3, 4 <= month <= 6, 7 <= month <= 12]
            later = [13 <= month <= 24, month >= 25]
            rows.append([np.log(month), *bands, *later, *x])
            outcomes.append(gone and month == last)
    rows, outcomes = np.array(rows, dtype=float), np.array(outcomes)

    def loss(w):
        score = w[0] + rows @ w[1:]
        return (np.logaddexp(0, score) - outcomes * score).sum() + 0.35 * w[1:] @ w[1:]

    peer = minimize(loss, np.zeros(10), tol=1e-12).x
    ours = [model.intercept_, *model.tenure_, *model.coef_]
    np.testing.assert_allclose(ours, peer, atol=1e-4)
    assert loss(np.array(ours)) <= loss(peer) + 1e-9


def test_survival_is_the_product_of_what_the_hazard_leaves():
    rng = np.random.default_rng(1)
    months, churned = drawn(rng, 80)
    X = rng.random((80, 3))
    model = DiscreteHazard().fit(X, months, churned)
    hazard = model.hazard(X[:4], np.arange(1, 31))  # beyond what was observed, too
    curve = model.survival(X[:4], np.arange(31))
    np.testing.assert_allclose(curve[:, 1:], np.cumprod(1 - hazard, axis=1))
    assert (curve[:, 0] == 1).all()
    np.testing.assert_allclose(model.survival(X[:4], [7, 3, 0]), curve[:, [7, 3, 0]])


def test_weights_are_members():
    rng = np.random.default_rng(2)
    months, churned = drawn(rng, 40)
    X, times = rng.integers(0, 3, (40, 1)), rng.integers(0, 4, 40)
    copies = times.astype(np.intp)  # 32 bits in the pages' Python
    again = [np.repeat(values, copies, axis=0) for values in (X, months, churned)]
    ones = DiscreteHazard().fit(*again)
    weighed = DiscreteHazard().fit(X, months, churned, times)
    np.testing.assert_allclose(weighed.coef_, ones.coef_, atol=1e-9)
    two = ShiftedBetaGeometric().fit(*again[1:])
    one = ShiftedBetaGeometric().fit(months, churned, times)
    assert (one.a_, one.b_) == pytest.approx((two.a_, two.b_), rel=1e-4)
    assert one.log_likelihood_ == pytest.approx(two.log_likelihood_)


@pytest.mark.parametrize(
    ("left", "a", "b", "value"),
    [(HIGH_END, 0.668, 3.806, -1611.2), (REGULAR, 0.704, 1.182, -1680.3)],
)
def test_shifted_beta_geometric_has_the_published_parameters(left, a, b, value):
    # Fitted to seven years of a cohort of a thousand, as in the paper.
    years, counts = np.arange(1, 8), -np.diff(left)[:7]
    model = ShiftedBetaGeometric().fit([*years, 7], [1] * 7 + [0], [*counts, left[7]])
    assert (model.a_, model.b_) == pytest.approx((a, b), abs=6e-4)
    assert model.log_likelihood_ == pytest.approx(value, abs=0.06)
    later = 1000 * model.survival([8, 12])
    np.testing.assert_allclose(later, [left[8], left[12]], atol=17)


def test_shifted_beta_geometric_is_a_mixture_of_constant_rates():
    model = ShiftedBetaGeometric()
    model.a_, model.b_ = 0.7, 2.5
    p = np.random.default_rng(0).beta(0.7, 2.5, 400_000)
    mixed = [np.mean((1 - p) ** k) for k in (0, 1, 5, 20)]
    np.testing.assert_allclose(model.survival([0, 1, 5, 20]), mixed, atol=3e-3)
    # h(1) = .7/3.2, h(2) = .7/4.2: by the ratio of beta functions.
    np.testing.assert_allclose(model.hazard([1, 2]), [0.7 / 3.2, 0.7 / 4.2])
    curve = model.survival(np.arange(10))
    np.testing.assert_allclose(
        1 - curve[1:] / curve[:-1], model.hazard(np.arange(1, 10))
    )


def test_one_rate_for_all_is_a_limit_of_shifted_beta_geometric():
    left = np.random.default_rng(3).geometric(0.2, 200_000)
    months, churned = np.minimum(left, 10), left <= 10
    model = ShiftedBetaGeometric().fit(months, churned)
    rate = churned.sum() / months.sum()
    np.testing.assert_allclose(model.hazard([1, 9]), rate, rtol=0.05)


def test_months_and_euros_by_hand():
    constant = 0.96 ** np.arange(2000)  # 4 % a month: 25 months, and 150 € of 6 €
    assert survival.expected_months(constant) == pytest.approx(25)
    assert survival.member_value(constant, 6.0, 0.0) == pytest.approx(150)
    # 6 + 6·.5/1.01 + 6·.2/1.01² = 6 + 2.970 + 1.176
    value = survival.member_value([[1.0, 0.5, 0.2], [1.0, 1.0, 1.0]], 6.0, 0.01)
    second = 6 + 6 / 1.01 + 6 / 1.01**2
    np.testing.assert_allclose(value, [6 + 3 / 1.01 + 1.2 / 1.01**2, second])
    months = survival.expected_months([[1.0, 0.5, 0.2]])
    np.testing.assert_allclose(months, [1.7])


def test_naive_counts_are_short_in_the_world():
    world = worlds.members(seed=3)
    months, churned = world.table["months"], world.table["churned"]
    true = world.truth.survival(np.arange(36)).mean(axis=0)
    true = survival.expected_months(true)

    def months_of(months, churned):
        curve = survival.kaplan_meier(months, churned)["survival"].to_numpy()[:36]
        return survival.expected_months(curve)

    assert months_of(months, churned) == pytest.approx(true, abs=0.8)
    assert months_of(months, np.ones(len(months))) < 0.7 * true
    gone = churned == 1
    assert months_of(months[gone], churned[gone]) < 0.5 * true


def example(rng):
    months, churned = drawn(rng)
    return {"X": rng.random((60, 2)), "months": months, "churned": churned}


def group(rng):
    months, churned = drawn(rng)
    return {"months": np.maximum(months, 1), "churned": churned}


class TestDiscreteHazard(EstimatorContract):
    cases = [
        Example(
            lambda: DiscreteHazard(reg=0.5), example, {"survival": ("X", "months")}, "X"
        ),
    ]


class TestShiftedBetaGeometric(EstimatorContract):
    cases = [
        Example(
            ShiftedBetaGeometric,
            group,
            {"survival": ("months",), "hazard": ("months",)},
        ),
    ]


SOME = {"months": [1, 2, 3, 3], "churned": [1, 0, 1, 0]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"months": [1, 2, 3]}, "churned has 4 rows, but 3"),
        ({"months": [0, 2, 3, 3]}, r"months\[0\] is 0, but the member has left"),
        ({"months": [1, 2.5, 3, 3]}, r"months\[1\] is 2.5: give whole months"),
        ({"months": [1, -2, 3, 3]}, r"months\[1\] is -2.0: give a finite number of at"),
        ({"months": [1, 2000, 3, 3]}, r"months\[1\] is 2000.0: more than 1200 months"),
        ({"months": [1, np.nan, 3, 3]}, r"months\[1\] is nan"),
        ({"months": []}, "months must be a flat list of at least one"),
        ({"churned": [1, 0, 2, 0]}, r"churned\[2\] is 2.0: give True or False"),
        ({"churned": ["yes", "no", "no", "no"]}, r"churned\[0\] is 'yes'"),
    ],
)
def test_members_that_cannot_be_are_refused(change, words):
    case = SOME | change
    X = np.zeros((len(case["months"]), 1))
    for call in (
        survival.kaplan_meier,
        ShiftedBetaGeometric().fit,
        lambda **case: DiscreteHazard().fit(X, **case),
    ):
        with pytest.raises(ValueError, match=f"{words}|X must have a row"):
            call(**case)


@pytest.mark.parametrize(
    ("months", "churned", "words"),
    [
        ([1, 2, 3], [0, 0, 0], "churned has nobody leave"),
        ([1, 1, 0], [1, 1, 0], "churned has everybody leave in month 1"),
        ([0, 0, 0], [0, 0, 0], "churned has nobody leave"),
    ],
)
def test_a_hazard_needs_both_outcomes(months, churned, words):
    for call in (
        lambda: DiscreteHazard().fit(np.zeros((3, 1)), months, churned),
        lambda: ShiftedBetaGeometric().fit(months, churned),
    ):
        with pytest.raises(ValueError, match=words):
            call()


def test_labels_that_differ_are_refused():
    months = pd.Series([1, 2, 3, 3])
    churned = pd.Series([1, 0, 1, 0], index=[3, 2, 1, 0])
    for call in (survival.kaplan_meier, ShiftedBetaGeometric().fit):
        with pytest.raises(ValueError, match="different row labels"):
            call(months, churned)


@pytest.mark.parametrize(
    ("curve", "words"),
    [
        ([0.9, 0.8], r"survival\[0\] is 0.9: begin with month 0"),
        ([[1.0, 0.8], [0.9, 0.8]], r"survival\[1, 0\] is 0.9: begin with month 0"),
        ([1.0, 0.5, 0.6], r"survival\[2\] is 0.6: a curve never rises"),
        ([1.0, 1.2], r"survival\[1\] is 1.2: give a probability"),
        ([1.0, np.nan], r"survival\[1\] is nan: give a probability"),
        ([], "survival must be one curve"),
        (1.0, "survival must be one curve"),
        (["a"], "survival"),
    ],
)
def test_curves_that_cannot_be_are_refused(curve, words):
    for call in (
        survival.expected_months,
        lambda curve: survival.member_value(curve, 6.0, 0.01),
    ):
        with pytest.raises(ValueError, match=words):
            call(curve)


def test_other_arguments_are_refused():
    model = ShiftedBetaGeometric().fit([1, 2, 3, 3], [1, 0, 1, 0])
    hazard = DiscreteHazard().fit(np.zeros((4, 1)), [1, 2, 3, 3], [1, 0, 1, 0])
    for call, words in (
        (lambda: survival.member_value([1.0], 6.0, -0.1), "rate"),
        (lambda: survival.member_value([1.0], np.nan, 0.1), "margin"),
        (lambda: model.hazard([0]), r"months\[0\] is 0"),
        (lambda: hazard.hazard([[0.0]], [0]), r"months\[0\] is 0"),
        (lambda: hazard.survival([[0.0]], [1.5]), r"months\[0\] is 1.5"),
        (lambda: hazard.survival([[0.0, 1.0]], [1]), "X has 2 columns"),
        (lambda: hazard.fit([[0.0]] * 2, [1, 2], [1, 0], [1, -1]), r"weight\[1\]"),
    ):
        with pytest.raises(ValueError, match=words):
            call()
