"""The panel for a file of the reader's: without scripts, and in a real browser.

``make site-test`` for the second. Python starts once for each page: a test goes the
whole way on it.
"""

import json
import re
from html import unescape
from pathlib import Path

import browsing
import pytest
import serve
import smallbook
from bookpages import ALL_PAGES
from browsing import AXE, SHOTS, WIDER
from firefox import COMMAND, Firefox
from live import build
from recbook_book.live import your_file
from recbook_book.notebooks.plain_markdown import Markdown

from recbook.datasets import example_file


@pytest.fixture
def built(tmp_path):
    """Return a function that builds a page: its tree, its HTML and Sphinx's words."""

    def build(job):
        text = f"# File\n\n```{{your-file}} {job}\n```\n"
        return smallbook.page(tmp_path, text, "live.your_file")

    return build


def test_without_scripts_the_panel_is_a_command(built):
    tree, html, complaints = built("customer_value")
    assert not complaints
    found = re.search(
        r'<div class="your-file" data-job="(.*?)" data-slots="(.*?)">', html
    )
    assert found[1] == "customer_value"
    slots = json.loads(unescape(found[2]))
    assert [slot.get("example") for slot in slots] == ["orders.csv"]
    words = re.sub(r"<[^>]*>", "", html)
    assert "python -m recbook.report customer-value orders.csv --customer" in words
    assert "example_file" not in html, "the notebook's sentence is on the page"
    for name in your_file.SCRIPTS:
        assert f"{name}.js" in html
    (panel,) = tree.findall(your_file.is_panel)
    markdown = Markdown(None, None, None).block(panel)
    assert 'in place of `example_file("orders.csv")`' in markdown
    assert "```bash\npython -m recbook.report customer-value" in markdown
    assert "becomes the same report" not in markdown


def test_a_job_that_is_none_stops_the_book(built):
    assert "recbook.report has no job 'tea'" in built("tea")[2]


def test_a_notebook_names_each_file_of_a_job():
    words = your_file.for_notebooks("targeting").astext()
    assert 'example_file("trial.csv") and that of another' in words
    assert 'example_file("customers.csv") in the cell that reads it' in words


# In a browser -------------------------------------------------------------------------

in_a_browser = [
    pytest.mark.site,
    pytest.mark.skipif(
        not build.MARKER.exists(), reason="the Python for the pages could not be had"
    ),
]
NAME = "<img src=x onerror=alert(1)>"
COLUMN = "<b onclick=alert(2)>what</b>"
PRODUCT = "</td><script>alert(3)</script>"
FOCUSED = """() => {
    const {id, className, innerText} = document.activeElement;
    return id || innerText.split("\\n")[0] || className;
}"""
DROP = """(box, [name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name));
    for (const kind of ["dragover", "drop"])
        box.dispatchEvent(new DragEvent(kind,
            {dataTransfer: data, bubbles: true, cancelable: true}));
}"""
# Where the reader was in the theme's menu is the theme's, and the site keeps its own
# pages: the service worker asks for them by GET.
STORED = """async () => {
    const kept = await Promise.all((await caches.keys()).map(async (name) =>
        (await (await caches.open(name)).keys()).map(({url}) => url)));
    return [
        JSON.stringify({...localStorage, ...sessionStorage, "sidebar-scroll-top": 0}),
        document.cookie, (await indexedDB.databases()).length,
        kept.flat().filter((url) =>
            !url.startsWith(location.origin) || url.includes("mine"))];
}"""
PANEL_AXE = AXE.replace("axe.run(document,", "axe.run('.your-file',")


@pytest.fixture
def orders(tmp_path):
    """Orders of the book in which three words would run, if they were no text."""
    text = example_file("orders.csv").read_bytes().decode("cp1252")
    for old, new in (("000452", NAME), ("product", COLUMN), ("Fig Jam", PRODUCT)):
        text = text.replace(old, new)
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def downloaded(tab, name):
    with tab.expect_download() as found:
        tab.get_by_role("button", name=f"Save {name}").press("Enter")
    return Path(found.value.path()).read_text(encoding="utf-8-sig")


# The theme looks what scrolls a moment after a change of size.
REACHED = """() => [...document.querySelectorAll('.your-file pre')].every(
    e => e.tabIndex >= 0 || e.scrollWidth <= e.clientWidth)"""


def looked_at(tab, name):
    """Look at the panel in both themes and on a phone, as axe and a person do."""
    tab.evaluate(browsing.axe())
    for theme, width in browsing.MODES:
        tab.set_viewport_size({"width": width, "height": 900})
        tab.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        assert tab.evaluate(WIDER) == [], (theme, width)
        if (theme, width) in [("light", 1280), ("dark", 390)]:
            tab.wait_for_function(REACHED)
            assert tab.evaluate(PANEL_AXE) == [], (theme, width)
        picture = SHOTS / f"your-file-{name}-{theme}-{width}.png"
        tab.locator(".your-file").screenshot(path=picture)


def mark(*marks):
    """Return a decorator that sets all of some marks."""

    def marked(test):
        for one in marks:
            test = one(test)
        return test

    return marked


