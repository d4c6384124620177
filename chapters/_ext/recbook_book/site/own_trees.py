"""Let the tree of a page lead to nothing but this page.

A docstring is parsed as a document of its own. Its nodes go on naming that document,
which knows the environment, and so each page of the API reference would carry the trees
of all chapters: 13 MB on disk, and far more in memory. The titles that the environment
keeps of a page name the page's tree in the same way.
"""


def cut(app, doctree):
    """Let all nodes of a page name the page, and what is kept of it nothing."""
    for node in doctree.findall():
        node.document = doctree
    env, page = app.env, app.env.docname
    for kept in (env.titles, env.longtitles, env.tocs):
        for node in kept[page].findall():
            node.document = None


def setup(app):
    app.connect("doctree-read", cut, priority=999)
