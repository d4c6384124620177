"""Orders: the split that knows no future, and what is counted from the log."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from order_logs import ALL, NAMES, logs, table

from recbook import Orders
from recbook.marketing import lifetime

DAYS = ["2026-01-05", "2026-02-02", "2026-02-03", "2026-02-04"]


def small(**columns):
    log = {"who": ["007", "007", "008", "007"], "what": ["tea", "tea", "tea", "cup"]}
    return pd.DataFrame({**log, "day": DAYS, **columns})


def test_a_repeated_purchase_is_no_discovery():
    orders = Orders.from_frame(small(), **NAMES)
    before, after = orders.split("2026-02-01")
    assert before.ratings().csr.shape == after.ratings().csr.shape == (2, 2)
    found = after.ratings(new_to=before).frame()
    assert found[["user_id", "movie_id"]].to_numpy().tolist() == [
        ["007", "cup"],
        ["008", "tea"],
    ]
    assert after.ratings().n_ratings == 3


def test_the_log_says_its_size_and_never_its_rows():
    said = repr(Orders.from_frame(small(), **NAMES))
    assert said == "Orders(4 lines, 2 customers × 2 items, 2026-01-05 to 2026-02-04)"


# Ids ----------------------------------------------------------------------------------


def test_ids_stay_what_they_are():
    assert Orders.from_frame(small(), **NAMES).customer_ids.tolist() == ["007", "008"]
    ids = Orders.from_frame(small(who=[7, 7, 8, 7]), **NAMES).customer_ids
    assert ids.dtype == np.int64
    # Guests have made floats of pandas' integers.
    ids = Orders.from_frame(small(who=[7, None, 8, 7]), **NAMES).customer_ids
    assert (ids.tolist(), ids.dtype) == ([7, 8], np.int64)
    with pytest.raises(ValueError, match=r"'who' \(customer=\) holds ids of several"):
        Orders.from_frame(small(who=[7, "7", 8, 7]), **NAMES)
    with pytest.raises(ValueError, match=r"'what' .* lists; make them text"):
        Orders.from_frame(small(what=[["tea"]] * 4), **NAMES)


def test_columns_named_by_hand_must_exist():
    log = small()
    with pytest.raises(ValueError, match=r"order='no', .* only 'who', 'what', 'day'"):
        Orders.from_frame(log, **NAMES, order="no")
    with pytest.raises(ValueError, match="has 2 columns of this name"):
        Orders.from_frame(pd.concat([log, log], axis=1), **NAMES)
    with pytest.raises(ValueError, match="amount= and quantity= are both 'n'"):
        Orders.from_frame(small(n=1), **NAMES, amount="n", quantity="n")
    with pytest.raises(TypeError, match="customer must be the name of a column"):
        Orders.from_frame(log, **{**NAMES, "customer": log["who"]})
    with pytest.raises(ValueError, match="customer=None"):
        Orders.from_frame(log, **{**NAMES, "customer": None})
    with pytest.raises(ValueError, match="no lines below the names"):
        Orders.from_frame(log[:0], **NAMES)


def test_tables_of_polars_and_arrow_go_in():
    pa, pl = (pytest.importorskip(name) for name in ("pyarrow", "polars"))
    log = small(day=pd.to_datetime(DAYS).date)
    expected = Orders.from_frame(log, **NAMES).frame()
    for other in (pl.DataFrame, pa.table, dict):
        frame = Orders.from_frame(other(log.to_dict("list")), **NAMES).frame()
        pd.testing.assert_frame_equal(frame, expected)


# Numbers and dates --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (
            "12,50",
            r"row 0: '12,50' is not .* decimal='\.'; give decimal=','",
        ),
        ("1.234,50", "give decimal=','"),
        ("1,234", "can be read in two ways; give decimal=','"),
        ("€ 12.50", "take out currency signs"),
        ("(12.50)", "take out currency signs"),
        ("12.50-", "write it without groups"),
        ("1 234.50", "write it without groups"),
        ("1,23,456", "write it without groups"),
        ("free", "'free' is not a number"),
        ("", "row 0: '' is empty; write the number"),
        ("NULL", "row 0: 'NULL' is empty"),
        (None, "row 0: the cell is empty"),
        pytest.param(10**400, r"is over 1e\+12", id="beyond"),
        (np.nan, "row 0: the cell is empty"),
        (True, "True is not a number"),
        (np.inf, "inf is over 1e"),
        ("1e400", "'1e400' is over 1e"),
        (2**60, "is it an id, not a number"),
        ("١٢", "not a plain number"),
    ],
)
def test_an_amount_that_is_no_number_is_named(amount, message):
    log = small(euros=pd.Series([amount, "1", "2", "3"], dtype=object))
    with pytest.raises(ValueError, match=message) as error:
        Orders.from_frame(log, **NAMES, amount="euros")
    assert "column 'euros' (amount=)" in str(error.value)


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("05.01.2026", r"'05.01.2026' is not in ISO form; .* date_format='%d.%m.%Y'$"),
        ("5/1/26", "date_format='%d/%m/%y' or date_format='%m/%d/%y'"),
        ("05.01.2026 14:30", "date_format='%d.%m.%Y %H:%M'"),
        ("1/5/2026 2:30 PM", "date_format='%d/%m/%Y %I:%M %p' or"),
        ("2026/01/05", "date_format='%Y/%m/%d'"),
        ("5 Jan 2026", "give date_format="),
        ("2026", "is a number, not a date"),
        ("20260105", "give date_format='%Y%m%d'"),
        (20260105, "row 1: 20260105 is a number .* give date_format='%Y%m%d'"),
        (1767571200, "unit='s'"),
        ("1767571200", "unit='s'"),
        ("2026-02-30", "is no time of the calendar"),
        ("0202-01-05", "is not between 1900 and 2100"),
        ("", "row 1: '' is empty"),
        (None, "row 1: the cell is empty"),
        (pd.Period("2026-01"), "is a Period, not a date"),
    ],
)
def test_a_time_that_is_no_date_is_named(day, message):
    days = pd.Series([DAYS[0], day, *DAYS[2:]], dtype=object)
    with pytest.raises(ValueError, match=message) as error:
        Orders.from_frame(small(day=days), **NAMES)
    assert "column 'day' (time=), row 1:" in str(error.value)


@pytest.mark.parametrize(
    ("days", "date_format"),
    [
        (["05.01.2026", "02.02.2026", "03.02.2026", "04.02.2026"], "%d.%m.%Y"),
        (["05.01.2026 14:30", "02.02.2026", "03.02.2026", "04.02.2026"], "%d.%m.%Y"),
        (["05.01.2026 14:30", "02.02.2026", "03.02.2026", "04.02.2026"],
         "%d.%m.%Y %H:%M"),
        ([20260105, 20260202, 20260203, 20260204], "%Y%m%d"),
        (["20260105", "20260202", "20260203", "20260204"], "%Y%m%d"),
        (["2026-01-05", "2026-02-02T09:10", "2026-02-03 09:10:11", DAYS[3]], None),
        (["2026-01-05T23:30-08:00", "2026-02-02T00:30Z", *DAYS[2:]], None),
        (pd.to_datetime(DAYS), "%d.%m.%Y"),  # dates already
    ],
)  # fmt: skip
def test_dates_are_read_by_their_own_clock(days, date_format):
    orders = Orders.from_frame(small(day=days), **NAMES, date_format=date_format)
    assert orders.frame()["time"].dt.strftime("%Y-%m-%d").tolist() == DAYS


def test_a_format_is_checked():
    for wrong in ("%d.%m", "d.m.Y", "%Y-%Q", 7):
        with pytest.raises(ValueError, match=r"date_format must be like '%d\.%m\.%Y'"):
            Orders.from_frame(small(), **NAMES, date_format=wrong)
    with pytest.raises(ValueError, match="row 0: '2026-01-05' does not read as"):
        Orders.from_frame(small(), **NAMES, date_format="%d.%m.%Y")


def test_an_afternoon_in_los_angeles_is_one_day():
    clock = ["2026-01-05 15:30", "2026-01-05 16:30", "2026-01-13", "2026-01-14"]
    days = pd.DatetimeIndex(clock, tz="America/Los_Angeles")
    orders = Orders.from_frame(small(day=days, who=7), **NAMES)
    assert orders.customers().loc[7, "frequency"] == 2  # in UTC 16:30 is the next day
    assert len(orders.split("2026-01-06")[0]) == 2
    # Midnight in UTC is 16:00 there.
    assert len(orders.split(pd.Timestamp("2026-01-06", tz="UTC"))[0]) == 1
    assert len(orders.split("2026-01-06T00:00Z")[0]) == 1


# The split ----------------------------------------------------------------------------


@given(log=logs())
@settings(max_examples=15, deadline=None)
def test_the_first_half_is_the_log_as_it_was_at_the_cut(log):
    orders = Orders.from_frame(log, **ALL)
    for cut in orders.frame()["time"].unique()[1:]:
        before, after = orders.split(cut)
        then = Orders.from_frame(log[log["day"] < cut], **ALL)
        pd.testing.assert_frame_equal(before.frame(), then.frame())
        for found, known in [
            (before.customers(), then.customers()),
            (orders.customers(end=cut - pd.Timedelta(days=1), unit="D"),
             then.customers(end=cut - pd.Timedelta(days=1), unit="D")),
            (before.ratings().frame(), then.ratings().frame()),
        ]:  # fmt: skip
            pd.testing.assert_frame_equal(found, known)
        assert (after.frame()["time"] >= cut).all()
        for half in (before, after):
            assert half.customer_ids is orders.customer_ids
            assert half.item_ids is orders.item_ids


def test_a_purchase_counts_until_it_is_returned():
    rows = [
        ("007", 0, "tea", 2, 100, ""),
        ("007", 9, "tea", -2, 100, ""),
        ("007", 10, "tea", 1, 100, ""),
        ("007", 11, "cup", 1, 100, ""),
    ]
    orders = Orders.from_frame(table(rows), **ALL)
    assert len(orders) == 2
    before, after = orders.split("2026-01-05")
    # At the cut nobody knew that the tea comes back: a model of then has learnt it.
    assert before.frame()["quantity"].tolist() == [2.0]
    assert before.ratings().n_ratings == 1
    assert after.receipt["rows"].to_dict() == {
        "read": 3,
        "returns of earlier purchases": 1,
        "kept": 2,
    }
    assert after.ratings(new_to=before).n_ratings == 1  # the cup
    # The order of 1 January counts on the 5th, and no longer on the 10th.
    assert orders.customers(end="2026-01-05").loc["007", "spend"] == 2.0
    assert orders.customers().loc["007", ["frequency", "spend"]].tolist() == [1, 2.0]


def test_a_return_of_the_order_before_the_cut_takes_nothing_after_it():
    rows = [("007", 0, "tea", 1, 100, "A1"), ("007", 5, "tea", 1, 100, "A2"),
            ("007", 6, "tea", -1, 100, "A1"),
            ("007", 9, "cup", 1, 100, "")]  # fmt: skip
    _, after = Orders.from_frame(table(rows), **ALL).split("2026-01-03")
    assert after.frame()["item"].tolist() == ["tea", "cup"]


@pytest.mark.parametrize("at", ["2026-01-05", "2026-02-05", "1999-01-01"])
def test_a_cut_outside_the_log_is_refused(at):
    orders = Orders.from_frame(small(), **NAMES)
    with pytest.raises(ValueError, match=f"at is '{at}', but the orders are from 2026"):
        orders.split(at)


@pytest.mark.parametrize("at", ["1.2.2026", "20260201", 20260201, None, pd.NaT, 1.5])
def test_a_cut_that_is_no_date_is_refused(at):
    orders = Orders.from_frame(small(), **NAMES)
    with pytest.raises(ValueError, match="at must be a date such as '2026-10-01', got"):
        orders.split(at)
    with pytest.raises(ValueError, match="end must be a date"):
        orders.customers(end="1.2.2026")


def test_a_cut_may_be_any_kind_of_date():
    orders = Orders.from_frame(small(), **NAMES)
    for at in (
        "2026-02-02", "2026-02-02T00:00", datetime.date(2026, 2, 2),
        datetime.datetime(2026, 2, 2), pd.Timestamp("2026-02-02"),
        np.datetime64("2026-02-02"),
    ):  # fmt: skip
        assert [len(half) for half in orders.split(at)] == [1, 3]


# Counting -----------------------------------------------------------------------------


def test_ratings_by_hand():
    days = ["2026-01-05T10:00", "2026-01-05T18:00", "2026-01-06", "2026-01-06"]
    log = small(day=days, who=7, what="tea", number=["A1", "A2", "A3", "A3"])
    log = log.assign(euros=[1, 2, 3, 4])
    # Two orders of one day are two, and the two lines of A3 are one.
    for names in ({**NAMES, "order": "number"}, {**NAMES, "amount": "euros"}):
        ratings = Orders.from_frame(log, **names).ratings()
        assert ratings.values.tolist() == [3.0]
        first = pd.Timestamp(days[0]).timestamp()
        assert ratings.timestamps.tolist() == [first]


@given(log=logs(max_size=30))
@settings(max_examples=20, deadline=None)
def test_times_bought_are_orders_and_the_stamp_is_the_first(log):
    bought = log[(log["n"] > 0) & (log["what"] != "")]
    bought = bought[~bought["who"].isin(["", "guest"])]
    for names in (ALL, {**ALL, "order": None}):
        counts, first = {}, {}
        for line in bought.itertuples():
            pair = (line.who, line.what)
            number = line.number if names["order"] else ""
            counts.setdefault(pair, set()).add(number or line.day)
            first[pair] = min(first.get(pair, line.day), line.day)
        frame = Orders.from_frame(bought, **names).ratings().frame()
        pairs = list(zip(frame["user_id"], frame["movie_id"], strict=True))
        assert sorted(pairs) == sorted(counts)
        assert frame["rating"].tolist() == [len(counts[pair]) for pair in pairs]
        stamps = [first[pair].timestamp() for pair in pairs]
        assert frame["timestamp"].tolist() == stamps


@given(log=logs())
@settings(max_examples=20, deadline=None)
def test_customers_are_those_of_lifetime_summary(log):
    orders = Orders.from_frame(log, **ALL)
    frame = orders.frame()
    for unit in ("W", "D"):
        expected = lifetime.summary(frame["customer"], frame["time"], unit=unit)
        table = orders.customers(unit=unit)
        assert table.index.name == "customer"
        pd.testing.assert_frame_equal(
            table.drop(columns="spend"), expected, check_names=False
        )
        spend = frame.groupby("customer")["amount"].sum()
        np.testing.assert_allclose(table["spend"], spend, atol=1e-9)


def test_customers_by_hand():
    orders = Orders.from_frame(small(euros=[1.0, 2, 4, 8]), **NAMES, amount="euros")
    table = orders.customers(end="2026-03-02")
    # 5 January to 4 February are 30 days, and to 2 March 56.
    assert table.loc["007"].tolist() == pytest.approx([2, 30 / 7, 8, 11])
    assert table.loc["008"].tolist() == pytest.approx([0, 0, 27 / 7, 4])
    assert orders.customers(unit="D").loc["007"].tolist() == [2, 30, 30, 11.0]
    early = orders.customers(end="2026-02-02")
    assert early.index.tolist() == ["007"]
    assert early.loc["007"].tolist() == pytest.approx([1, 4, 4, 3])
    assert Orders.from_frame(small(), **NAMES).customers()["spend"].isna().all()
    with pytest.raises(ValueError, match="end is '2026-01-04', before the first order"):
        orders.customers(end="2026-01-04")
    with pytest.raises(ValueError, match="unit"):
        orders.customers(unit="M")


def test_the_holdout_is_counted_after_the_cut():
    # The last order is of 4 February: four weeks begin after 7 January.
    orders = Orders.from_frame(small(euros=1.0), **NAMES, amount="euros")
    table = orders.holdout(weeks=4)
    columns = ["frequency", "recency", "T", "spend", "orders"]
    assert table.columns.tolist() == columns
    assert table.index.tolist() == ["007"]  # 008 was unknown
    assert table.loc["007"].tolist() == pytest.approx([0, 0, 2 / 7, 1, 2])
    # An order on the day of the cut is one before it.
    days = ["2026-01-05", "2026-01-07 10:00", "2026-02-03", "2026-02-04 09:00"]
    table = Orders.from_frame(small(day=days, who=7), **NAMES).holdout(weeks=4)
    assert table.loc[7, ["frequency", "T", "orders"]].tolist() == [1, 2 / 7, 2]
    with pytest.raises(ValueError, match=r"weeks is 5, the log has 4\.3; give fewer"):
        orders.holdout(weeks=5)


def test_the_log_is_not_written_to():
    log = small()
    copy = log.copy()
    orders = Orders.from_frame(log, **NAMES)
    frame, receipt = orders.frame(), orders.receipt
    frame.iloc[0, 0], receipt.iloc[0, 0] = "other", 7
    pd.testing.assert_frame_equal(log, copy)
    assert orders.frame().iloc[0, 0] == "007"
    assert orders.receipt.iloc[0, 0] == 4


def test_discoveries_need_the_other_half_of_the_same_log():
    orders = Orders.from_frame(small(), **NAMES)
    for other in (Orders.from_frame(small(who="Ann"), **NAMES), orders.ratings()):
        with pytest.raises(ValueError, match="new_to must be the other half"):
            orders.ratings(new_to=other)
