"""The comparison of values: what is off, where, and never what is expected."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recbook.checks import same


@pytest.mark.parametrize(
    ("got", "expected", "says"),
    [
        (None, 1, "not filled in"),
        (..., 1, "not filled in"),
        ("1", 1.0, "is a str"),
        (len, 1.0, "function"),
        ([1.0], 1.0, r"shape \(1,\)"),
        (2.0, 1.0, "you have 2"),
        (np.nan, 1.0, "you have nan"),
        (np.inf, 1.0, "you have inf"),
        (1.0, np.inf, "you have 1"),
        ([2.0, 0.0], [2.0, -np.inf], "you have 0"),
        ([[1, 2], [3]], np.ones((2, 2)), "different lengths"),
        (np.ones(3), np.ones((3, 1)), r"\(3,\).*\(3, 1\)"),
        ([1, 2.5], [1, 2], "dtype float64.*whole numbers"),
        ([True, False], [1, 2], "dtype bool.*whole numbers"),
        ([1, 0], [True, False], "dtype int(32|64); .*booleans"),
        (np.array(["a"]), np.array([1.0]), "dtype <U1"),
        (np.array([None]), np.array([1.0]), "dtype object"),
        ([1.0, 2, 3], [1.0, 5, 6], r"at \[1\] \(and at 1 other place\): you have 2"),
        (1, True, "True or False"),
        (False, True, "you have False"),
        ("user", "item", "'user'"),
        (3, "item", "text in quotes"),
        ({"a"}, {"a", "b"}, "lacks members"),
        ({"a", "c"}, {"a", "b"}, "'c'"),
        (3, {1}, "a set is asked for"),
        ({"a": 1}, {"a": 2}, r"\['a'\] is off"),
        ({"a": 1}, {"a": 1, "b": 2}, "too few"),
        ({"b": 1}, {"a": 1}, "'b'"),
        ([1], {"a": 1}, "a dict is asked for"),
        ((1,), (1, 2), "too few"),
        ((1, 2, 3), (1, 2), "too many"),
        (np.ones(4), (np.ones(4), 1.0), "is one array; 2 values are asked for"),
        (5, (1, 2), "a tuple is asked for"),
        (["a", "c"], ["a", "b"], r"\[1\] is off"),
    ],
)
def test_same_says_what_is_off(got, expected, says):
    assert re.search(says, same(got, expected))


@pytest.mark.parametrize(
    ("got", "expected", "atol", "decimals"),
    [
        (4.3, 4.26, 0.01, 2),
        (4.2, 4.26, 0.01, None),  # no rounding of it
        (1.11, 1.105, 0.002, 3),
        (0.0, 0.03, 0.01, None),  # who has 0 may have no idea
        ([1.11, 2.2], [1.105, 2.234], 0.002, 3),
        ([1.11, 2.3], [1.105, 2.234], 0.002, None),
        (4.3, 4.26, 1e-8, None),  # computed, not written down
    ],
)
def test_too_few_decimals_are_no_wrong_answer(got, expected, atol, decimals):
    message = same(got, expected, atol=atol)
    assert ("decimals are asked for" in message) == (decimals is not None)
    assert decimals is None or f", {decimals} decimals" in message


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1, 1.0),
        (3.0, 3),
        ([1.0, 2.0], [1, 2]),
        ([True, False], [1, 0]),
        (np.float32(0.5), 0.5),
        (np.array(2.0), 2.0),
        ([1, 2], np.array([1.0, 2.0])),
        (sparse.csr_array(np.eye(2)), np.eye(2)),
        (np.array([np.nan, np.inf]), [np.nan, np.inf]),
        (np.True_, True),
        (" Item ", "item"),
        ([2, 1, 1], {1, 2}),
        ({"a": np.ones(2)}, {"a": np.ones(2)}),
        ((np.ones(2), 3), (np.ones(2), 3)),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]})),
    ],
)
def test_same_lets_equal_values_pass(got, expected):
    assert same(got, expected) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), st.integers(0, 5))
def test_same_finds_the_place(values, place):
    expected = np.array(values)
    got = expected.copy()
    place %= len(got)
    got[place] += 1
    assert same(expected.copy(), expected) is None
    assert f"[{place}]" in same(got, expected)
    assert same(got, expected, atol=1.001) is None


@given(st.floats(100, 999), st.floats(1000, 9999))
def test_same_does_not_print_what_is_expected(got, expected):
    assert f"{expected:.6g}" not in same(got, expected)


def test_a_vector_may_stand_among_numbers():
    got = [1.0, np.array([2.0, 3.0])]
    assert same(got, [1.0, 2.0, 3.0]) is None
    assert same(got, [1.0, 2.0, 4.0], "x") == "x is off at [2]: you have 3"
    assert "different lengths" in same(got, [1.0, 2.0])


def test_each_number_may_have_its_own_tolerance():
    assert same([0.57, 55.4], [0.572, 55.1], atol=[0.006, 0.6]) is None
    line = same([0.6, 55.1], [0.572, 55.1], "x", atol=[0.006, 0.6])
    assert line == "x is near at [0]: you have 0.6, 2 decimals are asked for"
    assert same([0.57, 56], [0.572, 55.1], "x", [0.006, 0.6]) == (
        "x is off at [1]: you have 56"
    )
