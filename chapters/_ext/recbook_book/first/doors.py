"""The doors of the parts, with the list of their chapters and hours.

``door.md`` stands before the chapters of a part, and ``quick-questions.md`` after them.
Neither has a number. Nor has ``how-to-fool-yourself.md`` at the end of part 1, a
catalogue that chapters of all parts refer to, or ``decisions.md`` at the end of part 6,
which has the boxes of its chapters. ``{part-chapters}`` on a door becomes the
list of the part's chapters with their subtitles and hours, computed from the pages.
"""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from recbook_book.edition.strings import said
from recbook_book.notebooks.students import number_of
from recbook_book.page import minutes

# Pages of a part that are no chapters.
ENDS = ("door", "how-to-fool-yourself", "decisions", "quick-questions")
# What stands behind a chapter's name, and below the list.
PLAIN = ": {subtitle}. {read} minutes to read, {work} with its exercises."
FOLDED = """: {subtitle}. {read} minutes to read, \
{more} with the derivations, {work} with its exercises."""
IN_ALL = "In all {read} to read, and {work} with all exercises."
FOLDED_IN_ALL = """In all {read} to read, {more} with the derivations, \
and {work} with all exercises."""


def is_chapter(page):
    """Whether a page of a part has a number.

    >>> is_chapter("chapters/2-neighbours/user-cf"), is_chapter("2-neighbours/door")
    (True, False)
    """
    return page.rsplit("/", 1)[-1] not in ENDS


class PartChapters(SphinxDirective):
    """Marks the place of the list, which is made after all pages are read."""

    def run(self):
        return [nodes.container(classes=["part-chapters"])]


def fill(app, doctree, docname):
    """Put the list of the part's chapters and their hours on a door."""
    folder = docname.rpartition("/")[0]
    for box in doctree.findall(nodes.container):
        if "part-chapters" in box["classes"]:
            pages = [p for p in app.env.titles if p.rpartition("/")[0] == folder]
            pages = [p for p in pages if app.env.titles[p].get("secnumber")]
            pages.sort(key=lambda page: app.env.titles[page]["secnumber"])
            box[:] = listed(app, docname, pages) if pages else []


def listed(app, here, pages):
    """Return a list of links with minutes, and a line with their sum."""
    cost = [app.env.recbook_minutes[page] for page in pages]
    items = nodes.bullet_list()
    for page, (read, work, _, unfolded) in zip(pages, cost, strict=True):
        title = app.env.titles[page]
        name = f"{number_of(app.env, page)} {title.astext()}"
        link = make_refnode(app.builder, here, page, "", nodes.Text(name))
        subtitle = app.env.recbook_subtitles.get(page, "")
        facts = {"subtitle": subtitle, "read": read, "work": minutes.as_hours(work)}
        words = said(FOLDED if unfolded > read else PLAIN, more=unfolded, **facts)
        items += nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(words)))
    read, work, _, unfolded = (
        minutes.as_hours(sum(each)) for each in zip(*cost, strict=True)
    )
    sums = {"read": read, "more": unfolded, "work": work}
    total = said(FOLDED_IN_ALL if unfolded != read else IN_ALL, **sums)
    return [items, nodes.paragraph("", total)]


def setup(app):
    app.add_directive("part-chapters", PartChapters)
    app.connect("doctree-resolved", fill)
