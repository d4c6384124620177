"""Visitors' ratings in an SQLite file that survives a killed service.

One thread writes. All writes that wait when it is free go into one transaction, and a
caller hears of success only after the commit. In WAL mode with synchronous=FULL that is
after the file's fsync, so an acknowledged rating is on disk. Readers never wait for it.

Of a visitor's token only its SHA-256 is kept. Someone who reads the file, or a copy of
it, cannot act as a visitor. The token is 128 random bits, so there is nothing to guess
and a plain hash will do.

A visitor is in the file from the first star to the last one taken back. Someone who
only looks leaves nothing, so tokens can be given away without a limit. What is deleted
is written over with zeros. The log still has it, so it is emptied at once when a
visitor leaves.
"""

import contextlib
import hashlib
import queue
import re
import secrets
import sqlite3
import threading
from concurrent.futures import Future
from pathlib import Path

from recbook.app.storefile import (
    HELD,
    StoreBusy,
    StoreDamaged,
    StoreError,
    connect,
    explained,
    now,
    prepare,
)

__all__ = ["Store", "Unknown", "new_token"]

TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
BATCH = 256  # writes that share one commit, at most
RETRY = 1.0  # seconds until it tries again to empty a log that was being read

_FILM = "SELECT 1 FROM films WHERE film_id = ?"
_RATE = """
INSERT INTO ratings SELECT visitor, ?, ?, ? FROM visitors WHERE digest = ?
ON CONFLICT (visitor, film_id)
DO UPDATE SET stars = excluded.stars, time = excluded.time
"""
_UNRATE = """
DELETE FROM ratings
WHERE film_id = ? AND visitor = (SELECT visitor FROM visitors WHERE digest = ?)
"""
_LEAVE = """
DELETE FROM visitors WHERE digest = ?
AND NOT EXISTS (SELECT 1 FROM ratings WHERE ratings.visitor = visitors.visitor)
"""
_FORGET = (
    "DELETE FROM ratings WHERE visitor = (SELECT visitor FROM visitors "
    "WHERE digest = ?)",
    "DELETE FROM visitors WHERE digest = ?",
)
_RATINGS = """
SELECT film_id, title, stars
FROM visitors JOIN ratings USING (visitor) JOIN films USING (film_id)
WHERE digest = ? ORDER BY ratings.time DESC, film_id
"""


class Unknown(LookupError):
    """The film is not in the store, or the token is malformed. ``what`` says which.

    >>> Unknown("film").what
    'film'
    """

    def __init__(self, what):
        self.what = what
        ways = {
            "visitor": "visitor: send the header `Authorization: Bearer TOKEN`; "
            "POST /api/visitor gives a token",
            "film": "film_id: no such film; GET /api/films finds those there are",
        }
        super().__init__(ways[what])


