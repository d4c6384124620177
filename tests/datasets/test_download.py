"""The cache holds a sound zip or none, whatever the network and others do to it."""

import hashlib
import http.server
import os
import subprocess
import sys
import threading
import zipfile

import pytest

from recbook import datasets
from recbook.datasets import download

N_RATINGS = 10  # of the tiny data set


class Mirror:
    """A server on this machine that hands out one content and counts."""

    def __init__(self):
        self.content, self.hits = b"", 0
        self.goes_on = threading.Event()  # a server that hangs sets it aside
        self.goes_on.set()
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mirror.hits += 1
                self.send_response(200)
                self.end_headers()
                self.wfile.write(mirror.content[:1])
                mirror.goes_on.wait(timeout=60)
                self.wfile.write(mirror.content[1:])

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ml-100k.zip"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def archive(tiny, tmp_path, monkeypatch):
    """Return the bytes of a zip of the tiny data set, which is nowhere else."""
    monkeypatch.delenv("RECBOOK_ML100K")
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(tiny.iterdir()):
            zipped.write(file, f"ml-100k/{file.name}")
    return path.read_bytes()


@pytest.fixture
def mirror(archive, monkeypatch):
    """Return a mirror that hands out the zip, the only one that is known."""
    mirror = Mirror()
    mirror.content = archive
    monkeypatch.delenv("RECBOOK_OFFLINE")
    monkeypatch.setattr(download, "MIRRORS", (mirror.url,))
    monkeypatch.setattr(download, "SHA256", hashlib.sha256(archive).hexdigest())
    yield mirror
    mirror.close()


@pytest.mark.parametrize("source", ["auto", "real"])
def test_one_download_serves_all_calls(mirror, source, capsys):
    for _ in range(3):
        movielens = datasets.load_ml100k(source)
        assert movielens.ratings.n_ratings == N_RATINGS
        assert movielens.is_real
        assert movielens.fold(2)[1].n_ratings == 2
    assert mirror.hits == 1
    assert capsys.readouterr().out == ""


def test_the_second_mirror_is_taken_where_the_first_has_a_page(mirror, monkeypatch):
    page = Mirror()
    page.content = b"<html>Please sign in to this network</html>"
    monkeypatch.setattr(download, "MIRRORS", (page.url, mirror.url))
    assert datasets.load_ml100k("real").ratings.n_ratings == N_RATINGS
    assert (page.hits, mirror.hits) == (1, 1)
    page.close()


