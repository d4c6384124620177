"""Scripts and styles that only pages with a certain node load."""

LAST = 900  # after the scripts and styles of all pages, on which these stand


def load_with(kind, scripts, styles):
    """Return a listener that loads files on each page that has a node of a kind.

    Parameters
    ----------
    kind : type or function
        Of the node, or what says whether one is of it.
    scripts, styles : tuple of str
        Names in ``_static``, without their endings.
    """

    def load(app, pagename, templatename, context, doctree):
        if doctree is None or not next(doctree.findall(kind), None):
            return
        for name in scripts:
            app.add_js_file(f"{name}.js", priority=LAST, defer="defer")
        for name in styles:
            app.add_css_file(f"{name}.css", priority=LAST)

    return load
