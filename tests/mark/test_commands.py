"""What the command refuses before anything runs, and what it writes."""

import csv
import os
import shutil

import pytest
from classroom import notebook
from platforms import worksheet

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


MOODLE = (100201, "Ada Byron"), (100202, "Bob Cid"), (100203, "Li Wei"), (4, "Zoe")


@pytest.fixture
def moodle(tmp_path, monkeypatch):
    """A class as Moodle gives it; the files called right.ipynb are right."""
    folder = tmp_path / "in"
    for (id, name), files in zip(
        MOODLE, ("right", "wrong right", "broken"), strict=False
    ):
        for file in files.split():
            place = folder / f"{name}_{id}_assignsubmission_file_" / f"{file}.ipynb"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("no" if file == "broken" else notebook(["x = 1"]))
    (tmp_path / "moodle.csv").write_text(worksheet(*MOODLE), encoding="utf-8")

    def marked(sheets, ids, *_):
        for place, sheet in enumerate(sheets):
            right = "right" in sheet.file
            mark = [True, "right"] if right else [False, "S is off"]
            yield place, {"2.2-leak": [False, "off"], "2.2-pull": mark}, []

    monkeypatch.setattr(commands, "mark_all", marked)
    return folder


def marks(folder, *options, status=1):
    """Mark a folder; the grades in the class list, and the replies by their folder."""
    work = folder.parent
    given = ["--ids", "2.2-leak", "2.2-pull", "--csv", work / "grades.csv"]
    given += ["--feedback", work / "replies", "--worksheet", work / "moodle.csv"]
    assert main([str(word) for word in (folder, *given, *options)]) == status
    grades = [row["Grade"] for row in rows_of(work / "moodle.csv")]
    replies = {
        path.parent.name.partition("_")[0]: path.read_text(encoding="utf-8-sig")
        for path in work.glob("replies/*/feedback.txt")
    }
    return grades, replies


def test_marks_go_back_to_the_platform(moodle, capsys):
    by_hand = moodle.parent / "by-hand.csv"
    by_hand.write_text('name,exercise,points,why\nZoe,2.2.2,"0,5",told me\n')
    grades, replies = marks(moodle, "--points", "2.2-pull=3", "--overrides", by_hand)
    # 3 of 4 points, twice; a file that was not marked has no grade; half a point of 4.
    assert grades == ["7.50", "7.50", "", "1.25"]
    assert "3 of 4 points.\n" in replies["Ada Byron"]
    assert "2.2.7 How far to believe them: right [3 of 3]" in replies["Bob Cid"]
    assert set(replies) == {"Ada Byron", "Bob Cid", "Li Wei"}
    assert replies["Li Wei"].startswith("Li Wei\nNo points yet, as this could not be")
    assert "0 of 4" not in replies["Li Wei"], "the class list has no grade either"
    out = capsys.readouterr().out
    assert "Zoe        0.5 of 4\n    nothing handed in" in out
    # Who sent nothing is not counted here.
    assert "2.2-pull    2 of 4 right  2 x S is off" in out
    assert "    the best of 2 files: 3 of 4" in out
    assert "Not marked, and left without a grade: Li Wei (100203)." in out
    rows = rows_of(moodle.parent / "grades.csv")
    assert [(row["name"], row["points"]) for row in rows] == [
        *(("Ada Byron", "3"), ("Bob Cid", "3"), ("Bob Cid", "0")),
        *(("Li Wei", "0"), ("Zoe", "0.5")),
    ]


def test_a_second_run_changes_what_it_marks_and_nothing_else(moodle):
    before, replies = marks(moodle)
    for name in ("Ada Byron_100201_assignsubmission_file_", "Li Wei_100203"):
        for place in moodle.glob(f"{name}*"):
            shutil.rmtree(place)
    (file,) = moodle.glob("Bob*/right.ipynb")
    file.unlink()
    (moodle.parent / "replies" / "mine.txt").write_text("mine")
    now, later = marks(moodle, status=0)
    assert (before, now) == (["5.00", "5.00", "", ""], ["5.00", "0.00", "", ""])
    assert replies["Ada Byron"] == later["Ada Byron"]
    assert "0 of 2 points." in later["Bob Cid"]
    rows = rows_of(moodle.parent / "grades.csv")
    assert [(row["name"], row["points"]) for row in rows] == [
        *(("Ada Byron", "1"), ("Bob Cid", "1"), ("Bob Cid", "0")),
        *(("Li Wei", "0"), ("Zoe", "0")),
    ]
    assert "not marked" in rows[3]["note"]


def test_a_class_list_that_changed_meanwhile_stays_and_is_told(
    moodle, capsys, monkeypatch
):
    path, plainly = moodle.parent / "moodle.csv", commands.mark_all

    def meanwhile(*given):
        path.write_text("mine")
        yield from plainly(*given)

    monkeypatch.setattr(commands, "mark_all", meanwhile)
    given = ["--ids", "2.2-leak", "2.2-pull", "--worksheet", str(path)]
    assert main([str(moodle), *given]) == 1
    assert path.read_text() == "mine"
    out, err = capsys.readouterr()
    assert "Ada Byron    1 of 2" in out
    assert "has changed since it was read, so nothing was written; close it" in err


def test_options_that_do_not_go_together(two, tmp_path, capsys):
    given = two, "--ids", "2.2-pull"
    said = refused(capsys, *given, "--worksheet", "a.csv", "--gradebook", "b.csv")
    assert "give --worksheet or --gradebook" in said
    assert "--column goes with" in refused(capsys, *given, "--column", "Homework 2")
    said = refused(capsys, *given, "--points", "2.2-leak=2")
    assert "'2.2-leak', which is not marked" in said
    assert "'b.csv' does not exist" in refused(capsys, *given, "--overrides", "b.csv")


def test_exercises_come_in_the_order_of_the_book(two, tmp_path, monkeypatch):
    def marked(sheets, ids, *_):
        for place in range(len(sheets)):
            yield place, dict.fromkeys(ids, (False, "off")), []

    monkeypatch.setattr(commands, "mark_all", marked)
    path = tmp_path / "out.csv"
    given = ["--ids", "3.1", "2.2-pull", "2.2-babe", "--csv", str(path)]
    assert main([str(two), *given]) == 0
    asked = list(rows_of(path)[0])[7:]
    assert asked[:2] == ["2.2-babe", "2.2-pull"]
    assert asked[2].startswith("3.1-")
