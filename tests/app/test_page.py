"""The service's page in a real browser: ``make site-test``.

The service runs on drawn towers and the book's own films, so that neither TensorFlow
nor the chain of files is needed. Screenshots are left in
``_build/screenshots`` for a person to look at.
"""

import contextlib
import re
import subprocess
import sys
from pathlib import Path

import browsing
import numpy as np
import pytest
from bookpages import chapters
from browsing import AXE, MODES, SHOTS, WIDER
from proxy import below_a_path

from recbook import datasets
from recbook.app import bundle as bundles
from recbook.app.bundle import Bundle
from recbook.app.catalogue import Film
from recbook.app.towers import ServingTower

pytestmark = pytest.mark.site

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)> (1999)"
# Told by the browser itself, whatever a page does about it.
WATCH = """addEventListener("securitypolicyviolation", event =>
    console.error("policy: " + event.violatedDirective + " " + event.blockedURI));"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A bundle: the book's own films, of which those of one genre are alike."""
    movies = datasets.load_ml100k("embedded").movies
    names = list(movies.columns[4:])
    flags = movies[names].to_numpy(dtype=float)
    rng = np.random.default_rng(56)
    weights = rng.normal(size=(len(movies), 1))
    popular = np.argsort(np.argsort(weights[:, 0])) // 4
    tastes = flags @ rng.normal(size=(len(names), 8)) + 0.3 * rng.normal(
        size=(len(movies), 8)
    )
    films = [
        Film(
            int(movies.movie_id[row]),
            SCRIPT if row == 6 else str(movies.title[row]),
            int(movies.year.fillna(1990)[row]),
            tuple(n for n, flag in zip(names, flags[row], strict=True) if flag),
            ratings=int(popular[row]) + 50,
            likes=int(popular[row]),
        )
        for row in range(len(movies))
    ]
    retrieval = ServingTower.simple(tastes, weights)
    rating = ServingTower.simple(tastes / 6, weights / 6, mean=3.5)
    where = tmp_path_factory.mktemp("bundle")
    bundles.write(
        Bundle("the book's own films", tuple(films), retrieval, rating), where
    )
    return where


@contextlib.contextmanager
def started(bundle, store, *more):
    """Run the service on a port of its own; yield its address and its process."""
    command = [sys.executable, "-m", "recbook.app", "--port", "0"]
    command += ["--store", str(store), "--bundle", str(bundle), *more]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        yield re.search(r"http://\S+", process.stdout.readline()).group(), process
        process.terminate()


@pytest.fixture(scope="module")
def service(folder, tmp_path_factory):
    """The address of a service that all windows share: each is another visitor."""
    store = tmp_path_factory.mktemp("store") / "visitors.sqlite"
    with started(folder, store) as (address, _):
        yield address


@pytest.fixture
def window(browser, service):
    """A window: (tab, list of complaints), at the page; closed with no complaint."""
    opened = []

    def new(theme="light", width=1280, address=service):
        context, tab, complaints = browsing.window(browser, address, theme, width)
        context.add_init_script(WATCH)
        tab.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        tab.goto(address)
        tab.locator("#recommended .film").nth(9).wait_for(state="attached")
        tab.locator("#results > li").first.wait_for()  # asked for on its own
        opened.append((context, complaints))
        return tab, complaints

    yield new
    for context, _ in opened:
        context.close()


def titles(tab, where="#recommended"):
    return tab.locator(f"{where} .title").all_inner_texts()


def find(tab, text, title):
    """Type a search; return the row of the film, which must be found."""
    tab.get_by_label("Search by title").fill(text)
    row = tab.locator("#results > li").filter(has_text=title).first
    row.wait_for()
    return row


def star(row, stars):
    """Star a film with the mouse."""
    row.locator(f"input[value='{stars}']").click()


def changed(tab, before):
    """Wait until the list is another one; return its titles."""
    for _ in range(200):
        if shown(tab) != before:
            return titles(tab)
        tab.wait_for_timeout(50)
    raise AssertionError("the list has not changed in ten seconds")


def shown(tab):
    return tab.locator("#recommended").inner_text()


