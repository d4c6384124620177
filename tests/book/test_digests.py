"""Which change makes which page run again: both directions, over the real pages."""

from pathlib import Path
from types import SimpleNamespace

import book
import digests
import nbformat
import pages
import pytest

from recbook._core import order

NAMES = {pages.name_of(path).split("/", 1)[1]: path for path in pages.notebooks()}
ALL = set(NAMES)


def code_of(path):
    notebook = nbformat.read(path, as_version=4)
    return "\n".join(c.source for c in notebook.cells if c.cell_type == "code")


@pytest.fixture(scope="module")
def stands_on():
    return {
        name: set(digests.stands_on(path, code_of(path)))
        for name, path in NAMES.items()
    }


@pytest.fixture
def stale_after(stands_on):
    """Return a function: the pages that an edit of one file makes stale."""

    def stale(name):
        edited = digests.ROOT / name
        assert edited.is_file()
        return {page for page, files in stands_on.items() if edited in files}

    return stale


def users_of(word):
    return {name for name, path in NAMES.items() if word in code_of(path)}


@pytest.mark.parametrize("name", ["_core/jit.py", "__init__.py"])
def test_what_every_page_stands_on(stale_after, name):
    assert stale_after(f"recbook/{name}") == ALL


def test_every_page_with_data_stands_on_the_ratings(stale_after):
    # This one has its answers marked, and asks nothing else of the package.
    assert stale_after("recbook/ratings.py") == ALL - {
        "appendix/refresher-matrices.ipynb"
    }


def test_a_family_of_models_makes_its_users_stale_and_not_its_siblings(stale_after):
    stale = stale_after("recbook/linear/models.py")
    assert "3-factorization/linear.ipynb" in stale
    assert users_of("leaderboard.recipes") | users_of("project.") <= stale
    for page in ("similarity", "user-cf"):
        assert f"2-neighbours/{page}.ipynb" not in stale
    assert "1-concepts/data.ipynb" not in stale
    assert "appendix/results.ipynb" not in stale  # it asks for a folder of tables alone


@pytest.mark.parametrize("name", ["server.py", "static/index.html"])
def test_the_service_is_for_those_who_use_it(stale_after, name):
    # Grading stands after the service in the order of parts.
    graded = {f"appendix/{name}-project.ipynb" for name in ("class", "campaign")}
    expected = {"5-project/serving.ipynb", *graded}
    assert stale_after(f"recbook/app/{name}") == expected


def test_the_checks_of_a_chapter_are_its_own(stale_after):
    checks = "recbook/checks/factorization/biases_and_svdpp.py"
    assert stale_after(checks) == {"3-factorization/biases-and-svdpp.ipynb"}


@pytest.mark.parametrize(
    "name",
    ["registry", "language", "choices", "compare", "guard", "inside", "__init__"],
)
def test_how_answers_are_marked_is_every_exercises(stale_after, name):
    assert stale_after(f"recbook/checks/{name}.py") == users_of("recbook.check(")


def test_a_translated_line_makes_no_page_run_again(stale_after):
    assert stale_after("recbook/checks/zh.csv") == set()
    beside = digests.whole(["checks"])  # of a page that hides what it uses
    assert digests.CHECKS / "exercises.csv" in beside
    assert digests.CHECKS / "zh.csv" not in beside


def test_quick_questions_are_read_again_when_their_answers_change(monkeypatch):
    answers = digests.CHECKS / "neighbours" / "quick_questions.py"
    notebooks = SimpleNamespace(digest=lambda path: "")
    before, content = book.shown(notebooks), digests.content
    monkeypatch.setattr(
        digests, "content", lambda p: "" if p == answers else content(p)
    )
    after = book.shown(notebooks)
    changed = {name for name in before if before[name] != after[name]}
    texts = {name for name in changed if not name.startswith(book.api_pages.PLACE)}
    assert texts == {"chapters/2-neighbours/quick-questions.md"}


