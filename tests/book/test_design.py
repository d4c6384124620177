"""The designed page, in a real browser: letters, minutes, workbook, paper.

``make site-test``, after ``make book``. What needs no browser is tested beside it.
"""

import json
import pickle
import re
import zlib

import browsing
import pytest
from bookpages import ALL_PAGES, CHAPTERS, chapters
from recbook_book.page import minutes
from test_site import HTML, LOOKED, SETTLE, turn

STYLE = (CHAPTERS / "_static" / "page.css").read_text(encoding="utf-8")
CHAPTER = "chapters/2-neighbours/user-cf.html"
ONE_OF_EACH = [
    "chapters/1-concepts/background.html",
    CHAPTER,
    "chapters/3-factorization/ranking.html",
    "chapters/4-deep/attention.html",
    "chapters/5-project/serving.html",
    "chapters/appendix/results.html",
]
SIZES = """() => [...document.querySelectorAll('mjx-container')].map(
    formula => formula.style.fontSize)"""
# Of each table, how many rows it has, and whether it or a box around it stays whole.
KEPT = """() => [...document.querySelectorAll('.bd-article table')].map(table => {
    let is_kept = false;
    for (let box = table; box; box = box.parentElement)
        is_kept ||= getComputedStyle(box).breakInside === 'avoid';
    return [table.tBodies[0].rows.length, is_kept];
})"""
OBJECT = re.compile(rb"^\d+ 0 obj\n(.*?)\nendobj$", re.DOTALL | re.MULTILINE)
NAME = re.compile(rb"(?<=/[A-Z])\d+")  # of a font, a picture or a state, by its number
NUMBERS = re.compile(
    rb"/Annots \[.*?\]|/Length \d+|\d+ 0 R|Date \(.*?\)|" + NAME.pattern, re.DOTALL
)
# How many letters a line of running text has, over the long paragraphs of a page.
MEASURE = """() => {
    const counts = [];
    for (const p of document.querySelectorAll('.bd-article section > p')) {
        if (p.textContent.length < 300 || p.querySelector('mjx-container')) continue;
        const lines = new Map();
        const walk = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
        const range = document.createRange();
        while (walk.nextNode())
            for (let at = 0; at < walk.currentNode.length; at++) {
                range.setStart(walk.currentNode, at);
                range.setEnd(walk.currentNode, at + 1);
                const line = Math.round(range.getBoundingClientRect().bottom / 14);
                lines.set(line, (lines.get(line) ?? 0) + 1);
            }
        counts.push(...[...lines.values()].slice(0, -1));
    }
    return counts.reduce((a, b) => a + b, 0) / counts.length;
}"""
STOPS = """() => [...document.querySelectorAll('article *')].filter(e =>
    e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}))
    .map(e => e.tagName.toLowerCase())"""


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("theme", "ground"), [("light", "#ffffff"), ("dark", "#171b21")]
)
def test_the_colours_of_the_parts_can_be_read(theme, ground):
    blocks = re.findall(
        rf'html\[data-theme="{theme}"\] \{{(.*?)^\}}', STYLE, re.M | re.S
    )
    colours = re.findall(r"--part: (#\w{6})", "".join(blocks))
    assert len(colours) == 9
    for colour in colours:
        bright, dim = sorted(map(luminance, (colour, ground)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, colour


@pytest.mark.site
@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.name)
def test_a_chapter_is_read_in_45_minutes(page):
    text = (HTML / "chapters" / f"{page.name}.html").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<strong>(\d+) min</strong> to read", text)
    tree = HTML.parent / ".doctrees" / "chapters" / f"{page.name}.doctree"
    exact = minutes.weight(pickle.loads(tree.read_bytes()))
    assert 10 <= int(shown) <= 45, "split the page"
    assert exact <= 45, "split the page, or fold what few need"


@pytest.mark.site
def test_the_letters_are_the_books_own_and_a_line_has_some_seventy(browser, site):
    context, tab, complaints = browsing.window(browser, site, "light", 1280)
    tab.goto(f"{site}/{CHAPTER}", wait_until="load")
    tab.evaluate(SETTLE)
    loaded = tab.evaluate(
        """() => [...document.fonts].filter(f => f.status === 'loaded')
            .map(f => f.family.replaceAll('"', ''))"""
    )
    assert {"Source Serif 4", "Source Sans 3", "Source Code Pro"} <= set(loaded)
    assert 60 <= tab.evaluate(MEASURE) <= 75
    assert not complaints
    context.close()


@pytest.mark.site
def test_the_keyboard_stops_where_something_can_be_done(browser, site):
    context, tab, _ = browsing.window(browser, site, "light", 1280)
    tab.goto(f"{site}/{CHAPTER}", wait_until="load")
    tab.evaluate(SETTLE)
    tab.evaluate(LOOKED)
    stops = tab.evaluate(STOPS)
    assert set(stops) <= {"a", "button", "summary", "input", "label", "pre"}
    assert len(stops) < 250, "a reader has to go through them all"
    context.close()


def note_of(tab):
    return tab.locator("#exercises > h2 .progress-note").inner_text()


@pytest.mark.site
def test_an_exercise_that_is_done_is_remembered(browser, site):
    context, tab, complaints = browsing.window(browser, site, "light", 1280)
    tab.goto(f"{site}/{CHAPTER}", wait_until="load")
    first, second = tab.locator(".exercise .done").all()[:2]
    label = first.get_attribute("aria-label")
    assert re.fullmatch(r"Exercise 2\.\d\.1: done", label)
    first.focus()
    tab.keyboard.press("Space")
    second.click()
    second.click()  # and taken back
    tab.reload(wait_until="load")
    pressed = [
        button.get_attribute("aria-pressed")
        for button in tab.locator(".exercise .done").all()
    ]
    assert pressed == ["true"] + ["false"] * (len(pressed) - 1)
    assert note_of(tab) == f"1 of {len(pressed)} done"
    link = tab.locator(".bd-docs-nav a.current")
    assert link.get_attribute("data-done") == f"1/{len(pressed)}"
    # Another program of this host may have written where the ticks lie.
    key = "recbook.done:/"
    assert tab.evaluate("key => key in localStorage", key)
    foreign = json.dumps({CHAPTER.removesuffix(".html"): 5})
    tab.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, foreign])
    tab.reload(wait_until="load")
    first.click()
    assert note_of(tab) == f"1 of {len(pressed)} done"
    assert not complaints
    context.close()


