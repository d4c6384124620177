"""Pages that run where they are read: what ``live.js`` has to know of a page's cells.

Where the Python for the browser was built (``.ci/live``), each page with code tells of
each of its cells, as JSON: its code, which earlier cells it needs (``slices.py``), and
whether it can run in a browser at all. Where it could not be had, nothing is told, and
the page is as it is on paper. Nothing of Python is loaded before the reader asks.
"""

import ast
import json
import re
from pathlib import Path

from docutils import nodes
from notebooks import cells_at
from slices import needs_of, parsed

import recbook

MARKER = Path(__file__).resolve().parents[2] / "_build" / "live" / "site" / "packs.json"
CHECK = re.compile(r"recbook\.check\(\s*[\"']([^\"']+)")
# Steps of the film project that train networks, or load them.
NETWORKS = ("artefact", "lister", "model", "product", "report", "trained")
# What a cell is told to need, by the module that it uses.
ABSENT = {
    **dict.fromkeys(
        ("keras", "tensorflow", "tensorboard", "recbook.deep"), "TensorFlow"
    ),
    "faiss": "FAISS",
    **dict.fromkeys(("pyspark", "recbook.spark"), "Spark"),
    **dict.fromkeys(map("recbook.project.{}".format, NETWORKS), "TensorFlow"),
    **dict.fromkeys(("fastapi", "http", "httpx", "uvicorn", "recbook.app"), "a server"),
    **dict.fromkeys(("concurrent", "subprocess", "threading"), "more than a browser"),
}
SCRIPT = '<script type="application/json" id="live-cells">{}</script>'


def cells_of(source, shown):
    """What a page tells of its code cells, as a list of dictionaries.

    ``source`` are the cells of its notebook, ``shown`` the indices of those whose code
    is to be seen. A cell is named by its place among the code cells.

    >>> code = ["import keras", "x = 1", "keras.Input(x)"]
    >>> cells = [{"cell_type": "code", "id": c, "source": c} for c in code]
    >>> [cell.get("lab") for cell in cells_of(cells, {1, 2})]
    [None, None, 'TensorFlow']
    """
    code = [(n, cell) for n, cell in enumerate(source) if cell["cell_type"] == "code"]
    texts = ["".join(cell["source"]) for _, cell in code]
    tags = [cell.get("metadata", {}).get("tags", ()) for _, cell in code]
    starters = {k for k, tag in enumerate(tags) if "raises-exception" in tag}
    lacks, parts = lacking(texts), needs_of(texts, starters)
    foresee(parts, texts, starters)
    told = []
    for k, part in enumerate(parts):
        index, cell = code[k]
        lab = next((lacks[j] for j in [k, *part.needs] if lacks[j]), None)
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
            "lab": lab,
        }
        told.append({name: fact for name, fact in facts.items() if fact is not None})
    return told


def foresee(parts, texts, starters):
    """Let a starter need what its answer does, so that a reader may type just that.

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
                needs = {n for n in parts[j].needs if n < k}
                reads = {x: n for x, n in parts[j].reads.items() if n < k}
                parts[k].needs = sorted(needs | set(parts[k].needs))
                parts[k].reads = reads | parts[k].reads


def lacking(sources):
    """What each cell uses that a browser has not; an import alone is no use."""
    homes, found = {}, []
    for source in sources:
        tree = parsed(source)
        nodes_ = list(ast.walk(tree)) if tree else []
        for node in nodes_:
            homes |= imported(node)
        uses = [path_of(node, homes) for node in nodes_]
        found.append(next((what for what in map(absent, uses) if what), None))
    return found


def imported(node):
    """{name: the module or the part of one that it is} of an import."""
    if isinstance(node, ast.Import):
        return {
            a.asname or a.name.split(".")[0]: a.name
            if a.asname
            else a.name.split(".")[0]
            for a in node.names
        }
    if isinstance(node, ast.ImportFrom):
        return {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return {}


def path_of(node, homes):
    """``recbook.DIN`` for what a name, or the attribute of one, stands for; else ""."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return homes.get(node.id, "")
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        home = homes.get(node.value.id)
        return f"{home}.{node.attr}" if home else ""
    return ""


def absent(path):
    """What is to be had in the lab only, None where a browser has it.

    >>> absent("recbook.DIN"), absent("recbook.EASE"), absent("http.client")
    ('TensorFlow', None, 'a server')
    """
    first, _, rest = path.partition(".")
    if first == "recbook" and rest in recbook._HOMES:
        path = f"recbook.{recbook._HOMES[rest]}"
    words = path.split(".")
    known = (ABSENT.get(".".join(words[:n])) for n in (1, 2, 3))
    return next((what for what in known if what), None)


def is_cell(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def has_code(cell):
    parts = cell.findall(nodes.container)
    return any(part.get("nb_element") == "cell_code_source" for part in parts)


def mark(app, doctree, docname):
    """Let each cell on the page say which of the notebook's cells it is."""
    if app.builder.name == "html" and MARKER.exists():
        for cell in doctree.findall(is_cell):
            cell["classes"].append(f"live-cell-{cell['cell_index']}")


def tell(app, pagename, templatename, context, doctree):
    """Put what is told of the cells at the end of the page's text."""
    if doctree is None or not MARKER.exists():
        return
    source = cells_at(app.env.doc2path(pagename))
    shown = {c["cell_index"] for c in doctree.findall(is_cell) if has_code(c)}
    if source and shown:
        packs = json.loads(MARKER.read_text(encoding="utf-8"))
        told = {
            "root": context["pathto"]("_static/live/", 1),
            "packs": {
                name: {fact: pack[fact] for fact in ("bytes", "sha256")}
                for name, pack in packs.items()
            },
            "cells": cells_of(source, shown),
        }
        context["body"] += SCRIPT.format(as_script(told))


def as_script(data):
    """JSON that no HTML in a cell's code can end.

    >>> as_script(["</script>", "<!--"])
    '["\\\\u003c/script>","\\\\u003c!--"]'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def setup(app):
    app.connect("doctree-resolved", mark, priority=950)
    app.connect("html-page-context", tell, priority=950)
