"""Which cells of a notebook the wanted answers stand on: the others need not run.

A chapter's own cells train models for minutes, while its exercises mostly stand on the
imports alone. What is kept is guessed from the names that a cell makes and uses.
"""

import ast
import symtable

_HIDDEN = {"exec", "eval", "globals", "locals", "setattr"}  # may make any name
_MAKERS = ast.Assign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef
# Functions of a module that change what the module does afterwards.
_SETTINGS = ("seed", "set", "use", "register", "reset")


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
    kept, names, modules = [], {"ANSWERS"}, _modules(sources)
    for place in reversed(range(len(sources))):
        try:
            tree = ast.parse(sources[place])
            makes, uses = made(sources[place]), _taken(tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            kept.insert(0, place)
            continue
        changed = makes | _changed(tree, modules)
        if _answers(tree, ids) or changed & names or uses & _HIDDEN:
            kept.insert(0, place)
            names |= uses
    return kept


def supplies(sources, name):
    """Return whether cells may bring a name that is missing: one makes it, or any.

    >>> supplies(["x = 1"], "x"), supplies(["from a import *"], "x")
    (True, True)
    >>> supplies(["x = 1", "def f(:"], "retrun")
    False
    """
    for code in sources:
        try:
            if name in made(code) or "import *" in code:
                return True
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return False


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


def _taken(tree):
    """Return the names that a cell uses before a statement of its own has made them."""
    names, bound = set(), set()
    for statement in tree.body:
        code = ast.unparse(statement)
        names |= used(code) - bound
        if isinstance(statement, _MAKERS):
            bound |= made(code)
    return names


def _modules(sources):
    """Return the names that cells import and give no other meaning."""
    imported, assigned = set(), set()
    for code in sources:
        try:
            symbols = symtable.symtable(code, "cell", "exec").get_symbols()
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        imported |= {s.get_name() for s in symbols if s.is_imported()}
        assigned |= {s.get_name() for s in symbols if s.is_assigned()}
    return imported - assigned


def _changed(tree, modules):
    """Return the names whose value a cell may change: x.append(1), x[0] = 1.

    What a function of a module may change are its arguments, np.fill_diagonal(x, 0),
    and not the module, unless it sets something there, as np.random.seed(0) does.
    """
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found |= _changed_by(node.value, modules)
        elif isinstance(node, ast.Attribute | ast.Subscript):
            found |= set() if isinstance(node.ctx, ast.Load) else {_root(node)}
    return found - {None}


def _changed_by(call, modules):
    """Return the names that a call of a.b(...), a statement by itself, may change."""
    if not isinstance(call.func, ast.Attribute):
        return set()
    name, owner, found = call.func.attr, _root(call.func), set()
    if owner not in modules or name.startswith(_SETTINGS):
        found.add(owner)
    if name == "shuffle" or (owner in modules and not name.startswith("assert")):
        found |= set(map(_root, call.args))
    return found


def _root(part):
    """Return the name at the left of x.y[0].z, None where there is none."""
    while isinstance(part, ast.Attribute | ast.Subscript):
        part = part.value
    return part.id if isinstance(part, ast.Name) else None


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
