"""How long a page takes to read, and to work through with its exercises.

Reading takes one minute for 200 words (or 350 Chinese characters) or a display
equation, and half a minute for a
visible code cell, a figure with its caption, or a table that a cell prints. (The tables
of the text are counted by their words.) Folds take the same and are counted apart.
Hidden code, exercises and solutions do not count: each exercise says its own minutes,
"★★ · 10 minutes · code".

Other modules can look up a page once all pages are read (from the event
``env-check-consistency`` on)::

    read, work, exercises, unfolded = app.env.recbook_minutes["chapters/5-project/data"]
    minutes.as_hours(work)  # "2½ h"

``read`` and ``work`` (reading and exercises together) are minutes without what is
folded, ``unfolded`` to read the page with all folds open, in steps of five;
``exercises`` is how many there are. Sums over pages are sums of these numbers.
"""

import re
from typing import NamedTuple

from docutils import nodes

from recbook_book.edition.strings import said
from recbook_book.site import page_facts

WORDS_A_MINUTE, CHARACTERS_A_MINUTE = 200, 350
HAN = re.compile("[㐀-鿿]")
# How an exercise begins: its stars, its minutes, how it is answered. In Chinese it is
# "★★ · 8 分钟 · 代码。"
LEVEL = re.compile(r"(★+) · (\d+) (?:minutes?|分钟) · ([^.。]+)[.。]\s*")


class Minutes(NamedTuple):
    """Minutes to read a page, with its exercises, their number, and with all folds."""

    read: int
    work: int
    exercises: int
    unfolded: int


def measure(doctree):
    """Return the ``Minutes`` of a page that has been read."""
    exercises = list(doctree.findall(is_exercise))
    stated = (LEVEL.match(exercise[1].astext().strip()) for exercise in exercises)
    read = weight(doctree)
    work = read + sum(int(found[2]) for found in stated if found)
    unfolded = read + sum(map(inside, folds(doctree)))
    return Minutes(to_five(read), to_five(work), len(exercises), to_five(unfolded))


def is_exercise(node):
    return node.tagname in ("exercise_node", "exercise_enumerable_node")


def weight(node):
    """Return the minutes to read a node and everything in it that is not folded."""
    if isinstance(node, nodes.Text):
        words, characters = HAN.subn(" ", node)
        read = len(words.split()) / WORDS_A_MINUTE
        return read + characters / CHARACTERS_A_MINUTE
    if is_task(node) or is_folded(node):
        return 0
    if node.get("nb_element") == "cell_code":
        is_hidden = node.get("hide_mode") in ("input", "all")
        return (0 if is_hidden else 0.5) + shown(node)
    if isinstance(node, nodes.math_block):
        return 1
    if isinstance(node, nodes.math):
        return 1 / WORDS_A_MINUTE
    if isinstance(node, nodes.raw | nodes.literal_block | nodes.comment):
        return 0
    return 0.5 if isinstance(node, nodes.figure) else inside(node)


def inside(node):
    return sum(map(weight, node.children))


def shown(cell):
    """Return the minutes for the figures and tables that a cell puts out."""
    tables = [html for html in cell.findall(nodes.raw) if "<table" in html.astext()]
    return 0.5 * (len(tables) + len(list(cell.findall(nodes.figure))))


def folds(node):
    """Yield the folds of a page, outside exercises and solutions."""
    for child in node.children:
        if is_folded(child):
            yield child
        elif not is_task(child):
            yield from folds(child)


def is_folded(node):
    is_fold = isinstance(node, nodes.Admonition) and "dropdown" in node["classes"]
    return is_fold and not is_task(node)


def is_task(node):
    return is_exercise(node) or is_solution(node)


def is_solution(node):
    return node.tagname == "solution_node"


def to_five(minutes):
    """Round to the nearest five, but at least to five."""
    return max(5, 5 * round(minutes / 5))


def as_hours(minutes):
    """Write minutes as half hours, "1½ h", and less than an hour as "40 min"."""
    halves = round(minutes / 30)
    if minutes < 60:
        return said("{n} min", n=minutes)
    return said("{n} h", n=f"{halves // 2}{'½' * (halves % 2)}")


def setup(app):
    page_facts.keep(app, "recbook_minutes", measure)
