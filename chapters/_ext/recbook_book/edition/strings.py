"""The sentences that the extension and the scripts write, in the edition's language.

``zh/strings.csv`` has them, an English and a Chinese one a line, with {} for what
varies. In English a sentence is its own translation.

>>> said("{n} chapters", n=3)
'3 chapters'

A script says ``recbookSay("Run")``. The sentences of all scripts are in
``_static/words.js``, which only an edition in another language has.
"""

import ast
import csv
import re
from pathlib import Path

from recbook_book.site.written import when_written, write_data

ROOT = Path(__file__).resolve().parents[4]
SCRIPTS = Path(__file__).resolve().parents[3] / "_static"
SEARCH = Path(__file__).resolve().parents[1] / "reading" / "search.js"
DATA = "words.js"
CALL = re.compile(r'\brecbookSay\(\s*("(?:[^"\\]|\\.)*")')
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

    In the table a sentence is one line, also where its English is broken into lines. In
    an edition of another language, a sentence that is not in the table stays English.
    """
    text = TABLE.get(key(sentence)) or sentence
    return text.format(**values) if values else text


def key(sentence):
    """Return a sentence as it stands in the table."""
    return " ".join(sentence.split())


def of_scripts():
    """Return the sentences that the scripts of the pages say."""
    files = [*sorted(SCRIPTS.glob("*.js")), SEARCH]
    texts = [file.read_text(encoding="utf-8") for file in files]
    return [ast.literal_eval(found) for text in texts for found in CALL.findall(text)]


def start(app, config):
    """Speak the edition's language, and give its pages the words of the scripts."""
    use(config.language)
    if TABLE:
        app.add_js_file(DATA, priority=100)  # before the scripts, which are deferred


def write(app, site):
    if TABLE:
        words = {text: said(text) for text in of_scripts() if key(text) in TABLE}
        write_data(site, DATA, "window.recbookWords = {};", words)


def setup(app):
    app.connect("config-inited", start, priority=1)
    when_written(app, write)
