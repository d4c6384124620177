"""Calls of a reader's code: copied arguments, reported errors, few words."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from recbook.checks import call
from recbook.checks.guard import Problem, alike, describe


@dataclasses.dataclass
class Table:
    values: np.ndarray


@pytest.mark.parametrize(
    ("argument", "change"),
    [
        (np.array([1.0, 2.0]), lambda a: a.fill(0)),
        (np.array([3, 1]), lambda a: a.sort()),
        (sparse.csr_array(np.eye(2)), lambda a: a.data.fill(4)),
        ([3, 1], lambda a: a.sort()),
        ({"a": 1}, lambda a: a.clear()),
        (pd.DataFrame({"a": [1, 2]}), lambda a: a.insert(0, "b", 1)),
        (Table(np.ones(2)), lambda a: a.values.fill(0)),
        ([np.ones(2)], lambda a: a[0].fill(0)),
    ],
)
def test_changing_an_argument_is_refused(argument, change):
    def spoil(a):
        change(a)
        return 1

    before = str(argument)
    with pytest.raises(Problem, match="changed its argument 1"):
        call(spoil, argument)
    assert str(argument) == before


def test_a_keyword_argument_is_guarded_by_name():
    def spoil(a, values):
        values.append(1)
        return a

    with pytest.raises(Problem, match="argument values"):
        call(spoil, 1, values=[])


def test_nan_in_an_argument_is_no_change():
    assert call(np.nansum, np.array([np.nan, 1.0])) == 1
    assert alike(float("nan"), float("nan"))
    assert alike(object(), object())
    assert not alike(1, 1.0)


def test_describe_is_short():
    assert describe(np.arange(3)) == "array([0, 1, 2])"
    assert describe(np.eye(2)) == "array([[1.0, 0.0], [0.0, 1.0]])"
    assert describe(np.array([1 / 3])) == "array([0.3333])"
    assert describe(np.zeros((9, 9))) == "an array of shape (9, 9)"
    assert describe(sparse.csr_array((2, 3))) == "a sparse matrix of shape (2, 3)"
    assert describe(np.int64(3)) == "3"
    assert describe("x" * 99) == "a str"
