"""What is left of a service that is killed, starved, stopped or given a broken file."""

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from http.client import HTTPException
from pathlib import Path

import pytest
from standin import Service, StandIn

from recbook.app.store import Store, new_token

ROOT = Path(__file__).resolve().parents[2]
WRITERS = 6
DIED = (OSError, HTTPException, ValueError)  # what a client sees of it


@pytest.fixture
def path(tmp_path):
    return tmp_path / "visitors.sqlite"


class Writer(threading.Thread):
    """Rates without a pause; remembers what was acknowledged, and what was not yet."""

    def __init__(self, service, visitor, seed, known):
        super().__init__(daemon=True)
        self.service, self.visitor, self.known = service, visitor, dict(known)
        self.random = random.Random(seed)
        self.asked = None  # (film, stars or None) on its way when the service died
        self.acknowledged = 0

    def run(self):
        connection = self.service.connect(timeout=10)
        with contextlib.closing(connection), contextlib.suppress(*DIED):
            while True:
                film, stars = self.random.randint(1, 60), self.random.randint(0, 5)
                self.asked = film, stars or None
                self.ask(connection, film, stars)
                self.known.pop(film, None)
                if stars:
                    self.known[film] = stars
                self.acknowledged += 1
                self.asked = None

    def ask(self, connection, film, stars):
        method, body = ("PUT", {"stars": stars}) if stars else ("DELETE", None)
        status, _, _ = self.service.ask(
            method,
            f"/api/ratings/{film}",
            body,
            connection=connection,
            who=self.visitor,
        )
        if status not in (200, 204):
            raise ValueError(status)

    def may_be(self):
        """The states that the store may be in: with the last request, or without."""
        without, last = dict(self.known), dict(self.known)
        if self.asked is not None:
            film, stars = self.asked
            last.pop(film, None)
            if stars:
                last[film] = stars
        return [without, last]


def check_file(path):
    """Sound, in SQLite's own eyes; returns how many ratings it holds."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        both = "SELECT count(*), count(DISTINCT visitor * 1000 + film_id) FROM ratings"
        total, distinct = db.execute(both).fetchone()
        assert total == distinct
        return total


def look_at_a_copy(path, folder):
    """Check the files as the kill left them, and let nothing mend them before."""
    folder.mkdir()
    for file in path.parent.glob(path.name + "*"):
        (folder / file.name).write_bytes(file.read_bytes())
    return check_file(folder / path.name)


def test_killed_in_the_middle_of_writes_nothing_acknowledged_is_lost(path, tmp_path):
    visitors, writers, acknowledged, total = [], [], 0, 0
    for turn in range(6):
        with Service(path) as service:
            found = [service.ratings(visitor) for visitor in visitors]
            for writer, ratings in zip(writers, found, strict=True):
                assert ratings in writer.may_be()
            assert service.log == []
            if turn == 0:
                visitors = [service.visitor() for _ in range(WRITERS)]
                found = [{}] * WRITERS
            else:
                assert total == sum(map(len, found))  # each is there once
            if turn == 5:
                break
            writers = [
                Writer(service, visitor, 10 * turn + i, found[i])
                for i, visitor in enumerate(visitors)
            ]
            for writer in writers:
                writer.start()
            stop = time.monotonic() + 30
            while sum(w.acknowledged for w in writers) < 100 + 37 * turn:
                assert time.monotonic() < stop, "no progress"
                time.sleep(0.001)
            service.kill()
            for writer in writers:
                writer.join(timeout=20)
                assert not writer.is_alive()
        total = look_at_a_copy(path, tmp_path / f"copy-{turn}")
        acknowledged += sum(writer.acknowledged for writer in writers)
    assert acknowledged >= 5 * 100


def test_killed_while_it_starts_it_starts_again(path):
    for delay in (0.0, 0.02, 0.05):
        process = subprocess.Popen(
            [sys.executable, "-c", MAKE, str(path)], stdout=subprocess.PIPE
        )
        process.stdout.readline()  # it is about to make the file
        time.sleep(delay)
        process.kill()
        process.wait()
        process.stdout.close()
    with Service(path) as service:
        visitor = service.visitor()
        assert service.rate(visitor, 7, 5) == 200
        assert service.stop() == 0
    assert check_file(path) == 1


MAKE = """
import sys
from recbook.app.store import Store
print("now", flush=True)
Store(sys.argv[1]).close()
"""


def test_stopped_gently_it_finishes_what_it_has_begun(path):
    """SIGTERM: answers what was asked, closes the file, exits with 0."""
    with Service(path) as service:
        visitors = [service.visitor() for _ in range(WRITERS)]
        writers = [Writer(service, v, i, {}) for i, v in enumerate(visitors)]
        for writer in writers:
            writer.start()
        stop = time.monotonic() + 30
        while sum(w.acknowledged for w in writers) < 50:
            assert time.monotonic() < stop, "no progress"
            time.sleep(0.001)
        assert service.stop() == 0
        assert "Traceback" not in "".join(service.log)
        for writer in writers:
            writer.join(timeout=20)
    assert not path.with_name(path.name + "-wal").exists()
    check_file(path)
    with Service(path) as service:
        for writer in writers:
            assert service.ratings(writer.visitor) in writer.may_be()


def rate_until_full(service, visitors):
    """Rate until there is no room; return each visitor's acknowledged ratings."""
    known = {visitor: {} for visitor in visitors}
    for turn in range(200):
        for visitor in visitors:
            film, stars = 1 + turn % 60, 1 + turn % 5
            path = f"/api/ratings/{film}"
            status, _, said = service.ask("PUT", path, {"stars": stars}, who=visitor)
            if status != 200:
                return known, status, said["error"]
            known[visitor][film] = stars
    raise AssertionError("it was never full")


