"""Columns of a reader's table: what is found, what is asked for."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from recbook.report import columns

FRAME = pd.DataFrame(
    {
        "arm": ["A", "B", "C", "B"],
        "letter": [1, 0, 1, 0],
        "yes": [True, False, True, True],
        "spent": [1.5, 0.0, np.nan, 2.0],
        "text": ["1,5", "2", "3", "4"],
        "day": pd.to_datetime(["2026-01-05"] * 4),
    }
)


def test_what_is_no_column_is_said_with_those_that_there_are():
    with pytest.raises(
        ValueError, match=r"unit names the column 'arms', but the .*'arm'"
    ):
        columns.column(FRAME, "unit", "arms")
    twice = pd.concat([FRAME, FRAME], axis=1)
    with pytest.raises(ValueError, match="two of that name"):
        columns.column(twice, "unit", "arm")


def test_what_is_missing_is_counted_and_its_first_row_named():
    with pytest.raises(ValueError, match=r"'spent' is missing in 1 of 4 rows.* row 2"):
        columns.numbers(FRAME, "outcome", "spent")
    assert np.isnan(columns.numbers(FRAME, "before", "spent", gaps=True)[2])


def test_what_is_no_number_names_the_way_out():
    with pytest.raises(ValueError, match=r"'1,5' in row 0.*decimal=','"):
        columns.numbers(FRAME, "outcome", "text")
    with pytest.raises(ValueError, match="is no number, but a datetime64"):
        columns.numbers(FRAME, "outcome", "day")
    assert columns.numbers(FRAME, "outcome", "yes").tolist() == [1, 0, 1, 1]
    for size in (np.inf, 1e300, -1e-300):  # squares overflow, or vanish
        with pytest.raises(ValueError, match="finite numbers of a usual size"):
            columns.numbers(FRAME.assign(big=size), "outcome", "big")
    for odd in (10**400, -(10**400), 1 + 2j):  # no float, or half of one
        mixed = pd.DataFrame({"spent": pd.Series([odd, 1.5], dtype=object)})
        with pytest.raises(ValueError, match=r"'spent' has .* in row 0, which is no"):
            columns.numbers(mixed, "outcome", "spent")


@pytest.mark.parametrize("odd", [[1], {}, Decimal("sNaN")])
def test_what_can_be_no_id_and_no_label_is_said(odd):
    frame = pd.DataFrame({"arm": ["A", odd, "B"]})
    with pytest.raises(ValueError, match="group: the column 'arm' holds values that"):
        columns.arms(frame, ("arm", "B"))


@pytest.mark.parametrize("label", [1, "1", 1.0, True])
def test_a_label_is_found_as_text_too(label):
    # A command line writes arm=1, a file with gaps reads 1.0.
    for values in (FRAME["letter"], FRAME["letter"].astype(float)):
        found = columns.same_label("outcome", values, label)
        assert found.tolist() == [True, False, True, False]
    with pytest.raises(
        ValueError, match=r"outcome: the column 'letter' has no 7, only 1, 0"
    ):
        columns.same_label("outcome", FRAME["letter"], 7)


def test_arms():
    treated, present, names = columns.arms(FRAME, ("arm", "B", "A"))
    assert treated.tolist() == [False, True, False, True]
    assert present.tolist() == [True, True, False, True]
    assert names == ("B", "A")
    assert columns.arms(FRAME, "yes")[0].tolist() == [True, False, True, True]
    assert columns.arms(FRAME, ("letter", "1"))[2] == ("1", "0")


def test_a_label_as_on_the_command_line_is_led_to_the_pair():
    with pytest.raises(ValueError, match=r"in a pair, group=\('arm', 'B'\)"):
        columns.arms(FRAME, "arm=B")


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (("arm", "B"), r"beside 'B' .* has 2 arms, 'A', 'C': name the control group"),
        (("arm", "D"), r"has no 'D', only 'A', 'B', 'C'"),
        (("arm", "B", "B"), "treated and control at once"),
        (("arm",), r"not of True .*group=\('arm', 'A'\) or group=\('arm', 'B'\)"),
        (("arm", "B", "A", "C"), r"give \(column, treated\)"),
    ],
)
def test_a_group_that_is_none(group, words):
    with pytest.raises(ValueError, match=words):
        columns.arms(FRAME, group)


def test_one_arm_alone_is_no_experiment():
    with pytest.raises(ValueError, match="has only 'B'"):
        columns.arms(FRAME[FRAME["arm"] == "B"], ("arm", "B"))
    with pytest.raises(ValueError, match="is always True"):
        columns.arms(FRAME[FRAME["yes"]], "yes")


def test_a_dict_is_a_table_and_no_rows_are_none():
    assert columns.table("log", {"a": [1, 2]})["a"].tolist() == [1, 2]
    with pytest.raises(ValueError, match="log has no rows"):
        columns.table("log", FRAME[:0])
