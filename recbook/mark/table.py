"""The marks as a CSV file for spreadsheets, which a later run takes up."""

import csv
import io
import re
from pathlib import Path

from recbook._core.reading import read_text
from recbook._core.refusals import Refused, named
from recbook.checks import contents
from recbook.grade.spreadsheet import safe
from recbook.lms.cells import delimiter_of, replace_file
from recbook.mark.points import plain, total_of

WHOSE = ["name", "id", "late", "file"]
LINE = ": line"


def columns(ids):
    """Return the names of the columns of the table."""
    return [*WHOSE, "points", "of", "note", *ids, *(f"{id}{LINE}" for id in ids)]


def row(sheet, marks):
    """Return the row of a file.

    Parameters
    ----------
    sheet : Sheet
        The file.
    marks : dict of Mark
        By exercise.
    """
    student = sheet.student
    whose = [student.name, student.id, "yes" if student.late else "", sheet.file]
    lines = [
        mark.line if mark.why is None else f"{mark.line} (by hand: {mark.why})"
        for mark in marks.values()
    ]
    of = plain(sum(mark.of for mark in marks.values()))
    points = [mark.points for mark in marks.values()]
    return [*whose, total_of(marks), of, "; ".join(sheet.notes), *points, *lines]


class Table:
    """A CSV file with a row for each file that was marked.

    A file that this command wrote earlier is taken up: the rows of the files marked now
    replace theirs, and all others stay, as do the columns that a teacher has added.

    Parameters
    ----------
    path : str or Path
        Where it stands, or will.
    ids : list of str
        What is marked.

    Raises
    ------
    Refused
        If what is there is not such a table, or has other exercises.
    OSError
        If it cannot be written.
    """

    def __init__(self, path, ids):
        self.path, self.own = Path(path), columns(ids)
        self.header, self.rows, self.delimiter = self.own, [], ","
        self.new = {}  # place -> a row that was not there
        if self.path.exists():
            self._take_up()
        else:
            self.write()

    def _take_up(self):
        text = read_text(self.path)
        self.delimiter = delimiter_of(text)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter)
        try:
            self.header, *self.rows = [row for row in rows if row] or [[]]
        except csv.Error as error:
            raise self._other(f"is not CSV ({error})") from None
        missing = [name for name in self.own if name not in self.header]
        if set(WHOSE) & set(missing) or len(set(self.header)) < len(self.header):
            raise self._other("is there already, and is no table of this command")
        others = {name.removesuffix(LINE) for name in self.header}.difference(self.own)
        if missing or others & contents().keys():
            raise self._other("has the marks of other exercises")
        for number, row in enumerate(self.rows, start=2):
            if len(row) > len(self.header):
                raise self._other(f"has more cells than columns in row {number}")
            row += [""] * (len(self.header) - len(row))

    def _other(self, what):
        return Refused(f"{named(self.path)} {what}; name the same --ids, or a new file")

    def put(self, place, row):
        """Put in a row, in place of that of the same file of the same student.

        Parameters
        ----------
        place : int
            Where it stands among the rows that are new.
        row : list
            As from ``row``.
        """
        texts = map(self._text, map(safe, row))
        values = dict(zip(self.own, texts, strict=True))
        who, file = values["id"] or values["name"], values["file"]
        theirs = [row for row in self.rows if self._who(row) == who]
        if not file and theirs:
            theirs = [row for row in theirs if not self._file(row)]
            if not theirs:
                return  # an earlier run had a file
        same = [row for row in theirs if self._file(row) == file]
        same = same or [row for row in theirs if not self._file(row)][:1]
        for row in same:  # several, if somebody has copied one
            row[:] = [
                values.get(name, old)
                for name, old in zip(self.header, row, strict=True)
            ]
        if not same:
            self.new[place] = [values.get(name, "") for name in self.header]

    def _who(self, row):
        cells = dict(zip(self.header, row, strict=True))
        return cells["id"] or cells["name"]

    def _file(self, row):
        return row[self.header.index("file")]

    def _text(self, value):
        """Return a value as text; a number as spreadsheets of that country have it."""
        is_number = isinstance(value, float) and self.delimiter == ";"
        return re.sub(r"\.", ",", str(value)) if is_number else str(value)

    def write(self):
        """Write the file: whole, or not at all."""
        file = io.StringIO(newline="")
        rows = [*self.rows, *(self.new[place] for place in sorted(self.new))]
        csv.writer(file, delimiter=self.delimiter).writerows([self.header, *rows])
        # Names may hold what UTF-8 cannot; ``safe`` has written those out.
        replace_file(self.path, file.getvalue().encode("utf-8-sig"))
