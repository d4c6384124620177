"""The book's one Sphinx extension: what no option of the theme can say."""


def setup(app):
    """Connect all parts to Sphinx, which those that run inside the pages do without."""
    from recbook_book import extension

    return extension.setup(app)
