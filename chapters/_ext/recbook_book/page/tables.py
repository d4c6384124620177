"""Set the tables of a page; those that cells show by ``textbook_tables.py``."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from recbook_book.edition.strings import said
from recbook_book.page.facts import UNIT
from recbook_book.page.textbook_tables import NOTHING, SIGN, is_numeric, textbook

FEW = 5  # rows of a strip
NO_HEADS = {"", "how much"}  # over numbers that have nothing in common
NO_NAMES = {"", "what"}  # over the words beside them


class Textbook(SphinxPostTransform):
    """Set the tables of a page."""

    default_priority = 30  # after myst-nb has chosen the form of each output
    formats = ("html",)

    def run(self):
        for raw in list(self.document.findall(nodes.raw)):
            if raw.get("format") == "html" and "<table" in raw.astext():
                text = textbook(raw.astext(), said=said)
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
    has_head = len(body) == len(rows) - 1
    if has_head and len(rows[0]) == 2 and 1 < len(body) <= FEW:
        lay_out(table, *rows)


def lay_out(table, head, *facts):
    """Make a strip of a short list of numbers that have no common head.

    Nobody compares them; where somebody would, the head says what they are.
    """
    what, much = (cell.astext().strip() for cell in head)
    texts = [number_in(number) for _, number in facts]
    if much not in NO_HEADS or NOTHING & {*texts} or not is_numeric(texts):
        return
    table["classes"].append("facts")
    if what in NO_NAMES:
        head[0].parent.parent.parent.remove(head[0].parent.parent)
    else:  # a caption of Sphinx would have a number
        head[0]["morecols"] = 1
        head[1].parent.remove(head[1])
    for label, number in facts:
        for last in list(label.findall(nodes.Text))[-1:]:
            if number.children and (unit := UNIT.fullmatch(last)):
                last.parent.replace(last, nodes.Text(unit[1]))
                number[0] += nodes.Text(f" {unit[2]}")


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
