"""The folder where a class is marked, and whether what marks it is as it was."""

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from recbook._core.order import PACKAGE
from recbook.mark.kernels import copy_kernels

PREFIX = "recbook-mark-"
NEW = 60  # seconds in which a folder may not be locked yet
PYTHON = os.path.dirname(os.__file__)
LEVELS = 50  # of locked folders, one inside the other
LOADED = (".py", ".pyc", ".nbi", ".nbc", ".so")


@contextlib.contextmanager
def workplace():
    """Yield a folder that goes when it is left, with the kernels in it.

    Those that an earlier command left, since it was killed, go as well.
    """
    import fcntl  # Windows, where nothing is marked, has none

    _sweep()
    made = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = os.open(made, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.getuid() == 0:
            made.chmod(0o711)  # a student's account finds its own folder in it
        copy_kernels(made / "kernels")
        yield made
    finally:
        os.close(lock)
        remove(made)


def _sweep():
    """Remove what nobody has locked any more."""
    import fcntl

    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            found = old.lstat()
            new = time.time() - found.st_mtime < NEW
            if old.is_symlink() or found.st_uid != os.getuid() or new:
                continue
            lock = os.open(old, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(old)
            finally:
                os.close(lock)


def remove(folder):
    """Remove a folder as far as can be done, also one that has locked itself up.

    Only folders inside of it are opened: a link in it may lead anywhere.
    """
    folder = os.path.abspath(folder)

    def unlock(_, path, __):
        for place in (os.path.dirname(path), path):
            inside = place == folder or place.startswith(folder + os.sep)
            if inside and os.path.isdir(place) and not os.path.islink(place):
                with contextlib.suppress(OSError):
                    os.chmod(place, 0o700)

    with contextlib.suppress(Exception):  # a tree of 10,000 levels, for example
        for _ in range(LEVELS):  # each time one level deeper into what is locked
            shutil.rmtree(folder, onerror=unlock)
            if not os.path.lexists(folder):
                break


def libraries():
    """Return the folders of Python's own and of installed packages, without others.

    The folder where the teacher stands is none of them: there may be anything.
    """
    return [path for path in sys.path if path.endswith("-packages")]


def package(*more):
    """Return what is in the files of recbook, and in what was compiled of them.

    Parameters
    ----------
    *more : Path
        Other folders.
    """
    found = {}
    for folder in (PACKAGE, *more):
        for path in folder.rglob("*"):
            if path.suffix in LOADED:
                with contextlib.suppress(OSError):
                    data = path.read_bytes()
                    found[str(path)] = hashlib.sha256(data).digest()
    return found


def installed():
    """Return size, times and number of each file that Python may load.

    To read them all would take minutes. Who changes a file can set its time back, but
    not that of the change.
    """
    found = {}
    for top in {*libraries(), PYTHON}:
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    is_ = os.stat(path)
                    times = is_.st_mtime_ns, is_.st_ctime_ns
                    found[path] = is_.st_size, *times, is_.st_ino
    return found
