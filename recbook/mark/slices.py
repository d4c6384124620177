"""Which earlier cells of a notebook a cell needs, as their code says.

For each name that a cell reads, it needs the last cell before it that gave the name a
value, and the cells between the two that changed this value. That is a heuristic, as
nothing is run. A test runs each exercise of the book with the cells that it needs, and
finds what is overlooked there.

>>> page = ["import math", "r = 2", "s = []", "s.append(r)", "math.pi * r", "s"]
>>> [cell.needs for cell in needs_of(page)]
[[], [], [], [1, 2], [0, 1], [1, 2, 3]]
"""

import ast
import builtins
import symtable
from dataclasses import dataclass, field

from recbook.mark.changes import Changes

COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}
# Lines that begin so are commands of IPython, which Python cannot read.
COMMAND = ("%", "!")


@dataclass
class Names:
    """What a cell does with names, at its own level and in its functions (later)."""

    reads: set = field(default_factory=set)  # before the cell gives them itself
    later: set = field(default_factory=set)  # when its functions are called
    binds: set = field(default_factory=set)
    uses: set = field(default_factory=set)  # all that it reads at its own level
    touches: set = field(default_factory=set)  # what it changes in place
    modules: set = field(default_factory=set)
    streams: set = field(default_factory=set)
    effects: dict = field(default_factory=dict)  # function: what a call of it changes
    fills: dict = field(default_factory=dict)  # function: which arguments it changes


@dataclass
class Slice:
    """The facts of a cell for its page; ``reads`` is {name: the cell that made it}."""

    needs: list
    reads: dict
    binds: list
    touches: list


def parsed(source):
    """The tree of a cell, without IPython's commands; None where it is no Python."""
    lines = source.splitlines()
    plain = ["pass" if s.startswith(COMMAND) else s for s in lines]
    if lines and lines[0].startswith("%%"):
        return None
    try:
        made("\n".join(plain))  # it refuses also what only fails to compile
        return ast.parse("\n".join(plain))
    except (SyntaxError, ValueError):
        return None


def made(source):
    """The names that Python code defines, assigns or imports at its own level.

    >>> sorted(made("import numpy as np; x, y = 1, 2"))
    ['np', 'x', 'y']
    """
    return given(symtable.symtable(source, "cell", "exec"))


def given(table):
    """The names of a symbol table that are assigned or imported there."""
    symbols = table.get_symbols()
    return {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}


def names_of(source):
    """What a cell does with names.

    >>> cell = names_of("n = len(rows)\\ndef f(x):\\n    return x + n + m\\nf(1)")
    >>> sorted(cell.reads), sorted(cell.binds), sorted(cell.later)
    (['m', 'rows'], ['f', 'n'], ['m', 'n'])
    >>> sorted(names_of("class A:\\n    y = x\\n    z = [y for _ in x]").reads)
    ['x', 'y']
    """
    names, tree = Names(), parsed(source)
    if tree is None:
        return names
    walk = Walk(names)
    walk.block(tree.body)
    for function, later in walk.functions.items():
        if function in names.uses:  # it is called at once
            names.reads |= later - names.binds
    own = set(vars(builtins)) - names.binds
    for known in (names.reads, names.later, names.uses):
        known -= own
    Changes(names, names.touches).visit(tree)
    return names


class Walk:
    """Go through statements in order, and note what is read before it is bound."""

    def __init__(self, names):
        self.names, self.bound, self.functions = names, set(), {}

    def block(self, statements):
        for statement in statements:
            self.statement(statement)

    def statement(self, node):
        if isinstance(node, ast.If):
            self.plain(node.test)
            before = set(self.bound)
            self.block(node.body)
            after, self.bound = self.bound, before
            self.block(node.orelse)
            self.bound &= after
        elif isinstance(node, ast.For | ast.While | ast.With | ast.Try):
            self.compound(node)
        else:
            self.plain(node)

    def compound(self, node):
        """Assume that a loop runs at least once, and that what is tried succeeds."""
        if isinstance(node, ast.While):
            self.plain(node.test)
        elif isinstance(node, ast.For):
            self.plain(assigned(node.target, node.iter))
        for item in getattr(node, "items", ()):
            given = item.optional_vars
            made = assigned(given, item.context_expr) if given else None
            self.plain(made or item.context_expr)
        self.block(node.body)
        for handler in getattr(node, "handlers", ()):
            if handler.type is not None:
                self.plain(handler.type)
            known = set(self.bound)
            self.bound |= {handler.name} - {None}
            self.block(handler.body)
            self.bound = known
        self.block(getattr(node, "orelse", ()))
        self.block(getattr(node, "finalbody", ()))

    def plain(self, node):
        """Note the names of one statement or expression, by Python's own scopes."""
        statement = ast.Expr(node) if isinstance(node, ast.expr) else node
        plain = ast.unparse(ast.Module([statement], []))
        table = symtable.symtable(plain, "cell", "exec")
        reads = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
        binds = given(table)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            reads.add(node.target.id)
        later = set()
        inside(table, reads, later)
        self.names.uses |= reads
        self.names.reads |= reads - self.bound
        self.names.later |= later
        self.names.binds |= binds
        self.bound |= binds
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self.functions[node.name] = later


