"""Barred cells fail in the Python of the pages, each alone on a fresh page."""

import functools

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

# They were barred for naming recbook.deep, of which they use what is plain NumPy.
FREE = {
    "4-deep/attention": "six-steps picture oracle-score oracle-context oracle-jacobian "
    "saturate oracle-variance mask-weights oracle-masks by-heads oracle-strength "
    "wrong-mask-cell wrong-low-cell ex-hand-starter ex-hand-answer "
    "ex-slopes-answer ex-recency-answer",
    "7-outlook/generative": "both-words oracle-words load words-table titles "
    "same-words wrong-length-factors wrong-length-table",
}


@functools.cache
def told(name):
    """{id: what the page tells of it} of a page's code cells."""
    (page,) = (page for page in bookpages.notebooks() if page.name == name)
    raw = [cell.raw for cell in page.cells]
    verdicts = live_cells.verdicts_of(page.path)
    assert verdicts is not None, "no trial: run `make book` first"
    cells = live_cells.cells_of(raw, set(range(len(raw))), verdicts)
    return {cell["id"]: cell for cell in cells}


@pytest.mark.parametrize("name", FREE)
def test_plain_numpy_is_not_barred(name):
    barred = {id for id, cell in told(name).items() if cell.get("lab")}
    assert not barred & set(FREE[name].split())
    assert barred  # what trains a network


@pytest.mark.parametrize("name", FREE)
def test_a_barred_cell_fails_and_the_others_run(name, tmp_path):
    """The first few of each, without what the trial ran before them on the page."""
    cells = list(told(name).values())
    barred = [k for k, cell in enumerate(cells) if cell.get("lab")]
    # One that only inherits the bar fails by what it needs.
    first = [k for k in barred if not set(cells[k]["needs"]) & set(barred)]
    free = [k for k, cell in enumerate(cells) if cell["id"] in FREE[name].split()]
    job = {name: {"cells": cells, "press": first[:3] + free[:2]}}
    for result in run_apart("cells.py", job, tmp_path)[name]:
        forms = {form for form, _ in result["shown"]}
        cell, fails = cells[result["index"]], bool(forms & {"error", "needed"})
        assert fails == (result["index"] in first), (cell["id"], result["shown"][-1:])
