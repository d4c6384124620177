"""What the command refuses before anything runs, and what it writes."""

import csv
import os

import pytest
from classroom import notebook

from recbook.mark import commands, judges, workplace
from recbook.mark.commands import main
from recbook.mark.report import summary
from recbook.mark.wire import Broken


class Ended:
    """A judge that a file has ended."""

    made = 0

    def __init__(self, work):
        type(self).made += 1

    def ready(self):
        return []  # is shut to students

    def mark(self, order):
        raise Broken("the other side has ended")

    def close(self):
        pass


def rows_of(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def two(tmp_path):
    """A folder of two notebooks."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("ann", "bob"):
        (folder / f"{name}.ipynb").write_text(notebook(["x = 1"]))
    return folder


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
    (tmp_path / "replies").mkdir()
    (tmp_path / "replies" / "a.txt").write_text("mine")
    given = tmp_path / "in", "--ids", "2.2"
    assert "there already" in refused(capsys, *given, "--csv", tmp_path / "out.csv")
    assert "not there" in refused(capsys, *given, "--csv", tmp_path / "no" / "out.csv")
    said = refused(capsys, *given, "--feedback", tmp_path / "replies")
    assert "is there already, and is no text of this command" in said
    said = refused(capsys, *given, "--feedback", tmp_path / "out.csv")
    assert "is no folder" in said
    assert "1 at least" in refused(capsys, *given, "--seconds", "0")


def test_a_class_of_broken_files_is_marked_without_a_process(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    for name in ("=1+1.ipynb", "bob.ipynb"):
        (tmp_path / "in" / name).write_text("no notebook")
    given = ["--ids", "2.2-pull", "--csv", str(tmp_path / "out.csv")]
    assert main([str(tmp_path / "in"), *given]) == 1
    printed = capsys.readouterr().out
    assert "bob      0 of 1\n    not marked: it is no notebook" in printed
    assert "2.2-pull    0 of 2 right  2 x not handed in" in printed
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8-sig") as file:
        first = next(csv.DictReader(file))
    assert (first["name"], first["file"]) == ("'=1+1", "'=1+1.ipynb")
    assert (first["points"], first["of"], first["2.2-pull"]) == ("0", "1", "0")


@pytest.mark.parametrize("name", ["compare.py", "__pycache__/compare.pyc"])
def test_after_a_change_of_recbook_no_judge_is_started(
    two, tmp_path, capsys, monkeypatch, name
):
    package = tmp_path / "recbook"
    (package / "__pycache__").mkdir(parents=True)
    file = package / name
    file.write_text("if differs: return 'off'")

    class Changes(Ended):
        def mark(self, order):
            before = file.stat()
            file.write_text("if differs: return  None")
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
            super().mark(order)

    monkeypatch.setattr(workplace, "PACKAGE", package)
    monkeypatch.setattr(judges, "Judge", Changes)
    monkeypatch.setattr(judges, "installed", dict)
    assert main([str(two), "--ids", "2.2-pull", "--jobs", "1"]) == 1
    assert Changes.made == 1
    out, err = capsys.readouterr()
    assert err.count("files of recbook itself were changed") == 1
    assert "bob    0 of 1\n    not marked: files that Python loads were changed" in out


def test_a_file_that_was_not_marked_shows_in_the_exit_status(two, capsys, monkeypatch):
    monkeypatch.setattr(judges, "Judge", Ended)
    monkeypatch.setattr(judges, "installed", dict)
    assert main([str(two), "--ids", "2.2-pull"]) == 1
    out = capsys.readouterr().out
    assert "\n2 of 2 files were not marked.\n" in out
    assert out.splitlines()[-1].startswith("There is no whole fence here")


def test_a_csv_that_cannot_be_written_is_told_before_anything_runs(
    two, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(commands, "mark_all", None)
    path = tmp_path / ("x" * 300 + ".csv")
    said = refused(capsys, two, "--ids", "2.2-pull", "--csv", path)
    assert "cannot be written: File name too long" in said


def test_rows_are_on_disk_as_they_are_marked(two, tmp_path, monkeypatch):
    path, right = tmp_path / "out.csv", {"2.2-pull": [True, "right"]}

    def marked(*_):
        yield 1, right, []
        assert [row["name"] for row in rows_of(path)] == ["bob"]
        path.unlink()
        path.write_text("name\nwhat a file wrote there")
        yield 0, right, []

    monkeypatch.setattr(commands, "mark_all", marked)
    assert main([str(two), "--ids", "2.2-pull", "--csv", str(path)]) == 0
    assert [row["name"] for row in rows_of(path)] == ["ann", "bob"]
    assert sorted(os.listdir(tmp_path)) == ["in", "out.csv"]


@pytest.mark.parametrize("option", ["--csv", "--feedback"])
def test_the_table_is_printed_whatever_becomes_of_the_files(
    two, tmp_path, capsys, monkeypatch, option
):
    path, right = tmp_path / "out", {"2.2-pull": [True, "right"]}

    def marked(*_):
        yield 0, right, []
        if option == "--csv":
            path.unlink()
            path.mkdir()
            (path / "x").touch()
        else:
            path.write_text("no folder")
        yield 1, right, []

    monkeypatch.setattr(commands, "mark_all", marked)
    assert main([str(two), "--ids", "2.2-pull", option, str(path)]) == 1
    out, err = capsys.readouterr()
    assert "ann    1 of 1\nbob    1 of 1" in out
    assert f"recbook.mark: {str(path)!r} cannot be written: " in err


def test_the_summary_names_the_most_common_line():
    lines = [(True, "right"), (False, "off"), (False, "off"), (False, "late")]
    assert list(summary([{"a": line} for line in lines], ["a"])) == [
        "a    1 of 4 right  2 x off"
    ]
