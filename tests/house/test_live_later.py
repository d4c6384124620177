"""Modules that a page executes when they are first used, not when they are imported."""

import importlib
import sys

import pytest
from live import recbook_later


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Two modules that are imported later, and a list of those that were executed."""
    done = []
    # Names that no other test imports: its module would be found instead.
    for name in ("easel", "easel.paper", "easel_style"):
        path = tmp_path / name.replace(".", "/") / "__init__.py"
        path.parent.mkdir()
        path.write_text(f"done.append({name!r})\nlines = 1\n")
    monkeypatch.setattr("builtins.done", done, raising=False)
    monkeypatch.setattr(recbook_later, "LATER", {"easel", "easel.paper", "easel_style"})
    monkeypatch.setattr(recbook_later, "DRAWS", "easel")
    monkeypatch.setattr(recbook_later, "PLOTS", "easel_style")
    monkeypatch.setattr(sys, "meta_path", [recbook_later.Later, *sys.meta_path])
    monkeypatch.syspath_prepend(str(tmp_path))
    yield done
    for name in ("easel", "easel.paper", "easel_style"):
        sys.modules.pop(name, None)


def test_a_module_is_executed_when_it_is_used(modules):
    easel = importlib.import_module("easel")
    for _ in ("once", "again"):
        paper = importlib.import_module("easel.paper")
    assert recbook_later.is_pending("easel")
    assert not modules
    assert paper.lines == 1
    assert modules == ["easel.paper"]
    assert easel.lines == 1
    assert modules == ["easel.paper", "easel"]
    assert not recbook_later.is_pending("easel")


@pytest.mark.parametrize("names", [("easel_style", "easel"), ("easel", "easel_style")])
def test_the_style_is_set_as_soon_as_a_cell_draws(modules, names):
    for name in names:
        importlib.import_module(name)
    assert not modules
    assert sys.modules["easel"].lines == 1
    assert modules == ["easel", "easel_style"]


def test_the_style_is_set_at_once_where_a_cell_has_drawn(modules):
    assert importlib.import_module("easel").lines == 1
    importlib.import_module("easel_style")
    assert modules == ["easel", "easel_style"]


def test_what_is_not_there_is_said_at_once(modules, monkeypatch):
    monkeypatch.setattr(recbook_later, "LATER", {"absent"})
    with pytest.raises(ModuleNotFoundError, match="absent"):
        importlib.import_module("absent")
