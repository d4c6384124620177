"""Variants of an exercise: each student's number has numbers of its own.

A *number* is a whole one that the teacher gives, from 1 on. Number 0 has the numbers
that are printed. An exercise lists, for each quantity of its text, the values that give
friendly arithmetic, the printed one first. The variants are drawn from all their
combinations, by a hash, so that the book's pages, which were built elsewhere, and any
version of Python have the same ones.
"""

import functools
import hashlib
import itertools
import os

LARGEST = 999_999  # number of a student
SIZE = 60  # variants besides the printed one: number 61 has those of number 1
NUMBER = "RECBOOK_NUMBER"  # of the reader, in the environment: a page sets it, too
WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight")


class Variants:
    """The variants of one exercise.

    Parameters
    ----------
    id : str
        The exercise. Its hash decides the sequence of the variants.
    choices : dict
        Name of a quantity -> its values, the printed one first.
    mark_of : callable
        Of a variant, {name: value}: what no other variant may have, or None where it
        is unfit.

    Examples
    --------
    >>> variants = Variants("0.0-sum", {"a": [2, 3], "b": [1, 5, 9]}, str)
    >>> variants.of(0)
    {'a': 2, 'b': 1}
    >>> len(variants.table), variants.of(1) == variants.of(6)
    (6, True)
    """

    def __init__(self, id, choices, mark_of):
        self.id, self.choices, self.mark_of = id, choices, mark_of
        self.printed = {name: values[0] for name, values in choices.items()}

    @functools.cached_property
    def table(self):
        """All variants in their sequence, the printed one first."""
        rows = itertools.product(*self.choices.values())
        rows = (dict(zip(self.choices, row, strict=True)) for row in rows)
        kept, marks = [self.printed], {self.mark_of(self.printed), None}
        for variant in sorted(rows, key=self._place):
            mark = self.mark_of(variant)
            if mark not in marks:
                kept.append(variant)
                marks.add(mark)
            if len(kept) > SIZE:
                break
        return kept

    def _place(self, variant):
        return hashlib.sha256(f"{self.id} {variant}".encode()).digest()

    def of(self, number):
        """Return the variant of a student's number, {name: value}."""
        if number == 0:
            return self.printed
        return self.table[1 + (number - 1) % (len(self.table) - 1)]


def set_number(number):
    """Set the number of the reader, for all checks that follow.

    Parameters
    ----------
    number : int
        As the teacher gave it; 0 for the numbers that are printed.

    Raises
    ------
    ValueError
        If it is not a whole number from 0 to 999,999.

    Examples
    --------
    >>> set_number(17)
    >>> current()
    17
    >>> set_number(0)
    """
    os.environ[NUMBER] = str(whole(number))


def current():
    """Return the number of the reader, 0 where there is none."""
    text = os.environ.get(NUMBER, "")
    return int(text) if text.isdecimal() else 0


def whole(number):
    """Return a student's number as an int.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> whole("17")
    Traceback (most recent call last):
    ...
    ValueError: your number is a whole one, as your teacher gave it: not '17'
    """
    is_int = hasattr(number, "__index__") and not isinstance(number, bool)
    if not is_int or not 0 <= number <= LARGEST:
        raise ValueError(
            f"your number is a whole one, as your teacher gave it: not {number!r:.40}"
        )
    return int(number)


def written(value, form=""):
    """Return a quantity as the text has it.

    Parameters
    ----------
    value : int or float
        The quantity.
    form : str
        As in a format string, ".2f", or "words" for "three"; without it 2,000 has its
        comma, and .5 its 0.

    Examples
    --------
    >>> written(2000), written(0.6, ".2f"), written(0.5), written(3, "words")
    ('2,000', '0.60', '0.5', 'three')
    """
    if form == "words":
        return WORDS[value]
    return format(value, form or ("," if isinstance(value, int) else ",.10g"))
