"""Learners, curves, budget and bins beside plain loops, numbers by hand, refusals."""

import itertools

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from estimators import EstimatorContract, Example, clone
from hypothesis import given
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from recbook.marketing import uplift, worlds
from recbook.marketing.regression import Logistic, Ridge

Y = np.array([1.0, 0, 1, 1, 0, 0, 0, 1])
TREATED = np.array([1, 0, 1, 0, 1, 0, 1, 0])
EFFECT = np.arange(8.0)[::-1]
LEARNERS = [
    uplift.SLearner(),
    uplift.SLearner(interactions=False),
    uplift.TLearner(),
    uplift.XLearner(),
    uplift.TransformedOutcome(),
    uplift.RLearner(),
    uplift.DRLearner(),
]
EACH = pytest.mark.parametrize("learner", LEARNERS, ids=lambda x: type(x).__name__)


def trial(n=4000, d=3, seed=0, share=0.5):
    """Features of zeros and ones, and effects that the first of them doubles."""
    rng = np.random.default_rng(seed)
    X = (rng.random((n, d)) < 0.5).astype(float)
    treated = rng.random(n) < share
    y = rng.random(n) < 0.2 + 0.1 * X[:, 1] + treated * (0.1 + 0.2 * X[:, 0])
    return X, treated, y.astype(float)


# Curves ------------------------------------------------------------------------------


def plain_curves(y, effect, treated):
    """k, Q(k), U(k) by recounting everybody at each threshold."""
    points = [(0, 0.0, 0.0)]
    for threshold in sorted(set(effect), reverse=True):
        first = [i for i in range(len(y)) if effect[i] >= threshold]
        ones = [y[i] for i in first if treated[i]]
        noughts = [y[i] for i in first if not treated[i]]
        off = sum(noughts) * len(ones) / len(noughts) if noughts else 0.0
        rate_1 = sum(ones) / len(ones) if ones else 0.0
        rate_0 = sum(noughts) / len(noughts) if noughts else 0.0
        k = len(first)
        points.append((k, sum(ones) - off, k * (rate_1 - rate_0)))
    return [np.array(column) for column in zip(*points, strict=True)]


@st.composite
def small_trials(draw):
    n = draw(st.integers(2, 25))
    y = draw(arrays(float, n, elements=st.sampled_from([0.0, 1.0, 2.5])))
    effect = draw(arrays(float, n, elements=st.integers(-3, 3).map(float)))
    treated = np.array([True, False, *draw(st.lists(st.booleans(), min_size=n - 2,
                                                    max_size=n - 2))])  # fmt: skip
    return y, effect, treated


@hypothesis.settings(max_examples=30)
@given(small_trials())
def test_curves_are_what_recounting_gives(case):
    k, q, u = plain_curves(*case)
    for curve, expected in ((uplift.qini_curve, q), (uplift.uplift_curve, u)):
        places, values = curve(*case)
        np.testing.assert_array_equal(places, k)
        np.testing.assert_allclose(values, expected, atol=1e-12)


@hypothesis.settings(max_examples=30)
@given(small_trials())
def test_curves_see_only_the_order(case):
    y, effect, treated = case
    for other in (np.exp(effect), 3 * effect - 7):
        for curve in (uplift.qini_curve, uplift.uplift_curve):
            for mine, same in zip(
                curve(y, effect, treated), curve(y, other, treated), strict=True
            ):
                np.testing.assert_array_equal(mine, same)


def test_qini_by_hand():
    # T C T C T C T C with 1 0 1 1 0 0 0 1: after the fifth 2 of 3 treated and 1 of 2
    # untreated ordered: 2 - 1 · 3/2 = .5; after the seventh 2 - 1 · 4/3 = .667.
    k, value = uplift.qini_curve(Y, EFFECT, TREATED)
    expected = [0, 1, 1, 2, 1, 0.5, 1, 2 / 3, 0]
    np.testing.assert_allclose(value, expected, atol=1e-15)
    assert k.tolist() == [*range(9)]
    # Trapezoids of a curve that ends at 0 are its sum; over 8 people and 4 treated.
    area = 7 + 1 / 6
    assert uplift.qini(Y, EFFECT, TREATED, per=1) == pytest.approx(area / 8 / 4)
    assert uplift.qini(Y, EFFECT, TREATED) == pytest.approx(1000 * area / 32)


