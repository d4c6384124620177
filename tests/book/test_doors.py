"""The four doors of the first page, the road of a euro, and the page of decisions.

The first of them ask the pages' own text. Those that read the built pages, or move
something, are ``make site-test``, after ``make book``.
"""

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import browsing
import bs4
import pytest
import serve
import smallbook
from bookpages import CHAPTERS, chapters, pages
from docutils import nodes
from recbook_book.first import decisions, ledger, paths, road
from sphinx.errors import SphinxError
from test_paths import data
from test_site import SETTLE, turn

INTRO = (CHAPTERS / "intro.md").read_text(encoding="utf-8")
DOORS = dict(re.findall(r"^:::\{door\} (.*)\n((?::\w+: .*\n)+)", INTRO, flags=re.M))
MARKETING = [page for page in chapters() if page.part == "6"]
NAMES = [page.path.stem for page in MARKETING]
(DECISIONS,) = [page for page in pages() if page.path.stem == "decisions"]
FOLDER = serve.HTML / "chapters" / "6-marketing"


def options(name):
    return dict(re.findall(r"^:(\w+): (.*)$", DOORS[name], flags=re.M))


def test_the_first_page_has_four_doors_that_lead_somewhere():
    assert [*DOORS] == ["I do marketing", "I learn", "I choose methods", "I teach"]
    names = {page.name for page in pages()}
    for name in DOORS:
        there = options(name)
        assert there.get("path", "whole") in paths.PATHS, name
        assert there.get("page", "1-concepts/background") in names, name
    assert options("I do marketing") == {"path": "no-code"}


# -- the page of decisions -------------------------------------------------------------


def test_the_page_has_the_decision_of_each_chapter_in_three_thirds():
    assert not DECISIONS.is_chapter
    quiz = (CHAPTERS / "6-marketing/quick-questions.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.*)$", DECISIONS.text, flags=re.M)
    assert heads == re.findall(r"^## (.*)$", quiz, flags=re.M)[-3:]
    places = re.findall(r"^```\{decisions\} (\S+) (\S+)$", DECISIONS.text, re.M)
    assert len(places) == len(heads)
    runs = [NAMES[NAMES.index(a) : NAMES.index(b) + 1] for a, b in places]
    assert [name for run in runs for name in run] == NAMES
    assert len(NAMES) == 20
    assert DECISIONS.text.startswith("# Twenty decisions\n")


def test_a_box_is_copied_without_its_title_and_ids():
    inside = nodes.paragraph("", "Ask.", ids=["here"], names=["here"])
    title = nodes.title("", paths.BOX_TITLE)
    tree = nodes.section("", nodes.admonition("", title, inside, ids=["box"]))
    (copy,) = decisions.box_of(tree)
    assert copy.astext() == "Ask."
    assert not copy["ids"]
    assert not copy["names"]
    assert inside["ids"] == ["here"], "the page's own is left alone"
    assert decisions.box_of(nodes.section()) is None


def test_a_page_with_numbers_of_others_is_written_each_time():
    for marked in (
        nodes.inline(classes=["glued"]),
        nodes.container(classes=[ledger.TAKES]),
        decisions.decisions(classes=[ledger.TAKES]),
    ):
        assert ledger.takes(nodes.section("", marked))
    assert not ledger.takes(nodes.section("", nodes.paragraph("", "3")))


@pytest.mark.parametrize("format", ["", ":,.0f"])
def test_a_number_of_another_folder_is_taken_as_it_is_or_in_a_format(
    format, tmp_path, monkeypatch
):
    glued = {
        "data": {"data": {"text/plain": "'[[0, 1234]]'" if not format else "1234"}}
    }
    there = {"chapters/6-marketing/uplift": glued}
    monkeypatch.setattr(ledger, "stored", lambda app, page: there[page])
    text = f"# T\n\n{{glued}}`6-marketing/uplift data{format}`\n"
    _, html, complaints = smallbook.page(tmp_path, text, "first.ledger")
    assert f'glued">{"1,234" if format else "[[0, 1234]]"}<' in html
    assert not complaints


