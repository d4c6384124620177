"""A text for each student on what was marked; ``recbook.lms.Replies`` writes them."""

from recbook.checks import contents
from recbook.grade.spreadsheet import printable
from recbook.mark.files import BOOKS, ONE_OF, SUSPICION
from recbook.mark.numbers import own_numbers
from recbook.mark.points import total_of

FROM = "Marked by python -m recbook.mark."  # the last line, by which it knows its own
UNMARKED = "No points yet, as this could not be marked."


def lines(marks, late=False, number=None):
    """Return what is said of a student's exercises: the sum, then each by its title.

    Parameters
    ----------
    marks : dict of Mark
        By exercise, in the order of the book.
    late : bool
        Whether it was handed in late.
    number : int, optional
        Of the student, if a list of the class has one.
    """
    known = contents()
    points, of = total_of(marks), sum(mark.of for mark in marks.values())
    said = [f"{points} of {of:g} points." + " Handed in late." * late]
    partly = any(mark.of != 1 or mark.why is not None for mark in marks.values())
    for id, mark in marks.items():
        line = mark.line
        if mark.why is not None:
            line = f"{mark.why} (the check says: {line})"
        share = f" [{mark.points:g} of {mark.of:g}]" if partly else ""
        title = " ".join(filter(None, known.get(id, (id, ""))))
        own = own_numbers(id, number)
        title += f" ({own})" * bool(own)
        said.append(f"{title}: {printable(line)}{share}")
    return said


def text(sheets, said):
    """Return the text for one student.

    Parameters
    ----------
    sheets : list of Sheet
        The student's files.
    said : list of str
        As from ``lines``.
    """
    happened = [
        f"In {printable(_below(sheet.file))}: {printable(note)}"
        for sheet in sheets
        for note in sheet.notes
        if not note.startswith((SUSPICION, BOOKS, ONE_OF))
    ]
    if len(sheets) > 1:
        files = f"Of your {len(sheets)} files, the better answer counts each time."
        happened.insert(0, files)
    first, *others = said
    blocks = [[printable(sheets[0].who), first], happened, others, [FROM]]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _below(file):
    """Return a path as a student knows it: without the platform's folder in front."""
    return file.partition("/")[2] or file
