"""Lay out exercises in HTML: level and minutes go into the title.

In the source an exercise begins with a line such as "★★ · 10 minutes · code.", which
the students' notebooks keep. On the page it stands to the right of the title. The error
of an empty starter is left out. The title "Solution" repeats the name of the exercise
only for screen readers and in print.
"""

import re

from docutils import nodes

from recbook_book.edition.strings import said
from recbook_book.page.minutes import LEVEL, is_exercise, is_solution

PILL = """<span class="exercise-level"><span aria-hidden="true">{stars}</span>
<span class="visually-hidden">{level}</span> {minutes} · {how}</span>"""
SOLUTION = 'Solution<span class="of"> to {name}</span>'
SOLUTION_TITLE = re.compile(
    r'(?P<before><p class="admonition-title">)'
    r"(?:Solution to|解答)\s*<a [^>]*>\s*(?P<name>.*?)</a></p>"
)


def lay_out(app, doctree, docname):
    """Lay out the exercises of a page, after its notebook is written."""
    if app.builder.format != "html":
        return
    for exercise in list(doctree.findall(is_exercise)):
        title, body = exercise.children[:2]
        body["ids"] = []  # always "exercise-content"
        name = nodes.inline("", "", *title.children[1:-1], classes=["exercise-name"])
        title[:] = [name, *pill(body)]  # its name without brackets
        for cell in list(body.findall(is_output)):
            cell.parent.remove(cell)
    for solution in doctree.findall(is_solution):
        solution[1]["ids"] = []


def pill(body):
    """Remove level and minutes from the first paragraph, and return them as HTML."""
    text = body[0][0]
    found = LEVEL.match(text.astext())
    if not found:
        return []
    body[0][0] = nodes.Text(text.astext()[found.end() :])
    stars, minutes, how = found.groups()
    level = said("Level {level} of 3,", level=len(stars))
    time = said("{n} min", n=minutes)
    line = PILL.format(stars=stars, level=level, minutes=time, how=how)
    return [nodes.raw("", line, format="html")]


def is_output(node):
    return getattr(node, "tagname", "") == "container" and (
        node.get("nb_element") == "cell_code_output"
    )


def short_titles(app, pagename, templatename, context, doctree):
    """Show "Solution" as its title; screen readers and print get the whole name."""
    context["body"] = SOLUTION_TITLE.sub(
        lambda found: f"{found['before']}{said(SOLUTION, name=found['name'])}</p>",
        context.get("body", ""),
    )


def setup(app):
    app.connect("doctree-resolved", lay_out, priority=950)
    app.connect("html-page-context", short_titles, priority=850)