def words(tag):
    return " ".join(tag.get_text(" ").split())


@pytest.fixture(scope="module")
def told():
    text = (FOLDER / "decisions.html").read_text(encoding="utf-8")
    return bs4.BeautifulSoup(text, "html.parser").select_one(".bd-article")


@pytest.mark.site
@pytest.mark.parametrize("name", NAMES)
def test_a_decision_is_its_chapter_s_box_word_for_word(name, told):
    page = (FOLDER / f"{name}.html").read_text(encoding="utf-8")
    start = page.rindex("<div", 0, page.index(paths.BOX_TITLE + "</p>"))
    box = bs4.BeautifulSoup(page[start : start + 20_000], "html.parser").div
    title, *said = [words(part) for part in box.find_all("p")]
    assert title == paths.BOX_TITLE
    mine = told.select_one(f"#{name}")
    head, subtitle, *copied = mine.find_all(["h3", "p"], recursive=False)
    assert [words(part) for part in copied] == said
    assert len(said) == 4
    assert head.a["href"] == f"{name}.html"
    assert re.match(r"6\.\d+ \w", words(head))
    method, _, euro = words(subtitle).rpartition(" · ")
    assert method in page
    assert re.fullmatch(r"\+[\d,.]+ € (a|in|on) .*", euro)


@pytest.mark.site
def test_decisions_have_no_code_no_symbol_and_no_id_twice(told):
    assert not told.select("pre, code, mjx-container, .math, .MathJax, img")
    ids = [tag["id"] for tag in told.select("[id]")]
    assert len(ids) == len(set(ids))
    for link in told.select(".decision a"):
        page, _, anchor = link["href"].partition("#")
        text = (FOLDER / page).resolve().read_text(encoding="utf-8")
        assert not anchor or f'id="{anchor}"' in text, link


# -- the road of a euro ----------------------------------------------------------------


def asked():
    """The questions of the road, with a made-up euro for each chapter."""
    stops = iter(range(1, 99))
    return {
        question: [
            road.Stop(name, f"6.{next(stops)}", f"{name}.html", name, "+1 €", unit)
            for name, unit in there.items()
        ]
        for question, there in road.QUESTIONS.items()
    }


def test_each_chapter_is_once_on_the_road():
    found = [name for there in road.QUESTIONS.values() for name in there]
    assert sorted(found) == sorted(NAMES)


@pytest.mark.parametrize("draw", [road.wide, road.tall])
def test_the_road_has_a_coin_for_each_chapter(draw):
    drawing = ElementTree.fromstring(draw(asked()))
    links = list(drawing.iter("a"))
    assert [link.get("href") for link in links] == [
        f"{name}.html" for there in road.QUESTIONS.values() for name in there
    ]
    assert all("+1 €" in link.get("aria-label") for link in links)
    _, _, width, height = map(float, drawing.get("viewBox").split())
    for text in drawing.iter("text"):
        assert float(text.get("font-size")) >= 13  # 9 points, on paper too
        assert 8 < float(text.get("y")) < height
    places = [(float(c.get("cx")), float(c.get("cy"))) for c in drawing.iter("circle")]
    assert all(20 <= x <= width - 20 and 17 < y < height for x, y in places)
    for n, (x, y) in enumerate(places):
        assert all(abs(x - u) + abs(y - v) >= 44 for u, v in places[:n])
    questions = [t for t in drawing.iter("text") if t.get("class") == "question"]
    assert " ".join(t.text for t in questions) == " ".join(road.QUESTIONS)


def test_a_number_that_no_page_has_glued_is_named(monkeypatch):
    monkeypatch.setattr(ledger, "stored", lambda app, page: {})
    with pytest.raises(SphinxError, match="6-marketing/clicks has glued no ledger-bet"):
        road.stop_of(SimpleNamespace(), "", "clicks")


