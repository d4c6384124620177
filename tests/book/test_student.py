"""The students' notebooks: how they are copied, and whether they say what pages say.

The second half reads the built book, after ``make book``: ``make site-test`` runs it.
"""

import html
import json
import re
from collections import Counter
from urllib.parse import unquote

import bookpages
import browsing
import lab
import nbformat
import pytest
from studentpages import BUILD, NOTEBOOKS, RAW, cells_of, file_of, prose_of, written

HTML = BUILD / "html"

# A copy in my/ ------------------------------------------------------------------------


@pytest.fixture
def folders(tmp_path):
    """What the book built, one page in a part, and the folder of the student."""
    built = tmp_path / "built"
    (built / "2-neighbours").mkdir(parents=True)
    (built / "00-start.ipynb").write_text("start")
    (built / "2-neighbours" / "2.2-user-cf.ipynb").write_text("first")
    lab.copy(built, tmp_path / "my")
    return built, tmp_path / "my"


PAGE = "2-neighbours/2.2-user-cf.ipynb"


def test_lab_copies_all_notebooks(folders):
    _, my = folders
    assert (my / "00-start.ipynb").read_text() == "start"
    assert (my / PAGE).read_text() == "first"
    assert not list(my.rglob("*.new"))


def test_a_copy_that_nobody_changed_is_renewed(folders):
    built, my = folders
    (built / PAGE).write_text("second")
    assert lab.copy(built, my) == []
    assert (my / PAGE).read_text() == "second"


def test_a_students_own_is_never_written_over(folders):
    built, my = folders
    (my / PAGE).write_text("mine")
    assert lab.copy(built, my) == []  # the book has nothing newer
    (built / PAGE).write_text("second")
    for _ in range(2):
        waiting = lab.copy(built, my)
        assert waiting == [PAGE]
        assert (my / PAGE).read_text() == "mine"
    assert f"my/{PAGE}" in lab.notice(waiting).splitlines()[1]


@pytest.mark.parametrize(("n", "shown"), [(1, 1), (10, 10), (11, 10), (30, 10)])
def test_each_page_that_waits_has_its_line(n, shown):
    first, *lines, last = lab.notice([f"page-{i}.ipynb" for i in range(n)]).splitlines()
    assert first.startswith("recbook: kept")
    more = [f"  and {n - shown} more"] if n > shown else []
    assert lines == [f"  my/page-{i}.ipynb" for i in range(shown)] + more
    assert "run `make lab` again" in last


def notebook(cell):
    """The bytes of a notebook of one cell, as the book writes it."""
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}).encode()


