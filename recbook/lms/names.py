"""Whose a file is, by the names that Moodle and Canvas give what they export."""

import collections
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Student", "class_folder", "student_of", "told_apart"]

# Neither platform leaves in a student's name what follows it here, but a file may have
# any name: the first place that fits is the platform's.
_FILE = r"(?:[0-9]{3,}_.+|(?:text|link)\.html)"  # Canvas's attachment, text or link
_PLATFORM = re.compile(
    # Canvas, where students are anonymous: "LATE_anon_x7Kq2_67890_2.2.ipynb".
    rf"(?P<late>LATE_)?(?P<anon>anon)_(?P<anonymous>[A-Za-z0-9]+)_{_FILE}"
    r"|(?P<name>.*?)_(?:"
    # Canvas: "byronada_LATE_12345_67890_2.2.ipynb", with the number of the user.
    rf"(?P<late_too>LATE_)?(?P<user>[0-9]+)_{_FILE}"
    # Moodle: "Ada Byron_100201_assignsubmission_file_", a folder or before the name of
    # a file. The group of those who are in none has no number.
    r"|(?:(?P<participant>[0-9]+)_)?assignsubmission_[a-z]+.*)",
    re.DOTALL,
)
_ENDINGS = re.compile(
    r"(?:\.(?:ipynb|py|csv|txt|json|html?|pdf|zip|rar|7z|tar|t?gz))+", re.IGNORECASE
)


@dataclass(frozen=True)
class Student:
    """Who handed in a file. Two are the same only where name and id agree.

    Parameters
    ----------
    name : str
        As the platform writes it in names of files; or of the folder, or the file.
    id : str
        The number by which the platform knows the submission: of Moodle's participant
        or of Canvas's user. Empty where the name has none.
    late : bool
        Whether the name says so. Moodle's never do.
    folder : str
        The platform's own folder or file, under which a reply can be sent back.

    Examples
    --------
    >>> Student("Li Wei", "22345") == Student("Li Wei", "32345")
    False
    """

    name: str
    id: str = ""
    late: bool = False
    folder: str = ""

    @property
    def key(self):
        """What tells students apart: the name and the id."""
        return self.name, self.id


def student_of(path, folder):
    """Return whose a file or a folder is, by its name in the folder of a class.

    Parameters
    ----------
    path : str or Path
        What was handed in, in ``folder`` or further below it.
    folder : str or Path
        The class's.

    Returns
    -------
    Student
        By the first name below ``folder``, which need not be a platform's.

    Examples
    --------
    >>> ada = student_of("hw/Ada Byron_100201_assignsubmission_file_/2.2.ipynb", "hw")
    >>> ada.name, ada.id, ada.late
    ('Ada Byron', '100201', False)
    >>> student_of("hw/byronada_LATE_12345_67890_2.2.ipynb", "hw").late
    True
    >>> student_of("hw/ada.ipynb", "hw")
    Student(name='ada', id='', late=False, folder='ada.ipynb')
    """
    first = Path(path).relative_to(folder).parts[0]
    name, id, late = _parsed(first) or (_without_ending(first), "", False)
    # Some systems unpack "é" as two characters, others as one.
    name = unicodedata.normalize("NFC", name).strip()
    return Student(name or id or first, id, late, first)


def told_apart(keys):
    """Return what to call each student, key to name: with the id where it is shared.

    Parameters
    ----------
    keys : iterable of (str, str)
        Name and id of each, as from ``Student.key``.

    Examples
    --------
    >>> told = told_apart([("Li Wei", "22345"), ("Li Wei", "32345"), ("Ada", "7")])
    >>> list(told.values())
    ['Li Wei (22345)', 'Li Wei (32345)', 'Ada']
    """
    keys = dict.fromkeys(keys)
    shared = collections.Counter(name for name, _ in keys)
    return {
        (name, id): f"{name} ({id})" if shared[name] > 1 and id else name
        for name, id in keys
    }


def _parsed(name):
    """Return name, id and lateness of a platform's name; None for any other."""
    found = _PLATFORM.fullmatch(name)
    if not found:
        return None
    id = found["user"] or found["participant"] or found["anonymous"] or ""
    late = bool(found["late"] or found["late_too"])
    return found["name"] or found["anon"] or "", id, late


def _without_ending(name):
    """Return a name without what it ends in as a file: "ada" of "ada.ipynb.txt"."""
    ending = re.search(_ENDINGS.pattern + "$", name, re.IGNORECASE)
    return name[: ending.start()] or name if ending else name


def class_folder(folder, kinds):
    """Return the folder of a class, which may be one below: some archives unpack so.

    Parameters
    ----------
    folder : Path or zipfile.Path
        As the teacher names it.
    kinds : tuple of str
        How the names of files end that students hand in.

    Returns
    -------
    Path
        The only folder in it, if that one is no student's: it holds what a platform
        named, or several folders, and no other file of these kinds.

    Examples
    --------
    >>> class_folder(Path("nowhere"), (".csv",)).name
    'nowhere'
    """
    inside = _shown_in(folder)
    if len(inside) != 1 or _parsed(inside[0].name):
        return folder
    # A path in an archive knows no links before Python 3.12, and leads to none.
    if getattr(inside[0], "is_symlink", bool)():
        return folder
    below = _shown_in(inside[0])
    of_platform = [path for path in below if _parsed(path.name)]
    files = [path for path in below if path.suffix.lower() in kinds]
    folders = [path for path in below if path.is_dir()]
    is_class = all(path in of_platform for path in files) and (
        of_platform or len(folders) > 1
    )
    return inside[0] if is_class else folder


def _shown_in(folder):
    """Return what is in a folder, without what is hidden or an archive's own."""
    try:
        return [path for path in folder.iterdir() if path.name[:2] != "__" and
                path.name[0] != "."]  # fmt: skip
    except (OSError, ValueError):
        return []
