"""Dates, read in one way everywhere: ISO form or a format, never a guess."""

import numbers
from datetime import UTC, date, datetime

import numpy as np

from recbook._core.arrays import plain
from recbook._core.validate import check_number

__all__ = ["check_no_dates", "is_date", "moment", "parsed", "to_dates"]

LAST = np.datetime64("9999-12-31T23:59:59")
ISO = "a date in ISO form, such as '2024-10-01'"
WAY = "say which is the day and which the month, as in date_format='%d.%m.%Y'"
# A day and, if anything follows, a time and its distance from UTC.
_TIME = r"[T ]\d\d(?::?\d\d(?::?\d\d(?:\.\d+)?)?)?"
_OFFSET = r" ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?)"
_TEXT = rf"\d{{4}}-?\d\d-?\d\d(?:{_TIME}(?:{_OFFSET})?)?"
_TAIL = rf"({_TIME}){_OFFSET}$"


def is_date(value):
    """Return whether a value is a date, or text that should be one.

    >>> is_date("2024-10-01"), is_date(np.datetime64("2024-10-01")), is_date(7)
    (True, True, False)
    """
    return isinstance(value, str | date | np.datetime64)


def moment(name, value):
    """Return a moment in seconds since 1970 in UTC, as a float.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    value : float, str, datetime.date, datetime.datetime or numpy.datetime64
        Seconds, a date, or the text of a date in ISO form. Other text is refused,
        because it does not say whether the day or the month comes first. Without a time
        zone it is read as UTC.

    Examples
    --------
    >>> moment("at", "1970-01-02"), moment("at", "1970-01-01T02:00+02:00")
    (86400.0, 0.0)
    >>> moment("at", "2.1.1970")
    Traceback (most recent call last):
    ...
    ValueError: at must be a finite number or a date in ISO form, such as ...
    """
    if not is_date(value):
        return check_number(name, value)
    try:
        found = to_dates(name, value, utc=True)[0]
    except ValueError:
        found = np.datetime64("NaT")
    if np.isnat(found) or found > LAST:
        raise ValueError(f"{name} must be a finite number or {ISO}, got {value!r}")
    return float(found.astype(np.int64) / 1e6)


def to_dates(name, values, date_format=None, utc=False, way=WAY):
    """Return dates as an array of ``datetime64[us]``, NaT where one is missing.

    Parameters
    ----------
    name : str
        What the values are called, for the error: ``time``, ``column 'date'``.
    values : (n,) array_like
        Dates, or text, or one alone. Text must be in ISO form, such as ``2026-12-31``
        or ``2026-12-31T18:30+01:00``, because ``03.04.2026`` can be read in two ways.
        Empty text is missing, as None and NaN are.
    date_format : str, optional
        The form of the text in place of ISO, as in ``datetime.strptime``. It also reads
        whole numbers, by their digits.
    utc : bool
        Where a time zone is named: False keeps the time on the zone's own clock, so
        that 23:30 in Los Angeles stays on its day. True gives the time in UTC.
    way : str
        How the error for unreadable text ends: what to do.

    Returns
    -------
    (n,) datetime64[us] array

    Raises
    ------
    ValueError
        For text in another form and for numbers. It names row and value.

    Examples
    --------
    >>> to_dates("time", ["2026-12-31", "2026-12-31T23:30-08:00"]).astype(str).tolist()
    ['2026-12-31T00:00:00.000000', '2026-12-31T23:30:00.000000']
    >>> to_dates("time", ["31.12.2026"], "%d.%m.%Y").astype("datetime64[D]").tolist()
    [datetime.date(2026, 12, 31)]
    >>> to_dates("time", ["2026-12-31", "3.4.2026"])
    Traceback (most recent call last):
    ...
    ValueError: time[1] is '3.4.2026', not a date in ISO form: say which is ...
    """
    import pandas as pd  # here, so that `import recbook` does not load it

    alone = isinstance(values, str | date | np.datetime64 | numbers.Real)
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    dates = parsed(series, date_format, utc)
    wrong = np.isnat(dates) & ~series.isna().to_numpy()
    # Of the few that are left, empty text is missing, and the others are unreadable.
    for row in np.flatnonzero(wrong):
        value = series.iloc[row]
        why, then = "is not a date", "give dates or their text throughout"
        if isinstance(value, str):
            why, then = "is not a date in ISO form", way
            if date_format is not None:
                why, then = f"is not of the form {date_format!r}", "correct one of them"
        elif isinstance(value, numbers.Real) and _reads_like_a_date(value):
            why, then = "reads like a date", "say so, as in date_format='%Y%m%d'"
        if not isinstance(value, str) or value.strip():
            raise ValueError(_refusal(name, series, None if alone else row, why, then))
    return dates


