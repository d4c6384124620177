"""The instructor's guide, session by session: minutes, exercises, what is printed."""

import re

import pytest
from bookpages import CHAPTERS, chapters

GUIDE = (CHAPTERS / "appendix" / "instructor-guide.md").read_text(encoding="utf-8")
SESSIONS = dict(
    re.findall(r"^## Session (\d+) · .*\n((?:(?!^## ).*\n)*)", GUIDE, flags=re.M)
)
PLAN = dict(re.findall(r"^\| (\d+) \| \{doc\}`\.\./([^`]+)`", GUIDE, flags=re.M))
EXERCISES = {e.label: e for page in chapters() for e in page.exercises}
MINUTES = {
    label: int(re.search(r"★+ · (\d+) minutes", exercise.text)[1])
    for label, exercise in EXERCISES.items()
}
LABEL = re.compile(r"\{ref\}`[^`<]*<(ex-[^>]+)>`")


def test_every_chapter_has_a_session():
    assert list(SESSIONS) == list(PLAN) == [str(n + 1) for n in range(len(PLAN))]
    pages = [page.name for page in chapters()]
    assert list(dict.fromkeys(PLAN.values())) == pages


@pytest.mark.parametrize("number", SESSIONS)
def test_a_session_takes_ninety_minutes_with_its_exercises(number):
    rows = re.findall(r"^\| (\d+) \| (.*)$", SESSIONS[number], flags=re.M)
    assert sum(int(minutes) for minutes, _ in rows) == 90
    for minutes, block in rows:
        # Of two exercises with an "or" between them a pair does one.
        labels = LABEL.findall(re.sub(r" or \{ref\}`[^`]*`", "", block))
        assert sum(MINUTES[label] for label in labels) <= int(minutes), block


@pytest.mark.parametrize("number", SESSIONS)
def test_a_session_names_exercises_of_its_page_once(number):
    labels = LABEL.findall(SESSIONS[number])
    (page,) = [page for page in chapters() if page.name == PLAN[number]]
    own = {exercise.label for exercise in page.exercises}
    assert labels, "no exercise"
    assert len(labels) == len(set(labels))
    assert set(labels) <= own


def test_two_sessions_on_one_page_share_out_its_exercises():
    """All others print all exercises of their page, so each is printed once."""
    shared = [n for n, page in PLAN.items() if list(PLAN.values()).count(page) > 1]
    labels = [label for n in shared for label in LABEL.findall(SESSIONS[n])]
    pages = {PLAN[n] for n in shared}
    there = [e.label for p in chapters() if p.name in pages for e in p.exercises]
    assert sorted(labels) == sorted(there)


def test_two_sessions_on_one_page_share_no_section():
    """What a session shows is no answer to what the next one asks."""
    bounds = re.findall(r"^\| \d+ \|.* (up to|from) \[(.+?)\]\((\S+?)#", GUIDE, re.M)
    ends, starts = bounds[::2], bounds[1::2]
    assert len(ends) == len(starts) > 3
    for (to, last, page), (since, first, same) in zip(ends, starts, strict=True):
        assert (to, since, page) == ("up to", "from", same)
        text = next(p.text for p in chapters() if page.endswith(f"{p.name}.ipynb"))
        assert text.index(f"## {last}\n") < text.index(f"## {first}\n"), page
