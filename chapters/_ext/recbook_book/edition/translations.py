"""Give Sphinx a page in the language of the edition, where it has been translated.

The words come from ``zh/`` (``units.py``), all else from the English page: code, ids,
formulas. A notebook has the outputs of the run that the English edition shows, so that
nothing is executed twice.

Where the English of a unit has changed since, its translation still stands if numbers,
formulas, references and code are the same, and the page says that it is behind. Else
the page has the English, and says so. A reader never finds an old number.

Sections keep the ids that they have in English: a link to a section leads to the same
section in both editions.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from jupyter_cache import get_cache
from myst_parser.mdit_to_docutils.base import default_slugify
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from recbook_book.edition.labels import exchange, parse
from recbook_book.edition.strings import said
from recbook_book.edition.tokens import same_tokens
from recbook_book.edition.units import digest, english_of, pieces, units_of, unused

# A browser makes a space of the end of a line, which Chinese has not.
END_OF_LINE = re.compile(r"(?<=[㐀-鿿，。；：？！、）》”])\n(?=[㐀-鿿（《“])")
PERCENT = re.compile(r"(?<=[\d`]) %")  # begins no line
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
HEAD = re.compile(r"((?:\([\w-]+\)=\s*)?(?:#+ .*)?)(.*)", re.DOTALL)
MARK = "```{{english}} {}\n```"
FENCED = re.compile(r"^(`{3,})[^`\n]*\n.*?^\1$", re.MULTILINE | re.DOTALL)
BEHIND = "The English of this has changed; the translation is behind."
MISSING = "Not translated yet."
GLUED = "application/papermill.record/text/plain"


def is_english(app_or_env):
    return app_or_env.config.language == "en"


def sibling_of(app_or_env, docname):
    """Return the path of a page's translation, whether there is one or not."""
    folder = app_or_env.config.language.split("_")[0]
    page = docname.removeprefix("chapters/")
    return Path(app_or_env.srcdir) / folder / f"{page}.md"


def translation_of(app_or_env, docname):
    """Return the units of a page's translation, {} of an English or unknown page."""
    path = sibling_of(app_or_env, docname)
    if is_english(app_or_env) or not path.exists():
        return {}
    return units_of(path.read_text(encoding="utf-8"))


def labels_of(app_or_env, docname):
    """Return {cell id: lines} of the words in what the cells of a page show."""
    units = translation_of(app_or_env, docname).items()
    ending = ".labels"
    return {n.removesuffix(ending): t for n, (_, t) in units if n.endswith(ending)}


def chosen(name, english, units, is_entry=False):
    """Return the words of a unit, and what is to be said of them, or None.

    In an entry of the glossary each name keeps its line.

    >>> chosen("a", "Hello", {"a": (digest("Hello"), "你好")})
    ('你好', None)
    >>> chosen("a", "Hello to 3", {"a": ("00000000", "你好，2 位")})
    ('Hello to 3', 'Not translated yet.')
    >>> chosen("a", "Hello to 3", {"a": ("00000000", "你好，3 位")})[1] == BEHIND
    True
    """
    pin, words = units.get(name, (None, None))
    if words is None:
        return english, MISSING
    if not is_entry:
        words = PERCENT.sub("\N{NO-BREAK SPACE}%", END_OF_LINE.sub("", words))
    if pin == digest(english):
        return words, None
    if same_tokens(english, words):
        return words, BEHIND
    return english, MISSING


def noted(words, remark):
    """Return the words of a unit in the page's source, with the remark about them.

    Words that are English are marked, from one empty directive to the other.
    """
    if remark is None:
        return words
    note = f"{{.behind}}\n{said(remark)}"
    if remark == BEHIND:
        return f"{words}\n\n{note}"
    head, body = HEAD.match(words).groups()
    english = f"{head}\n\n{note}\n{body}"
    return f"{MARK.format('begin')}\n\n{english}\n\n{MARK.format('end')}"


def joined_text(text, units):
    """Return a page without code, its words exchanged."""
    found, inside = [], False
    for name, english in pieces(text):
        inside = english == "```{glossary}" or (inside and english != "```")
        chose = chosen(name, english, units, inside) if name else (english, None)
        words, remark = chose
        found.append(words if inside else noted(words, remark))
    return "\n\n".join(found) + "\n"


