"""The command line: what it prints, what it refuses, and that it runs as a program."""

import os
import shutil
import subprocess
import sys

import pytest
from handed_in import ROWS, file_of, hand_in, lists_file

from recbook.grade.commands import main


def test_command_prints_the_score_and_the_baselines(run):
    status, out, err = run(file_of(ROWS))
    assert (status, err) == (0, "")
    assert "RMSE 1.0247" in out
    assert "MAE 0.7000" in out
    assert "bias" in out
    assert "Gain over the best baseline, bias: -0.1303" in out


@pytest.mark.parametrize(
    "arguments",
    [[], ["a.csv", "--pairs", "b.csv"], ["a.csv", "--seed", "1"],
     ["--pairs", "b.csv", "--answers", "c.csv"], ["--new", "x", "--lists"],
     ["--table", "x", "--form", "y"], ["a.csv", "--form", "x", "--answers", "y"],
     ["--new", "x", "--new-campaign", "y"], ["a.csv", "--forecast", "f.txt"],
     ["--new-campaign", "x", "--forecast", "f.txt"]],
)  # fmt: skip
def test_options_that_do_not_go_together(arguments, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("recbook.grade: ")


def test_form_is_checked_without_answers(ten, world, tmp_path, capsys):
    both, ranked = ten
    handed_out = tmp_path / "students"
    shutil.copytree(world / "students", handed_out)
    mine, lists = tmp_path / "mine.csv", tmp_path / "lists.csv"
    form = both.task.pairs.assign(prediction=3.5)
    form.to_csv(mine, index=False)
    lists_file(lists, both.task, ranked)
    assert main([str(mine), "--form", str(handed_out)]) == 0
    assert main([str(lists), "--lists", "--form", str(handed_out)]) == 0
    out = capsys.readouterr().out
    assert out.count("can be graded") == 2
    assert not any(character.isdigit() for character in out.replace(str(tmp_path), ""))
    form.iloc[1:].to_csv(mine, index=False)
    assert main([str(mine), "--form", str(handed_out)]) == 2
    assert "1 of" in capsys.readouterr().err
    seen = both.task.codes
    ranked = ranked.copy()
    ranked[seen[0][0], 0] = seen[1][0]
    lists_file(lists, both.task, ranked)
    assert main([str(lists), "--lists", "--form", str(handed_out)]) == 2
    assert "recommend what is new" in capsys.readouterr().err


def test_table_of_the_command(tmp_path, capsys):
    hand_in(tmp_path, ann=0.6)
    given = ["--table", str(tmp_path / "in"), "--answers", str(tmp_path / "truth.txt")]
    assert main(given) == 0
    assert "1   ann.csv   RMSE 0.6" in capsys.readouterr().out


def test_as_a_command(tmp_path, answers):
    path = tmp_path / "mine.csv"
    path.write_text(file_of(ROWS[1:]), encoding="utf-8")
    command = [sys.executable, "-m", "recbook.grade", str(path), "--answers", answers]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("recbook.grade: ")
    assert "Traceback" not in done.stderr


def test_a_name_in_any_script_is_printed_on_any_terminal(tmp_path, answers):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "李明.csv").write_text(file_of(ROWS), encoding="utf-8")
    command = [sys.executable, "-m", "recbook.grade", "--table", tmp_path / "in"]
    done = subprocess.run(
        [*command, "--answers", answers],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert r"\u674e\u660e" in done.stdout


def test_help_says_what_the_package_says(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "python -m recbook.grade --new FOLDER" in capsys.readouterr().out
