"""The book without a network, after one visit: ``make site-test``.

A browser trusts this machine, where the worker asks the server first, and it is told to
trust ``book.test``, which stands for a host of the world. The network is off when the
server answers nobody any more.
"""

import json
import os
import re
import shutil
import threading
import urllib.request
from http.server import ThreadingHTTPServer
from pathlib import Path

import browsing
import offline
import pytest
import serve
from live import build
from livepages import PATIENCE, press

pytestmark = pytest.mark.site

SMALL = ("index.html", "404.html", "chapters/intro.html", "search.html")
FIRST = "chapters/2-neighbours/similarity.html"
RULES = "--host-resolver-rules=MAP book.test 127.0.0.1, MAP * ~NOTFOUND"
RULES += ", EXCLUDE 127.0.0.1"
KEPT = "Kept for offline reading"
NEWER = "A newer edition is there"
NAMES = "caches.keys().then(names => names.sort())"


class World:
    """A server of one folder after the other, and a browser that trusts it."""

    def __init__(self, browser):
        self.folder, self.is_on, self.asked, world = None, True, [], self
        self.worker = threading.Event()  # until then sw.js is not sent

        class Handler(serve.Course):
            def __init__(self, *given):
                super().__init__(*given, directory=world.folder)

            def parse_request(self):
                self.close_connection = True
                return world.is_on and super().parse_request()

            def send_head(self):
                if self.path == "/sw.js":
                    world.worker.wait()
                return super().send_head()

            def log_message(self, *_):
                world.asked.append(self.path)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.own = f"http://127.0.0.1:{self.server.server_port}"
        self.address = f"http://book.test:{self.server.server_port}"
        trust = f"--unsafely-treat-insecure-origin-as-secure={self.address}"
        flags = [flag for flag in browsing.FLAGS if "resolver" not in flag]
        flags += [trust, RULES]
        self.browser = browsing.launched(browser.browser_type, flags)


@pytest.fixture(scope="module")
def whole_world(browser):
    world = World(browser)
    yield world
    world.browser.close()
    world.server.shutdown()
    world.server.server_close()


@pytest.fixture
def opened(whole_world):
    """Return a function that serves a folder, and returns where and to whom."""
    contexts = []

    def begin(folder):
        whole_world.folder, whole_world.is_on = folder, True
        whole_world.worker.set()
        whole_world.asked.clear()
        view = {"width": 1280, "height": 900}
        contexts.append(whole_world.browser.new_context(viewport=view))
        contexts[0].set_default_timeout(PATIENCE)
        return whole_world, contexts[0], whole_world.address

    yield begin
    for context in contexts:
        context.close()


def copy(folder, to, names=SMALL):
    """Put some pages, and all that they load, into a folder; no Python."""
    for path in [*(folder / "_static").rglob("*"), *(folder / "_images").iterdir()]:
        inside = path.relative_to(folder)
        if path.is_file() and "live" not in inside.parts[:2]:
            names = [*names, inside.as_posix()]
    for name in names:
        if (folder / name).exists():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / name, to / name)
    offline.write(to)


