"""The report on letters: what it refuses, whom it chooses, and what it forecasts."""

import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib.figure import Figure

from recbook import report
from recbook.leaderboard.results import results_folder
from recbook.marketing import experiments, uplift
from recbook.marketing.regression import Logistic, Ridge
from recbook.report.targets import checks, forecast, job, season
from recbook.report.targets.trial import People, Trial
from recbook.report.wording import roughly

ROLES = {
    "person": "customer",
    "group": ("arm", "letter"),
    "outcome": ("bought", "Y"),
    "margin": 20,
    "cost": 0.60,
}
N = 6000


def drawn(n=N, seed=0, effect=(0.2, 0.0, 0.0), base=0.1):
    """A trial: three channels of people, each with its own effect; ids with zeros."""
    rng = np.random.default_rng(seed)
    channel, treated = rng.integers(3, size=n), rng.random(n) < 0.5
    y = rng.random(n) < base + treated * np.asarray(effect)[channel]
    return pd.DataFrame(
        {
            "customer": [f"{k:06}" for k in range(n)],
            "arm": np.where(treated, "letter", "none"),
            "bought": np.where(y, "Y", "N"),
            "channel": np.array(["fair", "shop", "web"])[channel],
            "orders": rng.poisson(2, n).astype(float),
            "spend": rng.gamma(2, 20, n).round(2),
        }
    )


TRIAL = drawn()
CROWD = drawn(5000, seed=1).drop(columns=["arm", "bought"])


@pytest.fixture(scope="module")
def made():
    return report.targeting(TRIAL, CROWD, **ROLES, budget=600, seed=3)


# Whom ---------------------------------------------------------------------------------


def test_the_list_goes_to_those_whom_the_letter_changes(made):
    assert not made.refused
    assert made.decision.startswith("Send the letter to the 1,000 people of the list")
    assert "held out at random: were none held out, a profit of " in made.decision
    assert list(made.list) == ["customer", "send", "effect", "expected"]
    channel = CROWD.set_index("customer")["channel"][made.list["customer"]]
    assert (channel == "fair").all()
    assert made.list["customer"].is_unique  # "000012" is text, as it was read
    assert made.list["send"].dtype == bool


def test_the_list_is_what_the_library_buys():
    """The same as DRLearner and spend on features in bins, without a budget."""
    made = report.targeting(TRIAL, CROWD, **ROLES)
    read = job.read_people(TRIAL, CROWD, *list(ROLES.values())[:4], None, None, None)
    trial, everyone = read
    learner = uplift.DRLearner().fit(trial.X, trial.treated, trial.y, trial.chance)
    value = learner.effect(everyone.X) * 20
    choice, _ = uplift.spend(value, 0.60)
    chosen = CROWD.loc[choice == 0, "customer"].tolist()
    assert made.list["customer"].tolist() == chosen
    assert made.numbers["promise"] == pytest.approx((value - 0.6)[choice == 0].sum())


def test_expected_euros_add_up_to_the_forecast(made):
    value = made.numbers["forecast"]["value"]
    assert made.list["expected"].sum() == pytest.approx(value)
    expected = made.list["effect"] * 20 - 0.60
    assert made.list["expected"].tolist() == pytest.approx(expected.tolist())
    assert made.numbers["forecast"]["low"] < value < made.numbers["forecast"]["high"]
    # 1,000 letters to "fair": .2 x 20 - .60 = 3.40 euros each in truth
    assert made.numbers["forecast"]["low"] < 3400 < made.numbers["forecast"]["high"]


def test_the_same_seed_holds_out_the_same_people(made):
    again = report.targeting(TRIAL, CROWD, **ROLES, budget=600, seed=3)
    assert again.list.equals(made.list)
    other = report.targeting(TRIAL, CROWD, **ROLES, budget=600, seed=4)
    assert not other.list["send"].equals(made.list["send"])
    assert (~made.list["send"]).sum() == made.numbers["held_out"]


