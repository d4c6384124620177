"""The road of a euro: the door of part 6, drawn as a path of decisions.

``{euro-road}`` becomes a line with a coin for each chapter, in the sequence in which a
euro of a campaign meets their questions. Below a coin stands what its chapter's better
decision brings, which is the number of the ledger, read when all pages are read. It is
drawn twice, for wide and for narrow screens, as the map of the course is.
"""

from html import escape
from typing import NamedTuple

from docutils import nodes
from drawings.drawing import head, tag
from sphinx.util.docutils import SphinxDirective

from recbook_book.edition.strings import said
from recbook_book.first import ledger
from recbook_book.first.course_map import SHORT, words
from recbook_book.notebooks.students import number_of
from recbook_book.page.own_scripts import load_with
from recbook_book.reading.words import wrapped

FOLDER, KEY = "6-marketing", "ledger-better"
# The questions of the road, with the chapters that answer them and their euros' units.
QUESTIONS = {
    "What can I show?": {"candidates": "a month"},
    "Will they click?": {
        "clicks": "in eight days",
        "positions": "on 100,000 lists",
    },
    "Will they order?": {"conversions": "on 200,000 impressions"},
    "What are they worth?": {"customers": "on 10,000 newcomers"},
    "Which banner?": {"bandits": "a campaign", "off-policy": "a month"},
    "Whom does it change?": {
        "uplift": "a mailing",
        "observational": "a mailing",
        "natural-experiments": "on 100,000 letters",
    },
    "What to bid?": {"auctions": "a day"},
    "When, and how often?": {"pacing": "a day", "frequency": "a month"},
    "Did it work?": {
        "ab-tests": "a mailing",
        "experiments": "a day",
        "programme": "a year",
        "attribution": "a month",
        "mix": "a year",
    },
    "May I?": {"responsible": "a mailing"},
    "All at once": {"campaign": "on 1,500 €"},
}
UNITS = {name: unit for some in QUESTIONS.values() for name, unit in some.items()}
CENTS = {"experiments"}  # whose euros have cents, as in the ledger
LABEL = "The road of a euro: a link to each chapter, with what its decision brings"
KEYS = (
    "At each coin is what its chapter’s decision brings in the shop’s world, beside "
    "what the chapter compares it with. Their times and sizes differ: they are no sum."
)


class Stop(NamedTuple):
    """A coin of the road: a chapter, and its euro."""

    name: str
    number: str
    address: str
    title: str
    euro: str
    unit: str


class Road(SphinxDirective):
    """Marks the place of the road, which is drawn when all pages are read."""

    def run(self):
        return [nodes.container(classes=["euro-road", ledger.TAKES])]


def is_road(node):
    return isinstance(node, nodes.container) and "euro-road" in node["classes"]


def fill(app, doctree, docname):
    """Draw the road."""
    for place in doctree.findall(is_road):
        asked = {
            said(question): [stop_of(app, docname, name) for name in chapters]
            for question, chapters in QUESTIONS.items()
        }
        html = f'<div class="wide">{wide(asked)}</div>'
        html += f'<div class="tall">{tall(asked)}</div>'
        key = nodes.paragraph("", said(KEYS), classes=["map-key"])
        place[:] = [nodes.raw("", html, format="html"), key]


def euro_of(app, page):
    """Return what the decision of a chapter brings, and in which time or size."""
    name = page.rpartition("/")[2]
    spec = "+,.2f" if name in CENTS else "+,.0f"
    return f"{ledger.number(app, page, KEY, spec)} €", said(UNITS[name])


def stop_of(app, here, name):
    page = f"chapters/{FOLDER}/{name}"
    euro, unit = euro_of(app, page)
    address = app.builder.get_relative_uri(here, page)
    title = app.env.titles[page].astext()
    return Stop(name, number_of(app.env, page), address, title, euro, unit)


# -- the drawing -----------------------------------------------------------------------


