"""The stand-ins of numba leave a function as it is."""

import importlib
import sys

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