def test_who_ties_at_the_edge_does_not_depend_on_the_sequence_of_the_file():
    """All of one channel are alike: the budget must not go to the first of the file."""
    trial, crowd = (frame.drop(columns=["orders", "spend"]) for frame in (TRIAL, CROWD))
    made = report.targeting(trial, crowd, **ROLES, budget=300)
    place = pd.Series(range(len(crowd)), index=crowd["customer"])
    rows = place[made.list["customer"]]
    assert len(rows) == 500
    assert 2000 < rows.mean() < 3000  # of 5,000


def test_nobody_without_consent_is_on_the_list():
    crowd = CROWD.assign(newsletter=np.where(np.arange(len(CROWD)) % 2, "yes", "no"))
    made = report.targeting(TRIAL, crowd, **ROLES, consent=("newsletter", "yes"))
    asked = crowd.set_index("customer")["newsletter"][made.list["customer"]]
    assert len(asked) > 500
    assert (asked == "yes").all()
    both = TRIAL.assign(newsletter=np.where(np.arange(N) % 2, "yes", "no"))
    few = report.targeting(both, crowd, **ROLES, consent=("newsletter", "yes"))
    arms = few.sections[0].blocks[0]
    assert arms["people"].sum() == N // 2  # nothing is learnt of the others


def test_a_margin_may_be_a_column_of_everyone():
    trial, crowd = TRIAL.assign(gain=20.0), CROWD.assign(gain=20.0)
    made = report.targeting(trial, crowd, **ROLES | {"margin": "gain"})
    plain = report.targeting(TRIAL, CROWD, **ROLES)
    assert made.list.equals(plain.list)
    known = report.targeting(
        TRIAL, TRIAL.assign(gain=20.0), **ROLES | {"margin": "gain"}
    )
    assert not known.refused  # the margin of the trial's people is looked up by id
    with pytest.raises(ValueError, match="give trial the column 'gain'"):
        report.targeting(TRIAL, crowd.iloc[:100], **ROLES | {"margin": "gain"})


def test_euros_are_an_outcome_with_a_margin_of_1():
    rng = np.random.default_rng(2)
    paid = np.where(TRIAL["bought"] == "Y", rng.gamma(4, 5, N), 0.0)
    trial = TRIAL.drop(columns="bought").assign(paid=paid)
    made = report.targeting(trial, CROWD, **ROLES | {"outcome": "paid", "margin": 1})
    channel = CROWD.set_index("customer")["channel"][made.list["customer"]]
    assert (channel == "fair").mean() > 0.7
    assert "paid" in str(made.sections[1].blocks[0])


@pytest.mark.parametrize("library", [pl.DataFrame, pa.Table.from_pandas])
def test_tables_of_other_libraries_go_in(library, made):
    trial, crowd = library(TRIAL), library(CROWD)
    other = report.targeting(trial, crowd, **ROLES, budget=600, seed=3)
    assert other.list.equals(made.list)


def test_yes_or_no_may_be_a_column_alone():
    trial = TRIAL.assign(arm=TRIAL["arm"] == "letter", bought=TRIAL["bought"] == "Y")
    roles = ROLES | {"group": "arm", "outcome": "bought"}
    assert report.targeting(trial, CROWD, **roles).list.equals(
        report.targeting(TRIAL, CROWD, **ROLES).list
    )


# What it says in place of a list ------------------------------------------------------


def test_a_column_that_reads_like_consent_is_noted_where_nobody_asked():
    """Without consent= it is a feature, and people who said no may be on the list."""
    asked = [t.assign(newsletter=np.arange(len(t)) % 2) for t in (TRIAL, CROWD)]
    made = report.targeting(*asked, **ROLES)
    row = made.checks.set_index("check").loc["consent"]
    assert (row["verdict"], row["found"]) == (
        "note",
        "the column 'newsletter' is a feature",
    )
    made = report.targeting(*asked, **ROLES, consent=("newsletter", 1))
    assert "consent" not in made.checks["check"].tolist()