def _refusal(name, series, row, why, way):
    """Return the sentence about one value: of a table's column, or of an argument."""
    label, value = (plain(v[row or 0]) for v in (series.index, series.array))
    if name.startswith("column"):
        return f"{name}, row {label!r}: {value!r} {why}; {way}"
    place = name if row is None else f"{name}[{row}]"
    which = why.removeprefix("is ") if why.startswith("is ") else f"which {why}"
    return f"{place} is {value!r}, {which}: {way}"


def check_no_dates(name, values, way):
    """Raise where whole numbers that should be times read like dates, as 20261231 does.

    >>> check_no_dates("time", [20261231], "give dates")
    Traceback (most recent call last):
    ...
    ValueError: time[0] is 20261231, which reads like a date: give dates
    """
    import pandas as pd

    series = pd.Series(values)
    found = series.to_numpy(dtype=np.float64, na_value=np.nan)
    if len(found) and all(map(_reads_like_a_date, found)):
        raise ValueError(_refusal(name, series, 0, "reads like a date", way))


def _reads_like_a_date(number):
    """Return whether a number is whole and such as 20261231, from 1900 to 2100."""
    month, day = number // 100 % 100, number % 100
    between = 19000101 <= number <= 21001231 and number % 1 == 0
    return between and 1 <= month <= 12 and 1 <= day <= 31


def parsed(series, date_format=None, utc=False):
    """Return a Series as datetime64[us], NaT where it is missing or unreadable.

    For callers who name the unreadable row in their own way; see :func:`to_dates`.

    >>> import pandas as pd
    >>> parsed(pd.Series(["2026-12-31", "3.4.2026"])).astype("datetime64[D]").tolist()
    [datetime.date(2026, 12, 31), None]
    """
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        if series.dt.tz is not None:
            series = series.dt.tz_convert("UTC") if utc else series
            series = series.dt.tz_localize(None)
        return np.array(series.to_numpy(dtype="datetime64[us]"))  # to be written into
    if date_format is not None and pd.api.types.is_numeric_dtype(series.dtype):
        series = _digits(series, date_format)
    if isinstance(series.dtype, pd.StringDtype):
        text = series.notna().to_numpy()
    else:
        text = np.array([isinstance(value, str) for value in series], dtype=bool)
    dates = np.full(len(series), "NaT", dtype="datetime64[us]")
    if text.any():
        dates[text] = _from_text(series[text], date_format, utc)
    if not text.all():
        others = [_from_date(value, utc) for value in series[~text]]
        dates[~text] = np.array(others, dtype="datetime64[us]")
    return dates


def _digits(series, date_format):
    """Return whole numbers as text. Only a year in front has kept all its zeros."""
    if not date_format.startswith("%Y"):
        return series
    return series.astype(object).map(
        lambda value: str(int(value)) if value % 1 == 0 else value, na_action="ignore"
    )


def _from_text(text, date_format, utc):
    """Return text as datetime64[us], NaT where it is unreadable."""
    import pandas as pd

    text = text.astype("str").str.strip()
    if date_format is None:
        # pandas takes more for ISO than ISO does: "2024", "2024/1/2", "today".
        text = text.where(text.str.fullmatch(_TEXT))
        if not utc:
            text = text.str.replace(_TAIL, r"\1", regex=True)
        text = text.str.replace(" ?UTC$", "Z", regex=True)
        dates = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=utc)
    elif "%z" in date_format.lower():
        dates = pd.Series([_with_zone(t, date_format, utc) for t in text])
        return dates.to_numpy(dtype="datetime64[us]")
    else:
        dates = pd.to_datetime(text, format=date_format, errors="coerce")
    if dates.dt.tz is not None:
        dates = dates.dt.tz_localize(None)
    return dates.to_numpy(dtype="datetime64[us]")


def _with_zone(text, date_format, utc):
    try:
        return _from_date(datetime.strptime(text, date_format), utc)
    except ValueError:
        return None


def _from_date(value, utc):
    """Return one date as datetime64, None where it is missing or no date."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()  # an int after the year 9999
    if not isinstance(value, date) or value != value:  # NaT does not equal itself
        return None
    zone = getattr(value, "tzinfo", None)
    if zone is not None and utc:
        value = value.astimezone(UTC)
    if zone is not None:
        value = value.replace(tzinfo=None)
    return np.datetime64(value, "us")
