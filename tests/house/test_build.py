"""What .ci/book.py runs again, and what it says when a notebook fails."""

import importlib.util
from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def book(tmp_path, monkeypatch):
    """The build script, over a folder with one small notebook."""
    spec = importlib.util.spec_from_file_location("book_script", ROOT / ".ci/book.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    write(tmp_path, "1 + 1")
    return module


def write(folder, code, prose="A sum."):
    cells = [
        nbformat.v4.new_markdown_cell(prose, id="prose"),
        nbformat.v4.new_code_cell(code, id="sum"),
    ]
    path = folder / "chapters" / "sum.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def remember(book, cache):
    for path, notebook in book.stale(cache):
        bundle = CacheBundleIn(notebook, str(path))
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def names(book, cache):
    return [path.name for path, _ in book.stale(cache)]


def test_only_changed_code_runs_again(book, tmp_path):
    cache = get_cache(tmp_path / "cache")
    assert names(book, cache) == ["sum.ipynb"]
    remember(book, cache)
    assert names(book, cache) == []
    write(tmp_path, "1 + 1", prose="The same sum in other words.")
    assert names(book, cache) == []
    write(tmp_path, "1 + 2")
    assert names(book, cache) == ["sum.ipynb"]


@pytest.mark.parametrize("content", [None, "", '{"cells": ['])
def test_a_run_that_was_cut_short_is_done_again(book, tmp_path, content):
    cache = get_cache(tmp_path / "cache")
    remember(book, cache)
    (kept,) = (tmp_path / "cache").rglob("base.ipynb")
    if content is None:
        kept.unlink()
    else:
        kept.write_text(content)
    assert names(book, cache) == ["sum.ipynb"]


def test_a_failing_cell_is_named_with_what_it_said(book, tmp_path):
    path = write(tmp_path, "1 / 0")
    _, failure = book.execute(path, nbformat.read(path, as_version=4))
    assert failure.startswith("cell `sum` failed")
    assert "ZeroDivisionError" in failure
    assert len(failure.splitlines()) <= 13


def test_the_digest_knows_names_and_bytes(book, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one")
    before = book.digest([path])
    assert book.digest([path]) == before
    assert book.digest([path], "another word") != before
    path.write_text("two")
    assert book.digest([path]) != before
    path.write_text("one")
    assert book.digest([path.rename(tmp_path / "b.txt")]) != before


def test_the_state_survives_a_spoiled_file(book, tmp_path, monkeypatch):
    monkeypatch.setattr(book, "STATE", tmp_path / "state.json")
    assert book.read_state() == {}
    book.write_state({"built": "x"})
    assert book.read_state() == {"built": "x"}
    book.STATE.write_text("{")
    assert book.read_state() == {}
