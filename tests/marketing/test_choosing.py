"""Settings chosen from a trial: plain loops, numbers by hand, the truth, refusals."""

import copy

import numpy as np
import pandas as pd
import pytest
from estimators import EstimatorContract, Example

from recbook.marketing import uplift
from recbook.marketing.regression import Logistic, Ridge


def trial(n=4000, seed=0, rate=0.2, lift=0.3):
    """A half of people whose effect is ``lift`` where the first feature is 1."""
    rng = np.random.default_rng(seed)
    X = (rng.random((n, 3)) < 0.5).astype(float)
    treated = rng.random(n) < 0.5
    y = rng.random(n) < rate + 0.1 * X[:, 1] + lift * treated * X[:, 0]
    return X, treated, y.astype(float)


class Told:
    """A learner that gives everybody what a function of the features says."""

    def __init__(self, of):
        self.of = of

    def fit(self, X, treated, y, propensity=0.5):
        return self

    def effect(self, X):
        return self.of(X)


TRUE, FLAT = Told(lambda X: 0.3 * X[:, 0]), Told(lambda X: np.full(len(X), 0.15))
WRONG = Told(lambda X: 0.3 * X[:, 2])


# The two scores ----------------------------------------------------------------------


def test_r_loss_of_two_people_by_hand():
    # y less .5 is .5 and -.5, t less .25 is .75 and -.25, an effect of .4 explains .3
    # and -.1; what is left is .2 and -.4, and the mean of their squares .1
    assert uplift.r_loss([1, 0], [1, 0], [0.4, 0.4], 0.25, 0.5) == pytest.approx(0.1)


def test_r_loss_is_a_plain_loop():
    _, treated, y = trial(50)
    rng = np.random.default_rng(1)
    effect, e, mean = rng.normal(size=50), rng.uniform(0.1, 0.9, 50), rng.random(50)
    total = 0.0
    for i in range(50):
        total += (y[i] - mean[i] - (int(treated[i]) - e[i]) * effect[i]) ** 2
    found = uplift.r_loss(y, treated, effect, e, mean)
    assert found == pytest.approx(total / 50, rel=1e-12)


@pytest.mark.parametrize("mean", [0.0, 0.3, 5.0])
def test_on_average_r_loss_is_the_weighted_error_of_the_effect_whatever_the_mean(mean):
    """Over all that a person can do, not over draws, so that it holds exactly."""
    e, mu_0, tau = 0.3, 0.2, 0.25

    def expected(effect):
        total = 0.0
        for t, of_t in ((True, e), (False, 1 - e)):
            rate = mu_0 + t * tau
            for y, of_y in ((1.0, rate), (0.0, 1 - rate)):
                # Somebody in the other arm, who adds no loss: both arms must occur.
                loss = uplift.r_loss([y, mean], [t, not t], [effect, 0.0], e, mean)
                total += of_t * of_y * 2 * loss
        return total

    for effect in (-0.1, 0.0, 0.25, 0.6):
        excess = expected(effect) - expected(tau)
        assert excess == pytest.approx(e * (1 - e) * (effect - tau) ** 2, abs=1e-12)


def plain(models, X, treated, y, e, margin, cost, n_folds, seed, model):
    """Gain and profit of each learner, person by person."""
    rng, fold = np.random.default_rng(seed), np.empty(len(y), int)
    for arm in (treated, ~treated):
        fold[arm] = np.argsort(rng.random(arm.sum()), kind="stable") % n_folds
    gains, profits = {n: [] for n in models}, {n: [] for n in models}
    for k in range(n_folds):
        rest = fold != k
        average = uplift.average_effect(y[rest], treated[rest], e[rest]).value
        m = copy.deepcopy(model).fit(X[rest], y[rest])
        mu = [copy.deepcopy(model).fit(X[rest & arm], y[rest & arm])
              for arm in (~treated, treated)]  # fmt: skip
        for name, learner in models.items():
            fitted = copy.deepcopy(learner).fit(
                X[rest], treated[rest], y[rest], e[rest]
            )
            for i in np.flatnonzero(~rest):
                one = X[[i]]
                tau, t = fitted.effect(one)[0], int(treated[i])
                left = y[i] - m.predict(one)[0]
                flat = (left - (t - e[i]) * average) ** 2
                gains[name].append(flat - (left - (t - e[i]) * tau) ** 2)
                mu_0, mu_1 = (model.predict(one)[0] for model in mu)
                error = (y[i] - (mu_1 if t else mu_0)) / (e[i] if t else e[i] - 1)
                value = margin * (mu_1 - mu_0 + error) - cost
                profits[name].append(value if margin * tau > cost else 0.0)
    weight = np.mean((treated - e) ** 2)
    gains = {name: np.array(values) / weight for name, values in gains.items()}
    return {name: (gains[name], np.array(profits[name])) for name in models}


