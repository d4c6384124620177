"""From a reader's columns to the lines of a log, with a count of each step."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recbook.orders.columns import GUESTS, Column, ids, numbers
from recbook.orders.dates import times
from recbook.orders.returns import match

__all__ = ["Parts", "build", "check_names", "columns_of"]


@dataclass(frozen=True)
class Parts:
    """What a log is made of.

    Parameters
    ----------
    lines : DataFrame
        The purchases, sorted by time: codes of customer, item and order (-1 for none),
        time, quantity, amount, and size, what of it can be returned: pieces, or money
        where pieces are not known.
    back : DataFrame
        What came back: number of the return, line of the purchase (-1 without one),
        time, size and amount.
    steps : list
        (step, rows, amount) of what was done before.
    customer_ids, item_ids : ndarray
        What the codes stand for, sorted.
    zone : tzinfo or None
        The log's time zone, if its times have one.

    Examples
    --------
    >>> Parts(pd.DataFrame(), pd.DataFrame(), [("read", 0, 0.0)], [], [], None).zone
    """

    lines: pd.DataFrame
    back: pd.DataFrame
    steps: list
    customer_ids: np.ndarray
    item_ids: np.ndarray
    zone: object = None


def check_names(names, found, argument="the table"):
    """Raise where a column named by hand is missing, or is there twice.

    >>> check_names({"customer": "who", "order": None}, ["day", "what"])
    Traceback (most recent call last):
    ...
    ValueError: customer='who', but the table has no such column, only 'day', 'what'
    """
    for name, column in names.items():
        if column is None and name not in ("customer", "time", "item"):
            continue
        if not isinstance(column, Hashable):
            kind = type(column).__name__
            raise TypeError(f"{name} must be the name of a column, not a {kind}")
        count = found.count(column)
        if count != 1:
            columns = ", ".join(map(repr, found))
            why = f"{argument} has no such column, only {columns}"
            if count:
                why = f"{argument} has {count} columns of this name; rename one of them"
            raise ValueError(f"{name}={column!r}, but {why}")
    twice = [c for c, n in Counter(names.values()).items() if c is not None and n > 1]
    if twice:
        both = " and ".join(f"{name}=" for name in names if names[name] == twice[0])
        raise ValueError(f"{both} are both {twice[0]!r}; name a column once")


def columns_of(df, names, place):
    """Return a :class:`Column` for each argument, and one for each further column."""
    argument_of = {column: name for name, column in names.items() if column is not None}
    found = {}
    for column_place, name in enumerate(df.columns):
        series = df.iloc[:, column_place]
        argument = argument_of.get(name, f"column {column_place}")
        try:
            codes, values = pd.factorize(series)
        except TypeError:  # lists and the like
            if name in argument_of:
                raise ValueError(
                    f"column {name!r} ({argument}=) holds values that may change, such "
                    "as lists; make them text"
                ) from None
            codes, values = pd.factorize(series.astype(str))
        if not isinstance(values, pd.DatetimeIndex):
            values = values.tolist()
        found[argument] = Column(argument, name, codes, values, place)
    return found


def build(columns, names, date_format, decimal=".", steps=(), zone=None, tick=None):
    """Return the :class:`Parts` of a log from its columns.

    Parameters
    ----------
    columns : dict of str to Column
        One for each argument with a name, and one for each further column.
    names : dict
        The column's name for each argument, None where there is none.
    date_format, decimal : str
        How dates and numbers are written.
    steps : list of (str, int, float)
        What was done before.
    zone : tzinfo, optional
        That of the times.
    tick : callable, optional
        Is called four times on the way, for a progress bar.
    """
    tick = tick or (lambda: None)
    customers, customer_ids = ids(columns["customer"], GUESTS)
    items, item_ids = ids(columns["item"])
    tick()
    table = {"customer": customers, "item": items}
    table["time"] = times(columns["time"], date_format)
    tick()
    for name, usual in [("quantity", 1.0), ("amount", np.nan)]:
        there = names.get(name) is not None
        table[name] = numbers(columns[name], decimal) if there else usual
    table["order"] = ids(columns["order"])[0] if "order" in columns else -1
    table, steps = _clean(pd.DataFrame(table), columns, names, list(steps))
    tick()
    lines, back = _apart(table, names)
    tick()
    # Those whose lines were all dropped are not in the catalogue.
    customer_ids = _used(lines, "customer", customer_ids)
    item_ids = _used(lines, "item", item_ids)
    return Parts(lines, back, steps, customer_ids, item_ids, zone)


def _used(lines, name, ids):
    """Return the ids that the lines have, and number the lines by them."""
    used = np.unique(lines[name])
    lines[name] = np.searchsorted(used, lines[name]).astype(np.int32)
    return ids[used]


def _clean(table, columns, names, steps):
    """Return the lines that can be counted, and the steps that led to them."""
    steps = [("read", len(table), table["amount"].sum(skipna=False)), *steps]
    drops = []
    codes = pd.DataFrame({n: column.codes for n, column in columns.items()})
    repeated = codes.duplicated().to_numpy()
    if names.get("order") is not None or names.get("quantity") is not None:
        drops.append(("repeated lines", repeated))
    elif repeated.any():
        # Without a number or pieces, two equal lines may be two pieces of one purchase.
        step = f"{repeated.sum():,} repeated lines kept; order= or quantity= drops them"
        steps.append((step, 0, 0.0))
    drops.append(("without a customer", table["customer"].to_numpy() < 0))
    drops.append(("without an item", table["item"].to_numpy() < 0))
    drops.append(("quantity 0", table["quantity"].to_numpy() == 0))
    keep = np.ones(len(table), dtype=bool)
    for step, wrong in drops:
        gone = table["amount"][keep & wrong]
        if len(gone):
            steps.append((step, len(gone), gone.sum(skipna=False)))
        keep &= ~wrong
    if not len(table):
        raise ValueError("there are no lines below the names of the columns")
    if not keep.any():
        reasons = ", ".join(f"{rows:,} {step}" for step, rows, _ in steps[1:] if rows)
        raise ValueError(f"no line is left of {len(table):,}: {reasons}")
    return table[keep].sort_values("time", kind="stable", ignore_index=True), steps


def _apart(table, names):
    """Return the purchases, and what came back of which of them."""
    is_return = (table["quantity"] < 0) | (table["amount"] < 0)
    pieces = names.get("quantity") is not None
    table["size"] = table["quantity" if pieces else "amount"].abs()
    lines = table[~is_return].reset_index(drop=True)
    if not len(lines):
        raise ValueError(
            f"all {len(table):,} lines that can be counted have a quantity or an "
            "amount below 0, so nothing was bought; turn the signs"
        )
    returns = table[is_return].reset_index(drop=True)
    back = match(lines, returns).astype({"back": int, "line": int})
    source = returns.iloc[back["back"]].reset_index(drop=True)
    back["time"] = source["time"]
    back["amount"] = source["amount"] * back["size"] / source["size"]
    return lines, back
