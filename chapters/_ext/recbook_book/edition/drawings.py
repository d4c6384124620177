"""The words in the drawings of ``_static``, in the language of the edition.

One drawing is on several pages, so its words stand in one table, ``zh/drawings.csv``. A
word that is not in it stays as it is.
"""

import csv
from pathlib import Path

from recbook_book.edition.labels import Rules, exchange_between_tags, plain


def in_language(app, drawing):
    """Return the SVG of a drawing with the words of the edition."""
    language = app.config.language.split("_")[0]
    table = Path(app.srcdir, language, "drawings.csv")
    if not table.is_file():
        return drawing
    with table.open(encoding="utf-8", newline="") as file:
        words = {plain(row["en"]): row["zh"] for row in csv.DictReader(file)}
    return exchange_between_tags(Rules(words, []), drawing)
