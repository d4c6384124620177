"""Rank a class: one row per file, and one place for files that are level."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from recbook.evaluation.significance import paired_test
from recbook.grade.copies import likeness
from recbook.grade.files import Refused, named
from recbook.grade.films.scores import Score, gain
from recbook.grade.handed_in import HandedIn, handed_in
from recbook.grade.spreadsheet import write_csv
from recbook.lms import Student

__all__ = ["Row", "Table", "graded_class", "standings"]

LEVEL = 0.05
_GAIN = ["best baseline", "gain", "gain from", "gain to"]


@dataclass
class Row:
    """A line of the table: of a file, or of a baseline, whose name is in brackets."""

    name: str
    score: Score
    remarks: list = field(default_factory=list)
    file: HandedIn | None = None
    place: int = 0
    tied: bool = False
    p: float = np.nan


@dataclass
class Table:
    """A class that was graded.

    Parameters
    ----------
    rows : list of Row
        From the best down, baselines among them.
    refused : list of (HandedIn, str)
        Files that were not graded, with the reason.
    codes : dict
        Code name of each student, by key, where names are not shown to the class.
    """

    rows: list
    refused: list
    codes: dict = field(default_factory=dict)

    @property
    def files(self):
        """The rows without the baselines."""
        return [row for row in self.rows if row.file]

    def shared(self, row):
        """Return whether others have the place of a row."""
        return sum(other.place == row.place for other in self.rows) > 1

    def rivals(self):
        """Return the rows whose forecast is ranked, from the best down."""
        given = [row for row in self.files if not np.isnan(row.score.rivalry)]
        return sorted(given, key=lambda row: (row.score.rivalry, row.name))

    def printed(self):
        """Return the lines to print."""
        lines = _printed(self.rows) if self.rows else ["No file could be graded."]
        return lines + [
            f"refused: {named(file.name)}: {reason}" for file, reason in self.refused
        ]

    def write(self, path):
        """Write the table as CSV; what was refused stands below, with the reason."""
        some = self.files[0].score if self.files else None
        measures, more, points = (
            (list(some.measures), list(some.columns()), list(some.points()))
            if some
            else ([], [], [])
        )
        whose = ["name", *["code name"] * bool(self.codes), "id", "late"]
        header = ["place", "shared", *whose, *measures, "from", "to", *_GAIN, "p"]
        header += [*more, *(f"points: {name}" for name in points), "remarks", "refused"]
        lines = [self._cells(row, more, points) for row in self.rows]
        blanks = [""] * (len(header) - len(whose) - 3)
        for file, reason in self.refused:
            lines.append(["", "", *self._whose(file), *blanks, reason])
        try:
            write_csv(path, header, lines)
        except OSError as error:
            why = error.strerror or os.strerror(error.errno or 0)
            raise Refused(f"{named(path)} cannot be written: {why}") from None

    def _cells(self, row, more, points):
        """Return a row's cells, numbers as they are."""
        score = row.score
        beside = gain(score) if score.baselines else [""] * len(_GAIN)
        columns, got = score.columns(), score.points()
        return [
            *(row.place, "yes" if self.shared(row) else "no"),
            *self._whose(row.file, row.name),
            *(*score.measures.values(), *score.interval, *beside, _cell(row.p)),
            *(_cell(columns[name]) for name in more),
            *(got[name][0] if name in got else "" for name in points),
            *("; ".join(row.remarks), ""),
        ]

    def _whose(self, file, name=""):
        """Return the cells that say whose a row is."""
        student = file.student if file else Student(name)
        code = [self.codes.get(student.key, "")] if self.codes else []
        late = "yes" if student.late else ""
        return [file.name if file else name, *code, student.id, late]

    def name(self, row):
        """Return what a row is called where the class sees it."""
        if row.file is None:
            return row.score.name
        return self.codes.get(row.file.student.key) or row.name


def _cell(value):
    """Return a number as it is, and nothing for one that is none."""
    return "" if isinstance(value, float) and np.isnan(value) else value