def coin(x, y, stop, touch, labels):
    """Return a link: a coin with the chapter's number, and its labels."""
    left, top, width, height = touch
    target = tag("rect", x=left, y=top, width=width, height=height, class_="touch")
    ring = tag("circle", cx=x, cy=y, r=17, class_="coin")
    number = words(x, y + 4, stop.number, "number", "middle", 13)
    name = f"{stop.number} {stop.title}: {stop.euro} {stop.unit}"
    address = {"href": escape(stop.address), "aria-label": escape(name)}
    return tag("a", target + ring + number + "".join(labels), **address)


def lines(x, y, text, width, look, size, step):
    """Return words, broken into lines of so many letters, centred on x."""
    broken = wrapped(text, width)
    return [
        words(x, y + step * n, line, look, "middle", size)
        for n, line in enumerate(broken)
    ]


def wide(asked, columns=7, width=704, row=172):
    """Return the road as rows of coins, which it walks as one reads."""
    step = (width - 40) / columns
    x, y, drawn = 26 + step / 2, 64, []
    rows = [[]]
    for question, stops in asked.items():
        if sum(len(some) for _, some in rows[-1]) + len(stops) > columns:
            rows.append([])
        rows[-1].append((question, stops))
    for n, some in enumerate(rows):
        at, here = x, y + row * n
        for question, stops in some:
            middle = round(at + step * (len(stops) - 1) / 2)
            top = here - 30 - 17 * (len(wrapped(question, 13 * len(stops))) - 1)
            drawn += lines(middle, top, question, 13 * len(stops), "question", 15, 17)
            for stop in stops:
                drawn.append(below(round(at), here, stop, step))
                at += step
        last = round(at - step)
    ends = [width - 26] * (len(rows) - 1) + [last + 42]
    return framed(width, row * len(rows) - 12, [way(y, row, ends), *drawn])


def below(x, y, stop, step):
    """Return a coin with its labels below it."""
    short = said(SHORT[f"{FOLDER}/{stop.name}"])
    labels = [words(x, y + 36, short, "name", "middle", 14)]
    labels.append(words(x, y + 56, stop.euro, "euro", "middle", 15))
    labels += lines(x, y + 72, stop.unit, 14, "unit", 13, 14)
    box = (round(x - step / 2 + 1), y - 20, round(step - 2), 112)
    return coin(x, y, stop, box, labels)


def way(y, row, ends):
    """Return the line through all coins: along a row, back below it, and on."""
    path = [f"M8 {y}"]
    for n, end in enumerate(ends):
        here = y + row * n
        path.append(f"H{end}")
        if n + 1 < len(ends):
            back, there = here + 104, here + row
            path.append(f"q16 0 16 16V{back - 16}q0 16 -16 16H24")
            path.append(f"q-16 0 -16 16V{there - 16}q0 16 16 16")
    tip = head(ends[-1] + 12, y + row * (len(ends) - 1), 0, "currentColor", 14)
    return tag("path", d="".join(path), class_="way") + tip


def tall(asked, width=360):
    """Return the road as a column of coins, with a question above its chapters."""
    x, y, drawn = 26, 18, []
    for question, stops in asked.items():
        drawn.append(words(54, y + 5, question, "question", size=16))
        y += 32
        for stop in stops:
            name = said(SHORT[f"{FOLDER}/{stop.name}"])
            name = words(54, y + 5, name, "name", size=15)
            euro = words(width - 4, y - 2, stop.euro, "euro", "end", 15)
            unit = words(width - 4, y + 14, stop.unit, "unit", "end", 13)
            box = (2, y - 23, width - 4, 46)
            drawn.append(coin(x, y, stop, box, [name, euro, unit]))
            y += 46
        y += 4
    line = tag("path", d=f"M{x} 8V{y - 46}", class_="way")
    return framed(width, y - 24, [line, *drawn])


def framed(width, height, drawn):
    frame = {"viewBox": f"0 0 {width} {height}", "role": "group"}
    frame["aria-label"] = said(LABEL)
    return tag("svg", "\n".join(drawn), **frame)


def setup(app):
    app.add_directive("euro-road", Road)
    app.connect("doctree-resolved", fill)
    load = load_with(is_road, [], ["maps"])
    app.connect("html-page-context", load, priority=800)
