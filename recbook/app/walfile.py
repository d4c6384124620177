"""The store's write-ahead log, of which SQLite forgets in silence what it can't read.

It takes the frames up to the first one that is damaged, and the rest for what a crash
had left unfinished. But a frame that ends a transaction was acknowledged, unless the
power failed while it was on its way. Two witnesses tell what there was: the marks of
the frames themselves, and the index beside the log (``-shm``), which counts them.
"""

import logging
import os
import sys
import time

__all__ = ["keep", "lost", "promised"]

log = logging.getLogger("recbook.app")

HEAD, FRAME = 32, 24  # bytes before the first frame, and before the page of each
PATIENCE = 1.0  # seconds for a commit of another process to reach the index


def promised(path):
    """Return the number of the last frame of `path`'s log that ended a transaction.

    0 where none is missed, so also where all of them are in the file already.

    >>> from pathlib import Path
    >>> promised(Path("nowhere.sqlite"))
    0
    """
    index = _index(path)  # before the log, which is never behind it
    frames, salt = _bytes(path, "-wal"), None
    page = int.from_bytes(_bytes(path, "", 18)[16:18]) or 4096
    size, last = FRAME + (65536 if page == 1 else page), 0
    if len(frames) >= HEAD:
        salt = frames[16:24]
    for number, start in enumerate(range(HEAD, len(frames) - size + 1, size), 1):
        ends, own = frames[start + 4 : start + 8], frames[start + 8 : start + 16]
        if any(ends) and own in (salt, index["salt"]):
            last = number
    if index["salt"] == salt or salt is None:
        last = max(last, index["frames"])
        last = last if last > index["copied"] else 0
    return last


def lost(path, number):
    """Tell whether SQLite, which has the log open, knows nothing of that frame."""
    stop = time.monotonic() + PATIENCE
    while _index(path)["frames"] < number:
        if time.monotonic() > stop:
            return True
        time.sleep(0.05)
    return False


def keep(path):
    """Keep a copy of a damaged log, which is about to be emptied, and say so."""
    frames, where = _bytes(path, "-wal"), ""
    if frames:
        moment = time.strftime("%Y%m%dT%H%M%S")
        copy = path.with_name(f"{path.name}-wal-damaged-{moment}")
        with os.fdopen(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            file.write(frames)
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


def _bytes(path, end, size=-1):
    try:
        with path.with_name(path.name + end).open("rb") as file:
            return file.read(size)
    except FileNotFoundError:
        return b""
