"""Extract the words of a page, without formulas and code.

They are for excerpts in the search and for descriptions on other sites, which set no
TeX. A formula that is readable as typed stays ("7/16", "k = 20"). Others become "…".
"""

import re
import textwrap

from docutils import nodes
from sphinx import addnodes

READABLE = re.compile(r"[\w\s+\-*/=<>.,%()]+")
SILENT = (nodes.comment, nodes.raw, nodes.literal_block, nodes.math_block)
SILENT += (nodes.target, nodes.system_message, nodes.image, addnodes.index)
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z“])|(?<=[。？！])(?![”》）])")
WIDE = re.compile("[⺀-鿿，。；：？！、（）《》]")  # as wide as two Latin letters


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
    """Return as many of the first sentences as fit, or else the first words.

    >>> shorten("It is so. It is not so. Or is it?", most=25)
    'It is so. It is not so.'
    >>> shorten("皮尔逊和余弦。杰卡德则不同，它只看是否看过。", most=30)
    '皮尔逊和余弦。'
    """
    space, most = ("", most // 2) if is_chinese(text) else (" ", most)
    found = ""
    for sentence in SENTENCE.split(text):
        if len(found) + len(sentence) >= most:
            break
        found = f"{found}{space}{sentence}".strip()
    if found:
        return found
    if len(text) <= most:
        return text
    return f"{text[:most]}……" if not space else text[:most].rsplit(" ", 1)[0] + " …"


def is_chinese(text):
    """Whether a text is in Chinese, which says as much in half of the letters.

    >>> is_chinese("SVD 与 ALS 的差别"), is_chinese("The outline (提纲) says so.")
    (True, False)
    """
    return 4 * len(WIDE.findall(text)) > len(text)


def wrapped(text, most):
    """Return lines of a text that are as long as so many Latin letters, at most.

    A line of Chinese ends behind a phrase where it can, else behind any character.

    >>> wrapped("When, and how often?", 13), wrapped("什么时候，多久一次？", 13)
    (['When, and how', 'often?'], ['什么时候，', '多久一次？'])
    """
    if not WIDE.search(text):
        return textwrap.wrap(text, most)
    lines, pieces = [""], []
    for phrase in re.findall(r"[^，；：。 ]+[，；：。 ]*", text):
        fits = width(phrase.rstrip()) <= most
        pieces += [phrase] if fits else re.findall(r"[!-~]+|.[，。；：？！]*", phrase)
    for piece in pieces:
        if lines[-1] and width(lines[-1] + piece.rstrip()) > most:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def width(text):
    """Return how many Latin letters a text is long.

    >>> width("SVD 与 ALS"), width("奇异值")
    (10, 6)
    """
    return len(text) + len(WIDE.findall(text))
