"""What an exercise is worth, and what a teacher decides by hand."""

import pytest

from recbook._core.refusals import Refused
from recbook.checks.registry import REGISTRY, ids
from recbook.lms import Person, Student
from recbook.mark.classlist import ClassList
from recbook.mark.files import Sheet
from recbook.mark.points import Mark, Scheme, best_of, total_of

IDS = ["2.2-leak", "2.2-pull"]
OFF = {id: [False, "off"] for id in IDS}


class Listed:
    """A class list of a platform."""

    def __init__(self, *people):
        self.people = list(people)


def a_class(*students, table=None):
    return ClassList([Sheet(student, f"{student.name}.py") for student in students],
                     table)  # fmt: skip


LI = Student("Li Wei", "22345"), Student("Li Wei", "32345")


def overridden(tmp_path, rows, words=(), classlist=None):
    path = tmp_path / "by-hand.csv"
    path.write_text(rows, encoding="utf-8")
    scheme = Scheme(IDS, words)
    classlist = classlist or a_class(Student("Ada", "7"), *LI)
    return scheme, scheme.take_overrides(path, classlist)


def test_weights_are_points():
    scheme = Scheme(IDS, ["2.2-pull=2.5"])
    assert scheme.total == 3.5
    marks = scheme.marks(("Ada", ""), OFF | {"2.2-pull": [True, "right"]})
    assert [(mark.points, mark.of) for mark in marks.values()] == [(0, 1), (2.5, 2.5)]
    assert total_of(marks) == 2.5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["2.2-pull"], "'2.2-pull' is not an exercise with its points"),
        (["2.2-pull=-1"], "'2.2-pull=-1' is not"),
        (["2.2-pull=nan"], "'2.2-pull=nan' is not"),
        (["2.2-pull=1e9"], "'2.2-pull=1e9' is not"),
        (["=3"], "'=3' is not"),
        (["2.2-zscore=3"], "'2.2-zscore', which is not marked"),
        (["2.2-pull=0", "2.2-leak=0"], "no point for anything"),
    ],
)
def test_points_that_make_no_sense_are_refused(words, said):
    with pytest.raises(Refused, match=said):
        Scheme(IDS, words)


def test_overrides_go_by_id_or_name_by_id_or_number(tmp_path):
    rows = 'id,name,exercise,points,why\n32345,,2.2-leak,"0,5",half\n,ada,2.2.7,2,\n'
    scheme, aside = overridden(tmp_path, rows, ["2.2-pull=3"])
    assert aside == 0
    mark = scheme.marks(("Li Wei", "32345"), OFF)["2.2-leak"]
    assert mark == Mark(0.5, 1, "off", False, "half")
    assert scheme.marks(("Li Wei", "22345"), OFF)["2.2-leak"].points == 0
    ada = scheme.marks(("Ada", "7"), OFF)["2.2-pull"]
    assert (ada.points, ada.of, ada.why) == (2, 3, "by your teacher")


def test_points_may_be_taken_away_by_hand(tmp_path):
    scheme, _ = overridden(tmp_path, "name,exercise,points,why\nAda,2.2.7,0,copied\n")
    right = {id: [True, "right"] for id in IDS}
    assert total_of(scheme.marks(("Ada", "7"), right)) == 1


def test_rows_about_other_weeks_are_left_aside(tmp_path):
    """One file serves a term: Bob need not have handed in this week."""
    rows = "name,exercise,points,why\nBob,2.1-angle,1,oral\nAda,2.2-leak,1,oral\n"
    assert overridden(tmp_path, rows)[1] == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Adda,2.2-leak,1,x", r"row 1 \(line 2\): nobody is 'Adda'; did you mean"),
        (",2.2-leak,1,x", "row 1 .*: nobody is no student; write the name or the id"),
        ("Li Wei,2.2-leak,1,x", r"may be Li Wei \(22345\), Li Wei \(32345\); give"),
        ("Ada,2.2-leek,1,x", "row 1 .*: there is no exercise '2.2-leek'; write its id"),
        ("Ada,2.2-leak,2,x", "points are '2'; write a number from 0 to 1"),
        ("Ada,2.2-leak,all,x", "points are 'all'; write a number"),
        ("Ada,2.2-leak,,x", "points are ''; write a number"),
        ("Ada,2.2-leak,1,x\nada,2.2.2,1,y", r"row 2 \(line 3\): 2.2-leak of 'ada'"),
    ],
)  # fmt: skip
def test_a_row_that_fits_nobody_or_nothing_is_refused(tmp_path, row, said):
    with pytest.raises(Refused, match=said):
        overridden(tmp_path, f"name,exercise,points,why\n{row}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exercise,points,why\n2.2-leak,1,x\n", "neither a column id nor"),
        ("name,exercise,points\nAda,2.2-leak,1\n", "column why is missing"),
        ("id,name,exercise,points,why\n7,Li Wei,2.2-leak,1,x\n", "'7' and 'Li Wei'"),
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_refused(tmp_path, text, said):
    with pytest.raises(Refused, match=said):
        overridden(tmp_path, text)


def test_who_handed_in_nothing_may_get_points_too(tmp_path):
    table = Listed(Person("Byron, Ada", "7", row=1), Person("Nix, Bob", "8", row=2))
    classlist = a_class(Student("byronada", "7"), table=table)
    for who in ("Byron; Ada", "ada byron", "Bob Nix", "nixbob"):
        rows = f"name,exercise,points,why\n{who},2.2-leak,1,oral\n"
        scheme, _ = overridden(tmp_path, rows, classlist=classlist)
        key = ("Nix, Bob", "8") if "ix" in who else ("byronada", "7")
        assert scheme.marks(key, OFF)["2.2-leak"].points == 1


def test_one_of_several_letters_is_a_guess():
    question = "2-q1"
    assert question in ids()
    known = REGISTRY[question]
    wrong = next(said for said in known.feedback.values() if said != known.why)
    scheme = Scheme([question])
    files = [
        scheme.marks(("a", ""), {question: [line == "right: so", line]})
        for line in ("not handed in", "right: so", wrong)
    ]
    assert total_of(best_of(files[:2])) == total_of(best_of(files[1::-1])) == 1
    for several in (files, files[::-1]):
        assert best_of(several)[question].line == wrong
        assert total_of(best_of(several)) == 0


def test_of_several_files_the_better_answer_counts_each_time():
    scheme = Scheme(IDS)
    first = scheme.marks(("a", ""), OFF | {"2.2-leak": [True, "right"]})
    second = scheme.marks(
        ("a", ""), {"2.2-pull": [True, "right"], "2.2-leak": [False, "not handed in"]}
    )
    assert total_of(best_of([first, second])) == total_of(best_of([second, first])) == 2
    # A mistake says more than nothing.
    lost = {"2.2-leak": [False, "not handed in"], "2.2-pull": [False, "off"]}
    best = best_of([scheme.marks(("a", ""), lost), scheme.marks(("a", ""), OFF)])
    assert best["2.2-leak"].line == "off"