def change(folder, name, old, new):
    """Change a page of a site, and write what its worker has to know."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    offline.write(folder)


def wait_until_kept(tab):
    tab.get_by_text(KEPT).wait_for(state="attached")


def test_after_one_visit_and_one_press_all_works_without_a_network(opened):
    if not build.MARKER.exists():
        pytest.skip("the Python for the pages could not be had")
    server, context, address = opened(serve.HTML)
    tab = context.new_page()
    server.worker.clear()
    tab.goto(f"{address}/{FIRST}")
    label = tab.evaluate("recbookLive.cells.find(c => c.run).label")
    press(tab, label)  # before there is a worker that could keep it
    server.worker.set()
    wait_until_kept(tab)
    packs = "caches.open('recbook / packs').then(c => c.keys()).then(k => k.length)"
    whole = len(json.loads(build.MARKER.read_text(encoding="utf-8")))
    tab.wait_for_function(f"() => {packs}.then(n => n === {whole})")

    server.is_on = False
    chapters = sorted(serve.HTML.glob("chapters/*/*.html"))[::30]
    assert len(chapters) >= 3
    for path in [*chapters, serve.HTML / "chapters/intro.html"]:
        name = path.relative_to(serve.HTML).as_posix()
        tab.goto(f"{address}/{name}?path=an-hour")
        assert tab.locator(".bd-article h1").first.is_visible()
        seen = "[...document.images].every(i => !i.complete || i.naturalWidth > 0)"
        assert tab.evaluate(seen)
        assert tab.evaluate("document.fonts.ready.then(f => f.size > 0)")
    tab.goto(f"{address}/search.html?q=cosine")
    tab.locator("#search-results li").first.wait_for()
    tab.goto(f"{address}/nowhere.html")
    assert "There is no page at this address" in tab.inner_text("main")
    tab.goto(f"{address}/{FIRST}")
    assert "error" not in press(tab, label)["state"]
    assert tab.evaluate("recbookLive.idle()")


def test_a_newer_edition_is_offered_and_comes_when_it_is_wanted(opened, tmp_path):
    copy(serve.HTML, tmp_path)
    _, context, address = opened(tmp_path)
    tab, other = context.new_page(), context.new_page()
    tab.goto(f"{address}/chapters/intro.html")
    wait_until_kept(tab)
    other.goto(f"{address}/chapters/intro.html")
    wait_until_kept(other)
    before = tab.evaluate(NAMES)
    asked = []
    context.on("request", lambda request: asked.append(request.url))

    title = tab.title()
    change(tmp_path, "chapters/intro.html", f"<title>{title}", "<title>Second edition")
    tab.reload()
    tab.get_by_text(NEWER).wait_for()
    assert tab.title() == title  # not by itself, however often it is opened
    tab.reload()
    tab.get_by_text(NEWER).wait_for()
    assert tab.title() == title
    assert len(tab.evaluate(NAMES)) == 2

    with tab.expect_navigation():
        tab.get_by_role("button", name="reload").click()
    tab.wait_for_function("document.title === 'Second edition'")
    after = tab.evaluate(NAMES)
    assert len(after) == 1
    assert after != before  # the older one is gone
    other.get_by_text(NEWER).wait_for()
    assert other.title() == title


def test_what_did_not_change_is_not_fetched_again(opened, tmp_path):
    copy(serve.HTML, tmp_path)
    server, context, address = opened(tmp_path)
    tab = context.new_page()
    tab.goto(f"{address}/chapters/intro.html")
    wait_until_kept(tab)
    change(tmp_path, "index.html", "<title>", "<title>Second: ")
    server.asked.clear()
    tab.reload()
    tab.get_by_text(NEWER).wait_for()
    assert {path.partition("?")[0] for path in server.asked} == {
        *("/sw.js", "/offline.json", "/index.html")
    }


def test_two_books_on_one_host_share_nothing(opened, tmp_path):
    for name in ("one", "two"):
        copy(serve.HTML, tmp_path / name)
    server, context, address = opened(tmp_path)
    first, second = context.new_page(), context.new_page()
    first.goto(f"{address}/one/chapters/intro.html")
    wait_until_kept(first)
    second.goto(f"{address}/two/chapters/intro.html")
    wait_until_kept(second)
    names = first.evaluate(NAMES)
    assert [name.split()[1] for name in names] == ["/one/", "/two/"]
    scope = "navigator.serviceWorker.ready.then(r => new URL(r.scope).pathname)"
    assert [tab.evaluate(scope) for tab in (first, second)] == ["/one/", "/two/"]
    change(tmp_path / "two", "index.html", "<title>", "<title>Second: ")
    second.reload()
    with second.expect_navigation():
        second.get_by_role("button", name="reload").click()
    wait_until_kept(second)
    assert first.evaluate(NAMES)[0] == names[0]
    server.is_on = False
    first.reload()
    wait_until_kept(first)


def test_on_this_machine_the_server_is_asked_first(opened, tmp_path):
    """Tomorrow another program may answer there, or a book that was built again."""
    copy(serve.HTML, tmp_path)
    server, context, _ = opened(tmp_path)
    tab = context.new_page()
    tab.goto(f"{server.own}/chapters/intro.html")
    wait_until_kept(tab)
    title, before = tab.title(), ",".join(tab.evaluate(NAMES))
    change(tmp_path, "chapters/intro.html", f"<title>{title}", "<title>Second edition")
    tab.reload()
    assert tab.title() == "Second edition"
    tab.wait_for_function(f"old => {NAMES}.then(now => now.join() !== old)", arg=before)
    assert tab.get_by_text(NEWER).count() == 0
    server.is_on = False
    tab.reload()
    wait_until_kept(tab)


def test_the_worker_is_asked_for_each_time_and_its_kind_is_the_servers_own(
    site, monkeypatch
):
    """A registry of Windows may call a script plain text, and none such is begun."""
    monkeypatch.setattr("mimetypes.guess_type", lambda *_, **__: ("text/plain", None))
    found = {}
    for name in ("sw.js", "manifest.webmanifest", offline.LIST):
        with urllib.request.urlopen(f"{site}/{name}") as answer:
            assert answer.headers["Cache-Control"] == "no-cache"
            found[name] = answer.headers["Content-Type"]
    assert list(found.values()) == [
        *("text/javascript", "application/manifest+json", "application/json")
    ]


REFUSED = """
Object.defineProperty(navigator, "serviceWorker", {value: {
    controller: null, addEventListener() {},
    register: () => Promise.reject(new DOMException("refused", "SecurityError"))}});
