"""A part's door and its landing: what it asks for, what to keep, quick questions."""

import json
import re

import numpy as np
import pytest
from bookpages import CHAPTERS, chapters, pages

from recbook import checks, datasets
from recbook.checks.registry import REGISTRY

LANDING = ["Ten lines to keep", "When not to use what"]  # then the questions
DUNE = "Cem's *Dune* so far"  # between them, in the parts that predict stars
LEDGER = "The ledger"  # there in part 6, whose pages price a decision
THIRDS = ("Test and bid", "Learn what works", "Choose and measure")
BOX = re.M | re.S
QUIZZES = [page for page in pages() if page.quick]
FOLDERS = sorted({page.path.parent for page in chapters()})


# Doors ---------------------------------------------------------------------------


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_part_opens_with_a_door(folder):
    """It says what the shop lacks and what a reader must know, and leads on."""
    of_part = [page for page in pages() if page.path.parent == folder]
    door, first = of_part[:2]
    assert door.path.name == "door.md"
    assert not door.is_chapter
    assert door.text.startswith(f"# Part {folder.name[0]} at a glance\n")
    for head in ("What the shop cannot do yet.", "What you must know."):
        assert f"**{head}**" in door.text
    assert "```{part-chapters}\n```" in door.text
    assert door.text.rstrip().endswith(f"Next: {{doc}}`{first.path.stem}`")


@pytest.mark.site
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_door_lists_the_chapters_of_its_part_with_their_minutes(folder):
    html = CHAPTERS.parent / "_build" / "html" / "chapters" / folder.name / "door.html"
    text = html.read_text(encoding="utf-8")
    box = text[text.index("part-chapters") :]
    items = re.findall(r"<li><p><a [^>]*href=\"([\w-]+)\.html\".*?</li>", box, re.S)
    inside = [page.path.stem for page in chapters() if page.path.parent == folder]
    assert items[: len(inside)] == inside
    assert len(re.findall(r"\d+ minutes to read, ", box)) == len(inside)
    assert "In all " in box


# Landings ------------------------------------------------------------------------


def test_each_part_with_chapters_ends_with_quick_questions():
    parts = {page.path.parent for page in chapters()}
    last = {page.path.parent: page for page in pages() if page.path.parent in parts}
    assert all(page.path.stem == "quick-questions" for page in last.values())
    assert not any(page.is_chapter for page in last.values())


@pytest.mark.parametrize("page", QUIZZES, ids=lambda page: page.name)
def test_a_part_leaves_ten_lines_and_a_case_against_each_method(page):
    _, lines, methods, *_ = re.split(r"^## .*$", page.text, flags=re.M)
    numbers = re.findall(r"^(\d+)\. ", lines, flags=re.M)
    assert numbers == [*map(str, range(1, 11))]
    head, *rows = re.findall(r"^\| (.+) \|$", methods, flags=re.M)
    assert head == "method | good for | not for"
    assert len(rows) >= 3
    assert all(len([*filter(str.strip, row.split(" | "))]) == 3 for row in rows)


@pytest.mark.parametrize("page", QUIZZES[:5], ids=lambda page: page.name)
def test_a_part_says_what_cem_would_give(page):
    sections = re.split(r"^## .*$", page.text, flags=re.M)
    row = re.compile(r"^\| (\d\.\d\d) \| \{doc\}`\.\./(\S+)`", flags=re.M)
    rows = row.findall(sections[3])
    if not rows:  # adds no line to the table of an earlier landing
        assert "../3-factorization/quick-questions>`" in sections[3]
        return
    (mean, _), *others = rows
    assert mean == f"{np.mean(datasets.load_toy().values):.2f}"
    for stars, name in others:
        (there,) = [chapter for chapter in chapters() if chapter.name == name]
        printed = json.dumps([cell.raw.get("outputs") for cell in there.cells])
        numbers = re.findall(r"\b\d\.\d+", there.text + printed)
        assert float(stars) in {round(float(number), 2) for number in numbers}, name


@pytest.mark.parametrize("page", QUIZZES, ids=lambda page: page.name)
def test_a_part_has_quick_questions_about_its_own_chapters(page):
    """Six, and six in each third of a part with more chapters than eight."""
    part = page.path.parent.name.partition("-")[0]
    assert checks.ids()  # loads them
    inside = [c for c in chapters() if c.part == part]
    many = len(inside) > 8
    ids = [f"{part}-q{n}" for n in range(1, 19 if many else 7)]
    assert [id for id, _ in page.quick] == ids
    heads = re.findall(r"^## (.*)", page.text, flags=re.M)
    between = [DUNE] if int(part) < 6 else [LEDGER] if many else []
    assert heads == [*LANDING, *between, *(THIRDS if many else ["Six questions"])]
    known = {f"{part}.{n}" for n, _ in enumerate(inside, 1)}
    named = {}
    for id, text in page.quick:
        question = REGISTRY[id]
        options = dict(re.findall(r"^([a-d])\. (.+)", text, flags=re.M))
        assert [*options] == sorted(question.feedback), id
        lengths = [len(option) for option in options.values()]
        assert max(lengths) < 1.4 * min(lengths), f"{id}: the length gives it away"
        for letter, line in question.feedback.items():
            see = re.search(r" See (\d\.\d+)(?: and (\d\.\d+))?\.$", line)
            assert see, f"{id}, {letter}: end with the page to read again"
            named |= dict.fromkeys(filter(None, see.groups()))
    assert set(named) == known


# The ledger ----------------------------------------------------------------------


def test_the_ledger_takes_the_numbers_of_each_page_s_box():
    (page,) = [quiz for quiz in QUIZZES if f"## {LEDGER}" in quiz.text]
    rows = re.findall(r"^(\| .*) \| \{doc\}`([\w-]+)` \|$", page.text, flags=re.M)
    inside = [c for c in chapters() if c.path.parent == page.path.parent]
    assert [name for _, name in rows] == [c.path.stem for c in inside]
    for (row, name), chapter in zip(rows, inside, strict=True):
        used = re.findall(r"\{glued\}`([\w-]+) ([\w-]+):[^`]+`", row)
        wanted = ["ledger-usual", "ledger-better", "ledger-error"]
        assert used == [(name, key) for key in wanted], name
        box = re.search(r"^:::\{admonition\} In marketing.*?^:::", chapter.text, BOX)
        code = "\n".join(cell.source for cell in chapter.code)
        for key in wanted:
            assert f"{{glue:text}}`{key}:" in box[0], f"{name}: {key}"
            assert f'glue("{key}", ' in code, f"{name}: {key}"


@pytest.mark.site
def test_the_ledger_shows_numbers():
    html = CHAPTERS.parent / "_build" / "html" / "chapters" / "6-marketing"
    text = (html / "quick-questions.html").read_text(encoding="utf-8")
    shown = re.findall(r'<span class="glued">([^<]*)</span>', text)
    inside = [c for c in chapters() if c.path.parent.name == html.name]
    assert len(shown) == 3 * len(inside)
    assert all(re.fullmatch(r"[+−]?\d[\d,]*(\.\d+)?", number) for number in shown)
