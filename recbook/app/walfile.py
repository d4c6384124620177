"""The store's write-ahead log: is anything of it lost?

SQLite reads the log up to the first damaged frame and silently drops the rest, as if a
crash had cut a write short. But a frame that ends a transaction was acknowledged,
unless the power failed while it was on its way. Two witnesses tell what there was: the
marks of the frames themselves, and the index beside the log (``-shm``), which counts
them.
"""

import contextlib
import logging
import os
import shutil
import sys
import time

__all__ = ["keep", "lost", "promised"]

log = logging.getLogger("recbook.app")

HEAD, FRAME = 32, 24  # bytes before the first frame, and before the page of each
PATIENCE = 1.0  # seconds for a commit of another process to reach the index
NO_SALT = {None, bytes(8)}  # of no index, or of one without a log


def promised(path):
    """Return which frame of ``path``'s log was the last to end a transaction.

    Its number is 0 where none is missed, so also where all of them are in the file
    already. With it comes a set of the salts that the log and its index have now: a log
    that begins anew has another.

    >>> from pathlib import Path
    >>> promised(Path("nowhere.sqlite"))
    (0, {None})
    """
    index = _index(path)  # before the log, which is never behind it
    head, last = _bytes(path, "-wal", HEAD), 0
    salt = head[16:24] if len(head) == HEAD else None
    for number, frame in enumerate(_frames(path), 1):
        if any(frame[4:8]) and frame[8:16] in (salt, index["salt"]):
            last = number
    if index["salt"] == salt or salt is None:
        last = max(last, index["frames"])
        last = last if last > index["copied"] else 0
    return last, {salt, index["salt"]}


def lost(path, promise):
    """Tell whether SQLite, which has the log open, misses a frame that `promised` told.

    None is missed where the log has begun anew meanwhile, as it only does when all of
    it has been copied into the file.
    """
    (number, salts), stop = promise, time.monotonic() + PATIENCE
    while (index := _index(path))["frames"] < number:
        if index["salt"] not in salts | NO_SALT:
            return False
        if time.monotonic() > stop:
            return True
        time.sleep(0.05)
    return False


def keep(path):
    """Keep a copy of a damaged log, before anything empties it, and say so."""
    damaged, where = path.with_name(path.name + "-wal"), ""
    if damaged.exists() and damaged.stat().st_size:
        moment = time.strftime("%Y%m%dT%H%M%S")
        copy = path.with_name(f"{path.name}-wal-damaged-{moment}")
        new = os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600)
        with os.fdopen(new, "wb") as file, damaged.open("rb") as frames:
            shutil.copyfileobj(frames, file)
            file.flush()
            os.fsync(new)
        where = f" (a copy of it is kept as {copy})"
    log.warning(
        "the log beside the store %s was damaged, and acknowledged stars may be "
        "missing%s: compare with a backup",
        path,
        where,
    )


def _index(path):
    """What the index says: the frames, those copied to the file, the log's salt."""
    data = _bytes(path, "-shm", 100)
    if len(data) < 100 or data[:48] != data[48:96]:  # torn, or none
        return {"frames": 0, "copied": 0, "salt": None}
    frames, copied = (int.from_bytes(data[i : i + 4], sys.byteorder) for i in (16, 96))
    return {"frames": frames, "copied": copied, "salt": data[32:40]}


def _frames(path):
    """Yield the first 16 bytes of each whole frame: all of them may be a gigabyte."""
    page = int.from_bytes(_bytes(path, "", 18)[16:18]) or 4096
    size = FRAME + (65536 if page == 1 else page)
    with (
        contextlib.suppress(FileNotFoundError),
        path.with_name(path.name + "-wal").open("rb", buffering=0) as file,
    ):
        end = os.fstat(file.fileno()).st_size - size + 1
        for start in range(HEAD, end, size):
            file.seek(start)
            yield file.read(16)


def _bytes(path, end, size):
    try:
        with path.with_name(path.name + end).open("rb") as file:
            return file.read(size)
    except FileNotFoundError:
        return b""
