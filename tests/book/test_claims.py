"""What pages say of their results in words, held to the tables that they read."""

import re

import pandas as pd
import pytest
from bookpages import ROOT, pages

from recbook.evaluation import paired_test
from recbook.grade.campaign.scores import TOO_GOOD as TOO_GOOD_A_PLAN
from recbook.grade.films.noise import FAR
from recbook.grade.films.scores import TOO_GOOD

PAGES = {page.path.stem: page for page in pages()}


def record(name):
    """Return a table of results; what it calls a case may look like a number."""
    table = ROOT / "data" / "results" / f"{name}.csv"
    return pd.read_csv(table, dtype={"case": str})


def run(page, cell, **names):
    """Run one cell of a page by itself, and return what it glued."""
    glued = {}
    names["glue"] = lambda name, value, display: glued.update({name: value})
    (source,) = [c.source for c in PAGES[page].code if c.id == cell]
    exec(source, names)
    return glued


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (-0.04, -0.005, "behind the mean: its interval lies below 0"),
        (0.005, 0.04, "ahead of the mean: its interval lies above 0"),
        (-0.01, 0.02, "In this run, too, the interval of the unit"),
    ],
)
def test_attention_says_on_which_side_of_0_its_own_interval_lies(low, high, says):
    row = pd.DataFrame({"low": low, "high": high}, ["unit-mean"])
    assert says in run("attention", "glue-live", own=row)["live-agrees"]


def test_the_share_of_intervals_that_hold_is_printed_with_its_error():
    late = [(name, page) for name, page in PAGES.items() if page.part in ("6", "7")]
    typed = [(name, line) for name, page in late for line in page.text.splitlines()]
    typed = [(name, line) for name, line in typed if line.startswith("|")]
    shown = [(name, cell.source) for name, page in late for cell in page.code]
    printed = [(n, t) for n, t in typed if re.search("(hold|held) the truth", t)]
    printed += [(n, t) for n, t in shown if re.search('interval holds|intervals"', t)]
    names = {"attribution", "campaign", "mix", "off-policy", "uplift"}
    assert {name for name, _ in printed} == names
    assert all("±" in text for _, text in printed), printed


# 6.7, what a log and a trial say of an impression ----------------------------------


@pytest.fixture(scope="module")
def caps():
    rows = record("frequency").set_index(["part", "method", "case"])
    return rows["value"].sort_index()


def test_a_log_says_too_much_of_each_impression_and_a_trial_does_not(caps):
    cases = [str(n) for n in range(1, 7)]
    truth, log, curve, both = (
        caps["marginal", method][cases]
        for method in ("truth", "log", "trial", "opportunities")
    )
    assert (log - truth).between(1.6, 2.5).all()  # .0021 of the world, per 1,000
    for found in (curve, both):
        assert (found - truth).abs().max() < 0.15
    spread = caps["spread"].unstack("method").loc[cases]
    assert (spread["opportunities"] < spread["trial"]).all()


def test_the_intervals_of_caps_hold_as_often_as_they_say(caps):
    assert caps["interval"].between(0.93, 0.97).all()


def test_a_cap_by_the_log_hardly_helps_and_one_by_a_trial_does():
    rows = record("frequency").query("part == 'profit'")
    earned = rows.pivot_table("value", "seed", "method")
    assert len(earned) == 200
    assert earned["log"].mean() < 1.12 * earned["none"].mean()
    assert earned["best arm"].mean() > 1.4 * earned["log"].mean()
    assert is_ahead(earned, "opportunities", "best arm")
    chosen = (
        record("frequency")
        .query("part == 'cap'")
        .pivot_table("value", "seed", "method")
    )
    assert (chosen["log"] == -1).mean() > 0.5
    assert chosen["opportunities"].isin([2, 3, 4]).all()


# 6.14, which learner -----------------------------------------------------------------

SIX = ["S", "T", "X", "transformed outcome", "R", "DR"]


@pytest.fixture(scope="module")
def learners():
    return record("learners")


def trials_of(learners, case):
    return learners.query("case == @case").pivot_table("value", "seed", "method")


def is_ahead(rows, one, other):
    return paired_test(rows[one], rows[other]).interval[0] > 0


