"""The doors of the first page: who one is, what is behind, and how long it takes.

``{door} I do marketing`` names a door. Its option ``path`` is the path that begins
behind it; ``page`` is the page behind it, where that is another. The hours are the
path's, or those of the sessions in the instructor's guide.
"""

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from recbook_book.edition.strings import said
from recbook_book.first import paths
from recbook_book.page import minutes, sessions

SESSION = 90  # minutes, as the guide has it and a test holds


class Door(SphinxDirective):
    """A door: its name, and a line on what is behind it."""

    required_arguments, final_argument_whitespace = 1, True
    option_spec = {"path": directives.unchanged, "page": directives.unchanged}
    has_content = True

    def run(self):
        path, page = self.options.get("path", ""), self.options.get("page", "")
        if path and path not in paths.PATHS:
            raise self.error(f"paths.py has no path {path}")
        if not path and f"chapters/{page}" != sessions.GUIDE:
            raise self.error("a door has a path, or leads to the guide")
        card = nodes.container(classes=["door"], door=path, page=page)
        card += nodes.paragraph("", self.arguments[0], classes=["door-name"])
        self.state.nested_parse(self.content, self.content_offset, card)
        return [card]


def fill(app, doctree, docname):
    """Write where each door leads, and how long the way is."""
    for card in list(doctree.findall(nodes.container)):
        if "door" in card["classes"]:
            if is_left_out(app.env, card):
                card.parent.remove(card)
                continue
            name = card[0]
            address, cost = behind(app, docname, card)
            link = nodes.reference(
                "", "", *name.children, refuri=address, internal=True
            )
            name[:] = [link]
            card += nodes.paragraph("", cost, classes=["door-cost"])


def is_left_out(env, card):
    """Whether there is nothing behind a door: the students' site has no guide."""
    path = paths.PATHS.get(card["door"])
    page = f"chapters/{card['page']}"
    is_there = page in env.found_docs if card["page"] else paths.stops_of(env, path)
    return not is_there


def behind(app, here, card):
    """Return the address of a door, and its hours."""
    env, path = app.env, paths.PATHS.get(card["door"])
    stops = paths.stops_of(env, path) if path else []
    page = f"chapters/{card['page']}" if card["page"] else stops[0].docname
    address = app.builder.get_relative_uri(here, page)
    if path:
        way = "" if card["page"] else f"?path={path.name}"
        return address + way, said("{hours} to read", hours=paths.hours(env, path))
    taught = len([*sessions.rows_of_plan(env.get_doctree(page))])
    hours = minutes.as_hours(taught * SESSION)
    return address, said("{n} sessions, {hours}", n=taught, hours=hours)


def setup(app):
    app.add_directive("door", Door)
    app.connect("doctree-resolved", fill)
