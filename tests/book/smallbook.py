"""A book of one page, built by some parts of the extension alone."""

import io
import sys

from bookpages import CHAPTERS
from recbook_book.edition import strings
from sphinx.testing.util import SphinxTestApp

CONF = """import sys
sys.path.insert(0, {folder!r})
extensions = {extensions}
myst_enable_extensions = ["attrs_block", "dollarmath"]
language = {language!r}
"""


def build(folder, *extensions, language="en"):
    """Build what lies in a folder; return its ``Sphinx`` and what that complained of.

    Whatever comes of it, Sphinx forgets the parts again: the next book may have others.
    """
    names = ["myst_parser", *(f"recbook_book.{name}" for name in extensions)]
    place = str(CHAPTERS / "_ext")
    conf = CONF.format(folder=place, extensions=names, language=language)
    (folder / "conf.py").write_text(conf)
    said, path = io.StringIO(), [*sys.path]
    app = SphinxTestApp("html", folder, warning=said, freshenv=True)
    try:
        app.build()
    finally:
        app.cleanup()
        strings.use("en")
        sys.path[:] = path
    return app, said.getvalue()


def page(folder, text, *extensions, language="en"):
    """Build a page; return its tree, its HTML and what Sphinx complained of."""
    (folder / "index.md").write_text(text)
    app, complaints = build(folder, *extensions, language=language)
    html = (app.outdir / "index.html").read_text(encoding="utf-8")
    return app.env.get_doctree("index"), html, complaints
