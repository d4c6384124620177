"""The cache of ml-100k.zip: fetched once, verified each time, unpacked atomically.

The zip is what is trusted: its sha256 is checked at each use, and each unpacked file
against the zip. So whatever a crash or a second process left is found and fixed.
"""

import contextlib
import errno
import hashlib
import logging
import os
import shutil
import tempfile
import threading
import time
import zipfile
import zlib
from pathlib import Path

from recbook.datasets.files import SPLITS

__all__ = ["Unavailable", "cache_folder", "cached", "download"]

SHA256 = "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229"
MIRRORS = (
    "https://files.grouplens.org/datasets/movielens/ml-100k.zip",
    "https://web.archive.org/web/2020id_/https://files.grouplens.org/datasets/movielens/ml-100k.zip",
)
FILES = (
    "u.data",
    "u.item",
    "u.user",
    "u.genre",
    *(f"{name}.{half}" for name in SPLITS for half in ("base", "test")),
)
TIMEOUT = (3, 10)  # seconds to connect, and between two packets
PATIENCE = 8  # seconds of failing after which no further mirror is tried
DEADLINE = 180  # seconds for all of it: a line of 0.3 Mbit/s needs no more
LARGEST = 10_000_000  # bytes, twice those of the zip
REST = 3 * 3600  # seconds for which a failure is remembered
UNFINISHED = "recbook-new-"  # begins the name of what is renamed when it is whole
THREAD = "recbook-download"
_STAMP = "download-failed.txt"

_failure = None  # why this process failed to download, so that it tries once


class Unavailable(Exception):
    """The real data cannot be had here; the message says why."""


def cache_folder():
    """Return the folder of downloads: $RECBOOK_CACHE, or the platform's own place.

    Returns
    -------
    Path or None
        None where neither is known, since pooch, which knows it, is not installed.

    Raises
    ------
    Unavailable
        Where it is in a home folder that is not known, such as in a container.
    """
    try:
        if os.environ.get("RECBOOK_CACHE"):
            return Path(os.environ["RECBOOK_CACHE"]).expanduser()
        pooch = _pooch()
        return Path(pooch.os_cache("recbook")).expanduser() if pooch else None
    except RuntimeError as error:
        raise Unavailable(
            "no home folder is known; set RECBOOK_CACHE to the path of a folder"
        ) from error


def cached():
    """Return the unpacked folder where the cache has a sound zip.

    Returns
    -------
    Path

    Raises
    ------
    Unavailable
        Where it has none, or there is no writing what is still to unpack.
    """
    cache = cache_folder()
    if cache is None:
        raise Unavailable("no cache folder is known: pooch is not installed")
    archive = cache / "ml-100k.zip"
    if not archive.is_file():
        raise Unavailable(f"{archive} is not there")
    try:
        if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
            raise Unavailable(f"{archive} is damaged (its sha256 is wrong)")
        return _unpacked(archive, cache / "ml-100k")
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise Unavailable(
            f"{archive} cannot be read and unpacked there ({error}); "
            f"set RECBOOK_CACHE to a folder that you can write to"
        ) from error


def download(again=False):
    """Fetch the zip to the cache and return the unpacked folder.

    Parameters
    ----------
    again : bool
        Try even if a try failed a short while ago.

    Returns
    -------
    Path

    Raises
    ------
    Unavailable
        Where that is not possible, or not allowed by $RECBOOK_OFFLINE.
    """
    global _failure
    if os.environ.get("RECBOOK_OFFLINE", "0") not in ("", "0"):
        raise Unavailable("RECBOOK_OFFLINE is set")
    if _pooch() is None:
        raise Unavailable("pooch is not installed")
    cache = cache_folder()
    _check_writable(cache)
    reason = None if again else _failure or _remembered(cache)
    if reason is None:
        _sweep(cache)
        reason = _fetch_in_time(cache)
        _remember(cache, reason)
    _failure = reason
    if reason is not None:
        raise Unavailable(reason)
    return cached()


