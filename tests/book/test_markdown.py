"""The students' notebooks, piece by piece: Markdown, cells, and nbgrader's cells."""

import base64
import sys
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from recbook_book.notebooks import assignments
from recbook_book.notebooks.cells import copy_of, picture, quiet, student_cells
from recbook_book.notebooks.hidden import without_machinery
from recbook_book.notebooks.install import install_cell
from recbook_book.notebooks.pieces import LINES_PER_CELL, Piece, pieces_of
from recbook_book.notebooks.plain_markdown import Markdown
from recbook_book.notebooks.students import WELCOME, head, offer, write_page

from recbook.mark.cells import SEAL, sealed

ADDRESSES = {"there.html": "2.1-there.ipynb", "https://a.org/b c": "https://a.org/b c"}


def number(kind, node):
    return {"displaymath": "2.2.5", "figure": "Fig. 2.2.1"}[kind] if node["ids"] else ""


def writer():
    shown = "![{1}]({0})".format
    return Markdown(number, ADDRESSES.get, lambda path, alt: shown(path, alt))


def written(text):
    """A piece of reStructuredText, which makes the same nodes, as Markdown."""
    quiet = {"report_level": 5, "smart_quotes": False}
    document = publish_doctree(text, settings_overrides=quiet)
    return writer().blocks(document.children)


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("*one* **two** ``a*b``", "*one* **two** `a*b`"),
        ("two\nlines", "two lines"),
        (r"5 \* 3 = $15, ~20, x_i", r"5 \* 3 = \$15, \~20, x_i"),
        (r"\_private a<b, 1 < 2", r"\_private a\<b, 1 < 2"),
        ("R&D &amp; [1] and [a](b)", r"R&D \&amp; [1] and [a\](b)"),
        (r"\# of films", r"\# of films"),
        (r"\1. of May", r"1\. of May"),
        (r"\- no item", r"\- no item"),
        ("-1 is less", "-1 is less"),
        (":math:`a<b` and :math:`|x|`", "$a< b$ and $|x|$"),
        ("- one\n- two", "- one\n- two"),
        ("- one\n\n  more\n- two", "- one\n\n  more\n\n- two"),
        ("- one\n\n  - in it", "- one\n\n  - in it"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("3. one\n4. two", "3. one\n4. two"),
        ("a. one\nb. two", "- **a.** one\n- **b.** two"),
        ("term\n  What it *is*.", "- **term**: What it *is*."),
        ("One.\n\n  A quote.", "One.\n\n> A quote."),
        (".. note::\n\n   One.\n\n   Two.", "> **Note**\n>\n> One.\n>\n> Two."),
        (".. admonition:: Title\n\n   - one", "> **Title**\n>\n> - one"),
        ("::\n\n   a = 1\n\n   b", "```\na = 1\n\nb\n```"),
        (".. image:: a/b.svg\n   :alt: Words", "![Words](a/b.svg)"),
        ("One.\n\n.. a comment\n\nTwo.", "One.\n\nTwo."),
        (".. math:: a = b", "$$\na = b\n$$"),
        (
            ".. math::\n\n   a \\\\\n   b",
            "$$\n\\begin{split}\na \\\\\nb\n\\end{split}\n$$",
        ),
        (
            ".. math::\n\n   \\begin{cases} a \\\\ b \\end{cases}",
            "$$\n\\begin{cases} a \\\\ b \\end{cases}\n$$",
        ),
        ("- .. math::\n\n     a\n     = b", "- $$ a = b $$"),
    ],
)
def test_markdown_of_what_a_page_is_made_of(text, markdown):
    assert written(text) == markdown


def test_a_table_keeps_its_bars_to_itself():
    table = "===== =====\nname  size\n===== =====\n``|``  :math:`|x|`\n===== =====\n"
    expected = "| name | size |\n| --- | --- |\n| `\\|` | $\\vert x\\vert$ |"
    assert written(table.replace("``|``  ", "``|`` ")) == expected


def test_a_table_without_a_head_has_an_empty_one():
    assert written("== ==\na  b\n== ==\n") == "|   |   |\n| --- | --- |\n| a | b |"


def test_a_paragraph_that_links_to_a_view_of_the_page_stays_there():
    link = nodes.raw("", '<a href="page.html?sheet=one">', format="html")
    line = nodes.paragraph("", "", link, nodes.Text("This sheet alone"))
    assert writer().blocks([line, nodes.paragraph("", "Two.")]) == "Two."


