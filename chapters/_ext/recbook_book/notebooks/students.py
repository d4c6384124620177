"""Write the students' notebooks: each page in plain Markdown, without solutions.

They are written from the resolved doctree, after Sphinx has filled in numbers and
links, so their numbers are those of the built page. They are in ``_build/notebooks``,
and in the HTML folder, where the download button of a page finds them. Those of a
students' site are only there.
"""

import json
import posixpath
import re
import shutil
from pathlib import Path

from jupyter_cache import get_cache
from sphinx.addnodes import toctree

from recbook.checks.registry import variants_of
from recbook_book.edition.strings import said
from recbook_book.notebooks.assignments import assignment
from recbook_book.notebooks.cells import (
    KINDS,
    picture,
    source_of,
    student_cells,
    text_cell,
    write,
)
from recbook_book.notebooks.install import WHEEL, install_cell
from recbook_book.notebooks.pieces import pieces_of
from recbook_book.notebooks.plain_markdown import Markdown
from recbook_book.page.textbook_tables import textbook
from recbook_book.site.students_site import is_for_students, without_section

# The beginning of what recbook.datasets prints when it falls back on its own data.
NOTICE = "this page runs on recbook's own generated data"
START = "00-start.ipynb"
# Pages that have a notebook, although they have neither code nor a number.
TEXTS = ("quick-questions", "notation", "glossary", "references")
HEAD = "A page of *Recommender systems for marketing* · [all pages]({start})"
NUMBERS = "The numbers in the text come from the run that built the book."
ON_MOVIELENS = NUMBERS.replace(".", ", on MovieLens 100K.")
ON_GENERATED = NUMBERS.replace(".", ", on recbook's own generated data.")
SOLUTIONS = (
    "The solutions of the exercises are in the folds of the page on the course's site."
)
OWN_NUMBERS = (
    "The exercises have the printed numbers. If your teacher gave you a number, such "
    "as 17, first run `recbook.checks.set_number(17)`. Then "
    "`recbook.checks.numbers({id!r})` is what stands in place of those printed there."
)
IN_FOLDS = "On the course's site, each is in a fold below its exercise. Try first."
NOWHERE = "The course's site has none either: ask your teacher."
LETTER = (
    "Write the letter of your answer between the quotes below each question, and run "
    "the cell."
)
PARAGRAPH = re.compile(r"[^\n].*?(?=\n\n|\n- |\Z)", re.DOTALL)  # or an item
CHECKED = re.compile(r'recbook\.check\("([^"]+)"')
WELCOME = """# Recommender systems for marketing: your notebooks

This folder has the pages of the course as notebooks. They are yours: change them, add
cells, break things.

- **Read** a page from the top. Its tables and figures are there already, from the run
  that built the book.
- **Run** a page by *Run → Run All Cells*, or cell by cell by Shift+Enter. A cell stands
  on those above it. Cells that are folded up draw a figure or read a table: run them
  with the rest. After each restart of the kernel, run the first code cells of the page
  first: they have the imports.
- **Do the exercises** at the end of a page: put your answer in place of the dots, and
  run the cell. Its last line, `recbook.check(...)`, says *right*, or what is off. An
  exercise that you have not begun says *not filled in yet*. If a function failed
  the last check, `recbook.checks.last()` returns the arguments with which it did.
- **Answer a quick question** by writing its letter between the quotes, as in
  `recbook.check("1-q1", "a")`, and run the cell.
- **Solutions** are not in this folder. {solutions}
- **The course's site** is `_build/html/index.html` in the course's folder: open it in
  your browser. Or run `make serve` there, and open the address that it prints.
- **Start a page afresh:** delete or rename its notebook, and run `make lab` again. It
  never writes over a notebook that you have changed or run.

- **Elsewhere** (Colab, Kaggle, VS Code, a school's server) the first code cell of a
  page says what to install, once.

Once that is there, nothing needs the network."""


def file_of(env, docname):
    """Return the path of a page's notebook, None if it has none."""
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
    site = Path(app.outdir)
    return (site if is_for_students(app) else site.parent) / "notebooks"


