"""Moodle's grading worksheet, filled in place."""

import csv
import io

import pytest
from platforms import worksheet

from recbook._core.refusals import Refused
from recbook.lms import Worksheet

ADA, BOB = (100201, "Ada Byron"), (100202, "Bob Cid")


def made(tmp_path, text):
    path = tmp_path / "moodle.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_grade_and_comment_go_in_and_all_else_stays(tmp_path):
    text = worksheet(ADA, BOB, end="\r\n")
    table = Worksheet(made(tmp_path, text))
    ada = table.people[0]
    assert (ada.name, ada.id) == ("Ada Byron", "100201")
    assert ada.logins == ("ada@uni.example",)
    table.fill(ada, 0.75, ["3 of 4 points.", "2.2.1 Cem's Babe: right"])
    table.save()
    line = text.splitlines(keepends=True)[1]
    filled = line.replace('grading",,', 'grading",7.50,').replace(
        "-,\r\n",
        '-,"<p>Checked exercises: 3 of 4 points.<br>2.2.1 Cem\'s Babe: right</p>"\r\n',
    )
    assert filled != line
    now = (tmp_path / "moodle.csv").read_bytes().decode()
    assert now == text.replace(line, filled)


@pytest.mark.parametrize(
    ("maximum", "grade"),
    [("100.00", "66.67"), ("10,00", '"6,67"'), ("5", "3.33"), ("20", "13.33")],
)
def test_a_grade_is_of_the_maximum_in_the_form_of_its_language(
    tmp_path, maximum, grade
):
    """Moodle takes back the decimal comma of the teacher's language, or a point."""
    table = Worksheet(made(tmp_path, worksheet(ADA, maximum=maximum)))
    table.fill(table.people[0], 2 / 3, ["a"])
    assert f'grading",{grade},' in table.cells.changed()


def test_what_a_teacher_wrote_stays_and_what_an_earlier_run_wrote_goes(tmp_path):
    mine = "<p>Come and see me.</p>"
    table = Worksheet(made(tmp_path, worksheet(ADA, comment=mine)))
    for points in ("3 of 4 points.", "4 of 4 points."):
        table.fill(table.people[0], 1, [points])
        table.save()
        table = Worksheet(tmp_path / "moodle.csv")
    comment = table.cells.values(1)[-1]
    assert comment == f"{mine}<p>Checked exercises: 4 of 4 points.</p>"


def test_a_comment_is_html_and_no_formula_in_any_country(tmp_path):
    table = Worksheet(made(tmp_path, worksheet(ADA)))
    lines = ["=1+1", "k <= 5 & <script>; =cmd|x", "a;\t-1;;'@x", "x &lt;=- 1"]
    table.fill(table.people[0], 1, lines)
    comment = table.cells.changed().splitlines()[1].rpartition(",")[2]
    assert "<script" not in comment
    assert "k &lt;&#61; 5 &amp; &lt;script&gt;; &#61;cmd|x" in comment
    for cell in comment.strip('"').split(";"):
        assert cell.lstrip("' \t\r\n")[:1] not in {*"=+-@|%"}, cell


def test_late_and_locked_rows_are_told(tmp_path):
    text = worksheet((*ADA, "Submitted for grading - 2 hours late"), BOB)
    text = text.replace("Yes,", "No,", 1)
    ada, bob = Worksheet(made(tmp_path, text)).people
    assert (ada.late, bob.late) == (True, False)
    assert (ada.kept, bob.kept) == ("its grade cannot be changed in Moodle", "")


def test_anonymous_students_and_no_place_for_comments(tmp_path):
    text = "Identifier,Status,Grade,Maximum Grade\nParticipant 7,,,10.00\n"
    table = Worksheet(made(tmp_path, text))
    assert (table.people[0].name, table.people[0].id) == ("", "7")
    table.fill(table.people[0], 0.5, ["a"])
    assert table.cells.changed() == text.replace(",,,", ",,5.00,")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column 'Identifier'"),
        ("Student,ID\na,1\n", "no column 'Identifier'; set Moodle to English"),
        (worksheet(ADA).replace("Grade,", "Note,", 1), "no column 'Grade'"),
        (worksheet(ADA).replace("Maximum grade", "Scale"), "are words of a scale"),
        (worksheet(ADA).replace("Status", "Grade"), "two columns 'Grade'"),
        (worksheet(ADA, maximum="0.00"), "row 2 of .*: 'Maximum grade' is '0.00'"),
        (worksheet(ADA, maximum="Good"), "row 2 of .*: 'Maximum grade' is 'Good'"),
        (worksheet(ADA) + '"Participant 8",x\n', "row 3 of .* has 2 cells"),
        (worksheet(("x", "Ada")), "row 2 of .* has no number in 'Identifier'"),
        (worksheet(), "names no student"),
    ],
)  # fmt: skip
def test_another_form_is_refused_with_row_and_column(tmp_path, text, said):
    with pytest.raises(Refused, match=said):
        Worksheet(made(tmp_path, text))


def test_it_is_still_what_a_spreadsheet_reads(tmp_path):
    table = Worksheet(made(tmp_path, worksheet(ADA, BOB, maximum="10,00")))
    for person in table.people:
        table.fill(person, 0.5, ['say "x", then', "two"])
    rows = list(csv.reader(io.StringIO(table.cells.changed(), newline="")))
    assert [row[4] for row in rows] == ["Grade", "5,00", "5,00"]
    assert {len(row) for row in rows} == {10}
