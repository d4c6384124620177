"""Values and messages between the judge and what it marks."""

import array
import collections
import json
import socket
import struct
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from recbook.checks.guard import Patient, Problem
from recbook.mark.wire import Broken, Channel, Late, pack, unpack

NUMBERS = st.none() | st.booleans() | st.integers(-(2**190), 2**190) | st.floats()
VALUES = st.recursive(
    NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(
        st.text() | st.integers(), inner),
    max_leaves=8,
)  # fmt: skip


def over(value, **settings):
    """A value as it comes out on the other side."""
    return unpack(json.loads(json.dumps(pack(value, **settings))))


@given(VALUES)
def test_plain_values_come_as_they_are(value):
    assert repr(over(value)) == repr(value)


@given(hnp.arrays(hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.floating_dtypes(),
                  hnp.array_shapes(min_dims=0, min_side=0)))  # fmt: skip
def test_arrays_come_as_they_are(array):
    got = over(array)
    assert got.dtype == array.dtype
    np.testing.assert_array_equal(got, array)
    got[...] = 0  # it is the receiver's own


def test_what_came_can_be_read_twice():
    packed = pack([np.float64(2.5), np.eye(2), {"a": 1}])
    assert repr(unpack(packed)) == repr(unpack(packed))


def test_other_kinds():
    assert over({1, 2}) == {1, 2}
    assert over(...) is ...
    assert over(np.float32(0.5)) == 0.5
    assert isinstance(over(np.int64(3)), np.int64)
    table = sparse.csr_array(np.eye(3))
    assert over(table).format == "csr"
    np.testing.assert_array_equal(over(table).toarray(), np.eye(3))
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[3, 5])
    pd.testing.assert_frame_equal(over(frame), frame, check_dtype=False)
    pd.testing.assert_series_equal(over(frame["a"]), frame["a"], check_names=False)
    assert over(np.array([1, "a", None], object)).tolist() == [1, "a", None]
    rng = np.random.default_rng(3)
    assert over(rng).random() == np.random.default_rng(3).random()


def test_a_generator_keeps_its_patience():
    rng = over(Patient(3, left=9))
    assert rng.random() == np.random.default_rng(3).random()
    with pytest.raises(Problem, match="again and again"):
        [rng.random() for _ in range(9)]


@pytest.mark.parametrize(
    "value",
    [collections.deque([3, 1, 2]), array.array("d", [0.5, 2]), range(4),
     memoryview(np.arange(6.0).reshape(2, 3)), collections.UserList([1.5])],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_other_sequences_of_numbers_come_as_arrays(value):
    np.testing.assert_array_equal(over(value), np.asarray(value))
    assert over(value).dtype == np.asarray(value).dtype
    np.testing.assert_array_equal(over([value])[0], np.asarray(value))


@pytest.mark.parametrize(
    "value",
    [range(10**12), collections.deque(["a"]), collections.deque([[1], [1, 2]]), b"12"],
    ids=range(4),
)
def test_other_sequences_are_a_name_only(value):
    assert type(over(value)).__name__ == type(value).__name__


def test_what_is_no_data_is_a_name_only():
    class Any(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    assert type(over(Any(2))) is float
    assert type(over(object())).__name__ == "object"
    assert type(over(10**100)).__name__ == "number of more than 60 digits"
    endless = []
    endless.append(endless)
    json.dumps(pack(endless))
    large = np.broadcast_to(0.0, (10**6, 10**6))  # of no bytes, until it is copied
    assert type(over(large)).__name__ == "array too large to mark"


FORGED = [
    [1],
    {},
    {"array": ["O", [1], "AAAA"]},
    {"array": ["<f8", [2], "AAAAAAAAAAA="]},
    {"array": ["i8,i8", [1], "AAAA"]},
    {"sparse": ["csr_array", {"array": ["<f8", [1], "AAAAAAAAAAA="]},
                *[{"array": ["<i8", [1], "BwAAAAAAAAA="]}] * 2, [2, 2]]},
    {"sparse": ["csr_array", 1, 2, 3, [10**9, 10**9]]},
    {"sparse": ["eval", 1, 2, 3, [1, 1]]},
    {"dict": [[{"list": []}, 1]]},
    {"function": 0},
    {"generator": [{"bit_generator": "os.system"}, None]},
    {"generator": [np.random.PCG64(3).state, "patient"]},
    {"scalar": 3},
    {"call": 1, "list": []},
]  # fmt: skip


@pytest.mark.parametrize("packed", FORGED)
def test_what_is_forged_is_refused(packed):
    with pytest.raises(Broken):
        unpack(packed)


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours), theirs


def test_messages_go_both_ways(pair):
    ours, other = pair[0], Channel(pair[1])
    ours.send({"a": [1, "é"]})
    assert other.receive(time.monotonic() + 5) == {"a": [1, "é"]}


NO_MESSAGES = [
    b"\xff" * 8,
    struct.pack(">Q", 2) + b"[]",
    struct.pack(">Q", 3) + b"x{}",
    struct.pack(">Q", 60_000) + b"[" * 60_000,
]


@pytest.mark.parametrize("data", NO_MESSAGES, ids=range(4))
def test_bytes_that_are_no_message_are_refused(pair, data):
    pair[1].sendall(data)
    with pytest.raises(Broken):
        pair[0].receive(time.monotonic() + 5)


def test_one_that_has_ended_and_one_that_is_late(pair):
    with pytest.raises(Late):
        pair[0].receive(time.monotonic())
    pair[1].close()
    with pytest.raises(Broken):
        pair[0].receive(time.monotonic() + 5)