def open_tab(tab, name):
    """Choose a part of the page on a phone, where one is shown at a time."""
    tab.locator("#tabs").get_by_role("link", name=name).click()


def by_keyboard_to_the_results(tab):
    for _ in range(9):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.closest('#results') !== null"):
            return
    raise AssertionError("the results are not reached by the keyboard")


KEY = "`recbook.visitor:${location.pathname}`"  # in the browser's storage


def token(tab):
    return tab.evaluate(f"localStorage.getItem({KEY})")


def listed(tab):
    """What the service says that this window's visitor should see."""
    ask = """async token => {
        const authorization = `Bearer ${token}`;
        const answer = await fetch("api/recommendations", {headers: {authorization}});
        return (await answer.json()).recommendations;
    }"""
    return tab.evaluate(ask, token(tab))


def said(title):
    """A title as the page says it, without its year and with its article in front."""
    words = re.sub(r"\s*\(\d{4}\)$", "", title)
    return re.sub(r"^(.+), (The|A|An)$", r"\2 \1", words)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: f"{mode[0]}-{mode[1]}")
def test_a_visitor_searches_stars_and_sees_the_list_change(mode, window, axe):
    theme, width = mode
    tab, complaints = window(theme, width)
    first = titles(tab)
    assert "No stars yet" in tab.locator("#news").inner_text()
    assert all("Liked by" in r for r in tab.locator(".reason").all_inner_texts())
    for place, stars in enumerate((5, 2, 4)):
        film = titles(tab, "#results")[place]
        before = shown(tab)
        star(tab.locator("#results > li").nth(place), stars)
        assert film not in changed(tab, before)
        assert film in titles(tab, "#rated")
    assert titles(tab) != first
    assert "3 films" in tab.locator("#count").inner_text()
    reasons = " ".join(tab.locator(".reason").all_inner_texts())
    assert "Because you liked" in reasons
    assert titles(tab, "#rated")[1] not in reasons  # two stars are no liking

    tab.mouse.move(5, 5)
    SHOTS.mkdir(parents=True, exist_ok=True)
    tab.evaluate(axe)
    for part in ("Find", "Yours", "For you") if width < 600 else ("all",):
        if part != "all":
            open_tab(tab, part)
        if part in {"For you", "all"}:
            tab.locator(".why summary").first.click()
            tab.locator(".why tfoot").first.wait_for()
        name = f"app-{theme}-{width}-{part.replace(' ', '-').lower()}.png"
        tab.screenshot(path=SHOTS / name, full_page=True)
        assert not tab.evaluate(WIDER)
        strict = AXE.replace("['serious', 'critical'].includes(v.impact)", "1")
        wrong = tab.evaluate(strict)
        assert not wrong, "\n".join(wrong)
    assert not complaints


def test_all_of_it_by_keyboard(window):
    tab, complaints = window()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.id") == "search"
    film = titles(tab, "#results")[0]
    by_keyboard_to_the_results(tab)
    for key in ("ArrowRight", "ArrowRight"):  # only moves: nothing is rated on the way
        tab.keyboard.press(key)
    assert tab.evaluate("document.activeElement.value") == "3"
    assert not tab.locator("#yours").is_visible()
    before = shown(tab)
    tab.keyboard.press("Space")
    changed(tab, before)
    assert titles(tab, "#rated") == [film]
    assert tab.locator("#rated input:checked").get_attribute("value") == "3"
    # The place is kept, so the next key is for the same film.
    assert tab.evaluate("document.activeElement.value") == "3"
    assert titles(tab, "#results")[0] == film
    before = shown(tab)
    tab.keyboard.press("5")
    changed(tab, before)
    assert tab.locator("#rated input:checked").get_attribute("value") == "5"
    tab.keyboard.press("0")
    tab.locator("#yours").wait_for(state="hidden")
    tab.keyboard.press("4")
    tab.keyboard.press("Tab")  # past the cross that takes the stars back
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('#results') !== null")
    gone = tab.locator("#results > li").filter(has_text=film)
    gone.wait_for(state="detached")  # it leaves when the keyboard does
    assert not complaints


