"""What the tests of the built pages share: the book, served as ``make serve`` does."""

import threading
from http.server import ThreadingHTTPServer

import browsing
import pytest
import serve
from livepages import PATIENCE


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


@pytest.fixture
def page(browser, site):
    """Return a function that opens a page; no complaint is heard at the end."""
    opened = []

    def open_page(name, theme="light", width=1280, of=site, dies=False, through=None):
        context, tab, complaints = browsing.window(browser, of, theme, width)
        opened.append((context, [] if dies else complaints))
        tab.set_default_timeout(PATIENCE)
        if through:  # what stands between the page and its server
            tab.route("**/*.html", through)
        tab.goto(f"{of}/{name}", wait_until="load")
        return tab

    yield open_page
    heard = [complaint for _, complaints in opened for complaint in complaints]
    for context, _ in opened:
        context.close()
    assert not heard