def test_a_formula_has_the_books_number():
    formula = nodes.math_block("", "a = b", ids=["equation-a"])
    assert writer().block(formula) == "$$\na = b \\tag{2.2.5}\n$$"


def test_a_figure_has_its_words_and_number():
    image = nodes.image("", uri="chapters/_static/loop.svg", alt="A\nloop.")
    caption = nodes.caption("", "What comes back.")
    figure = nodes.figure("", image, caption, ids=["fig-loop"])
    expected = "![A loop.](chapters/_static/loop.svg)"
    assert writer().block(figure) == f"{expected}\n\n**Fig. 2.2.1** · What comes back."


@pytest.mark.parametrize(
    ("attributes", "classes", "markdown"),
    [
        ({"refuri": "there.html"}, [], "[*text*](2.1-there.ipynb)"),
        ({"refuri": "nowhere.html"}, [], "*text*"),
        ({"refuri": "there.html"}, ["xref", "std-term"], "*text*"),
        ({"refid": "equation-a"}, [], "*text*"),
        ({"refuri": "there.html", "reftitle": "A. Author. Title."}, [], "*text*"),
        ({"refuri": "https://a.org/b c"}, [], "[*text*](https://a.org/b%20c)"),
    ],
)
def test_a_link_leads_to_a_notebook_or_is_text(attributes, classes, markdown):
    inside = nodes.inline("", "", nodes.emphasis("", "text"), classes=classes)
    link = nodes.reference("", "", inside, **attributes)
    assert writer().block(nodes.paragraph("", "", link)) == markdown


def test_a_citation_stands_in_round_brackets():
    link = nodes.reference("", "Koren, 2008", refuri="there.html", reftitle="Koren.")
    parts = [nodes.Text("["), link, nodes.Text("]")]
    cited = nodes.inline("", "", *parts, classes=["bibtex-citation"])
    assert writer().block(nodes.paragraph("", "", cited)) == "(Koren, 2008)"


def test_what_cannot_be_written_is_not_dropped_in_silence():
    with pytest.raises(NotImplementedError, match="no Markdown for <line_block>"):
        written("| a line")


def test_the_page_of_what_cannot_be_written_is_named():
    """An HTML comment, say: the name of its node leads nobody to its page."""
    env = SimpleNamespace(
        config=SimpleNamespace(root_doc="intro"),
        titles={"chapters/2-neighbours/there": {"secnumber": (2, 1)}},
        doc2path="{}.md".format,
        srcdir=".",
    )
    app = SimpleNamespace(builder=SimpleNamespace(name="html"), env=env)
    page = publish_doctree("Title\n=====\n\n| a line")
    named = "^chapters/2-neighbours/there: .* no Markdown for <line_block>"
    with pytest.raises(NotImplementedError, match=named):
        write_page(app, page, "chapters/2-neighbours/there")


# Cells --------------------------------------------------------------------------------


class exercise_enumerable_node(nodes.Element):
    """What sphinx-exercise calls it."""


class solution_node(nodes.Element):
    """What sphinx-exercise calls it."""


def at(node, cell):
    node.line = (cell + 1) * LINES_PER_CELL + 1
    return node


def code(cell):
    return nodes.container(nb_element="cell_code", cell_index=cell)


SOURCE = [
    {"cell_type": "markdown", "id": "opening", "metadata": {}, "source": ""},
    {"cell_type": "code", "id": "imports", "metadata": {}, "source": "import recbook"},
    {
        "cell_type": "code",
        "id": "hidden",
        "metadata": {"tags": ["remove-cell"]},
        "source": 'base = 1\nassert base == 1\nglue("n", 3)',
    },
    {"cell_type": "markdown", "id": "ex-start", "metadata": {}, "source": ""},
    {
        "cell_type": "code",
        "id": "starter",
        "metadata": {"tags": ["raises-exception"]},
        "source": 'n = ...\nrecbook.check("2.2-n", n)',
    },
    {"cell_type": "markdown", "id": "ex-solution", "metadata": {}, "source": ""},
    {
        "cell_type": "code",
        "id": "answer",
        "metadata": {},
        "source": 'n = base + 2\nrecbook.check("2.2-n", n)\nprint(page)',
    },
    {
        "cell_type": "code",
        "id": "hidden-answer",
        "metadata": {"tags": ["remove-cell"]},
        "source": 'glue("answer", n)',
    },
    {"cell_type": "markdown", "id": "end", "metadata": {}, "source": ""},
]
PRINTED = {"output_type": "stream", "name": "stdout", "text": "3\n"}


