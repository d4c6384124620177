"""Dates as seconds since 1970. Those without a time zone are read as UTC."""

from datetime import UTC, date, datetime, time

import numpy as np

from recbook._core.validate import check_number

__all__ = ["is_date", "moment"]

ISO = "a date in ISO form, such as '2024-10-01'"


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
        because it does not say whether the day or the month comes first.

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
        return _seconds(value)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{name} must be a finite number or {ISO}, got {value!r}"
        ) from None


def _seconds(value):
    """Return a date in seconds since 1970; raise ValueError where it is none."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    elif isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif not isinstance(value, datetime):
        value = datetime.combine(value, time())
    # NaT of NumPy, and of pandas; beyond the year 9999 NumPy gives an int.
    if not isinstance(value, datetime) or value != value:
        raise ValueError("not a time")
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value.timestamp()
