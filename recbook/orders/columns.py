"""A reader's column as ids or numbers. What cannot be read is named, with its row."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real

import numpy as np

from recbook._core.arrays import plain
from recbook._core.frames import is_missing

__all__ = ["Column", "ids", "number_of", "numbers"]

# What programs write where they have nothing, and shops where nobody logged in.
NOTHING = frozenset(["", "na", "n/a", "#n/a", "<na>", "nan", "nat", "none", "null"])
LONGEST = 20
GUESTS = NOTHING | {"guest", "gast", "anonymous", "anonym"}
LARGEST = 1e12  # no amount of one line, but perhaps the number of a receipt


@dataclass(frozen=True)
class Column:
    """A column of the table: its different values, and which of them each row has.

    Parameters
    ----------
    argument : str
        The argument that named the column, for errors.
    name : str
        The column's own name.
    codes : (n,) int
        Position of each row's value in ``values``, -1 where it is missing.
    values : list or DatetimeIndex
        The different values.
    place : callable
        Takes a position and returns how a reader finds the row, such as "line 7".

    Examples
    --------
    >>> Column("time", "day", np.array([0, 1]), ["x", "y"], "row {}".format).refuse(
    ...     1, "is not a date; fix it")
    Traceback (most recent call last):
    ...
    ValueError: column 'day' (time=), row 1: 'y' is not a date; fix it
    """

    argument: str
    name: str
    codes: np.ndarray
    values: list
    place: Callable

    def refuse(self, code, why):
        """Raise the error that names column, row and value."""
        row = self.place(int((self.codes == code).argmax()))
        value = "the cell" if code == -1 else repr(self.values[code])
        raise ValueError(
            f"column {self.name!r} ({self.argument}=), {row}: {value} {why}"
        )

    def refuse_gaps(self, advice):
        """Raise where a value is missing, or is a word for nothing."""
        some = self.values if isinstance(self.values, list) else ()  # or dates
        empty = [c for c, v in enumerate(some) if isinstance(v, str) and is_nothing(v)]
        if empty or (self.codes == -1).any():
            self.refuse(empty[0] if empty else -1, f"is empty; {advice}")


def is_nothing(value, words=NOTHING):
    """Return whether a value is missing, or one of the words for nothing.

    >>> is_nothing(" NULL"), is_nothing("guest"), is_nothing("Guest", GUESTS)
    (True, False, True)
    """
    if isinstance(value, str):
        # The length first, because there may be a million values.
        return len(value) < LONGEST and value.strip().casefold() in words
    return is_missing(value)


def ids(column, words=NOTHING):
    """Return each row's code, -1 for none, and the ids that the codes stand for.

    Whole numbers that a gap has turned into floats are integers again.

    >>> column = Column("customer", "who", np.array([1, 0, -1]), [8.0, 7.0], None)
    >>> [part.tolist() for part in ids(column)]
    [[0, 1, -1], [7, 8]]
    """
    keep = [
        code for code, value in enumerate(column.values) if not is_nothing(value, words)
    ]
    values = [plain(column.values[code]) for code in keep]
    kinds = {type(value).__name__ for value in values}
    if kinds == {"float"} and all(value.is_integer() for value in values):
        values = [int(value) for value in values]
    try:
        ranked = sorted(range(len(values)), key=values.__getitem__)
    except TypeError:
        raise ValueError(
            f"column {column.name!r} ({column.argument}=) holds ids of several types, "
            f"{' and '.join(sorted(kinds))}; make them one, as with .astype(str)"
        ) from None
    code_of = np.full(len(column.values) + 1, -1, dtype=np.int32)  # the last is for -1
    code_of[[keep[place] for place in ranked]] = np.arange(len(ranked))
    found = [values[place] for place in ranked]
    array = np.empty(len(found), dtype=object)
    array[:] = found
    if kinds == {"int"} or (kinds == {"float"} and type(found[0]) is int):
        array = np.array(found)
    return code_of[column.codes], array


def numbers(column, decimal="."):
    """Return a column as finite float64, read with this decimal sign.

    >>> column = Column("amount", "price", np.array([0, 1]), ["1.234,50", "-3"], None)
    >>> numbers(column, ",").tolist()
    [1234.5, -3.0]
    """
    column.refuse_gaps("write the number there, 0 for none")
    found = np.empty(len(column.values))
    for code, value in enumerate(column.values):
        found[code] = number = number_of(value, decimal)
        if math.isnan(number):
            column.refuse(code, _advice(value, decimal))
        if abs(number) > LARGEST:
            column.refuse(code, f"is over {LARGEST:.0e}; is it an id, not a number?")
    return found[column.codes]


def number_of(value, decimal):
    """Return a value as a float, NaN where it is no number.

    >>> number_of("1.234,50", ","), number_of("1.234", ",")
    (1234.5, nan)
    """
    if isinstance(value, str):
        group = "," if decimal == "." else "."
        d, g = re.escape(decimal), re.escape(group)
        # A group of three is only one where more than a single sign says so.
        grouped = rf"\d{{1,3}}({g}\d{{3}})+{d}\d+|\d{{1,3}}({g}\d{{3}}){{2,}}"
        plain = rf"\d+({d}\d*)?([eE][+-]?\d+)?|{d}\d+"
        if not re.fullmatch(rf"\s*[+-]?({plain}|{grouped})\s*", value, re.ASCII):
            return math.nan
        return float(value.replace(group, "").replace(decimal, "."))
    if isinstance(value, bool | np.bool) or not isinstance(value, Real | Decimal):
        return math.nan
    try:
        return float(value)
    except OverflowError:  # an integer beyond the largest float
        return math.inf if value > 0 else -math.inf


def _advice(value, decimal):
    """Return why a value is no number, and what to do."""
    other = "," if decimal == "." else "."
    text = value.strip() if isinstance(value, str) else ""
    if re.fullmatch(r"[+-]?\d{1,3}" + re.escape(other) + r"\d{3}", text):
        return (
            f"can be read in two ways; give decimal={other!r} if the sign begins the "
            "decimals, and take it out of the file if it only groups thousands"
        )
    if not math.isnan(number_of(value, other)):
        return f"is not a number with decimal={decimal!r}; give decimal={other!r}"
    if re.fullmatch(r"[\d.,+\-\s]*[\d][\d.,+\-\s']*", text):
        return "is not a plain number; write it without groups, as in -1234.50"
    if re.search(r"\d", text):
        return "is not a plain number; take out currency signs, units and brackets"
    return "is not a number; fix the row or drop it"
