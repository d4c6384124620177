"""The students' notebooks that the book built, and what may not be in them."""

import json
import re
from pathlib import Path

import bookpages

BUILD = Path(__file__).resolve().parents[2] / "_build"
NOTEBOOKS = BUILD / "notebooks"
RAW = {
    "a role": r"\{[\w:]+\}`",
    "a directive": r"^\s*[`:]{3,}\s*\{",
    "a fence": r"^\s*:{3,}",
    "an option": r"^\s*:(label|class|name|alt|figclass|width):",
    "a target": r"^\([\w-]+\)=",
    "a glue": r"\{glue",
    "a label": r"\\label\{",
}


def file_of(page):
    """The notebook of a page, found by its name; None where it has none."""
    folder = NOTEBOOKS / page.path.parent.name
    names = re.compile(rf"([\d.]+-)?{re.escape(page.path.stem)}\.ipynb")
    found = [path for path in folder.glob("*.ipynb") if names.fullmatch(path.name)]
    return found[0] if found else None


def cells_of(path, kind):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == kind]


def prose_of(path):
    return "\n\n".join(cell["source"] for cell in cells_of(path, "markdown"))


def written():
    """The pages that have a notebook, as parameters of a test."""
    found = bookpages.pages()
    return [p for p in found if p.is_chapter or p.code or "{quick}" in p.text]