def logged(service, text, patience=20.0):
    """Whether the service's log says it: a thread reads it, later than the answer."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if any(text in line for line in list(service.log)):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX's")
def test_without_room_it_refuses_reads_on_and_writes_again(path):
    with Service(path, file_size=160 * 1024) as service:
        visitors = [service.visitor() for _ in range(3)]
        known, status, said = rate_until_full(service, visitors)
        assert status == 507
        assert "no room" in said
        assert str(path.parent) not in said
        assert logged(service, str(path))  # for who runs it
        for visitor in visitors:  # reading goes on, and so do lists and the page
            assert service.ratings(visitor) == known[visitor]
            lists = service.ask("GET", "/api/recommendations", who=visitor)
            assert lists[0] == 200
        status, _, said = service.ask("GET", "/health")
        assert (status, said["status"]) == (200, "ready")
        assert "no room" in said["writes"]
        resource = pytest.importorskip("resource")
        if hasattr(resource, "prlimit"):  # room is made, in the running service
            pid, no_limit = service.process.pid, (resource.RLIM_INFINITY,) * 2
            resource.prlimit(pid, resource.RLIMIT_FSIZE, no_limit)
            assert service.rate(visitors[0], 60, 5) == 200
            known[visitors[0]][60] = 5
            assert service.ask("GET", "/health")[2]["writes"] == "ok"
        service.kill()
    check_file(path)
    with Service(path) as service:
        for visitor in visitors:
            assert service.ratings(visitor) == known[visitor]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of half a megabyte, where the system lets us have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "recbook-test", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=20)
    except OSError:
        pytest.skip("no mount command")
    if done.returncode != 0:
        pytest.skip("may not mount a small disk here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True, timeout=20)


def test_a_disk_that_is_really_full(small_disk):
    path = small_disk / "visitors.sqlite"
    with Service(path) as service:
        visitors = [service.visitor() for _ in range(3)]
        before = {visitor: {} for visitor in visitors}
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 1024)
        known, status, said = rate_until_full(service, visitors)
        assert (status, "no room" in said) == (507, True)
        assert known.keys() == before.keys()
        for visitor in visitors:
            assert service.ratings(visitor) == known[visitor]
        filler.unlink()
        assert service.rate(visitors[0], 60, 5) == 200
        known[visitors[0]][60] = 5
        service.kill()
    with Service(path) as service:
        for visitor in visitors:
            assert service.ratings(visitor) == known[visitor]
        assert service.stop() == 0


def start(*arguments):
    """Run the command as a user does; return its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "recbook.app", "--port", "0", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, "one sentence"
    return done.returncode, lines[0]


def start_standin(path):
    command = [sys.executable, str(ROOT / "tests" / "app" / "standin.py"), "{}", "{}"]
    done = subprocess.run(
        [*command, "--port", "0", "--store", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr.splitlines()


def test_a_corrupt_store_is_refused_and_never_overwritten(path):
    with Store(path, StandIn().films.values()) as store:
        visitor = new_token()
        for future in [store.rate(visitor, film, 5) for film in range(1, 40)]:
            future.result()
    good = path.read_bytes()
    for data in (good[:5000], good[:4096] + b"\0" * (len(good) - 4096)):
        path.write_bytes(data)
        code, lines = start_standin(path)
        assert code == 2
        assert len(lines) == 1
        assert str(path) in lines[0]
        assert "put a copy of it in its place, or move it away" in lines[0]
        assert path.read_bytes() == data
    path.write_bytes(good)  # the copy, in its place
    with Service(path) as service:
        assert len(service.ratings(visitor)) == 39


@pytest.fixture
def bundle_folder(tmp_path):
    from recbook.app import bundle

    bundle.write(bundle.toy(), tmp_path / "bundle")
    return tmp_path / "bundle"


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def stretch(path):
    path.write_bytes(path.read_bytes() + b"\0")


def scratch(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("manifest.json", cut),
        ("towers.npz", scratch),
        ("index.faiss", stretch),
        ("films.json", Path.unlink),
    ],
)
def test_a_corrupt_model_file_is_refused(bundle_folder, path, name, damage):
    """The command itself, as `make app` runs it: one sentence, and the code 2."""
    damage(bundle_folder / name)
    code, said = start("--bundle", bundle_folder, "--store", path)
    assert code == 2
    assert str(bundle_folder / name) in said
    assert "remove the folder and start the service again" in said
    assert not path.exists()


def test_a_port_that_is_taken_is_refused(path):
    with Service(path) as service:
        code, said = start("--port", service.port, "--store", path)
        assert code == 2
        assert "try another --port" in said
