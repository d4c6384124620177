"""The film project's chain of files: made once, whole, and never mistaken."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from recbook import datasets, project
from recbook._core import order
from recbook.project import chain


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("RECBOOK_PROJECT", str(tmp_path / "project"))


def refuse(path):
    raise AssertionError(f"{path} is made again")


def test_a_file_is_made_once_and_then_read():
    made = project.artefact("a.txt", lambda p: p.write_text("one"), Path.read_text)
    assert made == project.artefact("a.txt", refuse, Path.read_text) == "one"


def test_a_folder_is_an_artefact_too():
    def make(path):
        path.mkdir()
        (path / "part").write_text("one")

    assert project.artefact("a", make, lambda p: (p / "part").read_text()) == "one"
    (project.folder() / "a" / "part").write_text("two")
    with pytest.raises(project.DamagedFileError, match=r"remove .*a, and it is made"):
        project.artefact("a", refuse, lambda p: p)


def test_what_a_killed_making_left_is_removed_by_the_next():
    left = [project.folder() / f".new-{name}-x1y2z3_4" for name in ("a", "a-b")]
    for folder in left:
        folder.mkdir()
        (folder / "half").write_text("ha")
    project.artefact("a", lambda p: p.write_text("whole"), Path.read_text)
    assert [folder.exists() for folder in left] == [False, True]


def test_without_filelock_one_sentence_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "filelock", None)
    with pytest.raises(ImportError, match=r"needs filelock.* install '\.\[app,deep\]'"):
        project.artefact("a.txt", refuse, refuse)


def test_an_interrupted_making_leaves_nothing_behind():
    def half(path):
        path.write_text("ha")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        project.artefact("a.txt", half, Path.read_text)
    assert not [p for p in project.folder().iterdir() if p.suffix != ".lock"]
    made = project.artefact("a.txt", lambda p: p.write_text("whole"), Path.read_text)
    assert made == "whole"


def test_killed_between_checksum_and_rename_is_made_again():
    (project.folder() / "a.txt.sha256").write_text("of a file that never came")
    made = project.artefact("a.txt", lambda p: p.write_text("one"), Path.read_text)
    assert made == "one"
    assert project.artefact("a.txt", refuse, Path.read_text) == "one"


@pytest.mark.parametrize("damage", [b"", b"tw", b"one and more"])
def test_a_damaged_file_is_refused_by_name(damage):
    project.artefact("a.txt", lambda p: p.write_text("one"), Path.read_text)
    (project.folder() / "a.txt").write_bytes(damage)
    with pytest.raises(project.DamagedFileError, match=r"a\.txt is not what was"):
        project.artefact("a.txt", refuse, Path.read_text)


TWO = """
import time
from pathlib import Path
from recbook import project

def make(path):
    time.sleep(0.5)
    path.write_text("one")
    with open(project.folder() / "count", "a") as count:
        count.write("x")

print(project.artefact("a.txt", make, Path.read_text))
"""


def test_two_processes_make_it_once():
    command = [sys.executable, "-c", TWO]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [text.split()[-1] for text in said] == [b"one", b"one"]
    assert (project.folder() / "count").read_text() == "x"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package's code, which the chain takes for its own."""
    copy = tmp_path / "recbook"
    only_code = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(order.PACKAGE, copy, ignore=only_code)
    chain._fingerprint.cache_clear()
    monkeypatch.setattr(order, "PACKAGE", copy)
    yield copy
    chain._fingerprint.cache_clear()


@pytest.mark.parametrize(
    ("edited", "renewed"),
    [
        ("_core/features.py", True),  # age bands, on which the towers stand
        ("deep/towers/rows.py", True),
        ("leaderboard/tuned/rating.py", True),  # a recipe, on which the report stands
        ("project/evaluation.py", True),
        ("app/server.py", False),
        ("grade/films/tasks.py", False),
        ("checks/project/data.py", False),
    ],
)
def test_what_the_chain_stands_on_renews_it(package, edited, renewed):
    before = project.folder().name
    chain._fingerprint.cache_clear()
    assert (package / edited).is_file()
    with (package / edited).open("a") as file:
        file.write("# changed\n")
    assert (project.folder().name != before) == renewed


def test_the_first_step_hands_on_the_table_itself():
    films, movielens = project.data(), datasets.load_ml100k()
    for name in ("users", "items", "values", "timestamps", "user_ids", "item_ids"):
        ours, theirs = getattr(films.ratings, name), getattr(movielens.ratings, name)
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype, name
    assert films.movies.equals(movielens.movies)
    assert films.users.equals(movielens.users)
    assert films.is_real == movielens.is_real
