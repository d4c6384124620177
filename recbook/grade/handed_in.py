"""Who handed in which file: the .csv files of a class's folder, and whose each is."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from recbook.grade.files import Refused, named
from recbook.lms import Student, class_folder, student_of, told_apart

__all__ = ["HandedIn", "handed_in"]


@dataclass(frozen=True)
class HandedIn:
    """A file to grade, or a folder without one.

    Parameters
    ----------
    student : Student
        Whose it is: of a team, the one who handed it in.
    name : str
        What the table calls it.
    path : Path or None
        The file.
    why : str
        Why there is none.
    """

    student: Student
    name: str
    path: Path | None = None
    why: str = ""


def handed_in(folder):
    """Return a list of what is in the folder of a class, sorted by names.

    Parameters
    ----------
    folder : Path
        With .csv files, or folders of them, as a learning platform exports them.

    Raises
    ------
    Refused
        If it is no folder or holds no .csv file.
    """
    if not folder.is_dir():
        raise Refused(f"{named(folder)} is no folder; name that of the unpacked files")
    inner = class_folder(folder, (".csv",))
    found = [_alone(path, inner) for path in _tables(inner)]
    for place in sorted(p for p in inner.iterdir() if p.is_dir()):
        if not place.name.startswith((".", "__")):
            found += _of_folder(place, student_of(place, inner))
    if not any(one.path for one in found):
        raise Refused(f"{named(folder)} holds no .csv file; collect the class's there")
    return _told_apart(found)


def _alone(path, folder):
    """Return a file that lies in no folder of its own."""
    student = student_of(path, folder)
    return HandedIn(student, student.name if student.id else path.name, path)


def _of_folder(place, student):
    """Return the files of a student's folder, or why there are none."""
    inside, why = [], ""
    try:
        inside = _tables(place)
    except OSError as error:
        why = f"the folder cannot be read: {error.strerror}"
    if place.is_symlink():
        why = "it is a link; copy the folder itself"
    if why or not inside:
        why = why or "there is no .csv file in the folder"
        return [HandedIn(student, student.name, None, why)]
    return [HandedIn(student, student.name, path) for path in inside]


def _tables(folder):
    """Return the .csv files of a folder, sorted."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() == ".csv")


def _told_apart(found):
    """Return the same with a name for each: namesakes by id, files by their names."""
    names = told_apart(one.student.key for one in found)
    files = Counter((one.student.key, one.name) for one in found)
    kept = []
    for one in found:
        name = one.name
        if name == one.student.name:  # and not the name of a file
            name = names[one.student.key]
        if files[one.student.key, one.name] > 1 and one.path:
            name = f"{name}/{one.path.name}"
        kept.append(replace(one, name=name))
    return kept
