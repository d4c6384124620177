"""The directive ``{explore} NAME``: a figure that the reader moves.

Its first paragraph says what to do. The second, if there is one, has what a cell glued:
lists of numbers, as JSON. ``_static/explore.js`` draws the figure beside them; without
scripts, on paper and in notebooks nothing is there, since the still figure of the page
says the same.
"""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from recbook_book.page.own_scripts import load_with

NAMES = ("letters", "looks", "silence")


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


def begin(writer, node):
    told = {"data-figure": node["figure"], "hidden": "hidden"}
    writer.body.append(writer.starttag(node, "div", **told))


def end(writer, node):
    writer.body.append("</div>\n")


def setup(app):
    app.add_directive("explore", Explore)
    app.add_node(explore, html=(begin, end))
    load = load_with(explore, ["explore"], ["explore"])
    app.connect("html-page-context", load, priority=800)
