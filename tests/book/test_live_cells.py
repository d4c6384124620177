"""Pages that run: what a cell needs, what a page tells of it, what a run shows."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("sphinx")

from docutils import nodes
from docutils.utils import new_document
from recbook_book.edition.units import digest
from recbook_book.live import live_cells

ROOT = Path(__file__).resolve().parents[2]

# -- what a page tells -----------------------------------------------------------------


def notebook(*sources, **metadata):
    cells = [
        {"cell_type": "code", "id": f"c{n}", "source": s, "metadata": metadata}
        for n, s in enumerate(sources)
    ]
    return [{"cell_type": "markdown", "id": "t", "source": "# T"}, *cells]


@pytest.mark.parametrize(
    ("code", "lab"),
    [
        ("tf.constant(1)", "TensorFlow"),
        ("recbook.NeuralCF()", "TensorFlow"),
        ("Towers()", "TensorFlow"),
        ("recbook.EASE()", None),
        ("y = x", "TensorFlow"),  # it needs a cell that does
        ("call(['ls'])", "more than a browser"),
    ],
)
def test_what_only_the_lab_has(code, lab):
    imports = "import recbook, tensorflow as tf\nfrom subprocess import call\n"
    imports += "from recbook.deep import RetrievalTowers as Towers"
    told = live_cells.cells_of(notebook(imports, "x = tf.zeros(3)", code), {2})
    assert "lab" not in told[0]
    assert told[2].get("lab") == lab


def page_of(monkeypatch, tmp_path, source, *, built=True, language="en"):
    """The tree and the text of a page with these cells, the first of them not shown."""
    marker, path = tmp_path / "packs.json", tmp_path / "page.ipynb"
    if built:
        marker.write_text("{}")
    monkeypatch.setattr(live_cells, "MARKER", marker)
    monkeypatch.setattr(live_cells, "kept", lambda *_: {"name": "page"})
    path.write_text(json.dumps({"cells": source}))
    document = new_document("page")
    for index in range(2, len(source)):
        code = nodes.container("", nb_element="cell_code_source")
        cell = nodes.container("", code, nb_element="cell_code", cell_index=index)
        document += cell
    env = SimpleNamespace(doc2path=lambda name: path)
    config = SimpleNamespace(recbook_solutions=True, language=language)
    builder = SimpleNamespace(name="html")
    app = SimpleNamespace(builder=builder, env=env, config=config, srcdir=tmp_path)
    context = {"body": "<p>", "pathto": lambda to, resource: f"../{to}"}
    live_cells.mark(app, document, "page")
    live_cells.tell(app, "page", "page.html", context, document)
    return document, context["body"]


def test_a_page_tells_of_its_cells(monkeypatch, tmp_path):
    source = notebook("a = 1", "print('</script><!--', a)")
    document, body = page_of(monkeypatch, tmp_path, source)
    assert document[0]["classes"] == ["live-cell-2"]
    assert body.count("</script>") == 1
    assert "<!--" not in body
    told = json.loads(body.partition('"live-cells">')[2].removesuffix("</script>"))
    assert told["root"] == "../_static/live/"
    first, second = told["cells"]
    assert "place" not in first
    assert (second["place"], second["needs"], second["reads"]) == (2, [0], {"a": 0})
    assert second["source"] == source[2]["source"]


def test_a_translated_page_tells_of_them_in_its_language(monkeypatch, tmp_path):
    about = {"tags": ["raises-exception"], "mystnb": {"image": {"alt": "A line"}}}
    source = notebook("recbook.check('2.1-cosine', ...)", "1", **about)
    sibling = tmp_path / "zh" / "page.md"
    sibling.parent.mkdir()
    sibling.write_text(f"+++ c0.alt @{digest('A line')}\n一条线\n", encoding="utf-8")
    for language in ("zh_CN", "en"):
        _, body = page_of(monkeypatch, tmp_path, source, language=language)
        told = json.loads(body.partition('"live-cells">')[2].removesuffix("</script>"))
        cell, _ = told["cells"]
        is_chinese = language == "zh_CN"
        assert cell["alt"] == ("一条线" if is_chinese else "A line")
        assert ("范数是平方和的平方根" in cell["hints"]) == is_chinese
        # There is one Python for both editions.
        assert told["root"] == "../" + "../" * is_chinese + "_static/live/"


def test_without_a_runtime_a_page_is_as_it_was(monkeypatch, tmp_path):
    source = notebook("a = 1", "a")
    document, body = page_of(monkeypatch, tmp_path, source, built=False)
    assert document[0]["classes"] == []
    assert body == "<p>"


# -- what a run shows ------------------------------------------------------------------

RUN = """
import json, sys
import recbook_page as page

