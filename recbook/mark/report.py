"""The marks on the terminal: a table, and a summary of the class."""

import collections

from recbook.grade.spreadsheet import safe
from recbook.mark.points import best_of, total_of

WIDEST = 60  # characters of a check's line in the summary


def table(sheets, marks, total):
    """Yield the lines of the table: names with points, and notes below them.

    Parameters
    ----------
    sheets : list of Sheet
        The files, those of a student one after the other.
    marks : list of dict of Mark
        Of each.
    total : float
        The points that there are.
    """
    names = [safe(sheet.called)[:60] for sheet in sheets]
    width = max(map(len, names))
    theirs = []
    for n, sheet in enumerate(sheets):
        late = "  late" * sheet.student.late
        yield f"{names[n]:<{width}}  {total_of(marks[n]):>3} of {total}{late}"
        yield from (f"    {safe(note)}" for note in sheet.notes)
        theirs.append(marks[n])
        following = sheets[n + 1 : n + 2]
        if not following or following[0].student.key != sheet.student.key:
            if len(theirs) > 1:
                points = total_of(best_of(theirs))
                yield f"    the best of {len(theirs)} files: {points} of {total}"
            theirs = []


def summary(results, ids):
    """Yield a line for each exercise: how many are right, and the commonest mistake.

    Parameters
    ----------
    results : list of dict
        Of each file that was handed in, id -> [right, line].
    ids : list of str
        In the order of the lines.
    """
    width = max(map(len, ids))
    for id in ids:
        right = sum(marks[id][0] for marks in results)
        lines = collections.Counter(m[id][1] for m in results if not m[id][0])
        often = ""
        if lines:
            line, count = lines.most_common(1)[0]
            line = safe(line)
            often = f"  {count} x {line if len(line) <= WIDEST else line[:59] + '…'}"
        yield f"{id:<{width}}  {right:>3} of {len(results)} right{often}"