def _pooch():
    """Return the module pooch, or None where it is not installed (in a browser)."""
    try:
        import pooch
    except ImportError:
        return None
    return pooch


def _fetch_in_time(cache):
    """Return what :func:`_fetch` does, or that it takes too long, and leave it alone.

    The timeouts of a connection do not bound the whole: each byte begins them anew.
    """
    answer = []
    thread = threading.Thread(
        target=lambda: answer.append(_fetch(cache)), name=THREAD, daemon=True
    )
    thread.start()
    thread.join(DEADLINE)
    return answer[0] if answer else f"it took longer than {DEADLINE} s"


class _Limit:
    """Stops a download that is too large; pooch takes it for a bar of progress."""

    size = total = 0

    def update(self, n):
        self.size += n
        if self.size > LARGEST:
            raise OSError(errno.EFBIG, "it is larger than ml-100k.zip")

    def reset(self):  # when all has come; it is then counted once more
        self.size = 0

    def close(self):
        pass


def _fetch(cache):
    """Try the mirrors in turn; return None, or why all failed."""
    pooch = _pooch()
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)  # its "Downloading ..." would land in the page
    reasons = []
    start = time.monotonic()
    try:
        for url in MIRRORS:
            if reasons and time.monotonic() - start > PATIENCE:
                break
            try:
                # To a temporary folder, checked, then renamed: all or nothing.
                with tempfile.TemporaryDirectory(dir=cache, prefix=UNFINISHED) as new:
                    archive = pooch.retrieve(
                        url,
                        known_hash=f"sha256:{SHA256}",
                        fname="ml-100k.zip",
                        path=new,
                        downloader=pooch.HTTPDownloader(
                            progressbar=_Limit(), timeout=TIMEOUT
                        ),
                    )
                    os.replace(archive, cache / "ml-100k.zip")
            except (OSError, ValueError) as error:  # no network, or another content
                reasons.append(f"{url}: {_brief(error)}")
            else:
                return None
    finally:
        logger.setLevel(level)
    return "; ".join(reasons)


def _brief(error):
    """Say an error of the network or of the checksum in a few words."""
    if isinstance(error, OSError):
        if error.strerror:  # the disk's, such as no space left
            return error.strerror
        return f"no answer ({type(error).__name__})"
    return "its content is not ml-100k.zip (another sha256)"


def _check_writable(cache):
    """Refuse a cache folder in which nothing can be kept."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache):
            pass
    except OSError as error:
        raise Unavailable(
            f"the cache folder {cache} cannot be written to "
            f"({error.strerror or error}); set RECBOOK_CACHE to one that can"
        ) from error


def _remembered(cache):
    """Return why a try failed in the last hours, or None."""
    stamp = cache / _STAMP
    try:
        age = time.time() - stamp.stat().st_mtime
        return stamp.read_text("utf-8") if 0 <= age < REST else None
    except OSError:
        return None


def _remember(cache, reason):
    """Keep the reason of a failure, or forget it after a success."""
    stamp = cache / _STAMP
    with contextlib.suppress(OSError):  # the stamp only saves time
        if reason is None:
            stamp.unlink(missing_ok=True)
        else:
            stamp.write_text(reason, "utf-8")


def _sweep(folder):
    """Remove what processes that were killed a day ago or earlier left unfinished."""
    for path in folder.glob(f"{UNFINISHED}*"):
        with contextlib.suppress(OSError):  # another process may do the same
            if time.time() - path.stat().st_mtime > 24 * 3600:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _unpacked(archive, folder):
    """Return the folder of the archive's files, fixing what is absent or differs."""
    _sweep(folder)
    with zipfile.ZipFile(archive) as zipped:
        for name in FILES:
            member = zipped.getinfo(f"ml-100k/{name}")
            path = folder / name
            if path.is_file() and zlib.crc32(path.read_bytes()) == member.CRC:
                continue
            folder.mkdir(exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=UNFINISHED)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(zipped.read(member))
                os.replace(temporary, path)
            except BaseException:
                os.unlink(temporary)
                raise
    return folder