told, ends, out = [], [], sys.stdout
page.start(lambda form, text: told.append((form, text)), home=sys.argv[1])
for source, quiet, edited in json.loads(sys.argv[2]):
    told.clear()
    done = page.run(source, "cell 7", quiet, edited)
    ends.append((done if edited else done["fine"], list(told)))
print(json.dumps(ends), file=out)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run cells one after the other, in a Python of their own: what the last shows."""

    def running(*sources, quiet=False, edited=()):
        cells = [(s, quiet, n in edited) for n, s in enumerate(sources)]
        home = str(tmp_path_factory.mktemp("home"))
        folders = [".ci/live", "chapters/_ext", "."]
        command = f"import sys; sys.path[:0] = {[str(ROOT / f) for f in folders]!r}\n"
        done = subprocess.run(
            [sys.executable, "-c", command + RUN, home, json.dumps(cells)],
            capture_output=True,
            text=True,
            check=True,
        )
        fine, told = json.loads(done.stdout)[-1]
        return fine, [tuple(one) for one in told]

    return running


def test_the_last_value_is_shown_as_in_a_notebook(run):
    assert run("x = 2", "print('a')\nx") == (
        True,
        [("stdout", "a\n"), ("text", "2")],
    )
    assert run("x = 2", "x;  # silent") == (True, [])
    assert run("None") == (True, [])
    assert run("display(1, 'a')") == (True, [("text", "1"), ("text", "'a'")])
    html = "from IPython.display import HTML\nHTML('<b>b</b>')"
    assert run(html) == (True, [("html", "<b>b</b>")])
    glue = "from myst_nb import glue\nglue('x', 1, display=False)"
    assert run(glue) == (True, [])


def test_a_check_says_its_line_and_no_more(run):
    starter = 'import recbook\nrecbook.check("2.1-cross", ...)'
    fine, told = run(starter)
    assert fine
    assert [form for form, _ in told] == ["stdout"]
    assert told[0][1].startswith("not filled in yet")


def test_a_quiet_cell_shows_its_error_only(run):
    assert run("print(1)\n2", quiet=True) == (True, [])
    fine, ((form, text),) = run("1 / 0", quiet=True)
    assert (fine, form) == (False, "error")
    assert text.endswith("ZeroDivisionError: division by zero\n")


def test_a_traceback_begins_at_the_readers_line(run):
    fine, ((_, text),) = run("def f():\n    return 1 / 0\nf()")
    lines = text.splitlines()
    assert not fine
    assert lines[1:3] == ['  File "<cell 7>", line 3, in <module>', "    f()"]
    assert "recbook_page" not in text
    fine, ((_, text),) = run("x = (")
    assert text.startswith('  File "<cell 7>", line 1\n    x = (')


def test_a_figure_is_drawn_in_the_style_of_the_book(run):
    draw = "import matplotlib.pyplot as plt\nfrom recbook import plots\n"
    draw += "fig, ax = plt.subplots()\n_ = ax.plot([1, 2])"
    # Words are measured as they are drawn: a label is placed by its size.
    draw += "\n_ = ax.get_window_extent()\nassert fig.dpi == 110"
    fine, ((form, text),) = run(draw)
    assert fine, text
    assert form == "svg"
    assert text.startswith('<svg class="drawn" id="live-1"')
    assert run(draw, "print('no figure is left')")[1][0][0] == "stdout"


def test_a_figure_is_shown_where_the_cell_asks_for_it(run):
    """And once; without a word on a backend that has no window."""
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint(1)\n"
    draw += "fig, ax = plt.subplots()\nfig.show()\nprint(2)\n_ = plt.plot([2, 1])"
    fine, told = run(draw)
    assert fine, told
    assert [form for form, _ in told] == ["svg", "stdout", "svg", "stdout", "svg"]
    assert run(draw, quiet=True) == (True, [])


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("import nosuch", "pandas, Matplotlib and recbook. For more: make lab"),
        ("import scipy.nosuch", "A page has not all of scipy. For more: make lab"),
        ("input('name?')", "a page cannot ask: write the value into the code"),
        ("await f()", "there is nothing to await."),
        ("raise MemoryError", "Restart gives all of it back."),
        ("raise RuntimeError('TLS not supported')", "from elsewhere: make lab"),
        ("import pandas as pd\npd.read_csv('https://127.0.0.1:1/')", ": make lab"),
    ],
)
def test_an_error_that_comes_of_being_in_a_page_says_the_way_out(run, code, last):
    done, ((form, text),) = run(code, edited={0})
    assert (done["fine"], form) == (False, "error")
    assert text.strip().endswith(last)
    assert text.count("  File ") == 1, "frames of others"


def test_what_led_to_an_error_is_told_where_it_is_the_readers(run):
    raised = "try:\n    1 / 0\nexcept ArithmeticError as e:\n    raise KeyError from e"
    ((_, text),) = run(raised)[1]
    assert text.count("Traceback") == 2


def test_a_question_mark_asks_for_help(run):
    (_, text), *_ = run("len?")[1]
    assert text.startswith("Help on built-in function len")


def test_the_page_is_told_what_the_readers_code_did_to_names(run):
    book = "import numpy as np\nT = np.zeros(2)\nS = [1]"
    code = "import numpy as np\nT = T * 2\nT = T * 2\nS.append(np.ones(1))\nprint(U)"
    done, _ = run(book, code, edited={1})
    assert done.pop("checked") == {}
    assert done == {"fine": False, "lacks": "U", "binds": ["T"], "touches": ["S"]}


def test_the_page_is_told_which_answers_are_right(run):
    code = "import recbook\nfor x in (1, 2): recbook.check('2.2-leak', x)"
    assert run(code, edited={0})[0]["checked"] == {"2.2-leak": False}
    right = "recbook.check('2.2-leak', 1)"
    assert run(code, right, edited={0, 1})[0]["checked"] == {"2.2-leak": True}
    assert run(code, "1", edited={0, 1})[0]["checked"] == {}


def test_a_cell_of_the_book_has_pythons_own_names(run):
    """A reader's ``sum`` is the reader's, before and after it."""
    mine, book = "from numpy import *\nprint = 0", "print(sum([[1, 2]], []))"
    assert run(mine, book, edited={0}) == (True, [("stdout", "[1, 2]\n")])
    done, shown = run(mine, book, "display(sum([[1, 2]]))", edited={0, 2})
    assert (done["fine"], shown[0][1]) == (True, "np.int64(3)")


def test_what_is_not_there_says_what_it_needs(run):
    code = "import pyspark.sql as spark\nfrom pyspark.sql import functions as F\n"
    if importlib.util.find_spec("pyspark"):
        pytest.skip("it is there")
    assert run(code + "x = F.col") == (True, [])
    assert run(code + "F.col('a')") == (
        False,
        [("error", "This cell needs Spark: make lab")],
    )
    assert not run(code + "class A(spark.Row):\n    pass")[0]
    version = run("import pyspark\npyspark.__version__")
    assert version == (False, [("error", "This cell needs Spark: make lab")])
