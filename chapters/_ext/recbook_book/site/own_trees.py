"""Cut the references from the tree of a page to other trees.

A docstring is parsed as a document of its own. Its nodes keep a reference to that
document, which refers to the environment. So each page of the API reference would carry
the trees of all chapters: 13 MB on disk, and far more in memory. The titles that the
environment keeps refer to the trees of their pages in the same way.
"""


def cut(app, doctree):
    """Let all nodes of a page refer to the page itself, and its kept titles to none."""
    for node in doctree.findall():
        node.document = doctree
    env, page = app.env, app.env.docname
    for kept in (env.titles, env.longtitles, env.tocs):
        for node in kept[page].findall():
            node.document = None


def setup(app):
    app.connect("doctree-read", cut, priority=999)
