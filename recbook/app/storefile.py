"""The store's file: how it is made, checked before use, and what its errors mean."""

import contextlib
import logging
import os
import secrets
import sqlite3
import time

log = logging.getLogger("recbook.app")

APPLICATION = 0x52656342  # "RecB": how a store is told from another program's file
VERSION = 1

SCHEMA = """
CREATE TABLE films (
  film_id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  year INTEGER
) STRICT;
CREATE TABLE visitors (
  visitor INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  time INTEGER NOT NULL
) STRICT;
CREATE TABLE ratings (
  visitor INTEGER NOT NULL REFERENCES visitors,
  film_id INTEGER NOT NULL REFERENCES films,
  stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
  time INTEGER NOT NULL,
  PRIMARY KEY (visitor, film_id)
) STRICT, WITHOUT ROWID;
"""
DAY = 24 * 60 * 60 * 1000  # milliseconds
HELD = 5000  # milliseconds that another program may hold the file
FULL = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,  # a quota, or a limit on the size of files
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMMAP,
}


class StoreError(RuntimeError):
    """The store can't do what was asked. The message says why, and what to do."""


class StoreBusy(StoreError):
    """The store is busy. The same request may succeed a second later."""


class StoreFull(StoreError):
    """There is no room to write. What is stored can still be read."""


class StoreDamaged(StoreError):
    """The file is damaged, or no store. It is left as it is."""


def explained(error, path):
    """Return the StoreError that says what an sqlite3.Error of ``path`` means."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    if code in FULL:
        return StoreFull(
            f"the store {path} has no room to grow, and nothing was written: "
            "make room on its disk (or raise its limit), then send it again"
        )
    if code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return damaged(path, "is damaged, or no SQLite file")
    if code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreBusy(
            f"another program holds the store {path}: send it again in a second"
        )
    return StoreError(
        f"the store {path} can't be used ({error}): "
        "see that the file and its folder can be read and written"
    )


def damaged(path, what):
    """Return the error for a file that is not a sound store."""
    return StoreDamaged(
        f"the store {path} {what}, and was left as it is: "
        "put a copy of it in its place, or move it away to begin with an empty one"
    )


def connect(path, max_bytes=None, read_only=False):
    """Open the file. Each statement commits by itself, except after a BEGIN."""
    mode = "ro" if read_only else "rw"
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=HELD / 1000,
        isolation_level=None,
        check_same_thread=False,
    )
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA secure_delete = ON")
    if max_bytes is not None:
        page = db.execute("PRAGMA page_size").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {max(1, max_bytes // page)}")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA journal_size_limit = {2**24}")
    return db


def prepare(path, films, keep_days=None, keep_anyway=False):
    """Make the file if it is missing, check it, and bring it up to date.

    Returns the number of the file on its disk (inode).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            create(path)
        inspect(path)
        update_films(path, films)
        drop_old(path, keep_days, keep_anyway)
        rewrite(path)
        return path.stat().st_ino
    except OSError as error:
        raise StoreError(
            f"the store {path} can't be opened ({error.strerror}): "
            "see that the file and its folder can be read and written"
        ) from error
    except sqlite3.Error as error:
        raise explained(error, path) from error


def create(path):
    """Make an empty store under another name, and link it in place when it is whole.

    So nobody finds half a store, and one that another process made meanwhile is never
    replaced. Only the owner may read the file.
    """
    if path.with_name(path.name + "-wal").exists():
        raise damaged(path, "is missing, but its write-ahead log (…-wal) is there")
    with (
        contextlib.suppress(FileExistsError),
        _draft(path) as new,
        contextlib.closing(connect(new)) as db,
    ):
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {VERSION}")
        if db.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            raise StoreError(
                f"the folder of {path} can't hold an SQLite file in WAL mode: "
                "choose one on a local disk"
            )
        db.executescript(SCHEMA)


def backup(path, copy):
    """Copy the store to a new file, while others read and write it.

    The copy is as the store was at one moment, and is checked. It is there whole or not
    at all. The store is only read.
    """
    try:
        if not path.is_file():
            raise StoreError(f"there is no store {path}: give its file with --store")
        with _draft(copy) as new:
            with (
                contextlib.closing(connect(path, read_only=True)) as db,
                contextlib.closing(connect(new)) as other,
            ):
                db.backup(other)
            try:
                inspect(new)
            except StoreDamaged:
                raise damaged(path, "is damaged") from None
            _sync(new)
    except FileExistsError:
        raise StoreError(f"{copy} is there already: give another name") from None
    except OSError as error:
        raise StoreError(
            f"{copy} can't be written ({error.strerror}): "
            "see that its folder is there and has room"
        ) from error
    except sqlite3.Error as error:
        problem = explained(error, path)
        if isinstance(problem, StoreFull):  # the store itself is only read
            problem = StoreError(f"{copy} can't be written: its disk has no room")
        raise problem from error


