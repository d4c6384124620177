"""Quick questions: one letter is right, and each letter has its line of feedback."""

import re

import pytest

from recbook import checks
from recbook.checks import check, choice
from recbook.checks.registry import REGISTRY

ALL = [id for id in checks.ids() if hasattr(REGISTRY[id], "feedback")]
EACH = pytest.mark.parametrize("id", ALL)


def said(capsys, id, answer):
    """The result and the one line printed."""
    result = check(id, answer)
    (line,) = capsys.readouterr().out.splitlines()
    return result, line


@pytest.fixture
def odd(monkeypatch):
    """A question with four options, forgotten after the test."""
    monkeypatch.setitem(REGISTRY, "0-q1", None)  # to be put back, that is, deleted
    del REGISTRY["0-q1"]
    lines = {"a": "too small.", "b": "it is odd.", "c": "too\nlarge.", "d": "even."}
    choice("0-q1", right="b", **lines)
    return "0-q1"


@pytest.mark.parametrize("answer", ["b", " B ", "b.", " B. "])
def test_the_right_letter_is_told_why(odd, capsys, answer):
    assert said(capsys, odd, answer) == (True, "right: it is odd.")


def test_a_wrong_letter_gets_its_own_line(odd, capsys):
    assert said(capsys, odd, "a") == (False, "too small.")
    assert said(capsys, odd, "c") == (False, "too large.")


@pytest.mark.parametrize("answer", ["", "a.b", "e", "ab", 2, b"b", ["b"], {"b"}, len])
def test_anything_else_is_asked_for_a_letter(odd, capsys, answer):
    wanted = "answer with one letter, a, b, c or d, in quotes"
    assert said(capsys, odd, answer) == (False, wanted)


@pytest.mark.parametrize("answer", [None, ...])
def test_a_blank_is_not_filled_in(odd, capsys, answer):
    assert said(capsys, odd, answer)[1].startswith("not filled in")


def test_an_id_is_taken_once(odd):
    with pytest.raises(ValueError, match="'0-q1' is taken"):
        choice(odd, right="a", a="one.", b="two.")


# The questions of the book ---------------------------------------------------------


@EACH
def test_one_letter_is_right_and_each_has_a_line_of_its_own(id, capsys):
    question = REGISTRY[id]
    lines = [said(capsys, id, letter) for letter in question.feedback]
    assert [result for result, _ in lines].count(True) == 1
    assert said(capsys, id, question.right)[0]
    assert len({line for _, line in lines}) == len(lines) in (3, 4)
    assert all(len(line) <= 150 for _, line in lines), "one line is enough"


@EACH
def test_a_wrong_choice_is_not_told_the_right_one(id):
    for letter, line in REGISTRY[id].feedback.items():
        assert not re.search(r"\b[bcd]\b|\ba is\b", line), letter


def test_the_right_letters_are_well_spread():
    letters = [REGISTRY[id].right for id in ALL]
    assert max(map(letters.count, letters)) <= len(letters) / 3 + 1
