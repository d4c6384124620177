"""Rank a class: one row per file, and one place for files that are level."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recbook.evaluation.significance import paired_test
from recbook.grade.copies import likeness
from recbook.grade.files import Refused, named
from recbook.grade.films.scores import Score, gain
from recbook.grade.spreadsheet import write_csv
from recbook.lms import class_folder, student_of

__all__ = ["standings"]

LEVEL = 0.05
_GAIN = ["best baseline", "gain", "gain from", "gain to"]


@dataclass
class _Row:
    """A line of the table: of a file, or of a baseline, whose name is in brackets."""

    name: str
    score: Score
    remarks: list
    place: int = 0
    tied: bool = False
    p: float = np.nan


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
        A new file for the table with intervals and gains, to open as a spreadsheet.

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
    recbook._core.refusals.Refused: 'nowhere' is no folder; name the one with the files
    """
    folder = Path(folder)
    if csv is not None and Path(csv).exists():
        raise Refused(f"{named(csv)} is there already; name a new file")
    scores, refused = {}, {}
    for name, path, why in _files(folder):
        try:
            if why:
                raise Refused(why)
            if path.is_symlink():
                raise Refused("it is a link; copy the file itself")
            scores[name] = judge(path)
        except Refused as reason:
            refused[name] = str(reason)
    rows = _ranked(scores) if scores else []
    if csv is not None:
        _write(csv, rows, refused)
    lines = _printed(rows) if rows else ["No file could be graded."]
    lines += [f"refused: {named(name)}: {reason}" for name, reason in refused.items()]
    return "\n".join(lines)


def _files(folder):
    """Return (name, path, "") of each file to grade; of a folder, why not."""
    if not folder.is_dir():
        raise Refused(f"{named(folder)} is no folder; name the one with the files")
    inner = class_folder(folder, (".csv",))
    found = [(path.name, path, "") for path in _tables(inner)]
    for place in sorted(p for p in inner.iterdir() if p.is_dir()):
        if place.name.startswith((".", "__")):
            continue
        student, inside, why = student_of(place, inner).name, [], ""
        try:
            inside = _tables(place)
        except OSError as error:
            why = f"the folder cannot be read: {error.strerror}"
        if place.is_symlink():
            why = "it is a link; copy the folder itself"
        if why or not inside:
            found.append((student, None, why or "there is no .csv file in the folder"))
        elif len(inside) > 1:
            found += [(f"{student}/{path.name}", path, "") for path in inside]
        else:
            found.append((student, inside[0], ""))
    if not any(path for _, path, _ in found):
        raise Refused(f"{named(folder)} holds no .csv file; collect the class's there")
    return found


def _tables(folder):
    """Return the .csv files of a folder, sorted."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() == ".csv")


def _ranked(scores):
    """Return the rows from the best down, with their places."""
    remarks = likeness([named(name)[1:-1] for name in scores], list(scores.values()))
    rows = [
        _Row(name, score, [*_too_good(score), *filter(None, [remark])])
        for (name, score), remark in zip(scores.items(), remarks, strict=True)
    ]
    baselines = next(iter(scores.values())).baselines
    rows += [_Row(f"({score.name})", score, []) for score in baselines]
    sign = 1 if rows[0].score.errs else -1
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


def _write(path, rows, refused):
    """Write the table as CSV; what was refused stands below, with the reason."""
    measures = list(rows[0].score.measures) if rows else []
    header = ["place", "shared", "name", *measures, "from", "to", *_GAIN, "p"]
    header += ["remarks", "refused"]
    places = [row.place for row in rows]
    lines = [_cells(row, places.count(row.place) > 1) for row in rows]
    blanks = [""] * (len(header) - 4)
    lines += [["", "", name, *blanks, reason] for name, reason in refused.items()]
    try:
        write_csv(path, header, lines)
    except OSError as error:
        why = error.strerror or os.strerror(error.errno or 0)
        raise Refused(f"{named(path)} cannot be written: {why}") from None


def _cells(row, shared):
    """Return a row's cells, numbers as they are."""
    score = row.score
    beside = gain(score) if score.baselines else [""] * len(_GAIN)
    p = "" if np.isnan(row.p) else row.p
    return [
        *(row.place, "yes" if shared else "no"),
        *(row.name, *score.measures.values()),
        *(*score.interval, *beside, p, "; ".join(row.remarks), ""),
    ]
