"""Links of each session of the instructor's guide to its sheet, answers and slides.

The guide's plan says on which page a session stands, and from or to which section of
it; the session names its exercises. ``_static/sheet.js`` says what the addresses mean,
and ``.ci/sheets.py`` prints what they lead to.
"""

import re
from urllib.parse import urlsplit

from docutils import nodes

GUIDE = "chapters/appendix/instructor-guide"


def links_in(node):
    """(link, its page, its anchor) of each link to another page."""
    for link in node.findall(nodes.reference):
        parts = urlsplit(link.get("refuri", ""))
        if parts.path:
            yield link, parts.path, parts.fragment


def plan(document):
    """The page of each session, and where on it the session begins or ends."""
    found = {}
    for row in document.findall(nodes.row):
        number, links = row[0].astext(), list(links_in(row[1]))
        if number.isdigit() and links and int(number) not in found:
            (_, page, _), *sections = links
            bounds = ""
            for link, _, anchor in sections:
                before = link.parent[link.parent.index(link) - 1].astext()
                bounds += f"&{before.split()[-1]}={anchor}"  # "from" or "to"
            found[int(number)] = page, bounds
    return found


def exercises(parts, page):
    """The exercises of a page that parts of a session link to, each once."""
    named = [
        anchor
        for part in parts
        for _, path, anchor in links_in(part)
        if path == page and anchor.startswith("ex-")
    ]
    return list(dict.fromkeys(named))


def add_links(app, document, docname):
    """Begin each session of the guide with links to what can be printed and shown."""
    if docname != GUIDE:
        return
    pages = plan(document)
    for section in document.findall(nodes.section):
        session = re.match(r"Session (\d+) ·", section[0].astext())
        if session:
            page, bounds = pages[int(session[1])]
            # A session on a part of a page has the exercises that it names.
            some = exercises([section], page) if bounds else []
            in_class = exercises(section.findall(nodes.table), page)
            addresses = {
                "Exercises": "sheet" + "=" * bool(some) + ",".join(some),
                "answers": "sheet=" + ",".join(["answers", *some]),
                "slides": "slides" + "=" * bool(in_class) + ",".join(in_class) + bounds,
            }
            line = nodes.paragraph(classes=["session-links"])
            for name, query in addresses.items():
                line += nodes.Text(" · " if len(line) else "")
                line += nodes.reference("", name, refuri=f"{page}?{query}")
            section.insert(1, line)


def setup(app):
    app.connect("doctree-resolved", add_links)
