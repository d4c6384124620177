"""A book of one page, built by some parts of the extension alone."""

import io
import sys

from bookpages import CHAPTERS
from sphinx.testing.util import SphinxTestApp

CONF = """import sys
sys.path.insert(0, {folder!r})
extensions = {extensions}
myst_enable_extensions = ["dollarmath"]
"""


def build(folder, *extensions):
    """Build what lies in a folder; return its ``Sphinx`` and what that complained of.

    Whatever comes of it, Sphinx forgets the parts again: the next book may have others.
    """
    names = ["myst_parser", *(f"recbook_book.{name}" for name in extensions)]
    conf = CONF.format(folder=str(CHAPTERS / "_ext"), extensions=names)
    (folder / "conf.py").write_text(conf)
    said, path = io.StringIO(), [*sys.path]
    app = SphinxTestApp("html", folder, warning=said, freshenv=True)
    try:
        app.build()
    finally:
        app.cleanup()
        sys.path[:] = path
    return app, said.getvalue()


def page(folder, text, *extensions):
    """Build a page; return its tree, its HTML and what Sphinx complained of."""
    (folder / "index.md").write_text(text)
    app, complaints = build(folder, *extensions)
    html = (app.outdir / "index.html").read_text(encoding="utf-8")
    return app.env.get_doctree("index"), html, complaints