RUN = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None}
RUN |= {
    "source": "print(1)\n2",
    "outputs": [
        {"output_type": "stream", "name": "stdout", "text": "1\n2\n"},
        {"output_type": "display_data", "data": {"text/html": "a\nb"}, "metadata": {}},
    ],
}
SAVED = {  # by Lab, of a reader who only looked
    "cells": [
        {
            **RUN,
            "id": "b",
            "metadata": {"trusted": True},
            "execution_count": 3,
            "source": ["print(1)\n", "2"],
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["1\n", "2\n"]},
                {
                    "output_type": "display_data",
                    "data": {"text/html": ["a\n", "b"]},
                    "metadata": {"x": 1},
                },
            ],
        }
    ],
    "metadata": {"kernelspec": {"name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def test_a_page_that_was_only_looked_at_is_renewed(folders):
    built, my = folders
    (built / PAGE).write_bytes(notebook(RUN))
    lab.copy(built, my)
    (my / PAGE).write_text(json.dumps(SAVED, indent=1))
    newer = notebook({**RUN, "source": "print(2)"})
    (built / PAGE).write_bytes(newer)
    assert lab.copy(built, my) == []
    assert (my / PAGE).read_bytes() == newer


@pytest.mark.parametrize(
    "own",
    [
        {"source": "print(1)\n3"},
        {"outputs": RUN["outputs"][:1]},
        {"outputs": [{**RUN["outputs"][0], "text": "2\n"}, RUN["outputs"][1]]},
        {"cell_type": "markdown"},
    ],
)
def test_a_change_of_text_or_output_is_the_students(folders, own):
    built, my = folders
    (built / PAGE).write_bytes(notebook(RUN))
    lab.copy(built, my)
    (my / PAGE).write_bytes(notebook({**RUN, **own}))
    (built / PAGE).write_bytes(notebook({**RUN, "source": "print(2)"}))
    assert lab.copy(built, my) == [PAGE]


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"cells": [1]}', "\0"])
def test_what_is_no_notebook_counts_by_its_bytes(tmp_path, text):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text(text)
    other.write_text(f"{text} ")
    assert lab.digest(one) != lab.digest(other)


def test_a_file_of_the_students_that_lies_there_first_is_kept(folders, tmp_path):
    built, _ = folders
    own = tmp_path / "other" / PAGE
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    assert lab.copy(built, tmp_path / "other") == [PAGE]
    assert own.read_text() == "mine"


def test_a_renamed_notebook_makes_room_for_the_new_one(folders):
    built, my = folders
    (my / PAGE).write_text("mine")
    (my / PAGE).rename(my / "mine.ipynb")
    (built / PAGE).write_text("second")
    assert lab.copy(built, my) == []
    assert (my / PAGE).read_text() == "second"
    assert (my / "mine.ipynb").read_text() == "mine"


def test_a_page_that_is_gone_stays_with_the_student(folders):
    built, my = folders
    (built / PAGE).unlink()
    lab.copy(built, my)
    assert (my / PAGE).read_text() == "first"


def test_lab_finds_its_settings_beside_those_of_the_reader(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "theirs")
    found = lab.settings(tmp_path)["JUPYTER_CONFIG_PATH"].split(lab.os.pathsep)
    assert found == [str(tmp_path), "theirs"]
    file = tmp_path / "labconfig" / "default_setting_overrides.json"
    (plugin,) = json.loads(file.read_text()).values()
    assert plugin["fetchNews"] == "false"


# What the book built ------------------------------------------------------------------

site = pytest.mark.site


def each_page(function):
    pages = pytest.mark.parametrize("page", written(), ids=lambda page: page.name)
    return site(pages(function))


def built(page):
    return (HTML / "chapters" / f"{page.name}.html").read_text(encoding="utf-8")


@each_page
def test_numbers_are_those_of_the_built_page(page):
    shown, text = built(page), prose_of(file_of(page))
    pairs = [
        (r'class="eqno">\((.*?)\)<', r"\\tag\{(.*?)\}"),
        (r'"caption-number">Exercise (.*?) </span>', r"^### Exercise (\S+) ·"),
        (r'"caption-number">Fig. (.*?) </span>', r"^\*\*Fig. (.*?)\*\* ·"),
        (r"Eq\. \(([\d.]+)\)", r"Eq\. \(([\d.]+)\)"),
    ]
    for in_page, in_notebook in pairs[:3]:
        assert re.findall(in_notebook, text, re.M) == re.findall(in_page, shown)
    in_page, in_notebook = pairs[3]  # of references, the solutions' are missing
    left = Counter(re.findall(in_notebook, text)) - Counter(re.findall(in_page, shown))
    assert not left


@site
def test_no_machinery_of_the_book_is_left():
    """Nothing hands values to the text, and nothing hidden stops *Run All*."""
    hidden = 0
    for path in [*every_notebook(), *(BUILD / "nbgrader" / "source").rglob("*.ipynb")]:
        for cell in cells_of(path, "code"):
            assert not re.search(r"\bglue\b", cell["source"]), (path, cell["id"])
            folded = cell["metadata"].get("jupyter", {})
            if folded.get("outputs_hidden"):
                hidden += 1
                assert "assert" not in cell["source"], (path, cell["id"])
    assert hidden < 100  # of the 851 that the pages hide


@each_page
def test_a_glued_number_is_the_one_of_the_page(page):
    """All that are not in a solution, in their order."""
    glued = re.findall(r'<span class="pasted-text"[^>]*>(.*?)</span>', built(page))
    text = prose_of(file_of(page)).replace("\\", "")
    # Those of a figure to move are no words of the page, but an attribute.
    words = re.sub(r"```\{explore\}.*?```", "", page.text, flags=re.S)
    assert len(glued) == words.count("{glue:text}`")
    place = 0
    in_solutions = sum(e.solution.count("{glue:text}") for e in page.exercises)
    for number in map(html.unescape, glued):
        found = text.find(number, place)
        if found < 0:
            in_solutions -= 1
        place = max(place, found)
    assert in_solutions >= 0


@each_page
def test_nothing_of_myst_is_left(page):
    text = re.sub(r"^```.*?^```", "", prose_of(file_of(page)), flags=re.M | re.S)
    found = {
        name: match[0] for name in RAW if (match := re.search(RAW[name], text, re.M))
    }
    assert not found


def plain(text):
    """Words as they are read: no markup, straight quotes, single spaces."""
    text = (
        text.replace("’", "'").replace("“", '"').replace("”", '"').replace("…", "...")
    )
    text = re.sub(r"\s*---?\s*|[–—]", "-", text)
    return re.sub(r"\s+", " ", text.replace("\\", ""))


@each_page
def test_no_solution_is_given_away(page):
    """Of each solution's text no stretch of plain words, of its code no cell."""
    file = file_of(page)
    text = plain(prose_of(file))
    code = [cell["source"].rstrip(";") for cell in cells_of(file, "code")]
    main = "\n".join(cell.source for cell in page.cells if cell.place != "solution")
    for exercise in page.exercises:
        for stretch in re.split(r"[`$*{}\n]|\]\(", exercise.solution):
            if len(stretch.split()) >= 6 and stretch not in main:
                assert plain(stretch).strip() not in text, exercise.label
        for answer in exercise.answers:
            assert answer.source.rstrip().rstrip(";") not in code, exercise.label
    assert "### BEGIN SOLUTION" not in "\n".join(code)
    assert not re.search(r"\*\*[a-d] is right", text)


@each_page
def test_it_has_the_cells_of_the_page(page):
    """The visible cells but solutions, with their ids, and each check once."""
    file = file_of(page)
    source = [cell for cell in page.code if cell.place != "solution"]
    cells = cells_of(file, "code")
    if cells:  # text alone needs nothing
        assert cells.pop(0)["id"] == "install"
    if page.code:
        ids = [cell["id"] for cell in cells]
        shown = [c.id for c in source if "remove-cell" not in c.tags or c.id in ids]
        assert ids == shown
    ids = [id for cell in cells for id in bookpages.CHECK.findall(cell["source"])]
    assert len(ids) == len(set(ids))
    wanted = [id for e in page.exercises for id in e.check_ids(e.starters)]
    wanted += re.findall(r"\{quick\} (\S+)", page.text)
    assert set(wanted) <= set(ids)
    places = {cell.id: cell.place for cell in source}
    for cell in cells:
        assert cell["execution_count"] is None
        if places.get(cell["id"]) == "exercise":
            assert cell["outputs"] == []


def every_notebook():
    return sorted(NOTEBOOKS.rglob("*.ipynb"))


@site
def test_every_notebook_is_valid_and_small():
    assert len(every_notebook()) > len(written())
    for path in [*every_notebook(), *(BUILD / "nbgrader" / "source").rglob("*.ipynb")]:
        nbformat.validate(json.loads(path.read_text(encoding="utf-8")))
        assert path.stat().st_size < 2_000_000, path


@site
def test_links_lead_to_notebooks_that_are_there():
    for path in every_notebook():
        for link in re.findall(r"\]\(([^)\s]+)\)", prose_of(path)):
            if not re.match(r"https?:|mailto:", link):
                assert (path.parent / unquote(link)).resolve().exists(), (path, link)


@site
def test_the_first_notebook_leads_through_the_book_in_order():
    text = prose_of(NOTEBOOKS / "00-start.ipynb")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) == len(set(links)) == len(every_notebook()) - 1
    order = [file_of(page) for page in written()]
    numbered = [link for link in links if link[0].isdigit()]
    assert [NOTEBOOKS / link for link in numbered] == order[: len(numbered)]
    # 6.10 comes after 6.9, as in a list of files that knows numbers.
    numbers = re.findall(r"/(\d+)\.(\d+)-", " ".join(numbered))
    places = [(int(part), int(page)) for part, page in numbers]
    assert len(places) > 40
    assert places == sorted(places)


