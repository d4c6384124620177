"""The reader's code leaves a page as a file, and comes back: ``make site-test``."""

import csv
import json
import re
import shutil
import subprocess
import sys

import bookpages
import browsing
import pytest
import serve
from browsing import AXE, SHOTS, WIDER
from live import build
from livepages import edit, label_of, press
from recbook_book.live.hints import hints_of

from recbook.checks import ids, registry

pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(
        not build.MARKER.exists(), reason="the Python for the pages could not be had"
    ),
]

NAME = "2-neighbours/user-cf"
PAGE = f"chapters/{NAME}.html"
SMALL = "chapters/appendix/refresher-matrices.html"
NOTEBOOK, SHEET = "2.2-user-cf.ipynb", "2.2-user-cf.py"
CELLS = re.compile(r'id="live-cells">(.*?)</script>', re.DOTALL)
TEXT = "id => recbookLive.cells.find(c => c.id === id).text"
LOOKS = [("dark", 390), *[("light", 1280)] * bookpages.ALL_PAGES]
EVIL = "<img src=x onerror='window.hurt = 1'>"


def answers():
    """{id of a starter: its solution} of the page."""
    (page,) = (page for page in bookpages.notebooks() if page.name == NAME)
    found = {}
    for exercise in page.exercises:
        code = "\n".join(cell.source for cell in exercise.answers)
        for starter in exercise.starters:
            if bookpages.CHECK.search(starter.source):
                found[starter.id] = code
    return found


def unfold(tab):
    tab.get_by_role("button", name="Save or hand in").click()


def fill(tab, codes):
    for id, code in codes.items():
        edit(tab, label_of(tab, id)).fill(code)


def saved(tab, what, folder):
    with tab.expect_download() as download:
        tab.get_by_role("button", name=f"Save the {what}").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def opened(tab, path, says):
    """Open a file on the page, wait for what the page says, and return it."""
    tab.locator(".keep input").set_input_files(path)
    said = tab.locator(".keep-said", has_text=says)
    said.wait_for()
    return said.inner_text()


def other(tab, id):
    return tab.get_by_role("group", name=f"Another version of cell {label_of(tab, id)}")


@pytest.fixture(scope="module")
def handed_in(browser, site, tmp_path_factory):
    """What a browser saves of a page with all of its exercises solved, and one typo."""
    folder = tmp_path_factory.mktemp("saved")
    context, tab, complaints = browsing.window(browser, site, "light", 1280)
    tab.goto(f"{site}/{PAGE}", wait_until="load")
    assert not tab.get_by_role("button", name="Save the page").count()
    unfold(tab)
    fill(tab, {**answers(), "sum-result": "def broken(:"})
    files = saved(tab, "page", folder), saved(tab, "exercises", folder)
    assert tab.locator(".keep-said").inner_text().endswith("code in 9 cells.")
    context.close()
    assert not complaints
    return files


def test_what_is_saved_has_full_points(handed_in, tmp_path):
    assert [path.name for path in handed_in] == [NOTEBOOK, SHEET]
    wanted = [id for code in answers().values() for id in bookpages.CHECK.findall(code)]
    for path in handed_in:
        (tmp_path / "class" / path.suffix[1:]).mkdir(parents=True)
        shutil.copy(path, tmp_path / "class" / path.suffix[1:])
    table = tmp_path / "grades.csv"
    command = [sys.executable, "-m", "recbook.mark", tmp_path / "class"]
    subprocess.run([*command, "--csv", table, "--ids", *wanted], check=True)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["name"] for row in rows] == ["ipynb", "py"]
    for row in rows:
        assert [row[id] for id in wanted] == ["1"] * 8, row


def test_the_notebook_is_the_pages_own_but_for_the_readers_cells(handed_in):
    own = json.loads((serve.HTML / "notebooks/2-neighbours" / NOTEBOOK).read_text())
    mine = json.loads(handed_in[0].read_text(encoding="utf-8"))
    pairs = list(zip(own.pop("cells"), mine.pop("cells"), strict=True))
    assert own == mine
    codes = {**answers(), "sum-result": "def broken(:"}
    for printed, cell in pairs:
        if code := codes.pop(cell["id"], None):
            assert (cell["source"], cell["outputs"]) == (code, [])
        else:
            assert printed == cell
    assert not codes


@pytest.mark.parametrize("kind", [0, 1])
def test_a_file_comes_back_on_a_page_that_is_a_file(handed_in, page, kind):
    tab = page(PAGE, "dark", 390, of=serve.HTML.as_uri())
    unfold(tab)
    said = opened(tab, handed_in[kind], "Your code is back in 9 cells.")
    assert not re.search("choose|placed", said)
    for id, code in {**answers(), "sum-result": "def broken(:"}.items():
        assert tab.evaluate(TEXT, id) == code
    opened(tab, handed_in[kind], "no code of yours that is not here")


