"""The stand-ins of numba leave a function as it is, and numba needs no folder."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import recbook._core.jit


@pytest.fixture
def plain(monkeypatch):
    """Return the module as it is where numba cannot be imported."""
    monkeypatch.setitem(sys.modules, "numba", None)
    yield importlib.reload(recbook._core.jit)
    monkeypatch.undo()
    importlib.reload(recbook._core.jit)


def total(values):
    result = 0.0
    for value in values:
        result += value
    return result


def test_stand_in_returns_the_function_bare_or_with_options(plain):
    assert plain.njit(total) is total
    assert plain.njit(cache=True)(total) is total
    assert plain.njit(parallel=True, fastmath=True)(total) is total


def test_stand_in_of_prange_counts(plain):
    assert plain.prange is range


def test_both_forms_compute_the_same():
    values = [0.5, 1.25, -3.0]
    assert recbook._core.jit.njit(total)(tuple(values)) == total(values) == -1.25


KERNEL = """
from recbook._core.jit import njit

@njit(cache=True)
def twice(x):
    return 2 * x

@njit(cache=True, fastmath={"reassoc"})
def four_times(x):
    return twice(twice(x))
"""
HOMELESS = """
import pwd

def unknown(uid):
    raise KeyError(uid)

pwd.getpwuid = unknown
"""


FOLDER = Path(recbook.__file__).parents[1]
LOAD = "import sys; sys.path.insert(0, '.'); import kernel"


def run(code, folder, **settings):
    """Run code in a folder, with this recbook; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(FOLDER), **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def locked(tmp_path):
    """A folder with a module of kernels, which numba cannot keep beside it."""
    (tmp_path / "kernel.py").write_text(KERNEL)
    (tmp_path / "__pycache__").write_text("a file, where the folder should be")
    return tmp_path


def test_kernels_compile_where_nothing_can_be_written(locked):
    nowhere = str(locked / "kernel.py" / "home")  # nobody can make a folder in a file
    code = LOAD + "; print(kernel.four_times(2))"
    assert run(code, locked, HOME=nowhere) == "8\n"


def test_no_folder_is_named_like_the_home_that_nobody_knows(locked):
    run(HOMELESS + LOAD, locked)
    assert sorted(path.name for path in locked.iterdir()) == [
        *("__pycache__", "kernel.py")
    ]


def test_a_known_home_still_keeps_the_kernels(locked):
    run(LOAD, locked, HOME=str(locked / "home"))
    assert list(locked.glob("home/.cache/numba/*"))


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root")
def test_another_user_without_a_home_imports_the_kernels(tmp_path):
    """As in a container with ``-u 12345``: the package is somebody else's."""
    load = "import recbook.metrics; from recbook import ItemKNN"
    # Python itself may lie where only root can read, so all is imported before, too.
    again = "[sys.modules.pop(n) for n in list(sys.modules) if n.startswith('recbook')]"
    become = "os.setgroups([]); os.setgid(12345); os.setuid(12345)"
    code = f"import os, sys; {load}; {again}; {become}; {load}; print(ItemKNN())"
    assert run(code, tmp_path) == "ItemKNN()\n"
