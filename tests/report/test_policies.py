"""The report on a policy, beside the library, plain loops, and numbers by hand."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from recbook import report
from recbook.marketing import ope
from recbook.marketing.base import normal_effect
from recbook.report.policies import job
from recbook.report.policies.checks import REFUSALS, cell_table
from recbook.report.policies.logs import read_log

COLUMNS = {"shown": "banner", "chance": "p", "reward": ("click", "Y")}
NAMES = np.array(["Boots", "Sale", "Tea"])
# Today's chances and click rates, of two kinds of visitors.
TODAY = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
RATES = np.array([[0.03, 0.05, 0.10], [0.08, 0.05, 0.04]])
NEW = {"new": "Tea", "regular": "Boots"}


def drawn(seed=0, n=20_000, today=TODAY, rates=RATES):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 2, n)
    edges = today.cumsum(axis=1)[kind]
    action = (rng.random(n)[:, None] > edges).sum(axis=1).clip(0, 2)
    clicks = rng.random(n) < rates[kind, action]
    return pd.DataFrame(
        {
            "kind": np.where(kind, "regular", "new"),
            "banner": NAMES[action],
            "p": today[kind, action],
            "click": np.where(clicks, "Y", "N"),
        }
    )


LOG = drawn(n=12_000)


def judge(log=LOG, **more):
    return report.off_policy(log, **{**COLUMNS, "context": "kind"} | more)


def codes(log):
    """The log and the new policy of the library, beside the report's names."""
    kind = (log["kind"] == "regular").to_numpy() * 1
    action = np.searchsorted(NAMES, log["banner"])
    clicks = (log["click"] == "Y").to_numpy() * 1.0
    plain = ope.BanditLog(kind, action, clicks, log["p"].to_numpy())
    return plain, np.array([[0, 0, 1.0], [1.0, 0, 0]])[kind]


# What was found ----------------------------------------------------------------------


def test_the_library_finds_the_same():
    made = judge(policy=NEW)
    log, policy = codes(LOG)
    table = made.table.set_index("estimate")
    effect, value = ope.gain(log, policy), ope.snips(log, policy).value
    found = table.loc["SNIPS"]
    assert found["value"] == pytest.approx(value)
    assert found["gain"] == pytest.approx(effect.value)
    assert tuple(found[["low", "high"]]) == pytest.approx(effect.interval)
    assert table.loc["IPS", "value"] == pytest.approx(ope.ips(log, policy).value)
    w = ope.weights(log, policy)
    terms = w * log.reward - log.reward
    error = terms.std(ddof=1) / np.sqrt(len(terms))
    assert table.loc["IPS", "standard error"] == pytest.approx(error)
    robust = table.loc["doubly robust"]
    assert robust["gain"] == pytest.approx(found["gain"], abs=found["standard error"])
    assert made.numbers["gain"]["value"] == pytest.approx(effect.value)
    assert made.numbers["today"] == pytest.approx(log.reward.mean())


def test_the_decision_says_the_gain_on_1000_impressions():
    made = judge(policy=NEW)
    # Today .5 · (.015 + .015 + .02) + .5 · (.016 + .01 + .024) = .05; new .09.
    assert made.decision.startswith("Change: the policy brings +")
    assert "click = Y (" in made.decision
    low, high = (1000 * made.numbers["gain"][end] for end in ("low", "high"))
    assert low < 40 < high
    back = judge(policy={"new": "Boots", "regular": "Tea"})
    assert back.decision.startswith("Keep today's policy: the other brings −")


def test_todays_policy_gains_nothing():
    today = pd.DataFrame(TODAY, ["new", "regular"], NAMES)
    made = judge(policy=today)
    # "Nothing was shown" alone reads as if no banner had been.
    assert made.decision.startswith("Nothing was shown to be better: the policy, ")
    assert made.numbers["gain"] == {"value": 0, "low": 0, "high": 0}