def page():
    """A page with a hidden cell, an exercise and its solution, which has one too."""
    title = at(nodes.title("", "A title"), 0)
    first = at(nodes.paragraph("", "First."), 0)
    name = nodes.title(
        "", "", nodes.Text(" ("), nodes.Text("How many"), nodes.Text(")")
    )
    asked = at(nodes.paragraph("", "Count."), 3)
    exercise = exercise_enumerable_node("", name, asked, code(4), label="ex-n")
    at(exercise, 3)
    told = [nodes.title("", "Solution"), at(nodes.paragraph("", "Three."), 5), code(6)]
    solution = solution_node("", *told, target_label="ex-n")
    last = at(nodes.paragraph("", "Last."), 8)
    section = nodes.section("", title, first, code(1), exercise, solution, last)
    section["ids"] = ["a-title"]
    document = publish_doctree("")
    document += section
    return pieces_of(document, writer(), lambda *_: "Exercise 2.2.1", SOURCE)


def test_a_students_notebook_has_all_but_solutions():
    cells = student_cells(page(), SOURCE, {n: [PRINTED] for n in range(9)})
    found = [(cell["id"], cell["source"]) for cell in cells]
    assert found == [
        ("opening", "# A title\n\nFirst."),
        ("imports", "import recbook"),
        ("hidden", "base = 1"),
        ("ex-start", "### Exercise 2.2.1 · How many\n\nCount."),
        ("starter", 'n = ...\nrecbook.check("2.2-n", n);'),
        ("end", "Last."),
    ]
    outputs = {c["id"]: c["outputs"] for c in cells if c["cell_type"] == "code"}
    assert outputs == {"imports": [PRINTED], "hidden": [], "starter": []}
    assert cells[2]["metadata"]["jupyter"]["source_hidden"]
    # The marker knows the book's cells again, as long as nobody changes them.
    metadata = {c["id"]: c["metadata"] for c in cells if c["cell_type"] == "code"}
    assert metadata["imports"] == {SEAL: sealed("import recbook")}
    assert SEAL in metadata["hidden"]
    assert SEAL not in metadata["starter"]


@pytest.mark.parametrize(
    ("hidden", "shown", "expected"),
    [
        ("a = 1\n\nb = 2", "a", "a = 1"),
        ("a = 1\nb = a + 1", "b", "a = 1\nb = a + 1"),
        ("a = 1\na += 1\nglue('a', a)", "a", "a = 1\na += 1"),
        ("for a in [1]:\n    glue('a', a)\n    b = a", "b", "for a in [1]:\n    b = a"),
        (
            "x = 1\n\n\ndef f():\n    return x",
            "f()",
            "x = 1\n\n\ndef f():\n    return x",
        ),
        ("# Why.\na = 1  # so\nassert a, (\n    'no'\n)", "a", "# Why.\na = 1  # so"),
        ("d = rng.random()", "rng.random()", "d = rng.random()"),  # the next draw
        ("glue('n', 3)\nassert True", "print(1)", None),
        ("a = 1", "a = 2\na", None),
    ],
)
def test_of_a_hidden_cell_only_what_is_read_stays(hidden, shown, expected):
    """Also in a loop, with comments, and where a draw moves what is drawn later."""
    glued = "from myst_nb import glue\n"
    first = f"import numpy as np\n{glued}rng = np.random.default_rng(0)"
    cells = [
        {"cell_type": "code", "metadata": {"tags": tags}, "source": code}
        for code, tags in [(first, []), (hidden, ["remove-cell"]), (shown, [])]
    ]
    kept = without_machinery(cells)
    assert kept[0] == first.replace(glued, "")
    assert kept.get(1) == expected
    assert kept[2] == shown


def test_the_caption_of_a_cell_s_figure_follows_the_cell_with_its_number():
    shown = nodes.container("", nodes.image(uri="a.svg", alt="A loop"))
    caption = nodes.caption("", "What comes back.")
    cell = code(1)
    cell += nodes.container("", nodes.figure("", shown, caption, ids=["fig-loop"]))
    document = publish_doctree("")
    document += [at(nodes.paragraph("", "First."), 0), cell]
    cells = student_cells(
        pieces_of(document, writer(), number, SOURCE[:2]), SOURCE, {1: []}
    )
    assert [(cell["id"], cell["source"]) for cell in cells] == [
        ("opening", "First."),
        ("imports", "import recbook"),
        ("fig-loop", "**Fig. 2.2.1** · What comes back."),
    ]