def test_the_rare_shop_of_the_learners_is_that_of_the_page(learners):
    uplift = record("uplift").query("part == 'profit' and case == 'half'")
    uplift = uplift.pivot_table("value", "seed", "method")
    pd.testing.assert_frame_equal(trials_of(learners, "rare")[SIX], uplift[SIX])


def test_the_transformed_outcome_keeps_up_with_rare_orders_alone(learners):
    rare, frequent = (trials_of(learners, case) for case in ("rare", "frequent"))
    assert rare["transformed outcome"].mean() > 0.97 * rare["DR"].mean()
    others = [name for name in SIX if name != "transformed outcome"]
    assert all(is_ahead(frequent, name, "transformed outcome") for name in others)
    assert frequent["transformed outcome"].mean() < 0.6 * frequent["DR"].mean()


def test_the_t_learner_is_behind_with_rare_orders_and_first_with_frequent(learners):
    rare, frequent = (trials_of(learners, case) for case in ("rare", "frequent"))
    assert is_ahead(rare, "DR", "T")
    others = [name for name in SIX if name != "T"]
    assert all(is_ahead(frequent, "T", name) for name in others)
    assert all(is_ahead(frequent, "S", name) for name in ("X", "R", "DR"))


def test_effects_along_with_the_response_leave_something_to_gain(learners):
    along = trials_of(learners, "0.6")
    assert all(is_ahead(along, name, "response") for name in SIX)
    assert along["response"].mean() > 0
    assert all(is_ahead(along, name, "T") for name in SIX if name != "T")


def test_shops_differ_in_whether_the_t_or_the_dr_learner_is_ahead(learners):
    shops = learners.query("part == 'shops'").pivot_table("value", "case", "method")
    assert len(shops) == 12
    assert 3 < (shops["T"] > shops["DR"]).sum() < 9
    trials = learners.query("part == 'shops'")
    trials = trials.pivot_table("value", ["case", "seed"], "method")
    wins = trials["T"].gt(trials["DR"]).groupby("case").sum()
    assert (wins == 5).sum() == (wins == 0).sum() == 3


def test_a_penalty_decides_what_t_earns_by_score_and_never_as_much_as_the_four(
    learners,
):
    cases = [f"by-score, {penalty}" for penalty in (5, 20, 60, 200)]
    earned = pd.DataFrame({case: trials_of(learners, case)["T"] for case in cases})
    assert earned.mean().is_monotonic_decreasing
    weak, page, strong, _ = cases
    assert earned[weak].mean() > 800
    assert abs(earned[page].mean()) < 500
    assert earned[strong].mean() < -2000
    others = record("uplift").query("part == 'profit' and case == 'by-score'")
    for name in ("transformed outcome", "X", "R", "DR"):
        value = others[others["method"] == name].set_index("seed")["value"]
        assert paired_test(value, earned[weak]).interval[0] > 0


# 6.14, settings chosen without the truth ---------------------------------------------


@pytest.fixture(scope="module")
def settings():
    rows = record("choosing")
    return rows[rows["gain"].notna()]


def earned(settings, part, score):
    """What the setting with the best score earns in each trial, and what all do."""
    rows = settings[settings["part"] == part]
    value = rows.pivot(index=["case", "seed"], columns="method", values="value")
    found = rows.pivot(index=["case", "seed"], columns="method", values=score)
    picked = [value.loc[trial, name] for trial, name in found.idxmax(axis=1).items()]
    return pd.Series(picked, value.index), value


def test_a_penalty_halves_what_t_earns_and_hardly_moves_dr(settings):
    means = settings[settings["part"] == "settings"].groupby("method")["value"].mean()
    assert means["T, 20"] > 2 * means["T, 80"] > 0 == means["T, 320"]
    dr = means[[f"DR, {penalty}" for penalty in (5, 20, 80, 320)]]
    assert dr.max() < 1.02 * dr.min()
    assert means[["T, 3 bins", "DR, 3 bins"]].max() < 0.2 * means["DR, 20"]


def test_from_a_large_trial_held_out_profit_chooses_well(settings):
    for part in ("settings", "by-score", "frequent", "shops"):
        chosen, value = earned(settings, part, "profit")
        best = value.max(axis=1)
        share = chosen.groupby("case").mean() / best.groupby("case").mean()
        assert share.mean() > 0.9, part
    chosen, value = earned(settings, "small", "profit")
    assert chosen.mean() < 0.7 * value.max(axis=1).mean()
    chosen, value = earned(settings, "frequent", "profit")
    assert paired_test(chosen, value["DR, 20"]).interval[0] > 0


