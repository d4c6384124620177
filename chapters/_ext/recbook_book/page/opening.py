"""The opening of a chapter: part, title, subtitle, reading time and riddle.

``{opening}`` stands right after a chapter's title. Its first paragraph is the subtitle,
which names the method as the field does. The rest is the riddle. Everything else is
computed: the part from the folder, minutes and exercises from the page
(``minutes.py``), the time of a run from the last run.

``app.env.recbook_subtitles`` has the subtitle of each chapter, by the page's name. It
is shown in the menu of pages, in the links to the previous and next chapter, and in the
browser's title. Modules that list or search pages take it from there.
"""

import functools
import html
import json
import posixpath
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from recbook_book.edition.strings import said
from recbook_book.notebooks import students
from recbook_book.page import minutes
from recbook_book.site import page_facts
from recbook_book.site.written import rewrite, when_written

NAV = re.compile(r'<nav class="bd-links bd-docs-nav".*?</nav>', re.S)
ENTRY = re.compile(
    r'(<a class="[^"]*reference internal)("[^>]* href="([^"#]*)[^>]*>)(.*?</a>)'
)
NUMBER = re.compile(r"^\s*(\d+\.\d+)\s+")


class Opening(SphinxDirective):
    """The subtitle of a chapter, and its riddle."""

    has_content = True

    def run(self):
        box = nodes.container(classes=["opening"])
        self.state.nested_parse(self.content, self.content_offset, box)
        if len(box) < 2:
            raise self.error("an opening has a subtitle, an empty line and a riddle")
        subtitle, *riddle = box.children
        name = nodes.emphasis("", "", *subtitle.children)
        quote = nodes.block_quote("", *riddle, classes=["riddle"])
        meta = nodes.paragraph(classes=["chapter-meta"])
        box[:] = [nodes.paragraph("", "", name, classes=["subtitle"]), meta, quote]
        return [box]


def subtitle_of(doctree):
    for paragraph in doctree.findall(nodes.paragraph):
        if "subtitle" in paragraph["classes"]:
            return paragraph.astext()
    return None


# How long a page takes --------------------------------------------------------------


def fill(app, doctree, docname):
    """Write into the opening how long the page takes, and its number of exercises."""
    for line in doctree.findall(nodes.paragraph):
        if "chapter-meta" in line["classes"]:
            line[:] = list(joined(facts(app, docname)))


def facts(app, docname):
    """Yield what the line below the subtitle says, numbers between ``**``."""
    read, work, exercises, more = app.env.recbook_minutes[docname]
    if more > read:
        yield said(
            "**{n} min** to read, {more} with the derivations", n=read, more=more
        )
    else:
        yield said("**{n} min** to read", n=read)
    yield said("**{time}** with the exercises", time=minutes.as_hours(work))
    yield said("**{n}** exercises", n=exercises)
    seconds = seconds_of(app, docname)
    if seconds >= 60:
        yield said("runs in about {n} min", n=round(seconds / 60))
    elif seconds:
        yield said("runs in under a minute")


def seconds_of(app, docname):
    """Return the processor seconds of a page's last run, 0 without a record."""
    path = Path(app.srcdir) / "_build" / "pages.json"
    records = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return records.get(f"{docname}.ipynb", {}).get("cpu", 0)


def joined(sentences):
    for n, sentence in enumerate(sentences):
        if n:
            yield nodes.inline("", " · ", classes=["dot"])
        fact = nodes.inline(classes=["fact"])
        for k, text in enumerate(sentence.split("**")):
            if text:
                fact += nodes.strong("", text) if k % 2 else nodes.Text(text)
        yield fact


def offer_notebook(app, doctree, docname):
    """End the line with a link to the page's notebook, in HTML only."""
    file = students.file_of(app.env, docname)
    if app.builder.name != "html" or not file:
        return
    here = posixpath.dirname(docname)
    address = html.escape(posixpath.relpath(f"notebooks/{file}", here))
    link = f'<a class="fact" href="{address}" download>{said("notebook")}</a>'
    for line in doctree.findall(nodes.paragraph):
        if "chapter-meta" in line["classes"]:
            line += nodes.inline("", " · ", classes=["dot"])
            line += nodes.raw("", link, format="html")


# Part and subtitle, which the theme has no place for --------------------------------


def part_of(docname):
    """Return the number of a page's part as text, "" where it has none."""
    found = re.match(r"chapters/(\d+)-", docname)
    return found[1] if found else ""


@functools.cache
def captions(env):
    """Return the name of each page's part: {page: "Neighbours"}."""
    return {
        page: tree["caption"]
        for tree in env.get_doctree(env.config.root_doc).findall(addnodes.toctree)
        for _, top in tree["entries"]
        for page in [top, *env.toctree_includes.get(top, [])]
    }


def name_part(app, pagename, templatename, context, doctree):
    """Put the part above the title, and the subtitle beside each copy of the title."""
    caption = captions(app.env).get(pagename)
    subtitles = app.env.recbook_subtitles
    if caption:
        number = part_of(pagename)
        part = said("Part {n} · {name}", n=number, name=caption)
        name = part if number else caption
        kicker = f'<p class="kicker">{html.escape(name)}</p>\n<h1'
        context["body"] = context.get("body", "").replace("<h1", kicker, 1)
    if pagename in subtitles:
        context["title"] = f"{context['title']} · {html.escape(subtitles[pagename])}"
    for way, page in zip(("prev", "next"), neighbours(app, pagename), strict=True):
        if page in subtitles and context.get(way):
            small = f" <small>{html.escape(subtitles[page])}</small>"
            context[way] = {**context[way], "title": context[way]["title"] + small}


def neighbours(app, pagename):
    """Return the previous and the next page, None where there is none."""
    _, before, after = app.builder.relations.get(pagename, [None] * 3)
    return before, after


def dress(page, docname, env, exercises):
    """Return a page with its part on <html>, and subtitles in the menu of pages.

    ``exercises`` is {page: number of exercises}, without pages that have none.
    """
    part = part_of(docname)
    page = page.replace("<html ", f'<html data-part="{part}" ', 1) if part else page

    def entry(match):
        opened, rest, target, text = match.groups()
        path = posixpath.join(posixpath.dirname(docname), target)
        there = posixpath.normpath(path).removesuffix(".html") if target else docname
        subtitle = env.recbook_subtitles.get(there)
        text = NUMBER.sub(r"\1 ", text)
        if subtitle:
            small = f"<small>{html.escape(subtitle)}</small></a>"
            text = text.removesuffix("</a>") + small
        place = f'" data-page="{there}" data-of="{part_of(there)}'
        if there in exercises:
            place += f'" data-exercises="{exercises[there]}'
        return f"{opened}{place if subtitle else ''}{rest}{text}"

    return NAV.sub(lambda nav: ENTRY.sub(entry, nav[0]), page, count=1)


def finish(app, site):
    facts = app.env.recbook_minutes
    exercises = {page: facts[page].exercises for page in app.env.recbook_subtitles}
    rewrite(site, lambda page, name: dress(page, name, app.env, exercises))


def setup(app):
    app.add_directive("opening", Opening)
    page_facts.keep(app, "recbook_subtitles", subtitle_of)
    app.connect("doctree-resolved", fill)
    app.connect("doctree-resolved", offer_notebook, priority=950)
    app.connect("html-page-context", name_part, priority=800)
    when_written(app, finish)
