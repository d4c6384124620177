"""Which cells of a notebook the wanted answers stand on: the others need not run.

A chapter's own cells train models for minutes, while its exercises mostly stand on the
imports alone. What is kept is guessed from the names that a cell makes and uses.
"""

import ast
import symtable

_HIDDEN = {"exec", "eval", "globals", "locals", "setattr"}  # may make any name


def needed(sources, ids):
    """Return the places of the cells that answer, and of those that they stand on.

    Parameters
    ----------
    sources : list of str
        The code of each cell. One that is no Python is kept.
    ids : list of str
        The exercises that are wanted.

    Examples
    --------
    >>> cells = ["import numpy as np", "slow()", "def f(x): return np.abs(x)"]
    >>> needed([*cells, "recbook.check('2.2-pull', f)"], ["2.2-pull"])
    [0, 2, 3]
    """
    kept, names = [], {"ANSWERS"}
    for place in reversed(range(len(sources))):
        try:
            tree = ast.parse(sources[place])
            makes, uses = made(sources[place]), used(sources[place])
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            kept.insert(0, place)
            continue
        changed = makes | _changed(tree)
        if _answers(tree, ids) or changed & names or uses & _HIDDEN:
            kept.insert(0, place)
            names |= uses
    return kept


def made(code):
    """Return the names that a cell defines, assigns or imports.

    >>> sorted(made("import numpy as np; x, y = 1, 2"))
    ['np', 'x', 'y']
    """
    symbols = symtable.symtable(code, "cell", "exec").get_symbols()
    return {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}


def used(code):
    """Return the names that a cell takes from outside, or from itself, at any depth.

    >>> sorted(used("def f(x): return np.abs(x) + shift"))
    ['np', 'shift']
    """
    tables, names = [symtable.symtable(code, "cell", "exec")], set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        outside = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (outside or symbol.is_global()):
                names.add(symbol.get_name())
    return names


def _changed(tree):
    """Return the names whose value a cell may change: x.append(1), x[0] = 1."""
    found = set()
    for node in ast.walk(tree):
        part = None
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            part = node.value.func
        elif isinstance(node, ast.Attribute | ast.Subscript):
            part = None if isinstance(node.ctx, ast.Load) else node
        while isinstance(part, ast.Attribute | ast.Subscript):
            part = part.value
            if isinstance(part, ast.Name):
                found.add(part.id)
    return found


def _answers(tree, ids):
    """True for a cell that names an exercise of a wanted chapter, or checks some."""
    chapters = tuple(f"{id.partition('-')[0]}-" for id in ids)
    for node in ast.walk(tree):
        value = getattr(node, "value", None)
        if isinstance(value, str) and value.startswith(chapters):  # maybe with a slip
            return True
        is_check = isinstance(node, ast.Call) and "check" in ast.unparse(node.func)
        if is_check and not isinstance(next(iter(node.args), None), ast.Constant):
            return True
    return False
