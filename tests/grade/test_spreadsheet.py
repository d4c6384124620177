"""Tables for spreadsheets: no cell is a formula, whatever a student is called."""

import pytest

from recbook.grade.spreadsheet import safe, write_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "|x"])
def test_no_cell_of_a_spreadsheet_is_a_formula(text):
    assert safe(text).startswith(("'", "\\"))


def test_what_utf8_cannot_hold_is_written_out(tmp_path):
    write_csv(tmp_path / "a.csv", ["a"], [["\ud800\x1b[2J é"]])
    assert r"\ud800\x1b[2J é" in (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
