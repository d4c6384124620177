"""The command line of marking."""

import contextlib
import os
import sys

from recbook._core.refusals import Refused, named
from recbook.lms import Gradebook, Replies, Worksheet
from recbook.mark import options as command_line
from recbook.mark import report
from recbook.mark.classlist import ClassList
from recbook.mark.files import collect
from recbook.mark.judges import CHANGED, mark_all
from recbook.mark.numbers import give_numbers
from recbook.mark.points import Scheme, best_of, total_of
from recbook.mark.replies import FROM, UNMARKED, lines, text
from recbook.mark.table import Table, row


def main(arguments=None):
    """Do what the command line says; return the exit status."""
    options = command_line.parsed(arguments)
    try:
        if not hasattr(os, "fork"):
            raise Refused("marking needs Linux or macOS; on Windows, run it in WSL")
        class_ = Class(options)
    except Refused as reason:
        print(f"recbook.mark: {reason}.", file=sys.stderr)
        return 2
    told = class_.mark()
    unmarked = class_.print()
    written = class_.write()
    for sentence in told:
        print(f"\n{sentence}")
    whole = not any(CHANGED in sheet.notes for sheet in class_.sheets)
    return 0 if whole and written and not unmarked else 1


class Class:
    """What is to be marked, by which points, and where the marks go.

    Parameters
    ----------
    options : argparse.Namespace
        As the command line says.

    Raises
    ------
    Refused
        Before anything runs, where one of them cannot be.
    """

    def __init__(self, options):
        command_line.checked(options)
        self.options, self.ids = options, command_line.ids_of(options)
        self.scheme = Scheme(self.ids, options.points)
        self.list = ClassList(collect(options.folder), self._given())
        self.sheets = self.list.sheets
        if options.numbers:
            give_numbers(options.numbers, self.list)
        self.aside = 0
        if options.overrides:
            self.aside = self.scheme.take_overrides(options.overrides, self.list)
        self.results = [None] * len(self.sheets)
        self.replies = self.table = None
        if options.feedback:
            students = {s.student.key: s.student for s in self.sheets if s.file}
            self.replies = Replies(options.feedback, students.values(), FROM)
        if options.csv:
            try:
                self.table = Table(options.csv, self.ids)
            except OSError as error:
                raise Refused(_unwritten(options.csv, error)) from None

    def _given(self):
        """Return the table of a platform, None without."""
        if self.options.worksheet:
            return Worksheet(self.options.worksheet)
        if self.options.gradebook:
            return Gradebook(self.options.gradebook, self.options.column)
        return None

    def mark(self):
        """Mark all files; return what no fence keeps a file from."""
        from tqdm import tqdm

        options, told = self.options, []
        limits = options.seconds, options.memory, min(options.jobs, len(self.sheets))
        done = mark_all(self.sheets, self.ids, *limits, told)
        for place, results, notes in tqdm(done, total=len(self.sheets), disable=None):
            self.results[place], sheet = results, self.sheets[place]
            sheet.notes += notes
            if self.table is not None:
                self.table.put(place, row(sheet, self._marks(place)))
                with contextlib.suppress(OSError):  # it is written again at the end
                    self.table.write()
            if CHANGED in notes:
                print(
                    f"recbook.mark: while {named(sheet.file)} was marked, files of "
                    "recbook itself were changed. The marks are by what was loaded "
                    "before; install recbook again, and mark in a container.",
                    file=sys.stderr,
                )
        return told

    def _marks(self, place):
        """Return the marks of a file."""
        key = self.sheets[place].student.key
        return self.scheme.marks(key, self.results[place])

    def print(self):
        """Print the table and the summary; return how many files were not marked."""
        sheets, handed_in = self.sheets, [bool(sheet.file) for sheet in self.sheets]
        marks = [self._marks(place) for place in range(len(sheets))]
        for line in report.table(sheets, marks, self.scheme.total):
            print(line)
        print()
        results = [r for r, file in zip(self.results, handed_in, strict=True) if file]
        for line in report.summary(results, self.ids):
            print(line)
        n = sum(_is_unmarked(sheet) for sheet in sheets)
        if n:
            files = "files were" if sum(handed_in) > 1 else "file was"
            print(f"\n{n} of {sum(handed_in)} {files} not marked.")
        if self.aside:
            rows = "1 row is" if self.aside == 1 else f"{self.aside} rows are"
            print(f"\n{rows} about exercises that are not marked here.")
        return n

    def write(self):
        """Write the files that were asked for; return whether that went well."""
        options = self.options
        tasks = [
            (options.csv, self.table and self.table.write),
            (options.feedback, self.replies and self._write_replies),
            (options.worksheet or options.gradebook, self.list.table and self._fill),
        ]
        going_well = True
        for path, task in tasks:
            try:
                if task:
                    task()
            except (OSError, Refused) as error:
                going_well = False
                why = error if isinstance(error, Refused) else _unwritten(path, error)
                print(f"recbook.mark: {why}.", file=sys.stderr)
        return going_well

    def _students(self):
        """Yield (student, places of the files, the best marks) of each student."""
        theirs = {}
        for place, sheet in enumerate(self.sheets):
            theirs.setdefault(sheet.student.key, []).append(place)
        for places in theirs.values():
            marks = best_of([self._marks(place) for place in places])
            yield self.sheets[places[0]].student, places, marks

    def _write_replies(self):
        for student, places, marks in self._students():
            sheets = [self.sheets[place] for place in places if self.sheets[place].file]
            if sheets:
                late = any(sheet.student.late for sheet in sheets)
                said = lines(marks, late, sheets[0].number)
                said = said if _is_graded(sheets, marks) else [UNMARKED]
                self.replies.write(student.key, text(sheets, said))

    def _fill(self):
        graded = {}
        for student, places, marks in self._students():
            sheets = [self.sheets[place] for place in places]
            if _is_graded(sheets, marks):
                late = any(sheet.student.late for sheet in sheets)
                share = total_of(marks) / self.scheme.total
                graded[student.key] = share, lines(marks, late, sheets[0].number)
        print()
        for line in self.list.fill(named(self.list.table.cells.path), graded):
            print(line)


def _is_unmarked(sheet):
    return any(note.startswith("not marked") for note in sheet.notes)


def _is_graded(sheets, marks):
    """Whether a file of a student was marked, or a point is given by hand."""
    is_marked = any(sheet.file and not _is_unmarked(sheet) for sheet in sheets)
    return is_marked or any(mark.why is not None for mark in marks.values())


def _unwritten(path, error):
    return f"{named(path)} cannot be written: {error.strerror}"
