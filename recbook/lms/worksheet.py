"""Moodle's grading worksheet: the class list of an assignment, to be filled in.

Its form is that of mod/assign/gradingtable.php, what is taken back that of
mod/assign/feedback/offline: rows by the number in *Identifier*, the grade with the
decimal comma or point of the language, and the comment as HTML.
"""

import html
import re

from recbook._core.refusals import Refused, named
from recbook.lms.cells import Cells
from recbook.lms.numbers import number_of, written
from recbook.lms.people import Person

__all__ = ["Worksheet"]

IDENTIFIER, NAME, STATUS = "identifier", "full name", "status"
GRADE, MAXIMUM, COMMENTS = "grade", "maximum grade", "feedback comments"
LOGINS = ("email address", "username", "id number")
LOCKED = "grade can be changed"
WAY_OUT = (
    "set Moodle to English, then take Download grading worksheet of the assignment"
)
# What an earlier run wrote between the words of a teacher.
_OURS = re.compile(r"<p>Checked exercises:.*?</p>", re.DOTALL)
# Where a spreadsheet that splits at semicolons would see a formula; names of HTML's
# characters end in one.
_FORMULA = re.compile(r"(?<=;)([\s']*)([=+\-@|%＝＋－＠])")


class Worksheet:
    """A grading worksheet, whose grades and comments are filled in place.

    Parameters
    ----------
    path : str or Path
        As Moodle gives it, in English.

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
    >>> Worksheet("nowhere.csv")
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere.csv' does not exist; check the name
    """

    def __init__(self, path):
        self.cells = Cells(path)
        self.columns = self._columns()
        self.maxima = {}  # row -> text of its maximum grade
        self.people = [self._person(row) for row in range(1, len(self.cells.rows))]
        if not self.people:
            raise Refused(f"{named(path)} names no student; {WAY_OUT}")

    def _columns(self):
        rows, path = self.cells.rows, named(self.cells.path)
        header = self.cells.values(0) if rows else []
        header = [name.removeprefix("\ufeff").strip().casefold() for name in header]
        for name in (IDENTIFIER, GRADE, MAXIMUM):
            if header.count(name) != 1:
                what = "two columns" if name in header else "no column"
                scale = " (where grades are words of a scale, none can be filled in)"
                scale = scale if name == MAXIMUM else ""
                raise Refused(
                    f"{path} has {what} {name.capitalize()!r}{scale}; {WAY_OUT}"
                )
        for number, row in enumerate(rows[1:], start=2):
            if len(row) != len(header):
                raise Refused(
                    f"row {number} of {path} has {len(row)} cells and the first row "
                    f"{len(header)}; {WAY_OUT}"
                )
        return {name: place for place, name in enumerate(header)}

    def _person(self, row):
        values = self.cells.values(row)
        value = {name: values[place].strip() for name, place in self.columns.items()}
        id = re.search(r"\d+$", value[IDENTIFIER])
        where = f"row {row + 1} of {named(self.cells.path)}"
        if not id:
            raise Refused(f"{where} has no number in 'Identifier'; {WAY_OUT}")
        if not number_of(value[MAXIMUM]):
            raise Refused(
                f"{where}: 'Maximum grade' is {value[MAXIMUM]!r}, and is to be a "
                "number above 0; give the assignment one in Moodle"
            )
        self.maxima[row] = value[MAXIMUM]
        logins = tuple(value[name] for name in LOGINS if value.get(name))
        late = re.search(r"\blate\b", value.get(STATUS, "")) is not None
        kept = "its grade cannot be changed in Moodle"
        kept = kept if value.get(LOCKED, "").casefold() == "no" else ""
        graded = number_of(value[GRADE]) is not None
        return Person(value.get(NAME, ""), id[0], logins, row, late, kept, graded)

    def fill(self, person, share, lines):
        """Put a grade and a comment into a person's row.

        Parameters
        ----------
        person : Person
            Of ``people``.
        share : float
            Of the maximum grade.
        lines : list of str
            What is said of each exercise, the sum in front.
        """
        maximum = self.maxima[person.row]
        grade = written(share * number_of(maximum), like=maximum)
        self.cells.put(person.row, self.columns[GRADE], grade)
        if COMMENTS in self.columns:
            place = self.columns[COMMENTS]
            before = self.cells.values(person.row)[place]
            self.cells.put(person.row, place, _with_comment(before, lines))

    def save(self):
        """Write the file: whole, or not at all."""
        self.cells.save()


def _with_comment(before, lines):
    """Return a comment: what a teacher wrote, and these lines for earlier ones."""
    text = "<br>".join(html.escape(line, quote=False) for line in lines)
    text = f"<p>Checked exercises: {text}</p>"
    while (safe := _FORMULA.sub(lambda m: f"{m[1]}&#{ord(m[2])};", text)) != text:
        text = safe
    if _OURS.search(before):
        return _OURS.sub(lambda _: text, before, count=1)
    return before + text
