"""Files as shops export them: written again byte for byte, read, and untidy enough."""

from pathlib import Path

import pytest

from recbook import Orders
from recbook.datasets import example_file
from recbook.synthetic import exports
from recbook.synthetic.__main__ import main

FOLDER = Path(__file__).parents[2] / "data" / "exports"
NAMES = {"customer": "customer_no", "time": "order_date", "item": "product"}
NAMES |= {"order": "order_no", "quantity": "pieces", "amount": "total"}


def read(name):
    return Orders.read(example_file(name), **NAMES, decimal=",", date_format="%d.%m.%Y")


def test_written_again_byte_for_byte(tmp_path):
    assert main([str(tmp_path / "exports")]) == 0
    there = {p.relative_to(FOLDER) for p in FOLDER.rglob("*.csv")}
    made = {p.relative_to(tmp_path / "exports") for p in tmp_path.rglob("*.csv")}
    assert there == made
    for name in there:
        new = (tmp_path / "exports" / name).read_bytes()
        assert new == (FOLDER / name).read_bytes(), name


def test_another_seed_makes_other_files():
    one, other = exports.generate(0), exports.generate(1)
    assert one.keys() == other.keys()
    assert all(one[name] != other[name] for name in one)


def test_the_card_names_each_file_and_none_is_large():
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in FOLDER.rglob("*.csv"):
        assert f"| `{path.relative_to(FOLDER).as_posix()}` |" in card
        assert path.stat().st_size < 400_000


def test_an_example_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(FileNotFoundError, match=r"no example 'order.csv'.*orders.csv"):
        example_file("order.csv")


def test_the_orders_have_every_fault_that_the_page_speaks_of():
    receipt = read("orders.csv").receipt["rows"]
    for step in (
        *("repeated lines", "without a customer", "without an item", "quantity 0"),
        *("returns", "returns without a purchase", "returned purchases"),
    ):
        assert receipt[step] > 10, step
    assert receipt["read"] - receipt["kept"] == receipt[1:-1].sum()
    assert read("orders.csv").customer_ids[0].startswith("000")


def test_customers_of_the_orders_have_tastes_and_come_back():
    frame = read("orders.csv").frame()
    counts = frame.groupby("customer")["time"].nunique()
    assert 0.3 < (counts > 1).mean() < 0.8
    pairs = frame.groupby(["customer", "item"]).size()
    assert (pairs > 1).mean() > 0.1
