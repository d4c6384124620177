"""The pages of the API reference: one for each module, written from its face.

The pages have the order of the stubs, and each page that of what its module offers.
Nothing of recbook is imported for it: TensorFlow would take longer than the rest.
"""

import ast
import functools

from recbook._core.order import PACKAGE

PLACE = "chapters/appendix/api"
FOLDER = PACKAGE.parent / PLACE
# Pages that say more than a face does. Git has these alone, and any other is deleted.
BY_HAND = {"app", "base"}
# Of these classes the reference shows some methods only.
METHODS = {
    "Campaign": "frame, play",
    "CampaignTask": "features, log",
    "Forecast": "missed, score, report",
    "MultiHeadAttention": "call\n   :no-inherited-members:\n",
}
HEAD = """# `{0}`

```{{eval-rst}}
.. automodule:: {0}
   :no-members:
   :no-inherited-members:

"""


@functools.cache
def face(module):
    """Return the file that says what a module offers, and its tree: a stub, if any."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    kinds = path / "__init__.pyi", path / "__init__.py", path.with_suffix(".py")
    path = next(path for path in kinds if path.exists())
    return path, ast.parse(path.read_text(encoding="utf-8"))


def offered(module):
    """Return (home, name) of what the stub of a module offers; no home: a module."""
    found = [node for node in face(module)[1].body if isinstance(node, ast.ImportFrom)]
    return [(node.module, alias.name) for node in found for alias in node.names]


def names(module):
    """Return the names that a module offers, less its own modules, in its order.

    >>> names("recbook.linear"), names("recbook.deep")[:2]
    (['EASE', 'EDLAE', 'SLIM'], ['FactorizationMachine', 'NeuralFM'])
    """
    path, tree = face(module)
    if path.suffix == ".pyi":
        return [name for home, name in offered(module) if home]
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    listed = [n.value for n in assigned if ast.unparse(n.targets) == "__all__"]
    return ast.literal_eval(listed[0]) if listed else []


def modules():
    """Yield the modules that have a page, in order."""
    for home, part in offered("recbook"):
        if home is None and part != "deep":
            yield f"recbook.{part}"
        if home is None and part in ("deep", "marketing"):
            inside = (home or name for home, name in offered(f"recbook.{part}"))
            yield from dict.fromkeys(
                f"recbook.{part}.{m}" for m in inside if m != "base"
            )


@functools.cache
def definition(module, name):
    """Return the module that defines a name which another one offers, and the node."""
    for node in face(module)[1].body:
        for alias in node.names if isinstance(node, ast.ImportFrom) else ():
            if name == (alias.asname or alias.name):
                home = f"{module}.{node.module}" if node.level else node.module
                return definition(home, alias.name)
        targets = getattr(node, "targets", [])
        if name in (
            getattr(node, "name", ""),
            *(getattr(t, "id", "") for t in targets),
        ):
            return module, node
    raise LookupError(f"{module} offers {name}, and defines it nowhere")


def entry(module, name):
    """Return the directive of a name.

    >>> entry("recbook.linear", "EASE"), entry("recbook.metrics", "rmse")
    ('.. autoclass:: recbook.EASE\\n', '.. autofunction:: recbook.metrics.rmse\\n')
    """
    home, node = definition(module, name)
    public = name in names("recbook") and definition("recbook", name) == (home, node)
    path = f"recbook.{name}" if public else f"{module}.{name}"
    if isinstance(node, ast.FunctionDef):
        return f".. autofunction:: {path}\n"
    if not isinstance(node, ast.ClassDef):
        return f".. py:data:: {path}\n\n{comment(home, node)}\n"
    wrong = any(ast.unparse(b).endswith(("Error", "Exception")) for b in node.bases)
    kind = "autoexception" if wrong else "autoclass"
    methods = f"   :members: {METHODS[name]}\n" if name in METHODS else ""
    return f".. {kind}:: {path}\n{methods}"


def comment(module, node):
    """Return the lines ``#: …`` above a constant, as the text of its entry."""
    above = face(module)[0].read_text(encoding="utf-8").splitlines()[: node.lineno - 1]
    said = []
    while above[-1].startswith("#:"):
        said.insert(0, "   " + above.pop()[3:] + "\n")
    return "".join(said)


def pages():
    """Return the texts of the pages by their names, in order.

    A name that two modules offer stands on the page of the first.
    """
    found, taken = {}, set()
    for module in modules():
        new = [n for n in names(module) if definition(module, n) not in taken]
        taken |= {definition(module, name) for name in new}
        text = HEAD.format(module) + "".join(entry(module, name) for name in new)
        found["-".join(module.split(".")[1:])] = f"{text}```\n"
    return found


def write():
    """Write the pages that changed, and delete those of modules that went."""
    wanted = {f"{n}.md": text for n, text in pages().items() if n not in BY_HAND}
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted and path.stem not in BY_HAND:
            path.unlink()
    for name, text in wanted.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def list_pages(app, config):
    """Write the pages, and put them into the contents below the first one."""
    # Here, for tests of the book's pages that run where Sphinx is not.
    from sphinx_external_toc.api import Document, FileItem, TocTree

    write()
    toc = config.external_site_map
    files = [FileItem(f"{PLACE}/{name}") for name in pages()]
    toc[PLACE].subtrees.append(TocTree(files, titlesonly=True))
    for file in files:
        toc[file] = Document(file)


def fill_lists(app, docname, source):
    """List on the first page every model, and every module."""
    if docname == PLACE:
        entries = [entry("recbook", name) for name in names("recbook")]
        classes = [e.split()[-1] for e in entries if e.startswith(".. autoclass")]
        tables = "recbook.Ratings", "recbook.Orders"
        models = [path for path in classes if path not in tables]
        for word, listed in (("MODELS", models), ("MODULES", modules())):
            source[0] = source[0].replace(word, "\n   ".join(listed))


def setup(app):
    app.connect("config-inited", list_pages, priority=901)  # the table is read at 900
    app.connect("source-read", fill_lists)