def test_a_quick_question_is_asked_without_its_answer():
    document = publish_doctree("")
    for n in (1, 2):
        asked = nodes.paragraph("", "Which?")
        options = nodes.enumerated_list("", enumtype="loweralpha")
        options += nodes.list_item("", nodes.paragraph("", "This"))
        answer = nodes.container("", nodes.paragraph("", "a"), classes=["quick-answer"])
        quick = nodes.container("", asked, options, answer, classes=["quick"])
        quick["check"] = f"2-q{n}"
        document += quick
    cells = student_cells(pieces_of(document, writer(), number), [], {})
    assert [cell["source"] for cell in cells] == [
        "### Question 1\n\nWhich?\n\n- **a.** This",
        'recbook.check("2-q1", "");',
        "### Question 2\n\nWhich?\n\n- **a.** This",
        'recbook.check("2-q2", "");',
    ]
    # A letter without its quotes is a NameError, and the questions after it still run.
    assert cells[1]["metadata"] == {"tags": ["raises-exception"]}


def test_the_first_cell_speaks_of_what_the_page_has():
    links = SimpleNamespace(to="../{}".format)
    text = head(links, page(), SOURCE, {})["source"]
    assert "[all pages](../00-start.ipynb)" in text
    assert "numbers in the text" in text
    assert "solutions of the exercises" in text
    assert "quotes" not in text
    bare = head(links, [Piece("text", 0, "# Words")], [], {})["source"]
    assert bare.endswith("[all pages](../00-start.ipynb)")
    quick = head(links, [Piece("check", 0)], [], {})["source"]
    assert "letter of your answer between the quotes" in quick
    assert "exercises" not in quick


@pytest.mark.parametrize(
    ("site", "line"),
    [
        ("", '%pip install "./recbook-0.1.0-py3-none-any.whl[notebooks]"'),
        (
            "https://a.org/b/",
            '%pip install "recbook[notebooks] @ '
            'https://a.org/b/recbook-0.1.0-py3-none-any.whl"',
        ),
    ],
)
def test_without_the_package_the_first_cell_says_the_one_line(monkeypatch, site, line):
    cell = install_cell(SOURCE, site)
    assert cell["metadata"][SEAL] == sealed(cell["source"])
    assert cell["metadata"]["jupyter"] == {"source_hidden": True}
    names = {}
    exec(cell["source"], names)  # where the package is there, it does nothing
    assert names["recbook"].__name__ == "recbook"
    monkeypatch.setitem(sys.modules, "recbook", None)
    with pytest.raises(ModuleNotFoundError) as refused:
        exec(cell["source"], {})
    said, last = str(refused.value).rsplit("\n", 1)
    assert last == line
    assert "Kaggle" in said


def test_the_line_names_what_the_page_needs():
    codes = ["import faiss\nimport keras", "keras.Input()", "faiss.Index()"]
    source = [{"cell_type": "code", "source": code} for code in codes]
    cell = install_cell(source)["source"]
    assert "[notebooks,app,deep]" in cell
    assert cell.endswith('os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")')
    assert "ONEDNN" not in install_cell(source[:1])["source"]


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("2-part/quick-questions", [".ipynb", ".whl", ".pdf"]),
        ("guide", [".md", ".pdf"]),
    ],
)
def test_the_menu_of_a_page_with_a_notebook_offers_that_and_paper(page, texts):
    source = {"label": "download-source-button", "text": ".md"}
    paper = {"label": "download-pdf-button", "text": ".pdf"}
    menu = {"label": "download-buttons", "buttons": [source, paper]}
    config = SimpleNamespace(root_doc="index")
    env = SimpleNamespace(config=config, found_docs={page}, doc2path="{}.md".format)
    env.titles = {page: {}}
    context = {"header_buttons": [menu], "pathto": lambda path, _: f"../{path}"}
    offer(SimpleNamespace(env=env), page, "page.html", context, None)
    assert [button["text"] for button in menu["buttons"]] == texts


def test_the_notebook_to_begin_with_names_the_site_and_its_ways():
    words = " ".join(WELCOME.split())
    assert "`_build/html/index.html`" in words
    assert "`make serve`" in words
    assert "first code cells" in words
    assert "Colab, Kaggle, VS Code" in words
    assert "`recbook.checks.last()`" in words


