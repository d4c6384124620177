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
def started(bundle, store):
    """Run the service on a port of its own; yield its address and its process."""
    command = [sys.executable, "-m", "recbook.app", "--port", "0"]
    command += ["--store", str(store), "--bundle", str(bundle)]
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


@pytest.fixture(scope="module")
def browser():
    with browsing.chromium() as found:
        yield found


@pytest.fixture
def window(browser, service):
    """A window: (tab, list of complaints), at the page; closed with no complaint."""
    opened = []

    def new(theme="light", width=1280, address=service):
        context, tab, complaints = browsing.window(browser, address, theme, width)
        context.add_init_script(WATCH)
        tab.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        tab.goto(address)
        tab.locator("#recommended > li").nth(9).wait_for()
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


@pytest.fixture(scope="module")
def axe():
    return browsing.axe()


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
    tab.screenshot(path=SHOTS / f"app-{theme}-{width}.png", full_page=True)
    assert not tab.evaluate(WIDER)
    tab.evaluate(axe)
    wrong = tab.evaluate(AXE.replace("['serious', 'critical'].includes(v.impact)", "1"))
    assert not wrong, "\n".join(wrong)
    assert not complaints


def test_all_of_it_by_keyboard(window):
    tab, complaints = window()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.id") == "search"
    film = titles(tab, "#results")[0]
    tab.keyboard.press("Tab")
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
    before = shown(tab)
    tab.keyboard.press("5")
    changed(tab, before)
    assert tab.locator("#rated input:checked").get_attribute("value") == "5"
    tab.keyboard.press("0")
    tab.locator("#yours").wait_for(state="hidden")
    assert not complaints


def test_starring_in_the_list_moves_the_film_and_keeps_the_keyboard_there(window):
    tab, complaints = window()
    film = titles(tab)[2]
    before = shown(tab)
    tab.locator("#recommended > li").nth(2).locator("input").first.focus()
    tab.keyboard.press("4")
    assert film not in changed(tab, before)
    assert titles(tab, "#rated") == [film]
    assert tab.evaluate("document.activeElement.id") == "list-title"
    assert not complaints


def test_a_star_is_taken_back_and_changed(window):
    tab, complaints = window()
    popular, row = titles(tab), tab.locator("#results > li").first
    before = shown(tab)
    star(row, 5)
    liked = changed(tab, before)
    before = shown(tab)
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
    name = tab.evaluate("localStorage.getItem('visitor')")
    delete = tab.get_by_role("button", name="Delete all that is kept of me")
    delete.click()
    tab.evaluate(axe)
    assert not tab.evaluate(AXE)
    SHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SHOTS / f"app-delete-{theme}.png")
    tab.get_by_role("button", name="Keep them").click()
    assert tab.locator("#yours").is_visible()
    other = tab.context.new_page()
    other.goto(tab.url)
    other.locator("#rated > li").wait_for()
    delete.click()
    with tab.expect_response("**/api/visitor") as answered:
        tab.get_by_role("button", name="Delete them").click()
    assert (answered.value.request.method, answered.value.status) == ("DELETE", 204)
    tab.locator("#yours").wait_for(state="hidden")
    tab.get_by_text("No stars yet").wait_for()
    assert titles(tab) == popular
    other.locator("#yours").wait_for(state="hidden")  # another tab of theirs, too
    assert tab.evaluate("localStorage.getItem('visitor')") != name
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
    tab.locator("#recommended > li").nth(9).wait_for()
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
    before = shown(tab)
    tab.get_by_label("Genre").select_option("Comedy")
    changed(tab, before)
    lines = tab.locator("#recommended .meta").all_inner_texts()
    assert all("Comedy" in line for line in lines)
    before = shown(tab)
    tab.get_by_label("To year").fill("1980")
    changed(tab, before)
    lines = tab.locator("#recommended .meta").all_inner_texts()
    assert all("Comedy" in line for line in lines)
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


def test_a_choice_that_cannot_be_is_explained(window):
    tab, complaints = window()
    tab.get_by_label("From year").fill("1990")
    tab.get_by_label("To year").fill("1980")
    tab.get_by_role("alert").wait_for()
    assert "from_year" in tab.get_by_role("alert").inner_text()
    tab.get_by_label("To year").fill("1999")
    tab.get_by_role("alert").wait_for(state="hidden")
    assert all("422" in complaint for complaint in complaints)  # the browser's own note


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
        token = tab.evaluate("localStorage.getItem('visitor')")
        tab.get_by_role("button", name="Delete all that is kept of me").click()
        tab.get_by_role("button", name="Delete them").click()
        tab.get_by_text("No stars yet").wait_for()
        assert not complaints
        assert not any(token in line for line in log)


def test_a_service_that_is_gone_is_said_to_be(window, folder, tmp_path):
    with started(folder, tmp_path / "visitors.sqlite") as (address, process):
        tab, _ = window(address=address)
        process.kill()
        process.wait()
        star(tab.locator("#results > li").first, 5)
        tab.get_by_role("alert").wait_for()
        assert "cannot be reached" in tab.get_by_role("alert").inner_text()


def test_the_mark_is_the_books_own():
    root = Path(__file__).resolve().parents[2]
    own = root / "recbook" / "app" / "static" / "logo.svg"
    assert own.read_bytes() == (root / "chapters" / "_static" / "logo.svg").read_bytes()