def test_a_key_that_is_held_for_a_while_gives_its_star(window):
    """The row under the key is not drawn anew meanwhile, or the key would be lost."""
    tab, complaints = window()
    film = titles(tab, "#results")[0]
    by_keyboard_to_the_results(tab)
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Space", delay=200)
    tab.locator("#rated .title", has_text=film).wait_for()
    assert tab.locator("#rated input:checked").get_attribute("value") == "2"
    assert not complaints


def test_starring_in_the_list_moves_the_film_and_keeps_the_keyboard_there(window):
    tab, complaints = window()
    film = titles(tab)[2]
    before = shown(tab)
    tab.locator("#recommended .film", has_text=film).locator("input").first.focus()
    tab.keyboard.press("4")
    assert film not in changed(tab, before)
    assert titles(tab, "#rated") == [film]
    assert tab.evaluate("document.activeElement.id") == "list-title"
    assert not complaints


def test_a_star_is_taken_back_and_changed(window):
    tab, complaints = window()
    popular, before = titles(tab), shown(tab)
    star(tab.locator("#results > li").first, 5)
    liked = changed(tab, before)
    before, row = shown(tab), tab.locator("#rated > li").first
    star(row, 1)
    assert changed(tab, before) != liked
    before = shown(tab)
    row.get_by_role("button", name="Take back").click()
    assert changed(tab, before) == popular
    assert not tab.locator("#yours").is_visible()
    assert not complaints


def test_all_stars_are_taken_back_at_once(window):
    tab, complaints = window()
    popular = titles(tab)
    for place in range(3):
        before = shown(tab)
        star(tab.locator("#results > li").nth(place), 4)
        changed(tab, before)
    tab.get_by_role("button", name="Take all of them back").click()
    tab.locator("#yours").wait_for(state="hidden")
    tab.get_by_text("No stars yet").wait_for()
    assert titles(tab) == popular
    assert not complaints


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_visitor_deletes_themselves_and_is_asked_once(window, axe, theme):
    tab, complaints = window(theme, 390)
    popular, before = titles(tab), shown(tab)
    star(tab.locator("#results > li").first, 5)
    changed(tab, before)
    name = token(tab)
    delete = tab.get_by_role("button", name="Delete all that is kept of me")
    delete.click()
    tab.evaluate(axe)
    assert not tab.evaluate(AXE)
    SHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SHOTS / f"app-delete-{theme}.png")
    tab.get_by_role("button", name="Keep them").click()
    open_tab(tab, "Yours")
    tab.locator("#yours").wait_for()
    other = tab.context.new_page()
    other.goto(tab.url)
    other.locator("#rated > li").wait_for()
    delete.click()
    with tab.expect_response("**/api/visitor") as answered:
        tab.get_by_role("button", name="Delete them").click()
    assert (answered.value.request.method, answered.value.status) == ("DELETE", 204)
    tab.locator("#yours").wait_for(state="hidden")
    open_tab(tab, "For you")
    tab.get_by_text("No stars yet").wait_for()
    assert titles(tab) == popular
    other.locator("#yours").wait_for(state="hidden")  # another tab of theirs, too
    assert token(tab) != name
    open_tab(tab, "Find")
    before = shown(tab)
    star(tab.locator("#results > li").first, 4)  # somebody new
    changed(tab, before)
    assert not complaints


def test_a_reload_keeps_the_stars(window):
    tab, complaints = window()
    before = shown(tab)
    star(tab.locator("#results > li").first, 5)
    found = changed(tab, before)
    mine = titles(tab, "#rated")
    tab.reload()
    tab.locator("#rated > li").first.wait_for()
    tab.locator("#recommended .film").nth(9).wait_for()
    assert titles(tab, "#rated") == mine
    assert titles(tab) == found
    assert tab.locator("#rated input:checked").get_attribute("value") == "5"
    assert not complaints


def test_another_visitor_sees_nothing_of_it(window):
    tab, _ = window()
    before = shown(tab)
    star(tab.locator("#results > li").first, 5)
    changed(tab, before)
    other, complaints = window()
    assert not other.locator("#yours").is_visible()
    assert not complaints


