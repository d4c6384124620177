"""The site that ``make book SOLUTIONS=no`` writes beside the teacher's."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import ThreadingHTTPServer

import book
import do
import leaks
import pytest
import serve
import students
from livepages import label_of, press
from pages import alone
from recbook_book.site.students_site import PAGES, without_answers
from test_site import HTML, wrong_links

CELLS = re.compile(r'id="live-cells">(.*?)</script>', re.S)
EXERCISE = re.compile(r'<span class="caption-number">(Exercise [\d.]+)')
CODE = "def pull(w, e, reg):\n    return w @ e / (np.abs(w).sum() + reg)"
NEEDLE = tuple(leaks.words(CODE.splitlines()[1]))


# The search for leaks -----------------------------------------------------------------


@pytest.mark.parametrize(
    "planted",
    [
        "<span class='k'>return</span> <span>w</span> <span>@</span> e "
        "/ (np.abs(w).sum() <span>+</span> reg)",
        json.dumps({"source": CODE}),
        json.dumps({"source": CODE}).replace("<", "\\u003c"),
        json.dumps(f"<p>{CODE}</p>"),
        f"recbookKeep({json.dumps({'cells': [CODE.splitlines(True)]})});",
        f"```{{code-cell}}\n{CODE}\n```",
    ],
)
def test_a_planted_line_is_found(planted, tmp_path):
    (tmp_path / "page.txt").write_text(f"before {planted} behind", encoding="utf-8")
    found = leaks.leaks(tmp_path, leaks.Finder([NEEDLE]))
    assert found == {("page.txt", NEEDLE)}


def test_what_is_not_the_line_is_not_found(tmp_path):
    (tmp_path / "page.txt").write_text(CODE.replace("reg)", "regs)"), encoding="utf-8")
    assert leaks.leaks(tmp_path, leaks.Finder([NEEDLE])) == set()


def test_each_page_with_solutions_gives_needles():
    """But for those whose solutions are a word or a number."""
    pages = {path for path, _, prose, code in leaks.pages() if prose or code}
    assert pages == set(leaks.needles().values())


# What the pages are told --------------------------------------------------------------


def test_a_cell_that_no_shown_cell_needs_is_not_told():
    free = {"needs": [], "reads": {}}
    cells = [{**free, "id": name} for name in "abcd"]
    cells[1] |= {"place": 3, "needs": [0], "reads": {"x": 0}}
    cells[3] |= {"place": 9, "needs": [0, 1], "reads": {"y": 1}}
    told = without_answers(cells, set())
    assert [cell["id"] for cell in told] == ["a", "b", "d"]
    assert [cell["needs"] for cell in told] == [[], [0], [0, 1]]
    assert cells[3]["reads"] == told[2]["reads"] == {"y": 1}


# When it is written -------------------------------------------------------------------


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """A folder where a students' site is written by a command that notes its calls."""
    monkeypatch.setattr(students, "SITE", tmp_path / "students")
    monkeypatch.setattr(students, "STATE", tmp_path / ".students.json")
    calls = []

    def run(command):
        calls.append(command)
        students.SITE.mkdir(exist_ok=True)
        (students.SITE / "offline.json").touch()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(students.subprocess, "run", run)
    return calls


def test_it_is_written_once_for_each_book(beside, capsys):
    students.refresh({"shown": 1})
    students.refresh({"shown": 1})
    assert len(beside) == 1
    students.remove({"shown": 1})
    assert students.SITE.exists()
    students.refresh({"shown": 2})
    assert len(beside) == 2
    (students.SITE / "offline.json").unlink()  # as in one that was interrupted
    students.refresh({"shown": 2})
    assert len(beside) == 3
    assert capsys.readouterr().out.count("The students' site is at") == 4


def test_a_book_without_it_leaves_none_of_an_earlier_book(beside, capsys):
    students.remove({"shown": 1})
    students.refresh({"shown": 1})
    capsys.readouterr()
    students.remove({"shown": 2})
    assert not students.SITE.exists()
    assert "SOLUTIONS=no` writes it again" in capsys.readouterr().out


@pytest.mark.parametrize(("given", "done"), [("no", "refresh"), ("yes", "remove")])
def test_the_setting_decides(monkeypatch, tmp_path, given, done):
    calls = []
    for name in ("refresh", "remove"):
        monkeypatch.setattr(students, name, lambda now, n=name: calls.append((n, now)))
    monkeypatch.setattr(book, "BUILD", tmp_path)
    monkeypatch.setattr(book, "book", lambda: {"shown": 1})
    monkeypatch.setattr(book.os, "environ", {**os.environ, "SOLUTIONS": given})
    book.build()
    assert calls == [(done, {"shown": 1})]


