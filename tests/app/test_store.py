"""The store: what it keeps and refuses, and what it does when the disk does not."""

import contextlib
import hashlib
import os
import re
import shutil
import sqlite3
import threading
import time
from concurrent.futures import wait

import pytest
from standin import StandIn

from recbook.app import storefile
from recbook.app.store import Store, Unknown, new_token
from recbook.app.storefile import (
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    backup,
    rewrite,
)

FILMS = StandIn().films.values()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "visitors.sqlite"


@pytest.fixture
def store(path):
    with Store(path, FILMS) as store:
        yield store


def kept(store, visitor):
    return {film_id: stars for film_id, _, stars in store.ratings(visitor)}


def in_file(path, table="visitors"):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_a_visitor_is_in_the_file_from_the_first_star_to_the_last(store, path):
    ann = new_token()
    assert kept(store, ann) == {}
    store.unrate(ann, 1).result()
    with pytest.raises(Unknown, match="film_id"):
        store.rate(ann, 99, 4).result()
    assert in_file(path) == 0
    for film_id in (1, 2):
        store.rate(ann, film_id, 4).result()
        assert in_file(path) == 1
    store.unrate(ann, 1).result()
    assert in_file(path) == 1
    store.unrate(ann, 2).result()
    assert in_file(path) == 0


def test_what_is_rated_is_kept_over_a_restart(path):
    with Store(path, FILMS) as store:
        ann, bob = new_token(), new_token()
        for film_id, stars in [(1, 5), (2, 3), (1, 4)]:
            store.rate(ann, film_id, stars).result()
        store.rate(bob, 1, 2).result()
    with Store(path, FILMS) as store:
        assert kept(store, ann) == {1: 4, 2: 3}
        assert kept(store, bob) == {1: 2}


def test_the_last_rated_comes_first_with_its_title(store):
    ann = new_token()
    for film_id in (8, 7):
        store.rate(ann, film_id, 5).result()
        while store.ratings(ann)[0][0] != film_id:  # within the same millisecond
            store.rate(ann, film_id, 5).result()
    assert store.ratings(ann) == [(7, "Alien (1979)", 5), (8, "Amélie (2001)", 5)]


def test_a_rating_is_taken_back(store):
    ann = new_token()
    store.rate(ann, 1, 5).result()
    for _ in range(2):  # and once more does no harm
        store.unrate(ann, 1).result()
        assert kept(store, ann) == {}


@pytest.mark.parametrize("stars", [0, 6, 4.0, "4", True, None, float("nan")])
def test_stars_are_whole_numbers_from_one_to_five(store, stars):
    with pytest.raises(ValueError, match="stars must be a whole number from 1 to 5"):
        store.rate(new_token(), 1, stars)


@pytest.mark.parametrize("film_id", [0, 61, -1, 2**63, 10**30])
def test_an_unknown_film_is_refused(store, film_id):
    ann = new_token()
    with pytest.raises(Unknown, match="film_id"):
        store.rate(ann, film_id, 4).result()
    assert kept(store, ann) == {}


@pytest.mark.parametrize("token", ["", "x", "A" * 23, "A" * 10**5, "' OR 1=1 --", "\0"])
def test_what_is_no_token_is_refused(store, token):
    for ask in (
        lambda: store.ratings(token),
        lambda: store.rate(token, 1, 4).result(),
        lambda: store.unrate(token, 1).result(),
    ):
        with pytest.raises(Unknown, match="visitor"):
            ask()


def test_a_refusal_leaves_the_others_of_its_batch_alone(store):
    ann, gate = new_token(), threading.Event()
    first = store._later(lambda db: gate.wait(10))  # the rest waits behind it
    futures = [store.rate(ann, i, 4) for i in (1, 99, 2)]
    gate.set()
    wait([first, *futures], timeout=10)
    assert [type(f.exception()) for f in futures] == [type(None), Unknown, type(None)]
    assert kept(store, ann) == {1: 4, 2: 4}