class Store:
    """Visitors and their ratings, in one SQLite file.

    Parameters
    ----------
    path : path
        The file. It is created with its folder if it is missing. A damaged file, or one
        that is no store, is left as it is.
    films : iterable of objects with ``id``, ``title`` and ``year``
        The films that can be rated. The store keeps their titles beside the ratings.
    max_bytes : int
        Largest size of the file. Beyond it a write fails with ``StoreFull``.
    max_waiting : int
        Number of writes that may wait. One more fails with ``StoreBusy``.
    keep_days : int, optional
        Visitors without a new star for this many days are deleted when the store is
        opened. The days are counted from the newest star, or from now if that is
        earlier.
    keep_anyway : bool
        Whether ``keep_days`` may delete more than half of the visitors.

    Raises
    ------
    StoreDamaged
        The file is not an SQLite database, or is damaged.
    StoreError
        It can't be opened, or holds ratings of other films than these, or
        ``keep_days`` would delete more than half of the visitors.

    Examples
    --------
    >>> import tempfile
    >>> from types import SimpleNamespace as Film
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     films = [Film(id=7, title="Alien (1979)", year=1979)]
    ...     with Store(f"{folder}/visitors.sqlite", films) as store:
    ...         ann = new_token()
    ...         store.rate(ann, 7, 5).result()
    ...         store.ratings(ann)
    [(7, 'Alien (1979)', 5)]
    """

    def __init__(
        self,
        path,
        films=(),
        max_bytes=2**30,
        max_waiting=2048,
        keep_days=None,
        keep_anyway=False,
    ):
        self.path = Path(path)
        self._inode = prepare(self.path, films, keep_days, keep_anyway)
        self._writer = connect(self.path, max_bytes)
        self._reader = connect(self.path, max_bytes)
        self._reader.execute("PRAGMA query_only = ON")
        self._reading = threading.Lock()
        self._waiting = queue.Queue(max_waiting)
        self._gate = threading.Lock()  # nothing enters behind the sentinel of `close`
        self._closed = False
        self.last_problem = None  # of the last commit; None if it succeeded
        self._traces = False  # whether the log still holds a deleted visitor
        self._thread = threading.Thread(target=self._write, name="store", daemon=True)
        self._thread.start()

    def rate(self, visitor, film_id, stars):
        """Return a future that is done when ``visitor``'s rating is on disk.

        A film rated before gets the new stars, and with the first of their stars a
        visitor is in the file. The future's exceptions: ``Unknown``,
        ``StoreBusy``, ``StoreFull``, ``StoreDamaged``, ``StoreError``.
        """
        if type(stars) is not int or not 1 <= stars <= 5:
            raise ValueError(
                f"stars must be a whole number from 1 to 5, got {stars!r}: "
                "round it, or scale it, first"
            )
        digest, film_id = _digest(visitor), _storable(film_id)

        def upsert(db):
            row = film_id, stars, now(), digest
            if db.execute(_FILM, (film_id,)).fetchone() is None:
                raise Unknown("film")
            if db.execute(_RATE, row).rowcount == 0:  # the first star
                somebody = "INSERT INTO visitors (digest, time) VALUES (?, ?)"
                db.execute(somebody, (digest, now()))
                db.execute(_RATE, row)

        return self._later(upsert)

    def unrate(self, visitor, film_id):
        """Return a future that is done when the rating, if there was one, is gone.

        With the last star the visitor is gone too, as from `forget`. Of one star among
        several the old row stays in the log until that is copied into the file and
        written over, which can take a while.
        """
        digest, film_id = _digest(visitor), _storable(film_id)

        def delete(db):
            rated = db.execute(_UNRATE, (film_id, digest)).rowcount
            if rated and db.execute(_LEAVE, (digest,)).rowcount:
                self._traces = True

        return self._later(delete)

    def forget(self, visitor):
        """Return a future that is done when nothing of ``visitor`` can be read again.

        The log is emptied before that, or else as soon as nobody reads the file.
        """
        digest = _digest(visitor)

        def delete(db):
            for statement in _FORGET:
                if db.execute(statement, (digest,)).rowcount:
                    self._traces = True

        return self._later(delete)

    def ratings(self, visitor):
        """Return a list of (film id, title, stars), the last rated first."""
        return self._read(_RATINGS, (_digest(visitor),))

    def check(self):
        """Raise a `StoreError` if the store can't be read, or is no longer there."""
        self._must_be_open()
        self._must_be_there()
        self._read("SELECT count(*) FROM films", ())

    def close(self):
        """Finish the writes that wait, and close the file."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._waiting.put(None)
        self._thread.join()
        with self._reading:
            self._reader.close()
        self._writer.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def _read(self, statement, values):
        try:
            with self._reading:
                return self._reader.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise explained(error, self.path) from error

    def _must_be_open(self):
        if self._closed or not self._thread.is_alive():
            raise StoreError(
                f"the store {self.path} is closed: start the service again"
            )

    def _must_be_there(self):
        """Raise if the file was moved, for nobody would find the commits again."""
        try:
            there = self.path.stat().st_ino == self._inode
        except OSError:
            there = False
        if not there:
            raise StoreDamaged(
                f"the store {self.path} was moved or removed while it was in use: "
                "put it back, or start the service again"
            )

    def _later(self, work):
        future = Future()
        with self._gate:
            self._must_be_open()
            try:
                self._waiting.put_nowait((work, future))
            except queue.Full:
                raise StoreBusy(
                    "too many ratings wait to be written: send it again in a second"
                ) from None
        return future

    def _write(self):
        """The writer's thread: batch after batch, until ``close``."""
        more = True
        while more:
            try:
                batch = [self._waiting.get(timeout=RETRY if self._traces else None)]
            except queue.Empty:
                self._erase()
                continue
            while len(batch) < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            more = None not in batch
            jobs = [job for job in batch if job is not None]
            jobs = [job for job in jobs if job[1].set_running_or_notify_cancel()]
            if jobs:
                self._settle(jobs)

    def _settle(self, jobs):
        try:
            outcomes = self._commit([work for work, _ in jobs])
            self.last_problem = None
            if self._traces:
                self._erase()
        except Exception as error:
            self.last_problem = error
            outcomes = [error] * len(jobs)
        for (_, future), outcome in zip(jobs, outcomes, strict=True):
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _erase(self):
        """Copy the log into the file and empty it, since it still has what was deleted.

        While another program reads the file the log can't be emptied, and nobody waits
        for that. Most of the work, the copying, is done while our own reader goes on.
        """
        self._writer.execute("PRAGMA busy_timeout = 0")
        try:
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)")
                with self._reading:
                    emptied = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                    self._traces = emptied.fetchone()[0] != 0
        finally:
            self._writer.execute(f"PRAGMA busy_timeout = {HELD}")

    def _commit(self, works):
        """Do all of `works` in one transaction; return each one's result or refusal."""
        self._must_be_there()
        outcomes = []
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for work in works:
                try:
                    outcomes.append(work(self._writer))
                except Unknown as refusal:  # it changed nothing; the others go on
                    outcomes.append(refusal)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            raise explained(error, self.path) from error
        finally:
            if self._writer.in_transaction:
                self._writer.rollback()
        return outcomes


def new_token():
    """Return a new visitor's token, which nobody can guess.

    >>> len(new_token())
    22
    """
    return secrets.token_urlsafe(16)


def _storable(film_id):
    """Return a film's number if SQLite can hold it. No film has another."""
    if not -(2**63) <= film_id < 2**63:
        raise Unknown("film")
    return film_id


def _digest(token):
    if not TOKEN.fullmatch(token):
        raise Unknown("visitor")
    return hashlib.sha256(token.encode()).digest()