@contextlib.contextmanager
def _draft(path):
    """Yield the name of a new file beside ``path``, which becomes it at the end."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield new
        os.link(new, path)
        if hasattr(os, "O_DIRECTORY"):  # the new entry too, where the system allows it
            _sync(path.parent)
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            new.with_name(new.name + end).unlink(missing_ok=True)


def _sync(path):
    """Flush a file, or the entries of a folder, to the disk."""
    # Windows flushes only what may be written to; a folder may only be read.
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def inspect(path):
    """Refuse a file that is not a sound store, without writing to it."""
    if not path.is_file():
        raise StoreError(f"the store {path} is not a file: give the path of one")
    if path.stat().st_size == 0:  # SQLite would take it, and its log, for a new one
        raise damaged(path, "is empty")
    with contextlib.closing(connect(path, read_only=True)) as db:
        application, version = (
            db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
        if application != APPLICATION:
            raise damaged(path, "belongs to another program")
        if version != VERSION:
            raise damaged(path, f"has format {version}, not {VERSION}")
        if db.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise damaged(path, "is damaged")
        if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise damaged(path, "is damaged")


def now():
    """Return the milliseconds since 1970, the unit of all times in the file."""
    return time.time_ns() // 1_000_000


def drop_old(path, keep_days=None, keep_anyway=False):
    """Delete visitors who gave no star for ``keep_days``, or who have no star at all.

    If the clock is ahead of the newest star, the days are counted from that star. So a
    wrong clock deletes nobody, nor does a service that was off for years. More than
    half of the visitors are deleted only with ``keep_anyway``.
    """
    with contextlib.closing(connect(path, 2**62)) as db:
        if keep_days is not None:
            first = _last_moment(db) - keep_days * DAY
            _refuse_most(db, first, keep_days, keep_anyway)
            db.execute(f"DELETE FROM ratings WHERE visitor IN ({_OLD})", (first,))
        # Left by an earlier version, or by a kill between the two statements.
        db.execute(
            "DELETE FROM visitors WHERE visitor NOT IN (SELECT visitor FROM ratings)"
        )


_OLD = "SELECT visitor FROM ratings GROUP BY visitor HAVING max(time) < ?"


def _last_moment(db):
    """Return the time of the newest star, or now if that is earlier."""
    newest, clock = db.execute("SELECT max(time) FROM ratings").fetchone()[0], now()
    if newest is None:
        return clock
    if newest > clock + DAY:
        log.warning(
            "the clock says %s, and the newest star is of %s: set the clock, "
            "or stars given now count as that old",
            _date(clock),
            _date(newest),
        )
    return min(clock, newest)


def _date(moment):
    return time.strftime("%Y-%m-%d", time.gmtime(moment / 1000))


def _refuse_most(db, first, keep_days, keep_anyway):
    """Log how many visitors are deleted. Refuse if they are more than half of all."""
    old = db.execute(f"SELECT count(*) FROM ({_OLD})", (first,)).fetchone()[0]
    count = "SELECT count(DISTINCT visitor) FROM ratings"
    total = db.execute(count).fetchone()[0]
    if 2 * old > total and not keep_anyway:
        raise StoreError(
            f"--keep {keep_days} would delete {old} of {total} visitors, more than "
            f"half, and nobody was deleted: see that this machine's clock is right "
            f"(it says {_date(now())}), then add --keep-anyway if you mean it"
        )
    if old:
        log.warning(
            "%d of %d visitors had given no star for %d days, and were deleted",
            *(old, total, keep_days),
        )


def rewrite(path):
    """Rewrite the file, unless the disk is too full or another program is writing.

    SQLite writes zeros over what is deleted. But a page that it had split may still
    have a copy of a row in its unused part. A new file has no such copy.
    """
    with contextlib.closing(connect(path)) as db, contextlib.suppress(sqlite3.Error):
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA busy_timeout = 0")
        db.execute("VACUUM")


def update_films(path, films):
    """Bring the films up to date. Refuse a store with ratings of other films."""
    wanted = {film.id: (film.title, film.year) for film in films}
    with contextlib.closing(connect(path, 2**62)) as db:
        rows = db.execute("SELECT film_id, title, year FROM films").fetchall()
        stored = {row[0]: row[1:] for row in rows}
        rated = db.execute("SELECT DISTINCT film_id FROM ratings").fetchall()
        for (film_id,) in rated:
            title = stored[film_id][0]
            if wanted and wanted.get(film_id, (title,))[0] != title:
                raise StoreError(
                    f"the store {path} holds ratings of other films (number {film_id} "
                    "is another title there): it belongs to other data, so give "
                    "another path"
                )
        changed = [(k, *v) for k, v in wanted.items() if stored.get(k) != v]
        if changed:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "INSERT INTO films VALUES (?, ?, ?) ON CONFLICT (film_id) DO UPDATE "
                "SET title = excluded.title, year = excluded.year",
                changed,
            )
            db.execute("COMMIT")