def test_an_order_without_differences_gains_nothing():
    assert uplift.qini(Y, np.zeros(8), TREATED) == 0.0
    assert uplift.qini_curve(Y, np.zeros(8), TREATED)[0].tolist() == [0, 8]
    opposite = [uplift.qini(Y, sign * EFFECT, TREATED) for sign in (1, -1)]
    assert opposite[0] > 0 > opposite[1]


def test_profit_is_margin_of_the_gain_less_the_letters():
    k, gained = uplift.uplift_curve(Y, EFFECT, TREATED)
    places, euros = uplift.profit_curve(Y, EFFECT, TREATED, 20, 0.60)
    np.testing.assert_array_equal(places, k)
    np.testing.assert_allclose(euros, 20 * gained - 0.6 * k)
    # With a known propensity of .25: treated count 4 each, untreated -4/3.
    z = np.where(TREATED, 4.0, -4 / 3) * Y
    _, euros = uplift.profit_curve(Y, EFFECT, TREATED, 20, 0.60, propensity=0.25)
    np.testing.assert_allclose(euros[1:], 20 * np.cumsum(z) - 0.6 * k[1:])


# The trial as a whole ----------------------------------------------------------------


def test_average_effect_by_hand():
    # 3 of 4 against 1 of 4: variances 3/4 · 1/4 · 4/3 = .25 in both arms, so that the
    # error is sqrt(.25/4 + .25/4) = .353553.
    effect = uplift.average_effect([1, 1, 1, 0, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0])
    assert effect.value == 0.5
    assert effect.standard_error == pytest.approx(np.sqrt(0.125))
    assert effect.interval[0] == pytest.approx(0.5 - 1.959964 * np.sqrt(0.125))
    assert effect.p == pytest.approx(0.1572992, abs=1e-7)  # of z = 1.41421


def test_average_effect_is_welchs():
    rng = np.random.default_rng(3)
    y, treated = rng.normal(size=50), rng.random(50) < 0.3
    one, other = y[treated], y[~treated]
    variance = one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other)
    for propensity in (None, 0.3, np.full(50, 0.3)):
        effect = uplift.average_effect(y, treated, propensity)
        assert effect.value == pytest.approx(one.mean() - other.mean())
        assert effect.standard_error == pytest.approx(np.sqrt(variance))


def test_average_effect_without_variation():
    same = uplift.average_effect([2.0, 2, 2, 2], [1, 1, 0, 0])
    assert (same.value, same.standard_error, same.p) == (0.0, 0.0, 1.0)
    apart = uplift.average_effect([3.0, 3, 2, 2], [1, 1, 0, 0])
    assert (apart.value, apart.interval, apart.p) == (1.0, (1.0, 1.0), 0.0)


@pytest.mark.parametrize("by_score", [False, True])
def test_the_interval_holds_the_truth_as_often_as_it_says(by_score):
    # The study does this with the shop's letters; here with cheaper people.
    rng, held = np.random.default_rng(11), 0
    x = rng.random(1500)
    propensity = 0.1 + 0.8 * x if by_score else np.full(1500, 0.5)
    for _ in range(300):
        treated = rng.random(1500) < propensity
        y = (rng.random(1500) < 0.1 + 0.3 * x + 0.1 * treated).astype(float)
        low, high = uplift.average_effect(y, treated, propensity).interval
        held += low <= 0.1 <= high
    assert 0.93 <= held / 300 <= 0.98