def test_what_was_there_stays_until_the_reader_chooses(handed_in, page):
    tab = page(PAGE)
    one, two, three = list(answers())[:3]
    fill(tab, {one: "mine = 1", two: "mine = 2", three: "mine = 3"})
    unfold(tab)
    opened(tab, handed_in[1], "Your code is back in 6 cells. You have other code in")
    tab.reload(wait_until="load")  # it is still there to choose
    area = tab.get_by_label(f"Code of cell {label_of(tab, one)}")
    assert area.input_value() == "mine = 1"
    other(tab, one).get_by_role("button", name="Take it").click()
    assert area.input_value() == answers()[one]
    tab.get_by_role("button", name=f"Undo of cell {label_of(tab, one)}").click()
    assert area.input_value() == "mine = 1"
    other(tab, two).get_by_role("button", name="Keep mine").click()
    assert tab.evaluate(TEXT, two) == "mine = 2"
    assert not other(tab, one).count()
    assert not other(tab, two).count()
    unfold(tab)
    opened(tab, handed_in[1], "You have other code in")
    tab.get_by_role("button", name="Take all").click()
    assert [tab.evaluate(TEXT, id) for id in answers()] == list(answers().values())
    assert not tab.locator(".live-other").count()


def test_files_from_elsewhere(handed_in, page, tmp_path):
    """Of another page, of no page, of another editor, and meant to do harm."""
    tab = page(PAGE)
    unfold(tab)
    path = serve.HTML / "notebooks/2-neighbours/2.3-item-cf.ipynb"
    opened(tab, path, "2.3-item-cf.ipynb is of the page 2.3-item-cf, and this is 2.2")
    files = {
        "x.ipynb": ("{ no notebook", "x.ipynb is no notebook (.ipynb) and no sheet"),
        "y.ipynb": ('{"cells": 3}', "y.ipynb is no notebook (.ipynb) and no sheet"),
        "z.py": ("print(1)", "z.py has no exercise of this page, 2.2-user-cf."),
        f"{EVIL.replace('/', '')}.py": ("1", "has no exercise of this page"),
    }
    for name, (text, says) in files.items():
        (tmp_path / name).write_text(text)
        assert opened(tab, tmp_path / name, says).startswith(name)
    # As Colab saves it, without our metadata and ids, with a cell of the reader's own.
    code = f"x = '{EVIL}'\nrecbook.check('2.2-leak', 1)"
    cells = [
        ("code", "import os"),
        ("code", [*code.splitlines(True)]),
        ("markdown", EVIL),
    ]
    cells = [{"cell_type": kind, "source": text} for kind, text in cells]
    (tmp_path / "colab.ipynb").write_text(json.dumps({"cells": cells}))
    said = opened(tab, tmp_path / "colab.ipynb", "Your code is back in 1 cell.")
    assert "1 cell of it cannot be placed on this page." in said
    assert tab.evaluate(TEXT, "ex-leak-starter") == code
    label = label_of(tab, "ex-leak-starter")
    tab.get_by_label(f"Code of cell {label}").fill("mine = 1")
    opened(tab, tmp_path / "colab.ipynb", "You have other code in")
    other(tab, "ex-leak-starter").get_by_text("Show it").click()
    assert other(tab, "ex-leak-starter").locator("pre").inner_text() == code
    assert not tab.evaluate("window.hurt")


def test_two_tabs_lose_nothing(page):
    first = page(SMALL)
    second = first.context.new_page()
    second.goto(first.url, wait_until="load")
    fill(first, {"ex-people": "one = 1"})
    there = second.get_by_label(f"Code of cell {label_of(second, 'ex-people')}")
    there.wait_for()  # where nothing was typed, it follows
    assert there.input_value() == "one = 1"
    there.fill("two = 2")
    other(first, "ex-people").wait_for()
    assert first.evaluate(TEXT, "ex-people") == "one = 1"
    second.close()
    first.reload(wait_until="load")
    assert first.evaluate(TEXT, "ex-people") == "two = 2"
    other(first, "ex-people").get_by_role("button", name="Take it").click()
    first.reload(wait_until="load")
    assert first.evaluate(TEXT, "ex-people") == "one = 1"
    assert not other(first, "ex-people").count()


