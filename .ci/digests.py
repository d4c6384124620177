"""A digest for each notebook, of all that its outputs depend on.

They depend on the notebook's own code, on the parts of recbook that this code names and
every part before those in ORDER, on the data that it reads, and on the environment.
Where the code hides what it uses (``import_module``, a magic), that is all parts.
"""

import ast
import functools
import hashlib
import re
from pathlib import Path

from recbook._core import order

ROOT = Path(__file__).resolve().parents[1]
CHECKS = order.PACKAGE / "checks"
# What a page asks of the leaderboard that reads tables alone.
TABLES = {"results_folder", "tried"}
# The modules of recbook.checks that every check uses; each other one is for one page.
FACE = ("__init__", "registry", "language", "choices", "compare", "guard", "inside")
FACE += ("variants",)
# What checks say in another language: no page is executed in one.
OTHER_LANGUAGES = [CHECKS / "zh.csv"]
HIDING = {"__import__", "eval", "exec", "importlib", "runpy"}
# In a string: the name after "recbook.", and an import.
IN_TEXT = re.compile(r"\brecbook\.(\w+)")
IMPORT_IN_TEXT = re.compile(r"\b(import|from) recbook\b")


class Names(ast.NodeVisitor):
    """The parts of recbook that a piece of code names, and what it reads from each.

    ``asked["plots"]`` is the set of names read from the part ``plots``, with None in it
    where the module itself is passed to something. ``hidden`` is True where the code
    may use more than can be seen. With ``texts``, code within strings counts, too
    (``python -m recbook.app``).
    """

    def __init__(self, code, texts=False):
        self.asked, self.hidden, self.texts = {}, False, texts
        self.words = set()  # of its strings
        self.bound = {}  # local name -> the path within recbook that it stands for
        try:
            tree = ast.parse(code)
        except SyntaxError:  # a magic, or a shell command
            self.hidden = True
            return
        # First, since a function may stand above its import.
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.read_import(node)
        self.visit(tree)

    def ask(self, path):
        """Record what ``path``, the names after "recbook.", asks of which part."""
        home = order.homes().get(path[0])
        part, *rest = [*home.split("."), *path] if home else path
        if part in order.ORDER:
            self.asked.setdefault(part, set()).add(rest[0] if rest else None)
        elif not part.startswith("__"):
            self.hidden = True

    def read_import(self, node):
        module = getattr(node, "module", None)
        for alias in node.names:
            dotted = f"{module}.{alias.name}" if module else alias.name
            first, *path = dotted.split(".")
            self.hidden |= first in HIDING
            if first != "recbook":
                continue
            if not module and not (path and alias.asname):
                self.bound[alias.asname or "recbook"] = []
            if module and len(path) == 1 and path[0] in order.ORDER:
                self.bound[alias.asname or path[0]] = path
            elif path:
                self.ask(path)

    def visit_Name(self, node):
        path = self.bound.get(node.id)
        if path:
            self.ask(path)
        elif path is not None or node.id in HIDING:  # recbook itself, handed on
            self.hidden = True

    def visit_Attribute(self, node):
        names, inner = [node.attr], node.value
        while isinstance(inner, ast.Attribute):
            names, inner = [inner.attr, *names], inner.value
        if isinstance(inner, ast.Name) and inner.id in self.bound:
            self.ask([*self.bound[inner.id], *names])
        else:
            self.visit(inner)

    def visit_Constant(self, node):
        if self.texts and isinstance(node.value, str):
            self.words |= set(re.findall(r"\w+", node.value))
            for name in IN_TEXT.findall(node.value):
                if name in order.ORDER or name in order.homes():
                    self.ask([name])
            self.hidden |= bool(IMPORT_IN_TEXT.search(node.value))


def sources(page, names):
    """Return the files of recbook that a page depends on whose code has these names."""
    if names.hidden:
        return whole(order.ORDER)
    parts, single = {"_core", *names.asked}, []
    tables = names.asked.get("leaderboard")
    if tables and tables <= TABLES:  # of no model's code
        parts.remove("leaderboard")
        single.append(order.PACKAGE / "leaderboard" / "results.py")
        single.append(order.PACKAGE / "datasets" / "bundled.py")
    if names.asked.get("checks") == {"check"} and (own := checks_of(page)):
        parts.remove("checks")
        single += own
        parts |= set().union(*map(parts_of_check, own))
    return sorted({*whole(parts), *single})


def whole(parts):
    """Return all files of these parts and of those before them, code and others.

    The lines of checks in another language are left out.
    """
    before = order.before(*parts)
    beside = [path for part in before for path in tree(order.PACKAGE / part)]
    return sorted({*order.sources(*before), *beside} - {*OTHER_LANGUAGES})


def tree(folder):
    """Return the files below a folder, without hidden ones and ``__pycache__``."""
    made = re.compile(r"(^|/)(\.|__pycache__)")
    inside = sorted(path for path in folder.rglob("*") if path.is_file())
    return [p for p in inside if not made.search(p.relative_to(folder).as_posix())]


def checks_of(page):
    """Return the files of recbook.checks that mark a page's exercises, [] if none."""
    folder = CHECKS / re.sub(r"^\d+-", "", page.parent.name).replace("-", "_")
    stem = page.stem.replace("-", "_")
    files = (folder / f"{stem}.py", folder / f"{stem}_by_pencil.py")
    own = [path for path in files if path.is_file()]
    face = [CHECKS / f"{name}.py" for name in FACE]
    return [*face, folder / "__init__.py", *own] if own else []


def parts_of_check(path):
    """Return the parts that a file of recbook.checks names.

    "checks" is among them only where it uses the checks of a chapter.
    """
    names = Names(path.read_text(encoding="utf-8"))
    if path == CHECKS / "registry.py":  # finds every page's module, and uses none
        return {}
    parts = set(order.ORDER if names.hidden else names.asked)
    rooms = {None, *(room.name for room in CHECKS.iterdir() if room.is_dir())}
    return parts if rooms & names.asked.get("checks", set()) else parts - {"checks"}


LOADED = {"load_shop": "shop", "example_file": "exports"}  # by which function


def data(names, code, files):
    """Return the files under data/ that a page, or one of its ``files``, reads."""
    folder = ROOT / "data"
    found = tree(folder / "ml-100k")
    outside = [path for path in files if path.parent.name != "datasets"]
    for word, name in LOADED.items():
        if word in code or any(word.encode() in p.read_bytes() for p in outside):
            found += tree(folder / name)
    if "results" in code or names.hidden:
        tables = tree(folder / "results")
        unknown = names.hidden or re.search(r"\.(r?glob|iterdir)\(", code)
        found += [t for t in tables if unknown or t.stem in names.words]
    return found


def content(path):
    """Return the hash of the bytes of a file."""
    about = path.stat()
    return _content(path, about.st_mtime_ns, about.st_size)


@functools.cache
def _content(path, *_):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest(paths, *more):
    """Return one hash of the names and bytes of files, and of ``more``."""
    total = hashlib.sha256(repr(more).encode())
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        total.update(f"{name} {content(path)}\n".encode())
    return total.hexdigest()


@functools.cache
def stands_on(page, code):
    """Return the files that the outputs of a page depend on, beside its own."""
    names = Names(code, texts=True)
    files = sources(page, names)
    return [*files, *data(names, code, files)]


def page_digest(page, code, *more):
    """Return the digest of what a page depends on; ``more`` is that of all pages."""
    return digest(stands_on(page, code), code, *more)
