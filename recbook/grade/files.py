"""Read a file that somebody hands in: all of it is right, or it is refused in words.

Text in, numbers out. Nothing of a file is ever executed or unpickled, no more than
``LIMIT`` bytes of it are read, and what is quoted of it is short and escaped.
"""

import csv
import io
import re

import numpy as np

from recbook._core.reading import LIMIT, read_text
from recbook._core.refusals import Refused, named, shown

__all__ = ["LIMIT", "Refused", "named", "shown"]

MOST_ROWS, MOST_COLUMNS = 500_000, 100
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_ONCE = "hand in the columns asked for, one row for each that is asked for"


def read_columns(path, columns, optional=False):
    """Return the fields of a CSV file as text, and where each row stands.

    Parameters
    ----------
    path : str or Path
        The file.
    columns : list of str
        Names that the header must hold, in any order.
    optional : bool
        Whether the header may hold more.

    Returns
    -------
    fields : dict of str to list of str
        The file's columns, blanks around a value taken off.
    places : list of str
        Words for each row, such as "row 2 (line 3)".

    Raises
    ------
    Refused
        Naming the row or the column, and the way out.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    rows, places = [], []
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, columns, optional)
        for row in reader:
            if row:
                if len(rows) == MOST_ROWS:
                    raise Refused(f"the file has more than {MOST_ROWS} rows; {_ONCE}")
                places.append(f"row {len(rows) + 1} (line {reader.line_num})")
                rows.append(row)
                _check_width(row, header, places[-1])
    except csv.Error as error:
        raise Refused(
            f"line {reader.line_num} of the file is not CSV ({error}); write it with "
            "pandas' to_csv(path, index=False)"
        ) from None
    if not rows:
        raise Refused("the file has a header and no rows; write all that is asked for")
    turned = zip(*rows, strict=True)
    fields = dict(
        zip(header, ([v.strip() for v in col] for col in turned), strict=True)
    )
    return fields, places


def _check_header(header, columns, optional):
    """Refuse a header that lacks a column, has one too many, or one twice."""
    wanted = ",".join(columns)
    if not any(header):
        raise Refused(f"the file is empty; its first line must be {wanted}")
    if len(header) == 1 and re.search("[;\t|]", header[0]):
        raise Refused(
            f"the header {shown(header[0])} has no comma; separate columns by commas: "
            f"{wanted}"
        )
    if len(header) > MOST_COLUMNS:
        raise Refused(f"the header has {len(header)} columns; it must be {wanted}")
    missing = [name for name in columns if name not in header]
    if missing:
        raise Refused(
            f"column {missing[0]} is missing from the header "
            f"{shown(','.join(header))}; it must be {wanted}"
        )
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise Refused(f"column {shown(twice[0])} stands twice; write {wanted}")
    unknown = [name for name in header if name not in columns]
    if unknown and not optional:
        hint = " (pandas writes it unless index=False)" if unknown[0] == "" else ""
        raise Refused(
            f"column {shown(unknown[0])} is unknown{hint}; leave only {wanted}"
        )


def _check_width(row, header, place):
    """Refuse a row that is longer or shorter than the header."""
    if len(row) != len(header):
        hint = "a decimal comma? write 3.5, not 3,5" if len(row) > len(header) else ""
        raise Refused(
            f"{place} has {len(row)} values and the header {len(header)} columns; "
            f"{hint or 'write one value a column, separated by commas'}"
        )


def whole_numbers(name, texts, places):
    """Return a column of ids or ranks, (n,) int64."""
    for text, place in zip(texts, places, strict=True):
        if not _ID.fullmatch(text):
            hint = "; in pandas .astype(int)" if text.endswith(".0") else ""
            what = "empty" if text == "" else shown(text)
            raise Refused(f"{place}: {name} is {what}; write a whole number{hint}")
    return np.array([int(text) for text in texts], dtype=np.int64)


def stars(name, texts, places, low=1, high=5):
    """Return a column of finite numbers from ``low`` to ``high``, (n,) float64."""
    values = np.empty(len(texts))
    for t, (text, place) in enumerate(zip(texts, places, strict=True)):
        if _NOT_FINITE.fullmatch(text) or text == "":
            what = "empty" if text == "" else shown(text)
            raise Refused(
                f"{place}: {name} is {what}; give every pair a finite number, the mean "
                "of the film or of all ratings where you know no better"
            )
        if not _NUMBER.fullmatch(text):
            raise Refused(
                f"{place}: {name} is {shown(text)}; write a number from {low} to "
                f"{high} with a decimal point, such as 3.5"
            )
        values[t] = float(text)
        if not low <= values[t] <= high:
            raise Refused(
                f"{place}: {name} is {shown(text)}, outside of {low} to {high}; clip "
                f"it: predictions.clip({low}, {high})"
            )
    return values


def numbers(name, texts, places, low, high, way_out):
    """Return a column of finite numbers from ``low`` to ``high``, (n,) float64."""
    values = np.empty(len(texts))
    for t, (text, place) in enumerate(zip(texts, places, strict=True)):
        if not _NUMBER.fullmatch(text):
            what = "empty" if text == "" else shown(text)
            raise Refused(f"{place}: {name} is {what}; {way_out}")
        values[t] = float(text)
        if not low <= values[t] <= high:
            raise Refused(
                f"{place}: {name} is {shown(text)}, outside of {low:,.0f} to "
                f"{high:,.0f}; {way_out}"
            )
    return values


def check_no_repeats(names, keys, places):
    """Refuse a row whose key, (n, 2) int, stands in an earlier row."""
    seen = {}
    for t, key in enumerate(map(tuple, keys.tolist())):
        if key in seen:
            raise Refused(
                f"{places[t]}: {names[0]} {key[0]} with {names[1]} {key[1]} stands in "
                f"{places[seen[key]]} already; keep one of the two"
            )
        seen[key] = t
    return seen