def test_held_out_profit_earns_more_than_the_r_loss_where_orders_are_rare(settings):
    for part in ("settings", "by-score", "small"):
        by_profit, by_gain = (earned(settings, part, n)[0] for n in ("profit", "gain"))
        assert by_profit.mean() > 1.2 * by_gain.mean()
        if part == "settings":
            assert paired_test(by_profit, by_gain).interval[0] > 0


def test_the_gain_likes_strong_penalties_whose_lists_earn_less(settings):
    means = (
        settings[settings["part"] == "settings"]
        .groupby("method")
        .mean(numeric_only=True)
    )
    strong, usual = means.loc["DR, ridge 3200"], means.loc["DR, 20"]
    assert strong["gain"] >= usual["gain"]
    assert strong["value"] < 0.85 * usual["value"]
    assert strong["profit"] < 0.85 * usual["profit"]


def test_intervals_of_a_choice_are_a_little_too_narrow():
    held = record("choosing").query("part == 'coverage'")
    share = held.groupby(["case", "method"])["value"]
    assert (share.size() == 500).all()
    assert 0.89 < share.mean().min() < share.mean().max() < 0.94


def test_legislators_are_ranked_by_effect_and_the_transformed_outcome_is_last():
    rows = record("choosing").query("part == 'real' and case == '2796'")
    splits = rows.pivot_table("value", "seed", "method")
    assert len(splits) == 60
    assert (splits[SIX].gt(splits["response"], axis=0).mean() > 0.7).all()
    assert splits["untreated"].mean() < 0
    assert splits[SIX].mean().idxmin() == "transformed outcome"
    assert splits[SIX].mean().idxmax() == "S"
    assert splits["S"].mean() - splits["DR"].mean() < splits["S"].std()
    assert splits["own people"].mean() > 3 * splits["T"].mean()


# 6.20, the forecast and the measurement ----------------------------------------------


@pytest.fixture(scope="module")
def forecasts():
    rows = record("campaign").query("part == 'forecast'")
    return {
        rounds: rows[rows["case"] == rounds].set_index("seed") for rounds in ["3", "10"]
    }


def test_a_forecast_in_three_rounds_is_too_low_and_ten_are_higher(forecasts):
    three, ten = forecasts["3"], forecasts["10"]
    assert len(three) == len(ten) == 200
    assert paired_test(three["truth"], three["value"]).interval[0] > 0
    assert paired_test(ten["value"], three["value"]).interval[0] > 0
    low, high = paired_test(ten["truth"], ten["value"]).interval
    assert low < 0 < high


def test_forecasts_spread_more_than_their_intervals_claim(forecasts):
    for rows in forecasts.values():
        claimed = (rows["high"] - rows["low"]).mean() / 2 / 1.96
        spread = (rows["value"] - rows["truth"]).std()
        assert spread > (1 + 2 / 400**0.5) * claimed  # by two standard errors of it


def test_the_sizes_of_all_orders_repair_the_interval_of_a_holdout():
    held = record("campaign").query("part == 'held'").groupby("method")
    assert (held.size() == 200).all()
    value, error = held["value"].mean(), held["value"].sem()
    plain, repaired = "plain", "sizes of all orders"
    assert value[plain] + 2 * error[plain] < 0.95
    assert abs(value[repaired] - 0.95) < 2 * error[repaired]
    sides = held[["low", "high"]].mean()
    assert sides.loc[plain, "low"] > 3 * sides.loc[plain, "high"]
    assert sides.loc["CUPED", "low"] > 3 * sides.loc["CUPED", "high"]
    assert sides.loc[repaired, "high"] > sides.loc[repaired, "low"]


# What the boxes of mix, candidates and campaign take from the record ------------------


def test_a_mix_without_a_season_loses_and_one_with_all_knowledge_gains_on_today():
    years = record("mix").query("part == 'budget' and channel == 'all'")
    years = years.pivot_table("value", "seed", "case")
    gains = years.sub(years["as now"], axis=0)
    assert len(gains) == 40
    assert gains["no season"].max() < 0 < gains["queries"].min()
    assert years["as now"].max() < 0, "today's split loses already"


