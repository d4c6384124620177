"""The order of the parts of recbook, and the code that a result depends on."""

import ast
import functools
import hashlib
from pathlib import Path

__all__ = ["ORDER", "PACKAGE", "SIBLINGS", "before", "fingerprint", "homes", "sources"]

PACKAGE = Path(__file__).resolve().parents[1]

# A part imports only from those before it, which the architecture test checks. What one
# part computed is renewed when any part before it changes.
# fmt: off
ORDER = (
    "_core", "ratings", "base", "splits", "orders", "synthetic", "datasets",
    "similarity", "metrics", "evaluation", "plots", "baselines", "neighbors",
    "factorization", "linear", "markov", "bayesian", "ensemble", "marketing", "deep",
    "leaderboard", "report", "spark", "project", "app", "lms", "grade", "checks",
    "mark",
)
# fmt: on
# Families of models, which do not import each other.
SIBLINGS = frozenset(
    {
        "neighbors",
        "factorization",
        "linear",
        "markov",
        "bayesian",
        "marketing",
        "deep",
    }
)


def before(*parts):
    """Return ``parts`` and all parts that they may import, in order.

    >>> before("ratings"), "linear" in before("deep"), "linear" in before("ensemble")
    (('_core', 'ratings'), False, True)
    """
    usable = set(parts)
    for part in parts:
        below = set(ORDER[: ORDER.index(part)])
        usable |= below - SIBLINGS if part in SIBLINGS else below
    return tuple(part for part in ORDER if part in usable)


@functools.cache
def homes():
    """Return {name: the module within recbook that has it}, as recbook's stub says.

    >>> homes()["EASE"], homes()["SASRec"]
    ('linear', 'deep')
    """
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {a.name: node.module for node in imports if node.module for a in node.names}


def sources(*parts):
    """Return the code files of these parts and the package's ``__init__.py``, sorted.

    >>> [path.name for path in sources("ratings", "splits")]
    ['__init__.py', 'ratings.py', 'splits.py']
    """
    found = {PACKAGE / "__init__.py"}
    for part in parts:
        found |= {PACKAGE / f"{part}.py"} | set((PACKAGE / part).rglob("*.py"))
    return sorted(path for path in found if path.is_file())


def fingerprint(*parts):
    """Return a digest of the code that a result of ``parts`` depends on.

    >>> fingerprint("splits") == fingerprint("splits", "ratings")
    True
    """
    total = hashlib.sha256()
    for path in sources(*before(*parts)):
        total.update(f"{path.relative_to(PACKAGE).as_posix()}\n".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