def assigned(target, value):
    return ast.Assign([target], value, lineno=0)


def inside(table, reads, later, called=False):
    """Add the page's names that inner scopes read: at once, or when they are called."""
    for inner in table.get_children():
        name = inner.get_name().strip("<>")
        function = inner.get_type() == "function" and name not in COMPREHENSIONS
        free = {s.get_name() for s in inner.get_symbols() if is_free(s)}
        if called or function:
            later |= free
        if not called and (name == "lambda" or not function):
            reads |= free
        inside(inner, reads, later, called or (function and name != "lambda"))


def is_free(symbol):
    """Whether an inner scope reads a name of the page.

    Python 3.11 also calls the own names of a function global that is named "top".
    """
    return symbol.is_referenced() and symbol.is_global() and not symbol.is_local()


def needs_of(sources, starters=()):
    """What each cell of a page needs, reads, binds and touches: a list of ``Slice``.

    ``starters`` are the cells that a reader has to fill in: what they give, no other
    cell stands on. Their solution gives it, too.

    >>> starter, solution, later = "x = ...\\ncheck(x)", "x = 3\\ncheck(x)", "x + 1"
    >>> page = needs_of(["x = 1", starter, solution, later], starters={1})
    >>> [cell.needs for cell in page]
    [[], [], [], [2]]
    """
    page = [names_of(source) for source in sources]
    share(page, sources)
    return [Demand(page, cell, set(starters)).slice() for cell in range(len(page))]


def share(page, sources):
    """Tell each cell which names the functions and streams of others change."""
    fills, effects, streams, modules = {}, {}, set(), set()
    for names in page:
        fills |= {k: v for k, v in names.fills.items() if v}
        effects |= names.effects
        streams |= names.streams
        modules |= names.modules
    for names, source in zip(page, sources, strict=True):
        used = names.uses | names.reads
        for function in used & effects.keys():
            names.touches |= effects[function] - {None}
        own = Names(fills=dict(fills), modules=set(modules))
        tree = parsed(source)
        if tree is not None:
            Changes(own, names.touches).visit(tree)
        names.touches |= streams & used
        for function in used & effects.keys():
            later = next(n.later for n in reversed(page) if function in n.effects)
            names.touches |= streams & later
        names.touches -= {None}
        names.modules = modules


class Demand:
    """Collect what one cell needs, from the cell before it back to the first."""

    def __init__(self, page, cell, starters):
        self.page, self.cell, self.starters = page, cell, starters
        self.needs, self.seen, self.reads = set(), set(), {}

    def slice(self):
        names = self.page[self.cell]
        for name in sorted(names.reads):
            self.demand(name, self.cell)
        touched = sorted(names.touches - names.modules)
        return Slice(sorted(self.needs), self.reads, sorted(names.binds), touched)

    def maker(self, name, at):
        """The last cell before ``at`` that gives a name."""
        makers = (j for j in range(at - 1, -1, -1) if name in self.page[j].binds)
        return next((j for j in makers if j not in self.starters), None)

    def demand(self, name, at):
        if (name, at) in self.seen:
            return
        self.seen.add((name, at))
        maker = self.maker(name, at)
        if maker is None:
            return
        if at == self.cell:
            self.reads[name] = maker
        members = {maker}
        if name not in self.page[maker].modules:
            between = set(range(maker + 1, at)) - self.starters
            members |= {j for j in between if name in self.page[j].touches}
        for j in sorted(members - self.needs):
            self.needs.add(j)
            for wanted in sorted(self.page[j].reads):
                self.demand(wanted, j)
            for wanted in sorted(self.page[j].later):
                self.demand(wanted, self.cell)
