"""The boxes *In marketing terms* of part 6 on one page, for people who read no code.

``{decisions} ab-tests frequency`` becomes what the chapters from the one to the other
say in their boxes, each under its number, title, subtitle and euro (``road.py``). The
boxes are kept when the chapters are read, with the numbers that their runs put in, and
stand here before links are resolved. So they say on this page what they say on theirs,
word for word.
"""

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from recbook_book.first import ledger, paths, road
from recbook_book.notebooks.students import number_of
from recbook_book.page import minutes, tables
from recbook_book.page.own_scripts import load_with
from recbook_book.site import page_facts

FIRST = 5  # before links are resolved and signs corrected


class decisions(nodes.General, nodes.Element):
    """The place of the boxes of some chapters."""


class decision_title(nodes.General, nodes.TextElement):
    """A heading that is no section's: the search finds the chapter by it, not this."""


class Decisions(SphinxDirective):
    """Marks the place, which is filled when all pages are read."""

    required_arguments = 2

    def run(self):
        begin, end = self.arguments
        return [decisions(begin=begin, end=end, classes=[ledger.TAKES])]


def box_of(doctree):
    """Return a copy of a page's box, without its title, None where it has none."""
    for note in doctree.findall(nodes.Admonition):
        if paths.is_box(note):
            return [copied(child) for child in note[1:]]
    return None


def copied(node):
    """Return a copy that refers to no page, and whose ids stand on no page twice."""
    copy = node.deepcopy()
    for each in copy.findall():
        each.document = None
        if isinstance(each, nodes.Element):
            each["ids"], each["names"] = [], []
    return copy


def chapters_of(env, here, place):
    """Return the pages of a place: from one chapter of its folder to another."""
    folder = here.rpartition("/")[0]
    begin, end = (f"{folder}/{place[name]}" for name in ("begin", "end"))
    pages = [p for p in paths.pages_of_parts(env) if p in env.recbook_boxes]
    if begin not in pages or end not in pages:
        raise SphinxError(f"{here}: no box on {begin} or on {end}")
    return pages[pages.index(begin) : pages.index(end) + 1]


class PutDecisions(SphinxPostTransform):
    """Put the boxes in their places."""

    default_priority = FIRST

    def run(self):
        for place in list(self.document.findall(decisions)):
            pages = chapters_of(self.env, self.env.docname, place)
            place.replace_self([self.told(page) for page in pages])

    def told(self, page):
        """Return what a chapter decides, below a heading that leads to it."""
        env, here = self.env, self.env.docname
        name = f"{number_of(env, page)} {env.titles[page].astext()}"
        link = make_refnode(self.app.builder, here, page, "", nodes.Text(name))
        subtitle = env.recbook_subtitles.get(page, "")
        told = nodes.container(ids=[page.rpartition("/")[2]], classes=["decision"])
        told += decision_title("", "", link)
        euro = nodes.strong("", " ".join(road.euro_of(self.app, page)))
        told += nodes.paragraph("", f"{subtitle} · ", euro, classes=["decision-of"])
        told += [copied(child) for child in env.recbook_boxes[page]]
        for node in list(told.findall(nodes.Element)):
            node.document = self.document
            if "refdoc" in node:  # where a link stands, from which it is resolved
                node["refdoc"] = here
            if "pasted-text" in node["classes"]:  # the mark of a page's own numbers
                tables.mend_signs(node)
                at = node.parent.index(node)
                node.parent[at : at + 1] = node.children
        return told


def count(app, env):
    """Count the minutes of the boxes on the page that collects them."""
    for here, places in env.recbook_decisions.items():
        pages = [p for place in places for p in chapters_of(env, here, place)]
        words = sum(minutes.weight(n) for p in pages for n in env.recbook_boxes[p])
        read = minutes.to_five(words)
        env.recbook_minutes[here] = minutes.Minutes(read, read, 0, read)


def places_of(doctree):
    """Return [{begin, end}] of a page's places, None where it has none."""
    found = [place.attributes for place in doctree.findall(decisions)]
    return [{k: place[k] for k in ("begin", "end")} for place in found] or None


def begin(writer, node):
    writer.body.append(writer.starttag(node, "h3", ""))


def end(writer, node):
    writer.body.append("</h3>\n")


def setup(app):
    app.add_node(decisions)
    app.add_node(decision_title, html=(begin, end))
    app.add_directive("decisions", Decisions)
    app.add_post_transform(PutDecisions)
    page_facts.keep(app, "recbook_boxes", box_of)
    page_facts.keep(app, "recbook_decisions", places_of)
    app.connect("env-updated", count)
    load = load_with(decision_title, [], ["decisions"])
    app.connect("html-page-context", load, priority=800)
