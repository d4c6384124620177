"""The marks for a teacher: a table, a summary of the class, and replies to students."""

import collections
import re

from recbook.grade.spreadsheet import safe
from recbook.mark.files import BOOKS, SUSPICION

WIDEST = 60  # characters of a check's line in the summary


def columns(ids):
    """Return the names of the columns of the table."""
    return [
        *("name", "id", "late"),
        "file",
        "points",
        "of",
        "note",
        *ids,
        *(f"{id}: line" for id in ids),
    ]


def row(sheet, marks, ids):
    """Return the row of a file."""
    right = [int(marks[id][0]) for id in ids]
    lines = [marks[id][1] for id in ids]
    note = "; ".join(sheet.notes)
    student = sheet.student
    whose = [student.name, student.id, "yes" if student.late else ""]
    return [*whose, sheet.file, sum(right), len(ids), note, *right, *lines]


def table(sheets, results, ids):
    """Yield the lines for the terminal: names with points, and notes below them."""
    names = [safe(sheet.called)[:40] for sheet in sheets]
    width = max(map(len, names))
    for sheet, name, marks in zip(sheets, names, results, strict=True):
        points = sum(right for right, _ in marks.values())
        yield f"{name:<{width}}  {points:>3} of {len(ids)}"
        yield from (f"    {safe(note)}" for note in sheet.notes)


def summary(results, ids):
    """Yield a line for each exercise: how many are right, and the commonest mistake."""
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


def feedback(folder, sheets, results, ids):
    """Write a text for each file, to be sent back.

    Parameters
    ----------
    folder : Path
        An empty one.
    sheets : list of Sheet
        The files.
    results : list of dict
        The marks of each, id -> [right, line].
    ids : list of str
        In the order of the text.
    """
    for number, (sheet, marks) in enumerate(zip(sheets, results, strict=True), start=1):
        right = sum(ok for ok, _ in marks.values())
        text = [f"# {_plain(sheet.who)}", "", f"{right} of {len(ids)} right.", ""]
        for_all = [n for n in sheet.notes if not n.startswith((SUSPICION, BOOKS))]
        text += [f"In {_quoted(sheet.file)}: {_quoted(note)}\n" for note in for_all]
        text += [f"- `{id}`: {_quoted(marks[id][1])}" for id in ids]
        name = re.sub(r"[^\w .-]", "_", safe(sheet.who)).strip(" .")[:60] or "student"
        path = folder / f"{number:03} {name}.md"
        path.write_text("\n".join(text) + "\n", encoding="utf-8")


def _quoted(line):
    """Return a line as code: the same in Markdown and in a box for plain text."""
    return "`" + safe(line).removeprefix("'").replace("`", "'") + "`"


def _plain(line):
    """Return a line that Markdown shows as it is."""
    return re.sub(r"([\\`*_<>\[\]#|])", r"\\\1", safe(line).removeprefix("'"))
