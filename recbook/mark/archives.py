"""Zip archives that students send: read in memory, and nothing of them is unpacked."""

import contextlib
import io
import stat
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

from recbook._core.refusals import Refused, named
from recbook.mark.places import LARGEST, Place, is_shown, within

MOST_MEMBERS = 10_000  # in all archives of one student
MOST_BYTES = 200 * 2**20  # packed and unpacked, in all archives of one student
DEEPEST = 2  # an archive in an archive
_MEMBER = b"PK\x01\x02"  # begins a member's line in the table of contents
_ENCRYPTED = 0x1
# What a damaged archive makes ``zipfile`` raise.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError),
    *(OSError, OverflowError, RuntimeError, LookupError, ValueError),
)


class Allowance:
    """What the archives of one student may still take.

    >>> Allowance().take(bytes=MOST_BYTES + 1)
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: it unpacks to more than 200 MiB; hand in the ...
    """

    def __init__(self):
        self.members, self.bytes = MOST_MEMBERS, MOST_BYTES

    def take(self, members=0, bytes=0):
        """Take so much of it, or refuse."""
        self.members -= members
        self.bytes -= bytes
        if self.members < 0:
            raise Refused(
                f"it holds more than {MOST_MEMBERS:,} files; hand in the notebook alone"
            )
        if self.bytes < 0:
            raise Refused(
                f"it unpacks to more than {MOST_BYTES // 2**20} MiB; hand in the "
                "notebook alone"
            )


def opened(file):
    """Return an archive, by path or as an open file, or refuse what is none."""
    try:
        return zipfile.ZipFile(file)
    except _DAMAGED:
        raise Refused(
            "it is no zip archive, or a damaged one; hand in the notebook itself"
        ) from None


def unpacked(place, allowance, depth=1):
    """Return what an archive holds, and what archives in it hold, as places.

    Parameters
    ----------
    place : Place
        Of the archive.
    allowance : Allowance
        Of the student.
    depth : int
        1, and 1 more in each archive within.

    Raises
    ------
    Refused
        If it cannot be read, or not within the allowance.
    """
    data = place.read()
    allowance.take(data.count(_MEMBER), len(data))
    found = []
    for inside in places(opened(io.BytesIO(data)), place.path, allowance):
        if inside.path.suffix.lower() != ".zip" or inside.why:
            found.append(inside)
        elif depth == DEEPEST:
            why = "it is an archive within archives; hand in the notebook itself"
            found.append(Place(inside.path, why=why))
        else:
            try:
                found += unpacked(inside, allowance, depth + 1)
            except Refused as why:
                found.append(Place(inside.path, why=str(why)))
    return found


def places(archive, path, allowance=None, prefix=""):
    """Return the members of an archive as places: what its owner's system hides not.

    Of two with one name the later one is read, which unpacking writes over the other.

    Parameters
    ----------
    archive : ZipFile
        An open one.
    path : PurePosixPath
        Its own.
    allowance : Allowance, optional
        For each member a new one where none is given.
    prefix : str
        A folder in it, beyond which nothing is read.
    """
    found = {}
    for info in archive.infolist():
        name = info.filename.replace("\\", "/")
        parts = name.removeprefix(prefix).split("/")
        parts = [part for part in parts if part.strip(".")]  # ".." leads nowhere
        if not name.startswith(prefix) or not parts or not all(map(is_shown, parts)):
            continue
        inside = PurePosixPath(path, *parts)
        if info.is_dir():
            found[inside] = Place(inside)
        else:
            found[inside] = Place(inside, _reader(archive, info, allowance))
    return list(found.values())


def _reader(archive, info, allowance):
    """Return a function that reads a member."""

    def read():
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Refused("it is a link; pack the file itself")
        if info.flag_bits & _ENCRYPTED:
            raise Refused("it is locked by a password; pack it without one")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("it is packed in an unusual way; pack it as a plain zip")
        share = allowance or Allowance()
        share.take()  # or nothing more is unpacked
        try:
            with archive.open(info) as file:
                data = file.read(LARGEST + 1)
        except _DAMAGED:
            raise Refused("it is damaged in its archive; pack it again") from None
        share.take(bytes=len(data))
        return within(data)

    return read


@contextlib.contextmanager
def class_archive(path):
    """Yield the archive of a class, as a platform gives it, or refuse it.

    Parameters
    ----------
    path : Path
        A file.
    """
    try:
        archive = opened(path)
    except Refused:
        raise Refused(
            f"{named(path)} is no zip archive that can be read; unpack it, and name "
            "the folder"
        ) from None
    with archive:
        for name in archive.namelist():
            if {"", "..", "."} & set(name.replace("\\", "/").rstrip("/").split("/")):
                raise Refused(
                    f"{named(path)} holds {named(name)}, a name that no platform "
                    "writes; unpack it, and name the folder"
                )
        yield archive
