"""Facts about each page, taken once when it is read and kept with the pages.

Later the tree of a page would have to be read from the disk again for each question
about it, which takes up to a second.
"""


def keep(app, name, measure):
    """Keep what ``measure(doctree)`` says of each page as ``env.NAME[page]``.

    Where it says None, the page is not in ``env.NAME``.
    """

    def start(app, env, docnames):
        if not hasattr(env, name):
            setattr(env, name, {})

    def take(app, doctree):
        fact = measure(doctree)
        if fact is not None:
            getattr(app.env, name)[app.env.docname] = fact

    def forget(app, env, docname):
        getattr(env, name).pop(docname, None)

    app.connect("env-before-read-docs", start)
    app.connect("doctree-read", take)
    app.connect("env-purge-doc", forget)
