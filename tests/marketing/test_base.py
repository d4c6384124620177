"""Checked arrays: what they give back, and what they refuse in which words."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from recbook import evaluation, metrics
from recbook.evaluation.significance import interval_of_rmse
from recbook.marketing import (
    attribution,
    auctions,
    base,
    ctr,
    experiments,
    lifetime,
    lookalike,
    mix,
    ope,
    pacing,
    uplift,
)
from recbook.marketing.regression import Ridge

NAN = float("nan")


def test_arrays_come_back_as_numbers():
    X = base.check_features("X", [[1, 2], [3, 4]])
    assert (X.dtype, X.shape) == (np.float64, (2, 2))
    assert base.check_values("y", [1, 2], n=2, low=1, high=2).tolist() == [1.0, 2.0]
    for given in ([1, 0], np.array([True, False]), [1.0, 0.0]):
        assert base.check_yes_no("y", given).tolist() == [True, False]
        assert base.check_treated(given, 2).tolist() == [True, False]
    assert base.check_propensity(0.3, 2).tolist() == [0.3, 0.3]
    assert base.check_propensity([0.3, 0.4], 2).tolist() == [0.3, 0.4]


def test_bools_are_zeros_and_ones():
    """Also one by one in lists, beside numbers, and in the columns of a frame."""
    frame = pd.DataFrame({"age": [30, 40], "phone": [True, False]})
    for X in (frame, [[30, True], [40, np.False_]], frame.astype(object)):
        assert base.check_features("X", X).tolist() == [[30.0, 1.0], [40.0, 0.0]]
    y = pd.Series([True, False])
    for given in (y, y.astype("boolean"), y.to_numpy(), [True, False]):
        assert base.check_values("y", given).tolist() == [1.0, 0.0]
        assert base.check_yes_no("y", given).tolist() == [True, False]


FRAME = pd.DataFrame({"age": [30, 40.0], "country": ["DE", "FR"], "day": "Mon"})
MISSING = pd.Series([True, None], dtype="boolean")


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (
            FRAME,
            "X must be numbers: the columns country, day are not numeric; pd.get_",
        ),
        (
            FRAME[["country"]],
            "X must be numbers: the column country is not numeric; pd.get_",
        ),
        ([[1, 2], [3, "a"]], r"X must be numbers, got 'a' at \[1, 1\]$"),
        (FRAME[["age"]].replace(40, NAN), r"X\[1, 'age'\] is nan: give a finite"),
        ([[1, 2], [3, 1j]], r"X\[1, 1\] is 1j, not a real number"),
        (pd.DataFrame({"f": MISSING, "g": 1}), r"X\[1, 'f'\] is <NA>, not a real"),
    ],
)
def test_a_place_is_a_row_and_a_column_and_no_frame_is_printed(X, words):
    with pytest.raises(ValueError, match=words):
        base.check_features("X", X)


# Names of columns and labels of rows --------------------------------------------------

PEOPLE = pd.DataFrame(np.random.default_rng(28).integers(0, 9, (60, 3)) * 1.0,
                      columns=["age", "orders", "days"])  # fmt: skip
ARM = pd.Series(np.arange(60) % 2)
OUTCOME = pd.Series(np.arange(60) % 3 == 0)
SHUFFLED = OUTCOME.sample(frac=1, random_state=0)
PATHS = pd.Series([["search"], ["social"]] * 30)
LABELLED = {
    "average_effect": lambda: uplift.average_effect(SHUFFLED, ARM),
    "transformed_outcome": lambda: uplift.transformed_outcome(SHUFFLED, ARM),
    "qini": lambda: uplift.qini(SHUFFLED, PEOPLE["age"], ARM),
    "spend": lambda: uplift.spend(PEOPLE["age"], 1.0 + SHUFFLED),
    "difference": lambda: experiments.difference(SHUFFLED, ARM),
    "cuped": lambda: experiments.cuped(OUTCOME, ARM, SHUFFLED),
    "ratio": lambda: experiments.ratio(OUTCOME, 1.0 + SHUFFLED, ARM),
    "switchback": lambda: experiments.switchback(SHUFFLED, ARM, ARM),
    "lift": lambda: lookalike.lift(SHUFFLED, PEOPLE["age"]),
    "lookalike": lambda: lookalike.lookalike(PEOPLE, SHUFFLED),
    "BanditLog": lambda: ope.BanditLog(ARM, ARM, SHUFFLED, 0.0 * ARM + 1),
    "summary": lambda: lifetime.summary(ARM, PEOPLE["days"], 1.0 + SHUFFLED),
    "rfm": lambda: lifetime.rfm(PEOPLE["days"], ARM, 1.0 + SHUFFLED),
    "linear": lambda: attribution.linear(PATHS, SHUFFLED),
    "offline_plan": lambda: pacing.offline_plan(PEOPLE["age"], 1.0 + SHUFFLED, 9.0),
    "lifetime_value": lambda: lifetime.lifetime_value(
        pd.DataFrame({"year": ARM * 1.0}), 1.0 + SHUFFLED, 0.4, 0.1
    ),
    "BetaGeo": lambda: lifetime.BetaGeo().fit(ARM, ARM, ARM + 1, weights=1 + SHUFFLED),
    "gsp": lambda: auctions.gsp(1.0 + ARM, [0.3, 0.1], 1.0 + SHUFFLED),
    "allocate": lambda: mix.allocate(1.0 + ARM, 1.0 + SHUFFLED, 9.0),
    "sample_ratio": lambda: experiments.sample_ratio(1 + ARM, 1.0 + SHUFFLED),
    "rmse": lambda: metrics.rmse(OUTCOME, SHUFFLED),
    "paired_test": lambda: evaluation.paired_test(OUTCOME, SHUFFLED),
    "interval_of_rmse": lambda: interval_of_rmse(PEOPLE["age"], SHUFFLED),
    "log_loss": lambda: ctr.log_loss(OUTCOME, SHUFFLED * 0.5),
    "auc": lambda: ctr.auc(OUTCOME, SHUFFLED),
}


@pytest.mark.parametrize("call", LABELLED.values(), ids=LABELLED)
def test_rows_with_different_labels_are_not_paired(call):
    with pytest.raises(
        ValueError, match=r"have different row labels: row \d+ is \d+ in"
    ):
        call()


def test_rows_without_labels_are_paired_by_place():
    expected = experiments.difference(OUTCOME, ARM)
    for given in (ARM.to_numpy(), ARM.tolist(), ARM.copy()):
        assert experiments.difference(OUTCOME, given) == expected


def test_actions_are_codes():
    log = ope.BanditLog([0, 0, 0], [0, 1, 1], [1, 0, 1], [0.4, 0.6, 0.6])
    policy = pd.DataFrame([[0.3, 0.7]] * 3)
    assert ope.snips(log, policy) == ope.snips(log, policy.to_numpy())
    turned = policy[[1, 0]]  # .0391 was answered for .0428 in the analyst's log
    assert ope.snips(log, turned) == ope.snips(log, policy)
    assert ope.snips(log, turned.rename(columns=str)) == ope.snips(log, policy)
    assert ope.direct(log, turned, turned) == ope.direct(log, policy, policy)
    named = policy.set_axis(["B", "A"], axis=1)
    with pytest.raises(ValueError, match=r"of policy are B, A, but an action is a co"):
        ope.snips(log, named)
    with pytest.raises(ValueError, match="the columns of q_hat are"):
        ope.direct(log, policy, named)


def test_banners_by_name_are_led_to_their_codes():
    """They ended in "action must hold integer codes, got 'red' (<U4)"."""
    names = ["red", "blue", "red"]
    for given in (names, np.array(names), pd.Series(names), pd.Categorical(names)):
        for arguments in ((given, [0, 1, 1]), ([0, 1, 1], given)):
            with pytest.raises(
                ValueError,
                match=r"(action|context)\[0\] is 'red', a name: give codes from 0, as "
                r"names, (action|context) = np\.unique\((action|context), return_inv",
            ):
                ope.BanditLog(*arguments, [1, 0, 1], [0.5, 0.5, 0.5])
    _, action = np.unique(names, return_inverse=True)
    log = ope.BanditLog([0, 1, 1], action, [1, 0, 1], [0.5, 0.5, 0.5])
    assert log.action.tolist() == [1, 0, 1]


def test_columns_of_two_tables_are_paired_by_name():
    value = pd.DataFrame({"letter": [3.0, 1.0], "mail": [1.0, 2.0]})
    cost = pd.DataFrame({"mail": [0.1, 0.1], "letter": [0.6, 0.6]})
    expected = uplift.spend(value, cost[["letter", "mail"]].to_numpy(), 0.7)
    assert uplift.spend(value, cost, 0.7)[0].tolist() == expected[0].tolist() == [0, 1]
    chance = pd.DataFrame([[0.5, 0.2]] * 3, columns=["first", "second"])
    reward, wanted = chance * 2, chance * [1.0, 0.9]
    expected = ope.slate_ips(reward, chance, wanted, "independent")
    for name in ("second", "first"):
        turned = wanted[[name, *wanted.columns.drop(name)]]
        assert ope.slate_ips(reward, chance, turned, "independent") == expected


def test_features_of_other_libraries_are_known_by_their_names():
    import polars as pl  # here: the pages' Python has neither
    import pyarrow as pa

    values = PEOPLE.to_dict("list")
    for table in (pl.DataFrame(values), pa.table(values), values):
        model = Ridge().fit(table, OUTCOME)
        assert model.columns_ == list(PEOPLE)
        turned = PEOPLE[PEOPLE.columns[::-1]]
        expected = Ridge().fit(PEOPLE, OUTCOME).predict(PEOPLE)
        assert model.predict(turned).tolist() == expected.tolist()
    with pytest.raises(ValueError, match=r"X\[1, 'age'\] is (<NA>|nan)"):
        Ridge().fit(pl.DataFrame({"age": [1, None]}), [1, 2])


def test_the_arm_and_the_answer_as_words_are_led_to_a_comparison():
    letters = pd.Series(["A", "B"] * 30)
    answers = pd.Series(["Y", "N"] * 30)
    way = r"\[0\] is '{0}', not a number: where it is one of two answers, give {1} == "
    for given in (letters, letters.astype("category"), letters.tolist()):
        with pytest.raises(ValueError, match="treated" + way.format("A", "treated")):
            uplift.average_effect(OUTCOME, given)
    with pytest.raises(ValueError, match="y" + way.format("Y", "y")):
        uplift.TLearner().fit(PEOPLE, ARM, answers)
    assert uplift.average_effect(answers == "Y", letters == "B").value == -1


def test_of_many_columns_the_first_that_differs_is_named():
    many = pd.DataFrame(np.zeros((2, 9)), columns=list("abcdefghi"))
    with pytest.raises(
        ValueError, match="of X are z, but fit saw b: give the same columns"
    ):
        base.check_columns("X", many[list("acbdefghi")].rename(columns={"b": "z"}),
                           list(many.columns))  # fmt: skip
    twice = pd.DataFrame(np.zeros((2, 2)), columns=["a", "a"])
    assert base.check_columns("X", twice, ["a", "a"]) is twice


def test_results_do_not_change():
    for result in (
        base.Effect(1.0, 0.5, (0.0, 2.0), 0.05),
        base.Estimate(1.0, 0.5, 10.0, 2.0, 1.0),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            result.value = 2.0


REFUSED = [
    (lambda: base.check_features("X", [1, 2]), r"X must have a row .* shape \(2,\)"),
    (lambda: base.check_features("X", np.zeros((0, 2))), r"X must .* \(0, 2\)"),
    (lambda: base.check_features("X", np.zeros((2, 0))), r"X must .* \(2, 0\)"),
    (lambda: base.check_features("X", [[1.0]], 2), "X has 1 columns, but fit saw 2"),
    (lambda: base.check_features("X", [[1, np.inf]]), r"X\[0, 1\] is inf"),
    (lambda: base.check_values("y", []), "y must be a flat list"),
    (lambda: base.check_values("y", [[1.0]]), "y must be a flat list"),
    (lambda: base.check_values("y", [1.0], n=2), "y has 1 rows, but 2 are needed"),
    (lambda: base.check_values("y", [1, NAN]), r"y\[1\] is nan: give a finite number$"),
    (lambda: base.check_values("y", [-np.inf]), r"y\[0\] is -inf"),
    (lambda: base.check_values("c", [-1], low=0), "of at least 0$"),
    (lambda: base.check_values("c", [2], high=1), "of at most 1$"),
    (lambda: base.check_values("c", [2], low=0, high=1), "at least 0 and of at most 1"),
    (lambda: base.check_yes_no("y", [0.5]), r"y\[0\] is 0.5: give True or False"),
    (lambda: base.check_values("y", MISSING), r"y\[1\] is <NA>, not a real number"),
    (lambda: base.check_treated([1, 1]), "nobody untreated"),
    (lambda: base.check_treated([[1], [1, 2]]), r"treated\[0\] is \[1\], not a real"),
    (lambda: base.check_treated([0, 0]), "nobody treated"),
    (lambda: base.check_treated([0, 1], 3), "treated has 2 rows, but 3"),
    (lambda: base.check_propensity(0.0, 2), r"propensity\[0\] is 0.0"),
    (lambda: base.check_propensity([0.5, 1], 2), r"propensity\[1\] is 1.0"),
    (lambda: base.check_propensity([0.5, -1], 2), r"propensity\[1\] is -1.0"),
    (lambda: base.check_propensity([0.5], 2), "propensity has 1 rows, but 2"),
    (lambda: base.check_propensity(NAN, 2), r"propensity\[0\] is nan"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