def test_the_greedy_policy_is_judged_on_rows_that_it_has_not_seen():
    made = judge()
    assert made.numbers["rows"] == len(LOG) // 2
    assert made.list["banner"].tolist() == ["Tea", "Boots"]
    assert made.list["kind"].tolist() == ["new", "regular"]
    assert made.list["chance"].tolist() == [1, 1]
    assert "learnt on a random half" in made.sections[3].blocks[0]
    again, other = judge(), judge(seed=1)
    assert made.numbers == again.numbers != other.numbers


def test_the_greedy_policy_needs_rows_to_learn_from_too():
    """Only half of the rows are judged, so a log needs twice as many."""
    gain = normal_effect(0.01, 0.002)
    named = read_log(LOG, **COLUMNS, context="kind")
    once = job._needed(named, gain, 0.05, False)
    twice = job._needed(named, gain, 0.05, True)
    # 12 000 · .002² (2.801585 / (.05 · .05))² = 60 279.4
    assert once[0][1] == 60_280
    assert twice[0][1] == 120_559


def test_the_list_has_the_readers_columns():
    made = judge(policy={"new": {"Tea": 0.75, "Sale": 0.25}, "regular": "Boots"})
    assert list(made.list.columns) == ["kind", "banner", "chance", "today", "rows"]
    assert made.list["chance"].tolist() == [0.25, 0.75, 1.0]
    here = LOG[(LOG["kind"] == "new") & (LOG["banner"] == "Sale")]
    assert made.list["rows"].iloc[0] == len(here)
    assert made.list["today"].iloc[0] == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize(
    "policy",
    [
        NEW,
        {"new": {"Tea": 1.0}, "regular": {"Boots": 1.0}},
        pd.Series(NEW),
        pd.DataFrame({"kind": ["new", "regular"], "banner": ["Tea", "Boots"]}),
        pd.DataFrame([[0, 1.0], [1.0, 0]], ["new", "regular"], ["Boots", "Tea"]),
        pd.DataFrame([[1.0, 0], [0, 1.0]], ["regular", "new"], ["Boots", "Tea"]),
    ],
)
def test_a_policy_may_be_written_in_many_ways(policy):
    pd.testing.assert_frame_equal(judge(policy=policy).table, judge(policy=NEW).table)


def test_several_columns_are_one_context_with_keys_of_tuples():
    log = LOG.assign(age=np.where(LOG["kind"] == "new", 1.0, 2.0))
    policy = {("new", 1): "Tea", ("regular", 2): "Boots"}
    made = judge(log, context=["kind", "age"], policy=policy)
    pd.testing.assert_frame_equal(made.table, judge(policy=NEW).table)
    assert list(made.list.columns[:3]) == ["kind", "age", "banner"]


def test_without_a_context_there_is_one():
    even = np.full((2, 3), 1 / 3)
    log = drawn(3, today=even)
    made = judge(log, context=None, policy={"Tea": 0.5, "Boots": 0.5})
    assert not made.refused
    assert made.list["context"].tolist() == ["everybody"] * 2
    one = judge(log, context=None, policy="Tea")
    two = judge(log, policy="Tea")
    assert one.numbers["gain"] == pytest.approx(two.numbers["gain"])


def test_a_missing_context_is_one_of_its_own():
    log = LOG.assign(kind=LOG["kind"].where(LOG["kind"] != "regular"))
    made = judge(log, policy={"new": "Tea", "missing": "Boots"})
    pd.testing.assert_series_equal(
        made.table["gain"], judge(policy=NEW).table["gain"], rtol=0.05
    )
    with pytest.raises(ValueError, match="policy says nothing for 'missing'"):
        judge(log, policy={"new": "Tea"})


def test_the_rows_may_stand_in_any_sequence():
    mixed = LOG.sample(frac=1, random_state=1)
    one, other = (
        judge(log, policy=NEW).table.set_index("estimate") for log in (LOG, mixed)
    )
    pd.testing.assert_frame_equal(
        one.drop("doubly robust"), other.drop("doubly robust")
    )


# The chances -------------------------------------------------------------------------


def test_a_cell_is_tested_by_the_binomial():
    # 8 of 10 at one half, both sides: 2 · (45 + 10 + 1)/1024 = .109375.
    log = {"banner": ["A"] * 8 + ["B"] * 2, "p": [0.5] * 10, "y": range(10)}
    cells = cell_table(read_log(log, "banner", "p", "y", None))
    assert cells["rows"].tolist() == [8, 2]
    assert cells["expected"].tolist() == [5, 5]
    assert cells["p"].tolist() == pytest.approx([0.109375, 0.109375])