def test_without_everyone_the_list_is_of_the_trials_people():
    made = report.targeting(TRIAL, **ROLES)
    assert set(made.list["customer"]) <= set(TRIAL["customer"])


def test_a_letter_that_helps_all_alike_gives_no_reason_to_choose():
    trial = drawn(effect=(0.1, 0.1, 0.1), seed=2)
    made = report.targeting(trial, CROWD, **ROLES)
    assert made.numbers["verdict"] == "everybody"
    assert "no reason to choose" in made.decision
    assert "all 5,000 people" in made.decision
    assert len(made.list) == len(CROWD)
    assert (made.list["effect"] == made.list["effect"][0]).all()
    some = report.targeting(trial, CROWD, **ROLES, budget=600)
    assert "1,000 people drawn at random" in some.decision
    assert len(some.list) == 1000


def test_nothing_is_sent_where_the_letter_does_nothing():
    made = report.targeting(drawn(effect=(0, 0, 0), seed=5), CROWD, **ROLES, budget=600)
    assert made.decision.startswith("Send nothing: that is a result")
    assert made.decision.endswith("it saves 600 €.")
    assert made.list is None
    assert not made.refused


def test_an_interval_that_holds_0_is_only_the_next_trial():
    made = report.targeting(drawn(effect=(0.045, 0.03, 0.03), seed=7), CROWD, **ROLES)
    assert made.numbers["verdict"] == "trial"
    needed = made.numbers["people_needed"]
    assert "only as the next trial" in made.decision
    needs = (
        f"in a trial like this one about {roughly(needed)} people are needed to tell"
    )
    assert f"{needs} 500 € from 0" in made.decision
    assert (~made.list["send"]).mean() == pytest.approx(0.5, abs=0.001)
    low, high = (made.numbers["forecast"][end] for end in ("low", "high"))
    assert low < 0 < high
    error = (high - low) / 2 / 1.959964
    assert needed == pytest.approx(N * (2.801585 * error / 500) ** 2, abs=1.5)


def test_few_outcomes_leave_the_average_effect():
    made = report.targeting(TRIAL.head(700), CROWD, **ROLES)
    fewest = min(
        (group["bought"] == "Y").sum() for _, group in TRIAL.head(700).groupby("arm")
    )
    assert made.refused
    assert made.list is None
    assert made.decision.startswith(f"{fewest} outcomes in the arm with fewer")
    y, t = (TRIAL.head(700)[c] == v for c, v in (("bought", "Y"), ("arm", "letter")))
    plain = uplift.average_effect(y.to_numpy(), t.to_numpy())
    assert made.numbers["average_effect"]["value"] == plain.value
    assert made.numbers["break_even"] == pytest.approx(0.03)  # .60 / 20
    assert made.checks.iloc[3]["verdict"] == "stop"


# Refusals -----------------------------------------------------------------------------


def refused(key, trial=TRIAL, everyone=CROWD, **other):
    """The report that refuses, whose sentence is that of ``key``."""
    made = report.targeting(trial, everyone, **ROLES | other)
    assert made.refused
    assert made.list is None
    assert made.checks.iloc[-1]["verdict"] == "stop"
    begins = job.REFUSALS[key].partition("{")[0]
    assert made.decision.startswith(begins)
    return made


def test_arms_of_other_sizes_than_planned_end_the_report():
    some = TRIAL[(TRIAL["arm"] == "letter") | (TRIAL.index % 10 > 0)]
    made = refused("sample_ratio", some)
    counts = some["arm"].value_counts()
    assert f"{counts['letter']:,} and {counts['none']:,} people" in made.decision
    share = counts["letter"] / counts.sum()
    assert experiments.sample_ratio(counts) < 0.001
    assert not report.targeting(some, CROWD, **ROLES, share=float(share)).refused


