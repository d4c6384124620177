"""The look of the Chinese edition: one more style sheet, behind those of the book.

It comes before the styles that only some pages load (``own_scripts.py``), so what these
say of their own parts still holds.
"""

BEHIND = 801  # the book's own styles have 800, own_scripts.LAST is 900


def is_chinese(config):
    """Return whether this is the Chinese edition."""
    return config.language.startswith("zh")


def load(app, config):
    if is_chinese(config):
        app.add_css_file("zh.css", priority=BEHIND)


def setup(app):
    app.connect("config-inited", load)