def assignment_at(app, file):
    """Return the path where nbgrader looks for the source of an assignment."""
    name = Path(file).stem
    return Path(app.outdir).parent / "nbgrader" / "source" / name / f"{name}.ipynb"


class Links:
    """Turns the links and numbers of a page into those of its notebook."""

    def __init__(self, env, docname):
        self.env, self.docname = env, docname

    def number(self, kind, node):
        """Return the number of a figure, exercise or formula, as the book writes it."""
        numbers = self.env.toc_fignumbers.get(self.docname, {}).get(kind, {})
        found = [numbers[id] for id in node["ids"] if id in numbers]
        label = ".".join(map(str, found[0])) if found else ""
        if not label or kind == "displaymath":
            return label
        return self.env.config.numfig_format[kind] % label

    def locate(self, uri):
        """Return the target of a link, seen from the notebook; None if it has none."""
        if re.match(r"https?:|mailto:", uri):
            return uri
        path = uri.partition("#")[0].removesuffix(".html")
        docname = posixpath.normpath(posixpath.join(self.docname, "..", path))
        if not path or docname not in self.env.found_docs:
            return None
        return self.to(file_of(self.env, docname))

    def picture(self, uri, alt):
        path = Path(self.env.srcdir) / uri
        return picture(path.read_bytes(), KINDS[path.suffix], alt)

    def to(self, file):
        own = posixpath.dirname(file_of(self.env, self.docname))
        return posixpath.relpath(file, own or ".") if file else None


def write_page(app, doctree, docname):
    """Write the notebook of a page after Sphinx has resolved it."""
    if app.builder.name != "html" or not (file := file_of(app.env, docname)):
        return
    if file == START:
        solutions = NOWHERE if is_for_students(app) else IN_FOLDS
        return write(folder_of(app) / START, start_cells(app.env, solutions))
    links = Links(app.env, docname)
    source = cells_at(app.env.doc2path(docname))
    outputs = outputs_of(app, docname, source, links.locate) if source else {}
    writer = Markdown(links.number, links.locate, links.picture)
    try:
        pieces = pieces_of(doctree, writer, links.number, source)
    except NotImplementedError as error:
        raise NotImplementedError(f"{docname}: {error}") from None
    pieces = without_section(pieces) if is_for_students(app) else pieces
    title = number_of(app.env, docname)
    first = next(piece for piece in pieces if piece.kind == "text")
    first.text = first.text.replace("# ", f"# {title} ", 1) if title else first.text
    cells = student_cells(pieces, source, outputs)
    solutions = "" if is_for_students(app) else SOLUTIONS
    first = [head(links, pieces, source, outputs, solutions)]
    if source or any(piece.kind == "check" for piece in pieces):
        first.append(install_cell(source, app.config.html_baseurl))
    cells = [*first, *cells]
    write(folder_of(app) / file, cells)
    name = f"{title} {app.env.titles[docname].astext()}"
    exercises = [] if is_for_students(app) else assignment(name, pieces, source)
    if exercises:
        write(assignment_at(app, file), exercises)


def cells_at(path):
    """Return the cells of a notebook; none for a page without code."""
    path = Path(path)
    if path.suffix != ".ipynb" or not path.exists():
        return []
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def outputs_of(app, docname, source, locate):
    """Return the outputs of each code cell, by its index, of the copy that Sphinx read.

    Tables are set as on the page.
    """
    cache = get_cache(app.env.mystnb_config.execution_cache_path)
    found = cache.match_cache_file(app.env.doc2path(docname))
    executed = cache.get_cache_bundle(found.pk).nb.cells  # the code cells only
    code = [n for n, cell in enumerate(source) if cell["cell_type"] == "code"]
    for cell in executed:
        for output in cell["outputs"]:
            text = output.get("data", {}).get("text/html", "")
            if "<table" in text:
                output["data"]["text/html"] = textbook(text, locate, False, said)
    pairs = zip(code, executed, strict=True)
    return {index: cell["outputs"] for index, cell in pairs}


