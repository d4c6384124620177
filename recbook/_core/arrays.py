"""Arguments as arrays: values that are no numbers are refused, not converted."""

import numbers
from decimal import Decimal

import numpy as np

__all__ = ["check_array", "check_reals", "no_real"]


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
        raise ValueError(f"{name} must be {what}, got {values!r}") from None


def no_real(array):
    """Return the first place in an array that is no real number, or None.

    Bools, dates, time spans and complex numbers are no real numbers, although NumPy and
    pandas convert them silently. Text passes, because the conversion checks it.

    >>> no_real(np.array([3, True, 4], dtype=object))
    1
    """
    if array.dtype.kind in "iufU":
        return None
    if array.dtype.kind != "O":
        return 0 if array.size else None
    for place, value in enumerate(array.flat):
        real = isinstance(value, numbers.Real | Decimal | str)
        if not real or isinstance(value, bool | np.bool | np.timedelta64):
            return place
        if isinstance(value, int) and abs(value) >= 2**1024:  # what no float holds
            return place
    return None


def check_reals(name, values):
    """Return ``values`` as float64, with NaN and infinity allowed.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    values : array_like
        Real numbers, of any shape.

    Returns
    -------
    float64 array
        It may share the memory of ``values``.

    Raises
    ------
    ValueError
        For bools, dates, time spans, complex numbers and masked entries, which NumPy
        would convert silently, and for values that are no numbers at all.

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
    array = check_array(name, values, dtype)
    place = no_real(array)
    if place is not None:
        value = array.flat[place]
        raise ValueError(
            f"{name}[{place}] is {value!r}, not a real number; give ints or floats"
        )
    try:
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be numbers, got {values!r}") from None
