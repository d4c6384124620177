"""What the cells of a column look like: dates, numbers, labels or ids."""

import re
from dataclasses import dataclass

import numpy as np

from recbook.orders.columns import is_nothing, number_of
from recbook.orders.dates import EIGHT, forms_of, read

__all__ = ["Facts", "decimal_of", "facts_of"]

SOME = 400  # different values from which a column is judged
ISO = ""  # the format of dates that need none
SIGNS = (".", ",")
FEW = 20  # labels that a menu offers


@dataclass(frozen=True)
class Facts:
    """What is known of a column from its cells.

    Parameters
    ----------
    name : str
        Its heading.
    rows, distinct, gaps : int
        Lines, different values that say something, and lines without one.
    sample : str
        One of them: where it is a date, one that tells day and month apart.
    labels : tuple of str
        The different values, the most frequent first, where they are few.
    formats : tuple of str
        The formats by which all of its cells are dates, "" for ISO form.
    signs : tuple of str
        The decimal signs by which all of its cells are numbers.
    low, high : float
        The ends of the numbers, by the first of the signs.
    whole, mixed : bool
        Whether the numbers have no decimals, and whether they can be read in two ways:
        1,234 may be a little over 1, or a thousand.
    zeros : bool
        Whether a cell begins with a 0 that a number would lose.

    Examples
    --------
    >>> from recbook.orders.reading import read_cells
    >>> cells = read_cells(b"day;price\\n31.01.2026;1,50\\n05.02.2026;3\\n")
    >>> day, price = map(facts_of, cells.columns)
    >>> day.formats, price.signs, price.high
    (('%d.%m.%Y',), (',',), 3.0)
    """

    name: str
    rows: int
    distinct: int
    gaps: int
    sample: str = ""
    labels: tuple = ()
    formats: tuple = ()
    signs: tuple = ()
    low: float = np.nan
    high: float = np.nan
    whole: bool = False
    mixed: bool = False
    zeros: bool = False

    @property
    def is_date(self):
        """Whether all cells are dates in one form."""
        return bool(self.formats)

    @property
    def is_number(self):
        """Whether all cells are numbers, and none an id with zeros in front."""
        return bool(self.signs) and not self.zeros


def facts_of(column):
    """Return the :class:`Facts` of a column of cells."""
    counts = np.bincount(column.codes, minlength=len(column.values))
    said = [code for code, value in enumerate(column.values) if not is_nothing(value)]
    gaps = len(column.codes) - int(counts[said].sum())
    # A word for nothing may be the name of an arm.
    words = [code for code, value in enumerate(column.values) if value]
    often = sorted(words, key=lambda code: -counts[code]) if len(words) <= FEW else []
    known = {"labels": tuple(column.values[code] for code in often)}
    values = [column.values[code] for code in said]
    if values:
        known |= {"formats": _formats(values), **_numbers(values)}
        known["sample"] = _telling(_some(values), known["formats"])
    return Facts(column.name, len(column.codes), len(said), gaps, **known)


def _some(values):
    """Return some of the values, spread over all."""
    return values[:: max(1, len(values) // SOME)]


def _formats(values):
    """Return the formats by which all values are dates."""
    some = _some(values)
    if all(map(EIGHT.fullmatch, some)):
        candidates = ["%Y%m%d"]
    else:
        candidates = [ISO, *dict.fromkeys(f for text in some for f in forms_of(text))]
    fits = [form for form in candidates if _all_dates(some, form)]
    if ISO in fits:
        return (ISO,)
    # Which of two it is may be told by a single day after the 12th.
    if len(fits) > 1 and len(values) > len(some):
        fits = [form for form in fits if _all_dates(values, form)]
    return _without_shorter(fits)


def _without_shorter(fits):
    """Return one format for each way to read the day: the one that says the time."""
    longest = {}
    for form in fits:
        day = re.split(r"[T ]", form)[0]
        longest[day] = max(longest.get(day, ""), form, key=len)
    return tuple(longest.values())


def _telling(values, formats):
    """Return a value that reads differently by two formats, or the first."""
    if len(formats) > 1:
        differ = [v for v in values if len({*map(str, _days(v, formats))}) > 1]
        return (differ or values)[0]
    return values[0]


def _days(value, formats):
    return [read([value], form or None)[0] for form in formats]


def _all_dates(values, form):
    return not np.isnat(read(values, form or None)).any()


def _numbers(values):
    """Return what is known of values as numbers."""
    zeros = any(re.match(r"[+-]?0\d", value) for value in _some(values))
    for some in (_some(values), values):  # most columns of words are told by a few
        read_as = {sign: [number_of(v, sign) for v in some] for sign in SIGNS}
        signs = tuple(s for s in SIGNS if not np.isnan(read_as[s]).any())
        if not signs:
            return {"zeros": zeros}
    found = np.array(read_as[signs[0]])
    split = [value for value in values if "," in value or "." in value]
    return {
        "signs": signs,
        "low": float(found.min()),
        "high": float(found.max()),
        "whole": bool((found == np.round(found)).all()),
        "mixed": signs == (",",)
        and all(re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", value) for value in split),
        "zeros": zeros,
    }


def decimal_of(facts):
    """Return the decimal sign of a file, None where it can be read in two ways.

    >>> some = Facts("price", 2, 2, 0, signs=(",",))
    >>> decimal_of([some]), decimal_of([])
    (',', '.')
    """
    numbers = [one for one in facts if one.is_number and not one.is_date]
    told = [one for one in numbers if len(one.signs) == 1]
    comma = [one for one in told if one.signs == (",",)]
    point = [one for one in told if one.signs == (".",)]
    if comma and all(one.mixed for one in comma) and not point:
        return None
    return "," if len(comma) > len(point) else "."
