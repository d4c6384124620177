"""Names that the theme and its parts give in English, in the edition's language.

Sphinx and the theme have catalogues of their own. What these lack, or say as it is said
in Taiwan, stands in attributes of the written pages, and is exchanged there.
"""

import re

from recbook_book.edition.strings import said
from recbook_book.edition.translations import is_english
from recbook_book.site.written import rewrite, when_written

NAMES = (
    *("Link to this heading", "Link to this image", "Link to this equation"),
    *("Link to this term", "Link to this definition", "Link to this table"),
    *("Link to this code", "Link to this toctree", "Color mode", "System Settings"),
    *("Toggle primary sidebar", "Toggle secondary sidebar", "Main", "Page"),
    "列印成 PDF",
)
NAME = re.compile(rf'\b(title|aria-label|data-bs-title)="({"|".join(NAMES)})"')


def named(page):
    """Return a page with the theme's names in the edition's language."""
    return NAME.sub(lambda found: f'{found[1]}="{said(found[2])}"', page)


def mend(app, site):
    if not is_english(app):
        rewrite(site, lambda page, name: named(page))


def setup(app):
    when_written(app, mend)
