"""The browser's loader of kernels, as far as it goes without a browser."""

import numpy as np
import pytest

from recbook._core import wasm


@pytest.fixture
def scaled(monkeypatch):
    """A kernel that nobody compiled, with an argument that may be left out."""
    monkeypatch.setattr(wasm, "missed", {})

    @wasm.njit(cache=True)
    def scaled(x, factor=2.0):
        return x * factor

    return scaled


def test_a_kernel_that_is_not_there_runs_as_python_and_is_counted(scaled):
    assert scaled(np.ones(2)).tolist() == scaled(x=np.ones(2)).tolist() == [2.0, 2.0]
    assert scaled.py_func(3.0) == 6.0
    ((call, times),) = wasm.missed.items()
    assert call.endswith("scaled(f8:1C,f)")
    assert times == 2


def test_a_kernel_that_is_not_there_is_an_error_where_python_is_forbidden(
    scaled, monkeypatch
):
    monkeypatch.setattr(wasm, "fallback", False)
    with pytest.raises(TypeError, match=r"no compiled kernel fits .*scaled\(f,f\)"):
        scaled(1.0)


def test_a_generator_is_known_by_its_state_and_its_functions():
    numbers = wasm.flat((np.random.default_rng(0),), [])
    assert len(numbers) == 9
    assert all(numbers[1:7])
