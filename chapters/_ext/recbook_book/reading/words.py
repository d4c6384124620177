"""Extract the words of a page, without formulas and code.

They are for excerpts in the search and for descriptions on other sites, which set no
TeX. A formula that is readable as typed stays ("7/16", "k = 20"). Others become "…".
"""

import re

from docutils import nodes
from sphinx import addnodes

READABLE = re.compile(r"[\w\s+\-*/=<>.,%()]+")
SILENT = (nodes.comment, nodes.raw, nodes.literal_block, nodes.math_block)
SILENT += (nodes.target, nodes.system_message, nodes.image, addnodes.index)
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z“])")


def of(node):
    """Return the words of a node and of everything in it, on one line."""
    return re.sub(r"\s+", " ", "".join(said(node))).strip()


def said(node):
    """Yield the words of a node, piece by piece."""
    if isinstance(node, nodes.math):
        typed = node.astext()
        yield typed if READABLE.fullmatch(typed) else "…"
    elif isinstance(node, nodes.Text):
        yield node.astext()
    elif not isinstance(node, SILENT) and "chapter-meta" not in node["classes"]:
        for child in node.children:
            yield from said(child)
        if not isinstance(node, nodes.Inline):
            yield " "


def shorten(text, most=160):
    """Return as many of the first sentences as fit, or else the first words."""
    found = ""
    for sentence in SENTENCE.split(text):
        if len(found) + len(sentence) >= most:
            break
        found = f"{found} {sentence}".strip()
    if found:
        return found
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"
