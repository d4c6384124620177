"""Forecasts: by their definitions, in all forms, and not won by a trick."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from handed_in import PLAN, PLAN_TRUTH, plan_of
from hypothesis import given
from hypothesis import strategies as st

from recbook import grade
from recbook.grade.campaign import rules
from recbook.grade.campaign.forecasts import (
    Forecast,
    forecast_of,
    mark,
    read_forecasts,
)
from recbook.grade.commands import main

# Everybody who gets the e-mail of the readers' plan: .05 + .25 = .30 euros.
READERS_TRUTH = "customer_id,email,letter,everybody,readers\n" + "".join(
    f"{row.rpartition(',')[0]},{'email' if row[0] in '12' else 'nothing'}\n"
    for row in PLAN_TRUTH.splitlines()[1:]
)


@given(
    st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(0, 1e5)
)
def test_the_interval_score_by_its_definition(truth, a, b, wider):
    low, high = min(a, b), max(a, b)
    score = Forecast(low, low, high).score(truth)
    below, above = truth < low, truth > high
    plain = high - low + 40 * (low - truth) * below + 40 * (truth - high) * above
    assert score == pytest.approx(plain)
    if not (below or above):  # an interval that held gains nothing by being wider
        assert Forecast(low, low, high + wider).score(truth) >= score


def believed(reach, what):
    """Return the mean of a score of N(0, 1) truths for the interval of +- reach."""
    truths = np.random.default_rng(0).standard_normal(4000)
    return np.mean([what(Forecast(0, -reach, reach), truth) for truth in truths])


REACHES = [0.0, 0.5, 1.0, 1.6, 1.96, 2.4, 3.0, 5.0]


def test_the_score_rewards_the_interval_that_is_believed():
    # N(0, 1): the mean score is least for ends at -1.96 and 1.96
    means = {reach: believed(reach, Forecast.score) for reach in REACHES}
    assert min(means, key=means.get) == 1.96


def test_the_points_reward_it_too():
    """With what the trial knows nobody gets more by another interval, bold or wide."""
    width = 2 * 1.96
    means = {
        reach: believed(reach, lambda f, t: mark(f, t, width)) for reach in REACHES
    }
    assert max(means, key=means.get) == 1.96
    assert means[1.96] > 4.8
    assert means[0.0] < 3.0
    # And who knows more than the trial has all points with the interval believed.
    assert mark(Forecast(0, -1, 1), 0.5, width) == 5


def test_width_of_the_trial_by_a_plain_loop(folder):
    task = grade.load_campaign(folder / "students")
    arms, opens = {"email": [], "nothing": []}, task.customers["opens"].tolist()
    for who, what, euros in task.trial[["customer_id", "action", "euros"]].to_numpy():
        if opens[who] >= 5 and what in arms:
            arms[what].append(euros)
    error = math.sqrt(sum(np.var(arm, ddof=1) / len(arm) for arm in arms.values()))
    n = sum(number >= 5 for number in opens)
    assert rules.width_of_trial(task) == pytest.approx(2 * 1.96 * n * error)
    answers = grade.read_campaign(folder / "answers-campaign.csv")
    assert answers.width == rules.width_of_trial(task)
    assert (answers.baselines["readers"] == (np.array(opens) >= 5)).all()


@pytest.mark.parametrize(
    ("text", "plans"),
    [
        ("profit,low,high\n1,0,2\n", ["mine"]),
        ("plan,profit,low,high\nreaders,1,0,2\nmine,1,0,2\n", ["mine", "readers"]),
        ("low,high,profit,plan\n0,2,1,readers\n", ["readers"]),
        ("\ufeffplan,profit,low,high\r\nmine,1,0,2\r\n", ["mine"]),
    ],
)
def test_the_forms_of_a_forecast(tmp_path, text, plans):
    (tmp_path / "plan.txt").write_text(text, encoding="utf-8")
    found = read_forecasts(tmp_path / "plan.txt")
    assert sorted(found) == plans
    assert set(found.values()) == {Forecast(1, 0, 2)}


REFUSED = {
    "profit,low,high\n1,0,2\n1,0,2\n": "name the plan of each row in a column plan",
    "plan,profit,low,high\nours,1,0,2\n": "plan is 'ours'; write mine or readers",
    "plan,profit,low,high\n,1,0,2\n": "plan is empty",
    "plan,profit,low,high\nmine,1,0,2\nmine,1,0,2\n": "plan is mine a second time",
    "plan,profit,low,high,why\nmine,1,0,2,so\n": "column 'why' is unknown",
    "plan,profit,low,high\nmine,1,0,2\nreaders,x,0,2\n": "row 2 (line 3): profit is",
}


@pytest.mark.parametrize("text", REFUSED)
def test_forms_that_are_refused(tmp_path, text):
    (tmp_path / "plan.txt").write_text(text, encoding="utf-8")
    with pytest.raises(grade.Refused) as reason:
        read_forecasts(tmp_path / "plan.txt")
    assert REFUSED[text] in str(reason.value)


def test_the_forecast_of_a_plan_as_platforms_name_files(tmp_path):
    moodle = tmp_path / "Ada_7_assignsubmission_file_"
    moodle.mkdir()
    names = ["ada_12345_67867_plan.csv", "ada_12345_67868_plan.txt", "team.csv"]
    names += ["bob_12346_67869_plan.csv", "bob_12346_67870_a.txt", "team.txt"]
    names += ["bob_12346_67871_b.txt", "other.csv", "notes.txt"]
    for path in [moodle / "a.csv", moodle / "b.txt", *(tmp_path / n for n in names)]:
        path.touch()
    found = {name: forecast_of(tmp_path / name) for name in names if "csv" in name}
    assert found["ada_12345_67867_plan.csv"] == tmp_path / "ada_12345_67868_plan.txt"
    assert found["bob_12346_67869_plan.csv"] is None, "one of two would be a guess"
    assert found["team.csv"] == tmp_path / "team.txt"
    assert found["other.csv"] is None
    assert forecast_of(moodle / "a.csv") == moodle / "b.txt"


@pytest.fixture
def graded(tmp_path, capsys):
    """Grade a class of plans, each with the text of its forecast; return the table."""
    (tmp_path / "answers-campaign.csv").write_text(READERS_TRUTH, encoding="utf-8")
    (tmp_path / "in").mkdir()

    def grade_all(**class_):
        for name, (rows, text) in class_.items():
            (tmp_path / "in" / f"{name}.csv").write_text(plan_of(rows), "utf-8")
            if text:
                (tmp_path / "in" / f"{name}.txt").write_text(text, "utf-8")
        given = ["--table", str(tmp_path / "in"), "--csv", str(tmp_path / "out.csv"),
                 "--answers", str(tmp_path / "answers-campaign.csv")]  # fmt: skip
        assert main(given) == 0
        return capsys.readouterr().out, pd.read_csv(tmp_path / "out.csv").set_index(
            "name"
        )

    return grade_all


HEAD = "plan,profit,low,high\n"
NOTHING = [row.partition(",")[0] + ",nothing" for row in PLAN]


def test_a_plan_of_nothing_does_not_win_the_forecasts(graded):
    out, rows = graded(
        honest=(PLAN, f"{HEAD}mine,1.5,1,2\nreaders,.35,.25,.45\n"),
        nothing=(NOTHING, f"{HEAD}mine,0,0,0\n"),
        nothing_too=(NOTHING, f"{HEAD}mine,0,0,0\nreaders,0,-.01,.01\n"),
        wide=(PLAN, f"{HEAD}mine,1,-1e6,1e6\nreaders,0,-1e6,1e6\n"),
    )
    ranked = out.partition("by interval score:")[2].partition("own plans")[0]
    order = [line.split("'")[1] for line in ranked.splitlines() if line[:3] == "  '"]
    assert order == ["honest.csv", "nothing_too.csv", "wide.csv", "nothing.csv"]
    honest, nothing = rows.loc["honest.csv"], rows.loc["nothing_too.csv"]
    assert honest["interval score"] == pytest.approx(0.2)
    assert nothing["interval score"] == pytest.approx(0.02 + 40 * 0.29)
    assert honest["profit"] == pytest.approx(1.35)
    assert honest[["forecast", "low", "high"]].tolist() == [1.5, 1, 2]
    assert honest[["held", "readers held"]].tolist() == ["yes", "yes"]
    assert honest["readers' plan"] == pytest.approx(0.30)
    assert nothing[["held", "readers held"]].tolist() == ["yes", "no"]
    assert "points: The forecast" not in rows, "no trial lies beside these answers"


def test_the_page_shows_who_forecast_best_whole_among_narrow_ones(graded, tmp_path):
    narrow = {f"team{t}": (PLAN, f"{HEAD}mine,1,0,2\nreaders,{x},{x},{x}\n")
              for t, x in enumerate([-20, -10])}  # fmt: skip
    graded(best=(PLAN, f"{HEAD}mine,1,0,2\nreaders,-5,-900,900\n"), **narrow)
    given = [str(tmp_path / name) for name in ("in", "answers-campaign.csv", "b.html")]
    assert main(["--table", given[0], "--answers", given[1], "--html", given[2]]) == 0
    page = (tmp_path / "b.html").read_text("utf-8").partition("Forecasts of")[2]
    places = [float(x) for x in re.findall(r'class="tick" x1="([\d.]+)"', page)]
    assert all(0 < x < 50 for x in places), "each below the truth, and on the scale"
    assert len(set(places)) == 3


def test_answers_of_an_earlier_time_rank_no_forecast(answers, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(plan_of(PLAN), "utf-8")
    (tmp_path / "in" / "a.txt").write_text(f"{HEAD}readers,1,0,2\n", "utf-8")
    assert main(["--table", str(tmp_path / "in"), "--answers", str(answers)]) == 0
    out = capsys.readouterr().out
    assert "The answers have no plan readers" in out
    assert "'a.csv': no forecast" in out


def test_points_of_the_score(folder, tmp_path):
    answers = grade.read_campaign(folder / "answers-campaign.csv")
    words, rows = np.array(["nothing", "email", "letter"]), np.arange(4000)
    earned = {n: answers.value[rows, p].sum() for n, p in answers.baselines.items()}
    best = max(earned, key=earned.get)
    top = earned["everybody"]
    plans = answers.baselines | {"nothing": np.zeros(4000, int)}
    for name in (best, "lifetime value", "nothing"):
        path = tmp_path / "plan.csv"
        frame = {"customer_id": answers.customers, "action": words[plans[name]]}
        pd.DataFrame(frame).to_csv(path, index=False)
        points = grade.grade_campaign(path, answers).points()
        is_below = earned.get(name, 0.0) < top
        assert points["The score"] == (3 if name == best else 1 if is_below else 2, 5)
        assert points["The forecast"] == (3, 15)