@pytest.mark.site
def test_no_exercise_shows_what_its_empty_starter_says(browser, site):
    context, tab, _ = browsing.window(browser, site, "light", 1280)
    tab.goto(f"{site}/{CHAPTER}", wait_until="load")
    assert not tab.locator(".exercise .cell_output:not(.live-out)").count()
    assert tab.locator(".exercise-level").count() == tab.locator(".exercise").count()
    assert tab.locator(".solution .cell_output").count()
    context.close()


def drawn(pdf):
    """All that a PDF holds but its dates, its links and the numbers of its objects.

    Chromium makes one area or several of a link with emphasis in it, as it happens:
    nobody sees it, but it moves all later numbers.
    """
    parts = []
    for body in OBJECT.findall(pdf):
        words, _, stream = body.partition(b"stream\n")
        if b"/Subtype /Link" not in words:
            stream = stream.removesuffix(b"\nendstream")
            if b"/FlateDecode" in words:
                stream = zlib.decompress(stream)
            parts.append((NUMBERS.sub(b"", words), NAME.sub(b"", stream)))
    assert len(parts) > 50
    return parts


@pytest.mark.site
@pytest.mark.parametrize("name", ONE_OF_EACH if ALL_PAGES else [CHAPTER])
def test_a_dark_page_prints_like_a_light_one(name, browser, site):
    prints = []
    for theme in ("light", "dark"):
        context, tab, _ = browsing.window(browser, site, theme, 1280)
        tab.goto(f"{site}/{name}", wait_until="load")
        tab.evaluate(SETTLE)
        turn(tab, theme)
        prints.append(drawn(tab.pdf(print_background=True)))
        assert tab.evaluate("document.documentElement.dataset.theme") == theme
        context.close()
    assert prints[0] == prints[1]


@pytest.mark.site
def test_formulas_do_not_change_with_when_the_letters_come(browser, site):
    sizes = []
    for letters in ("come", "never come"):
        context, tab, _ = browsing.window(browser, site, "light", 1280)
        if letters == "never come":
            tab.route("**/*.woff2", lambda route: route.abort())
        tab.goto(f"{site}/{CHAPTER}", wait_until="load")
        tab.evaluate(SETTLE)
        sizes.append(tab.evaluate(SIZES))
        context.close()
    assert sizes[0]
    assert sizes[0] == sizes[1]


@pytest.mark.site
def test_a_long_table_goes_on_on_the_next_page_of_paper(browser, site):
    context, tab, _ = browsing.window(browser, site, "light", 1280)
    tab.goto(f"{site}/chapters/appendix/results.html", wait_until="load")
    tab.emulate_media(media="print")
    kept = {True: set(), False: set()}
    for rows, is_kept in tab.evaluate(KEPT):
        kept[rows > 15].add(is_kept)
    assert kept == {True: {False}, False: {True}}
    context.close()


@pytest.mark.site
def test_paper_has_the_solutions_after_all_exercises_where_it_is_asked(browser, site):
    context, tab, _ = browsing.window(browser, site, "light", 1280)
    for query, is_seen in (("", False), ("?print=solutions", True)):
        tab.goto(f"{site}/{CHAPTER}{query}", wait_until="load")
        tab.emulate_media(media="print")
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        boxes = tab.locator(".exercise, .solution").all()
        classes = [box.get_attribute("class").split()[0] for box in boxes]
        shown = [
            box.is_visible()
            for box in boxes
            if "solution" in box.get_attribute("class")
        ]
        assert set(shown) == {is_seen}
        assert not is_seen or classes == sorted(classes), "exercises, then solutions"
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        tab.emulate_media(media="screen")
    first = tab.locator(".exercise").first
    assert first.evaluate("one => one.nextElementSibling.matches('.solution')")
    context.close()
