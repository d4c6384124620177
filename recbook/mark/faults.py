"""The errors in the cells of a file, in words for its student or for the teacher.

A student is told which of their own cells fails, with Python's sentence and the line.
Of a cell of the book that fails, only the teacher is told.
"""

import re

from recbook.mark.files import BOOKS
from recbook.mark.slices import made

NOT_THERE = "not handed in"
_MISSING = re.compile(r"NameError: name '(\w+)' is not defined")


def missing_name(words):
    """Return the name that an error says is missing, None for another error.

    >>> missing_name("NameError: name 'np' is not defined (line 1: np.eye(2))")
    'np'
    """
    match = _MISSING.search(words)
    return match[1] if match else None


class Faults:
    """What went wrong in each cell of one file.

    Parameters
    ----------
    order : dict
        "cells" and "ids", and in "books" the numbers of the cells that are the book's
        own, as the book has them.

    Examples
    --------
    >>> cells = [[1, "def f(x)", True], [2, "recbook.check('2.2-leak', 1)", True]]
    >>> faults = Faults({"cells": cells, "ids": ["2.2-leak", "2.2-pull"]})
    >>> faults.errors[2] = "NameError: name 'recbook' is not defined"
    >>> faults.line("2.2-leak")
    "your cell fails: NameError: name 'recbook' is not defined"
    >>> faults.line("2.2-pull")
    'not handed in'
    """

    def __init__(self, order):
        self.cells = {number: source for number, source, _ in order["cells"]}
        self.quiet = {number for number, _, may_raise in order["cells"] if may_raise}
        self.books = set(order.get("books", ()))
        self.holders = {id: self._holders(id) for id in order["ids"]}
        self.errors = {}  # cell -> what its run brought
        self.ended = {}  # cell -> how it ended the process

    def _holders(self, id):
        """Return the cells that name an id."""
        word = re.compile(rf"(?<![\w.-]){re.escape(id)}(?![\w-])")
        return [number for number, code in self.cells.items() if word.search(code)]

    def line(self, id):
        """Return what is said of an id to which no answer came."""
        holders = self.holders[id]
        if not holders:
            return NOT_THERE
        failures = self.ended | self.errors
        failed = [number for number in holders if number in failures]
        if not failed:
            return "the cell did not get as far as `check`"
        words = failures[failed[-1]]
        if (cell := self._books_cell(failed[-1], words)) is not None:
            return f"not marked: your cell needs the book's cell {cell}, which failed"
        return f"your cell fails: {words}"

    def _books_cell(self, number, words):
        """Return the book's cell that should have made what cell ``number`` lacks."""
        failures = self.ended | self.errors
        while name := missing_name(words):
            makers = [n for n in self.books & failures.keys() if n < number]
            makers = [n for n in makers if name in _made(self.cells[n])]
            if not makers:
                return None  # no cell makes it: the student has removed one
            number = max(makers)
            words = failures[number]
        return number if number in self.books else None

    def makers_of_missing(self, lines):
        """Return the book's cells that make a name which an error or a line lacks."""
        lacking = {missing_name(words) for words in [*self.errors.values(), *lines]}
        lacking -= {None}
        cells = {n: self.cells[n] for n in self.books} if lacking else {}
        return {n for n, code in cells.items()
                if _made(code) & lacking or "import *" in code}  # fmt: skip

    def _is_books(self, number, words):
        """Return whether an error comes from a cell of the book."""
        return number in self.books or self._books_cell(number, words) is not None

    def notes(self, unmarked):
        """Return the notes of the file; ``unmarked`` are ids without an answer.

        An error in a cell that may raise counts only where an answer was lost with it.
        """
        lost = {number for id in unmarked for number in self.holders[id]}
        counted = {
            n: w for n, w in self.errors.items() if n in lost or n not in self.quiet
        }
        books = {n: words for n, words in counted.items() if self._is_books(n, words)}
        own = {n: words for n, words in counted.items() if n not in books}
        notes = [(n in self.books, f"cell {n}: {w}") for n, w in self.ended.items()]
        notes += [(False, note) for note in self._first(own)]
        notes += [(True, note) for note in self._first(books)]
        return [f"{BOOKS}, {note}" if is_books else note for is_books, note in notes]

    def _first(self, errors):
        """Return a note on one error, with the number of the others.

        An error that lacks a name which no cell makes, such as np, comes first.
        """
        if not errors:
            return []
        everywhere = set().union(*map(_made, self.cells.values()))
        lacking = {n for n, words in errors.items()
                   if missing_name(words) not in everywhere | {None}}  # fmt: skip
        number = min(lacking or errors)
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        return [f"cell {number}: {errors[number]}{more}"]


def _made(code):
    try:
        return made(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