def test_filters_hold(window):
    tab, complaints = window()
    before = shown(tab)
    star(tab.locator("#results > li").first, 5)
    changed(tab, before)
    before, meta = shown(tab), tab.locator("#recommended .meta")
    lines = meta.all_inner_texts()
    # One that is not there anyway: the list of a fan of comedies may hold nothing else.
    others = (genre for genre in ("Comedy", "Drama", "Action") if genre not in lines[0])
    tab.get_by_label("Genre").select_option(genre := next(others))
    changed(tab, before)
    assert all(genre in line for line in meta.all_inner_texts())
    before = shown(tab)
    tab.get_by_label("To year").fill("1980")
    changed(tab, before)
    assert all(genre in line for line in meta.all_inner_texts())
    tab.get_by_label("To year").fill("")
    tab.get_by_label("Genre").select_option("")
    before = shown(tab)
    tab.get_by_label("Variety").fill("0.8")
    changed(tab, before)
    assert not complaints


def test_a_year_half_typed_asks_for_nothing(window):
    tab, complaints = window()
    with tab.expect_response("**/recommendations?*") as answered:
        tab.get_by_label("From year").fill("19")
    assert answered.value.ok
    assert "from_year" not in answered.value.url
    with tab.expect_response("**/recommendations?*") as answered:
        tab.get_by_label("From year").fill("1990")
    assert "from_year=1990" in answered.value.url
    assert not tab.get_by_role("alert").is_visible()
    assert not complaints


def test_two_years_in_the_wrong_order_are_turned_round(window):
    tab, complaints = window()
    tab.get_by_label("From year").fill("1990")
    with tab.expect_response(lambda answer: "to_year" in answer.url) as answered:
        tab.get_by_label("To year").fill("1980")
    assert answered.value.ok
    assert "from_year=1980&to_year=1990" in answered.value.url
    tab.get_by_text("These are the films from 1980 to 1990.").wait_for()
    tab.get_by_label("To year").fill("1999")
    tab.locator("#years").wait_for(state="hidden")
    assert not tab.get_by_role("alert").is_visible()
    assert not complaints


def test_a_year_that_cannot_be_is_explained_beside_its_field(window):
    tab, complaints = window()
    field = tab.get_by_label("To year")
    field.fill("198")
    tab.wait_for_timeout(200)
    assert field.get_attribute("aria-invalid") is None  # it may still be typed
    field.press("Tab")
    told = tab.get_by_text("A year has four digits, from 1900 to 2100.")
    told.wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == told.get_attribute("id")
    field.fill("1985")
    told.wait_for(state="hidden")
    assert field.get_attribute("aria-invalid") is None
    assert not complaints


def test_a_script_in_a_title_stays_text(window):
    tab, complaints = window()
    row = find(tab, "script alert", "<script>")
    name = SCRIPT.removesuffix(" (1999)")
    assert row.locator(".title").inner_text() == name
    before = shown(tab)
    star(row, 5)
    changed(tab, before)
    assert titles(tab, "#rated") == [name]
    assert name in " ".join(tab.locator(".reason").all_inner_texts())
    assert not tab.evaluate("document.querySelectorAll('main script, main img').length")
    assert not complaints


def test_a_search_without_a_find_says_so(window):
    tab, complaints = window()
    tab.get_by_label("Search by title").fill("'; DROP TABLE films; --")
    tab.get_by_text("No title has words that begin so.").wait_for()
    assert titles(tab, "#results") == []
    assert not complaints


def test_the_page_works_below_a_path_of_a_proxy(window, service):
    with below_a_path(int(service.rpartition(":")[2])) as (address, log):
        tab, complaints = window(address=address)  # which asks for nothing above it
        before = shown(tab)
        star(tab.locator("#results > li").first, 5)
        changed(tab, before)
        name = token(tab)
        tab.get_by_role("button", name="Delete all that is kept of me").click()
        tab.get_by_role("button", name="Delete them").click()
        tab.get_by_text("No stars yet").wait_for()
        assert not complaints
        assert not any(name in line for line in log)


