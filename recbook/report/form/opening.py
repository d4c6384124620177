"""A file that a reader opens: its cells, what they look like, or a sentence why not."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recbook.orders.reading import Cells, TooLargeError, read_cells
from recbook.report.form.contents import Facts, decimal_of, facts_of

__all__ = ["LARGEST", "Opened", "open_file"]

LARGEST = 50_000_000  # bytes that a page takes
PREVIEW = 5  # rows
LONGEST = 200  # characters of a cell in the preview
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, eq=False)
class Opened:
    """A file with its cells.

    Parameters
    ----------
    name : str
        That of the file, without its folder.
    cells : Cells
        As read.
    """

    name: str
    cells: Cells

    @cached_property
    def facts(self) -> dict[str, Facts]:
        """What is known of each column that has a name, by the name."""
        return {c.name: facts_of(c) for c in self.cells.columns if c.name}

    @cached_property
    def decimal(self):
        """The decimal sign of the file, None where it can be read in two ways."""
        return decimal_of(self.facts.values())

    def preview(self):
        """Return the first rows as text."""
        rows = range(min(PREVIEW, len(self.cells)))
        named = [column for column in self.cells.columns if column.name]
        return [[_cut(column.values[column.codes[row]]) for column in named]
                for row in rows]  # fmt: skip

    def said(self):
        """Return what had to be found out to read the file, as sentences."""
        how = [f"Cells separated by {SEPARATORS.get(self.cells.sep, self.cells.sep)}."]
        return [f"{_upper(step)}." for step, *_ in self.cells.steps] + how


def open_file(name, data):
    """Return a file :class:`Opened`.

    Raises
    ------
    ValueError
        With a sentence, where it cannot be read as a table.

    Examples
    --------
    >>> open_file("shop.csv", b"who;day\\n007;2026-01-05\\n").preview()
    [['007', '2026-01-05']]
    """
    if len(data) > LARGEST:
        raise TooLargeError(
            f"the file has {np.ceil(len(data) / 1e6):,.0f} MB, and a page takes "
            f"{LARGEST / 1e6:.0f} MB"
        )
    cells = read_cells(data, most=LARGEST)
    if not len(cells):
        raise ValueError("there are no lines below the names of the columns")
    return Opened(name, cells)


def _cut(text):
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _upper(text):
    return text[:1].upper() + text[1:]
