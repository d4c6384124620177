"""The paths of the first page: each stands on what it has, and is walked to its end.

What their sections are called is asked of the pages' own text, so that it is noticed
without a build. The walk is ``make site-test``, after ``make book``.
"""

import json
import re

import browsing
import pytest
import serve
from bookpages import CHAPTERS, chapters, pages
from browsing import AXE, WIDER
from docutils import nodes
from recbook_book.first import paths
from recbook_book.first.paths import BOX, PATHS, Stop
from recbook_book.page.minutes import Minutes
from sphinx.errors import SphinxError
from test_site import SETTLE, turn

PAGES = {page.name: page for page in pages()}
NUMBERED = [page.name for page in chapters()]
WALKED = [path for path in PATHS.values() if path.stops]
CARDS = (CHAPTERS / "intro.md").read_text(encoding="utf-8")
MENU = ".bd-docs-nav ul.bd-sidenav > li"
LINK = re.compile(r"\{doc\}`(?:[^`<]*<)?([^`>]+)>?`")


def built_on(page):
    """The chapters that a page says it builds on, one without a number on none."""
    if not page.is_chapter:
        return set()
    (line,) = re.findall(r"^Builds on (.*?)(?: · |$)", page.text, flags=re.M)
    folder = page.path.parent
    there = [(folder / link).resolve() for link in LINK.findall(line)]
    return {path.relative_to(CHAPTERS).as_posix() for path in there} & {*NUMBERED}


def ids(page):
    """The ids of a page's sections, as docutils makes them of their titles."""
    titles = re.findall(r"^#{2,3} (.+)$", page.text, flags=re.M)
    box = {BOX} if f"{{admonition}} {paths.BOX_TITLE}\n" in page.text else set()
    return {nodes.make_id(title) for title in titles} | box


# -- the table -----------------------------------------------------------------------


@pytest.mark.parametrize("path", WALKED, ids=lambda path: path.name)
def test_a_path_has_what_its_pages_build_on(path):
    """Or it says why the sections that are read do without."""
    before = set()
    for page, _, without in path.stops:
        needs = built_on(PAGES[page])
        assert needs - before == set(without), page
        assert all(len(reason.split()) > 3 for reason in without.values()), page
        before.add(page)


@pytest.mark.parametrize("path", WALKED, ids=lambda path: path.name)
def test_a_path_stops_once_at_pages_and_sections_that_are_there(path):
    pages = [stop.page for stop in path.stops]
    assert pages == [page for page in PAGES if page in pages], "in the book's order"
    for page, read, _ in path.stops:
        assert set(read) <= ids(PAGES[page]), page


@pytest.mark.parametrize("path", WALKED, ids=lambda path: path.name)
def test_sections_of_a_path_take_no_equation_of_a_section_that_is_left_out(path):
    for page, read, _ in path.stops:
        parts = re.split(r"^## (.+)$", PAGES[page].text, flags=re.M)[1:]
        texts = dict(zip(map(nodes.make_id, parts[::2]), parts[1::2], strict=True))
        left = "".join(text for id, text in texts.items() if read and id not in read)
        labels = set(re.findall(r"^:label: (\S+)$", left, flags=re.M))
        for id in set(read) & set(texts):
            taken = set(re.findall(r"\{eq\}`([^`]+)`", texts[id]))
            assert not taken & labels, f"{page}, {id}"


def test_the_book_builds_on_earlier_pages():
    before = set()
    for name in NUMBERED:
        assert built_on(PAGES[name]) <= before, name
        before.add(name)


def test_paths_are_as_long_as_they_are_called():
    assert len(PATHS["hour"].stops) == 1
    assert len(PATHS["half-day"].stops) == 6
    assert sum(not stop.read for stop in PATHS["ten"].stops) == 10


def test_the_path_without_code_has_none():
    """No cell, no block and no command; a name in code is what a file is called."""
    assert PATHS["no-code"].stops
    for page, *_ in PATHS["no-code"].stops:
        assert PAGES[page].path.suffix == ".md", page
        assert not PAGES[page].code, page
        block = re.compile(r"^ *[`~:]{3,}(\w+|\{(code|doctest)[-\w]*\})", re.M)
        assert not block.search(PAGES[page].text), page


def test_each_path_has_its_card_on_the_first_page():
    assert re.findall(r"^:{3,}\{path\} (\S+)$", CARDS, flags=re.M) == [*PATHS]


# -- minutes -------------------------------------------------------------------------


def section(id, n, *inner):
    text = nodes.paragraph("", "word " * n)
    return nodes.section("", nodes.title("", id), text, *inner, ids=[id])


@pytest.fixture
def env():
    """A page of 2,400 words: above, a, and b with the box in it."""
    note = nodes.admonition(
        "", nodes.title("", paths.BOX_TITLE), nodes.paragraph("", "word " * 1397)
    )
    page = section("page", 99, section("a", 399), section("b", 499, note))
    document = nodes.document(None, None, "", page)

    class Env:
        recbook_minutes = {"chapters/1-x/page": Minutes(15, 60, 3, 20)}
        recbook_sections = {"chapters/1-x/page": paths.sections(document)}

    assert note["ids"] == [BOX]
    return Env


def test_minutes_are_those_of_what_is_read(env):
    found = env.recbook_sections["chapters/1-x/page"]
    exact = {id: round(minutes * 200) for id, (_, minutes) in found.items()}
    assert exact == {"": 100, "page": 1000, "a": 400, "b": 500, BOX: 1400}
    assert paths.taken(env, Stop("1-x/page")) == 15
    assert paths.taken(env, Stop("1-x/page", ("a",))) == 5  # 500 words, 2½ minutes
    assert paths.taken(env, Stop("1-x/page", ("a", BOX))) == 10  # 1,900
    with pytest.raises(SphinxError, match="1-x/page has no section c"):
        paths.taken(env, Stop("1-x/page", ("c",)))


