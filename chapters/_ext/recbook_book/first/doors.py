"""The doors of the parts: what a part is for, what it asks for, and how long it takes.

``door.md`` stands in front of the chapters of a part, as ``quick-questions.md`` stands
behind them; neither has a number. Nor has ``how-to-fool-yourself.md``, which stands
between the last chapter of part 1 and its quick questions: a catalogue that chapters of
all parts refer to. ``{part-chapters}`` on a door becomes the list of the
part's chapters with their subtitles and hours, counted from the pages themselves.
"""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from recbook_book.notebooks.students import number_of
from recbook_book.page import minutes

# Pages of a part that are no chapters.
ENDS = ("door", "how-to-fool-yourself", "quick-questions")


def is_chapter(page):
    """Whether a page of a part has a number.

    >>> is_chapter("chapters/2-neighbours/user-cf"), is_chapter("2-neighbours/door")
    (True, False)
    """
    return page.rsplit("/", 1)[-1] not in ENDS


class PartChapters(SphinxDirective):
    """A place for the list of a part's chapters, made when all pages have been read."""

    def run(self):
        return [nodes.container(classes=["part-chapters"])]


def fill(app, doctree, docname):
    """Put the chapters of its part, and the hours of all, on a door."""
    folder = docname.rpartition("/")[0]
    for box in doctree.findall(nodes.container):
        if "part-chapters" in box["classes"]:
            pages = [p for p in app.env.titles if p.rpartition("/")[0] == folder]
            pages = [p for p in pages if app.env.titles[p].get("secnumber")]
            pages.sort(key=lambda page: app.env.titles[page]["secnumber"])
            box[:] = listed(app, docname, pages) if pages else []


def listed(app, here, pages):
    """A list of links with minutes, and a line with their sum."""
    cost = [app.env.recbook_minutes[page] for page in pages]
    items = nodes.bullet_list()
    for page, (read, work, _) in zip(pages, cost, strict=True):
        title = app.env.titles[page]
        name = f"{number_of(app.env, page)} {title.astext()}"
        link = make_refnode(app.builder, here, page, "", nodes.Text(name))
        subtitle = app.env.recbook_subtitles.get(page, "")
        hours = f"{read} minutes to read, {minutes.as_hours(work)} with its exercises"
        words = nodes.Text(f": {subtitle}. {hours}.")
        items += nodes.list_item("", nodes.paragraph("", "", link, words))
    read = minutes.as_hours(sum(each.read for each in cost))
    work = minutes.as_hours(sum(each.work for each in cost))
    total = f"In all {read} to read, and {work} with all exercises."
    return [items, nodes.paragraph("", total)]


def setup(app):
    app.add_directive("part-chapters", PartChapters)
    app.connect("doctree-resolved", fill)
