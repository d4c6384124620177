"""Texts to send back, in files that a learning platform takes all at once.

For Moodle they stand in the folders that it gave, for Canvas they begin with the names
that it gave: zipped, the folder is what *Upload multiple feedback files in a zip* and
*Upload submissions* take. Both find a student by the numbers in these names.
"""

import re
from pathlib import Path

from recbook._core.refusals import Refused, named
from recbook.lms.cells import replace_file

__all__ = ["Replies"]

LONGEST = 200  # bytes of a name
_MOODLE = re.compile(r"(.+_assignsubmission_[a-z]+)(_?)(.*)", re.DOTALL)


class Replies:
    """Where the texts of a class are written.

    Parameters
    ----------
    folder : str or Path
        Texts of an earlier run in it are replaced; what else is in it stays.
    students : iterable of Student
        Those who get a text.
    last : str
        The last line of each text, by which a command knows its own.

    Raises
    ------
    Refused
        If a text would take the place of a file that is not one of these texts.

    Examples
    --------
    >>> from recbook.lms import Student
    >>> ada = Student("Ada", "7", folder="Ada_7_assignsubmission_file_")
    >>> Replies("texts", [ada], "Graded.").places[ada.key].as_posix()
    'Ada_7_assignsubmission_file_/feedback.txt'
    """

    def __init__(self, folder, students, last):
        self.folder, self.last, self.places = Path(folder), last, {}
        if self.folder.exists() and not self.folder.is_dir():
            raise Refused(f"{named(folder)} is no folder; name a new one")
        for student in students:
            if student.key not in self.places:
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
        """Refuse to write where somebody else's file is."""
        if path.parent.is_symlink() or path.is_symlink():
            raise Refused(f"{named(path)} leads elsewhere by a link; name a new folder")
        try:
            theirs = path.exists() and not self._is_ours(path)
        except OSError:
            theirs = True
        if theirs:
            raise Refused(
                f"{named(path)} is there already, and is no text of this command; name "
                "a new folder"
            )

    def _is_ours(self, path):
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(10**6).rstrip().endswith(self.last.encode())

    def write(self, key, text):
        """Write the text of one student, the last line in it: whole, or not at all."""
        path = self.folder / self.places[key]
        path.parent.mkdir(parents=True, exist_ok=True)
        # With a mark in front, so that a browser takes it for UTF-8, too.
        replace_file(path, text.encode("utf-8-sig", "replace"))


def _clean(name):
    """Return a name that any file system takes."""
    shown = "".join(c if c.isprintable() else "_" for c in name)
    return re.sub(r"[^\w .-]", "_", shown).strip(" .")[:60] or "student"
