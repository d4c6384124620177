"""The server of `make serve`: how long a browser may keep a file."""

import http.client
import threading
from http.server import ThreadingHTTPServer

import pytest
import serve


@pytest.fixture
def ask(tmp_path):
    """Ask a server of a small site; return status and ``Cache-Control``."""
    (tmp_path / "book.css").write_text("a {}")
    (tmp_path / "packs.bin").write_bytes(b"1")
    (tmp_path / "404.html").write_text("no such page")

    class Course(serve.Course):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, directory=tmp_path, **kwargs)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Course) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def answer(method, address, **headers):
            port = server.server_port
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request(method, address, headers=headers)
            got = connection.getresponse()
            got.read()
            connection.close()
            return got.status, got.headers["Cache-Control"]

        yield answer
        server.shutdown()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_missing_is_asked_for_again(ask, method):
    """Else a press of Run while the packs are written would keep a 404 for a year."""
    for address in ("/none.bin?v=1", "/none.html?digest=1", "/none.css"):
        assert ask(method, address) == (404, "no-cache")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_whose_address_names_its_contents_is_kept(ask, method):
    kept = (200, "max-age=31536000, immutable")
    assert ask(method, "/packs.bin?v=1") == kept
    assert ask(method, "/book.css?digest=1", **{"Accept-Encoding": "gzip"}) == kept
    assert ask(method, "/book.css") == (200, "no-cache")
    same = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert ask(method, "/packs.bin?v=1", **same) == (304, kept[1])
