"""A text for each student, in files that can be sent back at once.

For Moodle they stand in the folders that it gave, for Canvas they begin with the names
that it gave: zipped, the folder is what *Upload multiple feedback files in a zip* and
*Upload submissions* take. Both find a student by the numbers in these names.
"""

import re
from pathlib import Path

from recbook._core.refusals import Refused, named
from recbook.checks import contents
from recbook.grade.spreadsheet import printable
from recbook.lms.cells import replace_file
from recbook.mark.files import BOOKS, ONE_OF, SUSPICION
from recbook.mark.points import total_of

FROM = "Marked by python -m recbook.mark."  # the last line, by which it knows its own
LONGEST = 200  # bytes of a name
_MOODLE = re.compile(r"(.+_assignsubmission_[a-z]+)(_?)(.*)", re.DOTALL)


def lines(marks, late=False):
    """Return what is said of a student's exercises: the sum, then each by its title.

    Parameters
    ----------
    marks : dict of Mark
        By exercise, in the order of the book.
    late : bool
        Whether it was handed in late.
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


class Replies:
    """Where the texts of a class are written.

    Parameters
    ----------
    folder : str or Path
        Texts of an earlier run in it are replaced; what else is in it stays.
    students : list of Student
        Each once.

    Raises
    ------
    Refused
        If a text would take the place of a file that is not one of these texts.
    """

    def __init__(self, folder, students):
        self.folder = Path(folder)
        if self.folder.exists() and not self.folder.is_dir():
            raise Refused(f"{named(folder)} is no folder; name a new one")
        self.places = {}
        for student in students:
            self.places[student.key] = self._place(student)
        for place in self.places.values():
            self._check(self.folder / place)

    def _place(self, student):
        """Return the path of a student's text in the folder."""
        moodle = _MOODLE.fullmatch(student.folder)
        if moodle and not moodle[3]:
            return Path(student.folder, "feedback.txt")
        if moodle:  # not downloaded in folders
            return Path(f"{moodle[1]}_feedback.txt")
        name = student.folder if student.id else _clean(student.name)
        cut = name.encode("utf-8", "surrogateescape")[:LONGEST]
        name = cut.decode("utf-8", "ignore")
        taken = {str(place).casefold() for place in self.places.values()}
        names = [f"{name}.txt", *(f"{name} {n}.txt" for n in range(2, 2 + len(taken)))]
        return Path(next(name for name in names if name.casefold() not in taken))

    def _check(self, path):
        if path.parent.is_symlink() or path.is_symlink():
            raise Refused(f"{named(path)} leads elsewhere by a link; name a new folder")
        try:
            theirs = path.exists() and not _is_ours(path)
        except OSError:
            theirs = True
        if theirs:
            raise Refused(
                f"{named(path)} is there already, and is no text of this command; name "
                "a new folder"
            )

    def write(self, key, text):
        """Write the text of one student: whole, or not at all."""
        path = self.folder / self.places[key]
        path.parent.mkdir(parents=True, exist_ok=True)
        # With a mark in front, so that a browser takes it for UTF-8, too.
        replace_file(path, text.encode("utf-8-sig", "replace"))


def _is_ours(path):
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(10**6).rstrip().endswith(FROM.encode())


def _clean(name):
    """Return a name that any file system takes."""
    return re.sub(r"[^\w .-]", "_", printable(name)).strip(" .")[:60] or "student"