def head(links, pieces, source, outputs, solutions=SOLUTIONS):
    """Return the first cell: which page this is, and what to know about it."""
    code = "".join(source_of(cell) for cell in source if cell["cell_type"] == "code")
    numbers = ON_MOVIELENS if "load_ml100k" in code else NUMBERS
    printed = (output.get("text", "") for cell in outputs.values() for output in cell)
    if any(NOTICE in "".join(text) for text in printed):
        numbers = ON_GENERATED
    notes = [said(numbers)] if source else []
    if any(piece.place == "exercise" for piece in pieces):
        notes.append(said(solutions))
    checks = [piece.text for piece in pieces if piece.kind == "check"]
    if any("..." not in text for text in checks):
        notes.append(said(LETTER))
    ids = CHECKED.findall("\n".join([*checks, code]))
    with_variants = [id for id in ids if variants_of(id)]
    if with_variants:
        notes.append(said(OWN_NUMBERS, id=with_variants[0]))
    notes = " ".join(filter(None, notes)).replace("。 ", "。")
    parts = [said(HEAD, start=links.to(START)), notes]
    return text_cell("\n\n".join(filter(None, parts)), "about-this-notebook")


def start_cells(env, solutions=IN_FOLDS):
    """Return the cells of the first notebook: how to work, and the list of pages."""
    lines = []
    for tree in env.get_doctree(env.config.root_doc).findall(toctree):
        lines.append(f"\n## {tree['caption']}\n")
        for _, docname in tree["entries"]:
            title = f"{number_of(env, docname)} {env.titles[docname].astext()}".strip()
            file = file_of(env, docname)
            there = said("{title} (on the site)", title=title)
            lines.append(f"- [{title}]({file})" if file else f"- {there}")
    pages = "\n".join(lines).strip()
    welcome = PARAGRAPH.sub(lambda found: said(found[0]), WELCOME)
    welcome = welcome.format(solutions=said(solutions))
    return [text_cell(welcome, "welcome"), text_cell(pages, "pages")]


def finish(app, error):
    """Delete the notebooks of deleted pages, and copy the others into the site."""
    if error or app.builder.name != "html" or is_for_students(app):
        return
    folder = folder_of(app)
    files = filter(None, (file_of(app.env, name) for name in app.env.found_docs))
    assignments = folder.parent / "nbgrader" / "source"
    wanted = {path for f in files for path in (folder / f, assignment_at(app, f))}
    for path in [*folder.rglob("*.ipynb"), *assignments.rglob("*.ipynb")]:
        if path not in wanted:
            path.unlink()
    shutil.copytree(folder, Path(app.outdir) / "notebooks", dirs_exist_ok=True)


def offer(app, pagename, templatename, context, doctree):
    """Offer the notebook, its package and printing for download, not the source."""
    known = pagename in app.env.found_docs and file_of(app.env, pagename)
    if not known or known == START:
        return
    page = {
        "url": context["pathto"](f"notebooks/{known}", 1),
        "text": ".ipynb",
        "icon": "fas fa-code",
        "tooltip": said("Download this page as a notebook"),
        "label": "download-notebook-button",
    }
    package = {
        "url": context["pathto"](WHEEL, 1),
        "text": ".whl",
        "icon": "fas fa-cube",
        "tooltip": said("Download the package that the notebooks import"),
        "label": "download-package-button",
    }
    for group in context.get("header_buttons", []):
        if group.get("label") != "download-buttons":
            continue
        paper = [b for b in group["buttons"] if b["label"] == "download-pdf-button"]
        links = [{"type": "link", **button} for button in (page, package)]
        group["buttons"] = [*links, *paper]


def name_package(app, config):
    """Let a text page link to the package by ``{{ wheel }}``, whatever its version."""
    link = f'<a href="../{WHEEL}" download>{said("the course’s package")}</a>'
    config.myst_substitutions = {**config.myst_substitutions, "wheel": link}


def setup(app):
    app.connect("config-inited", name_package)
    app.connect("doctree-resolved", write_page, priority=900)
    app.connect("html-page-context", offer, priority=900)
    app.connect("build-finished", finish)
