"""What the tests of the built pages share: the book, served as ``make serve`` does."""

import threading
from http.server import ThreadingHTTPServer

import pytest
import serve


class Quiet(serve.Course):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    """The address of the built book on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
