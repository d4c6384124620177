"""The pages bar the cells that fail when they are tried, and no others."""

import json
import os
import sys
from types import SimpleNamespace

import pytest
from live import build, trial, verdicts
from recbook_book.live import live_cells

CELLS = ["import keras", "def f():\n    return keras.Input()", "f()", "y = 1", "f()\ny"]
PAGE = "chapters/page.ipynb"


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A page of five cells, two of which lack Keras, and the jobs that were run."""
    monkeypatch.setattr(verdicts, "ROOT", tmp_path)
    monkeypatch.setattr(verdicts, "FILE", tmp_path / "verdicts.json")
    monkeypatch.setattr(build, "MARKER", tmp_path / "packs.json")
    build.MARKER.write_text(json.dumps({"library": {"digest": "1"}}))
    cells = [
        {"cell_type": "code", "id": f"c{k}", "source": s, "metadata": {}}
        for k, s in enumerate(CELLS)
    ]
    (tmp_path / "chapters").mkdir()
    (tmp_path / PAGE).write_text(json.dumps({"cells": cells}))
    jobs = []

    def run(job):
        jobs.append(job)
        for name, page in job.items():
            for k in page["suspects"]:
                yield name, k, "TensorFlow" if "f()" in CELLS[k][:3] else None

    monkeypatch.setattr(verdicts, "run", run)
    return tmp_path, jobs


def lacks(folder):
    return json.loads((folder / "verdicts.json").read_text())[PAGE]["lacks"]


def test_a_page_is_tried_once_and_again_when_it_changed(book):
    folder, jobs = book
    first = verdicts.refresh({PAGE: "a", "chapters/text.md": "t"})
    assert lacks(folder) == {"c1": None, "c2": "TensorFlow", "c4": "TensorFlow"}
    assert verdicts.refresh({PAGE: "a"}) == first
    assert len(jobs) == 1
    verdicts.refresh({PAGE: "b"})
    assert len(jobs) == 2
    build.MARKER.write_text(json.dumps({"library": {"digest": "2"}}))
    verdicts.refresh({PAGE: "b"})
    assert len(jobs) == 3


def test_a_cell_that_ends_the_process_is_barred_and_the_others_are_tried(
    book, monkeypatch
):
    folder, jobs = book

    def dies(job):
        jobs.append(job)
        return [(PAGE, k, None) for k in job[PAGE]["suspects"] if k != 2][: len(jobs)]

    monkeypatch.setattr(verdicts, "run", dies)
    verdicts.refresh({PAGE: "a"})
    assert [job[PAGE]["suspects"] for job in jobs] == [[1, 2, 4], [4]]
    assert jobs[1][PAGE]["barred"] == {2: ""}
    # For another reason than that it lacks something: the name says what.
    assert lacks(folder) == {"c1": None, "c2": "TensorFlow", "c4": None}


def test_where_nothing_runs_the_names_decide(book, monkeypatch):
    folder, jobs = book
    monkeypatch.setattr(verdicts, "run", lambda job: jobs.append(job) or [])
    verdicts.refresh({PAGE: "a"})
    assert len(jobs) <= verdicts.ATTEMPTS
    assert lacks(folder) == dict.fromkeys(("c1", "c2", "c4"), "TensorFlow")


def test_a_trial_runs_what_a_suspect_needs_and_nothing_twice():
    ran = []

    def run(source, name, quiet):
        ran.append(name)
        try:
            exec(source, page.space)
            return {"fine": True}
        except Exception as error:
            page.page["send"]("error", f"This cell {error}")
            return {"fine": False}

    page = SimpleNamespace(space={}, page={}, Shell=None, run=run)
    lack = "raise ImportError('needs FAISS: make lab')"
    sources = ["x = 1", lack, "x + 1", "1 / 0", "2", "x", "1 / 0"]
    needs = [[], [], [0], [0], [1], [0], []]
    cells = [{"source": s, "needs": n} for s, n in zip(sources, needs, strict=True)]
    found = dict(trial.verdicts(page, cells, [1, 2, 3, 4, 6], [6], {"5": "Spark"}))
    assert found == {1: "FAISS", 2: None, 3: "", 4: "FAISS", 6: None}
    assert ran == ["cell 1", "cell 0", "cell 2", "cell 3", "cell 6"]


def test_a_trial_keeps_the_film_project_in_memory(tmp_path, monkeypatch):
    """Two processes that wrote into one folder would delete each other's drafts."""
    places = []

    def run(*_, **__):
        places.append(os.environ["RECBOOK_PROJECT"])
        return {"fine": True}

    page = SimpleNamespace(space={}, page={}, Shell=None, run=run, start=lambda _: None)
    monkeypatch.setitem(sys.modules, "recbook_page", page)
    monkeypatch.setenv("RECBOOK_PROJECT", str(tmp_path))  # and put back at the end
    cells = [{"source": "project.data()", "needs": []}]
    job = {PAGE: {"cells": cells, "suspects": [0], "starters": [], "barred": {}}}
    (tmp_path / "job").write_text(json.dumps(job))
    trial.main(tmp_path / "job")
    assert json.loads((tmp_path / "job.out").read_text()) == [PAGE, 0, None]
    assert places == ["/book/_build/project"]  # no folder of this machine: see /host


def test_a_starter_inherits_no_bar_from_its_answer():
    check = "\nrecbook.check('1', x)"
    sources = ["import keras, recbook\nn = 1", "net = keras.Input()"]
    sources += [f"x = ...{check}", f"x = n if net else 2{check}"]
    cells = [
        {"cell_type": "code", "id": f"c{k}", "source": s, "metadata": {}}
        for k, s in enumerate(sources)
    ]
    cells[2]["metadata"]["tags"] = ["raises-exception"]
    told = live_cells.cells_of(cells, set(range(4)))
    assert [cell.get("lab") for cell in told] == [None, "TensorFlow"] * 2
    assert told[2]["needs"] == [0]  # not the network: a press would fail
    assert told[3]["needs"] == [0, 1]