def test_a_mistake_in_one_batch_ends_with_it(store):
    """Nothing of it is kept, and the next batch is written."""
    ann = new_token()

    def mistaken(db):
        db.execute("DELETE FROM visitors")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store._later(mistaken).result()
    store.rate(ann, 1, 4).result()
    assert kept(store, ann) == {1: 4}


def traces(path, visitor):
    """In which of the store's files there is anything of a visitor: their digest."""
    digest = hashlib.sha256(visitor.encode()).digest()
    return [p.name for p in path.parent.iterdir() if digest in p.read_bytes()]


def test_of_who_is_deleted_nothing_remains_in_any_file(store, path):
    ann, others = new_token(), [new_token() for _ in range(200)]
    wait([store.rate(v, i, 4) for v in (*others, ann) for i in (1, 2, 3)])
    store.rate(ann, 4, 5).result()
    assert traces(path, ann)
    store.forget(ann).result()
    assert traces(path, ann) == []
    assert kept(store, ann) == {}
    assert in_file(path, "ratings") == 600
    store.forget(ann).result()  # and once more does no harm
    store.rate(ann, 1, 4).result()  # a new star is a new beginning
    assert kept(store, ann) == {1: 4}


def test_of_who_takes_the_last_star_back_nothing_remains_in_any_file(store, path):
    ann, bob = new_token(), new_token()
    for visitor in (ann, bob):
        store.rate(visitor, 1, 4).result()
    assert traces(path, ann)
    store.unrate(ann, 1).result()
    assert traces(path, ann) == []
    assert kept(store, bob) == {1: 4}


def test_while_a_log_is_copied_into_the_file_others_read(store):
    """That takes the disk's time. Only the emptying of the log is done without them."""
    ann, steps = new_token(), []
    store.rate(ann, 1, 4).result()

    def note(statement):
        if "wal_checkpoint" in statement:
            steps.append((statement[-9:], store._reading.locked()))

    store._writer.set_trace_callback(note)
    store.forget(ann).result()
    assert steps == [("(PASSIVE)", False), ("TRUNCATE)", True)]


def test_a_reader_at_the_time_of_a_deletion_holds_nobody_up(store, path):
    """The log that it reads can't be emptied yet: that is done when it has gone."""
    ann, bob = new_token(), new_token()
    store.rate(ann, 1, 4).result()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM ratings").fetchone()
        store.forget(ann).result(timeout=10)
        assert kept(store, ann) == {}
        store.rate(bob, 1, 4).result(timeout=10)
        assert traces(path, ann)
        reader.execute("ROLLBACK")
    store.rate(bob, 2, 4).result()
    assert traces(path, ann) == []
    assert kept(store, bob) == {1: 4, 2: 4}


def test_a_trace_that_was_left_goes_though_nobody_writes(store, path):
    ann = new_token()
    store.rate(ann, 1, 4).result()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM ratings").fetchone()
        store.forget(ann).result(timeout=10)
    stop = time.monotonic() + 30
    while traces(path, ann):
        assert time.monotonic() < stop, "it was forgotten"
        time.sleep(0.05)


def test_what_a_killed_service_had_deleted_is_gone_at_its_next_start(path, tmp_path):
    """A kill comes between the deletion and the emptying of the log."""
    ann, other = new_token(), tmp_path / "other"
    with Store(path, FILMS) as store:
        store.rate(ann, 1, 4).result()
        store._erase = lambda: None
        store.forget(ann).result()
        assert traces(path, ann)
        shutil.copytree(path.parent, other, ignore=lambda *_: ["other"])
    with Store(other / path.name, FILMS) as store:
        assert kept(store, ann) == {}
        assert traces(store.path, ann) == []


def test_who_has_long_given_no_star_is_deleted_at_the_start(path):
    ann, bob = new_token(), new_token()
    with Store(path, FILMS) as store:
        wait([store.rate(v, i, 4) for v in (ann, bob) for i in (1, 2)])
    long_ago = (time.time() - 31 * 24 * 3600) * 1000
    with contextlib.closing(sqlite3.connect(path)) as db:  # all of Ann's, one of Bob's
        digest = hashlib.sha256(ann.encode()).digest()
        first = "SELECT visitor FROM visitors WHERE digest = ?"
        where = f"visitor = ({first}) OR film_id = 1"
        db.execute(
            f"UPDATE ratings SET time = ? WHERE {where}", (int(long_ago), digest)
        )
        db.commit()
    with Store(path, FILMS) as store:
        assert [len(kept(store, v)) for v in (ann, bob)] == [2, 2]
    with Store(path, FILMS, keep_days=30) as store:
        assert [len(kept(store, v)) for v in (ann, bob)] == [0, 2]
    assert traces(path, ann) == []


