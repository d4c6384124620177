"""A reader's column of times, each by the log's own clock. Day and month: no guess."""

import re
from numbers import Real

import numpy as np
import pandas as pd

from recbook._core.dates import is_date, parsed

__all__ = ["clock", "forms_of", "read", "times"]

EIGHT = re.compile(r"\s*(?:19|20)\d{6}(?:\.0)?\s*")
FIRST, LAST = np.datetime64("1900-01-01", "us"), np.datetime64("2101-01-01", "us")
WITH_TIME = ("", " %H:%M", " %H:%M:%S", "T%H:%M", "T%H:%M:%S")


def times(column, date_format=None):
    """Return a column of dates as datetime64[us], by the clock of their own zone.

    >>> from recbook.orders.columns import Column
    >>> days = ["2026-01-05T23:30-08:00", "2026-01-06"]
    >>> column = Column("time", "day", np.array([0, 1]), days, None)
    >>> times(column).astype(str).tolist()
    ['2026-01-05T23:30:00.000000', '2026-01-06T00:00:00.000000']
    """
    column.refuse_gaps("fill it in, or drop the row")
    if date_format is not None:
        _check_format(date_format)
    values = column.values
    found = read(values, date_format)
    wrong = np.isnat(found)
    if wrong.any():
        code = int(wrong.argmax())
        column.refuse(code, _advice(values[code], date_format))
    wrong = (found < FIRST) | (found >= LAST)
    if wrong.any():
        column.refuse(int(wrong.argmax()), "is not between 1900 and 2100; fix the row")
    return found[column.codes]


def clock(name, value, zone=None):
    """Return a moment by the log's own clock, as a Timestamp without a zone.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    value : str, datetime.date, datetime.datetime or numpy.datetime64
        A date, or its text in ISO form.
    zone : tzinfo, optional
        The log's time zone, to which a moment of another zone is converted.

    Examples
    --------
    >>> clock("at", "2026-10-01")
    Timestamp('2026-10-01 00:00:00')
    """
    if is_date(value) and not (isinstance(value, str) and EIGHT.fullmatch(value)):
        local = parsed(pd.Series([value]))[0]
        if not np.isnat(local):
            moment = pd.Timestamp(value)
            if zone is None or moment.tzinfo is None:
                return pd.Timestamp(local)
            return moment.tz_convert(zone).tz_localize(None)
    raise ValueError(f"{name} must be a date such as '2026-10-01', got {value!r}")


def read(values, date_format=None):
    """Return different values as dates, NaT where one cannot be read.

    >>> np.isnat(read(["31.12.2026", "31.13.2026"], "%d.%m.%Y")).tolist()
    [False, True]
    """
    values = pd.Series(values)
    if date_format is None:
        found = parsed(values)
        digits = [isinstance(v, str) and bool(EIGHT.fullmatch(v)) for v in values]
        return np.where(np.array(digits, dtype=bool), np.datetime64("NaT"), found)
    # The same day without a time, or with one, is no other way to read it.
    day = re.split(r"[T\s]*%[HI]", date_format)[0].rstrip()
    more = [] if "%z" in date_format else [day + rest for rest in WITH_TIME]
    forms, rare = [date_format, *more], []
    found = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    while forms or rare:
        form = forms.pop(0) if forms else rare.pop(0)
        left = np.flatnonzero(np.isnat(found))
        # To fail is slow: a form that none of the first has waits until the others ran.
        if forms and np.isnat(parsed(values.iloc[left[:20]], form)).all():
            rare.append(form)
        elif len(left):
            found[left] = parsed(values.iloc[left], form)
    return found


def _check_format(date_format):
    """Raise unless it is a format with a year, as strptime takes it."""
    why = "it has no %Y"
    if isinstance(date_format, str) and re.search("%[Yy]", date_format):
        try:
            pd.to_datetime([], format=date_format)
        except ValueError as error:
            why = str(error)
        else:
            return
    raise ValueError(f"date_format must be like '%d.%m.%Y', got {date_format!r}: {why}")


def _advice(value, date_format):
    """Return why a value is no date, and what to do."""
    if date_format is not None:
        return (
            f"does not read as date_format={date_format!r}; fix the row or the format"
        )
    text = str(value).strip()
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", text):
        return "is no time of the calendar; fix the row"
    if EIGHT.fullmatch(text):
        return "is a number that reads like a date; give date_format='%Y%m%d'"
    if isinstance(value, Real) or re.fullmatch(r"\d+(\.\d*)?", text):
        return (
            "is a number, not a date; convert it first, as with "
            "pd.to_datetime(column, unit='s') for seconds since 1970"
        )
    if not isinstance(value, str):
        return f"is a {type(value).__name__}, not a date; give dates or their text"
    forms = " or ".join(f"date_format={form!r}" for form in forms_of(text))
    if forms:
        return f"is not in ISO form; say which is the day with {forms}"
    return "is not a date in ISO form; give date_format=, as in date_format='%d.%m.%Y'"


def forms_of(text):
    """Return the formats that a text may have, the day first; none where it has none.

    >>> forms_of("5/1/2026 18:30"), forms_of("5.1.26")
    (['%d/%m/%Y %H:%M', '%m/%d/%Y %H:%M'], ['%d.%m.%y'])
    """
    match = re.fullmatch(r"\d{1,4}([./-])\d{1,2}\1(\d{4}|\d\d?)(\D.*)?", text)
    if not match:
        return []
    sign, last, rest = match.groups()
    clock = {1: " %H:%M", 2: " %H:%M:%S"}.get((rest or "").count(":"), "")
    if (rest or "").lower().endswith("m"):  # 11:30 PM
        clock = clock.replace("%H", "%I") + " %p"
    if re.match(r"\d{4}", text):
        days = ["%Y{0}%m{0}%d"]
    else:
        year = "%Y" if len(last) == 4 else "%y"
        days = ["%d{0}%m{0}" + year, "%m{0}%d{0}" + year][: 1 if sign == "." else 2]
    return [day.format(sign) + clock for day in days]
