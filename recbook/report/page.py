"""The page of a report: one HTML file that asks nobody for anything.

No script, no request: the page's own policy forbids both. Every word of the reader's
files is escaped. The style is ``page.css``.
"""

import base64
import functools
import hashlib
from html import escape
from pathlib import Path

import pandas as pd

import recbook
from recbook.report.again import command, python_call, versions
from recbook.report.base import Chart
from recbook.report.tables import table_html, text

__all__ = ["figure_block", "fragment", "page"]

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
GENERATOR = "recbook.report"
TITLES = {
    "recommend": "What to show next",
    "customer_value": "What a customer is worth",
    "targeting": "Whom to write to",
    "experiment": "Did it work?",
    "off_policy": "Which banner?",
}
FONT = Path(recbook.__file__).parent / "app" / "static" / "source-sans-3.woff2"


def page(report, date=None, changed=0):
    """Return the whole page of a report.

    Parameters
    ----------
    report : Report
        What it says.
    date : str or datetime.date, optional
        A day to print at its head.
    changed : int
        Cells of ``list.csv`` that got an apostrophe.
    """
    title = TITLES.get(report.job, report.job)
    said = article(report, date=date, changed=changed)
    return document(f"{text(title)}: a report", said, GENERATOR)


def document(title, said, generator, more=""):
    """Return a whole page: what it says, with its own letters, style and policy.

    Parameters
    ----------
    title, said : str
        HTML of its title and of its ``<article class="recbook-report">``.
    generator : str
        What made it.
    more : str
        CSS besides that of a report.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="{generator}">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{font_face()}{style()}{more}</style>
</head>
<body>
<main>
{said}
</main>
</body>
</html>
"""


def fragment(report):
    """Return the same for a notebook: without the frame, and with smaller titles."""
    return f"<style>{style()}</style>{article(report, level=3)}"


def figure_block(chart):
    """Return one chart with its style, for a notebook."""
    return f'<style>{style()}</style><div class="recbook-report">{figure(chart)}</div>'


@functools.cache
def style():
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


@functools.cache
def font_face():
    """The sans-serif of the book in the file itself, so that labels fit everywhere."""
    if not FONT.exists():  # in the pages' Python
        return ""
    letters = base64.b64encode(FONT.read_bytes()).decode()
    source = f'url("data:font/woff2;base64,{letters}") format("woff2")'
    return (
        f'@font-face{{font-family:"Source Sans 3";font-weight:200 900;src:{source}}}\n'
    )


def article(report, level=1, date=None, changed=0):
    """Return what the page says. ``level`` is that of its title."""
    kicker = f"Report of {text(date)}" if date else "Report"
    body = Body(report, level)
    parts = [
        f'<header><p class="kicker">{kicker}</p>',
        body.heading(TITLES.get(report.job, report.job), 0),
        decision(report) + "</header>",
    ]
    if len(report.checks):
        checks = report.checks.replace(report.decision, "see above")
        parts += [body.heading("Checks"), body.table(checks, "Checks", False)]
    for section in report.sections:
        blocks = [body.block(block, section.title) for block in section.blocks
                  if not is_above(report, block)]  # fmt: skip
        if blocks:
            parts += [body.heading(section.title), *blocks]
    if len(report.table) and not body.tables:
        parts += [body.heading("The numbers"), body.table(report.table, "The numbers")]
    parts.append(footer(report, body, changed))
    return (
        '<article class="recbook-report" lang="en">\n' + "\n".join(parts) + "</article>"
    )


def is_above(report, block):
    """Whether a block is on the page already: the decision, or the checks."""
    if isinstance(block, pd.DataFrame):
        return list(block.columns) == list(report.checks.columns)
    return isinstance(block, str) and block == report.decision


def decision(report):
    """The box at the top: one sentence, and what kind of sentence it is."""
    kind, label = ("refused", "No answer") if report.refused else ("", "Decision")
    return (
        f'<div class="decision {kind}"><p class="label">{label}</p>'
        f"<p>{text(report.decision)}</p></div>"
    )


class Body:
    """Writes the blocks of one report, and counts its tables and figures."""

    def __init__(self, report, level=1):
        told = f"{report.job} {report.decision} {report.settings}"
        told = told.encode(errors="replace")
        self.prefix = f"r{hashlib.sha256(told).hexdigest()[:8]}"
        self.level = level
        self.tables = self.captions = self.figures = 0

    def heading(self, title, below=1):
        level = min(self.level + below, 6)
        return f"<h{level}>{text(title)}</h{level}>"

    def block(self, block, title):
        """Return a sentence, a list of sentences, a table or a figure."""
        if isinstance(block, Chart):
            self.figures += 1
            return figure(block, self.prefix, f"Figure {self.figures}. ")
        if isinstance(block, pd.DataFrame):
            return self.table(block, title)
        if isinstance(block, tuple | list):
            return "<ul>" + "".join(f"<li>{text(one)}</li>" for one in block) + "</ul>"
        return f"<p>{text(block)}</p>"

    def table(self, frame, title, numbered=True):
        """Return a table with its caption, in a box that scrolls where it is wide."""
        self.tables += numbered
        said, caption = frame.attrs.get("caption", ""), ""
        if said:
            self.captions += 1
            label = f"<b>Table {self.captions}.</b>"
            caption = f'<p class="caption">{label} {text(said)}</p>'
        label = said or (f"{title}, table {self.tables}" if numbered else title)
        return caption + scrolling(table_html(frame), label)


def scrolling(inside, label):
    """A box that moves sideways, by keyboard too, where its content is wide."""
    label = f'role="region" tabindex="0" aria-label="{text(label)}"'
    return f'<div class="scroll" {label}>{inside}</div>'


def figure(chart, prefix="chart", number=""):
    """Return a figure with its caption; without Matplotlib, how to get it."""
    name = f"<b>{number}</b>" if number else ""
    caption = f"<figcaption>{name}{text(chart.caption)}</figcaption>"
    try:
        drawing = scrolling(chart.svg(prefix), number + chart.caption)
    except ImportError as error:
        drawing = f'<p class="absent">{text(error)}. It shows: {text(chart.alt)}</p>'
    return f"<figure>{drawing}{caption}</figure>"


def footer(report, body, changed):
    """How to make it again, what was written beside it, and what it never did."""
    seed = report.settings.get("seed")
    rows = [("Seed", str(seed))] if seed is not None else []
    rows += [("Versions", ", ".join(f"{n} {v}" for n, v in versions().items()))]
    if report.list is not None:
        rows.insert(0, ("list.csv", list_words(report.list, changed)))
    said = "".join(f"<dt>{text(n)}</dt><dd>{text(words)}</dd>" for n, words in rows)
    box = '<pre role="region" tabindex="0" aria-label="{}"><code>{}</code></pre>'
    return (
        "<footer>" + body.heading("To make this report again")
        + "<p>In Python:</p>" + box.format("Python", text(python_call(report)))
        + "<p>On a command line:</p>" + box.format("Command", text(command(report)))
        + f"<dl>{said}</dl>"
        + '<p class="own">Made on this machine by recbook. Nothing was sent, and this '
        "page asks nothing of any other.</p></footer>"
    )  # fmt: skip


def list_words(frame, changed):
    """What ``list.csv`` holds, and how text in it was kept from being a formula."""
    names = ", ".join(map(str, frame.columns))
    words = f"{len(frame):,} rows: {names}."
    if changed:
        words += (
            f" {changed:,} cells begin with an apostrophe that the files read do not "
            "have: a spreadsheet would have taken their text for a formula."
        )
    return words
