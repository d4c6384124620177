"""What the search knows beyond Sphinx' own index: methods, Chinese names, excerpts.

A chapter is found by the methods in its subtitle, a term of the glossary by each of its
Chinese names. ``_static/search-data.js`` holds the words of each section, without TeX,
from which ``search.js`` ranks pages and quotes them: a page that is read from disk may
not fetch another one. Only the page of the search loads it.
"""

import re

from docutils import nodes
from sphinx import addnodes

from recbook_book.reading import words
from recbook_book.site.written import when_written, write_data

GLOSSARY = "chapters/appendix/glossary"
DATA = "search-data.js"
AND = re.compile(r"\s*(?:[,:;()]|\band\b|\bby\b|\bon\b|\bwith\b)\s*")
# The Chinese names at the head of a definition: "**激活函数；修正线性单元（ReLU）**"
APART = re.compile("[；、（）]")
ASIDE = ("solution_node", "index", "target")  # nobody looks for these


class Index:
    """Collects the sections of all pages while they are written."""

    def __init__(self):
        self.pages = {}

    def collect(self, app, doctree, docname):
        """Take the words of a page, and name what it can also be found by."""
        subtitle = app.env.recbook_subtitles.get(docname, "")
        if docname == GLOSSARY:
            self.pages[docname] = list(terms(doctree))
            entries = [
                ("single", name, id, "main", None) for name, id in names(doctree)
            ]
        else:
            self.pages[docname] = list(sections(doctree))
            methods = dict.fromkeys([subtitle, *AND.split(subtitle)])
            entries = [("single", name, "", "main", None) for name in methods if name]
        if entries:  # of the search's index only: the book's own was made before
            doctree += addnodes.index(entries=entries)

    def load(self, app, pagename, templatename, context, doctree):
        if pagename == "search":
            app.add_js_file(DATA)

    def write(self, app, site):
        write_data(site, DATA, "const SECTIONS = {};", self.pages)


def sections(doctree):
    """[anchor, heading, words] of each section; the page itself has no anchor."""
    for section in doctree.findall(nodes.section):
        if not isinstance(section[0], nodes.title):  # the body of an exercise
            continue
        top = section.parent is doctree
        own = [c for c in section.children[1:] if not isinstance(c, nodes.section)]
        text = " ".join(words.of(c) for c in own if c.tagname not in ASIDE)
        yield ["" if top else section["ids"][0], words.of(section[0]), text]


def items(doctree):
    """(terms, definition) of each entry of the glossary."""
    for item in doctree.findall(nodes.definition_list_item):
        yield list(item.findall(nodes.term)), next(item.findall(nodes.definition))


def terms(doctree):
    """[anchor, term, definition] of each term of the glossary."""
    for entry, definition in items(doctree):
        for term in entry:
            yield [term["ids"][0], words.of(term), words.of(definition)]


def names(doctree):
    """(name, anchor) of each Chinese name of a term."""
    for entry, definition in items(doctree):
        for strong in list(definition.findall(nodes.strong))[:1]:
            for name in filter(None, APART.split(strong.astext())):
                yield name.strip(), entry[0]["ids"][0]


def setup(app):
    index = Index()
    app.connect("doctree-resolved", index.collect, priority=950)
    app.connect("html-page-context", index.load)
    when_written(app, index.write)
