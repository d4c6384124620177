"""What the judge makes of messages and of answers, without a process of a student."""

import contextlib

import pytest

from recbook.checks import registry
from recbook.mark.judge import Marking
from recbook.mark.wire import Broken

ORDER = {"cells": [], "ids": ["2.2-leak"], "seconds": 8, "memory": 1}
FORGED = [
    {"error": 5},
    {"error": [1]},
    {"error": [{}, "x"]},
    {"cell": None},
    {"check": "2.2-leak", "codes": 3},  # and nobody takes the reply
]


@pytest.mark.parametrize("message", FORGED, ids=range(len(FORGED)))
def test_a_forged_message_ends_its_sender_and_no_judge(message):
    with pytest.raises(Broken):
        Marking(ORDER)._take(message)


def test_ids_that_are_no_exercise_are_noted_once_and_five_at_most():
    marking = Marking(ORDER)
    for number in range(60):
        marking._judge(f"no-{number % 30}" + "y" * 99, 1)
    assert len(marking.notes) == len(set(marking.notes)) == 5
    assert all(len(note) < 500 for note in marking.notes)


@pytest.mark.parametrize("blank", [None, {"dots": None}])
def test_a_blank_replaces_no_answer(blank):
    marking = Marking(ORDER)
    marking._judge("2.2-leak", 0.5)
    before = dict(marking.marks)
    marking._judge("2.2-leak", blank)
    assert marking.marks == before
    marking._judge("2.2-leak", 0.25)
    assert marking.marks != before


class Students:
    """Processes of a student, each of which sends what it is told to send."""

    def __init__(self, *runs):
        self.runs, self.roots, self.replies = iter(runs), [], []

    def prepare(self):
        pass

    @contextlib.contextmanager
    def student(self, order):
        self.roots.append(sorted(order["roots"]))
        self.messages = iter([*next(self.runs), {"end": None}])
        yield self, [0]

    def receive(self, deadline):
        return next(self.messages)

    def send(self, reply):
        self.replies.append(reply["marked"])


LEAK, BABE = "2.2-leak", "2.2-babe"
CELLS = ["import recbook", "x = slow()", "globals()['x'] = 1", f"check('{LEAK}', x)"]


def marked(*runs, ids=(LEAK,), cells=CELLS):
    """What is marked of a file whose first two cells are the book's, and the roots."""
    numbered = [[n, source, False] for n, source in enumerate(cells, start=1)]
    order = ORDER | {"cells": numbered, "ids": list(ids), "books": [1, 2]}
    students = Students(*runs)
    return Marking(order).run(students), students


def answer(value, id=LEAK):
    return {"check": id, "answer": value}


def right_answer():
    """The answer to ``LEAK``, as the book has it."""
    registry.ids()
    return float(registry.REGISTRY[LEAK].value())


RAN = [{"cell": 1}, {"cell": 4}]


def test_a_value_is_marked_only_when_nobody_can_time_it_any_more(monkeypatch):
    judged = []
    monkeypatch.setattr(
        Marking, "_judge", lambda self, id, packed, number: judged.append(packed)
    )
    marking, function = Marking(ORDER), {"function": 0}
    marking.channel = Students([])
    for value in (1.0, 2.0, None, {"dots": None}):
        marking._take(answer(value) | {"number": 0})
    assert judged == []
    marking._judge_waiting()
    assert judged == [2.0], "the last one that is not blank"
    marking._take(answer(3.0) | {"number": 0})
    marking._take(answer(function) | {"number": 0})
    marking._judge_waiting()
    assert judged == [2.0, function], "a function after a value replaces it"


def test_what_is_right_by_the_cells_it_stands_on_is_right():
    done, students = marked([*RAN, answer(right_answer())])
    assert done == {"marks": {LEAK: [True, "right"]}, "notes": []}
    assert students.roots == [[4]]


@pytest.mark.parametrize("blank", [None, {"dots": None}])
def test_what_nobody_has_begun_is_marked_once(blank):
    _, students = marked([*RAN, answer(blank)])
    assert students.roots == [[4]]


def test_before_an_answer_is_wrong_all_of_the_students_cells_run():
    failed = {"error": [3, "KeyError: 1"]}
    done, students = marked([*RAN, answer(9.0)], [failed, answer(8.0)])
    assert students.roots == [[4], [3, 4]]  # and none of the book's for itself
    assert "you have 8" in done["marks"][LEAK][1]
    assert done["notes"] == ["cell 3: KeyError: 1"]
    done, _ = marked([*RAN, answer(9.0)], [failed, answer(9.0)])
    assert done["notes"] == [], "it is no matter, as nothing changed by it"
    _, students = marked([{"cell": 3}, *RAN, answer(9.0)])
    assert len(students.roots) == 1, "they all have run"


MISSING = "NameError: name 'x' is not defined (line 1: check(x))"


def test_a_name_that_is_missing_is_had_from_the_book_in_the_second_run():
    _, students = marked([*RAN, {"error": [4, MISSING]}], [])
    assert students.roots == [[4], [2, 3, 4]]


def test_a_teacher_hears_of_a_second_try():
    first = marked([*RAN, answer(9.0)], [])[0]["marks"][LEAK][1]
    done, _ = marked([*RAN, answer(9.0)], [*RAN, answer(right_answer())])
    assert done["marks"][LEAK][0]
    assert done["notes"] == [
        f"look at this one: {LEAK} was wrong at first ({first}), "
        "and right in a second run with all cells"
    ]
    lost = {"error": [4, "NameError: name 'x' is not defined"]}
    done, _ = marked([*RAN, lost], [*RAN, answer(right_answer())])
    assert (done["marks"][LEAK][0], done["notes"]) == (True, [])


def test_a_second_run_takes_no_point_away():
    first = [*RAN, answer(right_answer()), answer(9.0, BABE)]
    done, students = marked(first, [answer(9.0), answer(8.0, BABE)], ids=(LEAK, BABE))
    assert done["marks"][LEAK] == [True, "right"]
    assert students.replies == [True] * 4, "no run hears what was right"


def test_a_letter_has_no_second_guess():
    registry.ids()
    right = registry.REGISTRY["2-q1"].right
    cells = ["import recbook", "x = 1", "again = 1", f"check('2-q1', {right!r})"]
    wrong = next(letter for letter in "abcd" if letter != right)
    done, students = marked([*RAN, answer(wrong, "2-q1")], ids=["2-q1"], cells=cells)
    assert not done["marks"]["2-q1"][0]
    assert len(students.roots) == 1
    first = [*RAN, answer(wrong, "2-q1"), answer(9.0)]
    again = [*RAN, answer(right, "2-q1"), answer(9.0)]
    done, _ = marked(first, again, ids=["2-q1", LEAK], cells=[*cells, CELLS[-1]])
    assert not done["marks"]["2-q1"][0]
    lost = {"error": [4, MISSING]}
    done, _ = marked([*RAN, lost], again, ids=["2-q1"], cells=cells)
    assert done["marks"]["2-q1"][0], "its only guess"
