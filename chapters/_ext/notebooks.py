"""The students' notebooks: each page in plain Markdown, without its solutions.

They are written from the resolved doctree, when Sphinx has numbered, linked and filled
in all there is: so their numbers are those of the built page. They lie beside the HTML,
in ``_build/notebooks``, and within it, where the page's download button finds them.
"""

import ast
import base64
import json
import posixpath
import re
import shutil
from pathlib import Path

from jupyter_cache import get_cache
from page_cells import pieces_of
from plain_markdown import Markdown
from sphinx.addnodes import toctree

# The beginning of what recbook.datasets prints when it falls back on its own data.
NOTICE = "this page runs on recbook's own generated data"
START = "00-start.ipynb"
# Pages without code that have a notebook although they are in no numbered part.
TEXTS = ("notation", "glossary", "references")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SHOWN = {"text/plain", "text/html", "text/latex", "text/markdown"}
SHOWN |= {"image/png", "image/svg+xml", "image/jpeg"}
KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}
HEAD = """*Page of the course* Recommender systems for marketing *· [all pages]({start})*

{numbers}The solutions of the exercises are in the folds of the page on the course's \
site."""
NUMBERS = "The numbers in the text come from the run that built the book{data}. "
WELCOME = """# Recommender systems for marketing: your notebooks

This folder has the pages of the course as notebooks. They are yours: change them, add cells, break things.

- **Read** a page from the top. Its tables and figures are there already, from the run that built the book.
- **Run** a page by *Run → Run All Cells*, or cell by cell by Shift+Enter. A cell stands on those above it. Cells that are folded up work out numbers for the text; run them with the rest.
- **Do the exercises** at the end of a page: put your answer in place of the dots, and run the cell. Its last line, `recbook.check(...)`, says *right*, or what is off. An exercise that you have not begun says *not filled in yet*.
- **Solutions** are not in this folder. On the course's site, each exercise has its solution in a fold below it. Try first.
- **Start a page afresh:** delete or rename its notebook, and run `make lab` again. It never writes over a notebook that you have changed.

Nothing here needs the network."""


def file_of(env, docname):
    """Return the path of a page's notebook, None where it has none."""
    if docname == env.config.root_doc:
        return START
    folder, _, name = docname.rpartition("/")
    folder = posixpath.basename(folder)
    number = number_of(env, docname)
    if number:
        return f"{folder}/{number}-{name}.ipynb"
    has_code = str(env.doc2path(docname)).endswith(".ipynb")
    return f"{folder}/{name}.ipynb" if has_code or name in TEXTS else None


def number_of(env, docname):
    """Return "2.2" of a numbered page, else ""."""
    return ".".join(map(str, env.titles[docname].get("secnumber") or ()))


def folder_of(app):
    return Path(app.outdir).parent / "notebooks"


class Links:
    """What the links and numbers of a page are in its notebook."""

    def __init__(self, env, docname):
        self.env, self.docname = env, docname

    def number(self, kind, node):
        """The number of a figure or exercise, as the book writes it; of a formula."""
        numbers = self.env.toc_fignumbers.get(self.docname, {}).get(kind, {})
        found = [numbers[id] for id in node["ids"] if id in numbers]
        label = ".".join(map(str, found[0])) if found else ""
        if not label or kind == "displaymath":
            return label
        return self.env.config.numfig_format[kind] % label

    def locate(self, uri):
        """Where a link of the page leads from its notebook, None where nowhere."""
        if re.match(r"https?:|mailto:", uri):
            return uri
        path = uri.partition("#")[0].removesuffix(".html")
        docname = posixpath.normpath(posixpath.join(self.docname, "..", path))
        if not path or docname not in self.env.found_docs:
            return None
        return self.to(file_of(self.env, docname))

    def to(self, file):
        own = posixpath.dirname(file_of(self.env, self.docname))
        return posixpath.relpath(file, own or ".") if file else None


def write_page(app, doctree, docname):
    """Write the notebook of a page that Sphinx has just resolved."""
    if app.builder.name != "html" or not (file := file_of(app.env, docname)):
        return
    if file == START:
        return write(folder_of(app) / START, start_cells(app.env))
    links = Links(app.env, docname)
    source = cells_at(app.env.doc2path(docname))
    outputs = outputs_of(app, docname, source) if source else {}
    writer = Markdown(links.number, links.locate)
    pieces = pieces_of(doctree, writer, links.number, source)
    title = number_of(app.env, docname)
    first = next(piece for piece in pieces if piece.kind == "text")
    first.text = first.text.replace("# ", f"# {title} ", 1) if title else first.text
    cells = [head(links, source, doctree)]
    if not source and any(piece.kind == "check" for piece in pieces):
        cells.append(code_cell("import recbook", "imports"))
    cells += student_cells(pieces, source, outputs, Path(app.srcdir))
    write(folder_of(app) / file, cells)


def cells_at(path):
    """The cells of a notebook; none of a page without code."""
    path = Path(path)
    if path.suffix != ".ipynb" or not path.exists():
        return []
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def outputs_of(app, docname, source):
    """What each code cell put out, by its index, in the copy that Sphinx has read."""
    cache = get_cache(app.env.mystnb_config.execution_cache_path)
    found = cache.match_cache_file(app.env.doc2path(docname))
    executed = cache.get_cache_bundle(found.pk).nb.cells  # of the code cells only
    code = [n for n, cell in enumerate(source) if cell["cell_type"] == "code"]
    pairs = zip(code, executed, strict=True)
    return {index: list(map(shown, cell["outputs"])) for index, cell in pairs}