"""


def test_where_it_is_refused_the_page_is_as_it_was(browser, site):
    context, tab, complaints = browsing.window(browser, site, "light", 1280)
    tab.add_init_script(REFUSED)
    tab.goto(f"{site}/chapters/intro.html", wait_until="networkidle")
    assert tab.get_by_text(KEPT).count() == 0
    context.close()
    assert complaints == []


def test_a_page_that_is_a_file_asks_for_no_worker(browser):
    context, tab, complaints = browsing.window(
        browser, serve.HTML.as_uri(), "light", 1280
    )
    tab.goto(f"{serve.HTML.as_uri()}/chapters/intro.html", wait_until="load")
    assert tab.locator("link[rel=manifest]").count() == 0
    context.close()
    assert complaints == []


# The files ----------------------------------------------------------------------------


def test_the_same_site_has_the_same_list_and_worker(tmp_path):
    copy(serve.HTML, tmp_path)
    files = [offline.LIST, "sw.js", "manifest.webmanifest"]
    first = [(tmp_path / name).read_bytes() for name in files]
    offline.write(tmp_path)
    assert first == [(tmp_path / name).read_bytes() for name in files]
    change(tmp_path, "index.html", "<title>", "<title>Second: ")
    assert first[:2] != [(tmp_path / name).read_bytes() for name in files[:2]]


LOADED = re.compile(
    r'<(?:script|img|link rel="stylesheet")[^>]* (?:src|href)="([^"#?:]+)'
)


def test_the_list_names_all_that_the_pages_load():
    lists = json.loads((serve.HTML / offline.LIST).read_text(encoding="utf-8"))
    pages = [name for name in lists["now"] if name.endswith(".html")]
    assert len(pages) > 100
    loaded = set()
    for page in pages:
        text = (serve.HTML / page).read_text(encoding="utf-8")
        links = [os.path.join(Path(page).parent, link) for link in LOADED.findall(text)]
        loaded |= {Path(os.path.normpath(link)).as_posix() for link in links}
    assert len(loaded) > 40
    assert loaded <= lists["now"].keys()


def test_the_whole_book_is_small_enough_to_keep():
    now = json.loads((serve.HTML / offline.LIST).read_text(encoding="utf-8"))["now"]
    assert sum((serve.HTML / name).stat().st_size for name in now) < 50e6
    assert {"chapters/intro.html", "search.html", "404.html"} <= now.keys()
    assert not [name for name in now if name.endswith((".bin", ".whl", ".ipynb"))]


def test_the_app_has_a_name_an_icon_and_a_first_page():
    about = json.loads((serve.HTML / "manifest.webmanifest").read_text("utf-8"))
    for name in (about["start_url"], *(icon["src"] for icon in about["icons"])):
        assert (serve.HTML / name).is_file()


def test_names_of_the_site_may_be_written_on_windows():
    seen = set()
    for path in serve.HTML.rglob("*"):
        name = path.relative_to(serve.HTML).as_posix()
        assert len(name) <= 150, name
        assert not re.search(r'[<>:"\\|?*]|[ .](/|$)', name), name
        assert name.casefold() not in seen, name
        seen.add(name.casefold())