def stars_of(path, ages):
    """Fill a store with visitors whose one star is so many days old; return them."""
    visitors = [new_token() for _ in ages]
    with Store(path, FILMS) as store:
        wait([store.rate(v, 1, 4) for v in visitors])
    with contextlib.closing(sqlite3.connect(path)) as db:
        for visitor, age in zip(visitors, ages, strict=True):
            moment = int((time.time() - age * 24 * 3600) * 1000)
            whose = hashlib.sha256(visitor.encode()).digest()
            db.execute(
                "UPDATE ratings SET time = ? WHERE visitor = "
                "(SELECT visitor FROM visitors WHERE digest = ?)",
                (moment, whose),
            )
        db.commit()
    return visitors


def test_a_clock_that_is_years_ahead_deletes_nobody(path, monkeypatch):
    """Before a machine asks for the time, or with a flat battery."""
    stars_of(path, [0, 1, 20, 29])
    ahead = storefile.now() + 3 * 365 * storefile.DAY
    monkeypatch.setattr(storefile, "now", lambda: ahead)
    with Store(path, FILMS, keep_days=30):
        assert in_file(path) == 4


def test_a_clock_that_is_behind_is_spoken_of(path, monkeypatch, caplog):
    """A star given now would be the first that a later start deletes."""
    stars_of(path, [0, 20])
    monkeypatch.setattr(storefile, "now", lambda: 1000)
    with Store(path, FILMS, keep_days=30):
        assert in_file(path) == 2
    [said] = caplog.messages
    assert said.startswith("the clock says 1970-01-01, and the newest star is of 2")
    assert "set the clock" in said


def test_more_than_half_are_deleted_only_where_that_is_meant(path, caplog):
    stars_of(path, [0, 31, 40, 50])
    with pytest.raises(StoreError, match="would delete 3 of 4 visitors") as caught:
        Store(path, FILMS, keep_days=30)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    for part in ("--keep 30", f"clock is right (it says {today})", "--keep-anyway"):
        assert part in str(caught.value)
    assert in_file(path) == 4
    assert not caplog.messages
    with Store(path, FILMS, keep_days=30, keep_anyway=True):
        assert in_file(path) == 1
    told = "3 of 4 visitors had given no star for 30 days, and were deleted"
    assert caplog.messages == [told]


def test_half_are_deleted_and_counted(path, caplog):
    stars_of(path, [0, 1, 31, 32])
    with Store(path, FILMS, keep_days=30):
        assert in_file(path) == 2
    assert caplog.messages[0].startswith("2 of 4 visitors")
    with Store(path, FILMS, keep_days=30):
        assert in_file(path) == 2
    assert len(caplog.messages) == 1  # nothing to say of nobody


def test_at_its_start_the_file_is_written_anew(path):
    """In unused parts of pages a copy of a deleted row may stand."""

    def unused():
        with contextlib.closing(sqlite3.connect(path)) as db:
            return db.execute("PRAGMA freelist_count").fetchone()[0]

    visitors = [new_token() for _ in range(40)]
    with Store(path, FILMS) as store:
        for v in visitors:  # all at once fill the queue, where the disk is slow
            wait([store.rate(v, i, 4) for i in range(1, 61)])
        wait([store.forget(v) for v in visitors[1:]])
    assert unused() > 0
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # somebody has it: then another time
        rewrite(path)
    assert unused() > 0
    with Store(path, FILMS) as store:
        assert unused() == 0
        assert len(kept(store, visitors[0])) == 60