def test_uncorrected_towers_find_less_than_best_sellers_and_corrected_ones_more():
    ahead = record("candidates").query("metric == 'against' and study == 'retrieve'")
    ahead = ahead.pivot_table("value", "data", "model")
    assert (ahead["plain"] > ahead["popularity"]).all()
    assert (ahead["popularity"] > 0).all()


def test_the_response_list_loses_and_the_joint_plan_earns_in_every_trial():
    profits = record("campaign").query("part == 'profit' and case == 'trial'")
    profits = profits.pivot_table("value", "seed", "method")
    assert (profits["DR"] > 2000).all()
    assert profits["response"].mean() < -1000


# 6.12, without a trial ---------------------------------------------------------------


@pytest.fixture(scope="module")
def clerk():
    return record("observational").set_index(["part", "case", "method"]).sort_index()


def test_every_interval_but_that_of_a_line_keeps_its_promise_where_nothing_is_hidden(
    clerk,
):
    held = clerk.loc[("interval", "0"), "value"]
    assert set(clerk.loc[("interval", "0"), "n"]) == {500}
    kept = held.drop(["difference", "regression"])
    assert kept.between(0.93, 0.97).all()
    assert held["regression"] < 0.6
    bias = clerk.loc[("bias", "0")].drop(["difference", "regression"])
    assert ((bias["low"] < 0.03) & (bias["high"] > -0.03)).all()


def test_with_a_hidden_cause_no_interval_holds_and_both_warnings_come(clerk):
    assert clerk.loc[("interval", "1"), "value"].max() < 0.05
    assert clerk.loc[("alarm", "1", "other orders"), "value"] > 0.95
    assert clerk.loc[("undone", "1", "strongest column"), "value"] > 0.75
    robust = clerk.loc[("continue", "1", "doubly robust, treated"), "value"]
    assert robust > 0.9 > 0 > clerk.loc[("euros", "1", "a letter"), "value"]


def test_the_trained_men_come_out_near_the_trial_and_the_year_before_alarms(clerk):
    names = ["weighted, treated", "matched", "doubly robust, treated"]
    trial = clerk.loc[("real", "experiment", "difference"), "value"]
    men = clerk.loc[("real", "all men")].loc[names]
    assert (men["value"] - trial).abs().max() < 500
    assert (clerk.loc[("placebo", "all men")].loc[names, "high"] < 0).all()
    assert clerk.loc[("real", "all men", "weighted, all"), "high"] < 0


# 6.13, natural experiments -----------------------------------------------------------


@pytest.fixture(scope="module")
def natural():
    return record("natural").set_index(["part", "case", "method"]).sort_index()


def test_intervals_of_natural_experiments_keep_their_promise_but_for_four_shops(
    natural,
):
    held = natural.loc["interval"]
    assert set(held["n"]) == {500}
    assert held["value"].drop(("4 shops", "did")).between(0.93, 0.97).all()
    assert 0.97 < held["value"]["4 shops", "did"] < 0.985
    weeks = natural.loc["naive", "value"].xs("weeks as independent", level="method")
    assert weeks.max() < 0.7


def test_a_weak_instrument_misleads_and_the_set_says_that_it_cannot_tell(natural):
    weak = natural.loc["weak", "value"].unstack("method")
    strong = weak.loc[[f"strong {share}" for share in (0.2, 0.05, 0.02, 0.01)]]
    assert strong["median effect"].is_monotonic_increasing
    assert strong["without ends"].is_monotonic_increasing
    assert strong["anderson-rubin"].between(0.93, 0.97).all()
    assert strong["wald, where p < .05"].iloc[1:].max() < 0.15


def test_the_weeks_before_seldom_show_a_drift_and_sorting_shows_itself(natural):
    seen = natural.loc["seen", "value"].unstack("method")
    assert seen["weeks before the start"]["drift .02"] < 0.1
    assert natural.loc[("broken", "drift .02", "did"), "value"] > 0.2
    pictures = seen[["density", "visits"]]
    assert pictures.loc["sorting .25"].min() > 0.95
    assert pictures.loc["no sorting"].between(0.02, 0.08).all()
    wild = natural.loc[("broken", "no sorting"), "sd"]
    assert wild["polynomial 6"] > 2 * wild["discontinuity"]


# 1.4, a log that is made a table ------------------------------------------------------


