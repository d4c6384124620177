"""What the judge makes of messages and of answers, without a process of a student."""

import pytest

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