def test_chances_that_vary_within_a_cell_are_right():
    # The context is left out: chances vary in the one cell of each banner.
    made = judge(context=None, policy="Boots")
    assert not made.refused
    assert "vary within" in made.checks["found"].str.cat()


@pytest.mark.parametrize("seed", range(5))
def test_a_right_log_is_not_refused(seed):
    assert not judge(drawn(seed, n=3000), policy=NEW).refused


# Refusals ----------------------------------------------------------------------------


def refused(log=LOG, **more):
    made = judge(log, **more)
    assert made.refused
    assert made.checks["verdict"].iloc[-1] == "stop"
    assert made.table.empty
    assert made.list is None
    assert made.decision in made.sections[-1].blocks
    return made.decision


def test_wrong_chances_name_the_context_and_the_banner():
    # The analyst's second finding: the same chance in every row, and no word.
    sentence = refused(LOG.assign(p=1 / 3), policy=NEW)
    shown = ((LOG["kind"] == "regular") & (LOG["banner"] == "Tea")).sum()
    assert f"Tea was shown {shown:,} times to regular" in sentence
    assert "(the chance is 0.333 in every row)" in sentence


def test_chances_made_afterwards_by_banner_are_refused():
    rate = LOG["banner"].map(LOG["banner"].value_counts(normalize=True))
    assert refused(LOG.assign(p=rate)).startswith(
        "Nothing can be concluded: the chances are not those of the draw."
    )


def test_chances_that_add_up_to_more_than_1():
    sentence = refused(LOG.assign(p=0.5))
    assert "add up to 1.5 over the banners" in sentence


def test_a_log_without_randomness():
    always = np.array([[1.0, 0, 0], [0, 0, 1.0]])
    assert refused(drawn(today=always)) == REFUSALS["never_random"]


def test_off_support_for_one_context_names_it():
    # The analyst's second finding: Tea is never shown to new ones, who click on it
    # most; IPS said .03 in place of .11, without a word.
    today = np.array([[0.5, 0.5, 0], [0.2, 0.2, 0.6]])
    rates = np.array([[0.03, 0.02, 0.15], [0.08, 0.05, 0.04]])
    log = drawn(5, today=today, rates=rates)
    policy = {"new": {"Tea": 0.8, "Boots": 0.2}, "regular": "Boots"}
    sentence = refused(log, policy=policy)
    assert "it shows Tea to new in 80 % of its choices there" in sentence
    # A policy that stays within the log can be judged.
    assert not judge(log, policy={"new": "Boots", "regular": "Boots"}).refused
    # And the policy that is learnt from the log does stay.
    assert not judge(log).refused


def test_a_banner_that_the_log_does_not_know():
    sentence = refused(policy={"new": "Gloves", "regular": "Tea"})
    assert "it shows Gloves, and the log never did, only Boots, Sale, Tea" in sentence


def test_weights_that_do_not_average_1():
    # Chances that vary within a cell, all a half too low: no binomial can say so.
    rng = np.random.default_rng(2)
    n = 40_000
    p = rng.choice([0.3, 0.5], n)
    shown = np.where(rng.random(n) < p, "A", "B")
    chance = np.where(shown == "A", p, 1 - p)
    rare = rng.random(n) < 0.5
    kept = (shown == "B") | rare  # half of the rows of A were lost
    log = pd.DataFrame({"banner": shown, "p": chance, "click": rng.random(n) < 0.1})
    made = report.off_policy(log[kept], shown="banner", chance="p", reward="click")
    assert made.refused
    assert "A was shown" in made.decision or "B was shown" in made.decision


