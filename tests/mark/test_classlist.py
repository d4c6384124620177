"""Files and a platform's class list, together."""

import pytest
from platforms import gradebook, worksheet

from recbook._core.refusals import Refused
from recbook.lms import Gradebook, Student, Worksheet
from recbook.mark.classlist import NOTHING, ClassList
from recbook.mark.files import Sheet

PEOPLE = (
    (1, "Ada Byron", "Submitted for grading - 5 mins late"),
    (2, "Bob Cid"),
    (3, "Li Wei"),
    (4, "Li Wei"),
)


def sheets(*students):
    return [Sheet(student, f"{student.folder}/x.py", [[1, "x", False]])
            for student in students]  # fmt: skip


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "moodle.csv"
    path.write_text(worksheet(*PEOPLE), encoding="utf-8")
    return Worksheet(path)


def test_who_handed_in_nothing_has_a_row_and_who_was_late_is_late(table):
    found = ClassList(sheets(Student("Ada Byron", "1"), Student("Li Wei", "4")), table)
    assert [(s.student.key, s.student.late, s.file, s.notes) for s in found.sheets] == [
        (("Ada Byron", "1"), True, "/x.py", []),
        (("Bob Cid", "2"), False, "", [NOTHING]),
        (("Li Wei", "3"), False, "", [NOTHING]),
        (("Li Wei", "4"), False, "/x.py", []),
    ]


def test_it_is_filled_and_says_who_was_not_found_either_way(table):
    students = [Student("Ada Byron", "1"), Student("Li Wei", "4"), Student("zo\x1be")]
    found = ClassList(sheets(*students), table)
    marked = {students[0].key: (1, ["4 of 4"]), students[2].key: (1, ["4 of 4"])}
    assert list(found.fill("moodle.csv", marked)) == [
        "moodle.csv: 1 of 4 students were given a grade.",
        "Nothing from: Bob Cid (2), Li Wei (3).",
        "Not marked, and left without a grade: Li Wei (4).",
        "In no row of it, or not surely in one: zo\\x1be.",
    ]
    grades = [row[4] for row in map(Worksheet(table.cells.path).cells.values, range(5))]
    assert grades == ["Grade", "10.00", "", "", ""]


def test_a_list_of_others_is_refused(table):
    with pytest.raises(Refused, match=r"nobody who handed in stands in .*moodle\.csv'"):
        ClassList(sheets(Student("Zoe", "77")), table)


def test_a_grade_that_the_platform_keeps_is_told(tmp_path):
    path = tmp_path / "canvas.csv"
    text = gradebook((1, "Byron, Ada", "a", "EX"), (2, "Cid, Bob", "b"))
    path.write_text(text, encoding="utf-8", newline="")
    table = Gradebook(path, "Homework 2, late")
    students = [Student("byronada", "1"), Student("adab", "2")]
    found = ClassList(sheets(*students, Student("bobcid", "3")), table)
    marked = {student.key: (0.5, []) for student in students}
    said = list(found.fill("canvas.csv", marked))
    assert said[0] == "canvas.csv: 1 of 2 students were given a grade."
    assert "Left as it was: byronada (1) is excused in Canvas." in said
    assert "By the id, adab (2) is Cid, Bob in it." in said
    assert "In no row of it, or not surely in one: bobcid (3)." in said
    assert text.replace("b,Sec 1,9.5,,", "b,Sec 1,9.5,10.00,") == (
        path.read_bytes().decode()
    )


def test_without_a_list_it_is_who_handed_in():
    found = ClassList(sheets(Student("Bob"), Student("Ada")))
    assert [sheet.who for sheet in found.sheets] == ["Ada", "Bob"]
    assert found.one("", "ADA", "row 1") == ("Ada", "")


def test_points_by_hand_leave_the_grade_of_a_file_that_is_not_here(tmp_path):
    path = tmp_path / "moodle.csv"
    path.write_text(worksheet(*PEOPLE, grade="9.00"), encoding="utf-8")
    late, earlier = Student("Ada Byron", "1"), ("Bob Cid", "2")
    found = ClassList(sheets(late), Worksheet(path))
    said = list(found.fill("moodle.csv", {late.key: (0.5, []), earlier: (0.1, [])}))
    assert said[0] == "moodle.csv: 1 of 4 students were given a grade."
    assert said[1].startswith("Left as it was: Bob Cid (2) has a grade, and no file")
    grades = [row[4] for row in map(Worksheet(path).cells.values, range(1, 3))]
    assert grades == ["5.00", "9.00"]