@pytest.mark.parametrize(
    ("table", "page"),
    [
        ("spark.csv", "5-project/scale-out.ipynb"),
        ("service.csv", "5-project/serving.ipynb"),
        ("benchmarks.json", "appendix/results.ipynb"),
    ],
)
def test_a_table_of_results_belongs_to_who_reads_it(stale_after, table, page):
    assert stale_after(f"data/results/{table}") == {page}


def test_a_shop_s_files_are_for_those_who_load_them(stale_after):
    assert stale_after("data/shop/events.csv") == users_of("load_shop")
    assert stale_after("data/exports/orders.csv") == users_of("example_file")


def test_the_embedded_data_are_for_all(stale_after):
    assert stale_after("data/ml-100k/u.data") == ALL


def test_no_code_of_the_package_reads_results_for_a_page():
    readers = {
        path.relative_to(order.PACKAGE).parts[0]
        for path in order.PACKAGE.rglob("*.py")
        if "results_folder(" in path.read_text(encoding="utf-8")
    }
    assert readers == {"leaderboard"}


PAGE = Path("chapters/2-neighbours/new.ipynb")


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("import recbook\nrecbook.ALS().fit(toy)", {"factorization": {"ALS"}}),
        (
            "from recbook import ALS, plots as p\np.hide()",
            {"factorization": {"ALS"}, "plots": {"hide"}},
        ),
        ("from recbook.app.engine import Engine", {"app": {"engine"}}),
        ("import recbook.deep.fm as fm", {"deep": {"fm"}}),
        (
            "import recbook.splits\nrecbook.splits.holdout(r)",
            {"splits": {"holdout", None}},
        ),
        ("import recbook as r\nr.check('2.1-cosine', 1)", {"checks": {"check"}}),
        ("from recbook import metrics\nf(metrics)", {"metrics": {None}}),
        ("run(['python', '-m', 'recbook.app'])", {"app": {None}}),
        ("def f():\n    return recbook.plots\nimport recbook", {"plots": {None}}),
        ("import numpy as np\nnp.ratings(spark='grade')", {}),
        ("import recbook\nrecbook.__version__", {}),
    ],
)
def test_what_code_names(code, asked):
    names = digests.Names(code, texts=True)
    assert names.asked == asked
    assert not names.hidden


@pytest.mark.parametrize(
    "code",
    [
        "from recbook import *",
        "import recbook\ngetattr(recbook, name)",
        "import recbook\nrecbook.nothing_known",
        "import importlib",
        "from importlib import import_module",
        "__import__('recbook')",
        "exec(text)",
        "run(['python', '-c', 'from recbook import ALS'])",
        "%run other.py",
    ],
)
def test_code_that_hides_what_it_uses_stands_on_everything(code):
    names = digests.Names(code, texts=True)
    assert names.hidden
    files = digests.sources(digests.ROOT / PAGE, names)
    assert digests.order.PACKAGE / "grade" / "films" / "tasks.py" in files
    assert set(digests.whole(order.ORDER)) == set(files)


def test_a_page_without_checks_of_its_own_stands_on_all_of_them():
    names = digests.Names("import recbook\nrecbook.check('2.1-cosine', 1)")
    files = digests.sources(digests.ROOT / PAGE, names)
    assert set((order.PACKAGE / "checks").rglob("*.py")) <= set(files)


def test_the_digest_is_of_the_bytes_of_all_of_them(monkeypatch):
    page, content = digests.ROOT / PAGE, digests.content
    before, edited = digests.page_digest(page, "1"), order.PACKAGE / "_core/jit.py"
    assert digests.page_digest(page, "1") == before
    monkeypatch.setattr(
        digests, "content", lambda path: content(path) + "!" * (path == edited)
    )
    assert digests.page_digest(page, "1") != before


def test_a_page_stands_on_its_own_code():
    page = digests.ROOT / PAGE
    assert digests.page_digest(page, "1 + 1") != digests.page_digest(page, "1 + 2")
    assert digests.page_digest(page, "1", "real") != digests.page_digest(page, "1")