def test_transformed_outcome_has_the_effect_as_its_mean():
    # All assignments of 4 people, each with its probability: the mean is the effect.
    y_0, y_1 = np.array([0.0, 1, 0, 2]), np.array([1.0, 1, 0, 5])
    e = np.array([0.5, 0.2, 0.7, 0.9])
    mean = np.zeros(4)
    for arms in itertools.product([False, True], repeat=4):
        arms = np.array(arms)
        if arms.all() or not arms.any():  # refused: taken one by one
            z = np.where(arms, y_1 / e, -y_0 / (1 - e))
        else:
            z = uplift.transformed_outcome(np.where(arms, y_1, y_0), arms, e)
        mean += np.prod(np.where(arms, e, 1 - e)) * z
    np.testing.assert_allclose(mean, y_1 - y_0, atol=1e-12)


# Learners ----------------------------------------------------------------------------


@EACH
def test_learners_find_who_is_changed(learner):
    X, treated, y = trial(20_000)
    effect = learner.fit(X, treated, y).effect([[0, 0, 0], [1, 0, 0]])
    if getattr(learner, "interactions", True):
        np.testing.assert_allclose(effect, [0.1, 0.3], atol=0.04)
    else:  # its one slope on the log odds has to do for both
        assert abs(effect[1] - effect[0]) < 0.05


def saturated(learner, share):
    """Fit a learner, with free regressions, on one feature of two values."""
    X, treated, y = trial(400, seed=5, share=share)
    X = X[:, :1]
    cells = [
        y[treated & (X[:, 0] == x)].mean() - y[~treated & (X[:, 0] == x)].mean()
        for x in (0, 1)
    ]
    effect = learner.fit(X, treated, y, share).effect([[0.0], [1.0]])
    return effect, cells


@pytest.mark.parametrize("share", [0.5, 0.8])
@pytest.mark.parametrize("make", [uplift.SLearner, uplift.TLearner, uplift.XLearner])
def test_where_nothing_is_assumed_they_are_differences_of_cells(make, share):
    free = [Ridge(0)] * (2 if make is uplift.XLearner else 1)
    effect, cells = saturated(make(*free), share)
    np.testing.assert_allclose(effect, cells, atol=1e-9)


def test_transformed_outcome_is_a_mean_of_cells():
    X, treated, y = trial(400, seed=5)
    z = np.where(treated, 2 * y, -2 * y)
    effect, _ = saturated(uplift.TransformedOutcome(Ridge(0)), 0.5)
    means = [z[X[:, 0] == x].mean() for x in (0, 1)]
    np.testing.assert_allclose(effect, means, atol=1e-9)


class Known:
    """An outcome model that knows, and learns nothing."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return 0.2 + 0.3 * X[:, 1]


def test_x_learner_by_definition():
    X, treated, y = trial(300, 3, seed=2)
    e = np.where(X[:, 2] == 1, 0.3, 0.6)
    for propensity in (0.25, e):
        learner = uplift.XLearner(Known(), Ridge(1.0)).fit(X, treated, y, propensity)
        m = 0.2 + 0.3 * X[:, 1]
        one = Ridge(1.0).fit(X[treated], (y - m)[treated])
        other = Ridge(1.0).fit(X[~treated], (m - y)[~treated])
        weight = Logistic(1.0).fit(X, treated).predict(X)
        g = weight if propensity is e else 0.25
        expected = g * other.predict(X) + (1 - g) * one.predict(X)
        np.testing.assert_allclose(learner.effect(X), expected, atol=1e-12)


def test_r_and_dr_learners_by_definition():
    X, treated, y = trial(300, 3, seed=2)
    e = np.where(X[:, 2] == 1, 0.3, 0.6)
    m = 0.2 + 0.3 * X[:, 1]
    # A model that knows is the same in every fold, so that folds do not matter.
    design = np.column_stack([np.ones(300), X]) * (treated - e)[:, None]
    penalty = np.diag([0.0, 7, 7, 7])
    w = np.linalg.solve(design.T @ design + penalty, design.T @ (y - m))
    learner = uplift.RLearner(Known(), Ridge(7.0)).fit(X, treated, y, e)
    np.testing.assert_allclose(learner.effect(X), w[0] + X @ w[1:], atol=1e-9)
    psi = [
        (1 / e[i] if treated[i] else -1 / (1 - e[i])) * (y[i] - m[i])
        for i in range(300)
    ]
    learner = uplift.DRLearner(Known(), Ridge(7.0)).fit(X, treated, y, e)
    expected = Ridge(7.0).fit(X, psi).predict(X)
    np.testing.assert_allclose(learner.effect(X), expected, atol=1e-12)


@pytest.mark.parametrize("wrong", ["outcome", "propensity"])
def test_dr_is_right_where_one_of_two_models_is(wrong):
    rng = np.random.default_rng(8)
    n = 100_000
    x = (rng.random(n) < 0.5).astype(float)
    e = 0.2 + 0.6 * x
    treated = rng.random(n) < e
    y = 1 + 3 * x + 2 * treated + rng.normal(size=n)

    class Outcome(Known):
        """Knows each arm's mean by the level it was fitted on, or is plainly off."""

        def fit(self, X, y):
            self.level = 5.0
            if wrong == "propensity":
                self.level = (y - 3 * X[:, 0]).mean()
            return self

        def predict(self, X):
            return self.level + 3 * X[:, 0] * (wrong == "propensity")

    propensity = e if wrong == "outcome" else 0.5
    learner = uplift.DRLearner(Outcome(), Ridge(0)).fit(
        x[:, None], treated, y, propensity
    )
    np.testing.assert_allclose(learner.effect([[0.0], [1.0]]), 2.0, atol=0.1)


