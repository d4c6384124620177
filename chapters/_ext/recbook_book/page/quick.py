"""The directive for quick questions, which stand at the end of a part.

``{quick} 2-q1`` holds a question and its options, each on a line that begins with its
letter. The right letter and a line about each option are in the checks of the page
(``recbook.checks.choice``), so that a notebook marks an answer as the page does.

In the tree of a page, a question is a container of class ``quick`` with the attribute
``check``, the id. It has the question, a list of the options, and a container of class
``quick-answer``. Without scripts and on paper the answer is a fold. With scripts,
``quick.js`` turns the options into buttons.
"""

import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from recbook import checks
from recbook.checks.language import translated
from recbook.checks.registry import REGISTRY
from recbook_book.edition.strings import said
from recbook_book.edition.translations import translation_of

OPTION = re.compile(r"([a-d])\. +(.*)")
# "See 6.14 and 6.15.", in Chinese "见 6.14 和 6.15。"
CHAPTER = re.compile(
    r"((?<=[Ss]ee )|(?<=见 ))\d\.\d+|((?<= and )|(?<= 和 ))\d\.\d+(?=[.。])"
)

OPEN = """<fieldset class="quick" id="q{n}" data-right="{right}">
<legend>{name}</legend>"""
FOLD = '<details class="quick-answer"><summary>{}</summary>'


class Quick(SphinxDirective):
    """One question: its id, its text and three or four options, ``a.`` to ``d.``"""

    required_arguments = 1
    has_content = True

    def run(self):
        (id,) = self.arguments
        checks.ids()  # imports them all
        question = REGISTRY.get(id)
        texts, options = self.cut()
        letters = "".join(options)
        if not hasattr(question, "feedback"):
            raise self.error(f"no check of recbook has the quick question {id!r}")
        if letters != "".join(sorted(question.feedback)):
            raise self.error(f"{id} has options {letters}, its check has others")
        quick = nodes.container(classes=["quick"], check=id, right=question.right)
        self.state.nested_parse(texts, self.content_offset, quick)
        choices = nodes.enumerated_list(enumtype="loweralpha", prefix="", suffix=".")
        for lines in options.values():
            item = nodes.list_item()
            self.state.nested_parse(lines, self.content_offset, item)
            choices += item
        is_ours = translation_of(self.env, self.env.docname)
        quick += [choices, answer(question, self.config.language if is_ours else "en")]
        return [quick]

    def cut(self):
        """Split the content into the question and the options by their letters."""
        question, options = StringList(), {}
        lines = question
        for line, (source, offset) in zip(
            self.content, self.content.items, strict=True
        ):
            if match := OPTION.match(line):
                lines = options[match[1]] = StringList()
                line = match[2]
            lines.append(line, source, offset)
        return question, options


def answer(question, language="en"):
    """Return the right letter and why, then what is wrong with each of the others."""
    box = nodes.container(classes=["quick-answer"])
    for letter in sorted(question.feedback, key=lambda x: (x != question.right, x)):
        is_right = letter == question.right
        text = translated(question.feedback[letter], language)
        why = nodes.inline("", text, classes=["quick-why"])
        line = nodes.paragraph(classes=[f"quick-{letter}"])
        right = said("{letter} is right: ", letter=letter)
        line += nodes.strong(
            "", right if is_right else said("{letter}: ", letter=letter)
        )
        line += why
        box += line
    return box


def fold(app, doctree, docname):
    """Write a question as a named group of choices and its answer as a fold, in HTML.

    This comes after the page's notebook is written from the containers.
    """
    if app.builder.format != "html":
        return
    found = [c for c in doctree.findall(nodes.container) if c.get("check")]
    for n, quick in enumerate(found, 1):
        *asked, box = quick.children
        for why in list(box.findall(nodes.inline)):
            if "quick-why" in why["classes"]:
                why[:] = list(linked(app, docname, why.astext()))
        name = said("Question {n} of {all}", n=n, all=len(found))
        start = OPEN.format(right=quick["right"], n=n, name=name)
        group = [html(start), *asked, html(FOLD.format(said("Answer")))]
        group += [*box.children, html("</details></fieldset>")]
        at = quick.parent.index(quick)
        quick.parent[at : at + 1] = group


def linked(app, here, text):
    """Return the text, with a link for each chapter number in it."""
    pages = {
        ".".join(map(str, title["secnumber"])): page
        for page, title in app.env.titles.items()
        if title.get("secnumber")
    }
    last = 0
    for match in CHAPTER.finditer(text):
        page = pages.get(match[0])
        if page is None:
            continue
        before = text[last : match.start() - 1] + "\N{NO-BREAK SPACE}"
        number, title = nodes.Text(match[0]), app.env.titles[page].astext()
        link = make_refnode(app.builder, here, page, "", number, title)
        yield from (nodes.Text(before), link)
        last = match.end()
    yield nodes.Text(text[last:])


def html(code):
    return nodes.raw("", code, format="html")


def setup(app):
    app.add_directive("quick", Quick)
    app.connect("doctree-resolved", fold, priority=950)
