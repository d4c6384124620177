"""The sessions of the instructor's guide: their list, links and tables.

Each session begins with links to its sheet, answers and slides. The guide's plan says
which page a session covers, and from or to which section of it. The session names its
exercises. ``_static/sheet.js`` reads these addresses, and ``.ci/sheets.py`` prints the
pages that they lead to. A course plan has the same links in the row of each session.
"""

import re
from urllib.parse import urlsplit

from docutils import nodes

from recbook_book.edition.strings import said
from recbook_book.page import needs

GUIDE = "chapters/appendix/instructor-guide"
PLANS = "chapters/appendix/course-plans"
LINKS = "session-links"
NAME = re.compile(r"(?:Session (\d+)|第 (\d+) 课) ·")
BOUND = re.compile(r"(from|to|从|到)\W*$")
BOUNDS = {"from": "from", "to": "to", "从": "from", "到": "to"}


def links_in(node):
    """Yield (link, page, anchor) for each link to another page."""
    for link in node.findall(nodes.reference):
        parts = urlsplit(link.get("refuri", ""))
        if parts.path:
            yield link, parts.path, parts.fragment


def plan(document):
    """Return the page of each session, and where the session begins or ends on it."""
    found = {}
    for row in rows_of_plan(document):
        (_, page, _), *sections = links_in(row[1])
        bounds = ""
        for link, _, anchor in sections:
            before = link.parent[link.parent.index(link) - 1].astext()
            bounds += f"&{BOUNDS[BOUND.search(before)[1]]}={anchor}"
        found[int(row[0].astext())] = page, bounds
    return found


def rows_of_plan(document):
    """Return the rows of the first table that begin with the number of a session."""
    for row in next(document.findall(nodes.table)).findall(nodes.row):
        if row[0].astext().isdigit():
            yield row


def exercises(parts, page):
    """Return the exercises of a page that parts of a session link to, each once."""
    named = [
        anchor
        for part in parts
        for _, path, anchor in links_in(part)
        if path == page and anchor.startswith("ex-")
    ]
    return list(dict.fromkeys(named))


def sessions(document):
    """Return {number: section} of the sessions."""
    found = {}
    for section in document.findall(nodes.section):
        if session := NAME.match(section[0].astext()):
            found[int(session[1] or session[2])] = section
    return found


def links_of(section, page, bounds):
    """Return a line of links to the sheet, answers and slides of a session."""
    # A session on a part of a page has only the exercises that it names.
    some = exercises([section], page) if bounds else []
    in_class = exercises(section.findall(nodes.table), page)
    addresses = {
        said("Exercises"): "sheet" + "=" * bool(some) + ",".join(some),
        said("answers"): "sheet=" + ",".join(["answers", *some]),
        said("slides"): "slides" + "=" * bool(in_class) + ",".join(in_class) + bounds,
    }
    line = nodes.paragraph(classes=[LINKS])
    for name, query in addresses.items():
        line += nodes.Text(" · " if len(line) else "")
        line += nodes.reference("", name, refuri=f"{page}?{query}")
    return line


def lighten(table):
    """Put what is projected below the block, and the sum below the minutes.

    Otherwise the column would be empty in sessions where nothing is projected.
    """
    group = table[0]
    colspecs = list(group.findall(nodes.colspec))
    group.remove(colspecs[2])
    total = 0
    for row in group.findall(nodes.row):
        minutes, block, project = row.children
        row.remove(project)
        if isinstance(row.parent, nodes.thead):
            continue
        total += int(minutes.astext())
        if project.astext().strip():
            shown = nodes.paragraph("", said("Show: "), classes=["projected"])
            shown += project[0].children
            block += shown
    number = nodes.entry("", nodes.paragraph("", str(total)), classes=["num"])
    words = nodes.entry("", nodes.paragraph("", said("minutes in all")))
    group[-1] += nodes.row("", number, words, classes=["total"])


def jump_list(found, pages):
    """Return a line of links to the sessions for each part."""
    lines = nodes.line_block(classes=["session-jump"])
    parts = {}
    for number in found:
        part = re.search(r"(\d)-[\w-]+/", pages[number][0])[1]
        parts.setdefault(part, []).append(number)
    for part, numbers in parts.items():
        line = nodes.line("", said("Part {n}", n=part))
        for number in numbers:
            section = found[number]
            link = nodes.reference("", str(number), refid=section["ids"][0])
            link["reftitle"] = section[0].astext()
            line += [nodes.Text(" "), link]
        lines += line
    return lines


def add_to_plans(document, guide):
    """Add the links of a session to each cell of a table that leads to it.

    Both pages lie in one folder, so the guide's addresses are right on the other.
    """
    lines = {
        section["ids"][0]: next(p for p in section.children if LINKS in p["classes"])
        for section in sessions(guide).values()
    }
    for entry in document.findall(nodes.entry):
        for _, _, anchor in list(links_in(entry)):
            if anchor in lines:
                entry += lines[anchor].deepcopy()


def add_links(app, document, docname):
    """Add links to the sessions, and from them to their sheets, answers and slides."""
    if docname == PLANS:
        add_to_plans(document, app.env.get_and_resolve_doctree(GUIDE, app.builder))
    if docname != GUIDE:
        return
    pages, found = plan(document), sessions(document)
    for number, section in found.items():
        section.insert(1, links_of(section, *pages[number]))
        for table in section.findall(nodes.table):
            lighten(table)
    needs.tell(document, found)
    for row in rows_of_plan(document):
        number = row[0].astext()
        target = found[int(number)]["ids"][0]
        row[0][0].replace(row[0][0][0], nodes.reference("", number, refid=target))
    title = next(document.findall(nodes.title))
    title.parent.insert(2, jump_list(found, pages))


def setup(app):
    app.connect("doctree-resolved", add_links)