@pytest.mark.parametrize("table", ["trial", "everyone"])
def test_a_person_twice_is_refused(table):
    tables = {"trial": TRIAL, "everyone": CROWD}
    tables[table] = pd.concat([tables[table], tables[table].iloc[[7]]])
    made = refused("twice", *tables.values())
    assert f"{table} has 1 rows" in made.decision
    assert "'000007'" in made.decision


def test_an_outcome_that_never_varies_is_refused():
    made = refused("varies", TRIAL.assign(bought=0), outcome="bought")
    assert "bought is 0 for everybody" in made.decision


def test_arms_that_differ_before_the_letter_end_the_report():
    visits = TRIAL["orders"] + (TRIAL["arm"] == "letter")
    made = refused("balance", TRIAL.assign(visits=visits), CROWD.assign(visits=1.0))
    assert "'visits'" in made.decision
    assert "measured after" in made.decision


def test_a_column_named_as_of_after_is_refused():
    trial, crowd = TRIAL.assign(visits_after=1.0), CROWD.assign(visits_after=1.0)
    assert "'visits_after'" in refused("outcome_name", trial, crowd).decision
    features = ["channel", "orders"]
    assert not report.targeting(trial, crowd, **ROLES, features=features).refused


@pytest.mark.parametrize("kind", ["number", "text", "gap"])
def test_a_column_that_alone_predicts_the_outcome_is_refused(kind):
    bought = TRIAL["bought"] == "Y"
    noise = np.random.default_rng(0).random(N) < 0.02
    column = {
        "number": np.where(bought ^ noise, -30.0, 0.0),
        "text": np.where(bought ^ noise, "thanked", "open"),
        "gap": np.where(bought ^ noise, 5.0, np.nan),
    }[kind]
    trial, crowd = TRIAL.assign(status=column), CROWD.assign(status=column[:5000])
    made = refused("outcome_like", trial, crowd)
    assert "'status'" in made.decision
    assert "was it known before the letter?" in made.decision


def test_nobody_with_consent_in_an_arm_is_refused():
    asked = TRIAL.assign(ok=TRIAL["arm"] == "letter")
    refused("consent", asked, CROWD.assign(ok=True), consent=("ok", True))


def test_each_refusal_has_its_test():
    text = Path(__file__).read_text("utf-8")
    for key in job.REFUSALS:
        assert f'"{key}"' in text or key == "few", key


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"person": "id"}, "person names the column 'id'"),
        ({"group": ("arm", "brief")}, "has no 'brief', only 'letter', 'none'"),
        ({"outcome": ("bought", "yes")}, "has no 'yes'"),
        ({"outcome": "bought"}, "is no number"),
        ({"cost": -1}, "cost"),
        ({"budget": -1}, "budget"),
        ({"margin": -20}, "margin"),
        ({"margin": "gain"}, "margin names the column 'gain'"),
        ({"margin": 0}, "margin"),
        ({"share": 1}, "share"),
        ({"seed": -1}, "seed"),
        ({"smallest": 0}, "smallest"),
        ({"features": ["age"]}, "features names the column 'age'"),
        ({"features": ["bought"]}, "features has 'bought'"),
        ({"features": []}, "no column that could be a feature"),
        ({"consent": ("newsletter", "yes")}, "consent names the column 'newsletter'"),
        ({"consent": "spend"}, "is not of yes and no"),
    ],
)
def test_wrong_arguments_are_named(other, words):
    with pytest.raises(ValueError, match=words):
        report.targeting(TRIAL, CROWD, **ROLES | other)


def test_margins_earn_something_and_features_differ():
    for gain in (0.0, -1.0):
        crowd = CROWD.assign(gain=gain)
        with pytest.raises(ValueError, match="'gain' of everyone has a number below 0"):
            report.targeting(TRIAL, crowd, **ROLES | {"margin": "gain"})
    same = TRIAL.assign(kind="all"), CROWD.assign(kind="all")
    with pytest.raises(ValueError, match="'kind' are the same for everybody"):
        report.targeting(*same, **ROLES, features=["kind"])