def test_nobody_is_predicted_by_a_model_that_saw_them():
    class Memory:
        """Knows whom it was fitted on."""

        def fit(self, X, y):
            self.seen = set(X[:, 0].tolist())
            return self

        def predict(self, X):
            assert not self.seen & set(X[:, 0].tolist())
            return np.full(len(X), 0.5)

    X = np.arange(90.0)[:, None]
    treated, y = np.arange(90) % 3 == 0, (np.arange(90) % 7 == 0).astype(float)
    for make in (uplift.RLearner, uplift.DRLearner):
        for n_folds in (2, 5):
            make(Memory(), Ridge(1.0), n_folds).fit(X, treated, y)


@EACH
def test_an_outcome_that_never_varies_is_refused(learner):
    X, treated, _ = trial(200)
    for value in (0.0, 20.04):
        with pytest.raises(
            ValueError, match=f"y never varies, it is {value} for every"
        ):
            learner.fit(X, treated, np.full(200, value))


@EACH
def test_an_outcome_of_bools_is_one_of_zeros_and_ones(learner):
    X, treated, y = trial(200)
    effect = learner.fit(X, treated, y).effect(X)
    again = learner.fit(X == 1, treated, y == 1).effect(X == 1)
    np.testing.assert_array_equal(effect, again)


def test_amounts_want_a_model_of_amounts():
    X, treated, y = trial(200)
    y[7] = 20.04
    with pytest.raises(ValueError, match=r"y has 20.04, .* give outcome_model=Ridge"):
        uplift.TLearner().fit(X, treated, y)
    uplift.TLearner(Ridge()).fit(X, treated, y)


def test_one_arm_without_orders_is_a_constant():
    X, treated, y = trial(200)
    y[~treated] = 0.0
    with pytest.warns(
        UserWarning, match=r"y is 1 for 0 of \d+ untreated people: it hardly"
    ):
        effect = uplift.TLearner().fit(X, treated, y).effect(X)
    expected = Logistic(20).fit(X[treated], y[treated]).predict(X)
    np.testing.assert_array_equal(effect, expected)


class Labels(Logistic):
    """A classifier as many are: it answers yes or no."""

    def predict(self, X):
        return (super().predict(X) > 0.5).astype(float)


class Probabilities(Labels):
    """The same with the answer that is wanted beside it."""

    def predict_proba(self, X):
        p = Logistic.predict(self, X)
        return np.column_stack([1 - p, p])


class Sometimes(Known):
    """A model that is sure of some people, and of others not."""

    def predict(self, X):
        return np.where(X[:, 1] == 1, 0.4, 0.0)


def test_a_model_may_be_sure_of_some_people():
    X, treated, y = trial(300)
    effect = uplift.TLearner(Sometimes()).fit(X, treated, y).effect(X)
    np.testing.assert_array_equal(effect, 0.0)