@pytest.mark.parametrize("given", ["No", "none", "false"])
def test_another_word_for_the_setting_is_refused(given):
    command = [sys.executable, do.__file__, "help", f"SOLUTIONS={given}"]
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 1
    assert f"SOLUTIONS is yes or no, not '{given}'" in refused.stderr


def test_a_site_that_failed_is_not_taken_for_one(beside, monkeypatch):
    students.refresh({"shown": 1})
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(students.subprocess, "run", lambda command: failed)
    with pytest.raises(SystemExit, match="not written"):
        students.refresh({"shown": 2})
    assert not students.is_of({"shown": 2})
    assert not students.is_of({"shown": 1})


# The site itself ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The whole site: that of ``make site-all``, or one for the tests."""
    if os.environ.get("SOLUTIONS") == "no":
        return students.SITE
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent  # which all workers share
    # Beside the teacher's, as what the pages have glued lies there.
    folder, made = HTML.parent / ".students-of-tests", place / "students"
    with alone(place / "students.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            command = [sys.executable, students.__file__, str(folder)]
            subprocess.run(command, check=True)
            made.touch()
    return folder


@pytest.fixture(scope="module")
def pages(site):
    """The text of each page, by its name."""
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    named = [name for name in found if not name.startswith("_static/")]
    return {name: (site / name).read_text(encoding="utf-8") for name in named}


@pytest.mark.site
def test_no_file_holds_anything_of_a_solution(site):
    needles = leaks.needles()
    finder = leaks.Finder(needles)
    assert leaks.leaks(site, finder) == set()
    there = leaks.leaks(HTML / "chapters", finder)
    found = {needle for _, needle in there}
    assert len(found) > 0.98 * len(needles), "it finds them on a teacher's"


@pytest.mark.site
def test_no_page_has_a_solution_and_each_exercise_its_number(pages):
    assert not [name for name, text in pages.items() if "admonition solution" in text]
    for name, text in pages.items():
        whole = (HTML / name).read_text(encoding="utf-8")
        assert EXERCISE.findall(text) == EXERCISE.findall(whole), name
    assert sum(len(EXERCISE.findall(text)) for text in pages.values()) > 400


@pytest.mark.site
def test_pages_for_teachers_are_missing_and_nothing_leads_there(site, pages):
    chapters = (HTML / "chapters").rglob("*.html")
    whole = {path.relative_to(HTML).as_posix() for path in chapters}
    missing = whole - set(pages)
    assert missing == {f"{page}.html" for page in PAGES} & whole
    for name, text in pages.items():
        assert wrong_links(name, site) == [], name
        assert 'id="for-teachers"' not in text, name
        assert not [page for page in PAGES if f"{page.rpartition('/')[2]}.html" in text]
    assert not (site / "_sources").exists()
    assert not list(site.rglob("*nbgrader*"))
    assert not list(site.rglob("*.pdf")), "the files for a tablet have solutions"


@pytest.mark.site
def test_it_is_complete_by_itself(site):
    kept = json.loads((site / "offline.json").read_text(encoding="utf-8"))
    assert all((site / name).is_file() for files in kept.values() for name in files)
    for folder in ("_static/live", "."):
        names = {path.name for path in (HTML / folder).glob("*.*")}
        assert names == {path.name for path in (site / folder).glob("*.*")}
    assert not any(path.is_symlink() for path in site.rglob("*"))


@pytest.mark.site
def test_a_cell_needs_what_it_needs_on_the_teachers_page(pages):
    for name, text in pages.items():
        found = CELLS.search(text)
        if found:
            mine = needs(found[1])
            theirs = needs(CELLS.search((HTML / name).read_text(encoding="utf-8"))[1])
            theirs = {c: [n for n in theirs[c] if n in mine] for c in mine}
            assert mine == theirs, name


def needs(told):
    cells = json.loads(told)["cells"]
    return {c["id"]: [cells[n]["id"] for n in c["needs"]] for c in cells}


@pytest.mark.site
def test_the_notebooks_say_where_no_solution_is(site):
    welcome = (site / "notebooks" / "00-start.ipynb").read_text(encoding="utf-8")
    assert "The course's site has none either" in welcome
    for path in (site / "notebooks").rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert "in the folds" not in text, path
        assert "## For teachers" not in text, path


@pytest.mark.site
def test_a_page_of_it_marks_and_has_no_answers_to_print(site, page):
    course = functools.partial(serve.Course, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), course) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        name = "chapters/2-neighbours/user-cf.html"
        tab = page(f"{name}?sheet=answers", of=here)
        tab.wait_for_selector("text=This site has no answers")
        if (site / "_static" / "live").exists():
            tab = page(name, of=here)
            shown = press(tab, label_of(tab, "ex-pull-starter"))["shown"]
            assert "replace its dots" in shown
        server.shutdown()
