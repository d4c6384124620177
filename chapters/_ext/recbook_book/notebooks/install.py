"""The first code cell of a student's notebook, and the package that it asks for.

A notebook is downloaded into Colab, Kaggle or an empty folder. Where recbook is
missing, the cell says how to get it, in one line, and fetches nothing by itself.
recbook is on no package index: the site carries its wheel.
"""

import recbook
from recbook_book.live.suspects import lacking
from recbook_book.notebooks.cells import code_cell, seal, source_of

WHEEL = f"recbook-{recbook.__version__}-py3-none-any.whl"
# What a page needs beside `notebooks`, by what a browser lacks for it.
EXTRAS = {"TensorFlow": "deep", "FAISS": "app", "a server": "app"}
CELL = """# Where the course's package is missing, this cell says how to get it.
try:
    import recbook
except ModuleNotFoundError:
    raise ModuleNotFoundError(
{}
    ) from None"""
# Before TensorFlow is loaded. oneDNN's kernels give other digits, and crash on some
# machines.
AS_THE_BOOK = """

import os

# TensorFlow as in the run that built the book.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")"""
FROM_SITE = """\
        "run this line in a new cell, then go on (Kaggle: turn Internet on first):\\n"
        '%pip install "recbook[{extras}] @ {site}{wheel}"'"""
FROM_FILE = """\
        "put {wheel} beside this notebook (it is in the "
        "download menu of the course's pages; Colab: into Files; Kaggle: add it as "
        "input, and write its path for the dot), then run this line in a new cell:\\n"
        '%pip install "./{wheel}[{extras}]"'"""


def install_cell(source, site=""):
    """Return the first code cell of a page with these cells, on a site of this address.

    >>> cell = install_cell([], "https://example.org/book")
    >>> print(cell["source"].splitlines()[6].strip())
    '%pip install "recbook[notebooks] @ https://example.org/book/recbook-0.1.0-py3-none-any.whl"'
    """
    codes = [source_of(cell) for cell in source if cell["cell_type"] == "code"]
    found = {EXTRAS[what] for what in lacking(codes) if what in EXTRAS}
    advice = FROM_SITE if site else FROM_FILE
    facts = {"extras": ",".join(["notebooks", *sorted(found)]), "wheel": WHEEL}
    advice = advice.format(site=f"{site.rstrip('/')}/", **facts)
    code = CELL.format(advice) + (AS_THE_BOOK if "deep" in found else "")
    cell = code_cell(code, "install")
    cell["metadata"]["jupyter"] = {"source_hidden": True}  # its sentence is enough
    seal(cell)
    return cell
