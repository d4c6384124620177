"""Make the cells of a student's notebook from the pieces of its page, and its file."""

import ast
import base64
import html
import json
import re

from recbook.mark.cells import SEAL, sealed
from recbook.mark.slices import parsed
from recbook_book.notebooks.hidden import without_machinery

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SHOWN = {"text/plain", "text/html", "text/latex", "text/markdown"}
SHOWN |= {"image/png", "image/svg+xml", "image/jpeg"}
KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}
PAPER = b'<rect width="100%" height="100%" fill="#fff"/>'


def student_cells(pieces, source, outputs):
    """Return the cells of a student's notebook: no solutions, and no machinery."""
    cells, last, codes = [], None, without_machinery(source)
    for piece in pieces:
        if piece.place == "solution":
            continue
        if piece.kind == "code" and piece.cell not in codes:
            continue
        if piece.kind == "code":
            own = {**source[piece.cell], "source": codes[piece.cell]}
            cell = copy_of(own, outputs[piece.cell], piece)
        elif piece.kind == "check":
            cell = code_cell(quiet(piece.text), piece.id)
            # A letter without quotes is a NameError; the other cells still run.
            cell["metadata"] = {"tags": ["raises-exception"]}
        elif last and last.kind == piece.kind == "text" and last.cell == piece.cell:
            cells[-1]["source"] += f"\n\n{piece.text}"
            continue
        else:
            own = piece.kind == "figure" or not source
            id = piece.id if own else source[piece.cell]["id"]
            cell = text_cell(piece.text, id or f"section-{piece.cell}")
        cells.append(cell)
        last = piece
    return cells


def copy_of(cell, outputs, piece):
    """Return a code cell, with its outputs if it belongs to the main text."""
    tags = tags_of(cell)
    copy = code_cell(quiet(source_of(cell)), cell["id"])
    is_starter = "raises-exception" in tags
    if not is_starter:  # which the student changes
        seal(copy)
    if is_starter or compares(copy["source"]):
        copy["metadata"]["tags"] = ["raises-exception"]
    if "remove-cell" in tags:
        copy["metadata"]["jupyter"] = {"outputs_hidden": True, "source_hidden": True}
    elif piece.place == "main":
        if {"hide-input", "remove-input"} & set(tags):
            copy["metadata"]["jupyter"] = {"source_hidden": True}
        if "remove-output" not in tags:
            alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
            is_check = "recbook.check(" in source_of(cell)
            kept = (shown(output, alt, is_check) for output in outputs)
            copy["outputs"] = joined(filter(None, kept))
    return copy


def compares(code):
    """Return whether a cell asserts something, such as that two ways agree.

    They do not where a reader changed the seed of one of them. The cell then says so,
    and the cells below it still run.

    >>> compares("np.testing.assert_allclose(a, b)"), compares("a == b")
    (True, False)
    """
    nodes = list(ast.walk(parsed(code) or ast.Module([], [])))
    names = [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    names += [node.id for node in nodes if isinstance(node, ast.Name)]
    asserts = any(isinstance(node, ast.Assert) for node in nodes)
    return asserts or any(name.startswith("assert_") for name in names)


def seal(cell):
    """Mark a cell as the book's own: if it fails unchanged, no student is at fault."""
    cell["metadata"][SEAL] = sealed(cell["source"])


def shown(raw, alt, is_check):
    """Return an output as the notebook keeps it; None for a warning or True/False."""
    if raw["output_type"] == "stream":
        text = "".join(raw["text"])
        same = {"output_type": "stream", "name": raw["name"], "text": text}
        return same if raw["name"] == "stdout" else None
    data = raw.get("data", {})
    data = {kind: "".join(data[kind]) for kind in data if kind in SHOWN}
    if not data or (is_check and data.get("text/plain") in ("True", "False")):
        return None
    if svg := data.pop("image/svg+xml", ""):
        data["text/html"] = picture(svg.encode(), KINDS[".svg"], alt)
    return {"output_type": "display_data", "data": data, "metadata": {}}


def joined(outputs):
    """Join texts in a row as Lab does, and drop progress bars that were overwritten."""
    found = []
    for output in outputs:
        if found and output["output_type"] == found[-1]["output_type"] == "stream":
            found[-1]["text"] += output["text"]
        else:
            found.append(output)
    for output in found:
        if output["output_type"] == "stream":
            output["text"] = re.sub(r".*\r(?!\n)", "", output["text"])
    return found


def quiet(code):
    """Return code whose last line, a check, shows its sentence but no True or False."""
    try:
        last = ast.parse(code).body[-1].value
    except (SyntaxError, IndexError, AttributeError):
        return code
    is_check = isinstance(last, ast.Call) and ast.unparse(last.func) == "recbook.check"
    return f"{code.rstrip()};" if is_check and not code.endswith(";") else code


def source_of(cell):
    return "".join(cell["source"])


def tags_of(cell):
    return cell["metadata"].get("tags", [])


def text_cell(text, id):
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": text}


def code_cell(code, id):
    empty = {"execution_count": None, "metadata": {}, "outputs": []}
    return {"cell_type": "code", "id": id, "source": code, **empty}


def picture(content, kind, alt=""):
    """Return an image within the text, so that the notebook needs no other file.

    Lab shows no SVG that is an attachment, and none in an output before the notebook is
    trusted. The lines are dark, so the image gets a white background, for readers with
    a dark theme.
    """
    if kind == KINDS[".svg"]:
        content = re.sub(rb"<svg\b[^>]*>", rb"\g<0>" + PAPER, content, count=1)
    data = base64.b64encode(content).decode()
    return f'<img alt="{html.escape(alt)}" src="data:{kind};base64,{data}">'


def write(path, cells):
    """Write a notebook, and give each cell an id of its own."""
    seen = set()
    for cell in cells:
        name = id = re.sub(r"[^\w-]", "-", cell["id"], flags=re.ASCII)[:60]
        while id in seen:
            id = f"{name}-{len(seen)}"
        seen.add(id)
        cell["id"] = id
    notebook = {
        "cells": cells,
        # So that a page knows its own when a reader opens one there (keep.js).
        "metadata": {**METADATA, SEAL: {"page": path.stem}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