def test_exercises_are_counted_where_pages_are_read_whole(env):
    path = paths.Path("p", "P", (Stop("1-x/page"), Stop("1-x/gone")))
    assert paths.cost(env, path) == "15 min to read, 1 h with the exercises"
    path = paths.Path("p", "P", (Stop("1-x/page", ("a", BOX)),))
    assert paths.cost(env, path) == "10 min to read"


# -- in a browser --------------------------------------------------------------------


def data():
    text = (serve.HTML / "_static" / paths.DATA).read_text(encoding="utf-8")
    return json.loads(text[text.index("(") + 1 : text.rindex(")")])


@pytest.fixture
def tab(browser):
    """A window on the pages as files, which have no server."""
    site = serve.HTML.as_uri()
    context, tab, _ = browsing.window(browser, site, "light", 1280)
    tab.set_default_timeout(15000)
    tab.route("**", only_what_leads)
    yield tab
    context.close()


def only_what_leads(route):
    """Let a page come without what it takes to look well and to compute."""
    is_page = route.request.resource_type == "document"
    if is_page or re.search(r"/_static/(path|say)", route.request.url):
        route.continue_()
    else:
        route.abort()


def where(tab):
    tab.wait_for_selector(".path-bar")
    return tab.locator(".path-bar").inner_text()


@pytest.mark.site
@pytest.mark.parametrize("path", WALKED, ids=lambda path: path.name)
def test_a_path_is_walked_to_its_end_and_left(path, tab):
    told = data()[path.name]
    tab.goto(f"{serve.HTML.as_uri()}/chapters/intro.html", wait_until="commit")
    tab.locator(f'.path-door a[href$="?path={path.name}"]').click()
    for number, stop in enumerate(told["stops"], 1):
        tab.wait_for_url(f"**/{stop['page']}.html*")
        seen = where(tab)
        assert f"{told['title']} · stop {number} of {len(told['stops'])} · " in seen
        assert ("Read here" in seen) == bool(stop["read"])
        for id, _ in stop["read"]:
            assert tab.locator(f"#{id}").count() == 1
        if number < len(told["stops"]):
            assert f"next: {told['stops'][number]['name']}" in seen
            tab.locator("a.right-next").click()
    listed = tab.locator(f"{MENU}:visible")
    assert listed.count() == len(told["stops"]) + 1  # and the first page
    tab.goto(f"{serve.HTML.as_uri()}/chapters/intro.html", wait_until="load")
    assert "at the last stop" in where(tab)
    tab.get_by_role("link", name="leave the path").click()
    tab.wait_for_url("**?path=")
    tab.wait_for_selector("a.right-next")
    assert not tab.locator(".path-bar").count()
    assert listed.count() == tab.locator(MENU).count()
    # As a reader goes on: by a link. Another process of the browser, which an address
    # typed may start, sees what this one has forgotten only after a moment.
    tab.wait_for_function("!Object.keys(localStorage).some((k) => /path:/.test(k))")
    tab.locator("a.right-next").click()
    tab.wait_for_url("**/1-concepts/**")
    assert not tab.locator(".path-bar").count(), "it is forgotten"


@pytest.mark.site
def test_the_whole_book_is_every_page_of_its_parts():
    """With doors and questions, which is why nobody walks it here."""
    whole = [stop["page"] for stop in data()["whole"]["stops"]]
    parts = [page.name for page in pages() if page.name[0].isdigit()]
    assert whole == [f"chapters/{name}" for name in parts]


@pytest.mark.site
def test_a_page_beside_the_path_leads_back_to_it(tab):
    told = data()["half-day"]["stops"]
    second, beside = (
        f"{serve.HTML.as_uri()}/{page}.html"
        for page in (told[1]["page"], "chapters/4-deep/attention")
    )
    tab.goto(f"{second}?path=half-day", wait_until="load")
    where(tab)
    assert tab.locator("h2 .off-path").count() > 3
    assert tab.locator("p > .off-path").count() == 1, "its Next: leads off the path"
    tab.goto(beside, wait_until="load")
    assert where(tab).startswith("Not on your path, Half a day · back to stop 2: ")
    assert not tab.locator("h2 .off-path").count()
    listed = tab.locator(f"{MENU}:visible")
    assert listed.count() == len(told) + 2  # with the first page and this one
    tab.get_by_role("button", name="show all pages").click()
    assert listed.count() == tab.locator(MENU).count()
    tab.locator(".path-bar a").first.click()
    tab.wait_for_url(f"{second}?path=half-day")


@pytest.mark.site
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_a_page_on_a_path_passes_axe_and_fits(theme, width, browser, axe):
    site = serve.HTML.as_uri()
    context, tab, complaints = browsing.window(browser, site, theme, width)
    stop = data()["half-day"]["stops"][1]
    tab.goto(f"{site}/{stop['page']}.html?path=half-day", wait_until="load")
    where(tab)
    tab.evaluate(SETTLE)
    turn(tab, theme)
    assert not tab.evaluate(WIDER)
    tab.evaluate(axe)
    assert not tab.evaluate(AXE)
    tab.emulate_media(media="print")
    assert not tab.locator(".path-bar:visible, .off-path:visible").count()
    assert not complaints
    context.close()
