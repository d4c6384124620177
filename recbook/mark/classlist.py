"""Who is in the class: those who handed in, and those whom a platform's list has."""

import difflib
from dataclasses import replace

from recbook._core.refusals import Refused, named, shown
from recbook.grade.files import read_columns
from recbook.grade.spreadsheet import printable
from recbook.lms import Matching, Person, Student, letters, matched, told_apart
from recbook.mark.files import Sheet

NOTHING = "nothing handed in"
GRADED = "has a grade, and no file here (empty the cell to have it filled)"


def called(key):
    """Return a student's name, with the id where there is one, fit for a terminal.

    >>> called(("Li Wei", "22345")), called(("ada", ""))
    ('Li Wei (22345)', 'ada')
    """
    return printable(" ".join([key[0], *(f"({id})" for id in key[1:] if id)]))


def rows_of(path, columns):
    """Return the place, id, name and columns of each row of a teacher's own list.

    Parameters
    ----------
    path : str
        CSV with these columns, and ``id`` or ``name`` of a student.
    columns : list of str
        What else each row has.

    Raises
    ------
    Refused
        If it is no such file.
    """
    fields, places = read_columns(path, columns, optional=True)
    if not {"id", "name"} & fields.keys():
        raise Refused(
            f"{named(path)} has neither a column id nor a column name; write one"
        )
    nothing = [""] * len(places)
    asked = [fields.get(name, nothing) for name in ("id", "name", *columns)]
    return zip(places, *asked, strict=True)


class ClassList:
    """The students of a class.

    Parameters
    ----------
    sheets : list of Sheet
        What was handed in.
    table : Worksheet or Gradebook, optional
        The class list that a platform gave.

    Attributes
    ----------
    sheets : list of Sheet
        The same, and one without a file for each student who has none.

    Examples
    --------
    >>> ada = Sheet(Student("Ada", "7"), "Ada/2.2.ipynb")
    >>> ClassList([ada]).one("7", "", "row 1")
    ('Ada', '7')
    """

    def __init__(self, sheets, table=None):
        self.table, self.found = table, Matching()
        if table is not None:
            students = {sheet.student.key: sheet.student for sheet in sheets}
            self.found = matched(list(students.values()), table.people)
            if not self.found.of:
                raise Refused(
                    f"nobody who handed in stands in {named(table.cells.path)}; take "
                    "the list of this class, or leave it out"
                )
        late = {key for key, person in self.found.of.items() if person.late}
        for sheet in sheets:
            if sheet.student.key in late:
                sheet.student = replace(sheet.student, late=True)
        self.absent = {}  # key -> the person, of those who handed in nothing
        for person in self.found.absent:
            # The file was in an earlier run, and points by hand are not all of it.
            kept = person.kept or GRADED * person.graded
            who = person.name or person.id, person.id
            self.absent[who] = replace(person, kept=kept)
        self.sheets = sorted(
            [
                *sheets,
                *(Sheet(Student(*key), "", [], [NOTHING]) for key in self.absent),
            ],
            key=lambda sheet: (sheet.who.casefold(), sheet.student.id, sheet.file),
        )
        names = told_apart(sheet.student.key for sheet in self.sheets)
        for sheet in self.sheets:
            sheet.called = names[sheet.student.key]

    @property
    def people(self):
        """The row of each student whom the list has, key -> Person."""
        return self.found.of | self.absent

    def one(self, id, name, place):
        """Return the key of the student whom an id or a name means.

        Parameters
        ----------
        id, name : str
            One of them may be empty.
        place : str
            Says where they stand.

        Raises
        ------
        Refused
            If that is nobody, or more than one.
        """
        some = self.some(id, name)
        if len(some) == 1:
            return some[0]
        who = " and ".join(shown(word) for word in (id, name) if word) or "no student"
        if some:
            listed = ", ".join(map(called, some))
            raise Refused(f"{place}: {who} may be {listed}; give the id")
        names = [sheet.who for sheet in self.sheets]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {shown(near[0])}?" if near else (
            "; write the name or the id as the marks have it"
        )  # fmt: skip
        raise Refused(f"{place}: nobody is {who}{hint}")

    def some(self, id, name):
        """Return the keys of the students whom an id, a name or both may mean."""
        id, people = id.removeprefix("Participant").strip(), self.people
        keys = list(dict.fromkeys(sheet.student.key for sheet in self.sheets))
        names = {key: people.get(key, Person("")).names | {letters(key[0])}
                 for key in keys}  # fmt: skip
        ids = {key: {key[1], people.get(key, Person("")).id} for key in keys}
        return [
            key
            for key in keys
            if (id or name)
            and (not id or id in ids[key])
            and (not name or letters(name) in names[key])
        ]

    def fill(self, path, marked):
        """Fill the platform's table, and yield what is to be said of it.

        Parameters
        ----------
        path : str
            The table's, for what is said.
        marked : dict
            key -> (share of all points, lines) of each student who gets a grade.
        """
        people, kept = self.people, []
        for key, (share, lines) in marked.items():
            if key in people and people[key].kept:
                kept.append(f"{called(key)} {people[key].kept}")
            elif key in people:
                self.table.fill(people[key], share, lines)
        self.table.save()
        filled = sum(key in people and not people[key].kept for key in marked)
        students = f"{len(self.table.people)} students"
        yield f"{path}: {filled} of {students} were given a grade."
        nothing = {key for key, person in self.absent.items() if not person.graded}
        yield from self._told("Nothing from", nothing - marked.keys())
        unmarked = self.found.of.keys() - marked.keys()
        yield from self._told("Not marked, and left without a grade", unmarked)
        unknown = [student.key for student in self.found.unknown]
        yield from self._told("In no row of it, or not surely in one", unknown)
        if kept:
            yield f"Left as it was: {'; '.join(sorted(kept))}."
        for student, person in self.found.otherwise:
            yield f"By the id, {called(student.key)} is {printable(person.name)} in it."

    def _told(self, what, keys):
        if keys:
            listed = ", ".join(sorted(map(called, keys)))
            yield f"{what}: {listed}."