@pytest.mark.site
def test_the_euros_of_the_road_are_the_ledger_s():
    read = (FOLDER / "quick-questions.html").read_text(encoding="utf-8")
    rows = bs4.BeautifulSoup(read, "html.parser").select("#the-ledger tbody tr")
    better = {
        row.select("a")[-1]["href"]: row.select("span.glued")[1].get_text()
        for row in rows
    }
    door = bs4.BeautifulSoup(
        (FOLDER / "door.html").read_text(encoding="utf-8"), "html.parser"
    )
    for drawing in door.select(".euro-road svg"):
        euros = {
            link["href"]: link.select_one(".euro").get_text()
            for link in drawing.select("a")
        }
        assert {k: v.strip("+ €") for k, v in euros.items()} == {
            k: v.strip("+") for k, v in better.items()
        }
        assert all((FOLDER / page).exists() for page in euros)


# -- in a browser ----------------------------------------------------------------------


@pytest.fixture(params=[("light", 1280), ("dark", 390)])
def tab(request, browser):
    site, (theme, width) = serve.HTML.as_uri(), request.param
    context, tab, complaints = browsing.window(browser, site, theme, width)
    tab.theme = theme
    yield tab
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert not complaints


@pytest.mark.site
def test_a_door_says_the_hours_of_what_is_behind_it(tab):
    home = f"{serve.HTML.as_uri()}/chapters/intro.html"
    tab.goto(home, wait_until="load")
    doors = tab.locator(".door")
    assert doors.count() == len(DOORS)
    for name in DOORS:
        door = doors.filter(has_text=name)
        link = door.get_by_role("link")
        assert link.inner_text() == name
        page, _, way = link.get_attribute("href").partition("?path=")
        assert (serve.HTML / "chapters" / page).exists()
        assert way == (options(name)["path"] if way else "")
        if path := options(name).get("path"):
            stops = data()[path]["stops"]
            hours = paths.quarters(sum(stop["minutes"] for stop in stops))
            assert f"{hours} to read" in door.inner_text()
        else:
            assert re.search(r"\d+ sessions, \d+½? h", door.inner_text())
    first = doors.first.get_by_role("link")
    first.focus()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.innerText") == [*DOORS][1]
    box = doors.first.bounding_box()
    doors.first.click(position={"x": 12, "y": box["height"] - 8})  # all of it leads
    tab.wait_for_url("**/1-concepts/background.html?path=no-code")


@pytest.mark.site
def test_the_first_screen_has_a_figure_to_move(tab):
    tab.goto(f"{serve.HTML.as_uri()}/chapters/intro.html", wait_until="load")
    figure = tab.locator(".explore[data-figure=letters]")
    said = figure.locator("output")
    said.wait_for()
    if tab.viewport_size["width"] >= 1280:
        assert figure.bounding_box()["y"] < 500
    slider = figure.get_by_role("slider")
    before = said.inner_text()
    slider.press("ArrowRight")
    assert said.inner_text() != before
    slider.press("End")
    assert said.inner_text().startswith("40,000 letters earn −")
    figure.get_by_role("radio").first.press("ArrowRight")
    slider.fill("8000")
    assert "−" not in said.inner_text()
    tab.emulate_media(media="print")
    assert not figure.is_visible()


@pytest.mark.site
def test_the_road_is_walked_by_keyboard(tab):
    tab.goto((FOLDER / "door.html").as_uri(), wait_until="load")
    coins = tab.locator(".euro-road a:visible")
    assert coins.count() == len(NAMES)
    box = coins.nth(1).bounding_box()
    assert min(box["width"], box["height"]) >= 44  # a finger's width
    coins.first.focus()
    tab.keyboard.press("Tab")
    said = tab.evaluate("document.activeElement.getAttribute('aria-label')")
    assert re.match(r"6\.2 .*: \+\d+ € in eight days$", said)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/clicks.html")


@pytest.mark.site
@pytest.mark.parametrize("name", ["door", "decisions"])
def test_the_pages_pass_axe(name, tab, axe):
    tab.goto((FOLDER / f"{name}.html").as_uri(), wait_until="load")
    tab.evaluate(SETTLE)
    turn(tab, tab.theme)
    tab.evaluate(axe)
    assert not tab.evaluate(browsing.AXE)
