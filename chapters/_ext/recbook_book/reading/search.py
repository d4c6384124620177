"""Write what the search needs beyond Sphinx's index: methods, Chinese names, excerpts.

A chapter is found by the methods in its subtitle, and a term of the glossary by each of
its Chinese names. ``_static/search-data.js`` has the words of each section without TeX.
``search.js`` ranks and quotes pages by them, because a page that is opened from disk
may not fetch other files. Only the search page loads it.
"""

import re

from docutils import nodes
from sphinx import addnodes

from recbook_book.reading import words
from recbook_book.site.written import when_written, write_data

GLOSSARY = "chapters/appendix/glossary"
DATA = "search-data.js"
AND = re.compile(r"\s*(?:[,:;()]|\band\b|\bby\b|\bon\b|\bwith\b)\s*")
# Chinese names at the beginning of a definition: "**激活函数；修正线性单元（ReLU）**"
APART = re.compile("[；、（）]")
ASIDE = ("solution_node", "index", "target")  # nobody looks for these


class Index:
    """Collects the sections of all pages while they are written."""

    def __init__(self):
        self.pages = {}

    def collect(self, app, doctree, docname):
        """Collect the words of a page, and the further names by which it is found."""
        subtitle = app.env.recbook_subtitles.get(docname, "")
        if docname == GLOSSARY:
            self.pages[docname] = list(terms(doctree))
            entries = [
                ("single", name, id, "main", None) for name, id in names(doctree)
            ]
        else:
            self.pages[docname] = list(sections(doctree))
            if subtitle:
                self.pages[docname][0].append(subtitle)
            methods = dict.fromkeys([subtitle, *AND.split(subtitle)])
            entries = [("single", name, "", "main", None) for name in methods if name]
        if entries:  # for the search only: the index of the book is made already
            doctree += addnodes.index(entries=entries)

    def load(self, app, pagename, templatename, context, doctree):
        if pagename == "search":
            app.add_js_file(DATA)

    def write(self, app, site):
        write_data(site, DATA, "const SECTIONS = {};", self.pages)


def sections(doctree):
    """Yield [anchor, heading, words] of each section; the page has no anchor."""
    for section in doctree.findall(nodes.section):
        if not isinstance(section[0], nodes.title):  # the body of an exercise
            continue
        top = section.parent is doctree
        own = [c for c in section.children[1:] if not isinstance(c, nodes.section)]
        text = " ".join(words.of(c) for c in own if c.tagname not in ASIDE)
        yield ["" if top else section["ids"][0], words.of(section[0]), text]


def items(doctree):
    """Yield (terms, definition) of each entry of the glossary."""
    for item in doctree.findall(nodes.definition_list_item):
        yield list(item.findall(nodes.term)), next(item.findall(nodes.definition))


def terms(doctree):
    """Return [anchor, term, definition] of each term of the glossary."""
    for entry, definition in items(doctree):
        for term in entry:
            yield [term["ids"][0], words.of(term), words.of(definition)]


def names(doctree):
    """Yield (name, anchor) of each Chinese name of a term."""
    for entry, definition in items(doctree):
        for strong in list(definition.findall(nodes.strong))[:1]:
            for name in filter(None, APART.split(strong.astext())):
                yield name.strip(), entry[0]["ids"][0]


def setup(app):
    index = Index()
    app.connect("doctree-resolved", index.collect, priority=950)
    app.connect("html-page-context", index.load)
    when_written(app, index.write)
