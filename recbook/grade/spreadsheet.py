"""Tables that a teacher opens in a spreadsheet, with names that students chose."""

import csv
from pathlib import Path

from recbook._core.spreadsheet import inert


def safe(value):
    """Return a cell of a spreadsheet that no program takes for a formula.

    >>> safe("=1+1"), safe("Ada"), safe(-0.5)
    ("'=1+1", 'Ada', -0.5)
    """
    return inert(printable(value)) if isinstance(value, str) else value


def printable(text):
    """Write out what UTF-8 cannot hold, or a terminal might obey.

    >>> printable("Ada" + chr(27))
    'Ada\\\\x1b'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


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

    Examples
    --------
    >>> write_csv("nowhere/marks.csv", ["name"], [])
    Traceback (most recent call last):
    ...
    FileNotFoundError: [Errno 2] No such file or directory: 'nowhere/marks.csv'
    """
    with Path(path).open("x", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerows([safe(value) for value in row] for row in [header, *rows])