def head(links, source, doctree):
    """The first cell: which page this is, and where its numbers come from."""
    code = "".join(source_of(cell) for cell in source if cell["cell_type"] == "code")
    data = ", on MovieLens 100K" if "load_ml100k" in code else ""
    if NOTICE in doctree.astext():
        data = ", on recbook's own generated data"
    numbers = NUMBERS.format(data=data) if source else ""
    text = HEAD.format(start=links.to(START), numbers=numbers)
    return text_cell(text, "about-this-notebook")


def student_cells(pieces, source, outputs, root):
    """The cells of a student's notebook: all but solutions."""
    cells, last = [], None
    for piece in pieces:
        if piece.place == "solution":
            continue
        if piece.kind == "code":
            cell = copy_of(source[piece.cell], outputs[piece.cell], piece)
        elif piece.kind == "check":
            cell = code_cell(quiet(piece.text), piece.id)
        elif last and last.kind == "text" and last.cell == piece.cell:
            cells[-1]["source"] += f"\n\n{piece.text}"
            attach(cells[-1], piece, root)
            continue
        else:
            id = source[piece.cell]["id"] if source else piece.id
            cell = text_cell(piece.text, id or f"section-{piece.cell}")
            attach(cell, piece, root)
        cells.append(cell)
        last = piece
    return cells


def copy_of(cell, outputs, piece):
    """A code cell with what it put out, where that is the page's own and is shown."""
    tags = cell["metadata"].get("tags", [])
    copy = code_cell(quiet(source_of(cell)), cell["id"])
    if "raises-exception" in tags:
        copy["metadata"]["tags"] = ["raises-exception"]
    if "remove-cell" in tags:
        copy["metadata"]["jupyter"] = {"outputs_hidden": True, "source_hidden": True}
    elif piece.place == "main":
        if "hide-input" in tags:
            copy["metadata"]["jupyter"] = {"source_hidden": True}
        if "remove-output" not in tags:
            copy["outputs"] = [output for output in outputs if output]
    return copy


def shown(raw):
    """An output as it is kept, None if a reader of notebooks could show nothing of it."""
    if raw["output_type"] == "stream":
        text = "".join(raw["text"])
        same = {"output_type": "stream", "name": raw["name"], "text": text}
        return same if raw["name"] == "stdout" else None
    data = raw.get("data", {})
    data = {kind: "".join(data[kind]) for kind in data if kind in SHOWN}
    if not data or data.get("text/plain") in ("True", "False"):
        return None
    return {"output_type": "display_data", "data": data, "metadata": {}}


def quiet(code):
    """Code whose last line, a check, shows its sentence only, and no bare True."""
    try:
        last = ast.parse(code).body[-1].value
    except (SyntaxError, IndexError, AttributeError):
        return code
    is_check = isinstance(last, ast.Call) and ast.unparse(last.func) == "recbook.check"
    return f"{code.rstrip()};" if is_check and not code.endswith(";") else code


def source_of(cell):
    return "".join(cell["source"])


def text_cell(text, id):
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": text}


def code_cell(code, id):
    empty = {"execution_count": None, "metadata": {}, "outputs": []}
    return {"cell_type": "code", "id": id, "source": code, **empty}


def attach(cell, piece, root):
    """Put the images of a text into its cell: one file then has all that it needs."""
    for name, path in piece.images.items():
        kind = KINDS[Path(name).suffix]
        encoded = base64.b64encode((root / path).read_bytes()).decode()
        cell.setdefault("attachments", {})[name] = {kind: encoded}


def start_cells(env):
    """The notebook to begin with: how to work here, and the pages in their order."""
    lines = []
    for tree in env.get_doctree(env.config.root_doc).findall(toctree):
        lines.append(f"\n## {tree['caption']}\n")
        for _, docname in tree["entries"]:
            title = f"{number_of(env, docname)} {env.titles[docname].astext()}".strip()
            file = file_of(env, docname)
            lines.append(f"- [{title}]({file})" if file else f"- {title} (on the site)")
    pages = "\n".join(lines).strip()
    return [text_cell(WELCOME, "welcome"), text_cell(pages, "pages")]


def write(path, cells):
    """Write a notebook whose cells have each an id of their own."""
    seen = set()
    for cell in cells:
        name = id = re.sub(r"[^\w-]", "-", cell["id"], flags=re.ASCII)[:60]
        while id in seen:
            id = f"{name}-{len(seen)}"
        seen.add(id)
        cell["id"] = id
    notebook = {
        "cells": cells,
        "metadata": METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def finish(app, error):
    """Drop the notebooks of pages that are gone, and put the others into the site."""
    if error or app.builder.name != "html":
        return
    folder = folder_of(app)
    wanted = {file_of(app.env, docname) for docname in app.env.found_docs}
    for path in folder.rglob("*.ipynb"):
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    shutil.copytree(folder, Path(app.outdir) / "notebooks", dirs_exist_ok=True)


def offer(app, pagename, templatename, context, doctree):
    """Let the page's download button serve the student's notebook."""
    known = pagename in app.env.found_docs and file_of(app.env, pagename)
    if not known or known == START:
        return
    address = context["pathto"](f"notebooks/{known}", 1)
    for group in context.get("header_buttons", []):
        if group.get("label") != "download-buttons":
            continue
        kept = [b for b in group["buttons"] if b["text"] != ".ipynb"]
        button = {
            "type": "link",
            "url": address,
            "text": ".ipynb",
            "icon": "fas fa-code",
            "tooltip": "Download this page as a notebook",
            "label": "download-notebook-button",
        }
        group["buttons"] = [button, *kept]


def setup(app):
    app.connect("doctree-resolved", write_page, priority=900)
    app.connect("html-page-context", offer, priority=900)
    app.connect("build-finished", finish)