def test_labels_are_refused_and_probabilities_taken():
    X, treated, y = trial(300)
    with pytest.raises(ValueError, match="labels"):
        uplift.TLearner(Labels(1.0)).fit(X, treated, y).effect(X)
    with pytest.raises(ValueError, match="labels"):
        uplift.DRLearner(Labels(1.0)).fit(X, treated, y)
    effect = uplift.TLearner(Probabilities(20.0)).fit(X, treated, y).effect(X)
    np.testing.assert_array_equal(
        effect, uplift.TLearner().fit(X, treated, y).effect(X)
    )


@pytest.mark.slow
def test_each_learner_earns_what_the_response_model_loses():
    shop = worlds.customers()
    bins = uplift.Bins(8).fit(shop.features())
    letters = shop.letters(seed=0)
    X, everybody = bins.transform(letters.X), bins.transform(shop.features())
    case = X, letters.treated, letters.y, letters.propensity
    one = letters.treated
    response = Logistic(20).fit(X[one], letters.y[one]).predict(everybody)
    assert shop.truth.profit(response * 20 > 0.60) < -3000
    for learner, least in ((uplift.XLearner(), 2000), (uplift.DRLearner(), 2500)):
        effect = learner.fit(*case).effect(everybody)
        assert shop.truth.profit(effect * 20 > 0.60) > least


# Budget ------------------------------------------------------------------------------


def by_brute_force(value, cost, budget):
    """The most that any plan earns in gross worth less cost."""
    n, n_actions = value.shape
    best = 0.0
    for plan in itertools.product(range(-1, n_actions), repeat=n):
        paid = sum(cost[i, a] for i, a in enumerate(plan) if a >= 0)
        if paid <= budget:
            worth = sum(value[i, a] for i, a in enumerate(plan) if a >= 0)
            best = max(best, worth - paid)
    return best


@pytest.mark.parametrize("seed", range(8))
def test_no_plan_of_the_same_cost_is_worth_more(seed):
    rng = np.random.default_rng(seed)
    value, cost = rng.normal(1, 1, (5, 2)), rng.uniform(0.1, 1, (5, 2))
    choice, multiplier = uplift.spend(value, cost, budget=1.2)
    chosen = choice >= 0
    people, actions = np.flatnonzero(chosen), choice[chosen]
    paid = cost[people, actions].sum()
    assert paid <= 1.2
    earned = value[people, actions].sum() - paid
    assert earned == pytest.approx(by_brute_force(value, cost, paid + 1e-12))
    # The bound of the linear programme, which may split a person: λ is its price.
    matrix = np.vstack([cost.ravel(), np.repeat(np.eye(5), 2, axis=1)])
    upper = linprog(-(value - cost).ravel(), matrix, [1.2, *np.ones(5)])
    assert -upper.ineqlin.marginals[0] == pytest.approx(multiplier, abs=1e-6)


def test_spend_by_hand():
    # Worth per euro: 3/.6 = 5, .9/.6 = 1.5, 1.2/1 = 1.2, and .4/.6, which never pays.
    value, cost = [3.0, 0.9, 1.2, 0.4], [0.6, 0.6, 1.0, 0.6]
    assert uplift.spend(value, cost)[0].tolist() == [0, 0, 0, -1]
    choice, multiplier = uplift.spend(value, cost, budget=1.5)
    assert choice.tolist() == [0, 0, -1, -1]
    assert multiplier == pytest.approx(0.2)  # the next euro earns 1.20 €
    assert uplift.spend(value, cost, budget=2.2)[1] == 0.0
    # A cheap action first, the dear one where its extra .5 € earn more than elsewhere.
    choice, _ = uplift.spend([[1.0, 1.8], [0.4, 0.5]], [[0.1, 0.6]], budget=0.7)
    assert choice.tolist() == [1, 0]