def test_two_services_of_one_host_have_a_visitor_each(window, service):
    """One browser, which keeps what both keep by the name and port of their proxy."""
    port = int(service.rpartition(":")[2])
    with below_a_path(port, prefixes=("/2026", "/2027")) as (address, _):
        root = address.removesuffix("/2026/")
        tab, complaints = window(address=address)
        star(tab.locator("#results > li").first, 5)
        tab.locator("#rated > li").wait_for()
        other = tab.context.new_page()
        other.goto(f"{root}/2027/")
        other.get_by_text("No stars yet").wait_for()
        star(other.locator("#results > li").first, 4)
        other.locator("#rated > li").wait_for()
        assert token(other) != token(tab)
        other.get_by_role("button", name="Delete all that is kept of me").click()
        other.get_by_role("button", name="Delete them").click()
        other.get_by_text("No stars yet").wait_for()
        tab.reload()
        tab.locator("#rated > li").wait_for()
        same = f"asked another host: {root}/"  # the other service, which we opened
        assert not [words for words in complaints if not words.startswith(same)]


def test_what_another_program_keeps_by_that_name_is_no_token(window):
    tab, complaints = window()
    for foreign in ("a text\nof two lines", "x" * 21, ""):
        tab.evaluate(f"text => localStorage.setItem({KEY}, text)", foreign)
        tab.reload()
        tab.locator("#recommended .film").nth(9).wait_for()
        assert re.fullmatch(r"[\w-]{22}", token(tab))
    assert not complaints


def test_a_service_that_is_gone_is_said_to_be(window, folder, tmp_path):
    with started(folder, tmp_path / "visitors.sqlite") as (address, process):
        tab, _ = window(address=address)
        process.kill()
        process.wait()
        star(tab.locator("#results > li").first, 5)
        tab.get_by_role("alert").wait_for()
        assert "cannot be reached" in tab.get_by_role("alert").inner_text()


def test_every_film_has_a_poster_drawn_from_its_own_vector(window):
    tab, complaints = window()
    star(tab.locator("#results > li").first, 5)
    tab.locator("#rated > li").wait_for()
    drawings = {}
    for place in ("#results > li", "#recommended .film", "#rated > li"):
        for row in tab.locator(place).all():
            poster = row.locator("svg.poster")
            assert poster.get_attribute("aria-hidden") == "true"
            paths = poster.locator("path").evaluate_all(
                "found => found.map(path => path.getAttribute('d'))"
            )
            assert sum(path.count("M") for path in paths) == 24  # cells
            drawings[row.locator(".title").inner_text()] = poster.evaluate(
                "poster => poster.outerHTML"
            )
    assert len(drawings) == 19
    assert len(set(drawings.values())) >= 15  # of eight numbers each, some are alike
    # Drawn anew, as they were; the films' hues are those of their genres.
    tab.reload()
    tab.locator("#recommended .film").nth(9).wait_for()
    for row in tab.locator("#recommended .film").all():
        drawn = row.locator("svg.poster").evaluate("poster => poster.outerHTML")
        assert drawings.get(row.locator(".title").inner_text(), drawn) == drawn
    assert not complaints


def test_a_poster_says_how_far_each_number_is_from_the_mean(window):
    tab, complaints = window()
    tones = tab.evaluate("""async () => {
        const {poster} = await import("./static/poster.js");
        const film = {poster: "f0879a5c" + "8".repeat(16), genres: ["Horror", "Drama"]};
        const count = path => path.getAttribute("d").split("M").length - 1;
        const drawn = poster(film);
        const hue = name => drawn.style.getPropertyValue(name);
        const paths = [...drawn.querySelectorAll("path")];
        return [Object.fromEntries(paths.map(p => [p.getAttribute("class"), count(p)])),
            hue("--hue"), hue("--second"),
            poster({poster: film.poster, genres: ["Drama", "Horror"]}).outerHTML
                === drawn.outerHTML,
            poster({}).querySelectorAll("path").length];
    }""")
    # f: 7.5 above, the first of the farthest; 0: 7.5 below; 8 and 7: half a shade.
    assert tones[0] == {
        "top": 1, "below-3": 1, "dot": 18, "above-1": 2, "below-1": 1, "above-2": 1,
    }  # fmt: skip
    assert tones[1:] == ["18", "170", True, 1]  # unknown films are a grid of dots
    assert not complaints


