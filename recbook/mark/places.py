"""Where something lies that was handed in, and how to read it."""

import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from recbook._core.refusals import Refused, named

LARGEST = 50 * 2**20  # bytes of a notebook with its outputs
PACKED = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz")
# What Safari and Canvas make of "a.ipynb", too: "a.ipynb.txt", "a.ipynb-1.txt".
_KIND = re.compile(
    r"\.(ipynb|py)(?:[ _]?\([0-9]+\)|-[0-9]+)?(?:\.(?:txt|json))?\Z", re.IGNORECASE
)
_SYSTEM = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}


@dataclass
class Place:
    """A file that was handed in, or a folder.

    Parameters
    ----------
    path : PurePath
        From the folder of the class.
    read : callable, optional
        Returns what is in the file, or refuses. A folder has none.
    why : str
        The reason for which it is not read, if there is one.

    Examples
    --------
    >>> Place(PurePath("Ada/work.ipynb.txt"), read=bytes).kind
    'ipynb'
    """

    path: PurePath
    read: object = None
    why: str = ""

    @property
    def kind(self):
        """What it is by its name: "ipynb", "py", "packed", or "" for anything else."""
        if not self.read and not self.why:
            return ""
        found = _KIND.search(self.path.name)
        if found:
            return found[1].lower()
        return "packed" if self.path.suffix.lower() in PACKED else ""


def is_shown(name):
    """Return whether a file or folder is somebody's work, and not a system's own.

    >>> is_shown("a.ipynb"), is_shown("._a.ipynb"), is_shown("__MACOSX")
    (True, False, False)
    """
    return name[0] not in ".~" and name not in _SYSTEM


def within(data):
    """Return what was read of a file, or refuse where it is too large."""
    if len(data) > LARGEST:
        raise Refused(f"it is larger than {LARGEST // 2**20} MiB; clear its outputs")
    return data


def of_file(path):
    """Return what a file on disk holds, or refuse."""
    if path.is_symlink() or not path.is_file():
        raise Refused("it is a link or no regular file; copy the file itself")
    try:
        with path.open("rb") as file:
            return within(file.read(LARGEST + 1))
    except OSError as error:
        raise Refused(f"it cannot be read: {error.strerror}") from None


def of_folder(folder):
    """Return all that lies in a folder of a disk, as places, sorted.

    >>> of_folder(Path("nowhere"))
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere' cannot be read: No such file or directory
    """
    found = []

    def unread(error):
        place = Path(error.filename)
        if place == folder:
            raise Refused(f"{named(folder)} cannot be read: {error.strerror}")
        why = f"the folder cannot be read: {error.strerror}"
        found.append(Place(place.relative_to(folder), why=why))

    for place, folders, names in os.walk(folder, onerror=unread):
        inside = Path(place).relative_to(folder)
        folders[:] = sorted(filter(is_shown, folders))
        for name in folders:
            is_link = Path(place, name).is_symlink()
            why = "it is a link; copy the folder itself" if is_link else ""
            found.append(Place(inside / name, why=why))
        for name in sorted(filter(is_shown, names)):
            read = functools.partial(of_file, Path(place, name))
            found.append(Place(inside / name, read))
    return found
