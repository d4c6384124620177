"""Read every built page in a real browser: ``make site-test``, after ``make book``.

A phone (390 px) and a desk (1280 px), light and dark. By day one page of each kind, at
night every page (``make site-all``), is loaded at both widths, turned to both themes,
and read by axe. By day other chapters are loaded once, at the desk in the light, and
made as narrow as the phone. Screenshots are left in ``_build/screenshots`` for a person
to look at.
"""

import functools
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import browsing
import pytest
from bookpages import ALL_PAGES
from browsing import AXE, SHOTS, WIDER, is_there
from firstfigure import misplaced
from test_figures import faults

pytestmark = pytest.mark.site

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
# Sphinx' own pages, index.html, which only leads to the first page, and the page for
# addresses without one.
GENERATED = {"genindex.html", "search.html", "index.html", "404.html"}
FILES = sorted(p.relative_to(HTML).as_posix() for p in HTML.rglob("*.html"))
FILES = [name for name in FILES if not name.startswith(("_static/", "zh/"))]
PAGES = [name for name in FILES if name not in GENERATED]
# One of each kind: the first page, a chapter with code, one without, a page of tables.
KINDS = [
    "chapters/intro.html",
    "chapters/5-project/data.html",
    "chapters/1-concepts/background.html",
    "chapters/appendix/results.html",
]
# By day these are read in full: also a door, a page with cells that no browser runs,
# the ends of a part, a model and functions of the API, and what the appendix has.
IN_FULL = [
    *KINDS,
    "chapters/3-factorization/door.html",
    "chapters/4-deep/attention.html",
    "chapters/2-neighbours/quick-questions.html",
    "chapters/1-concepts/how-to-fool-yourself.html",
    "chapters/appendix/api/metrics.html",
    "chapters/appendix/api/neighbors.html",
    "chapters/appendix/api/app.html",  # this and the next are written by hand
    "chapters/appendix/api/base.html",
    "chapters/appendix/api.html",
    "chapters/appendix/instructor-guide.html",
    "chapters/appendix/glossary.html",
    "chapters/appendix/references.html",
]
if ALL_PAGES:
    IN_FULL = PAGES
# The others once, but those of the API, which are all made alike.
ONCE = [name for name in PAGES if name not in IN_FULL and "/api/" not in name]
# These, and Sphinx' own, for their width alone. index.html only leads on, and
# test_aids.py reads 404.html.
FOR_WIDTH = {*FILES} - {*IN_FULL, *ONCE, "index.html", "404.html"}


