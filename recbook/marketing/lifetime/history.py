"""A log of orders as a few numbers for each customer, and three sorts by them."""

import numpy as np
import pandas as pd

from recbook._core.arrays import column_names, shown
from recbook._core.dates import check_no_dates, to_dates
from recbook._core.validate import check_choice, check_number, check_positive_int
from recbook.marketing.base import check_counts, check_rows, check_values
from recbook.orders.counts import history

DAYS = {"D": 1, "W": 7}


def summary(user, time, value=None, end=None, unit="W"):
    r"""Summarise a log of orders: what the models of this module need of a customer.

    Parameters
    ----------
    user : (n,) array_like
        Who ordered, as any code or name.
    time : (n,) array_like
        When: dates, or numbers in a unit of your own. Orders of one user on one date,
        or at one number, are one order, and their values are added. Text must begin
        with an ISO date such as 2026-12-31, since 03.04.2026 can be read in two ways.
        With a time zone, the day is that of the zone's own clock.
    value : (n,) array_like, optional
        What the order was worth, in euros, at least 0.
    end : date or number, optional
        The day on which the log is read; later orders are left out, and so are people
        whose first order is later. By default the last order's.
    unit : {"W", "D"}
        Weeks or days, in which dates are counted. Numbers stay as they are.

    Returns
    -------
    DataFrame
        One row for each user, in ascending order: ``frequency`` (orders after the
        first), ``recency`` (time from the first order to the last, 0 without a repeat
        order), ``T`` (time from the first order to the end) and, with values,
        ``monetary`` (mean value of the orders *after the first*, 0 where there is
        none).

    Raises
    ------
    ValueError
        For lengths or row labels that differ, missing users or times, values below 0,
        an end before the first order, text that is no ISO date, and whole numbers that
        read like dates, such as 20261231. The message names row and value.

    References
    ----------
    Fader, Hardie and Lee (2005).

    Examples
    --------
    >>> days = ["2026-01-05", "2026-01-19", "2026-01-19", "2026-02-02"]
    >>> log = summary(["Ann", "Ann", "Ann", "Bob"], days, [30.0, 10.0, 15.0, 40.0])
    >>> log.loc["Ann"].to_list()  # the two orders of one day are one, of 25 euros
    [1.0, 2.0, 4.0, 25.0]
    >>> log.loc["Bob"].to_list()
    [0.0, 0.0, 0.0, 0.0]
    """
    check_rows(user=user, time=time, value=value)
    for name, column in (("user", user), ("time", time)):
        if column_names(column) is not None:
            raise ValueError(f"{name} must be one column, got {shown(column)}")
    user = pd.Series(user).reset_index(drop=True)
    if user.isna().any():
        raise ValueError(f"user[{int(user.isna().argmax())}] is missing: drop the row")
    when, last, length = times(time, end, check_choice("unit", unit, DAYS))
    if len(user) != len(when):
        raise ValueError(f"user has {len(user)} rows, but {len(when)} are needed")
    worth = np.zeros(len(when)) if value is None else value
    worth = check_values("value", worth, len(when), low=0)
    if when.min() > last:
        raise ValueError("end lies before the first order: nobody is a customer yet")
    log = pd.DataFrame({"user": user, "time": when, "value": worth})
    people = history(log, last, length)
    table = people[["frequency", "recency", "T"]]
    if value is not None:
        later = people["total"] - people["first"]
        mean = later / np.maximum(people["frequency"], 1)
        table = table.assign(monetary=mean.where(people["frequency"] > 0, 0.0))
    return table


def times(time, end, unit):
    """Return the times of the orders (n,) and of the end, and their unit's length."""
    series = pd.Series(time)
    if pd.api.types.is_numeric_dtype(series.dtype):
        way = (
            "give dates, such as pd.to_datetime(time, format='%Y%m%d'), since numbers "
            "are counted in a unit of your own"
        )
        check_no_dates("time", series, way)
        when = check_values("time", series.to_numpy())
        return when, when.max() if end is None else check_number("end", end), 1
    when = days(series, "time")
    if not len(when):
        raise ValueError("time has no rows: give at least one order")
    last = when.max() if end is None else days(end, "end")[0]
    return when, last, DAYS[unit]


def days(values, name):
    """Return dates as whole numbers of days, each by the clock of its own zone."""
    way = f"say which is the day, such as pd.to_datetime({name}, format='%d.%m.%Y')"
    dates = to_dates(name, values, way=way)
    missing = np.isnat(dates)
    if missing.any():
        row = int(missing.argmax())
        raise ValueError(f"{name}[{row}] is missing: drop the row or give its date")
    return dates.astype("datetime64[D]").astype(np.int64)


def rfm(quiet, frequency, monetary, n_groups=5):
    r"""Score recency, frequency and money by three sorts, each cut into equal groups.

    Where :math:`n_<` of n customers are below a customer's value and :math:`n_=` at it,

    .. math:: s = 1 + \left\lfloor \frac{k}{n}
       \Bigl( n_< + \frac{n_=}{2} \Bigr) \right\rfloor,

    so that equal values have equal scores, in whatever order they stand.

    Parameters
    ----------
    quiet : (n,) array_like
        Time since the last order, at least 0: the less, the better.
    frequency : (n,) array_like
        Number of orders.
    monetary : (n,) array_like
        Mean or total value of the orders, at least 0.
    n_groups : int
        k, at least 2.

    Returns
    -------
    DataFrame
        ``recency``, ``frequency``, ``monetary``: 1 (worst) to k (best), and
        ``score``, their sum. Where all values are equal, all get the middle score.

    Raises
    ------
    ValueError
        That names argument, row and value.

    Examples
    --------
    >>> rfm([1, 30, 60], [4, 0, 0], [20.0, 50.0, 30.0], n_groups=3)
       recency  frequency  monetary  score
    0        3          3         1      7
    1        2          2         3      7
    2        1          2         2      5
    """
    n_groups = check_positive_int("n_groups", n_groups, minimum=2)
    check_rows(quiet=quiet, frequency=frequency, monetary=monetary)
    quiet = check_values("quiet", quiet, low=0)
    columns = {
        "recency": -quiet,
        "frequency": check_counts("frequency", frequency, len(quiet)),
        "monetary": check_values("monetary", monetary, len(quiet), low=0),
    }
    middle = pd.DataFrame(columns).rank() - 0.5  # n_< + n_= / 2
    scores = (1 + middle * n_groups // len(quiet)).astype(np.int64)
    return scores.assign(score=scores.sum(axis=1))
