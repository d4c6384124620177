"""What students get back, and where it stands."""

from recbook.lms import Student
from recbook.mark.files import Sheet
from recbook.mark.points import Mark
from recbook.mark.replies import FROM, lines, text

RIGHT = {"2.2-leak": Mark(1, 1, "right", True), "2-q1": Mark(0, 1, "too small", False)}


def test_exercises_have_the_titles_of_the_page():
    assert lines(RIGHT) == [
        "1 of 2 points.",
        "2.2.2 What the average gave away: right",
        "Part 2, question 1: too small",
    ]
    assert lines(RIGHT, late=True)[0] == "1 of 2 points. Handed in late."


def test_parts_of_points_and_reasons_are_told():
    marks = RIGHT | {"2.2-pull": Mark(1.5, 3, "off", False, "a good idea")}
    assert lines(marks)[1:] == [
        "2.2.2 What the average gave away: right [1 of 1]",
        "Part 2, question 1: too small [0 of 1]",
        "2.2.7 How far to believe them: a good idea (the check says: off) [1.5 of 3]",
    ]


def test_a_reply_says_what_happened_and_not_what_is_suspected():
    notes = ["cell 5: SyntaxError", "look at this one: gc", "one of 2 files of Ada"]
    notes.append("a cell of the book failed, cell 7: still runs after 15 s")
    ada = Student("Ada\x1b", "7")
    two = [
        Sheet(ada, "Ada_7_x/a.py", [], notes),
        Sheet(ada, "Ada_7_x/b\n.py", [], ["x"]),
    ]
    assert text(two, ["1 of 2 points.", "2.2.2 What: right"]) == (
        "Ada\\x1b\n1 of 2 points.\n\n"
        "Of your 2 files, the better answer counts each time.\n"
        "In a.py: cell 5: SyntaxError\nIn b\\n.py: x\n\n"
        f"2.2.2 What: right\n\n{FROM}\n"
    )
