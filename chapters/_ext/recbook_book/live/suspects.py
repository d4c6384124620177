"""Which cells of a page may lack something in a browser: those that use its names.

A name is a suspicion and no more, as much of ``recbook.deep`` is plain NumPy. Where the
Python for the pages was built, ``.ci/live/verdicts.py`` runs each suspect in it, and a
page bars the cells that fail. The names decide alone where nothing can be run.
"""

import ast

from recbook._core.order import homes
from recbook.mark.slices import parsed

# Steps of the film project that train networks, or load them.
NETWORKS = ("artefact", "lister", "model", "product", "report", "trained")
# What a cell is told to need, by the module that it uses.
ABSENT = {
    **dict.fromkeys(
        ("keras", "tensorflow", "tensorboard", "recbook.deep"), "TensorFlow"
    ),
    "faiss": "FAISS",
    **dict.fromkeys(("pyspark", "recbook.spark"), "Spark"),
    **dict.fromkeys(map("recbook.project.{}".format, NETWORKS), "TensorFlow"),
    **dict.fromkeys(("fastapi", "http", "httpx", "uvicorn", "recbook.app"), "a server"),
    **dict.fromkeys(("concurrent", "subprocess", "threading"), "more than a browser"),
}


def suspects_of(texts, parts):
    """What each cell may lack, itself or by a cell that it needs: {index: what}.

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
    """What each cell uses that a browser has not; an import alone is no use."""
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
    """{name: the module or the part of one that it is} of an import."""
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
    """``recbook.DIN`` for what a name, or the attribute of one, stands for; else ""."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return homes.get(node.id, "")
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        home = homes.get(node.value.id)
        return f"{home}.{node.attr}" if home else ""
    return ""


def absent(path):
    """What is to be had in the lab only, None where a browser has it.

    >>> absent("recbook.DIN"), absent("recbook.EASE"), absent("http.client")
    ('TensorFlow', None, 'a server')
    """
    first, _, rest = path.partition(".")
    if first == "recbook" and rest in homes():
        path = f"recbook.{homes()[rest]}"
    words = path.split(".")
    known = (ABSENT.get(".".join(words[:n])) for n in (1, 2, 3))
    return next((what for what in known if what), None)
