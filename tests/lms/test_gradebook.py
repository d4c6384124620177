"""Canvas's gradebook, filled in place."""

import pytest
from platforms import gradebook

from recbook._core.refusals import Refused
from recbook.lms import Gradebook

ADA, LI, NIX = (
    (12345, "Byron, Ada", "abyron"),
    (22345, "Li, Wei", "liwei"),
    (3, "Nix, Bob", "n"),
)
SECOND = "Homework 2, late"


def made(tmp_path, text):
    path = tmp_path / "canvas.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("column", [SECOND, SECOND.upper(), f"{SECOND} (902)"])
def test_one_column_goes_in_and_all_else_stays(tmp_path, column):
    text = gradebook(ADA, LI)
    table = Gradebook(made(tmp_path, text), column)
    table.fill(table.people[0], 2 / 3)
    table.save()
    now = (tmp_path / "canvas.csv").read_bytes().decode()
    assert now == text.replace("Sec 1,9.5,,", "Sec 1,9.5,13.33,", 1)


def test_the_test_student_and_rows_about_assignments_are_nobody(tmp_path):
    people = Gradebook(made(tmp_path, gradebook(ADA, LI)), SECOND).people
    assert [(p.name, p.id, p.row) for p in people] == [
        ("Byron, Ada", "12345", 3),
        ("Li, Wei", "22345", 4),
    ]
    assert people[0].logins == ("abyron", "S12345")


def test_who_is_excused_or_not_assigned_it_is_told(tmp_path):
    text = gradebook((*ADA, "ex"), (*LI, "N/A"), (*NIX, "7"))
    people = Gradebook(made(tmp_path, text), SECOND).people
    assert [person.kept for person in people] == [
        "is excused in Canvas",
        "is not assigned it in Canvas",
        "",
    ]


def test_where_several_may_be_meant_they_are_listed(tmp_path):
    path = made(tmp_path, gradebook(ADA))
    said = "'Homework 1 .901.', 'Homework 2, late .902.'"
    with pytest.raises(Refused, match=f"several assignments; name one .*: {said}"):
        Gradebook(path)
    with pytest.raises(Refused, match=f"no assignments 'Homework 3'; .*: {said}"):
        Gradebook(path, "Homework 3")


def test_the_only_assignment_needs_no_name(tmp_path):
    text = "Student,ID,Section,Essay (1)\n    Points Possible,,,4\nA,7,S,\n"
    table = Gradebook(made(tmp_path, text))
    table.fill(table.people[0], 0.5)
    assert table.cells.changed().endswith("A,7,S,2.00\n")


def test_first_and_last_names_in_two_columns(tmp_path):
    text = "LastName,FirstName,ID,SIS Login ID,Section,Essay (1)\n"
    text += "    Points Possible,,,,,4\nByron,Ada,7,ab,S,\n"
    (person,) = Gradebook(made(tmp_path, text)).people
    assert (person.name, person.id) == ("Byron, Ada", "7")


def test_semicolons_and_the_decimal_comma(tmp_path):
    """Canvas writes both where the language asks for it, and takes both back."""
    text = "Student;ID;Section;Essay (1);Final Score\n"
    text += "    Points Possible;;;10;0,0\nA;7;S;;\n"
    table = Gradebook(made(tmp_path, text))
    table.fill(table.people[0], 0.75)
    assert "A;7;S;7,50;" in table.cells.changed()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not begin with the columns Student and ID"),
        ("Identifier,Grade\nParticipant 7,\n", "does not begin with the columns"),
        ("Student,ID,Section,Essay (1)\nA,7,S,\n", "no row 'Points Possible'"),
        ("Student,ID,Section,Essay (1)\n    Points Possible,,,0\nA,7,S,\n",
         "of 'Essay .1.' in .* is '0'"),
        ("Student,ID,Section,Total\n    Points Possible,,,(read only)\nA,7,S,\n",
         "name one by --column: none"),
        ("Student,ID,Section,Essay (1)\n    Points Possible,,,5\nA,7\n",
         "row 3 of .* has 2 cells"),
        ("Student,ID,Section,Essay (1)\n    Points Possible,,,5\n", "no student"),
    ],
)  # fmt: skip
def test_another_form_is_refused_with_row_and_column(tmp_path, text, said):
    with pytest.raises(Refused, match=said):
        Gradebook(made(tmp_path, text))
