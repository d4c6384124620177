"""What the command refuses before anything runs, and what it writes."""

import csv

from classroom import notebook

from recbook.mark import commands
from recbook.mark.commands import main
from recbook.mark.report import summary


def refused(capsys, *given):
    assert main([str(word) for word in given]) == 2
    error = capsys.readouterr().err
    assert error.startswith("recbook.mark: ")
    return error


def test_the_teachers_ids_are_checked_before_anything_runs(tmp_path, capsys):
    said = refused(capsys, "nowhere", "--ids", "2.2-pul")
    assert "no exercise '2.2-pul'; did you mean 2.2-pull" in said
    assert "no exercise '9.9'" in refused(capsys, "nowhere", "--ids", "9.9")
    assert "say what is marked" in refused(capsys, "nowhere")
    assert "'nowhere' is no folder" in refused(capsys, "nowhere", "--ids", "2.2", "3")


def test_ids_of_a_file(tmp_path, capsys):
    (tmp_path / "ids.txt").write_text("2.2-pull, 2.2-leak # week 2\n2.2-no\n")
    said = refused(capsys, "nowhere", "--ids-file", tmp_path / "ids.txt")
    assert "'2.2-no'" in said
    assert "cannot be read" in refused(capsys, "nowhere", "--ids-file", tmp_path)


def test_nothing_is_written_over(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_text(notebook(["x = 1"]))
    (tmp_path / "out.csv").write_text("mine")
    given = tmp_path / "in", "--ids", "2.2"
    assert "there already" in refused(capsys, *given, "--csv", tmp_path / "out.csv")
    assert "not there" in refused(capsys, *given, "--csv", tmp_path / "no" / "out.csv")
    assert "not empty" in refused(capsys, *given, "--feedback", tmp_path)
    assert "1 at least" in refused(capsys, *given, "--seconds", "0")


def test_a_class_of_broken_files_is_marked_without_a_process(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    for name in ("=1+1.ipynb", "bob.ipynb"):
        (tmp_path / "in" / name).write_text("no notebook")
    given = ["--ids", "2.2-pull", "--csv", str(tmp_path / "out.csv")]
    assert main([str(tmp_path / "in"), *given]) == 0
    printed = capsys.readouterr().out
    assert "bob      0 of 1  not marked: it is no notebook" in printed
    assert "2.2-pull    0 of 2 right  2 x not handed in" in printed
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8-sig") as file:
        first = next(csv.DictReader(file))
    assert (first["name"], first["file"]) == ("'=1+1", "'=1+1.ipynb")
    assert (first["points"], first["of"], first["2.2-pull"]) == ("0", "1", "0")


def test_a_package_that_was_changed_meanwhile_is_told(tmp_path, capsys, monkeypatch):
    for name in ("ann.ipynb", "bob.ipynb"):
        (tmp_path / name).write_text("no notebook")
    states = iter([{"a.py": 1}, {"a.py": 1}, {"a.py": 2}])
    monkeypatch.setattr(commands, "_package", lambda: next(states))
    assert main([str(tmp_path), "--ids", "2.2-pull", "--jobs", "1"]) == 0
    assert "files of recbook itself were changed" in capsys.readouterr().err


def test_the_summary_names_the_most_common_line():
    lines = [(True, "right"), (False, "off"), (False, "off"), (False, "late")]
    assert list(summary([{"a": line} for line in lines], ["a"])) == [
        "a    1 of 4 right  2 x off"
    ]
