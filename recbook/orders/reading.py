"""A file of orders as columns of text: its encoding, its separator, its header."""

import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from recbook.orders.build import check_names
from recbook.orders.columns import Column

__all__ = ["Cells", "TooLargeError", "read_cells", "read_table"]

CODINGS = {"cp1252": "Windows-1252"}
SEPARATORS = [",", ";", "\t", "|"]
HEAD = 10  # lines in which the header is looked for
FEW = 2  # cells of a line that may still be text, "Berlin, 2026"
# What a file of another kind begins with, and what to do.
BEGINS = {
    b"PK\x03\x04": "is a workbook or an archive, not text; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "is a workbook, not text; save the sheet as CSV",
    b"PAR1": "is a Parquet file; give pandas.read_parquet(path) to Orders.from_frame",
}


class TooLargeError(ValueError):
    """A file that holds more than may be read."""


@dataclass(frozen=True)
class Cells:
    """The cells of a file, read once, whatever its columns are used for.

    Parameters
    ----------
    sep : str
        What separates the cells.
    header : list of str
        The names of the columns.
    columns : list of Column
        One for each, without the empty lines, and one for each without a name.
    steps : list of (str, int, float)
        What had to be done to read the file, for the receipt.

    Examples
    --------
    >>> cells = read_cells(b"who;day\\n007;2026-01-05\\n")
    >>> cells.sep, cells.header, cells.columns[0].values
    (';', ['who', 'day'], ['007'])
    """

    sep: str
    header: list
    columns: list
    steps: list

    def __len__(self):
        """Return the number of lines below the header that hold something."""
        return len(self.columns[0].codes)


def read_table(source, names, sep=None, tick=None):
    """Return a file's columns by argument, and what had to be done to read it.

    Parameters
    ----------
    source : str, path, file, bytes or Cells
        Text as UTF-8, with or without a byte-order mark, UTF-16 or Windows-1252, packed
        by gzip or not.
    names : dict
        The column's name for each argument, None where there is none.
    sep : str, optional
        The separator. By default that with which the header has the named columns.
    tick : callable, optional
        Is called three times on the way, for a progress bar.

    Returns
    -------
    columns : dict of str to Column
        One for each argument with a name, and one for each further column.
    steps : list of (str, int, float)
        For the receipt.

    Examples
    --------
    >>> names = {"customer": "who", "time": "day", "item": "what"}
    >>> columns, _ = read_table(b"who;day;what\\n007;2026-01-05;tea\\n", names)
    >>> columns["customer"].values
    ['007']
    """
    if isinstance(source, Cells):
        cells = source
        check_names(names, cells.header, "the file")
    else:
        cells = read_cells(source, names, sep, tick)
    argument_of = {column: name for name, column in names.items() if column is not None}
    found = {}
    for number, column in enumerate(cells.columns):
        argument = argument_of.get(column.name, f"column {number}")
        found[argument] = replace(column, argument=argument)
    return found, cells.steps


def read_cells(source, names=None, sep=None, tick=None, most=None):
    """Return the :class:`Cells` of a file; see :func:`read_table`.

    Without ``names`` the separator is that which makes the most columns. A file that
    gzip packed has to hold at most ``most`` bytes.
    """
    tick = tick or (lambda: None)
    names = names or {}
    data, unpacked = _unpacked(_bytes_of(source), most)
    data, steps = _as_utf8(data)
    steps = [*unpacked, *steps]
    sep, header, n_above = _header(data, names, sep)
    check_names(names, header, "the file")
    tick()
    table = _cells(data, sep, header, n_above)
    tick()
    columns = []

    def place(row):
        """Return a row's number as an editor counts lines, those within cells, too."""
        within = 0
        for column in columns:
            breaks = np.array([value.count("\n") for value in column.values])
            within += int(breaks[column.codes[:row]].sum())
        return f"line {n_above + 1 + row + within}"

    columns += _columns(table, header, place)
    _check_cells(columns, sep, len(header))
    filled = _without_blank(columns, place)
    tick()
    return Cells(sep, header, filled, steps)


def _without_blank(columns, place):
    """Return the columns without the lines in which all cells are empty."""
    blank = np.ones(len(columns[0].codes), dtype=bool)
    for column in columns:
        empty = column.values.index("") if "" in column.values else -1
        blank &= column.codes == empty
    if not blank.any():
        return columns
    rows = np.flatnonzero(~blank)
    found = []
    for column in columns:
        codes, used = pd.factorize(column.codes[rows])
        values = [column.values[code] for code in used]
        found.append(replace(column, codes=codes, values=values,
                             place=lambda row: place(rows[row])))  # fmt: skip
    return found


def _bytes_of(source):
    """Return the bytes of a path, a file or bytes."""
    if isinstance(source, str) and "\n" in source:
        raise ValueError("path_or_buffer is text; give a path, or io.StringIO(text)")
    if isinstance(source, str | PathLike):
        return Path(source).expanduser().read_bytes()
    if hasattr(source, "read"):
        source = source.read()
        source = source.encode() if isinstance(source, str) else source
    if not isinstance(source, bytes | bytearray | memoryview):
        kind = type(source).__name__
        raise TypeError(f"path_or_buffer must be a path, a file or bytes, not {kind}")
    return bytes(source)


def _unpacked(data, most):
    """Return the bytes that gzip has packed, and a step; others as they are."""
    if not data.startswith(b"\x1f\x8b"):
        return data, []
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            data = file.read() if most is None else file.read(most + 1)
    except (EOFError, OSError, zlib.error):
        raise ValueError(
            "the file is compressed, and broken off; copy it again"
        ) from None
    if most is not None and len(data) > most:
        raise TooLargeError(f"the file unpacks to over {most / 1e6:.0f} MB")
    return data, [("unpacked by gzip", 0, 0.0)]