def test_a_taste_stars_five_films_at_once(window):
    tab, complaints = window()
    assert tab.locator("#tastes button").count() == 3
    taste = tab.locator("#tastes button").first
    before = shown(tab)
    with tab.expect_response("**/recommendations?*"):
        taste.click()
    changed(tab, before)
    assert "5 films" in tab.locator("#count").inner_text()
    assert len(titles(tab, "#rated")) == 5
    assert tab.locator("#rated input[value='5']:checked").count() == 5
    assert tab.evaluate("scrollY") == 0  # and the page stays where it is
    assert not tab.locator("#begin").is_visible()
    tab.reload()
    tab.locator("#rated > li").nth(4).wait_for()
    assert not tab.locator("#begin").is_visible()
    assert not complaints


@pytest.mark.parametrize("invented", [True, False])
def test_invented_films_are_said_to_be(window, invented):
    tab, complaints = window()
    name = "recbook synthetic 100K" if invented else "MovieLens 100K"
    health = {"data": name, "genres": ["Drama"], "book": None}
    tab.route("**/health", lambda route: route.fulfill(json=health))
    tab.reload()
    tab.get_by_text(f"The models learned from {name}").wait_for()
    assert ("invented" in tab.locator("#lead").inner_text()) == invented
    assert ("invented" in tab.locator("#data").inner_text()) == invented
    assert not complaints


def everywhere(tab):
    return [name for id in ("results", "rated", "recommended")
            for name in titles(tab, f"#{id}")]  # fmt: skip


def test_each_film_stands_once(window):
    tab, complaints = window()
    for place in (0, 3, 3):
        names = everywhere(tab)
        assert len(names) == len(set(names))
        before, rows = shown(tab), titles(tab, "#results")
        star(tab.locator("#results > li").nth(place), 4)
        changed(tab, before)
        tab.mouse.move(5, 5)
        # The next takes its place, and what stays moves under nobody's pointer.
        after = titles(tab, "#results")
        listed_now = titles(tab)
        for n, (was, now) in enumerate(zip(rows, after, strict=True)):
            assert was == now or n == place or was in listed_now
    film = titles(tab, "#rated")[-1]
    tab.get_by_label("Search by title").fill(film)
    tab.get_by_text("1 is among your stars.").wait_for()
    assert film not in titles(tab, "#results")
    assert not complaints


def test_a_star_by_mouse_takes_the_keyboard_along(window):
    tab, complaints = window()
    film = titles(tab, "#results")[0]
    before = shown(tab)
    star(tab.locator("#results > li").first, 3)
    changed(tab, before)
    before = shown(tab)
    tab.keyboard.press("5")
    changed(tab, before)
    assert titles(tab, "#rated") == [film]
    assert tab.locator("#rated input:checked").get_attribute("value") == "5"
    assert not complaints


def starred(window, width=1280):
    tab, complaints = window(width=width)
    for stars in (5, 4, 5, 1):
        before = shown(tab)
        star(tab.locator("#results > li").first, stars)
        changed(tab, before)
    return tab, complaints


def test_places_are_the_order_of_the_list_and_one_reason_is_one_shelf(window):
    tab, complaints = starred(window)
    films = listed(tab)
    cards = tab.locator("#recommended .film").all()
    places = {
        int(card.locator(".place").inner_text()): card.locator(".title").inner_text()
        for card in cards
    }
    assert [places[n] for n in range(1, 11)] == [said(film["title"]) for film in films]
    shelves = {}
    for shelf in tab.locator(".shelf").all():
        names = shelf.locator(".title").all_inner_texts()
        shelves[shelf.locator("h3").inner_text()] = names
    expected = {}
    for film in films:
        title = film["reason"].get("title")
        words = f"Because you liked {said(title)}" if title else "Liked by many"
        expected.setdefault(words, []).append(said(film["title"]))
    assert shelves == expected
    assert list(shelves) == list(expected)
    assert "might give" not in shown(tab)
    assert not complaints


def number(text):
    return float(text.replace("−", "-"))


