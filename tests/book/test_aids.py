"""What helps a reader: a light site, pages that say what they are, previews, zoom.

Read in a real browser from ``make serve``'s own server: ``make site-test``.
"""

import gzip
import http.client
import re
from urllib.parse import urlsplit

import browsing
import pytest
import serve
import test_figures

pytestmark = pytest.mark.site

CHAPTER = "chapters/2-neighbours/user-cf.html"
FIGURES = "chapters/1-concepts/concepts.html"
REPORT = "chapters/8-own-numbers/did-it-work.html"
MOST = 1_200_000  # bytes of a page as sent, figures apart
SENT = {"document", "stylesheet", "script", "font", "fetch", "xhr"}


@pytest.fixture
def tab(browser, site):
    """A window at the desk, which is to have no complaint."""
    context, tab, complaints = browsing.window(browser, site, "light", 1280)
    tab.set_default_timeout(15000)
    yield tab
    context.close()
    assert not complaints


def ask(site, path, **headers):
    """Ask the server for a path: (answer, its body)."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


# -- weight ------------------------------------------------------------------------


def test_a_page_is_light(tab, site):
    sizes = {}

    def weigh(response):
        if response.request.resource_type in SENT:
            body = response.body()
            sizes[urlsplit(response.url).path] = len(gzip.compress(body, 6))

    tab.on("requestfinished", lambda request: weigh(request.response()))
    tab.goto(f"{site}/{CHAPTER}", wait_until="load")
    tab.evaluate("MathJax.startup.promise")
    tab.wait_for_load_state("networkidle")
    assert len(sizes) > 10
    assert sum(sizes.values()) < MOST, sorted(sizes.items(), key=lambda kv: -kv[1])[:8]


def test_the_site_has_no_file_for_nobody():
    static = serve.HTML / "_static"
    names = [path.relative_to(static).as_posix() for path in static.rglob("*")]
    assert not [name for name in names if name.endswith(".map")]
    assert not [name for name in names if "fontawesome" in name]
    others = re.compile("svg.*js$|mml-chtml|node-main")  # outputs of MathJax
    assert not [name for name in names if others.search(name)]


def test_a_page_loads_mathjax_if_it_has_a_formula():
    pages = [path.read_text(encoding="utf-8") for path in serve.HTML.rglob("*.html")]
    has = {True: set(), False: set()}
    for page in pages:
        article = page.partition("<article")[2]
        has[' class="math ' in article].add("tex-chtml.js" in page)
    assert has == {True: {True}, False: {False}}


def test_each_icon_is_drawn(tab, site):
    tab.goto(f"{site}/{CHAPTER}", wait_until="load")
    unseen = """() => [...document.querySelectorAll('[class*="fa-"]')].filter(icon =>
        !/^"[\\uf000-\\uf8ff]"$/.test(getComputedStyle(icon, '::before').content))
        .map(icon => icon.className)"""
    assert not tab.evaluate(unseen)
    icons = "document.fonts.load('900 1rem \"Font Awesome 6 Free\"', '\\uf0c9')"
    assert tab.evaluate(f"{icons}.then(faces => faces.length)") == 1


# -- the server ----------------------------------------------------------------------


def test_texts_are_sent_compressed(site):
    answer, body = ask(site, f"/{CHAPTER}", **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == (serve.HTML / CHAPTER).read_bytes()
    plain, body = ask(site, f"/{CHAPTER}")
    assert "Content-Encoding" not in plain.headers
    assert body == (serve.HTML / CHAPTER).read_bytes()


def test_an_unchanged_page_is_not_sent_again(site):
    first, _ = ask(site, f"/{CHAPTER}", **{"Accept-Encoding": "gzip"})
    assert first.headers["Cache-Control"] == "no-cache"
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    again, body = ask(site, f"/{CHAPTER}", **{"Accept-Encoding": "gzip"}, **since)
    assert (again.status, body) == (304, b"")
    named, _ = ask(site, "/_static/book.css?v=1", **{"Accept-Encoding": "gzip"})
    assert "immutable" in named.headers["Cache-Control"]


def test_a_lost_reader_is_led_home(browser, site):
    context, tab, complaints = browsing.window(browser, site, "light", 390)
    for address in ("/chapters/2-neighbours/no-such.html", "/nowhere"):
        assert tab.goto(f"{site}{address}").status == 404
        assert not tab.evaluate(browsing.WIDER)
        tab.get_by_role("link", name="the first page").click()
        tab.wait_for_url(f"{site}/chapters/intro.html")
    # A browser says on its console that there was no page; nothing else is missing.
    assert all("404" in complaint for complaint in complaints)
    assert len(complaints) == 2
    context.close()


# -- what a page says of itself ------------------------------------------------------


def test_a_page_describes_itself():
    pages = sorted(serve.HTML.glob("chapters/**/*.html"))
    told = {}
    for path in pages:
        head = path.read_text(encoding="utf-8").partition("</head>")[0]
        (description,) = re.findall('<meta name="description" content="([^"]*)">', head)
        assert 20 <= len(description) <= 240, (path, description)
        assert not re.search(r"\\[a-z(]|\$", description), (path, description)
        assert f'<meta property="og:description" content="{description}">' in head
        assert 'property="og:title"' in head
        assert "canonical" not in head  # no address is known
        told[description] = path
    assert len(told) > 0.9 * len(pages)  # each its own


def test_the_title_of_the_book_stands_once():
    home = (serve.HTML / "chapters/intro.html").read_text(encoding="utf-8")
    assert "<title>Recommender systems for marketing</title>" in home
    root = (serve.HTML / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in root
    assert "<title>Recommender systems for marketing</title>" in root
    assert '<a href="chapters/intro.html">' in root


# -- previews ------------------------------------------------------------------------

ORIGINS = ["site", "disk"]  # from disk, no page may fetch another
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
LINKS = {  # what is previewed: a word that is in it
    "a[href*='glossary.html#term-']": "·",  # after the Chinese name
    "a.reference[href^='#equation-']": "mjx-container",
    "a[href*='references.html#']": "doi",
}


@pytest.fixture(params=ORIGINS)
def chapter(request, browser, site):
    """A chapter, open at the desk: what it loads, it loads from where it is."""
    origin = site if request.param == "site" else serve.HTML.as_uri()
    context, tab, complaints = browsing.window(browser, origin, "light", 1280)
    tab.set_default_timeout(15000)
    tab.goto(f"{origin}/{CHAPTER}", wait_until="load")
    tab.evaluate("MathJax.startup.promise")
    yield tab
    assert not complaints
    context.close()


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_previewed_under_the_mouse(link, chapter):
    link, word = chapter.locator(f".bd-article {link}").first, LINKS[link]
    preview = chapter.locator("#preview")
    link.hover()
    preview.wait_for(state="visible")
    chapter.wait_for_function(
        "word => document.getElementById('preview').innerHTML.includes(word)", arg=word
    )
    assert link.get_attribute("aria-describedby") == "preview"
    box = preview.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    preview.hover()  # the mouse may go and read it
    chapter.wait_for_timeout(400)
    assert preview.is_visible()
    chapter.keyboard.press("Escape")
    assert preview.is_hidden()


def test_a_link_is_previewed_at_the_focus_and_on_no_phone(browser, site):
    context, tab, _ = browsing.window(browser, site, "light", 1280)
    tab.goto(f"{site}/{CHAPTER}", wait_until="load")
    term = tab.locator(".bd-article a[href*='glossary.html#term-']").first
    preview = tab.locator("#preview")
    tab.keyboard.press("Tab")  # from here on the focus is that of a keyboard
    term.focus()
    preview.wait_for(state="visible")
    assert tab.evaluate("document.activeElement.matches('[aria-describedby=preview]')")
    term.blur()  # the next Tab stop may have a preview of its own
    preview.wait_for(state="hidden")
    context.close()
    context = browser.new_context(**PHONE, service_workers="block")
    tab = context.new_page()
    tab.goto(f"{site}/{CHAPTER}", wait_until="load")
    tab.locator(".bd-article a[href*='glossary.html#term-']").first.tap()
    tab.wait_for_url("**/glossary.html#term-*")  # a touch follows the link
    context.close()


def test_formulas_in_previews_from_other_pages_are_set(tab, site):
    tab.goto(f"{site}/chapters/3-factorization/linear.html", wait_until="load")
    tab.locator(".bd-article a[href$='glossary.html#term-Gram-matrix']").first.hover()
    tab.locator("#preview mjx-container").first.wait_for()
    assert "\\(" not in tab.locator("#preview").inner_text()


def test_a_page_without_formulas_sets_those_of_a_preview(tab, site):
    tab.goto(f"{site}/chapters/appendix/course-plans.html", wait_until="load")
    assert not tab.evaluate("window.MathJax")
    tab.locator(".bd-article a[href$='#equation-qini-curve']").first.hover()
    tab.locator("#preview mjx-container").first.wait_for()
    assert "\\(" not in tab.locator("#preview").inner_text()


# -- figures in large ----------------------------------------------------------------


def test_a_figure_is_enlarged_by_mouse_and_keyboard(tab, site):
    tab.goto(f"{site}/{FIGURES}", wait_until="load")
    figures = tab.locator(".bd-article figure:has(svg, img)")
    buttons = tab.locator(".bd-article figure > .zoom")
    assert buttons.count() == figures.count() > 0
    large = tab.locator("#large")
    for act in ("click", "Enter"):
        buttons.first.focus()
        buttons.first.click() if act == "click" else tab.keyboard.press(act)
        large.wait_for(state="visible")
        picture = large.locator("svg, img").first.bounding_box()
        assert picture["width"] > figures.first.bounding_box()["width"]
        tab.keyboard.press("Escape")
        large.wait_for(state="hidden")
        assert buttons.first.evaluate("button => button === document.activeElement")


@pytest.mark.parametrize("name", [FIGURES, REPORT])
def test_a_phone_gives_a_figure_its_whole_width(name, browser, site):
    context, tab, _ = browsing.window(browser, site, "light", 390)
    tab.goto(f"{site}/{name}", wait_until="load")
    boxes = tab.evaluate(
        """() => [...document.querySelectorAll('.bd-article figure svg.drawn')]
        .map(svg => svg.getBoundingClientRect()).map(box => [box.left, box.right])"""
    )
    assert boxes
    assert boxes == [[4, 386]] * len(boxes)  # beside the glass's own edge
    assert not tab.evaluate(browsing.WIDER)
    context.close()


def test_a_phone_shows_a_wide_figure_lying_on_its_side_and_whole(browser, site):
    context, tab, _ = browsing.window(browser, site, "dark", 390)
    tab.goto(f"{site}/{FIGURES}", wait_until="load")
    tab.locator(".bd-article figure > .zoom").first.click()
    inks = tab.evaluate(
        """() => ['.bd-article figure', '#large'].map((place) =>
        getComputedStyle(document.querySelector(`${place} svg`)).fill)"""
    )
    assert inks[0] == inks[1]
    box = tab.locator("#large svg, #large img").first.bounding_box()
    assert box["height"] > 1.1 * box["width"]  # a figure that is wider than high
    assert box["height"] > 700  # so its letters are twice as large as on the page
    room = test_figures.LYING
    assert box["height"] == pytest.approx(room["wide"], abs=1) or box[
        "width"
    ] == pytest.approx(room["high"], abs=1)
    assert min(box["x"], box["y"]) >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_a_long_page_has_a_way_back_up(tab, site):
    tab.goto(f"{site}/{CHAPTER}#summary", wait_until="load")
    assert tab.evaluate("scrollY") > 1000
    tab.get_by_role("link", name="Back to the top").click()
    tab.wait_for_function("scrollY === 0")
