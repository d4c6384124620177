"""Dates are read in one way: ISO or a format, each by its own clock or in UTC."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbook import Ratings
from recbook._core.dates import to_dates
from recbook.marketing.lifetime import summary

ZONES = st.sampled_from([None, *(datetime.timedelta(hours=h) for h in (-8, 0, 2))])


@given(
    st.lists(st.tuples(st.datetimes(min_value=datetime.datetime(1800, 1, 1)), ZONES))
)
def test_each_row_is_read_as_datetime_reads_it(rows):
    """The oracle reads one text at a time with the standard library."""
    times = [
        t if z is None else t.replace(tzinfo=datetime.timezone(z)) for t, z in rows
    ]
    text = [t.isoformat() for t in times]
    own = [datetime.datetime.fromisoformat(t).replace(tzinfo=None) for t in text]
    utc = [
        t if t.tzinfo is None else t.astimezone(datetime.UTC).replace(tzinfo=None)
        for t in map(datetime.datetime.fromisoformat, text)
    ]
    for values in (text, np.array(text, dtype=object), times):
        assert to_dates("time", values).tolist() == own
        assert to_dates("time", values, utc=True).tolist() == utc


FORMS = {
    "a day": ("20240102", "2024-01-02"),
    "a space": ("2024-01-02 10:00", "2024-01-02T10:00"),
    "no colons": ("20240102T101112Z", "2024-01-02T10:11:12"),
    "a fraction": ("2024-01-02T10:11:12.5", "2024-01-02T10:11:12.5"),
    "BigQuery's": ("2024-01-02 10:00:00 UTC", "2024-01-02T10:00"),
    "PostgreSQL's": ("2024-01-02 10:00:00+00", "2024-01-02T10:00"),
    "spaces about": (" 2024-01-02 ", "2024-01-02"),
}


@pytest.mark.parametrize(("text", "date"), FORMS.values(), ids=FORMS)
def test_iso_has_several_forms(text, date):
    for utc in (False, True):
        found = to_dates("time", ["2000-01-01", text], utc=utc)
        assert found[1] == np.datetime64(date)


def test_columns_of_each_kind_have_gaps():
    day, gap = np.datetime64("2024-01-02"), np.datetime64("NaT")
    texts = ["2024-01-02", None, "", " "]
    for dtype in (object, "string", "str"):
        found = to_dates("time", pd.Series(texts, dtype=dtype))
        np.testing.assert_array_equal(found, [day, gap, gap, gap])
    days = pd.Series([datetime.date(2024, 1, 2), None])
    for column in (days, pd.to_datetime(days), pd.Series(["2024-01-02", np.nan])):
        np.testing.assert_array_equal(to_dates("time", column), [day, gap])
        as_category = column.astype("category")
        np.testing.assert_array_equal(to_dates("time", as_category), [day, gap])
    mixed = [pd.Timestamp(day), "2024-01-02", day, pd.NaT]
    np.testing.assert_array_equal(to_dates("time", mixed), [day, day, day, gap])
    assert len(to_dates("time", [])) == 0
    assert np.isnat(to_dates("time", [None, np.nan])).all()


def test_a_format_reads_text_and_whole_numbers_with_the_year_in_front():
    found = to_dates("time", ["31.12.2024", "1.2.2025", None], "%d.%m.%Y")
    assert found.astype(str).tolist()[:2] == [
        "2024-12-31T00:00:00.000000",
        "2025-02-01T00:00:00.000000",
    ]
    for numbers in ([20241231], pd.Series([20241231.0, np.nan])):
        assert to_dates("time", numbers, "%Y%m%d")[0] == np.datetime64("2024-12-31")
    # 1 February, whose first zero a number does not keep, would be 10 February.
    with pytest.raises(ValueError, match=r"time\[0\] is 1022025, not a date"):
        to_dates("time", [1022025], "%d%m%Y")
    zones = to_dates("time", ["1.2.2025 01:00 +0200"], "%d.%m.%Y %H:%M %z", utc=True)
    assert zones[0] == np.datetime64("2025-01-31T23:00")


REFUSED = {
    "day or month": ("12/01/2023", "'12/01/2023', not a date in ISO form: say which"),
    "today": ("today", "'today', not a date"),
    "now": ("now", "'now', not a date"),
    "a year": ("2024", "'2024', not a date"),
    "no such day": ("2024-02-30", "'2024-02-30', not a date"),
    "slashes": ("2024/01/02", "'2024/01/02', not a date"),
    "one digit": ("2024-1-1", "'2024-1-1', not a date"),
    "a number": (7, "7, not a date"),
    "a date as a number": (20240102, "20240102, which reads like a date: say so, as"),
    "a bool": (True, "True, not a date"),
    "a span": (datetime.timedelta(1), "not a date"),
    "a complex number": (3 + 4j, "not a date"),
    "a list": ([1], r"\[1\], not a date"),
}


@pytest.mark.parametrize(("value", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_date_is_named_with_its_row(value, words):
    column = pd.Series(["2024-01-01", value], ["a", "b"], dtype=object)
    with pytest.raises(ValueError, match=rf"time\[1\] is .*{words}"):
        to_dates("time", column)
    with pytest.raises(ValueError, match=r"column 'day', row 'b': .* (is not|reads)"):
        to_dates("column 'day'", column)


def test_text_of_another_form_is_named():
    for text in ("13.13.2024", "31.12.2024 10:00"):
        with pytest.raises(
            ValueError, match=rf"time\[1\] is '{text}', not of the form"
        ):
            to_dates("time", ["31.12.2024", text], "%d.%m.%Y")


def test_dates_written_as_whole_numbers_are_no_seconds():
    """Eight digits were counted as seconds: 20241231 lay in August 1970."""
    df = pd.DataFrame({"user_id": [1, 2], "movie_id": 7, "rating": 3})
    for times in ([20241231, 20240101], ["20241231", "20240101"], [20241231.0] * 2):
        with pytest.raises(
            ValueError,
            match=r"column 'timestamp', row 0: 20241231 reads like a date; give dates, "
            r"as in pd\.to_datetime\(df\['timestamp'\], format='%Y%m%d'\)",
        ):
            Ratings.from_frame(df.assign(timestamp=times))
    seconds = [20241231, 20249999]  # no month 99
    kept = Ratings.from_frame(df.assign(timestamp=seconds)).timestamps
    assert kept.tolist() == seconds


def test_two_orders_of_one_afternoon_are_one_order_in_every_form():
    times = ["2026-03-04T15:30-08:00", "2026-03-04T16:30-08:00"]  # 5 March in UTC
    stamps = [pd.Timestamp(t) for t in times]
    zone = pd.Series(stamps).dt.tz_convert("America/Los_Angeles")
    for column in (times, stamps, zone):
        assert summary(["a", "a"], column)["frequency"].tolist() == [0]
