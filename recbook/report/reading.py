"""A reader's table from a file: ids and labels stay text, numbers become numbers."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from recbook._core.validate import check_choice
from recbook.orders import reading
from recbook.orders.columns import is_nothing, numbers

__all__ = ["read_frame", "read_names", "read_table"]

ZEROS = re.compile(r"[+-]?0\d")  # 007 is no number


def read_table(path, text=(), sep=None, decimal=".") -> pd.DataFrame:
    """Read a table whose ids keep their zeros.

    A column becomes numbers where all of its cells are, and none begins with a zero
    that a number would lose. The columns of ``text`` never do. Encoding and separator
    are found as by :meth:`recbook.Orders.read`.

    Parameters
    ----------
    path : str, Path, file or bytes
        CSV: UTF-8 with or without a mark, UTF-16 or Windows-1252.
    text : sequence of str
        Columns of ids, and of labels such as those of the arms. They must be there.
    sep : str, optional
        What separates the cells. By default it is found in the header.
    decimal : str
        The decimal sign, "." or ",".

    Returns
    -------
    DataFrame
        An empty cell is missing.

    Raises
    ------
    ValueError
        Where the file cannot be read as a table, naming the line.

    Examples
    --------
    >>> file = b"who;arm;spent\\n007;A;1,5\\n008;B;\\n"
    >>> frame = read_table(file, text=["who"], decimal=",")
    >>> frame["who"].tolist(), frame["spent"].tolist()
    (['007', '008'], [1.5, nan])
    """
    wanted = {f"text[{place}]": column for place, column in enumerate(text)}
    return read_frame(path, wanted, text, sep, decimal)


def read_frame(path, wanted, text, sep=None, decimal="."):
    """Return a table; ``wanted`` are columns that must be there, by argument.

    >>> read_frame(b"who,arm\\n7,1\\n", {"unit": "who"}, ["who", "group"]).iloc[0, 0]
    '7'
    """
    check_choice("decimal", decimal, [".", ","])
    columns, _ = reading.read_table(path, wanted, sep)
    found = {column.name: column for column in columns.values() if column.name}
    return pd.DataFrame(
        {
            name: _text(column) if name in text else _values(column, decimal)
            for name, column in found.items()
        }
    )


def read_names(path, item, sep=None):
    """Return the names of items by their ids: the column ``name``, or the first other.

    >>> read_names(b"product;name\\n007;tea\\n", "product").to_dict()
    {'007': 'tea'}
    """
    columns, _ = reading.read_table(path, {"item": item}, sep)
    ids = columns.pop("item")
    found = {column.name: column for column in columns.values() if column.name}
    if not found:
        raise ValueError(f"the file of names has no column beside {item!r}")
    name = "name" if "name" in found else next(iter(found))
    return pd.Series(_text(found[name]), index=_text(ids), name=name)


def _text(column):
    """Return the cells as text, None where one is empty."""
    values = np.empty(len(column.values), dtype=object)
    values[:] = [value or None for value in column.values]
    return values[column.codes]


def _values(column, decimal):
    """Return the cells as numbers where all that say something are, else as text."""
    said = [code for code, value in enumerate(column.values) if not is_nothing(value)]
    texts = [column.values[code] for code in said]
    if not texts or any(map(ZEROS.match, texts)):
        return _text(column)
    different = replace(column, codes=np.arange(len(said)), values=texts)
    try:
        found = numbers(different, decimal)
    except ValueError:
        return _text(column)
    values = np.full(len(column.values), np.nan)
    values[said] = found
    whole = len(said) == len(values) and (values == np.round(values)).all()
    return (values.astype(np.int64) if whole else values)[column.codes]