def test_what_no_context_shows_alone_is_seen_in_all_together():
    # 60 contexts of 200 rows, each chance too low by an eighth, and varying.
    rng = np.random.default_rng(8)
    n = 12_000
    p = rng.uniform(0.2, 0.3, n)
    shown = rng.random(n) < p
    chance = np.where(shown, p, 1 - p) * np.where(shown, 0.875, 1)
    log = pd.DataFrame({"banner": np.where(shown, "A", "B"), "p": chance})
    log["kind"], log["click"] = (
        rng.integers(0, 60, n),
        np.where(rng.random(n) < 0.1, "Y", "N"),
    )
    sentence = refused(log, policy="A")
    assert sentence.startswith("The log cannot judge this policy: the weights of ")


def test_a_log_that_is_too_thin_where_the_policy_goes():
    today = np.array([[0.994, 0.003, 0.003], [0.994, 0.003, 0.003]])
    rng_log = drawn(6, n=4000, today=today)
    assert refused(rng_log, policy="Tea").startswith("The log cannot judge this policy")
    few = drawn(7, n=150)
    assert "effective rows speak for the policy" in refused(few, policy="Sale")


def test_too_few_clicks():
    log = LOG.assign(click="N")
    log.loc[:8, "click"] = "Y"
    assert "differs from its usual value in only" in refused(log, policy="Sale")


def test_the_mean_weight_of_one_context(monkeypatch):
    # What passes the test of counts, by 2 % and luck, is seen by the weights.
    from recbook.report.policies import checks

    monkeypatch.setattr(checks, "chances", lambda *args: (None, []))
    sentence = refused(LOG.assign(p=1 / 3), policy={"new": "Boots", "regular": "Tea"})
    assert "the weights of new average 1.4" in sentence
    assert "Worst is Boots, with 100 % of the choices there" in sentence


def test_every_refusal_has_its_test():
    tested = {"never_random", "chances", "sum", "off_support", "nowhere", "few"}
    assert set(REFUSALS) == tested | {"mean_weight", "few_rewards"}


# Arguments ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"log": LOG.assign(p=100 * LOG["p"])}, "give 0.25, not 25"),
        ({"log": LOG.assign(p=0.0)}, r"'p' is 0 in row 0, but what was shown had"),
        ({"log": LOG.assign(p=-0.1)}, r"'p' is -0.1 in row 0"),
        (
            {"log": LOG.assign(p=LOG["p"].where(LOG.index != 3))},
            "missing in 1 of 12,000",
        ),
        ({"log": LOG[:3]}, "log has 3 rows"),
        ({"shown": "ad"}, "shown names the column 'ad', but the table has only"),
        ({"reward": ("click", "yes")}, "has no 'yes', only 'N', 'Y'"),
        ({"context": ["kind", "age"]}, "context names the column 'age'"),
        ({"context": []}, "context is an empty list"),
        ({"policy": {"new": "Tea"}}, "policy says nothing for 'regular'"),
        (
            {"policy": {"new": {"Tea": 0.5}, "regular": "Tea"}},
            "adds up to 0.5 for 'new'",
        ),
        (
            {"policy": {"new": {"Tea": -1}, "regular": "Tea"}},
            "has -1.0 for 'Tea' in 'new'",
        ),
        ({"policy": {"new": {"Tea": "x"}, "regular": "Tea"}}, "give a probability"),
        ({"policy": ["Tea"]}, "policy must be a banner, or a dict"),
        ({"policy": pd.DataFrame({"Tea": [1, 1]}, ["new", "new"])}, "'new' twice"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_wrong_argument_is_named(changed, words):
    arguments = {"log": LOG, **COLUMNS, "context": "kind"} | changed
    with pytest.raises(ValueError, match=words):
        report.off_policy(**arguments)


def test_the_charts_draw():
    made = judge(policy=NEW)
    assert set(made.figures) == {"weights", "gain"}
    for chart in made.figures.values():
        chart.draw(plt.figure().gca())
    plt.close("all")


def test_whole_numbers_that_are_ids_are_no_amounts_on_the_page():
    """20,001 is no banner."""
    numbered = LOG.assign(banner=pd.factorize(LOG["banner"])[0] + 20_001)
    made = judge(numbered, policy=None)
    html = made._repr_html_()
    assert "20001" in html
    assert "20,00" not in html
    assert made.list["banner"].dtype.kind == "i"  # as it was read
