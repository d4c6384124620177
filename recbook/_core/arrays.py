"""Arguments as arrays: values that are no numbers are refused, not converted."""

import numbers
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

__all__ = [
    "check_array",
    "check_reals",
    "column_names",
    "is_number",
    "no_real",
    "place_in",
    "plain",
    "shown",
]


def check_array(name, values, dtype=None, what="an array, its rows of one length"):
    """Return ``values`` as an array; refuse ragged rows and masked entries.

    NumPy would silently treat masked values as valid.

    >>> check_array("users", np.ma.array([0, 1], mask=[False, True]))
    Traceback (most recent call last):
    ...
    ValueError: users has masked entries, the first at place 1; drop or fill them first
    """
    if np.ma.is_masked(values):
        place = int(np.ma.getmaskarray(values).argmax())
        raise ValueError(
            f"{name} has masked entries, the first at place {place}; drop or fill them "
            "first"
        )
    try:
        return np.asarray(values, dtype)
    except ValueError:
        raise ValueError(f"{name} must be {what}, got {shown(values)}") from None


def column_names(values):
    """Return the names of a frame's columns, or None of what is no frame.

    >>> column_names([[1, 2]]) is None
    True
    """
    if isinstance(values, Mapping):
        return list(values)
    arrow = type(values).__module__.startswith("pyarrow")
    columns = getattr(values, "column_names" if arrow else "columns", None)
    return None if columns is None or callable(columns) else list(columns)


def shown(values):
    """Return a value as an error shows it: of a table its columns, and never its rows.

    >>> import pandas as pd
    >>> shown(3), shown([[1], [2, 3]]), shown(pd.DataFrame({"age": [30]}))
    ('3', '[[1], [2, 3]]', "a table with the columns ['age']")
    """
    names = column_names(values)
    if names is not None:
        return f"a table with the columns {names}"
    if hasattr(values, "__len__") and not isinstance(values, str) and len(values) > 20:
        return f"{type(values).__name__} of {len(values)}"
    return repr(values)


def plain(value):
    """Return a NumPy scalar as a Python one, which prints as a reader writes it.

    >>> plain(np.int64(7)), plain("007")
    (7, '007')
    """
    return value.item() if isinstance(value, np.generic) else value


def place_in(shape, place, names=None):
    """Return how a reader finds a place: ``row, column``, the column by its name.

    >>> place_in((3,), 2), place_in((3, 2), 5), place_in((3, 2), 5, ["age", "orders"])
    ('2', '2, 1', "2, 'orders'")
    """
    indices = [int(k) for k in np.unravel_index(place, shape)]
    if names is not None and len(indices) == 2:
        indices[1] = names[indices[1]]
    return ", ".join(map(repr, indices))


def no_real(array, bools=False):
    """Return the first place in an array that is no real number, or None.

    Dates, time spans and complex numbers are no real numbers, although NumPy and pandas
    convert them silently, and neither are bools, unless they are allowed as 0 and 1.
    Text passes, because the conversion checks it.

    >>> no_real(np.array([3, True, 4], dtype=object))
    1
    """
    if array.dtype.kind in ("iufUb" if bools else "iufU"):
        return None
    if array.dtype.kind != "O":
        return 0 if array.size else None
    for place, value in enumerate(array.flat):
        if bools and isinstance(value, bool | np.bool):
            continue
        real = isinstance(value, numbers.Real | Decimal | str)
        if not real or isinstance(value, bool | np.bool | np.timedelta64):
            return place
        if isinstance(value, int) and abs(value) >= 2**1024:  # what no float holds
            return place
    return None


def check_reals(name, values, bools=False):
    """Return ``values`` as float64, with NaN and infinity allowed.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    values : array_like
        Real numbers, of any shape.
    bools : bool
        Whether True and False are taken, as 1 and 0.

    Returns
    -------
    float64 array
        It may share the memory of ``values``.

    Raises
    ------
    ValueError
        For dates, time spans, complex numbers and masked entries, which NumPy would
        convert silently, for bools unless they are taken, and for values that are no
        numbers at all. The place is a row and a column, or names the column of a frame.

    Examples
    --------
    >>> check_reals("values", [4, 2.5]).tolist()
    [4.0, 2.5]
    >>> check_reals("values", [4, True])
    Traceback (most recent call last):
    ...
    ValueError: values[1] is True, not a real number; give ints or floats
    """
    # In a list each value keeps its own type.
    dtype = object if isinstance(values, list | tuple) else None
    array, names = check_array(name, values, dtype), column_names(values)
    place = no_real(array, bools)
    if place is not None:
        value, at = array.flat[place], place_in(array.shape, place, names)
        at = f"{name}[{at}]" if at else name  # of one number alone there is no place
        raise ValueError(f"{at} is {value!r}, not a real number; give ints or floats")
    try:
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be numbers{_text_in(array, names)}") from None


def _text_in(array, names):
    """Return where the text of an array stands: its columns, or the first place."""
    if names is not None and array.ndim == 2:
        columns = [
            str(name)
            for name, column in zip(names, array.T, strict=True)
            if not all(map(is_number, column))
        ]
        which = "column" if len(columns) == 1 else "columns"
        are = "is" if len(columns) == 1 else "are"
        text = f"the {which} {', '.join(columns)} {are} not numeric"
        way = "pd.get_dummies, or marketing.features_of, turns text into columns of 0 "
        return f": {text}; {way}and 1"
    for place, value in enumerate(array.ravel().tolist()):
        if not is_number(value):
            at = f" at [{place_in(array.shape, place)}]" if array.ndim else ""
            return f", got {value!r}{at}"
    return ""


def is_number(value):
    """Return whether a value is a number, or text that reads like one.

    >>> is_number("4.5"), is_number("four")
    (True, False)
    """
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True
