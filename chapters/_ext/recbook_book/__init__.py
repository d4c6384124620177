"""The book's Sphinx extension: what no option of the theme can do."""


def setup(app):
    """Set up all parts. They are imported here, as some also run without Sphinx."""
    from recbook_book import extension

    return extension.setup(app)
