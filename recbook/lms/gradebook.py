"""Canvas's gradebook: the class list of a course, with a column for each assignment.

Its form is that of lib/gradebook_exporter.rb, what is taken back that of
lib/gradebook_importer.rb: rows by *ID*, columns by the number in brackets, commas or
semicolons between cells, a decimal point or comma. Comments have no place in it.
"""

import re

from recbook._core.refusals import Refused, named, shown
from recbook.lms.cells import Cells
from recbook.lms.numbers import number_of, written
from recbook.lms.people import Person

__all__ = ["Gradebook"]

WAY_OUT = "take Export of Canvas's gradebook, in English"
NAMES = (["Student"], ["LastName", "FirstName"])
LOGINS = ("SIS Login ID", "SIS User ID", "Integration ID")
POSSIBLE, TEST = "Points Possible", "Student, Test"
_ASSIGNMENT = re.compile(r"(.*\S) ?\(([0-9]+)\)", re.DOTALL)
# Cells that are no grade, and why a grade has no place there.
KEPT = {"EX": "is excused in Canvas", "N/A": "is not assigned it in Canvas"}


class Gradebook:
    """A gradebook, in which the column of one assignment is filled in place.

    Parameters
    ----------
    path : str or Path
        As Canvas exports it.
    column : str, optional
        The assignment, by its title or its whole heading, where there are several.

    Attributes
    ----------
    people : list of Person
        The class list.

    Raises
    ------
    Refused
        Naming row and column, and the way out.

    Examples
    --------
    >>> Gradebook("nowhere.csv")
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere.csv' does not exist; check the name
    """

    def __init__(self, path, column=None):
        self.cells = Cells(path)
        self.header = self._header()
        possible = self._possible()
        self.place = self._place(column, possible)
        self.possible = possible[self.place].strip()
        if not number_of(self.possible):
            raise Refused(
                f"{POSSIBLE!r} of {shown(self.header[self.place])} in {named(path)} is "
                f"{shown(self.possible)}, and is to be a number above 0; give the "
                "assignment one in Canvas"
            )
        # One comma tells the language, where these points have no decimals.
        commas = any(re.fullmatch(r"\d+,\d+", value.strip()) for value in possible)
        self.like = "0,0" if commas else self.possible
        rows = range(1, len(self.cells.rows))
        self.people = [p for row in rows if (p := self._person(row))]
        if not self.people:
            raise Refused(f"{named(path)} names no student; {WAY_OUT}")

    def _header(self):
        header = self.cells.values(0) if self.cells.rows else []
        header = [name.removeprefix("\ufeff").strip() for name in header]
        starts = any(header[: len(names)] == names for names in NAMES)
        if not starts or header.count("ID") != 1:
            raise Refused(
                f"{named(self.cells.path)} does not begin with the columns Student "
                f"and ID; {WAY_OUT}"
            )
        return header

    def _possible(self):
        for row in range(1, min(len(self.cells.rows), 4)):
            values = self.cells.values(row)
            if values[0].strip() == POSSIBLE:
                return values + [""] * (len(self.header) - len(values))
        raise Refused(f"{named(self.cells.path)} has no row {POSSIBLE!r}; {WAY_OUT}")

    def _place(self, column, possible):
        """Return the column of the assignment."""
        assignments = {
            place: (name, found[1])
            for place, name in enumerate(self.header)
            if (found := _ASSIGNMENT.fullmatch(name)) and number_of(possible[place])
            is not None
        }  # fmt: skip
        wanted = (column or "").strip().casefold()
        places = [
            place
            for place, names in assignments.items()
            if column is None or wanted in {name.casefold() for name in names}
        ]
        if len(places) == 1:
            return places[0]
        listed = ", ".join(shown(name, most=60) for name, _ in assignments.values())
        what = "has several assignments" if column is None else (
            f"has {'two' if places else 'no'} assignments {shown(column, most=60)}"
        )  # fmt: skip
        raise Refused(
            f"{named(self.cells.path)} {what}; name one by --column: {listed or 'none'}"
        )

    def _person(self, row):
        """Return the student of a row; None for a row that is no student's."""
        values = self.cells.values(row)
        value = dict(zip(self.header, (v.strip() for v in values), strict=False))
        id = value.get("ID", "")
        if not id or values[0].strip() in (POSSIBLE, TEST):
            return None
        if len(values) <= self.place:
            raise Refused(
                f"row {row + 1} of {named(self.cells.path)} has {len(values)} cells "
                f"and the first row {len(self.header)}; {WAY_OUT}"
            )
        name = value.get("Student") or f"{value['LastName']}, {value['FirstName']}"
        logins = tuple(value[name] for name in LOGINS if value.get(name))
        grade = values[self.place].strip()
        kept, graded = KEPT.get(grade.upper(), ""), number_of(grade) is not None
        return Person(name, id, logins, row, kept=kept, graded=graded)

    def fill(self, person, share, lines=()):
        """Put a grade into a person's row.

        Parameters
        ----------
        person : Person
            Of ``people``.
        share : float
            Of the points possible.
        lines : list of str
            Without use here.
        """
        grade = written(share * number_of(self.possible), like=self.like)
        self.cells.put(person.row, self.place, grade)

    def save(self):
        """Write the file: whole, or not at all."""
        self.cells.save()
