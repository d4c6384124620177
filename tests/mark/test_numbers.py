"""Whose numbers an exercise has, by the list of a class or by what a file says."""

import csv

import pytest

from recbook._core.refusals import Refused
from recbook.checks.registry import PRINTED, REGISTRY, ids, variants_of
from recbook.lms import Student
from recbook.mark.classlist import ClassList
from recbook.mark.commands import main
from recbook.mark.files import Sheet
from recbook.mark.judge import Marking
from recbook.mark.numbers import NOT_THERE, give_numbers
from recbook.mark.points import Mark
from recbook.mark.replies import lines
from recbook.mark.wire import Broken, pack

ID = "6.1-errors"
LI = Student("Li Wei", "22345"), Student("Li Wei", "32345")
STUDENTS = Student("Ada", "7"), Student("Zoë"), *LI


def given(tmp_path, text):
    """The numbers of the students, by a list."""
    path = tmp_path / "class.csv"
    path.write_text(text, encoding="utf-8")
    sheets = [Sheet(student, f"{student.folder}.py") for student in STUDENTS]
    give_numbers(str(path), ClassList(sheets))
    return [sheet.number for sheet in sheets]


def test_a_list_gives_numbers_by_the_id_or_else_by_the_name(tmp_path):
    by_id = "number,id,name\n3,7,Somebody\n4,,Zoë\n5,22345,Li Wei\n6,32345,\n"
    assert given(tmp_path, by_id) == [3, 4, 5, 6]
    assert given(tmp_path, "name,number,room\nada,3,B\nZoe\u0308,4,C\n") == [3, 4, 0, 0]
    # The id is the registrar's, which no platform's file has; Bob handed in nothing.
    assert given(tmp_path, "id,name,number\nm-1,Ada,3\nm-2,Bob,9\n") == [3, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nAda\n", "number"),
        ("number,room\n1,B\n", "neither a column id nor a column name"),
        ("name,number\nAda,1\nZoë,0\n", r"row 2 \(line 3\): '0' is no number"),
        ("name,number\nAda,1.5\n", "'1.5' is no number of a student"),
        ("name,number\nAda,\n", "'' is no number of a student"),
        ("name,number\nLi Wei,1\n", r"may be Li Wei \(22345\), Li Wei \(32345\); give"),
        ("name,number\nAda,1\nAda,2\n", r"row 2 .*Ada \(7\) has another number"),
    ],
)
def test_a_list_is_refused_by_its_row(tmp_path, text, said):
    with pytest.raises(Refused, match=said):
        given(tmp_path, text)


def marking(number):
    ids()
    order = {"cells": [], "ids": [ID], "seconds": 8, "memory": 1, "number": number}
    made = Marking(order)
    made.channel = type("Channel", (), {"send": lambda self, x: sent.append(x)})()
    sent.clear()
    return made


sent = []


def handed_in(made, number, claim):
    """Hand in what is right for one number, and claim another."""
    answer = pack(float(REGISTRY[ID].value(number)))
    made._take({"check": ID, "answer": answer, "number": claim})
    made._judge_waiting()
    return made.marks[ID]


def test_what_a_list_says_decides_over_the_file():
    assert handed_in(marking(5), 5, claim=0)[0]
    assert handed_in(marking(5), 5, claim=9)[0]
    assert handed_in(marking(5), 9, claim=9)[0] is False
    assert handed_in(marking(5), 0, claim=0) == [False, PRINTED]
    assert handed_in(marking(0), 9, claim=9)[0] is False


def test_without_a_list_the_file_decides_and_a_note_says_so():
    made = marking(None)
    assert handed_in(made, 9, claim=9)[0]
    assert made.claimed == {9}  # which a note names
    assert not handed_in(made, 9, claim=0)[0]
    assert not handed_in(made, 9, claim=8)[0]


@pytest.mark.parametrize("claim", [-1, "9", None, 1.5, 10**30, [], True])
def test_a_forged_number_ends_its_sender(claim):
    with pytest.raises(Broken):
        handed_in(marking(None), 0, claim)


def test_a_file_may_ask_for_its_numbers_and_gets_those_of_the_list():
    made = marking(5)
    made._take({"numbers": ID, "number": 9})
    made._take({"numbers": "no-such", "number": 9})
    made._take({"numbers": "2.2-leak", "number": 9})
    own = variants_of(ID).of(5)
    assert sent == [{"numbers": own}, {"numbers": {}}, {"numbers": {}}]


def test_the_reply_says_which_numbers_were_theirs():
    marks = {ID: Mark(0, 1, "off", False), "2.2-leak": Mark(1, 1, "right", True)}
    said = lines(marks, number=1)
    own = "customers 1,000, orders with 150, orders without 130"
    assert said[1] == f"6.1.1 In standard errors ({own}): off"
    assert said[2].endswith("gave away: right")
    assert own not in "".join(lines(marks, number=0))


CODE = """
import recbook

recbook.checks.set_number({claim})
own = recbook.checks.numbers("6.1-errors")
p, q = (own[name] / own["customers"] for name in ("orders_with", "orders_without"))
error = ((p * (1 - p) + q * (1 - q)) / own["customers"]) ** 0.5
answer = (p - q) / error
recbook.check("6.1-errors", answer)
"""
FIXED = 'import recbook\nrecbook.check("6.1-errors", {answer}, number={claim})\n'


def test_a_class_with_numbers(tmp_path, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    printed, of_nine = (float(REGISTRY[ID].value(number)) for number in (0, 9))
    (folder / "ann.py").write_text(CODE.format(claim=9))
    (folder / "bob.py").write_text(FIXED.format(answer=of_nine, claim=9))
    (folder / "cem.py").write_text(FIXED.format(answer=printed, claim=0))
    (folder / "dan.py").write_text(FIXED.format(answer=printed, claim=9))
    listed, table = tmp_path / "class.csv", tmp_path / "marks.csv"
    listed.write_text("name,number\nann,5\nbob,5\ncem,5\n")
    given = [str(folder), "--ids", ID, "--csv", str(table), "--numbers", str(listed)]
    assert main(given) == 0
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    right = {name: row[ID] for name, row in rows.items()}
    assert right == {"ann": "1", "bob": "0", "cem": "0", "dan": "1"}
    assert rows["cem"][f"{ID}: line"] == PRINTED
    assert [row["note"] for row in rows.values()] == ["", "", "", NOT_THERE]
