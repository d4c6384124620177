"""What ``live.js`` has to know about the cells of a page, so that the page can run.

If the Python for the browser was built (``.ci/live``), a page with code has its cells
as JSON: the code of each, the earlier cells that it needs (``recbook.mark`` finds
them), and whether it can run in a browser. Otherwise the page has no buttons.
No Python is loaded before the reader asks for it.
"""

import json
import re
from pathlib import Path

from docutils import nodes

from recbook.mark.slices import needs_of
from recbook_book.edition.strings import said
from recbook_book.edition.translations import chosen, is_english, translation_of
from recbook_book.live.hints import hints_of
from recbook_book.live.suspects import suspects_of
from recbook_book.live.your_file import is_panel
from recbook_book.notebooks.kept import kept
from recbook_book.notebooks.students import cells_at
from recbook_book.site.students_site import is_for_students, without_answers

ROOT = Path(__file__).resolve().parents[4]
MARKER = ROOT / "_build" / "live" / "site" / "packs.json"
VERDICTS = ROOT / "_build" / "live" / "verdicts.json"  # by .ci/live/verdicts.py
CHECK = re.compile(r"recbook\.check\(\s*[\"']([^\"']+)")
SCRIPT = '<script type="application/json" id="live-cells">{}</script>'


def verdicts_of(path):
    """Return what each cell of a notebook lacked when it was tried: {id: what or None}.

    Return None if no cell could be tried. Then names decide which cells are barred.
    """
    if not (VERDICTS.exists() and Path(path).is_relative_to(ROOT)):
        return None
    known = json.loads(VERDICTS.read_text(encoding="utf-8"))
    return known.get(Path(path).relative_to(ROOT).as_posix(), {}).get("lacks")


def cells_of(source, shown, verdicts=None):
    """Return the JSON of a page's code cells, as a list of dictionaries.

    ``source`` are the cells of its notebook, ``shown`` the indices of those whose code
    is visible, ``verdicts`` what cells lacked when they were tried, by their ids. The
    number of a cell is its place among the code cells.

    >>> code = ["import keras", "x = 1", "keras.Input(x)"]
    >>> cells = [{"cell_type": "code", "id": c, "source": c} for c in code]
    >>> [cell.get("lab") for cell in cells_of(cells, {1, 2})]
    [None, None, 'TensorFlow']
    >>> [cell.get("lab") for cell in cells_of(cells, {1, 2}, {"keras.Input(x)": None})]
    [None, None, None]
    """
    code = [(n, cell) for n, cell in enumerate(source) if cell["cell_type"] == "code"]
    texts = ["".join(cell["source"]) for _, cell in code]
    tags = [cell.get("metadata", {}).get("tags", ()) for _, cell in code]
    starters = {k for k, tag in enumerate(tags) if "raises-exception" in tag}
    parts = needs_of(texts, starters)
    barred = suspects_of(texts, parts)
    if verdicts is not None:
        tried = {k: verdicts.get(code[k][1]["id"], what) for k, what in barred.items()}
        barred = {k: what for k, what in tried.items() if what}
    foresee(parts, texts, starters, barred)
    told = []
    for k, part in enumerate(parts):
        index, cell = code[k]
        image = cell.get("metadata", {}).get("mystnb", {}).get("image", {})
        facts = {
            "id": cell["id"],
            "source": texts[k],
            "needs": part.needs,
            "reads": part.reads,
            "binds": part.binds,
            "touches": part.touches,
            "place": index if index in shown else None,
            "alt": image.get("alt"),
            "lab": barred.get(k) and said(barred[k]),
            "hints": hints(texts[k]) if k in starters else None,
        }
        told.append({name: fact for name, fact in facts.items() if fact is not None})
    return told


def hints(text, language="en"):
    """Return the hints for the exercise that a starter belongs to; None without any."""
    found = [hint for id in CHECK.findall(text) for hint in hints_of(id, language)]
    return list(dict.fromkeys(found)) or None


def foresee(parts, texts, starters, barred=()):
    """Let a starter need the cells that its solution needs: a reader may type it.

    Barred cells are left out: a reader may find another way.

    >>> check = "\\nrecbook.check('1', x)"
    >>> texts = ["n = 1", f"x = ...{check}", f"x = n{check}"]
    >>> parts = needs_of(texts, {1})
    >>> foresee(parts, texts, {1})
    >>> parts[1].needs, parts[1].reads
    ([0], {'n': 0})
    """
    asked = [set(CHECK.findall(text)) for text in texts]
    for k in starters:
        for j in range(k + 1, len(parts)):
            if asked[j] & asked[k] and j not in starters:
                needs = {n for n in parts[j].needs if n < k and n not in barred}
                reads = {x: n for x, n in parts[j].reads.items() if n in needs}
                parts[k].needs = sorted(needs | set(parts[k].needs))
                parts[k].reads = reads | parts[k].reads


def is_cell(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def has_code(cell):
    parts = cell.findall(nodes.container)
    return any(part.get("nb_element") == "cell_code_source" for part in parts)


def mark(app, doctree, docname):
    """Give each cell on the page its number among the code cells of the notebook."""
    if app.builder.name == "html" and MARKER.exists():
        for cell in doctree.findall(is_cell):
            cell["classes"].append(f"live-cell-{cell['cell_index']}")


def tell(app, pagename, templatename, context, doctree):
    """Put the JSON of the cells at the end of the page's text."""
    if doctree is None or not MARKER.exists():
        return
    path = app.env.doc2path(pagename)
    source = cells_at(path)
    shown = {c["cell_index"] for c in doctree.findall(is_cell) if has_code(c)}
    if (source and shown) or next(doctree.findall(is_panel), None):
        packs = json.loads(MARKER.read_text(encoding="utf-8"))
        cells = cells_of(source, shown, verdicts_of(path))
        if is_for_students(app):
            answers = {source[n]["id"] for n in doctree["answers"]}
            cells = without_answers(cells, answers)
        translate(app, pagename, cells)
        # An edition in another language lies within the English site, and has no own.
        packs_at = "_static/live/" if is_english(app) else "../_static/live/"
        told = {
            "root": context["pathto"](packs_at, 1),
            "packs": {
                name: {fact: pack[fact] for fact in ("bytes", "sha256")}
                for name, pack in packs.items()
            },
            "cells": cells,
            "keep": kept(app, pagename, context["pathto"]),
        }
        context["body"] += SCRIPT.format(as_script(told))


def translate(app, pagename, cells):
    """Exchange the words that a page has for its cells, if it has been translated."""
    units = translation_of(app, pagename)
    for cell in cells if units else ():
        if "alt" in cell:
            cell["alt"] = chosen(f"{cell['id']}.alt", cell["alt"], units)[0]
        if "hints" in cell:
            cell["hints"] = hints(cell["source"], app.config.language)


def as_script(data):
    """Return JSON for a script element; HTML in a cell's code cannot end the element.

    >>> as_script(["</script>", "<!--"])
    '["\\\\u003c/script>","\\\\u003c!--"]'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def setup(app):
    app.connect("doctree-resolved", mark, priority=950)
    app.connect("html-page-context", tell, priority=950)