def test_choose_is_a_plain_loop():
    X, treated, y = trial(240)
    e = np.where(X[:, 0] > 0, 0.4, 0.6)
    models = {"T": uplift.TLearner(Logistic(1.0)), "X": uplift.XLearner(), "told": TRUE}
    how = {"margin": 20.0, "cost": 3.0, "n_folds": 3, "seed": 4}
    choice = uplift.choose(models, X, treated, y, e, **how)
    expected = plain(models, X, treated, y, e, **how, model=Logistic(20))
    for name, (gain, profit) in expected.items():
        row = choice.table.loc[name]
        for score, each in (("gain", gain), ("profit", profit)):
            error = each.std(ddof=1) / 240**0.5
            assert row[score] == pytest.approx(each.mean(), abs=1e-10)
            assert row[f"{score}_error"] == pytest.approx(error, abs=1e-10)
        lead = expected[choice.chosen][0] - gain
        assert row["behind"] == pytest.approx(lead.mean(), abs=1e-10)
        error = lead.std(ddof=1) / 240**0.5
        assert row["behind_error"] == pytest.approx(error, abs=1e-10)
    assert choice.chosen != "constant"
    assert choice.table.loc["constant", "gain"] == 0


def test_gain_is_the_variance_of_the_effects_for_the_truth_and_below_0_for_the_wrong():
    X, treated, y = trial(40_000)
    models = {"true": TRUE, "wrong": WRONG, "flat": FLAT}
    table = uplift.choose(models, X, treated, y, n_folds=2).table
    # effects .3 and 0 vary by .0225; the wrong ones are off by .3 in half of the people
    for name, value in (("true", 0.0225), ("wrong", -0.0225), ("flat", 0.0)):
        row = table.loc[name]
        assert abs(row["gain"] - value) < 4 * row["gain_error"]
    assert table["gain_error"].max() < 0.004
    assert table["chosen"].idxmax() == "true"
    assert table.index[table["tied"]].tolist() == ["true"]


def test_held_out_profit_is_what_a_list_earns():
    X, treated, y = trial(40_000)
    models = {"true": TRUE, "all": Told(lambda X: np.ones(len(X)))}
    models["none"] = Told(lambda X: -np.ones(len(X)))
    how = {"score": "profit", "margin": 10, "cost": 2, "n_folds": 2}
    choice = uplift.choose(models, X, treated, y, **how)
    # to half of the people, 3 less 2; to everybody 1.5 less 2
    for name, value, letters in (("true", 0.5, 0.5), ("all", -0.5, 1), ("none", 0, 0)):
        row = choice.table.loc[name]
        assert abs(row["profit"] - value) <= 4 * row["profit_error"]
        assert row["letters"] == pytest.approx(letters, abs=0.01)
    assert choice.chosen == "true"
    assert choice.score == "profit"
    assert choice.table["behind"].min() == 0 == choice.table.loc["true", "behind"]


def test_profit_sees_the_list_only_and_the_r_loss_how_large_effects_are():
    X, treated, y = trial(20_000)
    models = {"thrice": Told(lambda X: 0.9 * X[:, 0]), "true": TRUE}
    how = {"margin": 10, "cost": 2, "n_folds": 2}
    by_r = uplift.choose(models, X, treated, y, **how)
    by_profit = uplift.choose(models, X, treated, y, score="profit", **how)
    assert (by_r.chosen, by_profit.chosen) == ("true", "thrice")  # of a tie, the first
    assert by_profit.table.loc["true", ["behind", "behind_error"]].tolist() == [0, 0]
    assert by_profit.table.loc["true", "tied"]
    assert by_r.table["profit"].equals(by_profit.table["profit"])


def test_where_nothing_varies_the_average_is_chosen_and_there_is_no_model():
    X, treated, y = trial(20_000, lift=0.0)
    models = {"noise": uplift.TLearner(Logistic(0.1)), "wrong": WRONG}
    choice = uplift.choose(models, X, treated, y)
    assert choice.chosen == "constant"
    assert choice.model() is None


def test_a_strong_penalty_is_not_chosen_and_the_model_is_an_unfitted_copy():
    X, treated, y = trial()
    models = {p: uplift.TLearner(Logistic(p)) for p in (1.0, 1e6)}
    choice = uplift.choose(models, X, treated, y)
    assert choice.chosen == 1.0
    model = choice.model()
    assert repr(model) == repr(models[1.0])
    assert model is not models[1.0]
    assert not hasattr(model, "models_")
    assert not hasattr(models[1.0], "models_")
    model.fit(X, treated, y)
    assert not hasattr(choice.model(), "models_")


