"""Pages that run where they are read, in a real browser: ``make site-test``.

Python starts in the page at the first press, from the packs beside the pages, over http
and from files alike. What each exercise does on a fresh page, test_live_exercises.py
tries under Node.js, where that is cheaper.
"""

import contextlib
import json
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import bookpages
import browsing
import psutil
import pytest
import serve
from browsing import AXE, SHOTS, WIDER
from live import build
from livepages import edit, label_of, labels, press

pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(
        not build.MARKER.exists(), reason="the Python for the pages could not be had"
    ),
]

SMALL = "chapters/2-neighbours/similarity.html"
# One from a file, one over http. At night all of them.
WHOLE = ["2-neighbours/similarity", "6-marketing/pacing"]
LOOKS = [("dark", 390)]
if bookpages.ALL_PAGES:
    LOOKS.append(("light", 1280))
    WHOLE = [page.name for page in bookpages.notebooks()]
    WHOLE.remove("appendix/results")  # shows no code
FOCUSED = "document.activeElement.getAttribute('aria-label')"
MOST = 37e6  # bytes that a reader loads, once
# Of the processor, from press to first result.
SECONDS = {"2-neighbours/similarity": 5, "3-factorization/matrix-factorization": 5}


@pytest.mark.parametrize("name", WHOLE)
def test_every_cell_of_a_chapter_runs(name, page):
    """Each in sight, in order; only a starter may end with an error."""
    of = {"of": serve.HTML.as_uri()} if name.startswith("2") else {}
    tab = page(f"chapters/{name}.html", **of)
    cells = json.loads((build.ROOT / "chapters" / f"{name}.ipynb").read_text())["cells"]
    raising = {
        cell["id"]
        for cell in cells
        if "raises-exception" in cell["metadata"].get("tags", [])
    }
    pressed = labels(tab)
    assert pressed, "no cell of this page runs"
    failed = {}
    for label in pressed:
        done = press(tab, label)
        if not done["state"].startswith("ran in") and done["id"] not in raising:
            failed[done["id"]] = f"{done['state']}: {done['shown'][-300:]}"
    log = tab.evaluate("recbookLive.log")
    slow = [
        f"cell {one['n']} {one['seconds']:.0f} s" for one in log if one["seconds"] > 30
    ]
    print(name, len(pressed), "cells", *slow)
    assert not failed, "\n".join(f"{id}: {why}" for id, why in failed.items())


def test_nothing_of_python_is_loaded_before_it_is_asked_for(page, browser, site):
    tab = page(SMALL)
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.reload(wait_until="networkidle")
    assert len(asked) > 10
    assert not [url for url in asked if "/live/" in url]
    press(tab, 1)
    packs = [Path(urlsplit(url).path).name for url in asked if "/live/" in url]
    assert sorted(packs) == ["book.bin", "core.bin", "library.bin"]
    sizes = json.loads(build.MARKER.read_text())
    assert sum(pack["bytes"] for pack in sizes.values()) < MOST


def test_python_starts_when_the_pointer_rests_on_run(page):
    tab = page(SMALL)
    with tab.expect_request("**/_static/live/core.bin*"):
        tab.get_by_role("button", name="Run cell 2", exact=True).hover()
    assert press(tab, 2)["state"].startswith("ran in")


def test_python_does_not_start_ahead_where_data_are_saved(page):
    tab = page(SMALL)
    tab.evaluate("""() => {
        Object.defineProperty(navigator, 'connection', {value: {saveData: true}});
        window.begun = 0;
        recbookLive.ahead(document.querySelector('.live-run'), () => begun++);
    }""")
    tab.get_by_role("button", name="Run cell 1", exact=True).hover()
    tab.wait_for_timeout(500)  # three times as long as a pointer has to rest
    assert tab.evaluate("begun") == 0


