"""The number of each student, by which an exercise has numbers of their own.

Without a list a file's own word counts. With one, nobody can take the numbers of
somebody else, or the printed ones, whose answers are in the book.
"""

import re

from recbook._core.refusals import Refused, shown
from recbook.checks.registry import variants_of
from recbook.checks.variants import written
from recbook.mark.classlist import called, rows_of

WHOLE = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
NOT_THERE = "no number in the class list: marked by the printed numbers"


def give_numbers(path, classlist):
    """Give the files of a class the numbers of a list.

    Parameters
    ----------
    path : str
        CSV: ``number``, and ``id`` or ``name`` of a student. Who handed in nothing may
        stand in it, too.
    classlist : ClassList
        Who there is.

    Raises
    ------
    Refused
        Naming a row whose number is none, or that may mean two students.
    """
    numbers = {}
    for place, id, name, number in rows_of(path, ["number"]):
        if not WHOLE.fullmatch(number):
            raise Refused(
                f"{place}: {shown(number)} is no number of a student; write a whole "
                "one from 1 to 999999"
            )
        # By the id where somebody has it, or else by the name.
        keys = classlist.some(id, "") or classlist.some("", name)
        if len(keys) > 1:
            raise Refused(
                f"{place}: {shown(id or name)} may be "
                f"{', '.join(map(called, keys))}; give the id"
            )
        for key in keys:
            if numbers.setdefault(key, int(number)) != int(number):
                raise Refused(
                    f"{place}: {called(key)} has another number in an earlier row; "
                    "keep one of the two"
                )
    for sheet in classlist.sheets:
        sheet.number = numbers.get(sheet.student.key, 0)
        if sheet.file and not sheet.number:
            sheet.notes.append(NOT_THERE)


def own_numbers(id, number):
    """Return the numbers that an exercise had for a student, in words.

    Parameters
    ----------
    id : str
        The exercise.
    number : int or None
        The student's, as the class list has it.

    Returns
    -------
    str
        Empty where all have the same.

    Examples
    --------
    >>> own_numbers("6.1-errors", 1)
    'customers 1,000, orders with 150, orders without 130'
    >>> own_numbers("6.1-errors", 0), own_numbers("2.2-pull", 1)
    ('', '')
    """
    variants = variants_of(id) if number else None
    own = variants.of(number) if variants else {}
    return ", ".join(
        f"{name.replace('_', ' ')} {written(value)}" for name, value in own.items()
    )
