"""Run a notebook's exercises outside of Jupyter: ``run_exercises.py NOTEBOOK``.

Prints one JSON list of [label, "exercise" or "solution", check id, result, message].
Of the cells outside of exercises only those statements are run that bind a name which
the exercises need, directly or through other statements: no training, no plots.
"""

import ast
import contextlib
import io
import json
import linecache
import os
import symtable
import sys
from pathlib import Path

from bookpages import read_cells


def read_from_outside(table, top=True):
    """Names that code reads from its module; a function's own are not among them."""
    names = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (top or symbol.is_global())
    }
    inner = (read_from_outside(child, top=False) for child in table.get_children())
    return names.union(*inner)


def loaded(node):
    """The module's names that a statement reads."""
    code = ast.unparse(node)
    return read_from_outside(symtable.symtable(code, "<statement>", "exec"))


def needs(cell):
    """The names that a cell reads before it has bound them itself."""
    wanted, own = set(), set()
    for node in ast.parse(cell.source).body:
        wanted |= loaded(node) - own
        own |= bound(node)
    return wanted


def root_name(node):
    """The name at the root of a.b[c].d(…), if there is one."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def bound(node):
    """The names that a statement binds or, by assignment or a bare call, changes."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(a.asname or a.name).split(".")[0] for a in node.names}
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    names = set()
    for n in ast.walk(node):
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load):
            names.add(n.id)
        elif isinstance(n, ast.Attribute | ast.Subscript):
            if not isinstance(n.ctx, ast.Load):
                names.add(root_name(n))
        elif isinstance(n, ast.Expr) and isinstance(n.value, ast.Call):
            names.add(root_name(n.value))
    return names - {None}


def needed_statements(cells):
    """The statements outside of exercises that the exercises depend on, by cell id."""
    statements = [
        (cell, node)
        for cell in cells
        if cell.kind == "code" and cell.place == "main"
        for node in ast.parse(cell.source).body
    ]
    inside = [c for c in cells if c.kind == "code" and c.place != "main"]
    wanted = set().union(*map(needs, inside))
    modules = {
        name
        for _, node in statements
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in bound(node)
    }
    chosen = set()
    while True:
        more = {
            place
            for place, (_, node) in enumerate(statements)
            if binds(node, wanted, modules)
        }
        if more == chosen:
            break
        chosen = more
        wanted |= set().union(*(loaded(statements[place][1]) for place in more))
    by_cell = {}
    for place in sorted(chosen):
        cell, node = statements[place]
        by_cell.setdefault(cell.id, []).append(node)
    return by_cell


def binds(node, wanted, modules):
    """True where a statement makes something wanted; a call on a module does not."""
    names = bound(node)
    if not isinstance(node, ast.Import | ast.ImportFrom):
        names -= modules
    return bool(names & wanted)


def execute(body, cell, namespace):
    """Run statements of a cell so that error messages can show its lines."""
    name = f"<cell {cell.id}>"
    linecache.cache[name] = (len(cell.source), None, cell.source.splitlines(True), name)
    exec(compile(ast.Module(body, []), name, "exec"), namespace)


def run(path):
    import recbook

    cells, results, namespace = read_cells(path), [], {"__name__": "__main__"}
    needed, check = needed_statements(cells), recbook.check

    def record(id, answer):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            result = check(id, answer)
        results.append([cell.label, cell.place, id, result, said.getvalue().strip()])
        return result

    recbook.check = record
    for cell in cells:
        if cell.kind != "code":
            continue
        body = needed.get(cell.id, [])
        if cell.place != "main":
            body = ast.parse(cell.source).body
        try:
            execute(body, cell, namespace)
        except Exception as error:
            if "raises-exception" not in cell.tags:
                raise RuntimeError(f"cell {cell.id}: {error}") from error
    return results


if __name__ == "__main__":
    notebook = Path(sys.argv[1]).resolve()
    os.chdir(notebook.parent)
    with contextlib.redirect_stdout(sys.stderr):  # what cells print is not the result
        found = run(notebook)
    print(json.dumps(found))
