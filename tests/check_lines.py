"""The lines that checks may print, collected from their code."""

import ast
import re
from pathlib import Path

from recbook import checks
from recbook.checks.registry import REGISTRY

CHECKS = Path(checks.__file__).parent
FACE = ("registry", "compare", "guard", "choices", "variants", "inside")
SQL = re.compile(r"\s*(CREATE|INSERT|SELECT|PRAGMA|:memory:)")  # said to a database
UNCAUGHT = ("ValueError", "LookupError")
SENTENCE = re.compile(r"[A-Za-z]{2,}[^A-Za-z]* |[ :][^A-Za-z]*[A-Za-z]{2,}")


def lines_of(path):
    """Return the lines of a file of checks, with {} for what varies, in their order."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    aside = {*docstrings(tree), *refusals(tree)}
    return list(dict.fromkeys([*sentences(tree, aside), *names_of_values(tree)]))


def docstrings(tree):
    """Yield the ids of the nodes that are documentation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def refusals(tree):
    """Yield the ids of what is said to programmers: of errors that no check catches."""
    for node in ast.walk(tree):
        error = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(error, ast.Call) and ast.unparse(error.func) in UNCAUGHT:
            yield from map(id, error.args)


def sentences(node, aside):
    """Yield the texts of several words in code, the parts of longer ones apart."""
    if id(node) in aside:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text, parts = node.value, ()
    elif isinstance(node, ast.JoinedStr):
        said = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
        parts = [p for p in node.values if isinstance(p, ast.FormattedValue)]
        text = "".join(said)
    else:
        text, parts = "", ast.iter_child_nodes(node)
    if SENTENCE.search(text.replace("{}", "")) and not SQL.match(text):
        yield text
    for part in parts:
        yield from sentences(part, aside)


def names_of_values(tree):
    """Yield what the exercises of a file call their values, as "the matrix"."""
    checks.ids()
    texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    for text in texts:
        what = getattr(REGISTRY.get(text), "what", "")
        if re.search(r"[a-z]{2,}", what):
            yield what
