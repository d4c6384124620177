"""Find the cells of a page that may fail in a browser, by the names that they use.

A name proves nothing: much of ``recbook.deep`` is plain NumPy. If the Python for the
pages was built, ``.ci/live/verdicts.py`` runs each suspect in it, and a page bars the
cells that fail. Otherwise the names alone decide.
"""

import ast

from recbook._core.order import homes
from recbook.mark.slices import parsed

# What a cell needs, by the module that it uses.
ABSENT = {
    **dict.fromkeys(("keras", "tensorflow", "tensorboard"), "TensorFlow"),
    **dict.fromkeys(("recbook.deep", "recbook.project"), "TensorFlow"),
    "faiss": "FAISS",
    **dict.fromkeys(("pyspark", "recbook.spark"), "Spark"),
    **dict.fromkeys(("fastapi", "http", "httpx", "uvicorn", "recbook.app"), "a server"),
    **dict.fromkeys(("concurrent", "subprocess", "threading"), "more than a browser"),
}


def suspects_of(texts, parts):
    """Return what each cell may lack, itself or through cells it needs: {index: what}.

    >>> from recbook.mark.slices import needs_of
    >>> texts = ["import keras", "x = keras.Input()", "y = 1", "x"]
    >>> suspects_of(texts, needs_of(texts))
    {1: 'TensorFlow', 3: 'TensorFlow'}
    """
    lacks, found = lacking(texts), {}
    for k, part in enumerate(parts):
        what = next((lacks[j] for j in [k, *part.needs] if lacks[j]), None)
        found |= {k: what} if what else {}
    return found


def lacking(sources):
    """Return what each cell uses and a browser lacks; imports alone do not count."""
    homes, found = {}, []
    for source in sources:
        tree = parsed(source)
        nodes_ = list(ast.walk(tree)) if tree else []
        for node in nodes_:
            homes |= imported(node)
        uses = [path_of(node, homes) for node in nodes_]
        found.append(next((what for what in map(absent, uses) if what), None))
    return found


def imported(node):
    """Return {name: dotted path of what it stands for} of an import."""
    if isinstance(node, ast.Import):
        return {
            a.asname or a.name.split(".")[0]: a.name
            if a.asname
            else a.name.split(".")[0]
            for a in node.names
        }
    if isinstance(node, ast.ImportFrom):
        return {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return {}


def path_of(node, homes):
    """Return the dotted path of a name or attribute, such as ``recbook.DIN``, or ""."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return homes.get(node.id, "")
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        home = homes.get(node.value.id)
        return f"{home}.{node.attr}" if home else ""
    return ""


def absent(path):
    """Return what a path needs and a browser lacks, None if it lacks nothing.

    >>> absent("recbook.DIN"), absent("recbook.EASE"), absent("http.client")
    ('TensorFlow', None, 'a server')
    """
    first, _, rest = path.partition(".")
    if first == "recbook" and rest in homes():
        path = f"recbook.{homes()[rest]}"
    words = path.split(".")
    known = (ABSENT.get(".".join(words[:n])) for n in (1, 2, 3))
    return next((what for what in known if what), None)