@each_page
def test_the_button_of_the_page_serves_the_notebook(page):
    (link,) = set(re.findall(r'href="([^"]+\.ipynb)"', built(page)))
    served = (HTML / "chapters" / f"{page.name}.html").parent / link
    assert served.resolve().read_bytes() == file_of(page).read_bytes()


@site
def test_the_link_to_a_notebook_downloads_it(browser):
    path = HTML / "chapters" / "2-neighbours" / "quick-questions.html"
    context, tab, _ = browsing.window(browser, "file:", "light", 1280)
    tab.goto(path.as_uri(), wait_until="load")
    menu = tab.locator(".dropdown-download-buttons")
    assert menu.locator("a").count() == 2
    for kind in (".ipynb", ".whl"):
        link = menu.locator(f"a[href$='{kind}']")
        assert link.get_attribute("download") == ""
        assert (path.parent / link.get_attribute("href")).resolve().is_file()
    context.close()


@site
def test_an_assignment_has_each_check_of_its_page_once():
    for page in written():
        checks = [id for e in page.exercises for id in e.check_ids(e.starters)]
        name = file_of(page).stem
        path = BUILD / "nbgrader" / "source" / name / f"{name}.ipynb"
        assert path.exists() == bool(checks)
        if checks:
            cells = cells_of(path, "code")
            marked = [cell["metadata"].get("nbgrader", {}) for cell in cells]
            code = "\n".join(cell["source"] for cell in cells)
            assert Counter(bookpages.CHECK.findall(code)) == Counter(checks)
            assert sum(m.get("points", 0) for m in marked) == len(checks)
