"""What is counted of each customer: the one place where orders become a history."""

import pandas as pd

__all__ = ["history"]


def history(log, last, length=1):
    """Return what stands in a log about each customer, until a moment.

    The lines of one customer at one time, such as a day, are one order.

    Parameters
    ----------
    log : DataFrame
        Columns user, time (numbers in one unit) and value.
    last : float
        When the log is read, in the same unit. Later lines are left out.
    length : float
        Length of the unit in which times are returned: 7 for weeks of a log in days.

    Returns
    -------
    DataFrame
        By user, ascending: ``frequency`` (orders after the first), ``recency`` (time
        from the first order to the last), ``T`` (from the first order to ``last``),
        ``first`` (value of the first order) and ``total`` (value of all orders).

    Examples
    --------
    >>> log = pd.DataFrame({"user": 7, "time": [0, 2, 2], "value": [30.0, 10, 15]})
    >>> history(log, 4.0).to_numpy().tolist()
    [[1.0, 2.0, 4.0, 30.0, 55.0]]
    """
    log = log[log["time"] <= last]
    orders = log.groupby(["user", "time"], as_index=False, sort=True)["value"].sum()
    people = orders.groupby("user")
    first = people.first()
    table = pd.DataFrame({"frequency": people.size() - 1})
    table["recency"] = (people["time"].last() - first["time"]) / length
    table["T"] = (last - first["time"]) / length
    table["first"] = first["value"]
    table["total"] = people["value"].sum()
    return table