def processor_seconds():
    """What the browser of this process has used so far, in all its processes."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


@pytest.mark.parametrize(("name", "most"), SECONDS.items())
def test_the_first_result_is_there_soon(name, most, page):
    tab = page(f"chapters/{name}.html")
    tab.wait_for_load_state("networkidle")
    before = processor_seconds()
    assert press(tab, 1)["state"].startswith("ran in")
    used = processor_seconds() - before
    print(f"{name}: first result after {used:.1f} s of the processor")
    assert used < most


def test_stop_ends_a_cell_that_never_ends_and_the_next_run_works(page):
    tab = page(SMALL)
    label = label_of(tab, "oracle-ann-bob")
    area = edit(tab, label)
    code = area.input_value()
    area.fill("print('begun')\nwhile True:\n    pass")
    area.press("Shift+Enter")
    tab.get_by_role("group", name=f"Result of cell {label}").get_by_text(
        "begun"
    ).wait_for()
    tab.locator(".live-state", has_text=re.compile(r"runs … \d+ s")).wait_for()
    begin = time.perf_counter()
    tab.get_by_role("button", name=f"Stop cell {label}", exact=True).click()
    tab.wait_for_function("recbookLive.idle()")
    assert time.perf_counter() - begin < 5  # at once, on a machine with much to do
    assert tab.evaluate(FOCUSED) == f"Run cell {label}"
    area.fill(code)
    assert press(tab, label)["state"].startswith("ran in")
    again = tab.get_by_role("button", name="Restart Python")
    again.click()
    assert tab.evaluate(FOCUSED) == f"Run cell {label}"
    assert not again.count()


def test_a_dead_python_is_said_and_starts_again(page):
    tab = page(SMALL, dies=True)  # Pyodide complains on the console
    area = edit(tab, 2)
    code = area.input_value()
    area.fill("import ctypes\nctypes.string_at(2**32 - 8, 4)")
    done = press(tab, 2)
    assert done["state"] == "Python stopped"
    assert "Run starts it again" in done["shown"]
    area.fill(code)
    assert press(tab, 2)["state"].startswith("ran in")


def test_edits_are_kept_and_reset_and_reset_is_no_loss(page):
    tab = page(SMALL)
    area = edit(tab, 2)
    code = area.input_value()
    area.fill("1 + 41")
    tab.reload(wait_until="load")
    assert area.input_value() == "1 + 41"
    assert press(tab, 2)["shown"].strip() == "42"
    tab.get_by_role("button", name="Reset cell 2", exact=True).click()
    assert not area.count()
    tab.reload(wait_until="load")
    tab.get_by_role("button", name="Undo reset of cell 2", exact=True).click()
    assert area.input_value() == "1 + 41"
    tab.get_by_role("button", name="Reset cell 2", exact=True).click()
    assert edit(tab, 2).input_value() == code
    area.press("End")  # no edit yet
    undo = tab.get_by_role("button", name="Undo reset of cell 2", exact=True)
    assert undo.is_visible()
    area.press("x")
    assert not undo.count()


def test_an_error_shows_the_line_of_the_reader(page):
    tab = page(SMALL)
    edit(tab, 2).fill("def f():\n    return 1 / 0\n\nf()")
    done = press(tab, 2)
    assert done["state"] == "ended with an error"
    assert "return 1 / 0" in done["shown"]
    assert "recbook_page" not in done["shown"]
    assert done["shown"].strip().endswith("ZeroDivisionError: division by zero")


def test_by_the_keyboard_alone_with_one_line_spoken(page):
    tab = page(SMALL)
    tab.get_by_role("button", name="Run cell 2", exact=True).focus()
    tab.evaluate("""() => {
        window.spoken = [];
        const region = document.querySelector('.live-said');
        const hear = () => region.textContent && spoken.push(region.textContent);
        const changes = {childList: true, characterData: true, subtree: true};
        new MutationObserver(hear).observe(region, changes);
    }""")
    tab.keyboard.press("Enter")
    tab.wait_for_function("recbookLive.idle() && spoken.length")
    assert tab.evaluate("spoken.length") == 1
    assert tab.evaluate("spoken[0]").startswith("Cell 2 has run.")
    assert tab.evaluate(FOCUSED) == "Run cell 2"
    tab.keyboard.press("Tab")
    assert tab.evaluate(FOCUSED) == "Edit cell 2"
    tab.keyboard.press("Enter")
    assert tab.evaluate(FOCUSED) == "Code of cell 2"
    tab.keyboard.press("Escape")  # the editor is no trap
    tab.keyboard.press("Tab")
    assert tab.evaluate(FOCUSED) != "Code of cell 2"


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_what_is_shown_can_be_read_by_all(page, theme, width):
    tab = page(SMALL, theme, width)
    for id in ("arrows-plot", "oracle-ann-bob", "ex-cosine-starter"):
        press(tab, label_of(tab, id))
    edit(tab, 2).press("x")  # what stands on it is grey now
    old = tab.locator(".live-old > .cell_output:visible")
    assert old.count() > 5
    tab.evaluate(browsing.axe())
    tab.wait_for_timeout(500)  # the theme looks for what has to be scrolled
    assert tab.evaluate(AXE) == []
    assert tab.evaluate(WIDER) == []
    for id in ("arrows-plot", "ex-cosine-starter"):
        tab.locator(f"[aria-label='Result of cell {label_of(tab, id)}']").screenshot(
            path=SHOTS / f"live-{id}-{theme}-{width}.png"
        )
    tab.emulate_media(media="print")
    assert not tab.locator(".live-bar:visible, textarea.live-code:visible").count()
    opacities = "all => all.map(one => getComputedStyle(one).opacity)"
    assert set(old.evaluate_all(opacities)) == {"1"}
