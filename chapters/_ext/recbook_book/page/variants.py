"""The role for a number of an exercise that each student has another of.

``{variant}`6.1-errors.customers``` stands for a quantity of a check's ``numbers``, and
``{variant}`6.1-size.cost:.2f``` writes it in that format. The page shows the printed
number; ``variants.js`` puts those of the reader's number in its place. For that the
element has them all, in the sequence of ``recbook.checks.variants``, but no answer.

``{check}`1.1-margin``` is for an exercise of a page without code: a line that says how
its answer is checked. In a notebook it is a cell.
"""

import html

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from recbook.checks.language import translated
from recbook.checks.registry import REGISTRY, variants_of
from recbook.checks.variants import written
from recbook_book.edition.strings import said
from recbook_book.edition.translations import is_english

SPAN = '<span class="variant" data-of="{of}" data-numbers="{all}">{printed}</span>'
CHECK = """To check {what}:
<code>recbook.check("{id}", …)</code> in this page’s notebook, or in a cell of a page
that runs."""


class Variant(SphinxRole):
    """A number of an exercise: id, dot, name, and perhaps colon and format."""

    def run(self):
        name, _, form = self.text.partition(":")
        id, _, name = name.rpartition(".")
        variants = variants_of(id)
        if variants is None or name not in variants.choices:
            line = self.inliner.reporter.error(
                f"no check of recbook has the number {self.text!r}", line=self.lineno
            )
            return [], [line]
        if form == "words" and not is_english(self):
            form = ""  # "3 倍", not "three"
        texts = [written(own[name], form) for own in variants.table]
        return [nodes.inline("", texts[0], classes=["variant"], of=id, texts=texts)], []


class Check(SphinxRole):
    """The line of an exercise that is checked elsewhere."""

    def run(self):
        if variants_of(self.text) is None:
            line = self.inliner.reporter.error(
                f"no check of recbook with variants is {self.text!r}", line=self.lineno
            )
            return [], [line]
        return [nodes.inline("", "", classes=["check-line"], check=self.text)], []


def show(app, doctree, docname):
    """Give the numbers to the page, after its notebook is written."""
    if app.builder.format != "html":
        return
    for node in list(doctree.findall(nodes.inline)):
        if "variant" in node["classes"]:
            texts = html.escape("|".join(node["texts"]))
            filled = SPAN.format(of=node["of"], all=texts, printed=node["texts"][0])
        elif "check-line" in node["classes"]:
            id = node["check"]
            what = html.escape(translated(REGISTRY[id].what, app.config.language))
            line = said(CHECK, id=id, what=what)
            filled = f'<small class="check-line">{line}</small>'
        else:
            continue
        node.parent.replace(node, nodes.raw("", filled, format="html"))


def setup(app):
    app.add_role("variant", Variant())
    app.add_role("check", Check())
    app.connect("doctree-resolved", show, priority=950)
