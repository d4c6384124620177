"""What the class sees, and what each team gets: the page and the texts."""

import csv

import pytest
from handed_in import HEAD, hand_in

from recbook.grade.commands import main

MOODLE = "_assignsubmission_file_"
SCRIPT = "<img src=x onerror=alert(2)>"


@pytest.fixture
def graded(tmp_path, capsys):
    """Grade a class by the command; return what it printed and where things lie."""
    hand_in(tmp_path, ann=0.6, bob=0.6, cy=0.7)
    folder = tmp_path / "in"
    (folder / "bob.csv").write_bytes((folder / "ann.csv").read_bytes())
    for name, to in (("ann", f"Ann Lee_101{MOODLE}"), ("bob", f"{SCRIPT}_102{MOODLE}")):
        (folder / to).mkdir()
        (folder / f"{name}.csv").rename(folder / to / "week3.csv")
    (folder / f"Li Wei_103{MOODLE}").mkdir()
    (folder / f"Li Wei_103{MOODLE}" / "x.csv").write_text(HEAD + "0,0,nan\n", "utf-8")

    def run(*options):
        given = ["--table", str(folder), "--answers", str(tmp_path / "truth.txt")]
        status = main([*given, *options])
        return status, *capsys.readouterr()

    run.place = tmp_path
    return run


def test_the_page_has_places_and_no_remarks(graded):
    page = graded.place / "board.html"
    status, out, _ = graded("--html", str(page))
    assert status == 0
    assert "the same errors as" in out
    whole = page.read_text(encoding="utf-8")
    assert "default-src &#x27;none&#x27;" in whole
    html = whole.partition("<body")[2]
    assert "the same errors" not in html
    assert "Too good" not in html
    assert "nan" not in html
    assert "Ann Lee" in html
    assert "1 file was not graded" in html
    assert "Li Wei" not in html
    assert html.count('<svg class="bar"') == 4
    assert html.count('class="baseline"') == 1
    assert SCRIPT not in html
    assert "&lt;img src=x" in html
    for asked in ("<script", "http:", "https:", "<link rel=stylesheet"):
        assert asked not in html
    assert "cannot tell two rows apart" in html
    assert html.count(">1=") == 2, "ann and bob share a place"


def test_code_names_are_on_the_page_and_in_each_text(graded):
    place = graded.place
    texts = {}
    for week in ("one", "two"):
        folder = place / week
        folder.mkdir()
        options = "--html", str(folder / "b.html"), "--csv", str(folder / "c.csv")
        given = graded(*options, "--anonymous", "--feedback", str(folder / "texts"))
        assert given[0] == 0
        html = (folder / "b.html").read_text(encoding="utf-8")
        assert "Ann Lee" not in html
        assert "cy.csv" not in html
        text = folder / "texts" / f"Ann Lee_101{MOODLE}" / "feedback.txt"
        texts[week] = text.read_text("utf-8-sig")
        code = texts[week].partition("of the class you are ")[2].partition(".")[0]
        assert code in html
        with (folder / "c.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = {row["name"]: row for row in csv.DictReader(file)}
        assert rows["Ann Lee"]["code name"] == code
        assert rows["Ann Lee"]["id"] == "101"
        assert rows["Li Wei"]["code name"] == rows["(bias)"]["code name"] == ""
        assert rows["Li Wei"]["refused"].startswith("row 1 (line 2)")
    assert texts["one"] == texts["two"], "a code name stays"


def test_a_text_for_each_team(graded):
    folder = graded.place / "texts"
    status, out, _ = graded("--feedback", str(folder))
    assert status == 0
    assert f"4 texts to send back: {folder}." in out
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.txt")}
    assert found == {
        f"Ann Lee_101{MOODLE}/feedback.txt",
        f"{SCRIPT}_102{MOODLE}/feedback.txt",
        f"Li Wei_103{MOODLE}/feedback.txt",
        "cy.txt",
    }
    ann = (folder / f"Ann Lee_101{MOODLE}" / "feedback.txt").read_text("utf-8-sig")
    lines = ann.splitlines()
    assert lines[0] == "Ann Lee"
    assert lines[2].startswith("week3.csv: RMSE 0.6")
    assert "95 % interval" in lines[2]
    assert lines[3].startswith("Gain over the best baseline, bias: +0.")
    assert lines[4] == (
        "Place 1, shared with 1 from which the data cannot tell it. 3 files and "
        "1 baseline have places."
    )
    assert "The score 10 of 10" in ann
    assert "the same errors" not in ann, "remarks are the teacher's"
    assert "page of the class" not in ann
    refused = (folder / f"Li Wei_103{MOODLE}" / "feedback.txt").read_text("utf-8-sig")
    assert "x.csv was not graded: row 1 (line 2): prediction is 'nan'" in refused
    assert "--form students" in refused
    assert graded("--feedback", str(folder))[0] == 0, "its own texts are replaced"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--html", "{there}"], "there already"),
        (["--html", "{no}/b.html"], "cannot be written"),
        (["--feedback", "{there}"], "is no folder"),
        (["--anonymous"], "--anonymous goes with --html and --answers"),
    ],
)
def test_what_cannot_be_written_is_refused(graded, options, words):
    there = graded.place / "there.txt"
    there.write_text("mine", encoding="utf-8")
    names = {"there": there, "no": graded.place / "nowhere"}
    status, _, err = graded(*(option.format(**names) for option in options))
    assert status == 2
    assert words in err
    assert err.count("\n") == 1
    assert there.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("option", ["--html", "--feedback"])
def test_they_go_with_a_table(tmp_path, capsys, option):
    assert main(["mine.csv", option, str(tmp_path / "x")]) == 2
    assert f"{option} goes with --table only" in capsys.readouterr().err