def _as_utf8(data):
    """Return a file's text as UTF-8 without a mark, and a step where it was another."""
    for begin, why in BEGINS.items():
        if data.startswith(begin):
            raise ValueError(f"the file {why}")
    coding = "utf-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        coding = "utf-16"
    elif data[1:400:2].count(0) > 100 or data[:400:2].count(0) > 100:
        coding = "utf-16-le" if data[1:400:2].count(0) > 100 else "utf-16-be"
    try:
        text = data.decode(coding)
    except UnicodeDecodeError:
        coding = "cp1252"
        text = data.decode(coding, errors="replace")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ValueError(f"line {line} of the file holds a NUL byte; export it again")
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise ValueError("the file is empty")
    name = CODINGS.get(coding, coding.upper())
    steps = [] if coding == "utf-8" else [(f"read as {name}, not UTF-8", 0, 0.0)]
    return (data.removeprefix(b"\xef\xbb\xbf") if not steps else text.encode()), steps


def _header(data, names, sep):
    """Return the separator, the names of the columns, and the header's line."""
    if sep is not None and (not isinstance(sep, str) or len(sep) != 1):
        raise ValueError(
            f"sep must be one character, such as ';' or '\\t', got {sep!r}"
        )
    lines = data[:100_000].decode(errors="ignore").splitlines()[:HEAD]
    declared = re.fullmatch("sep=(.)", lines[0], re.IGNORECASE)  # as Excel writes it
    start = 1 if declared else next(n for n, line in enumerate(lines) if line.strip())
    seps = [sep] if sep else [declared[1]] if declared else SEPARATORS
    wanted = {column for column in names.values() if column is not None}
    for n, line in enumerate(lines[start:], start):
        for candidate in seps if wanted else ():
            header = _fields(line, candidate)
            if not wanted or not wanted <= set(header):
                continue
            if n > start:
                raise ValueError(
                    f"the names of the columns stand in line {n + 1}; delete the lines "
                    "above it"
                )
            return candidate, header, n + 1
    best = max(seps, key=lambda candidate: len(_fields(lines[start], candidate)))
    header = _fields(lines[start], best)
    if _is_title(header, lines[start + 1 :], seps if len(header) == 1 else [best]):
        raise ValueError(
            "the names of the columns do not stand in the first line; delete the lines "
            "above them"
        )
    if len(header) == 1 and sep:
        raise ValueError(
            f"sep={sep!r} is not in the header, {header[0]!r}; leave it out"
        )
    if len(header) == 1:
        raise ValueError(
            f"the file has one column only, {header[0]!r}; name the separator with sep="
        )
    return best, header, start + 1


def _is_title(header, below, seps):
    """Return whether a header is words above the table: most of its cells are empty."""
    named = sum(map(bool, header))
    filled = [sum(map(bool, _fields(line, one))) for line in below for one in seps]
    return named <= FEW and len(below) > 1 and max(filled) > 2 * named


def _fields(line, sep):
    """Return the cells of a line."""
    return [cell.strip() for cell in next(csv.reader([line], delimiter=sep), [""])]


def _cells(data, sep, header, n_above):
    """Return the cells below the header, as text."""
    lines = data[:1_000_000].decode(errors="ignore").splitlines()[n_above:]
    first = _fields(next((line for line in lines if line.strip()), ""), sep)
    n_columns = max(len(header), len(first))  # a separator at the end makes one more
    try:
        return pd.read_csv(
            io.BytesIO(data), sep=sep, header=None, names=range(n_columns), dtype=str,
            skiprows=n_above, skip_blank_lines=False, na_filter=False, index_col=False,
        )  # fmt: skip
    except pd.errors.EmptyDataError:
        raise ValueError("the file has a header, but no line below it") from None
    except pd.errors.ParserError as error:
        raise ValueError(_why(str(error), len(header))) from None


def _columns(table, header, place):
    """Return a column for each of the table's, which gives them up one by one."""
    columns = []
    for number in list(table):
        codes, values = pd.factorize(table.pop(number))
        values = values.tolist()
        # Spaces round a cell are of the export, and no part of an id.
        bare = [value.strip() for value in values]
        if bare != values:
            again, values = pd.factorize(np.array(bare, dtype=object))
            codes, values = again[codes], values.tolist()
        name = header[number] if number < len(header) else ""
        columns.append(Column("column", name, codes, values, place))
    return columns


def _check_cells(columns, sep, n_named):
    """Raise for cells beyond the header's, and for one that swallowed lines."""
    for number, column in enumerate(columns):
        for code, value in enumerate(column.values):
            swallowed = "\n" in value and value.count(sep) >= n_named - 1
            if not (swallowed or (number >= n_named and value)):
                continue
            line = column.place(int((column.codes == code).argmax()))
            if swallowed:
                why = 'a quote (") is not closed; write it twice within a cell'
            else:
                why = (
                    f"{value!r} is beyond the {n_named} columns of the header; put a "
                    f"cell that holds {sep!r} into quotes"
                )
            raise ValueError(f"{line}: {why}")


def _why(error, n_columns):
    """Return what is wrong with the lines, from the parser's own words."""
    wide = re.search(r"in line (\d+), saw (\d+)", error)
    if wide:
        return (
            f"line {wide[1]} has {wide[2]} cells, but the header has {n_columns}; put "
            "a cell that holds the separator into quotes"
        )
    quote = re.search(r"EOF inside string starting at row (\d+)", error)
    if quote:
        line = int(quote[1]) + 1
        return f'line {line}: a quote (") is not closed; write it twice within a cell'
    return f"the file cannot be read as lines of cells: {error.strip()}"