class Page(HTMLParser):
    """What the static checks ask of a page: anchors, links, headings, images."""

    def __init__(self, name, site=HTML):
        super().__init__()
        self.ids, self.links, self.headings, self.images = set(), [], 0, []
        self.feed((site / name).read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids |= {found[key] for key in ("id", "name") if found.get(key)}
        self.headings += tag == "h1"
        if tag == "img":
            self.images.append(found)
        # A link to read is a visit; all else is fetched with the page.
        for key in ("href", "src"):
            if found.get(key):
                self.links.append((tag, found[key]))


@functools.cache
def parsed(name, site=HTML):
    return Page(name, site)


def test_there_are_pages_to_read():
    assert is_there(), "no browser found"
    assert PAGES, "no pages: run `make book` first"


@pytest.mark.parametrize("name", FILES)
def test_no_dead_link_and_no_other_host(name):
    assert wrong_links(name) == []


def wrong_links(name, site=HTML):
    """Return what is wrong with the links of a page."""
    wrong = []
    for tag, link in parsed(name, site).links:
        parts = urlsplit(link)
        if parts.scheme in ("http", "https"):
            if tag != "a":
                wrong.append(f"<{tag}> fetches {link}")
            continue
        if parts.scheme or link == "#":
            continue
        target = unquote(
            urlsplit(urljoin(name, parts.path)).path if parts.path else name
        )
        if not (site / target).is_file():
            wrong.append(f"no file for {link}")
            continue
        anchor = unquote(parts.fragment)
        is_page = target.endswith(".html")
        if anchor and is_page and anchor not in parsed(target, site).ids:
            wrong.append(f"no anchor for {link}")
    return wrong


@pytest.mark.parametrize("name", PAGES)
def test_one_first_heading(name):
    # The theme repeats the title for print; that copy has no place on the screen.
    text = (HTML / name).read_text(encoding="utf-8")
    copy = text.count('<div id="jb-print-docs-body"')
    assert parsed(name).headings - copy == 1


@pytest.mark.parametrize("name", PAGES)
def test_every_image_says_what_is_to_be_seen(name):
    for image in parsed(name).images:
        source, alt = image.get("src", ""), (image.get("alt") or "").strip()
        assert alt, f"{source}: no alternative text"
        assert not re.search(r"\.(svg|png)$", alt), f"{source}: a file name is no text"


@pytest.fixture(scope="module", params=[390, 1280])
def reader(request, browser, site):
    """A window of one width: (tab, width, list of complaints)."""
    context, tab, complaints = browsing.window(browser, site, "light", request.param)
    tab.on(
        "response",
        lambda r: r.status >= 400 and complaints.append(f"{r.status} {r.url}"),
    )
    yield tab, request.param, complaints
    context.close()


def turn(tab, theme):
    """Have the reader's system ask for a theme, and the page follow."""
    tab.emulate_media(color_scheme=theme)
    tab.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")


SETTLE = """async () => {
    if (window.MathJax?.startup) await window.MathJax.startup.promise;
    await document.fonts.ready;
    await Promise.all([...document.images].map(i => i.decode().catch(() => 0)));
}"""
# A colour that is still fading in has not its contrast yet.
STILL = """document.head.insertAdjacentHTML('beforeend',
    '<style>*{transition: none !important; animation: none !important}</style>')"""
UNFOLD = """() => {
    document.querySelectorAll('.toggle-hidden').forEach(
        e => e.classList.remove('toggle-hidden'));
    document.querySelectorAll('details').forEach(d => d.open = true);
}"""
MATHS = """() => ({
    wanted: document.querySelectorAll('article .math').length,
    unset: [...document.querySelectorAll('article .math')]
        .filter(e => !e.querySelector('mjx-container')).map(e => e.textContent),
    errors: [...document.querySelectorAll('mjx-merror')].map(e => e.textContent),
})"""
# What a reader sees outside of code: no dollar pair, no \\( or \\[ left over.
LEFT_OVER = r"""() => {
    const walk = document.createTreeWalker(
        document.querySelector('article'), NodeFilter.SHOW_TEXT, n =>
        n.parentElement.closest('pre, code, script, style, mjx-container')
        ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    const found = [];
    while (walk.nextNode())
        if (/\\[([]|\\(frac|sum|hat|bar|mu|lambda)|\$[^\s\d][^$]*\$/.test(
            walk.currentNode.data)) found.push(walk.currentNode.data.trim());
    return found;
}"""
# Formulas in a line of text that reach out of the window where nothing scrolls.
CUT = """() => [...document.querySelectorAll('article mjx-container:not([display])')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1
        && !e.closest('.pst-scrollable-table-container, mjx-container[display]'))
    .map(e => e.textContent)"""
# Formulas and lines of code that a desk has not the room for.
CUT_LINES = """() => [
    ...document.querySelectorAll('article :is(pre, mjx-container[display])')]
    .filter(e => e.scrollWidth > e.clientWidth + 1)
    .map(e => e.textContent.slice(0, 100))"""
# Tables that a desk has not the room for.
WIDE_TABLES = """() => [...document.querySelectorAll('article table')].filter(
    e => e.offsetWidth > e.parentElement.clientWidth + 1
).map(e => e.innerText.slice(0, 100))"""
# Numbers that the page computed, where they are bolder than the words around them.
BOLD = """() => [...document.querySelectorAll('article .pasted-text')].filter(
    e => getComputedStyle(e).fontWeight !== getComputedStyle(e.parentElement).fontWeight
).map(e => e.textContent)"""
# A change of size is seen in the next frame; 0.3 s later the theme looks what scrolls.
LOOKED = """() => new Promise(done => requestAnimationFrame(
    () => requestAnimationFrame(() => setTimeout(done, 350))))"""
# What scrolls but is out of the keyboard's reach, and formulas in its way that do not.
UNREACHED = """() => {
    const scrolls = e => e.scrollWidth > e.clientWidth
        && /auto|scroll/.test(getComputedStyle(e).overflowX);
    const reached = e => e.tabIndex >= 0
        || [...e.querySelectorAll('a, button, [tabindex]')].some(e => e.tabIndex >= 0);
    return [...document.querySelectorAll('article *')].filter(
        e => e.matches('mjx-container')
            ? (e.tabIndex >= 0) !== scrolls(e) : scrolls(e) && !reached(e)
    ).map(e => e.outerHTML.slice(0, 160));
}"""
# Tab stops that look the same with the focus and without it. A fold shows its ring
# around the title and not around the button in it.
UNSEEN = """() => {
    const ring = (e, part) => {
        const {boxShadow, outline, outlineStyle} = getComputedStyle(e, part);
        return boxShadow + (outlineStyle === 'none' ? '' : outline);
    };
    const title = e => e.closest('.admonition.toggle')?.firstElementChild ?? e;
    const toggle = e => e.querySelector(':scope > .toctree-toggle') ?? e;
    const look = e => ring(e) + ring(toggle(e)) + ring(title(e), '::before');
    return [...document.querySelectorAll('*')].filter(e => {
        if (e.tabIndex < 0 || !e.checkVisibility({visibilityProperty: true}))
            return false;
        document.activeElement.blur();
        const before = look(e);
        e.focus({preventScroll: true});
        return look(e) === before;
    }).map(e => e.outerHTML.slice(0, 160));
}"""


def load(tab, address, theme, width):
    """Open a page in a theme and a width, and wait until all of it is there."""
    tab.set_viewport_size({"width": width, "height": 844 if width < 600 else 900})
    tab.emulate_media(color_scheme=theme)
    tab.goto(address, wait_until="load")
    assert tab.evaluate("document.documentElement.dataset.theme") == theme
    tab.evaluate(SETTLE)
    tab.evaluate(STILL)


def shoot(tab, name, theme):
    """Leave a picture of the whole page."""
    width = tab.viewport_size["width"]
    shot = f"{name.removesuffix('.html').replace('/', '-')}-{theme}-{width}.png"
    tab.screenshot(path=SHOTS / shot, full_page=True)


def read(tab):
    """Unfold all, and hold the words, formulas and numbers to what can be read."""
    tab.evaluate(UNFOLD)
    maths = tab.evaluate(MATHS)
    assert not maths["unset"], maths
    assert not maths["errors"], maths
    assert not tab.evaluate(LEFT_OVER)
    assert not tab.evaluate(BOLD)


def fit(tab):
    """Hold a page to its width, a wide one also its tables and its figures."""
    assert not tab.evaluate(WIDER)
    assert not tab.evaluate(CUT)
    if tab.viewport_size["width"] > 600:
        assert not tab.evaluate(WIDE_TABLES)
        assert not tab.evaluate(CUT_LINES)
        wrong = faults(tab)
        assert not wrong, "\n".join(wrong)


def unseen(tab):
    """Return the tab stops that show no focus."""
    tab.keyboard.press("Tab")  # from here on the focus is that of a keyboard
    return tab.evaluate(UNSEEN)


@pytest.mark.parametrize("name", IN_FULL)
def test_page_reads_well(name, reader, site, axe):
    tab, width, complaints = reader
    complaints.clear()
    themes = ("dark", "light") if width < 600 else ("light", "dark")
    load(tab, f"{site}/{name}", themes[0], width)
    assert width < 600 or not misplaced(tab, name)
    for theme in themes:
        turn(tab, theme)
        shoot(tab, name, theme)
    read(tab)
    tab.evaluate(axe)
    for theme in themes:
        turn(tab, theme)
        fit(tab)
        if width > 600:  # the wide page has all that the narrow one has
            assert not tab.evaluate(AXE)
    tab.evaluate(LOOKED)
    assert not tab.evaluate(UNREACHED)
    assert not unseen(tab)
    assert not complaints


@pytest.mark.parametrize("reader", [1280], indirect=True)
@pytest.mark.parametrize("name", ONCE)
def test_page_is_sound(name, reader, site):
    tab, width, complaints = reader
    complaints.clear()
    load(tab, f"{site}/{name}", "light", width)
    assert not misplaced(tab, name)
    shoot(tab, name, "light")
    read(tab)
    fit(tab)
    assert not unseen(tab)
    tab.set_viewport_size({"width": 390, "height": 844})
    fit(tab)
    tab.evaluate(LOOKED)
    assert not tab.evaluate(UNREACHED)
    assert not complaints


@pytest.mark.parametrize("reader", [1280], indirect=True)
@pytest.mark.parametrize("name", sorted(FOR_WIDTH))
def test_page_fits_a_desk_and_a_phone(name, reader, site):
    tab, _, complaints = reader
    complaints.clear()
    load(tab, f"{site}/{name}", "light", 1280)
    fit(tab)
    tab.set_viewport_size({"width": 390, "height": 844})
    fit(tab)
    assert not complaints


# What each button above or beside a page shows, or hides if it is there.
SHOWN_BY = {
    ".primary-toggle": ".bd-docs-nav",
    ".secondary-toggle": "#pst-page-toc-nav",
    ".search-button__button": "#pst-search-dialog",
    ".dropdown-toggle": ".dropdown-menu.show",
}


def press(tab, button, shown):
    """Press a button, see it work, take it back, and see the focus on it again."""
    there = shown.is_visible()
    button.click()
    shown.wait_for(state="hidden" if there else "visible")
    tab.keyboard.press("Escape")
    if there:
        button.click()
    shown.wait_for(state="visible" if there else "hidden")
    assert button.evaluate("button => button === document.activeElement")


@pytest.mark.parametrize("name", KINDS)
def test_every_button_works_at_every_width(name, browser, site):
    context, tab, complaints = browsing.window(browser, site, "light", 1280)
    tab.goto(f"{site}/{name}", wait_until="load")
    tab.evaluate(STILL)
    frame = tab.locator(".bd-header-article button, .bd-sidebar-primary button")
    modes = set()  # three widths, three modes: each press is to bring the next
    for width in (1280, 800, 390):
        tab.set_viewport_size({"width": width, "height": 844})
        tried = 1
        for button, shown in SHOWN_BY.items():
            button = frame.and_(tab.locator(button)).filter(visible=True)
            if button.count():
                press(tab, button, tab.locator(shown))
                tried += 1
        # This also takes the mouse off the last menu, which stays open under it.
        frame.and_(tab.locator(".theme-switch-button")).filter(visible=True).click()
        modes.add(tab.evaluate("document.documentElement.dataset.mode"))
        assert frame.filter(visible=True).count() == tried, "a button not tried"
    assert modes == {"auto", "light", "dark"}
    assert not complaints
    context.close()


def test_menus_lead_on_from_a_phone(browser, site):
    context, tab, _ = browsing.window(browser, site, "light", 390)
    tab.goto(f"{site}/{KINDS[0]}", wait_until="load")
    tab.locator(".primary-toggle").filter(visible=True).click()
    link = KINDS[1].removeprefix("chapters/")
    tab.locator(f".bd-docs-nav a[href='{link}']").click()
    tab.wait_for_url(f"**/{KINDS[1]}")
    # The menu opens where one is, however far down its list.
    tab.goto(f"{site}/chapters/7-outlook/generative.html", wait_until="load")
    tab.locator(".primary-toggle").filter(visible=True).click()
    here = tab.locator("dialog[open] a.current").last
    assert 0 <= here.bounding_box()["y"] < 844
    tab.go_back(wait_until="load")
    tab.locator(".secondary-toggle").filter(visible=True).click()
    tab.locator("#pst-page-toc-nav a:not(.to-top)").last.click()
    tab.locator("#pst-page-toc-nav").wait_for(state="hidden")
    section = tab.locator(f"section[id='{urlsplit(tab.url).fragment}'] > h2")
    assert 0 <= section.bounding_box()["y"] < 844
    context.close()


def test_the_list_of_pages_shows_where_one_is(browser, site):
    """At the desk, too, after a jump from one part to another."""
    context, tab, _ = browsing.window(browser, site, "light", 1280)
    for name in ("7-outlook/generative", "1-concepts/background", "appendix/glossary"):
        tab.goto(f"{site}/chapters/{name}.html", wait_until="load")
        here = tab.locator(".bd-sidebar-primary a.current").last
        assert 0 <= here.bounding_box()["y"] < 900
    context.close()


# Tables whose second column holds short words only, and is wider than a word needs.
WIDENED = """() => [...document.querySelectorAll('.table:not(.data)')].filter(t => {
    const second = [...t.querySelectorAll('tbody td:nth-child(2):not(.num) > p')];
    return t.offsetParent && second.length
        && second.every(p => p.textContent.length < 8)
        && second.some(p => p.offsetWidth > 120);
}).map(t => t.textContent.trim().slice(0, 60))"""


@pytest.mark.parametrize("name", ["uplift", "campaign"])
def test_a_phone_widens_no_column_of_short_words(name, browser, site):
    context, tab, _ = browsing.window(browser, site, "light", 390)
    tab.goto(f"{site}/chapters/6-marketing/{name}.html", wait_until="load")
    tab.evaluate("() => window.MathJax?.startup?.promise")
    assert not tab.evaluate(WIDENED)
    context.close()