def test_the_file_does_not_hold_a_token_and_only_its_owner_may_read_it(store, path):
    ann = new_token()
    store.rate(ann, 1, 4).result()
    files = [*path.parent.iterdir()]
    assert path in files
    for file in files:
        assert ann.encode() not in file.read_bytes()
        assert os.name != "posix" or file.stat().st_mode & 0o077 == 0


def test_a_commit_is_on_disk_when_it_is_done(store):
    """What a kill can't show, for the system keeps what it was given: a power cut."""
    modes = [
        store._writer.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    ]
    assert modes[:2] == ["wal", 2]  # 2 is FULL
    assert modes[2] == 1


def test_writers_at_once_lose_nothing(store):
    visitors = [new_token() for _ in range(4)]

    def write(visitor):
        for turn in range(2):
            futures = [store.rate(visitor, i, 1 + (i + turn) % 5) for i in range(1, 61)]
            wait(futures)
            assert all(future.exception() is None for future in futures)

    threads = [threading.Thread(target=write, args=(v,)) for v in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for visitor in visitors:
        assert kept(store, visitor) == {i: 1 + (i + 1) % 5 for i in range(1, 61)}


def test_more_than_may_wait_is_refused_at_once(path):
    with Store(path, FILMS, max_waiting=3) as store:
        ann, gate, started = new_token(), threading.Event(), threading.Event()

        def hold(db):
            started.set()
            gate.wait(10)

        first = store._later(hold)
        assert started.wait(10)
        futures = [store.rate(ann, i, 4) for i in (1, 2, 3)]
        with pytest.raises(StoreBusy, match="again in a second"):
            store.rate(ann, 4, 4)
        gate.set()
        wait([first, *futures], timeout=10)
        assert kept(store, ann) == {1: 4, 2: 4, 3: 4}


def test_a_cancelled_write_is_not_made(store):
    ann, gate, started = new_token(), threading.Event(), threading.Event()

    def hold(db):
        started.set()
        gate.wait(10)

    first = store._later(hold)
    assert started.wait(10)
    given_up = store.rate(ann, 1, 4)
    assert given_up.cancel()
    gate.set()
    first.result(timeout=10)
    store.rate(ann, 2, 4).result()
    assert kept(store, ann) == {2: 4}


def test_another_program_that_holds_the_file_is_waited_for(store, path):
    ann = new_token()
    store._writer.execute("PRAGMA busy_timeout = 50")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another program"):
            store.rate(ann, 1, 4).result()
        assert kept(store, ann) == {}  # reading goes on
        other.execute("ROLLBACK")
    store.rate(ann, 1, 4).result()
    assert kept(store, ann) == {1: 4}


def test_a_full_store_says_so_reads_and_writes_again_when_there_is_room(path):
    with Store(path, FILMS, max_bytes=64 * 1024) as store:
        ann = new_token()
        store.rate(ann, 1, 4).result()
        wait([store.rate(new_token(), 1, 4) for _ in range(2000)])  # many a commit
        problem = None
        while problem is None:  # and what still fits, one by one
            problem = store.rate(new_token(), 1, 4).exception()
        assert isinstance(problem, StoreFull)
        assert re.search("no room .* make room", str(problem))
        assert isinstance(store.last_problem, StoreFull)
        assert kept(store, ann) == {1: 4}
        store.check()
    with Store(path, FILMS) as store:
        store.rate(ann, 2, 5).result()
        assert store.last_problem is None
        assert kept(store, ann) == {1: 4, 2: 5}


def test_a_closed_store_says_so(path):
    store = Store(path, FILMS)
    last = store.rate(new_token(), 1, 4)
    store.close()
    store.close()
    assert last.done()  # what waited was finished
    for ask in (store.check, lambda: store.rate(new_token(), 1, 4)):
        with pytest.raises(StoreError, match="is closed"):
            ask()


def test_a_file_taken_away_takes_no_more_ratings(store, path):
    ann = new_token()
    store.rate(ann, 1, 4).result()
    path.rename(path.with_name("elsewhere"))
    for ask in (store.check, lambda: store.rate(ann, 2, 4).result()):
        with pytest.raises(StoreDamaged, match="moved or removed"):
            ask()


def filled(path):
    with Store(path, FILMS) as store:
        visitors = [new_token() for _ in range(50)]
        futures = [store.rate(v, i, 3) for v in visitors for i in range(1, 31)]
        wait(futures)


def cut(data):
    return data[: len(data) // 2]


def scratch(data):
    """A page of rubbish in the middle; the head, and so the format, stays."""
    middle = len(data) // 2 // 4096 * 4096
    return data[:middle] + b"\x5a" * 4096 + data[middle + 4096 :]


def nothing(data):
    return b""


def rubbish(data):
    return b"not a database, only text\n" * 400


@pytest.mark.parametrize("damage", [cut, scratch, nothing, rubbish])
def test_a_damaged_file_is_refused_and_left_as_it_is(path, damage):
    filled(path)
    data = damage(path.read_bytes())
    path.write_bytes(data)
    with pytest.raises(StoreDamaged, match=r"visitors\.sqlite .* left as it is: put"):
        Store(path, FILMS)
    assert path.read_bytes() == data
    assert {p.name for p in path.parent.iterdir()} - {"visitors.sqlite"} <= {
        "visitors.sqlite-wal",  # SQLite's own, made by looking; empty
        "visitors.sqlite-shm",
    }


@pytest.mark.parametrize("leave", [b"", None])
def test_a_log_without_its_file_is_not_thrown_away(path, tmp_path, leave):
    """Where the file is gone SQLite takes the log for rubbish: it may hold ratings."""
    log = tmp_path / "visitors.sqlite-wal"
    log.write_bytes(b"\x37\x7f\x06\x82" + b"\1" * 4000)
    if leave is not None:
        path.write_bytes(leave)
    with pytest.raises(StoreDamaged, match="visitors"):
        Store(path, FILMS)
    assert log.stat().st_size == 4004


def test_damage_is_found_beside_the_log_of_a_killed_service_too(path, tmp_path):
    """Closing the file must not bring the log into it, not even what is sound of it."""
    filled(path)
    with Store(path, FILMS) as store:
        store.rate(new_token(), 1, 4).result()
        killed = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    assert len(killed["visitors.sqlite-wal"]) > 0
    other = tmp_path / "other"
    other.mkdir()
    killed["visitors.sqlite"] = scratch(killed["visitors.sqlite"])
    for name, data in killed.items():
        (other / name).write_bytes(data)
    with pytest.raises(StoreDamaged, match="left as it is"):
        Store(other / "visitors.sqlite", FILMS)
    for name in ("visitors.sqlite", "visitors.sqlite-wal"):
        assert (other / name).read_bytes() == killed[name]


def left_by_a_kill(path, folder, stars=40):
    """A store's files as they are while it is used, each star a commit in the log."""
    ann = new_token()
    with Store(path, FILMS) as store:
        for film_id in range(1, stars + 1):
            store.rate(ann, film_id, 4).result()
        shutil.copytree(path.parent, folder, ignore=lambda *_: [folder.name])
    return folder / path.name, ann


def half_a_commit(log):
    """A kill in the middle of a write: nobody had heard of it."""
    with log.open("rb") as file:
        last = file.read()[-(4096 + 24) :]
    with log.open("ab") as file:
        file.write(last[:4000])


@pytest.mark.parametrize("damage", [lambda log: None, half_a_commit])
def test_the_log_of_a_kill_has_all_that_was_acknowledged(path, tmp_path, damage):
    there, ann = left_by_a_kill(path, tmp_path / "other")
    damage(there.with_name(there.name + "-wal"))
    with Store(there, FILMS) as store:
        assert len(kept(store, ann)) == 40


def test_a_backup_is_made_while_ratings_come_in(store, path, tmp_path):
    """It is the store of one moment: of each visitor's films, those up to some one."""
    ann, bob, copy = new_token(), new_token(), tmp_path / "copy.sqlite"
    wait([store.rate(ann, i, 4) for i in range(1, 31)])
    stop, errors = threading.Event(), []

    def write():
        film_id = 0
        while not stop.is_set():
            film_id = film_id % 60 + 1
            errors.append(store.rate(bob, film_id, 1 + film_id % 5).exception())

    writer = threading.Thread(target=write)
    writer.start()
    while not errors:
        time.sleep(0.001)
    backup(path, copy)
    stop.set()
    writer.join()
    assert set(errors) == {None}
    with pytest.raises(StoreError, match="there already"):
        backup(path, copy)
    assert {p.name for p in tmp_path.iterdir() if "copy" in p.name} == {copy.name}
    assert os.name != "posix" or copy.stat().st_mode & 0o077 == 0
    with Store(copy, FILMS) as restored:
        assert kept(restored, ann) == dict.fromkeys(range(1, 31), 4)
        mine = kept(restored, bob)
        assert set(mine) == set(range(1, len(mine) + 1))
        restored.rate(ann, 1, 5).result()
        mode = restored._writer.execute("PRAGMA journal_mode").fetchone()[0]
    assert mode == "wal"
    assert kept(store, ann)[1] == 4


def test_a_backup_that_cannot_be_is_refused_and_leaves_nothing(path, tmp_path):
    copy = tmp_path / "copy.sqlite"
    with pytest.raises(StoreError, match="no store"):
        backup(path, copy)
    filled(path)
    with pytest.raises(StoreError, match="see that its folder is there"):
        backup(path, tmp_path / "nowhere" / "copy.sqlite")
    path.write_bytes(scratch(path.read_bytes()))
    with pytest.raises(StoreDamaged, match=r"visitors\.sqlite is damaged"):
        backup(path, copy)
    assert not [p for p in tmp_path.iterdir() if "copy" in p.name]


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX's")
def test_a_backup_without_room_blames_the_copy(path, tmp_path):
    import resource

    visitors, copy = [new_token() for _ in range(100)], tmp_path / "copy.sqlite"
    with Store(path, FILMS, max_waiting=6000) as store:
        wait([store.rate(v, i, 3) for v in visitors for i in range(1, 61)])
    assert path.stat().st_size > 2**16
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, hard))
    try:
        with pytest.raises(StoreError) as refusal:
            backup(path, copy)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(refusal.value) == f"{copy} can't be written: its disk has no room"
    assert not copy.exists()


