"""The first page: its map leads everywhere, its films are invented, all is counted."""

import json
import re
from xml.etree import ElementTree

import browsing
import pytest
import serve
from bookpages import CHAPTERS, chapters
from recbook_book.first import course_map, landing
from sphinx.errors import SphinxError

from recbook import datasets

INTRO = CHAPTERS / "intro.md"
PAGES = [page.name for page in chapters()]


def parts():
    """The parts of the book as the map takes them."""
    found = {}
    for page in PAGES:
        number = page.split("-")[0]
        listed = found.setdefault(number, [])
        name = f"{number}.{len(listed) + 1}"
        listed.append(
            course_map.Chapter(page, f"chapters/{page}", name, name, f"{page}.html")
        )
    return [(number, f"Part {number}", listed) for number, listed in found.items()]


@pytest.mark.parametrize(("columns", "width"), [(7, 700), (4, 360)])
def test_the_map_has_a_station_for_each_chapter(columns, width):
    drawing = ElementTree.fromstring(course_map.draw(parts(), columns, width))
    links = list(drawing.iter("a"))
    assert [link.get("href") for link in links] == [f"{page}.html" for page in PAGES]
    assert all(link.get("aria-label") for link in links)
    for words in drawing.iter("text"):
        assert float(words.get("font-size")) >= 12
    _, _, wide, high = map(float, drawing.get("viewBox").split())
    assert wide == width
    places = []
    for ring in drawing.iter("circle"):
        x, y = float(ring.get("cx")), float(ring.get("cy"))
        assert 40 <= x <= wide - 40, "its name would be cut"
        assert 10 <= y <= high - 50
        places.append((x, y))
    assert len(set(places)) == len(PAGES)


def test_a_chapter_without_a_name_on_the_map_is_named():
    new = course_map.Chapter("2-neighbours/new", "", "2.4", "New", "new.html")
    with pytest.raises(SphinxError, match=r"SHORT has no name for 2-neighbours/new"):
        course_map.draw([("2", "Part 2", [new])], 7, 700)


def test_the_map_has_a_name_for_each_chapter_and_marks_ten():
    assert set(course_map.SHORT) == set(PAGES)
    drawing = course_map.draw(parts(), 7, 700)
    assert drawing.count('class="on-path"') == len(course_map.MARKED) == 13


def test_the_ten_films_are_invented_ones():
    films = json.loads((CHAPTERS / "_static" / "ten-films.json").read_text())
    assert len(films) == 10
    titles = {
        re.sub(r"^(.*), (The|A|An)$", r"\2 \1", re.sub(r" \(\d{4}\)$", "", title))
        for title in datasets.load_ml100k("embedded").movies.title
    }
    assert {film["title"] for film in films} < titles
    assert {film["because"] for film in films} < titles


def test_pictures_of_the_page_are_small():
    for name in ("film-page.webp", "card.png", "page.png"):
        assert (CHAPTERS / "_static" / name).stat().st_size < 150_000


def test_the_cover_is_drawn_in_colours_of_both_themes():
    cover = (CHAPTERS / "_static" / "cover.svg").read_text(encoding="utf-8")
    colors = set(re.findall(r'(?:fill|stroke)="(#\w+)"', cover))
    assert colors == set(landing.INKS)
    style = (CHAPTERS / "_static" / "landing.css").read_text(encoding="utf-8")
    for name in landing.INKS.values():
        assert style.count(f"--ink-{name}:") == 2


def test_nothing_that_is_counted_is_typed():
    text = INTRO.read_text(encoding="utf-8")
    assert not re.search(r"\d+ (hours|chapters)", text)


# -- in a browser --------------------------------------------------------------------


@pytest.fixture(params=[1280, 390])
def tab(request, browser):
    site = serve.HTML.as_uri()
    context, tab, complaints = browsing.window(browser, site, "light", request.param)
    tab.goto(f"{site}/chapters/intro.html", wait_until="load")
    yield tab
    assert not complaints
    context.close()


@pytest.mark.site
def test_the_map_is_walked_by_keyboard(tab):
    stations = tab.locator(".course-map a:visible")
    assert stations.count() == len(PAGES)
    stations.first.focus()
    tab.keyboard.press("Tab")
    focused = "document.activeElement.getAttribute('aria-label')"
    assert tab.evaluate(focused).startswith("1.2 ")
    box = stations.nth(1).bounding_box()
    assert min(box["width"], box["height"]) >= 44  # a finger's width
    sizes = tab.eval_on_selector_all(
        ".course-map text",
        "all => all.filter(e => e.checkVisibility()).map(e =>"
        " parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a)",
    )
    assert min(sizes) >= 12
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/1-concepts/concepts.html")


@pytest.mark.site
def test_each_part_is_counted_on_its_card(tab):
    cards = tab.locator(".part-card[data-of]")
    assert cards.count() == len(parts())
    for card in cards.all():
        words = card.inner_text()
        number = words.split()[0]
        listed = sum(page.startswith(f"{number}-") for page in PAGES)
        assert f"{listed} chapters · " in words
        assert re.search(r"\d½? h with the exercises", words)
    foot = cards.first.bounding_box()["height"] - 20
    cards.first.click(position={"x": 20, "y": foot})
    tab.wait_for_url("**/1-concepts/background.html")  # the whole card is a link


@pytest.mark.site
def test_the_title_of_the_book_is_seen_once(tab):
    seen = "e => e.checkVisibility({visibilityProperty: true})"
    names = tab.locator("h1, .logo__title").evaluate_all(
        f"all => all.filter({seen}).map(e => e.innerText)"
    )
    # The link to the title itself is seen, and read, only under a pointer.
    assert [" ".join(name.strip("#").split()) for name in names] == [
        "Recommender systems for marketing"
    ]
