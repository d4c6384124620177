"""The folder where a class is marked, and whether recbook's files have changed."""

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
NEW = 60  # seconds: a younger folder may not be locked yet
PYTHON = os.path.dirname(os.__file__)
LEVELS = 50  # of locked folders, one inside the other
LOADED = (".py", ".pyc", ".nbi", ".nbc", ".so")


@contextlib.contextmanager
def workplace():
    """Yield a new folder with the kernels in it, and remove it afterwards.

    Folders of earlier commands that were killed are removed, too.
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
    """Remove the folders that no command has locked any more."""
    import fcntl

    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            facts = old.lstat()
            new = time.time() - facts.st_mtime < NEW
            if old.is_symlink() or facts.st_uid != os.getuid() or new:
                continue
            lock = os.open(old, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(old)
            finally:
                os.close(lock)


def remove(folder):
    """Remove a folder as far as possible, even where its own rights forbid it.

    Rights are changed of folders inside it only, as a link in it may lead anywhere.
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
    """Return the folders of installed packages that Python searches.

    The folder where the command runs is not among them: anything may lie there.
    """
    return [path for path in sys.path if path.endswith("-packages")]


def package(*more):
    """Return a digest of each file of recbook and of each of its compiled kernels.

    Parameters
    ----------
    *more : Path
        Folders beside that of the package.
    """
    digests = {}
    for folder in (PACKAGE, *more):
        for path in folder.rglob("*"):
            if path.suffix in LOADED:
                with contextlib.suppress(OSError):
                    data = path.read_bytes()
                    digests[str(path)] = hashlib.sha256(data).digest()
    return digests


def installed():
    """Return the size, the times and the inode of each file that Python may load.

    To read them all would take minutes. The time of a file's last change of content can
    be set back, but not the time at which its facts were changed.
    """
    facts = {}
    for top in {*libraries(), PYTHON}:
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    now = os.stat(path)
                    times = now.st_mtime_ns, now.st_ctime_ns
                    facts[path] = now.st_size, *times, now.st_ino
    return facts