def test_everyone_needs_the_features_of_the_trial():
    with pytest.raises(ValueError, match="everyone has no column 'orders'"):
        report.targeting(TRIAL, CROWD.drop(columns="orders"), **ROLES)
    text = CROWD.assign(orders=CROWD["orders"].astype(str) + " orders")
    with pytest.raises(ValueError, match="'orders' holds text, but fit saw numbers"):
        report.targeting(TRIAL, text, **ROLES)
    far = report.targeting(TRIAL, CROWD.assign(spend=CROWD["spend"] + 50), **ROLES)
    row = far.checks.set_index("check").loc["trial and everyone"]
    assert row["verdict"] == "note"
    assert row["found"].startswith("spend: −")


def test_a_name_is_no_feature_and_that_is_said():
    trial = TRIAL.assign(name=[f"Ms. {k}" for k in TRIAL["customer"]])
    crowd = CROWD.assign(name=[f"Ms. {k}" for k in CROWD["customer"]])
    made = report.targeting(trial, crowd, **ROLES)
    row = made.checks.set_index("check").loc["left out"]
    assert row["found"] == "name"
    assert made.list.equals(report.targeting(TRIAL, CROWD, **ROLES).list)


# The forecast -------------------------------------------------------------------------


def people(n, seed):
    rng = np.random.default_rng(seed)
    X = rng.random((n, 4))
    table = pd.DataFrame(X, columns=list("abcd"))
    ids = pd.Series(range(n), name="who")
    return People(ids, table, X, 10 + X[:, 3], X[:, 0] + rng.random(n))


def tried(n=400, seed=0):
    who, rng = people(n, seed), np.random.default_rng(seed + 1)
    treated = rng.random(n) < 0.5
    y = (rng.random(n) < 0.3 + 0.2 * treated * who.X[:, 0]).astype(float)
    return Trial(*vars(who).values(), treated, y, 0.4, ("a", "b"), "y", who.table, {},
                 (40, 60))  # fmt: skip


def test_the_forecast_of_the_list_is_that_of_plain_loops():
    """The docstring's two sums and its variance, a person and a fold at a time."""
    trial, crowd, cost, most, k_folds = tried(seed=2), people(300, 9), 1.0, 90, 4
    judged = forecast.judge(trial, crowd, cost, most, seed=5, n_folds=k_folds)
    fold = forecast.deal(trial.treated, k_folds, 5)
    n, n_all, e = len(fold), 300, 0.4

    def chosen(effects, everyone_effects):
        """Above the cost, and among the first ``most`` of everyone."""
        ranked = sorted(np.round(everyone_effects, 10), reverse=True)
        bar = max(cost, ranked[most])  # the first who is left out
        above = sum(v > bar for v in ranked)
        ties = sum(v == bar for v in ranked)
        share = (most - above) / ties if bar > cost else 0.0
        return [
            1.0 if v > bar else share if v == bar else 0.0
            for v in np.round(effects, 10)
        ]

    total, parts, single = 0.0, {}, []
    for k in range(k_folds):
        rest, here = fold != k, np.flatnonzero(fold == k)
        arms = [
            Logistic(20).fit(trial.X[rest & arm], trial.y[rest & arm])
            for arm in (~trial.treated, trial.treated)
        ]
        seen = trial.X[rest], trial.treated[rest], trial.y[rest], e
        keep = forecast.ForgetfulRidge(fold[rest])
        model = uplift.DRLearner(None, keep, seed=5).fit(*seen).model_
        all_ = crowd.margin * model.predict(crowd.X)
        own = chosen(trial.margin[here] * model.predict(trial.X[here]), all_)
        value = 0.0
        for j, on in enumerate(chosen(all_, all_)):
            m0, m1 = (arm.predict(crowd.X[[j]])[0] for arm in arms)
            value += on * (crowd.margin[j] * (m1 - m0) - cost)
        fold_rows, psi = [], []
        for i, on in zip(here, own, strict=True):
            m0, m1 = (arm.predict(trial.X[[i]])[0] for arm in arms)
            y, g = trial.y[i], trial.margin[i]
            error = (y - m1) / e if trial.treated[i] else -(y - m0) / (1 - e)
            fold_rows.append(n_all * on * g * error)
            psi.append(g * (m1 - m0 + error) - cost)
        total += len(here) / n * (value + np.mean(fold_rows))
        single += list(np.array(fold_rows) - np.mean(fold_rows))
        for other in set(range(k_folds)) - {k}:
            w = model.without(other)
            every = crowd.margin * (w[0] + crowd.X @ w[1:])
            blind = chosen(trial.margin[here] * (w[0] + trial.X[here] @ w[1:]), every)
            parts[k, other] = (
                n_all
                / n
                * sum((a - b) * p for a, b, p in zip(own, blind, psi, strict=True))
            )
    found = judged.forecast("DR")
    assert found.value == pytest.approx(total)
    extra = 2 * sum(parts[k, j] * parts[j, k] for k, j in parts if k < j)
    assert extra > 100
    variance = sum(v**2 for v in single) / (n - 1) / n + max(extra, 0)
    assert found.standard_error == pytest.approx(variance**0.5)