def test_why_tells_the_sum_and_follows_the_stars(window):
    tab, complaints = starred(window)
    card = tab.locator("#recommended .film").first
    film = card.locator(".title").inner_text()
    score = listed(tab)[0]["score"]
    card.locator("summary").click()
    card.locator("tfoot").wait_for()
    parts = card.locator("tbody td:last-child").all_inner_texts()
    assert len(parts) == 1 + 4  # its own, and each of the stars
    total = number(card.locator("tfoot td").last.inner_text())
    assert total == pytest.approx(score, abs=0.006)
    assert sum(map(number, parts)) == pytest.approx(total, abs=0.03)
    assert "expects" in card.locator(".why").inner_text()
    told = card.locator("table").inner_text()
    assert re.search("^★ ", told, re.MULTILINE)
    star(tab.locator("#rated > li").first, 2)  # of one: the list stays as it is
    card = tab.locator("#recommended .film", has_text=film)
    card.get_by_text(re.compile("^★★ ")).wait_for()
    assert not complaints


def test_a_phone_has_three_tabs(window):
    tab, complaints = window(width=390)
    parts = {"Find": "#find", "Yours": "#mine", "For you": "#list"}
    before = shown(tab)
    star(tab.locator("#results > li").first, 5)
    changed(tab, before)
    assert tab.locator("#badge").inner_text() == "1"
    first = next(f for f in listed(tab))
    assert tab.locator("#peek").inner_text() == f"1. {said(first['title'])}"
    for name in ("For you", "Yours", "Find"):
        open_tab(tab, name)
        tab.locator(parts[name]).wait_for()
        seen = [id for id in parts.values() if tab.locator(id).is_visible()]
        assert seen == [parts[name]]
        current = tab.locator("#tabs [aria-current]")
        assert name in current.inner_text()
    tab.go_back()
    tab.locator("#mine").wait_for()
    tab.reload()
    tab.locator("#mine").wait_for()  # shown once the stars are known
    assert not tab.evaluate(WIDER)
    assert not complaints


def test_a_wide_page_shows_all_parts_and_no_tabs(window):
    tab, complaints = window()
    for id, visible in {"find": 1, "mine": 1, "list": 1, "tabs": 0, "peek": 0}.items():
        assert tab.locator(f"#{id}").is_visible() == bool(visible), id
    assert not complaints


def test_the_ends_of_variety_are_named(window):
    tab, complaints = window()
    ends = tab.get_by_label("Variety").get_attribute("aria-describedby")
    assert tab.locator(f"#{ends}").inner_text().split("\n") == [
        "more alike",
        "more varied",
    ]
    assert not complaints


CHAPTERS = {
    "3-factorization/matrix-factorization": "chapter 3.1",
    "5-project/recommending": "chapter 5.5",
    "5-project/serving": "chapter 5.6",
}


def test_chapters_are_named_and_linked_where_the_book_is_known(
    window, folder, tmp_path
):
    tab, complaints = window()
    places = "[data-chapter]"
    assert dict(
        zip(
            tab.locator(places).evaluate_all("all => all.map(a => a.dataset.chapter)"),
            tab.locator(places).all_inner_texts(),
            strict=True,
        )
    ) == dict(CHAPTERS)
    assert tab.locator("main a[href^=http], footer a[href]").count() == 0
    book = ("--book", "https://films.example/book")
    with started(folder, tmp_path / "visitors.sqlite", *book) as (address, _):
        tab, more = window(address=address)
        links = tab.locator(places).evaluate_all("all => all.map(a => a.href)")
    assert sorted(links) == [
        f"https://films.example/book/chapters/{name}.html" for name in sorted(CHAPTERS)
    ]
    assert not complaints + more


def test_the_chapters_have_these_numbers():
    for name, words in CHAPTERS.items():
        part = name.partition("/")[0]
        own = [page.name for page in chapters() if page.name.startswith(f"{part}/")]
        assert words == f"chapter {part[0]}.{own.index(name) + 1}"


@pytest.mark.parametrize(
    ("own", "books"),
    [
        ("logo.svg", "logo.svg"),
        ("source-sans-3.woff2", "fonts/source-sans-3-latin-wght-normal.woff2"),
    ],
)
def test_mark_and_letters_are_the_books_own(own, books):
    root = Path(__file__).resolve().parents[2]
    ours = (root / "recbook" / "app" / "static" / own).read_bytes()
    assert ours == (root / "chapters" / "_static" / books).read_bytes()