def test_outputs_are_those_that_every_reader_shows():
    svg = {"image/svg+xml": "<svg/>", "text/plain": "<Figure>"}
    glued = {"application/papermill.record/text/plain": "3"}
    raw = [
        {"output_type": "display_data", "data": svg},
        {"output_type": "display_data", "data": glued},
        {"output_type": "execute_result", "data": {"text/plain": "True"}},
        {"output_type": "stream", "name": "stderr", "text": "warning"},
        PRINTED,
    ]
    cell = {**SOURCE[1], "metadata": {"mystnb": {"image": {"alt": 'A "b"'}}}}
    shown = copy_of(cell, raw, Piece("code", 1))["outputs"]
    image = picture(b"<svg/>", "image/svg+xml", 'A "b"')
    data = {"text/html": image, "text/plain": "<Figure>"}
    figure = {"output_type": "display_data", "data": data, "metadata": {}}
    true = {**figure, "data": {"text/plain": "True"}}
    assert shown == [figure, true, PRINTED]
    cell["source"] = 'recbook.check("2.1-cosine", cosine)'  # has its sentence already
    assert copy_of(cell, raw, Piece("code", 1))["outputs"] == [figure, PRINTED]


def test_a_comparison_that_fails_stops_nobody():
    """Two ways with two seeds differ; the cell says so, and it is still the book's."""
    cell = {**SOURCE[1], "source": "assert ours == theirs"}
    metadata = copy_of(cell, [], Piece("code", 1))["metadata"]
    assert metadata == {
        SEAL: sealed("assert ours == theirs"),
        "tags": ["raises-exception"],
    }


def test_what_is_printed_comes_as_lab_would_save_it():
    """Else a page that was only looked at would differ from the one that was built."""
    texts = ["\r 16%|#   |", "\r100%|####|", "\nbest\r\n"]
    raw = [{**PRINTED, "text": text} for text in texts]
    raw[1:1] = [{"output_type": "stream", "name": "stderr", "text": "warning"}]
    (shown,) = copy_of(SOURCE[1], raw, Piece("code", 1))["outputs"]
    assert shown == {**PRINTED, "text": "100%|####|\nbest\r\n"}


def test_a_picture_is_in_the_text_and_on_paper():
    image = picture(b'<svg id="a"><path/></svg>', "image/svg+xml", 'A "b"')
    begin, _, data = image.removesuffix('">').partition("base64,")
    assert begin == '<img alt="A &quot;b&quot;" src="data:image/svg+xml;'
    ground = b'<rect width="100%" height="100%" fill="#fff"/>'
    assert base64.b64decode(data) == b'<svg id="a">' + ground + b"<path/></svg>"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('recbook.check("a", b)', 'recbook.check("a", b);'),
        ('x = 1\nrecbook.check("a", x)\n', 'x = 1\nrecbook.check("a", x);'),
        ('recbook.check("a", b);', 'recbook.check("a", b);'),
        ("print(1)", "print(1)"),
        ("%magic", "%magic"),
        ("", ""),
    ],
)
def test_a_check_shows_its_sentence_and_no_bare_value(code, expected):
    assert quiet(code) == expected


def test_an_assignment_of_nbgrader_marks_the_check():
    cells = assignments.assignment("2.2 Title", page(), SOURCE)
    text, imports, hidden, exercise, answer, check = cells
    assert text["source"].startswith("# 2.2 Title: exercises")
    assert imports["source"] == "import recbook"
    assert hidden["source"] == "base = 1"
    assert exercise["source"] == "### Exercise 2.2.1 · How many\n\nCount."
    assert (
        answer["source"]
        == "n = ...\n\n### BEGIN SOLUTION\nn = base + 2\n### END SOLUTION"
    )
    assert answer["metadata"]["nbgrader"]["solution"]
    assert check["source"] == 'assert recbook.check("2.2-n", n)'
    marks = check["metadata"]["nbgrader"]
    assert (marks["points"], marks["grade"], marks["locked"]) == (1, True, True)


def test_an_assignments_solution_fills_in_what_is_checked():
    answer = {**SOURCE[6], "source": 'p = 1\nrecbook.check("2.2-n", p + 2)'}
    source = [*SOURCE[:6], answer, *SOURCE[7:]]
    cell = assignments.assignment("2.2 Title", page(), source)[3]
    assert "### BEGIN SOLUTION\np = 1\nn = p + 2\n### END" in cell["source"]


def test_an_assignment_brings_what_its_solutions_use():
    cells = ["import a", "x = a.b()", "def f():\n    return x", "y = 1"]
    answers = ["def g():\n    return f()\ncheck(g)", "y = 2\nz = y"]
    assert assignments.needed(cells, answers) == cells[:3]