def joined_notebook(notebook, english, units, run):
    """Exchange the words of a notebook in place; ``run`` is its executed copy."""
    outputs = iter([cell for cell in run if cell["cell_type"] == "code"])
    for cell in notebook["cells"]:
        id = cell["id"]
        if cell["cell_type"] == "markdown":
            cell["source"] = noted(*chosen(id, english[id], units))
            continue
        about = cell["metadata"].get("mystnb", {})
        for part, kind in (("figure", "caption"), ("image", "alt")):
            if kind in about.get(part, {}):
                name = f"{id}.{kind}"
                about[part][kind] = chosen(name, english[name], units)[0]
        cell["outputs"] = json.loads(json.dumps(next(outputs)["outputs"]))
        rules = parse(units.get(f"{id}.labels", (None, ""))[1])
        for output in cell["outputs"]:
            exchange_glued(output.get("data", {}), rules)
    notebook["metadata"]["mystnb"] = {"execution_mode": "off"}


def exchange_glued(data, rules):
    """Exchange a sentence that a cell glues into the text."""
    said = "".join(data.get(GLUED, ""))
    if said[:1] in ("'", '"') and said[-1:] == said[:1]:
        data[GLUED] = repr(exchange(rules, said[1:-1]))


def read(app, docname, content):
    """Give Sphinx a page in the edition's language, where there is one."""
    units = translation_of(app, docname)
    if not units:
        return
    app.env.note_dependency(str(sibling_of(app, docname)))
    path = app.env.doc2path(docname)
    if path.endswith(".ipynb"):
        cache = get_cache(app.config.nb_execution_cache_path)
        run = cache.get_cache_bundle(cache.match_cache_file(path).pk).nb.cells
        notebook = json.loads(content[0])
        joined_notebook(notebook, english_of(path), units, run)
        content[0] = json.dumps(notebook, ensure_ascii=False)
    else:
        content[0] = joined_text(content[0], units)


class English(SphinxDirective):
    """Marks where words begin, or end, that stay English."""

    required_arguments = 1

    def run(self):
        return [nodes.comment(english=self.arguments[0])]


class SayItIsEnglish(SphinxTransform):
    """Give all blocks between two marks their language, and remove the marks."""

    default_priority = 5  # exercises have not been taken apart yet

    def apply(self, **_):
        marks, is_english = [], False
        for node in self.document.findall():
            if isinstance(node, nodes.comment) and node.get("english"):
                is_english = node["english"] == "begin"
                marks.append(node)
            elif is_english and has_own_words(node):
                # docutils writes a class of this form as the attribute "lang".
                node["classes"].append("language-en")
        for mark in marks:
            mark.parent.remove(mark)


def has_own_words(node):
    """Whether a node is a block of text, and not our remark about it."""
    is_block = isinstance(node, nodes.TextElement)
    is_part = isinstance(node, nodes.Inline | nodes.FixedTextElement)
    return is_block and not is_part and "behind" not in node["classes"]


class SameIds(SphinxTransform):
    """Give the sections of a translated page the ids that they have in English."""

    default_priority = 6

    def apply(self, **_):
        if not translation_of(self.env, self.env.docname):
            return
        titles = headings_of(self.env.doc2path(self.env.docname))
        sections = list(self.document.findall(has_title))
        if len(titles) != len(sections):  # the checker says so, too
            return
        for section in sections:  # free them all before one is taken
            for id in section["ids"]:
                self.document.ids.pop(id, None)
        for section, title in zip(sections, titles, strict=True):
            section["ids"] = [free_id(self.document, title), *section["ids"][1:]]
            for id in section["ids"]:
                self.document.ids[id] = section
        self.give_slugs(sections, titles)

    def give_slugs(self, sections, titles):
        """Let links of the form "page.md#what-goes-wrong" find the sections, too."""
        slugs = self.env.metadata[self.env.docname].get("myst_slugs", {})
        old = dict(slugs)
        slugs.clear()
        for section, title in zip(sections, titles, strict=True):
            if "slug" in section:
                line, _, words = old[section["slug"]]
                section["slug"] = unused(default_slugify(title), slugs)
                slugs[section["slug"]] = (line, section["ids"][0], words)


def has_title(node):
    """Whether a node is a section of the text: the body of an exercise has no title."""
    first = (
        node.children[0] if isinstance(node, nodes.section) and node.children else None
    )
    return isinstance(first, nodes.title)


def headings_of(path):
    """Return the headings of an English page, as they are read."""
    text = "\n\n".join(english_of(path).values())
    return [
        re.sub(r"[`*$]|\{\w+\}", "", t) for t in HEADING.findall(FENCED.sub("", text))
    ]


def free_id(document, title):
    """Return the id that docutils gives to a section with this title."""
    id = nodes.make_id(title)
    number = 0
    while not id or id in document.ids:
        number += 1
        id = f"id{number}"
    return id


def setup(app):
    app.add_directive("english", English)
    app.add_transform(SayItIsEnglish)
    app.add_transform(SameIds)
    app.connect("source-read", read)
