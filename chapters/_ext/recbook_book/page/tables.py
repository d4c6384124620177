"""Tables on a page: those of cells by ``textbook_tables.py``, of the text here."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from recbook_book.page.textbook_tables import NOTHING, SIGN, is_numeric, textbook


class Textbook(SphinxPostTransform):
    """Mend the tables of a page."""

    default_priority = 30  # myst-nb has chosen by now which form of an output to show
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
    """A table of the text: minus signs, and numbers to the right if it says nothing."""
    mend_signs(table)
    body = next(table.findall(nodes.tbody), None)
    rows = [row.children for row in table.findall(nodes.row)]
    if body is None or len({len(row) for row in rows}) > 1:
        return  # cells that span several
    for column in zip(*rows, strict=True):
        says = any(c.startswith("text-") for cell in column for c in cell["classes"])
        texts = [number_in(c) for c in column if c.parent.parent is body]
        if not says and any(t not in NOTHING for t in texts) and is_numeric(texts):
            for cell in column:
                cell["classes"].append("num")


def mend_signs(node):
    """Write minus signs in the text of a node, not hyphens."""
    for text in list(node.findall(nodes.Text)):
        if not isinstance(text.parent, nodes.literal | nodes.math):
            mended = SIGN.sub("−", text)
            if mended != text:
                text.parent.replace(text, nodes.Text(mended))


def number_in(cell):
    r"""The text of a cell, a formula such as $-1{,}000$ or $5\,\%$ as it is read."""
    text = re.sub(r"\\[ ,;!]|[{}]", "", cell.astext()).replace(r"\%", "%")
    return SIGN.sub("−", text.strip())


def setup(app):
    app.add_post_transform(Textbook)
