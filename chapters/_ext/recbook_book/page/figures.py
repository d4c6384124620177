"""Figures on a page: first the picture, then its code in a fold.

SVG files become a part of the page (``recbook/plots/inline_svg.py``). This happens
after the students' notebooks are written, because they have the files unchanged.
"""

import ast
import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.transforms.post_transforms import SphinxPostTransform

from recbook.plots.inline_svg import inline
from recbook_book.edition import drawings
from recbook_book.edition.strings import said
from recbook_book.page.own_scripts import load_with

SVG = re.compile(r'<svg\b[^>]*role="img".*?</svg>', re.DOTALL)


class Drawn(nodes.General, nodes.Inline, nodes.Element):
    """An SVG within the page. The node has no text, so the search ignores it."""


class Fold(nodes.General, nodes.Element):
    """A closed fold with a summary."""


class FoldCode(SphinxPostTransform):
    """Move code with the tag ``hide-input`` into a fold after its output."""

    default_priority = 198  # before myst-nb makes its own fold above the output
    formats = ("html",)

    def run(self):
        for cell in list(self.document.findall(nodes.container)):
            if is_cell(cell) and cell.get("hide_mode") == "input":
                source = cell[0]
                fold = Fold("", source.deepcopy(), summary=summary_of(cell))
                cell.remove(source)
                cell += fold
                del cell["hide_mode"]


def is_cell(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def summary_of(cell):
    """Return the label of the fold: what its code does."""
    raw = "".join(node.astext() for node in cell.findall(nodes.raw))
    if any(cell.findall(nodes.image)) or SVG.search(raw):
        return said("Code of this figure")
    if "<table" in raw or any(cell.findall(nodes.table)):
        return said("Code of this table")
    try:
        body = ast.parse(cell[0].astext()).body
    except SyntaxError:  # a command of IPython, such as %timeit
        return said("Code")
    is_import = all(isinstance(line, ast.Import | ast.ImportFrom) for line in body)
    return said("Imports") if is_import else said("Code")


def draw_in_page(app, doctree, docname):
    """Put the drawing of each SVG file into the page."""
    if app.builder.name != "html":
        return
    names = (f"drawn-{number}" for number in itertools.count(1))
    for image in list(doctree.findall(nodes.image)):
        if image["uri"].endswith(".svg"):
            svg = read_and_inline(app, docname, image, next(names))
            image.replace_self(Drawn(svg=svg))
    for raw in list(doctree.findall(nodes.raw)):  # outputs of cells: animated figures
        if raw.get("format") == "html" and 'role="img"' in raw.astext():
            moving = SVG.sub(
                lambda m: inline(m[0], alt_of(m[0]), next(names)), raw.astext()
            )
            raw.replace_self(Drawn(svg=moving))


def read_and_inline(app, docname, image, name):
    """Return the drawing of a file; an error names the file and the page."""
    try:
        source = (Path(app.srcdir) / image["uri"]).read_text(encoding="utf-8")
        source = drawings.in_language(app, source)
        return inline(source, image.get("alt", ""), name)
    except (OSError, ValueError, ElementTree.ParseError) as error:
        why = f"{image['uri']} cannot be drawn in the page: {error}"
        raise SphinxError(f"{docname}: {why}") from error


def alt_of(svg):
    return ElementTree.fromstring(svg).get("aria-label", "")


def visit_drawn(self, node):
    self.body.append(node["svg"])


def visit_fold(self, node):
    self.body.append(f'<details class="fold"><summary>{node["summary"]}</summary>\n')


def depart_fold(self, node):
    self.body.append("</details>\n")


def setup(app):
    app.add_node(Drawn, html=(visit_drawn, lambda self, node: None))
    app.add_node(Fold, html=(visit_fold, depart_fold))
    app.add_post_transform(FoldCode)
    app.connect("doctree-resolved", draw_in_page, priority=950)
    load = load_with(is_cell, ["code_folds"], ["code_folds"])
    app.connect("html-page-context", load, priority=800)
