"""The names whose values a cell changes in place, for ``slices.py``."""

import ast

# Methods that change their object, also where their result is used.
CHANGING = {"add", "append", "clear", "extend", "fill", "fit", "insert", "partial_fit"}
CHANGING |= {"pop", "popitem", "remove", "resize", "setdefault", "setflags", "sort"}
CHANGING |= {"step", "train", "update", "write"}
# Functions that change what they are given.
FILLING = {"at", "copyto", "fill_diagonal", "heappush", "heappop", "place", "put"}
FILLING |= {"putmask", "shuffle"}
# Functions and modules whose calls change none of their arguments.
HARMLESS = {"check", "display", "glue", "np", "pd", "plots", "plt", "print"}
# Functions whose results give another value each time that they are asked.
STREAMS = {"RandomState", "Random", "count", "default_rng", "iter", "open"}


class Changes(ast.NodeVisitor):
    """Note the names that a cell changes in place, itself or in its functions."""

    def __init__(self, names, touched):
        self.names, self.touched, self.alias = names, touched, {}

    def root(self, node):
        """The name at the beginning of ``name.a[b].c()``, None if there is none."""
        while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
            node = node.func if isinstance(node, ast.Call) else node.value
        return node.id if isinstance(node, ast.Name) else None

    def roots(self, node):
        """The names that a value, or the members of a list of values, begin with."""
        parts = getattr(node, "elts", None) or getattr(node, "values", None)
        if isinstance(parts, list):
            return set().union(*map(self.roots, parts))
        return {self.root(node)} - {None}

    def touch(self, node):
        todo, seen = self.roots(node), set()
        while todo:
            name = todo.pop()
            seen.add(name)
            todo |= self.alias.get(name, set()) - seen
        self.touched |= seen

    def rename(self, target, value):
        """From here on ``target`` is another name of a part of ``value``."""
        name = getattr(value.func, "id", "") if isinstance(value, ast.Call) else ""
        parts = getattr(target, "elts", None)
        if parts and name == "zip":
            for part, of in zip(parts, value.args, strict=False):
                self.rename(part, of)
        elif parts and name == "enumerate" and value.args:
            self.rename(parts[-1], value.args[0])
        elif parts:
            self.rename(parts[-1], value)  # of .items(), say
        elif isinstance(target, ast.Name):
            self.alias[target.id] = self.roots(value)

    def called(self, node):
        """The last word in the name of the function that a call calls."""
        of = getattr(node, "func", None) if isinstance(node, ast.Call) else None
        return getattr(of, "attr", getattr(of, "id", ""))

    def visit_For(self, node):
        self.rename(node.target, node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node):
        self.rename(node.target, node.iter)
        self.generic_visit(node)

    def visit_Assign(self, node):
        called = {self.called(one) for one in ast.walk(node.value)}
        for target in node.targets:
            if isinstance(target, ast.Name) and called & STREAMS:
                self.names.streams.add(target.id)
            if not isinstance(node.value, ast.Call):
                self.rename(target, node.value)
        self.generic_visit(node)

    def visit_AugAssign(self, node):
        self.touch(node.target)
        self.generic_visit(node)

    def visit_Attribute(self, node):
        if not isinstance(node.ctx, ast.Load):
            self.touch(node)
        self.generic_visit(node)

    visit_Subscript = visit_Attribute

    def visit_Call(self, node):
        name = getattr(node.func, "attr", "")
        if name in CHANGING:
            self.touch(node.func.value)
        if name in FILLING or getattr(node.func, "id", "") in FILLING:
            for given in node.args:
                self.touch(given)
        filled = self.names.fills.get(getattr(node.func, "id", ""), ())
        for place in filled:
            if place < len(node.args):
                self.touch(node.args[place])
        self.generic_visit(node)

    def visit_Expr(self, node):
        """A call whose result is not kept is made for what it changes."""
        call = node.value
        if isinstance(call, ast.Call) and self.root(call) not in HARMLESS:
            name = getattr(call.func, "attr", "")
            if isinstance(call.func, ast.Attribute):
                self.touched.add(self.root(call.func))
            if name not in HARMLESS and self.root(call) in self.names.modules:
                for given in call.args:
                    self.touch(given)
        self.generic_visit(node)

    def visit_Import(self, node):
        for one in node.names:
            self.names.modules.add((one.asname or one.name).split(".")[0])

    visit_ImportFrom = visit_Import

    def visit_FunctionDef(self, node):
        """Note the arguments and the names of the page that a function changes."""
        touched = set()
        inner = Changes(self.names, touched)
        for statement in node.body:
            inner.visit(statement)
        places = [one.arg for one in node.args.posonlyargs + node.args.args]
        self.names.fills[node.name] = {places.index(n) for n in touched & set(places)}
        local = {
            n.id
            for n in ast.walk(node)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        self.names.effects[node.name] = touched - local - set(places)