def test_choices_are_repeated_with_a_seed_and_frames_are_taken():
    X, treated, y = trial(600)
    models = {"DR": uplift.DRLearner(), "T": uplift.TLearner()}
    one, two = (uplift.choose(models, X, treated, y, seed=3).table for _ in range(2))
    frame = pd.DataFrame(X, columns=list("abc"))
    three = uplift.choose(models, frame, pd.Series(treated), pd.Series(y), seed=3)
    pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(one, three.table)
    other = uplift.choose(models, X, treated, y, seed=4).table
    assert not one.equals(other)
    assert "profit" not in one


def test_amounts_want_an_outcome_model_of_amounts():
    X, treated, y = trial(600)
    models = {"TO": uplift.TransformedOutcome()}
    with pytest.raises(ValueError, match="outcome_model=Ridge"):
        uplift.choose(models, X, treated, 7.5 * y)
    choice = uplift.choose(models, X, treated, 7.5 * y, outcome_model=Ridge(200))
    assert np.isfinite(choice.table["gain"]).all()


def test_the_pseudo_outcome_is_the_transformed_one_without_models():
    _, treated, y = trial(60)
    nought = np.zeros(60)
    np.testing.assert_array_equal(
        uplift.pseudo_outcome(y, treated, nought, nought, 0.3),
        uplift.transformed_outcome(y, treated, 0.3),
    )
    # a letter, an order, .5 expected, e = 1/4: .5 - .25 + 4 * .5 = 2.25
    found = uplift.pseudo_outcome([1, 0], [1, 0], [0.25, 0], [0.5, 0], 0.25)
    assert found.tolist() == [2.25, 0.0]


# Bins inside --------------------------------------------------------------------------


class TestBinned(EstimatorContract):
    cases = [
        Example(
            lambda: uplift.Binned(uplift.DRLearner(), 3),
            lambda rng: {
                "X": rng.normal(size=(60, 2)),
                "treated": np.arange(60) % 2 == 0,
                "y": (rng.random(60) < 0.5).astype(float),
            },
            {"effect": ("X",)},
            names="X",
        )
    ]


def test_binned_is_the_learner_on_bins_and_finds_what_a_line_cannot():
    rng = np.random.default_rng(0)
    X, treated = rng.uniform(-1, 1, (6000, 1)), rng.random(6000) < 0.5
    y = (rng.random(6000) < 0.2 + 0.5 * treated * (np.abs(X[:, 0]) < 0.3)).astype(float)
    inner = uplift.TransformedOutcome(Ridge(1.0))
    bins = uplift.Bins(8).fit(X)
    by_hand = copy.deepcopy(inner).fit(bins.transform(X), treated, y)
    ours = uplift.Binned(inner, 8).fit(X, treated, y)
    np.testing.assert_array_equal(ours.effect(X), by_hand.effect(bins.transform(X)))
    models = {n: uplift.Binned(inner, n) for n in (2, 8)} | {"line": inner}
    assert uplift.choose(models, X, treated, y).chosen == 8


# Refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"models": {}}, "models must be .*at least one"),
        ({"models": [TRUE]}, "models must be"),
        ({"models": {"constant": TRUE}}, "'constant', which takes part anyway"),
        ({"models": {"T": uplift.TLearner}}, r"models\['T'\] must be .* TLearner\(\)"),
        ({"models": {"T": Logistic()}}, r"models\['T'\] must be a learner"),
        ({"score": "qini"}, "score.*qini"),
        ({"score": "profit"}, "margin is None and cost is None.*needs both"),
        ({"margin": 20}, "cost is None.*needs both"),
        ({"margin": -1, "cost": 1}, "margin"),
        ({"margin": 1, "cost": np.nan}, "cost"),
        ({"n_folds": 1}, "n_folds"),
        ({"n_folds": 90}, "90 folds with 2 each"),
        ({"propensity": 1.0}, "propensity"),
        ({"models": {"T": Told(lambda X: np.nan * X[:, 0])}}, r"models\['T'\].effect"),
        ({"models": {"T": Told(lambda X: np.ones(3))}}, "has 3 rows"),
    ],
)
def test_refusals_of_choose(change, words):
    X, treated, y = trial(200)
    given = {"models": {"true": TRUE}, "X": X, "treated": treated, "y": y} | change
    with pytest.raises(ValueError, match=words):
        uplift.choose(**given)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"effect": [0.1]}, "effect"),
        ({"mean": [0.1, np.inf]}, r"mean\[1\]"),
        ({"propensity": 0.0}, "propensity"),
        ({"treated": [1, 1]}, "nobody untreated"),
        ({"y": ["yes", "no"]}, "y"),
    ],
)
def test_refusals_of_r_loss(change, words):
    given = {"y": [1, 0], "treated": [1, 0], "effect": [0, 0]}
    given |= {"propensity": 0.5, "mean": 0.5} | change
    with pytest.raises(ValueError, match=words):
        uplift.r_loss(**given)