def test_a_file_of_another_program_or_format_is_left_alone(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (x)")
        db.commit()
    with pytest.raises(StoreDamaged, match="another program"):
        Store(path, FILMS)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA application_id = 1382376258")
        db.execute("PRAGMA user_version = 9")
        db.commit()
    with pytest.raises(StoreDamaged, match="format 9, not 1"):
        Store(path, FILMS)


def test_a_store_of_other_films_is_refused(path):
    with Store(path, FILMS) as store:
        store.rate(new_token(), 7, 4).result()
    others = StandIn().films
    others[7].title = "Another film (1999)"
    with pytest.raises(StoreError, match="number 7 is another title"):
        Store(path, others.values())
    with Store(path, FILMS):  # nothing of theirs was written
        pass


def test_a_new_catalogue_adds_films_and_keeps_ratings(path):
    with Store(path, FILMS) as store:
        ann = new_token()
        store.rate(ann, 60, 4).result()
    more = StandIn(n_films=80).films
    del more[60]  # no longer shown: its rating stays, with the title it had
    with Store(path, more.values()) as store:
        store.rate(ann, 80, 5).result()
        assert kept(store, ann) == {60: 4, 80: 5}


@pytest.mark.parametrize("where", [".", "a-file/below.sqlite"])
def test_a_place_that_can_hold_no_file_is_refused(tmp_path, where):
    (tmp_path / "a-file").write_text("")
    with pytest.raises(StoreError, match="store"):
        Store(tmp_path / where, FILMS)


def test_two_services_may_make_the_same_store_at_once(path):
    stores, errors = [], []

    def start():
        try:
            stores.append(Store(path, FILMS))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    visitors = [new_token() for store in stores]
    for visitor, store in zip(visitors, stores, strict=True):
        store.rate(visitor, 1, 4).result()
    for store in stores:
        assert [kept(store, visitor) for visitor in visitors] == [{1: 4}] * 4
    for store in stores:
        store.close()
    assert [p.name for p in path.parent.iterdir()] == ["visitors.sqlite"]
