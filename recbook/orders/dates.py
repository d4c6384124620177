"""A reader's column of times, each by the log's own clock. Day and month: no guess."""

import re
from datetime import date, datetime, time
from numbers import Real

import numpy as np
import pandas as pd

__all__ = ["clock", "times"]

ISO = re.compile(
    r"(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?)"
    r" ?(?:Z|UTC|[+-]\d\d:?\d\d)?"
)
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
    values = column.values
    if len(values) and isinstance(values, pd.DatetimeIndex):
        found = values.tz_localize(None).to_numpy().astype("datetime64[us]")
    else:
        found = _read(list(values), date_format)
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
    text = isinstance(value, str)
    if isinstance(value, date | np.datetime64) or (
        text and ISO.fullmatch(value.strip())
    ):
        try:
            moment = pd.Timestamp(value.strip() if text else value)
        except (ValueError, OverflowError):
            moment = pd.NaT
        if not pd.isna(moment):
            if moment.tzinfo is not None and zone is not None:
                moment = moment.tz_convert(zone)
            return moment.tz_localize(None)
    raise ValueError(f"{name} must be a date such as '2026-10-01', got {value!r}")


def _read(values, date_format):
    """Return different values as dates, NaT where one cannot be read."""
    found = np.full(len(values), np.datetime64("NaT", "us"))
    texts = {}  # place -> text
    for place, value in enumerate(values):
        if isinstance(value, datetime):
            found[place] = value.replace(tzinfo=None)
        elif isinstance(value, date):
            found[place] = datetime.combine(value, time())
        elif isinstance(value, str):
            texts[place] = value.strip()
        elif (
            date_format is not None and isinstance(value, Real) and value == value // 1
        ):
            texts[place] = str(int(value))
    if texts:
        read = _iso if date_format is None else _formatted
        found[list(texts)] = read(list(texts.values()), date_format)
    return found


def _iso(texts, _):
    """Return texts in ISO form as dates, without their distance from UTC."""
    matches = (ISO.fullmatch(text) for text in texts)
    local = [match and match[1].replace(",", ".") for match in matches]
    found = pd.to_datetime(
        pd.Series(local, dtype=object), format="ISO8601", errors="coerce"
    )
    return found.to_numpy().astype("datetime64[us]")


def _formatted(texts, date_format):
    """Return texts in a format as dates; those without a time, or with one, too."""
    if not isinstance(date_format, str) or "%" not in date_format:
        raise ValueError(
            f"date_format must be text such as '%d.%m.%Y', got {date_format!r}"
        )
    texts = pd.Series(texts, dtype=object)
    if "%z" in date_format:  # each by its own clock
        return _zoned(texts, date_format)
    day = re.split(r"[T\s]*%[HI]", date_format)[0].rstrip()
    found = np.full(len(texts), np.datetime64("NaT", "us"))
    for form in dict.fromkeys([date_format, *(day + rest for rest in WITH_TIME)]):
        left = np.isnat(found)
        if not left.any():
            break
        try:
            read = pd.to_datetime(texts[left], format=form, errors="coerce")
        except ValueError as error:
            raise ValueError(
                f"date_format={date_format!r} cannot be used: {error}"
            ) from None
        found[left] = read.to_numpy().astype("datetime64[us]")
    return found


def _zoned(texts, date_format):
    """Return texts with a distance from UTC as dates without it."""
    found = np.full(len(texts), np.datetime64("NaT", "us"))
    for place, text in enumerate(texts):
        try:
            found[place] = datetime.strptime(text, date_format).replace(tzinfo=None)
        except ValueError:
            continue
    return found


def _advice(value, date_format):
    """Return why a value is no date, and what to do."""
    if date_format is not None:
        return (
            f"does not read as date_format={date_format!r}; fix the row or the format"
        )
    text = str(value).strip()
    if re.fullmatch(r"(19|20)\d{6}(\.0)?", text):
        return "is a number that reads like a date; give date_format='%Y%m%d'"
    if not isinstance(value, str) or (
        re.fullmatch(r"[\d.]+", text) and text.count(".") < 2
    ):
        return (
            "is a number, not a date; convert it first, as with "
            "pd.to_datetime(column, unit='s') for seconds since 1970"
        )
    forms = _forms(text)
    if forms:
        return f"can be read in several ways; say which is the day with {forms}"
    return "is not a date in ISO form; give date_format=, as in date_format='%d.%m.%Y'"


def _forms(text):
    """Return the formats that a text may have, as arguments; None where it has none."""
    match = re.fullmatch(r"\d{1,4}([./-])\d{1,2}\1(\d{4}|\d\d?)(\D.*)?", text)
    if not match:
        return None
    sign, last, rest = match.groups()
    clock = {0: "", 1: " %H:%M", 2: " %H:%M:%S"}.get((rest or "").count(":"), "")
    if re.match(r"\d{4}", text):
        days = ["%Y{0}%m{0}%d"]
    else:
        year = "%Y" if len(last) == 4 else "%y"
        days = ["%d{0}%m{0}" + year, "%m{0}%d{0}" + year][: 1 if sign == "." else 2]
    return " or ".join(f"date_format={day.format(sign) + clock!r}" for day in days)
