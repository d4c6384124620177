"""Letters to jump to and a field to type in, above the glossary.

The letters are links, so they work everywhere. The field needs ``_static/glossary.js``,
which shows it; it finds a term by its English or its Chinese name.
"""

from docutils import nodes
from sphinx import addnodes

from recbook_book.edition.strings import said
from recbook_book.reading.search import GLOSSARY

FIND = """Find a term, in English or
<span lang="zh-Hans">中文</span>"""
NAME = 'aria-label="Letters"'  # of the alphabet; the map of the course has others
TOOLS = """<nav class="letters" {name}>{letters}</nav>
<p class="glossary-filter" hidden><label>{find}
<input type="search" autocomplete="off" spellcheck="false"></label>
<output></output></p>"""


def letters(glossary):
    """Return {letter: id of the first term that begins with it}.

    In the Chinese edition an entry has its Chinese name first, then its English one.
    """
    first = {}
    for term in glossary.findall(nodes.term):
        letter = term.astext()[0].upper()
        if letter.isascii():
            first.setdefault(letter, term["ids"][0])
    return dict(sorted(first.items()))


def add_tools(app, doctree, docname):
    """Put letters and field above the glossary of a built page."""
    if docname != GLOSSARY or app.builder.format != "html":
        return
    glossary = next(doctree.findall(addnodes.glossary))
    links = " ".join(
        f'<a href="#{id}">{letter}</a>' for letter, id in letters(glossary).items()
    )
    words = {"name": said(NAME), "find": said(FIND)}
    if app.config.language != "en":  # another list has the other names
        links = f"<span>{said('By the English name:')}</span> {links}"
    tools = nodes.raw("", TOOLS.format(letters=links, **words), format="html")
    glossary.parent.insert(glossary.parent.index(glossary), tools)


def load(app, pagename, templatename, context, doctree):
    if pagename == GLOSSARY:
        app.add_js_file("glossary.js", loading_method="defer")
        app.add_css_file("glossary.css")


def setup(app):
    app.connect("doctree-resolved", add_tools, priority=950)
    app.connect("html-page-context", load)