def test_a_fold_is_forgotten_as_if_it_had_not_been_there():
    rng = np.random.default_rng(0)
    X, y, fold = rng.random((60, 3)), rng.random(60), np.arange(60) % 3
    model = forecast.ForgetfulRidge(fold, reg=2.0).fit(X, y)
    plain = Ridge(2.0).fit(X, y)
    assert model.predict(X) == pytest.approx(plain.predict(X))
    rest = Ridge(2.0).fit(X[fold != 1], y[fold != 1])
    assert model.without(1)[0] == pytest.approx(rest.intercept_)
    assert model.without(1)[1:] == pytest.approx(rest.coef_)


def test_everybody_is_nobody_less_the_difference():
    judged = forecast.judge(tried(), people(300, 9), 1.0, 300, n_folds=3)
    all_, own = (judged.forecast(name) for name in ("everybody", "DR"))
    ahead = judged.forecast("DR", "everybody")
    assert ahead.value == pytest.approx(own.value - all_.value)
    assert judged.length("everybody") == 300
    assert judged.forecast(1.0).value == pytest.approx(all_.value)  # the whole length
    # The list by spend has as many letters as the DR list.
    assert judged.length("spend") == pytest.approx(judged.length("DR"), abs=0.5)


def test_the_edge_is_where_the_money_ends():
    rng = np.random.default_rng(0)
    for _ in range(200):
        score = rng.integers(-3, 4, size=rng.integers(1, 12)).astype(float)
        most, floor = int(rng.integers(0, 13)), float(rng.integers(-4, 3))
        on = forecast.on_list(score, *forecast.edge(np.sort(score), floor, most))
        assert on.sum() == pytest.approx(min(most, (score > floor).sum()))
        assert not on[score <= floor].any()
        for a, b in zip(score, on, strict=True):  # nobody is passed over
            assert (on[score > a] == 1).all() or b == 0


def test_the_largest_difference_is_that_of_a_loop():
    table = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [0.0, 1, 0, 1], "c": [1.0] * 4})
    one = np.array([True, False, False, True])
    name, size, p = checks.largest_difference(table, one)
    assert (name, size, p) == ("a", 0.0, 1.0)  # 2.5 - 2.5, .5 - .5
    one = np.array([True, True, False, False])
    name, size, p = checks.largest_difference(table, one)
    # a: 1.5 - 3.5 = -2, deviation 1.118; within the arms .25 x 4 = 1, over 2 is .5, so
    # the error is sqrt(.5 (1/2 + 1/2)) = .707 and z = 2.828
    assert name == "a"
    assert size == pytest.approx(-2 / np.sqrt(1.25))
    assert p == pytest.approx(3 * 2 * 0.0023389, rel=1e-3)


