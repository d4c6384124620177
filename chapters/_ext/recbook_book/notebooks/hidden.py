"""Leave the book's machinery out of what students get.

Hidden cells work out numbers for the text and hold them to the data at hand. A student
who changes a seed would be stopped there, by an assertion that is not theirs. Of hidden
cells only the statements stay whose names a visible cell reads.
"""

import ast
import re

from recbook.mark.slices import needs_of

GLUE = re.compile(r"^from myst_nb import glue\n?", re.MULTILINE)


def without_machinery(source):
    """Return {index: code} of the code cells in ``source`` that a student needs.

    ``source`` are the cells of a notebook. Visible cells keep all but the import of
    ``glue``. A hidden cell of which nothing is needed is not among them.

    >>> hidden = 'top = max(x)\\nlow = min(x)\\nassert low\\nglue("low", low)'
    >>> codes = ["from myst_nb import glue\\nx = [1, 2]", hidden, "print(low)"]
    >>> cells = [{"cell_type": "code", "source": c, "metadata": {}} for c in codes]
    >>> cells[1]["metadata"]["tags"] = ["remove-cell"]
    >>> without_machinery(cells)
    {0: 'x = [1, 2]', 1: 'low = min(x)', 2: 'print(low)'}
    """
    parts = []  # index of the cell, whether it is hidden, code
    for index, cell in enumerate(source):
        if cell["cell_type"] == "code":
            code = GLUE.sub("", "".join(cell["source"]))
            hidden = "remove-cell" in cell["metadata"].get("tags", ())
            texts = statements(code) if hidden else [code]
            parts += [(index, hidden, text) for text in texts]
    needed = {k for k, (_, hidden, _) in enumerate(parts) if not hidden}
    slices = needs_of([text for _, _, text in parts])
    needed |= set().union(*(slices[k].needs for k in needed))
    kept = {}
    for k in sorted(needed):
        index, _, text = parts[k]
        kept[index] = f"{kept[index]}\n{text}" if index in kept else text
    return {index: code.strip("\n") for index, code in kept.items()}


def statements(code):
    """Return the statements of a hidden cell but for its machinery, each with its text.

    >>> statements('if x:\\n    assert x > 1\\n    y = 2\\nglue("y", y)')
    ['if x:\\n    y = 2']
    """
    tree, lines = ast.parse(code), code.splitlines()
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if is_machinery(child):
                dropped = range(child.lineno - 1, child.end_lineno)
                lines[child.lineno - 1 : child.end_lineno] = [None for _ in dropped]
    texts, begin = [], 0
    for node in tree.body:
        own = [line for line in lines[begin : node.end_lineno] if line is not None]
        texts += [] if is_machinery(node) else ["\n".join(own)]
        begin = node.end_lineno
    return texts


def is_machinery(node):
    """Return whether a statement is an assertion, or hands a value to the text."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ast.unparse(node.value.func) == "glue"
    return isinstance(node, ast.Assert)
