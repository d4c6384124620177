"""The directive ``{explore} NAME``: a figure that the reader moves.

Its first paragraph says what to do. The second, if there is one, has what a cell glued:
lists of numbers, as JSON, which become an attribute, so that the search finds no
numbers there. ``_static/explore.js`` draws the figure by them; without scripts, on
paper and in notebooks nothing is there, since the still figure of the page says the
same.
"""

import json

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from recbook_book.page.own_scripts import load_with

PLAIN = str.maketrans("−“”‘’", "-\"\"''")  # the signs of JSON, not of prose
NAMES = ("divisor", "letters", "looks", "ruler", "silence")


class explore(nodes.General, nodes.Element):
    """A figure to move: what to do, and perhaps its data."""


class Explore(SphinxDirective):
    """A figure of ``explore.js``, such as ``looks``."""

    required_arguments = 1
    has_content = True

    def run(self):
        (name,) = self.arguments
        if name not in NAMES:
            raise self.error(f"explore.js has no figure {name!r}, but {list(NAMES)}")
        figure = explore(figure=name, classes=["explore"])
        self.state.nested_parse(self.content, self.content_offset, figure)
        self.set_source_info(figure)
        return [figure]


def keep_numbers(app, doctree, page):
    """Turn what was glued into a figure into an attribute of it."""
    for figure in doctree.findall(explore):
        for glued in figure.children[1:]:
            text = glued.astext().translate(PLAIN).strip("'\"")
            figure["numbers"] = json.dumps(json.loads(text), separators=(",", ":"))
            figure.remove(glued)


def begin(writer, node):
    told = {"data-figure": node["figure"], "hidden": "hidden"}
    told["data-numbers"] = node.get("numbers", "[]")
    writer.body.append(writer.starttag(node, "div", **told))


def end(writer, node):
    writer.body.append("</div>\n")


def setup(app):
    app.add_directive("explore", Explore)
    app.add_node(explore, html=(begin, end))
    # After ledger.py has put in what other pages glued.
    app.connect("doctree-resolved", keep_numbers, priority=700)
    load = load_with(explore, ["explore"], ["explore"])
    app.connect("html-page-context", load, priority=800)
