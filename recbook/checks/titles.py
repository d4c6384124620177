"""The exercises in the order of the book, with the numbers and titles of its pages."""

import csv
import functools
from pathlib import Path

__all__ = ["contents"]

TABLE = Path(__file__).with_name("exercises.csv")  # .ci/exercises.py writes it


def contents() -> dict[str, tuple[str, str]]:
    """Return what has a check, in the order of the book: id -> (number, title).

    A quick question has no number of its own: its title says of which part it is.

    Examples
    --------
    >>> contents()["2.2-pull"]
    ('2.2.7', 'How far to believe them')
    >>> contents()["2-q1"]
    ('', 'Part 2, question 1')
    """
    return dict(_read())


@functools.cache
def _read():
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return [(row["id"], (row["number"], row["title"])) for row in rows]
