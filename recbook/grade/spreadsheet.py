"""Tables that a teacher opens in a spreadsheet, with names that students chose."""

import csv
from pathlib import Path

_FORMULA = ("=", "+", "-", "@", "|", "%")


def safe(value):
    """Return a cell of a spreadsheet that no program takes for a formula.

    >>> safe("=1+1"), safe("Ada"), safe(-0.5)
    ("'=1+1", 'Ada', -0.5)
    """
    if not isinstance(value, str):
        return value
    # What UTF-8 cannot hold, or a terminal might obey, is written out.
    value = "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)
    return f"'{value}" if value.lstrip().startswith(_FORMULA) else value


def write_csv(path, header, rows):
    """Write a table for spreadsheets: UTF-8 with a mark in front, and no formula.

    Parameters
    ----------
    path : str or Path
        Must not exist.
    header : list of str
        Names of the columns.
    rows : iterable of list
        Their cells.
    """
    with Path(path).open("x", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow([safe(name) for name in header])
        writer.writerows([safe(value) for value in row] for row in rows)
