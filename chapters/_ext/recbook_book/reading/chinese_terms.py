"""The glossary of the Chinese edition the other way round: each Chinese name by its
pinyin, with a link to its entry and the English beside it.
"""

from html import escape
from itertools import groupby

from docutils import nodes
from sphinx import addnodes

from recbook_book.edition.style import is_chinese
from recbook_book.reading.pinyin import HAN, initial, order
from recbook_book.reading.search import GLOSSARY, items, names_in

WAY = (
    """<p><a href="#by-pinyin">中文 → <span lang="en">English</span>：按拼音</a></p>"""
)
LIST = """<section class="by-pinyin">
<h2 id="by-pinyin">中文 → <span lang="en">English</span></h2>
<nav class="letters" aria-label="拼音首字母">{letters}</nav>
{groups}
</section>"""
LETTER = '<a href="#pinyin-{letter}">{letter}</a>'
GROUP = '<h3 id="pinyin-{letter}">{letter}</h3>\n<ul>\n{rows}\n</ul>'
ROW = '<li><a href="#{id}">{name}</a> <span lang="en">{english}</span></li>'


def pairs(doctree):
    """Yield (Chinese name, English names, anchor) of each Chinese name of the glossary.

    An entry that is not translated yet has its Chinese names in its definition.
    """
    for entry, definition in items(doctree):
        said = [(term.astext(), term["ids"][0]) for term in entry]
        english = [(name, id) for name, id in said if not HAN.search(name)]
        chinese = [name for name, _ in said if HAN.search(name)]
        chinese = chinese or [name for name in names_in(definition) if HAN.search(name)]
        id = (english or said)[0][1]  # the same in both editions
        for name in chinese:
            yield name, ", ".join(name for name, _ in english), id


def listed(found):
    """Return the list as HTML."""
    groups, letters = [], []
    in_order = sorted(found, key=lambda row: order(row[0]))
    for letter, rows in groupby(in_order, lambda row: initial(row[0])):
        letters.append(LETTER.format(letter=letter))
        lines = [
            ROW.format(name=escape(name), english=escape(english), id=id)
            for name, english, id in rows
        ]
        groups.append(GROUP.format(letter=letter, rows="\n".join(lines)))
    return LIST.format(letters=" ".join(letters), groups="\n".join(groups))


def add_list(app, doctree, docname):
    """Put the list below the glossary, and the way to it above."""
    is_ours = docname == GLOSSARY and is_chinese(app.config)
    if not is_ours or app.builder.format != "html":
        return
    glossary = next(doctree.findall(addnodes.glossary))
    for term in glossary.findall(nodes.term):
        if not HAN.search(term.astext()):
            # docutils writes a class of this form as the attribute "lang".
            term["classes"].append("language-en")
    page, at = glossary.parent, glossary.parent.index(glossary)
    page.insert(at + 1, nodes.raw("", listed(pairs(doctree)), format="html"))
    page.insert(at, nodes.raw("", WAY, format="html"))


def setup(app):
    app.connect("doctree-resolved", add_list, priority=950)
