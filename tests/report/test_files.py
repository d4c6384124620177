"""A report as files: the page, the list with the reader's ids, the numbers."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
import reports

from recbook._core.spreadsheet import inert
from recbook.report import Report

EMPTY = pd.DataFrame(columns=["check", "found", "verdict", "meaning"])


def listed(frame, folder):
    made = Report("recommend", "Send.", False, EMPTY, EMPTY, frame)
    made.save(folder)
    with (folder / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_three_files_with_a_list_and_two_without(tmp_path):
    names = [path.name for path in reports.report().save(tmp_path / "new" / "spring")]
    assert names == ["report.html", "list.csv", "numbers.json"]
    assert {p.name for p in (tmp_path / "new" / "spring").iterdir()} == set(names)
    made = reports.report(listed=False)
    names = [path.name for path in made.save(tmp_path / "other")]
    assert names == ["report.html", "numbers.json"]


def test_the_same_report_has_the_same_bytes(tmp_path):
    for folder in ("a", "b"):
        reports.report().save(tmp_path / folder)
    for one in (tmp_path / "a").iterdir():
        assert one.read_bytes() == (tmp_path / "b" / one.name).read_bytes()


def test_a_list_of_an_earlier_run_does_not_outlive_it(tmp_path):
    reports.report().save(tmp_path)
    reports.report(refused=True, listed=False).save(tmp_path)
    assert not (tmp_path / "list.csv").exists()


@pytest.mark.parametrize("name", ["report.html", "list.csv", "numbers.json"])
def test_a_file_that_no_report_wrote_is_kept(tmp_path, name):
    (tmp_path / name).write_text("[1]")
    with pytest.raises(FileExistsError, match="is no report's; choose another folder"):
        reports.report().save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "[1]"


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(FileExistsError, match="is a file; choose a folder"):
        reports.report().save(tmp_path / "a")


def test_numbers_are_json_for_any_program(tmp_path):
    table = pd.DataFrame(
        {"plan": ["T"], "low": [np.nan], "n": [np.int64(3)],
         "day": [pd.Timestamp("2026-01-05")]},
    )  # fmt: skip
    made = Report(
        "targeting", "Send.", np.bool_(False), EMPTY, table,
        numbers={"forecast": {"value": np.float64(2.5), "low": -np.inf, "high": 3}},
        settings={"group": ("arm", "letter"), "model": np.mean, "seed": np.int64(7)},
    )  # fmt: skip
    made.save(tmp_path)
    text = (tmp_path / "numbers.json").read_text(encoding="utf-8")
    told = json.loads(text, parse_constant=pytest.fail)
    assert told["forecast"] == {"value": 2.5, "low": None, "high": 3}
    assert told["table"] == [{"plan": "T", "low": None, "n": 3, "day": "2026-01-05"}]
    assert told["settings"] == {"group": ["arm", "letter"], "model": "mean", "seed": 7}
    assert (told["job"], told["refused"], told["seed"]) == ("targeting", False, 7)
    assert told["decision"] == "Send."
    assert told["checks"] == []
    assert set(told["versions"]) == {"recbook", "Python", "numpy", "scipy", "pandas"}


def test_a_number_of_a_job_hides_none_of_the_report_s(tmp_path):
    made = Report("targeting", "Send.", False, EMPTY, EMPTY, numbers={"seed": 1})
    with pytest.raises(ValueError, match=r"may not be named \['seed'\]"):
        made.save(tmp_path)


# The list -----------------------------------------------------------------------------


def test_ids_come_back_as_they_were_read(tmp_path):
    ids = ["007", "a,b", 'say "tea"', "line\nbreak", " x ", "1e5", "Ünal", "'s-Hertog"]
    frame = pd.DataFrame({"customer": ids, "send": True})
    Report("targeting", "Send.", False, EMPTY, EMPTY, frame).save(tmp_path)
    back = pd.read_csv(tmp_path / "list.csv", dtype=str, keep_default_na=False)
    assert back["customer"].tolist() == ids


def test_no_text_in_a_list_is_a_formula(tmp_path):
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "'=1", "＝1", "a;=1"]
    frame = pd.DataFrame({name: [name] for name in evil})
    head, row = listed(frame, tmp_path)
    assert head == row
    for cell in row[:-1]:
        assert cell.startswith("'")
    assert row[-1] == "a;'=1"
    words = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "20 cells begin with an apostrophe" in words


@pytest.mark.parametrize("kind", [object, "string", "category"])
def test_only_what_was_changed_is_counted(tmp_path, kind):
    ids = pd.Series(["007", "=1", None, "=1"], dtype=kind)
    rows = listed(pd.DataFrame({"id": ids, "n": [1, 2, 3, 4]}), tmp_path)
    assert [row[0] for row in rows[1:]] == ["007", "'=1", "", "'=1"]
    words = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "2 cells begin with an apostrophe" in words


def test_numbers_below_0_stay_numbers(tmp_path):
    frame = pd.DataFrame({"effect": [-0.5, 1.25], "n": [-3, 4], "mixed": [-1, "tea"]})
    rows = listed(frame, tmp_path)
    assert rows[1:] == [["-0.5", "-3", "-1"], ["1.25", "4", "tea"]]


def test_a_mark_at_the_front_only_where_letters_need_it(tmp_path):
    listed(pd.DataFrame({"customer": ["Ada"]}), tmp_path)
    assert (tmp_path / "list.csv").read_bytes() == b"customer\nAda\n"
    listed(pd.DataFrame({"customer": ["Zoë"]}), tmp_path)
    assert (tmp_path / "list.csv").read_bytes().startswith(b"\xef\xbb\xbfcustomer")


@pytest.mark.parametrize("text", ["=1", "'=1", "''@x", " +1", "a;-b", "tea", "", "'s"])
def test_one_apostrophe_less_gives_the_text_back(text):
    changed = inert(text)
    assert changed in (text, f"'{text}") or text == "a;-b"
    assert len({inert(other) for other in (text, f"'{text}")}) == 2  # no two are one
