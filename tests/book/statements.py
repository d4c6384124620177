"""Which statements of a notebook others need, and how to run them by themselves.

Of the cells outside only those statements are chosen that bind a name which the chosen
cells need, directly or through other statements: no training, no plots.
"""

import ast
import linecache
import symtable


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
    """The statements of main cells that all other cells depend on, by cell id."""
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
