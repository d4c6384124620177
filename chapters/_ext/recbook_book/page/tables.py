"""Set the tables of a page; those that cells show by ``textbook_tables.py``."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from recbook_book.page.textbook_tables import NOTHING, SIGN, is_numeric, textbook


class Textbook(SphinxPostTransform):
    """Set the tables of a page."""

    default_priority = 30  # after myst-nb has chosen the form of each output
    formats = ("html",)

    def run(self):
        for raw in list(self.document.findall(nodes.raw)):
            if raw.get("format") == "html" and "<table" in raw.astext():
                text = textbook(raw.astext())
                raw.children = [nodes.Text(text)]
                raw.rawsource = text
        for table in self.document.findall(nodes.table):
            mend_table(table)


def mend_table(table):
    """Correct minus signs in a table of the text, and align numbers to the right."""
    mend_signs(table)
    body = next(table.findall(nodes.tbody), None)
    rows = [row.children for row in table.findall(nodes.row)]
    if body is None or len({len(row) for row in rows}) > 1:
        return  # some cells span several columns
    for column in zip(*rows, strict=True):
        says = any(c.startswith("text-") for cell in column for c in cell["classes"])
        texts = [number_in(c) for c in column if c.parent.parent is body]
        if not says and any(t not in NOTHING for t in texts) and is_numeric(texts):
            for cell in column:
                cell["classes"].append("num")


def mend_signs(node):
    """Replace hyphens by minus signs in the text of a node."""
    for text in list(node.findall(nodes.Text)):
        if not isinstance(text.parent, nodes.literal | nodes.math):
            mended = SIGN.sub("−", text)
            if mended != text:
                text.parent.replace(text, nodes.Text(mended))


def number_in(cell):
    r"""Return the text of a cell, with formulas such as $-1{,}000$ as plain numbers."""
    text = re.sub(r"\\[ ,;!]|[{}]", "", cell.astext()).replace(r"\%", "%")
    return SIGN.sub("−", text.strip())


def setup(app):
    app.add_post_transform(Textbook)