def test_code_is_saved_without_a_network(page, tmp_path):
    tab = page(SMALL, dies=True)  # the console complains of what is not there
    tab.route("**/notebooks/**", lambda route: route.abort())
    fill(tab, {"ex-people": "n = 7"})
    unfold(tab)
    cells = json.loads(saved(tab, "page", tmp_path).read_text())["cells"]
    assert "It has no text" in tab.locator(".keep-said").inner_text()
    assert [c["source"] for c in cells if c["id"] == "ex-people"] == ["n = 7"]
    sheet = saved(tab, "exercises", tmp_path).read_text(encoding="utf-8")
    assert re.search(r"^# %% Exercise [\w.]+: .* \(ex-people\)\nn = 7$", sheet, re.M)
    assert "-answer" not in sheet
    assert all("answer" not in cell["id"] for cell in cells)


def test_wrong_gives_hints_right_ticks_and_paper_has_the_readers_code(page):
    tab = page(PAGE)
    label = label_of(tab, "ex-pull-starter")
    exercise = tab.locator(".exercise", has=tab.get_by_label(f"Run cell {label}"))
    done = exercise.get_by_role("button", name=re.compile("done$"))
    hint = exercise.get_by_role("button", name=re.compile("hint", re.IGNORECASE))
    right = answers()["ex-pull-starter"]
    edit(tab, label).fill(right.replace("+ reg", ""))
    assert not hint.count()
    shown = press(tab, label)["shown"]
    assert "the pull of `reg` is missing" in shown
    hints = [hint for hint in hints_of("2.2-pull") if hint not in shown]
    assert len(hints) == len(hints_of("2.2-pull")) - 1
    for _ in hints:
        hint.click()
    assert not hint.count()
    assert exercise.locator(".hints li").all_inner_texts() == hints
    assert done.get_attribute("aria-pressed") == "false"
    area = tab.get_by_label(f"Code of cell {label}")
    area.fill(right)
    assert press(tab, label)["shown"].strip() == "right"
    assert done.get_attribute("aria-pressed") == "true"
    assert not exercise.locator(".hints").count()
    done.click()  # which is the reader's last word, until the next right
    assert done.get_attribute("aria-pressed") == "false"
    press(tab, label)
    assert done.get_attribute("aria-pressed") == "true"
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert exercise.locator("pre.live-paper").inner_text() == right
    assert exercise.locator(".live-out").is_visible()
    assert (
        not exercise.locator(".cell_input, textarea, .hints")
        .filter(visible=True)
        .count()
    )
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not tab.locator(".live-paper").count()


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_the_panel_can_be_read_and_used_by_all(page, theme, width, tmp_path):
    tab = page(SMALL, theme, width)
    toggle = tab.get_by_role("button", name="Save or hand in")
    toggle.focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Save the page"
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.textContent") == "Save or hand in"
    assert toggle.get_attribute("aria-expanded") == "false"
    toggle.click()
    fill(tab, {"ex-people": "mine = 1"})
    (tmp_path / "my.py").write_text("recbook.check('0.2-people', 3)")
    opened(tab, tmp_path / "my.py", "You have other code in")
    tab.evaluate(browsing.axe())
    tab.wait_for_timeout(500)  # the theme looks for what has to be scrolled
    assert tab.evaluate(AXE) == []
    assert tab.evaluate(WIDER) == []
    tab.evaluate("document.getElementById('exercises').scrollIntoView()")
    tab.screenshot(path=SHOTS / f"keep-{theme}-{width}.png")


def test_each_cell_of_a_page_is_in_its_notebook():
    """By its id, by which a page finds its cells in a file, and those of a file."""
    pages = 0
    for page in bookpages.notebooks():
        html = (serve.HTML / "chapters" / f"{page.name}.html").read_text()
        if not (told := CELLS.search(html)):
            continue
        told = json.loads(told[1])
        script = (serve.HTML / "chapters" / page.name).parent / told["keep"]["script"]
        text = script.resolve().with_suffix(".js").read_text(encoding="utf-8")
        book = json.loads(text.removeprefix("recbookKeep(").removesuffix(");\n"))
        assert book["metadata"]["recbook"] == {"page": told["keep"]["name"]}
        kept = {cell["id"] for cell in book["cells"] if cell["cell_type"] == "code"}
        solutions = {cell.id for cell in page.code if cell.place == "solution"}
        shown = {cell["id"] for cell in told["cells"] if "place" in cell}
        assert shown - solutions <= kept, page.name
        pages += 1
    assert pages > 40


def test_a_hint_can_be_read_without_an_answer_before_it():
    slips = [id for id in ids() if getattr(registry.REGISTRY[id], "slips", None)]
    with_hints = [id for id in slips if hints_of(id)]
    assert len(with_hints) > 0.98 * len(slips) > 270
    for id in with_hints:
        for hint in hints_of(id):
            assert not re.search(r"\b(you|yours?)\b|^(that|those|these|it) ", hint), id
