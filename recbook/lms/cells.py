"""A CSV file in which single cells are changed: all else stays byte for byte."""

import os
import re
import secrets
import shutil
from pathlib import Path

from recbook._core.reading import read_text
from recbook._core.refusals import Refused, named

__all__ = ["Cells", "delimiter_of", "replace_file"]

DELIMITERS = ",;\t"
MOST_CELLS = 2_000_000
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


class Cells:
    """The cells of a CSV file, and what shall stand in some of them.

    Parameters
    ----------
    path : str or Path
        In UTF-8, with commas, semicolons or tabs between its cells.

    Raises
    ------
    Refused
        If it is no such file, with the way out.

    Examples
    --------
    >>> Cells("nowhere.csv")
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere.csv' does not exist; check the name
    """

    def __init__(self, path):
        self.path = Path(path)
        self.text = read_text(path, keep_mark=True)
        start = 1 if self.text.startswith("\ufeff") else 0
        self.delimiter = delimiter_of(self.text)
        self.rows = list(self._rows(start))
        self.changes = {}  # (start, end) of a cell in the text -> what replaces it

    def _rows(self, start):
        """Yield the spans of the cells of each row that is not blank."""
        cell = re.compile(
            rf'("(?:[^"]|"")*"|[^{self.delimiter}\r\n]*)({self.delimiter}|\r\n?|\n|\Z)'
        )
        row, number = [], 0
        while start < len(self.text):
            found = cell.match(self.text, start)
            number += 1
            if found is None or self._is_open(found[1]) or number > MOST_CELLS:
                line = self.text.count("\n", 0, start) + 1
                raise Refused(
                    f"line {line} of {named(self.path)} is not CSV: a quotation mark "
                    "is not closed; export the file again"
                )
            row.append(found.span(1))
            start = found.end()
            if found[2] != self.delimiter:
                if len(row) > 1 or row[0][0] < row[0][1]:
                    yield row
                row = []
        if row:  # the text ends in a delimiter
            yield [*row, (start, start)]

    def _is_open(self, raw):
        return raw.startswith('"') and not _QUOTED.fullmatch(raw)

    def values(self, row):
        """Return the values of a row."""
        return [_unquoted(self.text[start:end]) for start, end in self.rows[row]]

    def put(self, row, column, value):
        """Have a cell changed: quoted where it was, or where it must be."""
        start, end = self.rows[row][column]
        must = re.search(rf'["\s{self.delimiter}]', value)
        if must or self.text[start:end].startswith('"'):
            value = '"' + value.replace('"', '""') + '"'
        self.changes[start, end] = value

    def changed(self):
        """Return the text with all changes in it."""
        parts, done = [], 0
        for (start, end), value in sorted(self.changes.items()):
            parts += [self.text[done:start], value]
            done = end
        return "".join([*parts, self.text[done:]])

    def save(self):
        """Write the changed text in place of the file: whole, or not at all.

        Raises
        ------
        Refused
            If the file has become another one since it was read.
        OSError
            If it cannot be written.
        """
        if read_text(self.path, keep_mark=True) != self.text:
            raise Refused(
                f"{named(self.path)} has changed since it was read, so nothing was "
                "written; close it in other programs and run the command again"
            )
        replace_file(self.path.resolve(), self.changed().encode("utf-8"))


def delimiter_of(text):
    """Return what parts the cells of a CSV file, by its first line.

    >>> delimiter_of("name;points\\nByron, Ada;7,5")
    ';'
    """
    return max(DELIMITERS, key=text.partition("\n")[0].count)


def _unquoted(raw):
    return raw[1:-1].replace('""', '"') if raw.startswith('"') else raw


def replace_file(path, data):
    """Write a file whole or not at all; where there is one, it keeps its rights.

    Parameters
    ----------
    path : str or Path
        Its folder is there. A link is replaced, not what it leads to: what is marked
        may have put it there.
    data : bytes
        What it holds then.
    """
    path = Path(path)
    new = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with new.open("xb") as file:
            file.write(data)
        if path.is_file() and not path.is_symlink():
            shutil.copymode(path, new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