def test_one_letter_alone_is_sent_and_a_column_of_the_list_is_no_persons():
    made = report.targeting(TRIAL, CROWD.iloc[[0]].assign(channel="fair"), **ROLES)
    assert "a letter to 1 person drawn at random, 0 of them" in made.decision
    assert made.list["send"].tolist() == [True]
    tables = (t.rename(columns={"customer": "send"}) for t in (TRIAL, CROWD))
    with pytest.raises(ValueError, match=r"person is 'send'.* rename the column"):
        report.targeting(*tables, **ROLES | {"person": "send"})


def test_what_those_held_out_will_show():
    # 900 sent, 100 held out, variances 9: 900 sqrt(9/900 + 9/100) = 900 x .3162
    found = season.shown_by(0.1, 1000, 500.0, (9.0, 9.0))
    assert found["reach"] == pytest.approx(1.959964 * 284.605, rel=1e-5)
    assert found["detectable"] == pytest.approx(2.801585 * 284.605, rel=1e-5)


def test_more_are_held_out_where_the_forecast_is_small(made):
    trial, share = tried(), []
    judged = forecast.judge(trial, people(300, 9), 1.0, 300, n_folds=3)
    for value in (1e6, 10.0):
        share.append(season.season_of(trial, judged, "list", 3000, value)["share"])
    assert share == [0.05, 0.1]  # the smallest there is, and the usual one
    held = made.numbers["season"]
    assert held["detectable"] <= held["expected"]


# The page -----------------------------------------------------------------------------


def test_the_page_has_all_steps_and_is_saved(made, tmp_path):
    titles = [section.title for section in made.sections]
    assert titles == [
        "Was it randomised?",
        "Does the letter work?",
        "Whom to write to?",
        "How many?",
        "Who is on the list?",
        "How will you know?",
        "What this rests on",
    ]
    assert made.table["plan"].tolist()[0] == "nobody"
    assert len(made.table) == 6  # spend is a column of the file
    assert made.table[made.table[""] == "◀"]["plan"].tolist() == [
        "by effect, DR-learner"
    ]
    row = made.table.set_index("plan").loc["by effect, DR-learner"]
    assert row["profit €"] == made.numbers["forecast"]["value"]
    assert made.decision.count(". ") == 0
    assert made.decision.endswith(".")
    made.save(tmp_path)
    numbers = json.loads((tmp_path / "numbers.json").read_text("utf-8"))
    assert numbers["forecast"]["low"] < numbers["forecast"]["value"]
    ids = pd.read_csv(tmp_path / "list.csv", dtype=str)["customer"]
    assert ids.tolist() == made.list["customer"].tolist()


def test_the_profit_is_drawn_by_the_length_of_the_list(made):
    with mpl.rc_context():
        ax = Figure().subplots()
        made.figures["profit"].draw(ax)
        line = ax.lines[0].get_xydata()
    assert line[0].tolist() == [0, 0]
    assert line[-1, 0] == len(CROWD)
    assert line[:, 1].max() > made.numbers["forecast"]["low"]


# The record ---------------------------------------------------------------------------


def test_the_record_holds_what_the_docstring_says():
    """Lists of 200 worlds with an effect, and what is sent in worlds without one."""
    record = pd.read_csv(results_folder() / "targeting.csv").query("quantity == 'list'")
    lists = record[record["truth"].notna() & (record["part"] == "effect")]
    held = (lists["low"] <= lists["truth"]) & (lists["truth"] <= lists["high"])
    assert len(record[record["part"] == "effect"]) == 200
    assert 0.93 <= held.mean() <= 0.97
    for part, n in (("no effect", 200), ("break even", 60)):
        verdicts = record.loc[record["part"] == part, "verdict"]
        assert len(verdicts) == n
        assert verdicts.isin(["list", "everybody"]).mean() <= 0.05
