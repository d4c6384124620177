"""The cells of a notebook or a sheet, read as text: no line of it is run."""

import ast
import hashlib
import json
import re

from recbook._core.refusals import Refused

MOST_LINES = 20_000  # of a sheet
MOST_PARTS = 1_000_000  # lists and objects, each of which takes memory
SEAL = "recbook"  # the key of a cell's metadata under which the book puts its seal
_SOLUTION = re.compile(r"^[ \t]*[`:]{3,}\{solution-(start|end)\}", re.MULTILINE)
_DIVIDER = re.compile(r"^(?=# %%)", re.MULTILINE)


def sealed(source):
    """Return the seal by which a cell of the book is known again if nobody changed it.

    >>> sealed("x = 1 ") == sealed("x = 1") != sealed("x = 2")
    True
    """
    return hashlib.sha256(source.rstrip().encode()).hexdigest()[:16]


def cells_of(data, kind):
    """Return [number, source, may_raise, whose] of each cell of code.

    Parameters
    ----------
    data : bytes
        Of a file.
    kind : str
        "ipynb" or "py".

    Raises
    ------
    Refused
        If it is neither.

    Examples
    --------
    >>> cells_of(b"x = 1", "py")
    [[1, 'x = 1', False, 'student']]
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("it is not UTF-8 text; save it again") from None
    if not text.strip():
        raise Refused("the file is empty; save the work and hand it in again")
    if kind == "py":
        if text.count("\n") + text.count(";") > MOST_LINES:
            raise Refused(f"it has more than {MOST_LINES:,} lines")
        return _statements(text)
    if text.count("[") + text.count("{") > MOST_PARTS:
        raise Refused("it has too many parts; clear its outputs")
    try:
        return list(_code_of(json.loads(text)["cells"]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        if text.lstrip()[:1] == "<":
            raise Refused("it is a web page; download the notebook itself") from None
        raise Refused(
            "it is no notebook, or not the whole of one; save it again where it opens"
        ) from None


def _statements(text):
    """Return a sheet's statements as cells: one that fails costs only itself.

    A typo costs the whole text, or the part in which it is where lines that begin with
    "# %%" divide the text, as in the sheets that a page of the book saves.
    """
    if (cells := _parsed(text, 1)) is not None:
        return cells
    cells, first = [], 1
    for part in _DIVIDER.split(text):
        cells += _parsed(part, first) or [[first, part, False, "student"]]
        first += part.count("\n")
    return cells


def _parsed(text, first):
    """Return the statements of text that begins at line ``first``, None for a typo."""
    try:
        nodes = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    lines, cells, begin = text.splitlines(keepends=True), [], 0
    for node in nodes:
        source = "".join(lines[begin : node.end_lineno])
        cells.append([first + node.lineno - 1, source, False, "student"])
        begin = max(begin, node.end_lineno)
    return cells


def _code_of(cells):
    """Yield each code cell; in the book's notebooks, gates enclose a solution."""
    in_solution = False
    for number, cell in enumerate(cells, start=1):
        source = cell["source"]
        source = source if isinstance(source, str) else "".join(source)
        if cell["cell_type"] == "markdown":
            for gate in _SOLUTION.findall(source):
                in_solution = gate == "start"
        elif cell["cell_type"] == "code":
            metadata = cell.get("metadata") or {}
            tags = metadata.get("tags") or []
            is_book = metadata.get(SEAL) == sealed(source)
            whose = "solution" if in_solution else "book" if is_book else "student"
            yield [number, source, "raises-exception" in tags, whose]