@pytest.mark.parametrize("cheap", [1e-12, 1e-300, 5e-324])
def test_spend_where_prices_differ_by_many_powers_of_ten(cheap):
    # Worth per euro: 1e7/cheap, 2, 3 and 5; next to the first only the 5 fits.
    value, cost = [1e7, 2.0, 3.0, 5.0], [cheap, 1.0, 1.0, 1.0]
    choice, multiplier = uplift.spend(value, cost, budget=1.5)
    assert choice.tolist() == [0, -1, -1, 0]
    assert multiplier == pytest.approx(2.0)  # the next euro would buy the 3


def test_equal_people_share_what_is_left_in_the_order_of_rows():
    choice, multiplier = uplift.spend(np.full(10, 1.5), 0.6, budget=2.5)
    assert choice.tolist() == [0] * 4 + [-1] * 6
    assert multiplier == pytest.approx(1.5)


def test_a_budget_of_nothing_buys_what_is_free():
    choice, multiplier = uplift.spend([[1.0, 2.0]] * 3, [[0.0, 0.5]], budget=0)
    assert choice.tolist() == [0, 0, 0]
    assert multiplier == pytest.approx(1.0)  # the better action's extra euro for .5
    assert uplift.spend([2.0, 1.0], 0.5, budget=0)[0].tolist() == [-1, -1]
    assert uplift.spend([-1.0, 0.0], 0.0)[0].tolist() == [-1, -1]


# Bins --------------------------------------------------------------------------------


def test_bins_by_hand():
    X = np.column_stack([np.arange(8.0), [0, 1, 0, 1, 1, 1, 0, 0], np.full(8, 3.0)])
    bins = uplift.Bins(4).fit(X)
    # The first is cut into pairs, the second has one step, the third none.
    expected = np.zeros((8, 4))
    expected[[2, 3], 0] = expected[[4, 5], 1] = expected[[6, 7], 2] = 1
    expected[[1, 3, 4, 5], 3] = 1
    np.testing.assert_array_equal(bins.transform(X), expected)
    far = bins.transform([[-9.0, 0.5, 3.0], [99.0, 2.0, 0.0]])
    np.testing.assert_array_equal(far, [[0, 0, 0, 0], [0, 0, 1, 1]])


def test_edges_stand_on_values_and_leave_no_first_bin_empty():
    # Of 8 sorted values a third lies at place 2.33, so at the 4th: 1; two thirds at 2.
    column = np.array([0.0, 0, 0, 1, 1, 2, 3, 4])
    assert uplift.Bins(3).fit(column[:, None]).edges_[0].tolist() == [1.0, 2.0]
    # Two of three quartiles are 0 itself, where no second bin can begin.
    column = np.array([0.0] * 8 + [1, 2, 3, 4])
    assert uplift.Bins(4).fit(column[:, None]).edges_[0].tolist() == [2.0]


@hypothesis.settings(max_examples=30)
@given(arrays(float, (30, 2), elements=st.integers(0, 12).map(float)))
def test_a_person_is_in_one_bin_of_each_column(X):
    if not np.ptp(X, axis=0).any():
        return
    bins = uplift.Bins(5).fit(X)
    columns = bins.transform(X)
    widths = [len(edges) for edges in bins.edges_]
    assert columns.shape == (30, sum(widths))
    assert max(widths) <= 4
    blocks = np.split(columns, np.cumsum(widths)[:-1], axis=1)
    assert all(block.sum(axis=1).max(initial=0) <= 1 for block in blocks)
    assert (columns.sum(axis=0) > 0).all()


# Refusals ----------------------------------------------------------------------------