@mark(*in_a_browser)
def test_a_file_becomes_a_report_without_a_network(page, orders):
    tab, dialogs, asked = page("chapters/8-own-numbers/customer-value.html"), [], []
    tab.on("dialog", lambda dialog: dialogs.append(dialog.message))
    before = tab.evaluate(STORED)
    slot, chooser = tab.locator(".own-slot"), tab.get_by_label("Choose a file")
    # A file that is no table is refused beside its button.
    slot.evaluate(DROP, ["photo.png", list(b"\x89PNG\r\n\x1a\n\0\0\0")])
    slot.locator(".own-wrong:not([hidden])").wait_for()
    assert chooser.get_attribute("aria-invalid") == "true"
    assert tab.evaluate(FOCUSED) == chooser.get_attribute("id")
    # Python is there: from now on there is no network.
    tab.on("request", lambda request: asked.append(request.url))
    tab.context.set_offline(True)
    chooser.set_input_files(orders)
    tab.get_by_role("heading", name="2 · The columns").wait_for()
    assert tab.get_by_role("cell", name=NAME).count()
    tab.get_by_label("Product", exact=True).select_option(COLUMN)
    tab.get_by_text("More settings").click()
    draws = tab.get_by_label("Resamplings")
    draws.fill("20")
    make = tab.get_by_role("button", name="Make the report")
    make.click()
    tab.locator(".own-wrong", has_text="must be an integer of at least 39").wait_for()
    assert tab.evaluate(FOCUSED) == draws.get_attribute("id")
    draws.fill("39")
    # Stop: the file stays chosen, and the next press starts Python again.
    make.click()
    tab.locator("progress[value]").wait_for()
    tab.get_by_role("button", name="Stop").click()
    tab.get_by_text("stopped; the file is still chosen").wait_for()
    make.click()
    tab.get_by_text(re.compile(r"^made in [\d.]+ s$")).wait_for()
    assert tab.evaluate(FOCUSED) == "DECISION"
    report = downloaded(tab, "report.html")
    assert "&lt;b onclick" in report
    assert not re.search(r"<(img|script|b onclick)", report)
    customers = downloaded(tab, "list.csv").splitlines()
    assert customers[0].startswith("customer,frequency,recency")
    assert any(line.startswith(NAME) for line in customers)
    assert json.loads(downloaded(tab, "numbers.json"))["job"] == "customer_value"
    tab.get_by_role("button", name="Copy the command").click()
    looked_at(tab, "report")
    assert not tab.locator(".own-file :is(img, script, [onclick], [onerror])").count()
    assert not dialogs
    assert [url for url in asked if not url.startswith(("blob:", "data:"))] == []
    assert tab.evaluate(STORED) == before
    tab.context.set_offline(False)
    tab.reload()
    assert "mine.csv" not in tab.locator(".your-file").inner_text()
    assert tab.evaluate(STORED) == before


@mark(*in_a_browser)
def test_the_whole_way_by_keyboard_on_a_page_that_is_a_file(page):
    tab = page("chapters/8-own-numbers/did-it-work.html", of=serve.HTML.as_uri())
    # Asked for now, the browser hands choosers over by the time that Enter opens one:
    # asked for just before the key, it may still open a window that nobody sees.
    tab.on("filechooser", lambda chooser: None)
    tab.locator("#your-file h2").click()
    stops = []

    def go_to(words):
        for _ in range(60):
            tab.keyboard.press("Tab")
            stops.append(tab.evaluate(FOCUSED))
            if words in stops[-1]:
                return
        raise AssertionError(f"no way to {words}: {stops}")

    go_to("own-experiment-file-frame")
    with tab.expect_file_chooser() as found:
        tab.keyboard.press("Enter")
    found.value.set_files(example_file("test.csv"))
    tab.get_by_role("heading", name="2 · The columns").wait_for()
    go_to("own-experiment-unit")
    go_to("More settings")
    go_to("Make the report")
    tab.keyboard.press("Enter")
    tab.locator(".own-html").wait_for()
    tab.wait_for_function("document.activeElement.matches('.decision')")
    with tab.expect_download():
        tab.keyboard.press("Shift+Tab")  # the command
        tab.keyboard.press("Shift+Tab")
        tab.keyboard.press("Space")


@mark(*in_a_browser)
def test_a_file_too_large_says_how_large_and_gives_the_command(page):
    """Before any Python is loaded."""
    tab = page("chapters/8-own-numbers/what-to-show.html")
    tab.locator("h1").last.evaluate(  # anywhere on the page
        DROP.replace(
            "[new Uint8Array(bytes)]", "Array(bytes).fill(new Uint8Array(1e6))"
        ),
        ["big orders.csv", 51],
    )
    said = tab.locator(".own-wrong:not([hidden])")
    assert "big orders.csv has 51 MB. A page takes up to 50 MB" in said.inner_text()
    assert "recbook.report recommend 'big orders.csv' --customer" in said.inner_text()
    assert tab.evaluate("recbookLive.shared.epoch()") is None
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate(WIDER) == []


@mark(*in_a_browser)
@pytest.mark.skipif(not (ALL_PAGES and COMMAND), reason="Firefox's, at night")
@pytest.mark.parametrize("way", ["http", "file"])
def test_the_same_way_in_firefox(way, site, tmp_path):
    tab = Firefox(tmp_path)
    try:
        of = site if way == "http" else serve.HTML.as_uri()
        tab.go(f"{of}/chapters/8-own-numbers/did-it-work.html")
        tab.choose(".own-slot input", example_file("test.csv"))
        tab.wait("document.querySelector('.own-fields')")
        before = len(tab.requests)  # Python is there
        tab.click(".own-make")
        tab.wait("document.activeElement.matches('.decision')")
        tab.click(".own-saves button")
        assert b"Did it work?" in tab.downloaded("report.html")
        asked = [url for url in tab.requests[before:] if not url.startswith("blob:")]
        assert asked == []
    finally:
        tab.close()
