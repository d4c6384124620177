"""What the command line says of plans, and of options that are for films."""

import numpy as np
import pandas as pd
import pytest
from handed_in import PLAN, plan_of

from recbook import grade
from recbook.grade.campaign.make import ANSWERS
from recbook.grade.commands import main


def test_the_command_prints_all_of_it(run):
    status, out, err = run(plan_of(PLAN), forecast="profit,low,high\n1.5,1,2\n")
    assert (status, err) == (0, "")
    assert "60.0% of the best" in out
    assert "everybody" in out
    assert "Gain over the best baseline" in out
    assert "Forecast 2 € (1 € to 2 €): held. Interval score 1 €." in out
    assert "Too good" not in out


def test_lists_of_films_are_no_plan(run):
    status, _, err = run(plan_of(PLAN), "--lists")
    assert status == 2
    assert "--lists goes with films" in err


def test_lists_are_no_form_of_a_plan(folder, tmp_path, capsys):
    (tmp_path / "plan.csv").write_text(plan_of(PLAN), encoding="utf-8")
    students = str(folder / "students")
    assert main([str(tmp_path / "plan.csv"), "--form", students, "--lists"]) == 2
    assert "--lists goes with films" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--new-campaign", "--form", "--answers"])
def test_a_name_too_long_for_the_disk_is_refused(option, tmp_path, capsys):
    (tmp_path / "plan.csv").write_text(plan_of(PLAN), encoding="utf-8")
    file = [] if option == "--new-campaign" else [str(tmp_path / "plan.csv")]
    assert main([*file, option, "x" * 300]) == 2
    err = capsys.readouterr().err
    assert err.startswith("recbook.grade: ")
    assert err.count("\n") == 1


def test_forecasts_of_folders_have_their_students_names(answers, tmp_path, capsys):
    for name, high in (("Ada", 10), ("Bob", 20)):
        place = tmp_path / "class" / f"{name}_12_assignsubmission_file_"
        place.mkdir(parents=True)
        (place / "plan.csv").write_text(plan_of(PLAN), encoding="utf-8")
        (place / "plan.txt").write_text(f"profit,low,high\n1,0,{high}\n", "utf-8")
    assert main(["--table", str(tmp_path / "class"), "--answers", str(answers)]) == 0
    out = capsys.readouterr().out
    assert out.index("'Ada': Forecast") < out.index("'Bob': Forecast")


def test_from_the_task_to_the_table(folder, tmp_path, capsys):
    task = grade.load_campaign(folder / "students")
    plans = tmp_path / "plans"
    plans.mkdir()
    ids = np.arange(len(task.customers))
    some = task.customers["opens"] > 5
    for name, action in (("a", "email"), ("b", np.where(some, "email", "nothing"))):
        frame = pd.DataFrame({"customer_id": ids, "action": action})
        frame.to_csv(plans / f"{name}.csv", index=False)
    (plans / "b.txt").write_text("profit,low,high\n50,0,100\n", encoding="utf-8")
    (plans / "c.csv").write_text("no plan\n", encoding="utf-8")
    students = str(folder / "students")
    assert main([str(plans / "b.csv"), "--form", students]) == 0
    assert "can be graded" in capsys.readouterr().out
    assert main([str(plans / "c.csv"), "--form", students]) == 2
    capsys.readouterr()
    answers = str(folder / ANSWERS)
    csv = tmp_path / "class.csv"
    assert main(["--table", str(plans), "--answers", answers, "--csv", str(csv)]) == 0
    out = capsys.readouterr().out
    assert "refused: 'c.csv'" in out
    assert "'b.csv': Forecast 50 €" in out
    assert "'a.csv': no forecast" in out
    rows = pd.read_csv(csv)
    assert {"a.csv", "b.csv", "c.csv", "(uplift)"} <= {*rows["name"]}
    everybody = rows.set_index("name")["of the best"]
    assert everybody["a.csv"] == everybody["(everybody)"]
