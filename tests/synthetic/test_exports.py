"""Files as shops export them: written again byte for byte, read, and untidy enough."""

from pathlib import Path

import pytest

from recbook import Orders, report
from recbook.datasets import example_file
from recbook.synthetic import exports
from recbook.synthetic.__main__ import main
from recbook.synthetic.exports import checkout

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


# The trial, the test, the banners ---------------------------------------------------


@pytest.mark.parametrize(
    ("name", "ids", "gaps"),
    [("trial.csv", "customer", "age"), ("customers.csv", "customer", "age"),
     ("test.csv", "customer", "spent_before"), ("banners.csv", "banner", "device")],
)  # fmt: skip
def test_tables_are_as_untidy_as_their_pages_say(name, ids, gaps):
    file = example_file(name)
    assert b";" in file.read_bytes()
    assert b"yes" in file.read_bytes()
    frame = report.read_table(file, text=[ids], decimal=",")
    assert 0.02 < frame[gaps].isna().mean() < 0.2
    if ids == "customer":
        assert frame[ids].is_unique
        assert frame[ids].str.startswith("0").all()
    days = [column for column in frame if column in ("day", "last_order")]
    for column in days:
        assert frame[column].str.fullmatch(r"\d\d\.\d\d\.20\d\d").all()


def test_what_was_put_into_the_test_is_found():
    frame = report.read_table(example_file("test.csv"), ["customer"], decimal=",")
    mean = frame.groupby("arm")["spent"].mean()
    low, _, high = sorted(report.experiment(
        frame, "customer", ("arm", "B"), "spent", before="spent_before"
    ).numbers["difference"].values())  # fmt: skip
    assert low < checkout.LIFT * mean["A"] < high


def test_the_stopped_test_was_stopped_by_its_rule():
    file = example_file("refused/stopped.csv")
    frame = report.read_table(file, text=["customer"])
    ordered, treated = frame["ordered"] == "yes", (frame["arm"] == "B").to_numpy()
    ahead = [
        checkout.beyond(ordered.to_numpy()[:n], treated[:n]) > 1.96
        for n in range(checkout.BATCH, len(frame) + 1, checkout.BATCH)
    ]
    assert ahead == [False] * (len(ahead) - 1) + [True]


def test_the_chances_of_the_banners_are_those_of_the_draw():
    log = report.read_table(example_file("banners.csv"), text=["banner"], decimal=",")
    rows = log.groupby(["visitor", "banner"])["chance"].agg(["size", "mean"])
    expected = rows["mean"] * rows.groupby("visitor")["size"].transform("sum")
    assert ((rows["size"] - expected).abs() < 4 * expected**0.5).all()
    assert set(log["chance"]) == {0.2, 0.4}
