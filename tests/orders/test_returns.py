"""Returns beside a loop over single pieces, and the receipt's sums."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from order_logs import ALL, NAMES, logs

from recbook import Orders


def pieces_left(log):
    """Return the pieces left of each bought line: a loop over single pieces."""
    log = log[~log.duplicated()]
    log = log[~log["who"].isin(["", "guest"]) & (log["what"] != "") & (log["n"] != 0)]
    bought, left = [], {}  # pieces as (time, row), and how many each row has left
    for row, line in log.iterrows():
        if line["n"] > 0:
            bought += [(line["day"], row)] * line["n"]
            left[row] = line["n"]
    for _, line in log[log["n"] < 0].sort_values("day", kind="stable").iterrows():
        for _ in range(-line["n"]):
            own = [
                (log["number"][other] == line["number"] != "", day, other)
                for day, other in bought
                if day <= line["day"]
                and log["who"][other] == line["who"]
                and log["what"][other] == line["what"]
            ]
            if own:
                _, day, other = max(own)
                bought.remove((day, other))
                left[other] -= 1
    return {row: n for row, n in left.items() if n}


@given(log=logs())
@settings(max_examples=60, deadline=None)
def test_each_return_takes_back_the_latest_purchase_of_its_order_first(log):
    kept = pieces_left(log)
    rows = log.loc[list(kept)].assign(left=list(kept.values()))
    rows = rows.assign(paid=rows["euros"] * rows["left"] / rows["n"])
    rows = rows.sort_values("day", kind="stable")
    frame = Orders.from_frame(log, **ALL).frame()
    assert frame["customer"].tolist() == rows["who"].tolist()
    assert frame["item"].tolist() == rows["what"].tolist()
    np.testing.assert_allclose(frame["quantity"], rows["left"])
    np.testing.assert_allclose(frame["amount"], rows["paid"], atol=1e-9)


def check_receipt(receipt):
    assert list(receipt.columns) == ["rows", "amount"]
    assert (receipt.index[0], receipt.index[-1]) == ("read", "kept")
    for column in receipt:
        done = receipt[column].iloc[1:].sum()
        assert done == pytest.approx(receipt[column].iloc[0], abs=1e-6)


@given(log=logs(max_size=40))
@settings(max_examples=15, deadline=None)
def test_kept_and_dropped_are_what_was_read(log):
    money = {**NAMES, "amount": "euros"}
    for names in (ALL, {**ALL, "order": None}, money, {**NAMES, "order": "number"}):
        orders = Orders.from_frame(log, **names)
        receipt = orders.receipt
        check_receipt(receipt) if names.get("amount") else None
        assert receipt["rows"].iloc[0] == receipt["rows"].iloc[1:].sum() == len(log)
        assert receipt.loc["kept", "rows"] == len(orders) == len(orders.frame())
        if names.get("amount"):
            total = log["euros"].sum()
            assert receipt.loc["read", "amount"] == pytest.approx(total)
        days = orders.frame()["time"].unique()
        for half in orders.split(days[-1]) if len(days) > 1 else ():
            half = half.receipt
            check_receipt(half) if names.get("amount") else None
            assert half["rows"].iloc[0] == half["rows"].iloc[1:].sum()


def test_the_receipt_by_hand():
    log = pd.DataFrame(
        [
            ("007", "2026-01-01", "tea", 3, 30.0),
            ("007", "2026-01-01", "tea", 3, 30.0),  # equal in every column
            ("", "2026-01-02", "tea", 1, 10.0),  # a guest
            (None, "2026-01-02", "cup", 1, 8.0),  # another guest
            ("007", "2026-01-03", "", 1, 1.0),
            ("007", "2026-01-03", "tea", 0, 0.0),
            ("007", "2026-01-04", "tea", -1, -10.0),  # one of three pieces
            ("008", "2026-01-04", "cup", 1, 8.0),
            ("008", "2026-01-05", "cup", -2, -16.0),  # one of them was bought here
            ("009", "2026-01-05", "tea", -1, -10.0),  # never bought
        ],
        columns=["who", "day", "what", "n", "euros"],
    )
    orders = Orders.from_frame(log, **NAMES, quantity="n", amount="euros")
    assert list(orders.receipt.itertuples(name=None)) == [
        ("read", 10, 51.0),
        ("repeated lines", 1, 30.0),
        ("without a customer", 2, 18.0),
        ("without an item", 1, 1.0),
        ("quantity 0", 1, 0.0),
        ("returns", 2, -18.0),  # -10, and half of -16
        ("returns without a purchase", 1, -18.0),  # the other half, and -10
        ("returned purchases", 1, 18.0),  # 10 of 30, and 8 of 8
        ("kept", 1, 20.0),
    ]
    assert orders.frame().iloc[0, 3:].tolist() == [2.0, 20.0]


def test_without_pieces_a_return_takes_back_money():
    days = ["2026-01-01", "2026-01-02", "2026-01-03"]
    log = {"who": 7, "what": "tea", "day": days, "euros": [10.0, 20.0, -25.0]}
    frame = Orders.from_frame(pd.DataFrame(log), **NAMES, amount="euros").frame()
    # 20 of the latest, 5 of the one before: half of it is left.
    assert frame[["quantity", "amount"]].to_numpy().tolist() == [[0.5, 5.0]]


def test_equal_lines_are_two_pieces_where_nothing_tells():
    log = pd.DataFrame({"who": [7, 7], "day": "2026-01-01", "what": "tea"})
    orders = Orders.from_frame(log, **NAMES)
    assert len(orders) == 2
    assert orders.receipt.index[1].startswith("1 repeated lines kept; order=")
    assert len(Orders.from_frame(log.assign(n=1), **NAMES, quantity="n")) == 1
    assert len(Orders.from_frame(log.assign(number=1), **NAMES, order="number")) == 1
    sizes = log.assign(number=1, size=["S", "L"])  # equal only in the named columns
    assert len(Orders.from_frame(sizes, **NAMES, order="number")) == 2


def test_what_all_came_back_is_refused():
    log = pd.DataFrame({"who": 7, "day": "2026-01-01", "what": "tea", "n": [1, -1]})
    with pytest.raises(ValueError, match="no orders: what was bought was returned"):
        Orders.from_frame(log, **NAMES, quantity="n")
    with pytest.raises(ValueError, match=r"all 1 lines .* below 0"):
        Orders.from_frame(log[1:], **NAMES, quantity="n")
    with pytest.raises(ValueError, match="no line is left of 2: 2 without a customer"):
        Orders.from_frame(log.assign(who=None), **NAMES, quantity="n")


def test_what_was_given_back_whole_is_returned():
    log = pd.DataFrame(
        {
            "who": ["a", "a", "a", "b", "b", "b", "b"],
            "what": ["tea", "jam", "jam", "jam", "jam", "jam", "tea"],
            "n": [1, 1, -1, 1, -1, 1, 2],
            "day": [f"2026-01-0{day}" for day in (1, 2, 5, 2, 3, 9, 2)],
        }
    )
    names = {"customer": "who", "item": "what", "time": "day", "quantity": "n"}
    orders = Orders.from_frame(log, **names)
    # b bought jam again, on the 9th; before the 4th only b had given any back.
    assert orders.returned().to_numpy().tolist() == [["a", "jam"]]
    before, _ = orders.split("2026-01-04")
    assert before.returned().to_numpy().tolist() == [["b", "jam"]]
