"""Facts about each page, taken when it is read and kept in the environment.

Later, the tree of the page would have to be read from disk for each question, which
takes up to a second.
"""


def keep(app, name, measure):
    """Keep ``measure(doctree)`` of a page as ``env.NAME[page]``, unless it is None."""

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