def test_the_latest_purchase_reverses_groceries_and_lifts_both_lists_of_the_shop():
    (page,) = [page for page in pages() if page.name == "1-concepts/evaluation"]
    (text,) = re.findall(".*leaks when it is made a table.*", page.text)
    ndcg = record("leak").set_index(["data", "kept", "model"])["ndcg"].sort_index()
    first, latest = (ndcg["groceries", kept] for kept in ("first", "latest"))
    assert f"from {first['popularity']:.3f} with the first purchase" in text
    assert f"to {latest['popularity']:.3f} with the latest" in text
    assert first["EASE"] > first["popularity"]
    assert latest["EASE"] < latest["popularity"]
    gains = (ndcg["shop", "latest"] - ndcg["shop", "first"]).round(3)
    assert set(gains) == {gains.iloc[0]}
    assert f"both gain {gains.iloc[0]}" in text


# The class projects: what the flag sees, and what forecasts earn ----------------------


@pytest.fixture(scope="module")
def worlds():
    rows = record("projects")
    return rows[rows["seed"].notna()]


@pytest.fixture(scope="module")
def sums():
    rows = record("projects")
    return rows[rows["seed"].isna()].set_index(["part", "method", "case", "share"])


def test_the_flag_sees_a_fiftieth_of_the_answers_and_no_honest_file(worlds, sums):
    fiftieth = sums.loc["stars", "svdpp", "mixed", 0.02]
    honest = sums.loc["stars", "all", "honest", 0.0]
    says = (
        f"in {honest['n']:.0f} worlds, a fiftieth of each answer came to "
        f"{fiftieth['low']:.1f} at least, and no honest file above {honest['high']:.1f}"
    )
    assert says in PAGES["class-project"].text
    assert honest["high"] < FAR < fiftieth["low"]
    assert not worlds.loc[worlds["case"] == "honest", "flagged"].any()
    some = worlds[worlds["share"] > 0.01].groupby(["part", "case"])["flagged"]
    assert some.min()["stars"].eq(1).all()
    assert 0 < sums.loc["stars", "svdpp", "mixed", 0.01]["flagged"] < 1
    assert worlds.loc[worlds["case"] == "ceiling", "score"].min() > 0.96 > TOO_GOOD


def test_of_lists_the_flag_sees_a_tenth_of_the_places_and_a_twentieth_mostly(sums):
    says = "places filled from the answers is seen, a twentieth mostly, and a fiftieth"
    assert f"Of lists, a tenth of the {says} hardly ever" in PAGES["class-project"].text
    places = sums.loc["lists"].xs("places", level="case")["flagged"].unstack("share")
    assert (places[0.1] == 1).all()
    assert places[0.05].between(0.5, 1, inclusive="neither").all()
    assert places[0.02].max() < 0.05


def test_plans_by_uplift_come_to_half_of_the_best_and_three_quarters_at_most(worlds):
    plans = worlds[worlds["part"] == "plans"]
    uplift = plans[plans["method"].isin(["uplift", "X-learner"])]
    text = PAGES["campaign-project"].text
    assert f"In {uplift['seed'].nunique()} worlds plans by uplift came to half" in text
    assert 0.45 < uplift["score"].mean() < 0.55
    assert uplift["score"].min() < 0 < 0.7 < uplift["score"].max() <= 0.75
    assert plans["score"].max() <= 0.75 < TOO_GOOD_A_PLAN


def test_whoever_believes_the_trial_has_the_highest_mark_and_a_bolder_one_wins(worlds):
    rows = worlds[worlds["part"] == "readers"]
    marks = rows.pivot_table("mark", "seed", "method")
    first = rows.groupby("method")["first"].mean()
    others = marks.columns.drop("as wide as the trial's")
    says = "In the 60 worlds an interval half as wide as the trial's came first most"
    assert says in PAGES["campaign-project"].text
    assert len(marks) == 60
    assert all(is_ahead(marks, "as wide as the trial's", name) for name in others)
    assert first.idxmax() == "half as wide"
    assert first[["half as wide", "a tenth each side", "a point"]].sum() > 0.5


def test_a_forecast_of_ones_own_plan_would_be_won_by_who_plans_least(worlds):
    own = worlds[worlds["part"] == "own"].groupby("method")["score"]
    least = max(own.get_group(name).max() for name in ("nothing", "one buyer"))
    assert least < 100 < min(own.get_group(n).min() for n in ("readers", "X-learner"))
