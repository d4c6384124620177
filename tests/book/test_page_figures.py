"""Of a cell that draws, the picture comes first, and the code in a fold below it."""

from types import SimpleNamespace

import pytest

pytest.importorskip("sphinx")

from docutils import nodes
from docutils.utils import new_document
from recbook_book.page.figures import Drawn, Fold, FoldCode, draw_in_page
from sphinx.errors import SphinxError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" role="img"></svg>'


def cell(code, *outputs, hidden="input"):
    source = nodes.container("", nodes.literal_block("", code), classes=["cell_input"])
    shown = nodes.container("", *outputs, classes=["cell_output"])
    whole = nodes.container("", source, *([shown] if outputs else []))
    whole["nb_element"], whole["hide_mode"] = "cell_code", hidden
    return whole


def folded(whole):
    document = new_document("page")
    document += whole
    FoldCode(document).run()
    return document


@pytest.mark.parametrize(
    ("code", "outputs", "summary"),
    [
        ("ax.plot()", [nodes.image(uri="a.svg")], "Code of this figure"),
        ("go()", [nodes.raw("", SVG, format="html")], "Code of this figure"),
        ("frame", [nodes.raw("", "<table>", format="html")], "Code of this table"),
        ("import numpy\nfrom recbook import plots", [], "Imports"),
        ("print(1)", [nodes.literal_block("", "1")], "Code"),
        ("%timeit go()", [nodes.literal_block("", "1 s")], "Code"),
    ],
)
def test_the_output_comes_first_and_the_fold_says_what_is_in_it(code, outputs, summary):
    (whole,) = folded(cell(code, *outputs)).children
    fold = whole.children[-1]
    assert isinstance(fold, Fold)
    assert fold["summary"] == summary
    assert fold.astext() == code
    assert len(whole) == 1 + bool(outputs)
    assert "hide_mode" not in whole  # myst-nb would fold it once more


def test_code_that_is_not_hidden_stays_above_its_output():
    (whole,) = folded(cell("ax.plot()", nodes.image(uri="a.svg"), hidden="")).children
    assert whole.children[0]["classes"] == ["cell_input"]


def builds_in(folder):
    """Return what stands for Sphinx, with its pages in a folder."""
    builder, config = SimpleNamespace(name="html"), SimpleNamespace(language="en")
    return SimpleNamespace(builder=builder, config=config, srcdir=folder)


def test_svg_files_are_drawn_in_the_page_and_other_pictures_stay(tmp_path):
    (tmp_path / "a.svg").write_text(SVG, encoding="utf-8")
    document = new_document("page")
    document += [nodes.image(uri="a.svg", alt="A loop") for _ in range(2)]
    document += [nodes.image(uri="b.png"), nodes.raw("", SVG, format="html")]
    app = builds_in(tmp_path)
    draw_in_page(app, document, "page")
    drawn = [node["svg"] for node in document.findall(Drawn)]
    assert [f'id="drawn-{n}"' in svg for n, svg in enumerate(drawn, 1)] == [True] * 3
    assert 'aria-label="A loop"' in drawn[0]
    assert [image["uri"] for image in document.findall(nodes.image)] == ["b.png"]
    assert not document.astext().strip()  # the search finds no labels of ticks


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<svg", "unclosed token"),
        (SVG.replace("viewBox", "box"), "no viewBox"),
        (None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_drawn_is_named_with_its_page(tmp_path, text, why):
    if text:
        (tmp_path / "a.svg").write_text(text, encoding="utf-8")
    document = new_document("page")
    document += nodes.image(uri="a.svg", alt="A loop")
    app = builds_in(tmp_path)
    with pytest.raises(SphinxError, match=rf"^2-x/page: a\.svg .*{why}"):
        draw_in_page(app, document, "2-x/page")
