"""Make the first page: cover, a card for each part, map, paths, ten films.

Chapters, hours and links come from the pages, and the ten films from the service
(``.ci/pictures.py`` asks it). No other page loads ``landing.css``.
"""

import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from recbook_book.edition.strings import said
from recbook_book.first import course_map, doors, paths
from recbook_book.first.course_map import Chapter
from recbook_book.notebooks.students import number_of
from recbook_book.page import minutes
from recbook_book.page.opening import part_of

STATIC = Path(__file__).resolve().parents[3] / "_static"
HOME = "chapters/intro"
# The colours of the cover, and their names in landing.css, which knows both themes.
INKS = {"#CFE3F1": 1, "#9CC7E3": 2, "#5FA6D1": 3, "#2487C1": 4, "#0072B2": 5}
INKS |= {"#9AA7B1": "none", "#D55E00": "wanted"}
BECAUSE = "because you liked {film}"
CARD = re.compile(r'<div class="part-card part-(\d)(?=[" ])')


class Part(SphinxDirective):
    """A card: two paragraphs, on what a part teaches and on its methods."""

    required_arguments = 1
    has_content = True

    def run(self):
        card = nodes.container(classes=["part-card"], part=self.arguments[0])
        self.state.nested_parse(self.content, self.content_offset, card)
        return [card]


class Made(SphinxDirective):
    """Marks a place that is filled after all pages are read."""

    def run(self):
        return [nodes.container(made=self.name)]


class PathCard(SphinxDirective):
    """A card: what a path is for. Its title, hours and stops come from the path."""

    required_arguments = 1
    has_content = True

    def run(self):
        if self.arguments[0] not in paths.PATHS:
            raise self.error(f"paths.py has no path {self.arguments[0]}")
        card = nodes.container(classes=["path"], path=self.arguments[0])
        self.state.nested_parse(self.content, self.content_offset, card)
        return [card]


# Facts from the pages ---------------------------------------------------------------


def parts_of(app):
    """Return [(number, name, chapters)] of the numbered parts."""
    env, found = app.env, []
    for tree in env.get_doctree(HOME).findall(addnodes.toctree):
        pages = [page for _, page in tree["entries"]]
        pages = [page for page in pages if doors.is_chapter(page)]
        if pages and (number := part_of(pages[0])):
            listed = [chapter(app, page) for page in pages]
            found.append((number, tree["caption"], listed))
    return found


def chapter(app, docname):
    """Return the ``Chapter`` of a page."""
    title = app.env.titles[docname]
    number = ".".join(map(str, title["secnumber"]))
    subtitle = app.env.recbook_subtitles.get(docname, "")
    full = ": ".join(filter(None, [f"{number} {title.astext()}", subtitle]))
    address = app.builder.get_relative_uri(HOME, docname)
    return Chapter(docname.removeprefix("chapters/"), docname, number, full, address)


# What the page shows ----------------------------------------------------------------


def fill(app, doctree, docname):
    """Fill the marked places of the first page."""
    if docname != HOME:
        return
    parts = parts_of(app)
    of_part = {number: (name, listed) for number, name, listed in parts}
    for node in list(doctree.findall(nodes.Element)):
        if node.get("part"):
            fill_card(app.env, node, *of_part.get(node["part"], ("", [])))
        elif node.get("made"):
            html = MAKERS[node["made"]](parts)
            node.replace_self(nodes.raw("", html, format="html"))
        elif node.get("path"):
            fill_path(app, node, paths.PATHS[node["path"]])


def fill_card(env, card, name, listed):
    """Write a part's name, chapters and hours at the head of its card."""
    card["classes"].append(f"part-{card['part']}")
    if not listed:  # none of its pages is built
        return
    total = sum(env.recbook_minutes[c.docname].work for c in listed)
    cost = said(
        "{n} chapters · {time} with the exercises",
        n=len(listed),
        time=minutes.as_hours(total),
    )
    link = nodes.reference("", f"{card['part']} · {name}", refuri=listed[0].address)
    card.insert(0, nodes.paragraph("", "", link, classes=["part-name"]))
    card += nodes.paragraph("", cost, classes=["part-cost"])


def fill_path(app, card, path):
    """Write what a path is called and takes, and links to its stops."""
    stops = paths.stops_of(app.env, path)
    if not stops:  # none of its pages is built
        return
    cost = nodes.paragraph("", paths.cost(app.env, path), classes=["path-cost"])
    title = said(path.title)
    card[:0] = [nodes.paragraph("", title, classes=["path-name"]), cost]
    links = [
        f'<li data-of="{part_of(stop.docname)}"><a href="{address}?path={path.name}"'
        f' title="{escape(name)}">{number or name}</a></li>'
        for stop in stops
        for address in [app.builder.get_relative_uri(HOME, stop.docname)]
        for name in [paths.name_of(app.env, stop)]
        for number in [number_of(app.env, stop.docname)]
    ]
    listed = f'<ul class="stops">{"".join(links)}</ul>' if path.stops else ""
    first = app.builder.get_relative_uri(HOME, stops[0].docname)
    door = (
        f'<p class="path-door"><a href="{first}?path={path.name}"'
        f' aria-label="{said("Begin: {path}", path=title)}">{said("Begin")}</a></p>'
    )
    card += nodes.raw("", listed + door, format="html")


def map_of(parts):
    """Return two maps, of which a wide or a narrow screen shows one."""
    wide = course_map.draw(parts, columns=7, width=700)
    tall = course_map.draw(parts, columns=4, width=360)
    key = (
        '<svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6.5" '
        'class="stop{}"/></svg> {}'
    )
    on = said("on the path {path}", path=said(paths.PATHS["ten"].title))
    on = f'<span class="on-which">{on}</span>'
    keys = [key.format("", said("a chapter")), key.format(" filled", on)]
    return (
        f'<div class="course-map"><div class="wide">{wide}</div>'
        f'<div class="tall">{tall}</div><p class="map-key">{" ".join(keys)}</p></div>'
    )


def ten_films(parts):
    """Return the ten films that the service once recommended to a visitor."""
    films = json.loads((STATIC / "ten-films.json").read_text(encoding="utf-8"))
    items = "".join(
        f"<li><cite>{escape(film['title'])}</cite> "
        f"<span>{said(BECAUSE, film=escape(film['because']))}</span></li>"
        for film in films
    )
    return f'<ol class="ten-films">{items}</ol>'


MAKERS = {"course-map": map_of, "ten-films": ten_films}


def add_cover(app, pagename, templatename, context, doctree):
    """Add the cover above the title, and the style sheet of the first page."""
    if pagename != HOME:
        return
    for name in ("landing.css", "maps.css"):
        app.add_css_file(name)
    cover = (STATIC / "cover.svg").read_text(encoding="utf-8")
    for color, name in INKS.items():
        cover = cover.replace(f'"{color}"', f'"var(--ink-{name})"')
    cover = re.sub("<title>.*</title>", "", cover).replace('role="img"', "")
    cover = cover.replace("<svg ", '<svg preserveAspectRatio="xMinYMid slice" ', 1)
    body = CARD.sub(r'<div data-of="\1" class="part-card', context["body"])
    top = f'<div class="cover" aria-hidden="true">{cover}</div>\n<h1'
    context["body"] = body.replace("<h1", top, 1)


def setup(app):
    app.add_directive("part", Part)
    app.add_directive("path", PathCard)
    for name in MAKERS:
        app.add_directive(name, Made)
    app.connect("doctree-resolved", fill)
    app.connect("html-page-context", add_cover)