def standings(folder, judge, csv=None):
    """Grade all .csv files of a folder into one ranked table.

    From the best down, each row is tested against the first row of the place above it,
    person by person (:func:`recbook.evaluation.paired_test`). If p is 0.05 or more, or
    the two printed scores are equal, they share the place, marked "=": the data cannot
    tell them apart. The rows of a shared place are each tied with its first,
    not always with one another.

    A file in a folder of its own, as learning platforms export it, has the folder's
    name; where there are several, they are all graded. A remark names files with the
    same predictions, or nearly: one that was rounded, shifted or scaled, or made by the
    same model with settings near by, so ask before you judge.

    Parameters
    ----------
    folder : str or Path
        Files in it that are refused stand below the table, with the reason.
    judge : callable
        ``judge(path) -> Score``, the same for all.
    csv : str or Path, optional
        A new file for the table with intervals, gains, forecasts and points, to open as
        a spreadsheet.

    Returns
    -------
    str
        Lines to print.

    Raises
    ------
    Refused
        If it is no folder or holds no .csv file, or if ``csv`` cannot be written.

    Examples
    --------
    >>> standings("nowhere", judge=None)
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere' is no folder; name that ...
    """
    if csv is not None and Path(csv).exists():
        raise Refused(f"{named(csv)} is there already; name a new file")
    table = graded_class(folder, judge)
    if csv is not None:
        table.write(csv)
    return "\n".join(table.printed())


def graded_class(folder, judge):
    """Return the Table of a folder; see :func:`standings`."""
    graded, refused = [], []
    for file in handed_in(Path(folder)):
        try:
            if file.why:
                raise Refused(file.why)
            if file.path.is_symlink():
                raise Refused("it is a link; copy the file itself")
            graded.append((file, judge(file.path)))
        except Refused as reason:
            refused.append((file, str(reason)))
    return Table(_ranked(graded) if graded else [], refused)


def _ranked(graded):
    """Return the rows from the best down, with their places."""
    scores = [score for _, score in graded]
    remarks = likeness([named(file.name)[1:-1] for file, _ in graded], scores)
    rows = [
        Row(file.name, score, [*_too_good(score), *filter(None, [remark])], file)
        for (file, score), remark in zip(graded, remarks, strict=True)
    ]
    rows += [Row(f"({score.name})", score) for score in scores[0].baselines]
    sign = 1 if scores[0].errs else -1
    rows.sort(key=lambda row: (sign * row.score.value, row.name))
    first = None
    for number, row in enumerate(rows, start=1):
        if first is not None:
            row.p = _p(row.score.people, first.score.people)
            # What rounds to the same is the same, however sure its last digit is.
            same = f"{first.score.value:.4f}" == f"{row.score.value:.4f}"
            row.tied = row.p >= LEVEL or same
        if not row.tied:
            row.place, first = number, row
        row.place = first.place
    return rows


def _too_good(score):
    """Return the heads of the remarks that a teacher should ask about."""
    return [line.partition(":")[0] for line in score.remarks if "Too good" in line]


def _p(a, b):
    """Two-sided p that two columns of people differ by chance; 1 where none does."""
    d = a - b
    if np.count_nonzero(~np.isnan(d)) < 2 or not np.nan_to_num(d).any():
        return 1.0
    return paired_test(a, b).p


def _printed(rows):
    """Return the lines of the ranked part."""
    names = [named(row.name)[1:-1] for row in rows]
    width, lines = max(map(len, names)), []
    for row, name in zip(rows, names, strict=True):
        measures = "   ".join(f"{m} {v:.4f}" for m, v in row.score.measures.items())
        against = "" if np.isnan(row.p) else f"   p {row.p:.4f}"
        remarks = "".join(f"   {remark}" for remark in row.remarks)
        mark = "=" if row.tied else " "
        lines.append(f"{row.place:>3}{mark}  {name:<{width}}   {measures}{against}"
                     f"{remarks}")  # fmt: skip
    note = (
        f"=: shares the place, as p against its first is {LEVEL} or more, or the score "
        "is the same. p of the others: against the place above. In brackets: baselines."
    )
    return [*lines, note]