@pytest.mark.parametrize("harm", ["a page", "cut off", "another zip"])
def test_a_wrong_content_is_refused_and_leaves_nothing(mirror, harm, archive, tmp_path):
    mirror.content = {
        "a page": b"<html>Not found</html>",
        "cut off": archive[: len(archive) // 2],
        "another zip": archive + b"\0",
    }[harm]
    with pytest.raises(FileNotFoundError, match="another sha256"):
        datasets.load_ml100k("real")
    left = [path.name for path in (tmp_path / "cache").iterdir()]
    assert left == ["download-failed.txt"]
    mirror.content = archive  # the next call that asks for it begins anew
    assert datasets.load_ml100k("real").is_real


def test_a_server_without_an_end_is_left(mirror, monkeypatch, tmp_path):
    monkeypatch.setattr(download, "DEADLINE", 0.5)
    mirror.goes_on.clear()
    with pytest.raises(FileNotFoundError, match=r"took longer than 0\.5 s"):
        datasets.load_ml100k("real")
    mirror.goes_on.set()
    for thread in threading.enumerate():
        if thread.name == download.THREAD:
            thread.join(timeout=60)
    left = [path.name for path in (tmp_path / "cache").iterdir()]
    assert sorted(left) == ["download-failed.txt", "ml-100k.zip"]  # it came after all


def test_a_content_without_an_end_is_left(mirror, monkeypatch, tmp_path):
    monkeypatch.setattr(download, "LARGEST", 2048)
    mirror.content = bytes(10_000)
    with pytest.raises(FileNotFoundError, match=r"larger than ml-100k\.zip"):
        datasets.load_ml100k("real")
    left = [path.name for path in (tmp_path / "cache").iterdir()]
    assert left == ["download-failed.txt"]


def test_what_a_killed_download_left_is_removed_after_a_day(mirror, tmp_path):
    cache = tmp_path / "cache"
    unpacked = cache / "ml-100k"
    unpacked.mkdir(parents=True)
    old = cache / f"{download.UNFINISHED}a", unpacked / f"{download.UNFINISHED}b"
    new = cache / f"{download.UNFINISHED}c"
    for path in (old[0], new):
        path.mkdir()
        (path / "part").write_text("of a zip")
    old[1].write_text("part of a file")
    (cache / "tmp-of-somebody-else").write_text("")
    for path in (*old, cache / "tmp-of-somebody-else"):
        os.utime(path, (0, 0))
    datasets.load_ml100k("real")
    left = {path.name for path in cache.iterdir()}
    assert left == {"ml-100k.zip", "ml-100k", new.name, "tmp-of-somebody-else"}
    assert not old[1].exists()


def test_a_failure_is_remembered_by_the_process_and_by_the_cache(
    mirror, monkeypatch, tmp_path
):
    content, mirror.content = mirror.content, b"<html></html>"
    assert not datasets.load_ml100k().is_real
    assert not datasets.load_ml100k().is_real  # this process remembers
    monkeypatch.setattr(download, "_failure", None)
    assert not datasets.load_ml100k().is_real  # another reads the stamp
    assert mirror.hits == 1
    monkeypatch.setattr(download, "_failure", None)
    mirror.content = content
    stamp = tmp_path / "cache" / "download-failed.txt"
    long_ago = stamp.stat().st_mtime - download.REST - 1
    os.utime(stamp, (long_ago, long_ago))
    assert datasets.load_ml100k().is_real
    assert not stamp.exists()


def test_no_network_is_quick(monkeypatch, mirror):
    mirror.close()  # the port now refuses
    with pytest.raises(FileNotFoundError, match=r"no answer \(ConnectionError\)"):
        datasets.load_ml100k("real")


@pytest.mark.parametrize("harm", ["half", "page", "empty"])
def test_a_damaged_zip_in_the_cache_is_mended(mirror, archive, tmp_path, harm):
    path = tmp_path / "cache" / "ml-100k.zip"
    path.parent.mkdir()
    half = archive[: len(archive) // 2]
    path.write_bytes({"half": half, "page": b"<html>", "empty": b""}[harm])
    assert datasets.load_ml100k().is_real
    assert path.read_bytes() == archive


def test_a_damaged_zip_is_named_where_there_is_no_network(
    mirror, monkeypatch, tmp_path
):
    path = tmp_path / "cache" / "ml-100k.zip"
    path.parent.mkdir()
    path.write_bytes(b"half")
    monkeypatch.setenv("RECBOOK_OFFLINE", "1")
    with pytest.raises(FileNotFoundError, match=r"ml-100k\.zip is damaged"):
        datasets.load_ml100k("real")


def test_half_written_files_in_the_cache_are_mended(mirror, monkeypatch, tmp_path):
    datasets.load_ml100k()
    monkeypatch.setenv("RECBOOK_OFFLINE", "1")  # the zip is enough
    unpacked = tmp_path / "cache" / "ml-100k"
    (unpacked / "u.data").write_bytes((unpacked / "u.data").read_bytes()[:30])
    (unpacked / "u.item").unlink()
    movielens = datasets.load_ml100k("real")
    assert movielens.ratings.n_ratings == N_RATINGS
    assert len(movielens.movies) == 5
    assert {path.name for path in unpacked.iterdir()} == set(download.FILES)


def test_two_processes_at_once_do_no_harm(mirror, tmp_path):
    code = (
        "from recbook import datasets\n"
        "from recbook.datasets import download\n"
        f"download.MIRRORS = ({mirror.url!r},)\n"
        f"download.SHA256 = {download.SHA256!r}\n"
        "movielens = datasets.load_ml100k('real')\n"
        f"assert movielens.ratings.n_ratings == {N_RATINGS}\n"
        "assert movielens.fold(1)[1].n_ratings == 2\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait(timeout=100) for process in running] == [0, 0]
    left = {path.name for path in (tmp_path / "cache").iterdir()}
    assert left == {"ml-100k.zip", "ml-100k"}
    assert len(list((tmp_path / "cache" / "ml-100k").iterdir())) == len(download.FILES)


def test_a_cache_that_cannot_be_written_is_named(mirror, monkeypatch, tmp_path, capsys):
    # Below a file no folder can be made, not even by root.
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RECBOOK_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(FileNotFoundError, match=r"cannot be written .*RECBOOK_CACHE"):
        datasets.load_ml100k("real")
    assert not datasets.load_ml100k().is_real
    assert "cannot be written to" in capsys.readouterr().out
    assert mirror.hits == 0


def test_a_cache_that_can_only_be_read_serves(mirror, monkeypatch):
    datasets.load_ml100k()

    def refuse(*args, **kwargs):
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    assert datasets.load_ml100k("real").is_real


def test_a_full_cache_that_cannot_be_unpacked_is_named(mirror, monkeypatch, tmp_path):
    datasets.load_ml100k()
    (tmp_path / "cache" / "ml-100k" / "u.item").unlink()

    def refuse(*args, **kwargs):
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(FileNotFoundError, match="Read-only file system"):
        datasets.load_ml100k("real")


def test_without_pooch_the_embedded_data_is_taken(fresh, monkeypatch, capsys):
    monkeypatch.delenv("RECBOOK_OFFLINE")
    monkeypatch.delenv("RECBOOK_CACHE")
    monkeypatch.setitem(sys.modules, "pooch", None)
    assert not datasets.load_ml100k().is_real
    assert "pooch is not installed" in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match="pooch is not installed"):
        datasets.load_ml100k("real")
