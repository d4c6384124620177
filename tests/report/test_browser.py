"""The page of a report in a real browser: ``make site-test``.

It is opened as a file, as those to whom it is sent open it. Screenshots are left in
``_build/screenshots`` for a person to look at.
"""

import re

import browsing
import pytest
import reports
from browsing import AXE, MODES, SHOTS, WIDER

pytestmark = pytest.mark.site

# Told by the browser itself, whatever a page does about it.
WATCH = """addEventListener("securitypolicyviolation", event =>
    console.error("policy: " + event.violatedDirective + " " + event.blockedURI));"""
KINDS = {
    "answer": {},
    "refusal": {"name": reports.SCRIPT, "column": reports.SCRIPT, "refused": True},
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The pages of an answer and of a refusal, as files."""
    folder = tmp_path_factory.mktemp("reports")
    return {
        kind: reports.report(**given).save(folder / kind, "2026-03-01")[0]
        for kind, given in KINDS.items()
    }


@pytest.fixture
def window(browser, saved):
    """A window: (tab, list of complaints), at the page."""
    opened = []

    def new(kind="answer", theme="light", width=1280):
        address = saved[kind].as_uri()
        context, tab, complaints = browsing.window(browser, address, theme, width)
        context.add_init_script(WATCH)
        tab.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        tab.goto(address)
        opened.append(context)
        return tab, complaints

    yield new
    for context in opened:
        context.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("theme", "width"), MODES)
def test_it_asks_nobody_fits_and_can_be_read_by_all(window, kind, theme, width):
    tab, complaints = window(kind, theme, width)
    tab.screenshot(path=SHOTS / f"report-{kind}-{theme}-{width}.png", full_page=True)
    assert tab.evaluate(WIDER) == []
    tab.evaluate(browsing.axe())
    assert tab.evaluate(AXE) == []
    assert not complaints


def test_a_wide_table_moves_in_its_box_by_keyboard(window):
    tab, complaints = window(width=390)
    box = tab.locator("figure .scroll")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    box.focus()
    tab.keyboard.press("ArrowRight")
    for _ in range(100):  # the page's policy forbids what waits by itself
        if box.evaluate("box => box.scrollLeft > 0"):
            break
        tab.wait_for_timeout(50)
    assert box.evaluate("box => box.scrollLeft > 0")
    assert not complaints


def test_the_policy_stops_what_a_name_could_bring(window):
    """Even if markup came through, the page would run and fetch nothing."""
    tab, complaints = window()
    tab.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'run'";
        document.body.append(script);
        const image = document.createElement("img");
        image.src = "https://elsewhere.example/pixel.png";
        document.body.append(image);
    }""")
    tab.wait_for_timeout(300)
    assert tab.title() == "Whom to write to: a report"
    assert any("policy: script-src" in said for said in complaints)
    assert any("policy: img-src" in said for said in complaints)


def test_its_letters_are_its_own(window):
    tab, complaints = window()
    assert tab.evaluate("document.fonts.ready.then(() => document.fonts.size)") == 1
    assert tab.evaluate("[...document.fonts][0].status") == "loaded"
    assert not complaints


def test_it_prints_whole_and_by_day(window):
    """On A4, from the dark: black on white, and no table or figure is cut."""
    tab, complaints = window(theme="dark", width=1280)
    tab.emulate_media(media="print", color_scheme="dark")
    tab.set_viewport_size({"width": 660, "height": 900})  # 174 mm
    ground, ink = tab.evaluate("""() => {
        const {color, backgroundColor} = getComputedStyle(
            document.querySelector(".recbook-report"));
        return [backgroundColor, color];
    }""")
    assert (ground, ink) == ("rgb(255, 255, 255)", "rgb(29, 37, 48)")
    cut = tab.evaluate("""() => [...document.querySelectorAll(".scroll, pre")]
        .filter(box => box.scrollWidth > box.clientWidth + 1).length""")
    assert cut == 0
    printed = tab.pdf(prefer_css_page_size=True)
    sizes = set(re.findall(rb"/MediaBox \[([^\]]*)\]", printed))
    assert {tuple(map(round, map(float, size.split()))) for size in sizes} == {
        (0, 0, 595, 842)
    }
    assert not complaints
