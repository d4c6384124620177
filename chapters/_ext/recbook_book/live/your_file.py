"""The directive ``{your-file} JOB``: a panel that makes a report of a reader's file.

In the tree of a page it is a ``your_file`` with the job's name. It says how the report
is made without the page: by a command, and in a notebook by a path. That is what is
read without scripts, on paper, and where the Python of the pages could not be built.
With scripts, ``own_file.js`` puts the panel above it. No other page loads that.
"""

import json
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from recbook.report.form import Form
from recbook.report.options import EXAMPLES, JOBS, example
from recbook_book.edition.strings import said
from recbook_book.page.own_scripts import load_with

SCRIPTS = ("own_file_fields", "own_file_places", "own_file_result", "own_file")
STYLES = ("own_file",)

PAGE = (
    "A file of your own becomes the same report. Where recbook is installed, one "
    "command makes it, with the names of your file and its columns:"
)
ONE_FILE = (
    "Your own file: put its path, in quotes, in place of {file} in the cell that reads "
    "it, and the names of your columns in place of the book's. Then run the page. One "
    "command does the same, again with the names of your columns:"
)
TWO_FILES = (
    "Your own file: put its path, in quotes, in place of {file} and that of another in "
    "place of {file} in the cell that reads it, and the names of your columns in place "
    "of the book's. Then run the page. One command does the same, again with the names "
    "of your columns:"
)


class your_file(nodes.General, nodes.Element):
    """The panel of one job: a paragraph for the page, one for a notebook, a command."""


class YourFile(SphinxDirective):
    """The panel of a job of ``recbook.report``, such as ``customer_value``."""

    required_arguments = 1

    def run(self):
        (job,) = self.arguments
        if job not in JOBS:
            raise self.error(f"recbook.report has no job {job!r}, but {list(JOBS)}")
        panel = your_file(job=job, slots=slots(job), classes=["your-file"])
        command = example(job)
        panel += nodes.paragraph("", said(PAGE))
        panel += for_notebooks(job)
        panel += nodes.literal_block(command, command, language="bash")
        self.set_source_info(panel)
        return [panel]


def files_of(job):
    """Return the book's own files that a job's example takes.

    >>> files_of("targeting")
    ['trial.csv', 'customers.csv']
    """
    return [word for word in EXAMPLES[job].split() if word.endswith(".csv")]


def slots(job):
    """Return the places for files that a panel has before Python starts, as JSON."""
    told = Form(job).slots()
    for slot, file in zip(told, files_of(job), strict=False):
        slot["example"] = file
    for slot in told:
        slot |= {name: said(slot[name]) for name in ("label", "help")}
    return json.dumps(told, ensure_ascii=False)


def for_notebooks(job):
    """Return what the page says in a notebook: where the reader's path goes.

    >>> for_notebooks("experiment").astext()[:61]
    'Your own file: put its path, in quotes, in place of example_f'
    """
    files = files_of(job)
    line, literals = nodes.paragraph(), iter(files)
    for text in re.split("({file})", said(TWO_FILES if len(files) > 1 else ONE_FILE)):
        if text == "{file}":
            line += nodes.literal("", f'example_file("{next(literals)}")')
        else:
            line += nodes.Text(text)
    return line


def is_panel(node):
    return isinstance(node, your_file)


def leave_notebooks(app, doctree, docname):
    """Take out what only the notebook says, once that is written."""
    for panel in doctree.findall(is_panel):
        del panel[1]


def begin(writer, node):
    told = {"data-job": node["job"], "data-slots": node["slots"]}
    writer.body.append(writer.starttag(node, "div", **told))


def end(writer, node):
    writer.body.append("</div>\n")


def setup(app):
    app.add_directive("your-file", YourFile)
    app.add_node(your_file, html=(begin, end))
    app.connect("doctree-resolved", leave_notebooks, priority=950)
    load = load_with(your_file, SCRIPTS, STYLES)
    app.connect("html-page-context", load, priority=800)
