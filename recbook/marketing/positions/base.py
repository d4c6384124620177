"""What the modules of positions share: checked logs, their cells, many estimates."""

from dataclasses import dataclass

import numpy as np

from recbook._core.arrays import is_number
from recbook.marketing.base import NORMAL_975, check_rows, check_values, check_yes_no

__all__ = ["Cells", "Estimates", "cells_of", "check_codes", "check_log", "check_whole"]

MOST = 10_000_000  # codes: estimates have one number for each


@dataclass(frozen=True)
class Estimates:
    """One estimate for each position or each item, with its uncertainty.

    Parameters
    ----------
    value : (n,) array
        The estimates.
    standard_error : (n,) array
        Their standard errors. 0 where a value is fixed, as at position 1, and where
        there was no click.
    low, high : (n,) arrays
        Ends of the 95 % intervals, symmetric for the logarithm of the value.

    Examples
    --------
    >>> import numpy as np
    >>> half = np.array([0.5])
    >>> Estimates(half, half / 10, half - 0.1, half + 0.1).high.tolist()
    [0.6]
    """

    value: np.ndarray
    standard_error: np.ndarray
    low: np.ndarray
    high: np.ndarray


def by_lognormal(value, relative_error):
    """Return estimates (n,) whose logarithms have normal errors of that size.

    Intervals then stay above 0, and are right for a few clicks, too. Where a value is
    0, so are its error and its interval.

    >>> half = by_lognormal(np.array([0.5]), np.array([0.1]))
    >>> half.standard_error.tolist(), half.low.round(3).tolist()
    ([0.05], [0.411])
    """
    factor = np.exp(NORMAL_975 * relative_error)
    return Estimates(value, value * relative_error, value / factor, value * factor)


def check_whole(name, values, n=None, low=0):
    """Return whole numbers of at least ``low`` as an int64 array (n,).

    >>> check_whole("position", [1, 2.5], low=1)
    Traceback (most recent call last):
    ...
    ValueError: position[1] is 2.5: give a whole number of at least 1
    """
    values = check_values(name, values, n, low=low)
    wrong = values != np.floor(values)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"{name}[{row}] is {values[row]}: give a whole number of at least {low}"
        )
    return np.minimum(values, 2**53).astype(np.int64)  # where floats skip no integer


def check_codes(name, values, n=None, most=2**53):
    """Return codes, whole numbers from 0 and below ``most``, as an int64 array (n,).

    >>> check_codes("item", ["shirt", "shoe"])
    Traceback (most recent call last):
    ...
    ValueError: item[0] is 'shirt', but item wants codes from 0: give \
pd.factorize(item)[0]
    """
    way = f"but {name} wants codes from 0: give pd.factorize({name})[0]"
    kind = getattr(getattr(values, "dtype", None), "kind", None)
    if isinstance(values, list | tuple) or kind in ("O", "U"):
        for row, value in enumerate(values):
            if isinstance(value, str) and not is_number(value):
                raise ValueError(f"{name}[{row}] is {value!r}, {way}")
    codes = check_whole(name, values, n)
    if codes.max() >= most:
        row = int(codes.argmax())
        raise ValueError(f"{name}[{row}] is {codes[row]}, {way}")
    return codes


def check_log(item, position, clicked):
    """Return items from 0, positions from 0 and clicks of an impression in each row.

    >>> item, position, clicked = check_log([0, 1], [1, 2], [1, 0])
    >>> position.tolist(), clicked.tolist()
    ([0, 1], [True, False])
    >>> check_log([0, 1], [1, 3], [1, 0])
    Traceback (most recent call last):
    ...
    ValueError: position has no 2, but has 3: positions count from 1 without a gap
    """
    check_rows(item=item, position=position, clicked=clicked)
    item = check_codes("item", item, most=MOST)
    position = check_whole("position", position, len(item), low=1)
    clicked = check_yes_no("clicked", clicked, len(item))
    known = np.unique(position)
    if known[-1] != len(known):
        gap = int(np.flatnonzero(known != np.arange(1, len(known) + 1))[0]) + 1
        raise ValueError(
            f"position has no {gap}, but has {known[-1]}: positions count from 1 "
            "without a gap"
        )
    return item, position - 1, clicked


@dataclass(frozen=True)
class Cells:
    """Impressions and clicks of each item at each position, as arrays of cells.

    Parameters
    ----------
    item, position : (m,) int arrays
        Which cell; positions count from 0.
    n, clicks : (m,) arrays
        Impressions, at least 1, and how many of them were clicked.
    """

    item: np.ndarray
    position: np.ndarray
    n: np.ndarray
    clicks: np.ndarray

    def by_item(self, values, n_items):
        """Return the sum of the cells' values for each item."""
        return np.bincount(self.item, values, n_items)

    def by_position(self, values):
        """Return the sum of the cells' values for each position."""
        return np.bincount(self.position, values)


def cells_of(item, position, clicked):
    """Return the cells of a checked log.

    >>> cells = cells_of(np.array([0, 0, 2]), np.array([0, 0, 1]), np.array([1, 0, 1]))
    >>> cells.item.tolist(), cells.n.tolist(), cells.clicks.tolist()
    ([0, 2], [2.0, 1.0], [1.0, 1.0])
    """
    n_positions = int(position.max()) + 1
    code, cell = np.unique(item * n_positions + position, return_inverse=True)
    n = np.bincount(cell).astype(np.float64)
    clicks = np.bincount(cell, clicked)
    return Cells(code // n_positions, code % n_positions, n, clicks)