NAN = float("nan")
REFUSED = [
    (lambda: uplift.qini([1, NAN], [1, 2], [1, 0]), r"y\[1\] is nan"),
    (lambda: uplift.qini([1, 0], [1, np.inf], [1, 0]), r"effect\[1\] is inf"),
    (lambda: uplift.qini([1, 0], [1, 2], [1, 1]), "nobody untreated"),
    (lambda: uplift.qini([1, 0], [1, 2], [1, 2]), r"treated\[1\] is 2.0"),
    (lambda: uplift.qini([1, 0, 1], [1, 2], [1, 0, 1]), "effect has 2 rows"),
    (lambda: uplift.qini(Y, EFFECT, TREATED, per=0), "per must be"),
    (lambda: uplift.profit_curve(Y, EFFECT, TREATED, 20, -1), "cost must be"),
    (lambda: uplift.profit_curve(Y, EFFECT, TREATED, NAN, 1), "margin must be"),
    (lambda: uplift.profit_curve(Y, EFFECT, TREATED, 1, 1, 1.0), r"propensity\[0\]"),
    (lambda: uplift.average_effect([1, 0, 1], [1, 0, 0]), "one person treated"),
    (lambda: uplift.average_effect([1, 0, 1], [1, 1, 0]), "one person untreated"),
    (lambda: uplift.average_effect([1, 0, 1, 0], [0] * 4), "nobody treated"),
    (lambda: uplift.transformed_outcome([1, 0], [1, 0], [0.5, 0]), r"propensity\[1\]"),
    (lambda: uplift.spend([1.0, NAN], 0.6), r"value\[1, 0\] is nan"),
    (lambda: uplift.spend([1.0, 2.0], [0.6, -1]), r"cost\[1, 0\] is -1.0"),
    (lambda: uplift.spend([1.0, 2.0], [0.6, 1, 2]), "give one cost"),
    (lambda: uplift.spend([1.0, 2.0], 0.6, budget=-1), "budget must be"),
    (lambda: uplift.spend([1.0, 2.0], 0.6, budget=NAN), "budget must be"),
    (lambda: uplift.spend([], 0.6), "value must have a row"),
    (lambda: uplift.Bins().fit([[1.0], [1.0]]), "nothing to bin"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@EACH
def test_learners_refuse(learner):
    X, treated, y = trial(40)
    with pytest.raises(ValueError, match="nobody untreated"):
        learner.fit(X, np.ones(40), y)
    with pytest.raises(ValueError, match=r"propensity\[3\] is 0.0"):
        learner.fit(X, treated, y, np.where(np.arange(40) == 3, 0, 0.5))


def test_folds_need_people():
    with pytest.raises(ValueError, match="1 people in an arm, fewer than the 2 folds"):
        uplift.DRLearner().fit([[0.0], [1], [2]], [1, 0, 0], [1.0, 0, 2])


# What all estimators promise ---------------------------------------------------------


def small_trial(rng):
    return dict(zip(("X", "treated", "y"), trial(100, seed=rng), strict=True))


def learner_case(learner):
    return Example(lambda: clone(learner), small_trial, {"effect": ("X",)}, names="X")


class TestContract(EstimatorContract):
    cases = [
        learner_case(uplift.XLearner(Logistic(3.0), Ridge(9.0))),
        learner_case(uplift.DRLearner(Ridge(9.0), n_folds=3, seed=4)),
        *map(learner_case, LEARNERS),
        Example(
            lambda: uplift.Bins(3),
            lambda rng: {"X": rng.normal(size=(30, 2))},
            {"transform": ("X",)},
            names="X",
        ),
    ]


def test_settings_within_a_learner_are_set_by_name():
    learner = uplift.XLearner(Ridge(3.0))
    assert learner.get_params()["outcome_model__reg"] == 3.0
    assert "outcome_model__reg" not in learner.get_params(deep=False)
    learner.set_params(effect_model__reg=2.0, effect_model=Ridge())
    assert repr(learner) == (
        "XLearner(outcome_model=Ridge(reg=3.0), effect_model=Ridge(reg=2.0))"
    )
    for name in (
        *("outcome_model__depth", "n_folds__reg", "outcome_model__reg__x"),
        *("n_folds__", "outcome_model__"),
    ):
        with pytest.raises(ValueError, match=f"{name} is no setting of XLearner"):
            learner.set_params(outcome_model__reg=1.0, **{name: 1})
    assert learner.outcome_model.reg == 3.0
    with pytest.raises(ValueError, match=r"outcome_model must be .* such as Ridge"):
        uplift.TLearner(Ridge).fit(**small_trial(np.random.default_rng(0)))
