"""Exercises and oracle cells in the Python of the pages, each on a fresh page.

Each is run after the cells that it needs and no others: a starter is refused, its
solution right, and an oracle cell prints what is stored. The pages of a part share a
start of Python, which takes longer than most pages; at night each has its own.
"""

import functools
import itertools
import re

import bookpages
import pytest
from live import build
from livepages import run_apart
from recbook_book.live import live_cells

pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(
        not build.MARKER.exists(), reason="the Python for the pages could not be had"
    ),
]

ORACLE = "nbval-check-output"


@functools.cache
def cells_of(name):
    (page,) = (page for page in bookpages.notebooks() if page.name == name)
    raw = [cell.raw for cell in page.cells]
    verdicts = live_cells.verdicts_of(page.path)
    told = live_cells.cells_of(raw, set(range(len(raw))), verdicts)
    for exercise in page.exercises:  # an answer is what a reader types into a starter
        begun = [page.code.index(cell) for cell in exercise.starters]
        for cell in exercise.answers:
            if begun and bookpages.CHECK.search(cell.source):
                facts = told[page.code.index(cell)]
                own = [n for n in facts["needs"] if n > begun[0]]
                facts["needs"] = told[begun[-1]]["needs"] + own
    return told


def told(page):
    """What the page tells of its code cells, all of them in sight."""
    return cells_of(page.name)


def pressed(page):
    """{index: what it is} of the cells that are to be run, among the code cells."""
    kinds = {}
    for index, (cell, facts) in enumerate(zip(page.code, told(page), strict=True)):
        if facts.get("lab"):
            continue
        if cell.place in ("exercise", "solution") and bookpages.CHECK.search(
            cell.source
        ):
            kinds[index] = cell.place
        elif ORACLE in cell.tags:
            kinds[index] = "oracle"
    return kinds


PAGES = [
    page
    for page in bookpages.notebooks()
    if any(ORACLE in cell.tags or cell.place == "solution" for cell in page.code)
]


def printed(shown):
    """The text of a cell's outputs, as the notebook would store it."""
    forms = [form for form, _ in shown]
    text = "".join(
        part + "\n" * (form == "text")
        for form, part in shown
        if form in ("stdout", "text")
    )
    return text.rstrip("\n"), forms


def stored(cell):
    """The same of the outputs that are stored in the notebook."""
    text = ""
    for output in cell.raw["outputs"]:
        if output["output_type"] == "stream":
            text += "".join(output["text"]) * (output["name"] == "stdout")
        elif "text/html" not in output["data"]:
            text += "".join(output["data"].get("text/plain", "")) + "\n"
    return re.sub(r"^.*\r(?=[^\n])", "", text, flags=re.M).rstrip("\n")


def wrong(page, done):
    """Yield a line for each cell that does not do what it should."""
    kinds = pressed(page)
    for result in done:
        cell, kind = page.code[result["index"]], kinds[result["index"]]
        text, forms = printed(result["shown"])
        n_right = text.split("\n").count("right")
        last = result["shown"][-1:]
        if "needed" in forms or (kind != "exercise" and "error" in forms):
            yield f"{page.name} `{cell.id}` ({kind}) failed: {last}"
        elif kind == "solution" and n_right < len(bookpages.CHECK.findall(cell.source)):
            yield f"{page.name} `{cell.id}`: the solution is not right: {text}"
        elif kind == "exercise" and n_right:
            yield f"{page.name} `{cell.id}`: the starter is right"
        elif kind == "oracle" and text != stored(cell):
            yield f"{page.name} `{cell.id}` printed {text!r}, not {stored(cell)!r}"


def n_exercises():
    """How many exercises run in the page, of all that have a check, by part."""
    counts = {}
    for page in bookpages.notebooks():
        runs, all_ = counts.get(page.part, (0, 0))
        for cell, facts in zip(page.code, told(page), strict=True):
            if cell.place == "solution" and bookpages.CHECK.search(cell.source):
                runs, all_ = runs + (not facts.get("lab")), all_ + 1
        counts[page.part] = runs, all_
    return counts


def test_all_exercises_run_in_the_page():
    assert [part for part, (runs, all_) in n_exercises().items() if runs < all_] == []


def batches():
    """Lists of pages that share a start of Python, by a name."""
    if bookpages.ALL_PAGES:
        return {page.name: [page] for page in PAGES}
    by_part = itertools.groupby(PAGES, key=lambda page: page.path.parent.name)
    return {part: list(pages) for part, pages in by_part}


@pytest.mark.parametrize("pages", batches().values(), ids=batches())
def test_each_exercise_runs_on_a_fresh_page(pages, tmp_path):
    job = {p.name: {"cells": told(p), "press": list(pressed(p))} for p in pages}
    done = run_apart("cells.py", job, tmp_path)
    for page in pages:
        for one in done[page.name]:
            print(page.name, page.code[one["index"]].id, f"{one['seconds']:.1f} s")
    assert not [line for page in pages for line in wrong(page, done[page.name])]
