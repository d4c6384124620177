"""The sentences that the extension itself writes, in the language of the edition.

``zh/strings.csv`` has them, an English and a Chinese one a line, with {} for what
varies. In English a sentence is its own translation.

>>> said("{n} chapters", n=3)
'3 chapters'
"""

import csv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
TABLE = {}


def use(language):
    """Speak the language of an edition from now on: "en", or "zh_CN"."""
    TABLE.clear()
    path = ROOT / language.split("_")[0] / "strings.csv"
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            TABLE.update({row["en"]: row["zh"] for row in csv.DictReader(file)})


def said(sentence, **values):
    """Return a sentence in the edition's language, its braces filled.

    In an edition of another language, a sentence that is not in the table stays
    English.
    """
    text = TABLE.get(sentence) or sentence
    return text.format(**values) if values else text


def setup(app):
    app.connect("config-inited", lambda app, config: use(config.language), priority=1)
