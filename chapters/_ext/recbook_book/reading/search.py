"""Write what the search needs beyond Sphinx's index: methods, Chinese names, excerpts.

A chapter is found by the methods in its subtitle, and a term of the glossary by each of
its Chinese names. ``_static/search-data.js`` has the words of each section without TeX.
``search.js`` ranks and quotes pages by them, because a page that is opened from disk
may not fetch other files. Only the search page loads it.

In the Chinese edition Sphinx's index has the Latin words alone, as nothing divides
Chinese into the words of this book. ``search_han.js`` looks for Han letters in the
data.
"""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.search.en import SearchEnglish

from recbook_book.edition.style import is_chinese
from recbook_book.reading import words
from recbook_book.site.written import when_written, write_data

GLOSSARY = "chapters/appendix/glossary"
DATA = "search-data.js"
AND = re.compile(r"\s*(?:[,:;()、，：；（）与]|\band\b|\bby\b|\bon\b|\bwith\b)\s*")
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
            both = is_chinese(app.config)
            self.pages[docname] = list(terms(doctree, both))
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
            if is_chinese(app.config):
                app.add_js_file("search_han.js", loading_method="defer")

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


def terms(doctree, both=False):
    """Yield [anchor, term, definition] of each term of the glossary.

    With ``both``, a term has its other names behind it, in either language:
    "余弦相似度 · cosine similarity".
    """
    for entry, definition in items(doctree):
        said = [words.of(term) for term in entry]
        for term, name in zip(entry, said, strict=True):
            others = [other for other in said if both and other != name]
            yield [term["ids"][0], " · ".join([name, *others]), words.of(definition)]


def names(doctree):
    """Yield (name, anchor) of each Chinese name of a term."""
    for entry, definition in items(doctree):
        for name in names_in(definition):
            yield name, entry[0]["ids"][0]


def names_in(definition):
    """Yield the Chinese names at the beginning of an English definition."""
    for strong in list(definition.findall(nodes.strong))[:1]:
        for name in filter(None, APART.split(strong.astext())):
            yield name.strip()


class Latin(SearchEnglish):
    """What Sphinx's index holds of Chinese pages: their words without Han letters."""

    _word_re = re.compile(r"[^\W㐀-鿿]+")


def index_latin(app, config):
    if is_chinese(config):
        config.html_search_language = "en"
        app.add_search_language(Latin)


def setup(app):
    app.connect("config-inited", index_latin)
    index = Index()
    app.connect("doctree-resolved", index.collect, priority=950)
    app.connect("html-page-context", index.load)
    when_written(app, index.write)
