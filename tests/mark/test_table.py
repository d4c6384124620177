"""The CSV of marks, and a second run into it."""

import csv
import io

import pytest

from recbook._core.refusals import Refused
from recbook.lms import Student
from recbook.mark.files import Sheet
from recbook.mark.points import Scheme
from recbook.mark.table import Table, columns, row

IDS = ["2.2-leak", "2.2-pull"]


def a_row(name, file, right, id="", notes=()):
    results = {i: [i in right, "right" if i in right else "off"] for i in IDS}
    sheet = Sheet(Student(name, id), file, [], list(notes))
    return row(sheet, Scheme(IDS, ["2.2-pull=0.5"]).marks((name, id), results))


def written(path, *rows):
    table = Table(path, IDS)
    for place, one in enumerate(rows):
        table.put(place, one)
    table.write()


def read(path, delimiter=","):
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "grades.csv"
    rows = a_row("Ada", "Ada/a.py", IDS, id="7"), a_row("=1+1", "b.py", IDS[:1])
    written(path, *rows, a_row("Cid", "", [], notes=["nothing handed in"]))
    return path


def edited(path, edit, delimiter=","):
    """What a teacher does in a spreadsheet."""
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    edit(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)


def test_a_row_has_points_and_lines(path):
    ada, odd, cid = read(path)
    assert (ada["name"], ada["id"], ada["points"], ada["of"]) == (
        "Ada",
        "7",
        "1.5",
        "1.5",
    )
    assert (odd["name"], odd["points"], odd["2.2-pull: line"]) == ("'=1+1", "1", "off")
    assert (cid["file"], cid["note"]) == ("", "nothing handed in")


def test_rows_of_files_marked_now_replace_theirs_and_all_else_stays(path):
    def edit(rows):
        for n, cells in enumerate(rows):
            cells.insert(2, "seen" if n == 0 else f"=C{n}*2")
        rows.append(["mean", *[""] * (len(rows[0]) - 1)])

    edited(path, edit)
    before = read(path)
    new = (
        a_row("=1+1", "b.py", IDS),
        a_row("Zoe", "z.py", []),
        a_row("Cid", "c.py", IDS),
    )
    written(path, *new)
    ada, odd, cid, mean, zoe = read(path)
    assert list(ada) == ["name", "id", "seen", *columns(IDS)[2:]]
    assert (ada, mean) == (before[0], before[3])
    assert (odd["points"], odd["seen"], odd["2.2-pull: line"]) == (
        "1.5",
        "=C2*2",
        "right",
    )
    assert (cid["file"], cid["note"], cid["seen"]) == ("c.py", "", "=C3*2")
    assert (zoe["name"], zoe["seen"]) == ("Zoe", "")


def test_who_has_a_file_from_an_earlier_run_keeps_it(path):
    written(path, a_row("Ada", "", [], id="7", notes=["nothing handed in"]))
    ada, *others = read(path)
    assert (ada["name"], ada["file"], len(others)) == ("Ada", "Ada/a.py", 2)


def test_a_namesake_with_another_id_is_somebody_else(path):
    written(path, a_row("Ada", "Ada/a.py", [], id="8"))
    adas = [one for one in read(path) if one["name"] == "Ada"]
    assert [(ada["id"], ada["points"]) for ada in adas] == [("7", "1.5"), ("8", "0")]


def test_twice_is_as_once(path):
    before = path.read_bytes()
    written(path, a_row("Ada", "Ada/a.py", IDS, id="7"))
    assert path.read_bytes() == before


def test_a_row_that_somebody_has_copied_is_not_left_with_old_points(path):
    edited(path, lambda rows: rows.extend([rows[1], rows[3]]))
    new = a_row("Ada", "Ada/a.py", [], id="7"), a_row("Cid", "c.py", IDS)
    written(path, *new)
    points = [(one["name"], one["file"], one["points"]) for one in read(path)]
    assert points.count(("Ada", "Ada/a.py", "0")) == 2
    assert points.count(("Cid", "c.py", "1.5")) == 1, "one file, one row"


def test_the_semicolons_of_a_spreadsheet_stay(path):
    edited(path, lambda rows: None, delimiter=";")
    written(path, a_row("=1+1", "b.py", IDS[1:]))
    assert [one["points"] for one in read(path, ";")] == ["1.5", "0,5", "0"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mine\n", "is no table of this command; name"),
        ("", "is no table of this command"),
        (",".join(columns(["2.2-leak"])) + "\n", "marks of other exercises; name the"),
        (",".join(columns([*IDS, "2.2-zscore"])) + "\n", "marks of other exercises"),
        (",".join([*columns(IDS), "name"]) + "\n", "is no table of this command"),
        (",".join(columns(IDS)) + "\n" + "x," * 30 + "\n", "columns in row 2"),
        (",".join(columns(IDS)) + "\n" + '"' + "x" * 200_000, "is not CSV"),
    ],
)  # fmt: skip
def test_what_it_did_not_write_is_refused(tmp_path, text, said):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(Refused, match=said):
        Table(path, IDS)
    assert path.read_text() == text
