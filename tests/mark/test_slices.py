"""Which earlier cells a cell needs, on small pages and on those of the book."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from recbook.mark.slices import names_of, needs_of

ROOT = Path(__file__).resolve().parents[2]
BOOKS = sorted((ROOT / "chapters").glob("*/*.ipynb"))
NAMES = [path.relative_to(ROOT / "chapters").as_posix() for path in BOOKS]


def needs(*sources, starters=()):
    """What the last of these cells needs."""
    return needs_of(sources, starters)[-1].needs


@pytest.mark.parametrize(
    ("sources", "needed"),
    [
        # A name is had from the last cell that gave it.
        (["x = 1", "x = 2", "y = x"], [1]),
        (["x = 1", "y = x", "x = 2", "z = y"], [0, 1]),
        (["x = 1", "x = x + 1", "x"], [0, 1]),
        (["x = 1", "x += 1", "x"], [0, 1]),
        (["x = 1", "x = 2\nx"], []),
        # A branch may not be taken; a loop is.
        (["x = 1", "y = 1", "if y:\n    x = 2\nx"], [0, 1]),
        (["x = 1", "for x in 'ab':\n    pass\nx"], []),
        (["e = 1", "try:\n    f()\nexcept OSError as e:\n    print(e)"], []),
        # Functions read names when they are called, as they are then.
        (["def f():\n    return x", "x = 1", "f()"], [0, 1]),
        (["x = 1", "def f():\n    return x", "x = 2", "f()"], [1, 2]),
        (["x = 1", "def f():\n    return x\nf()"], [0]),
        (["x = 1", "def f(x):\n    return x\nf(2)"], []),
        (["x = 1", "def top(x):\n    return x\ntop(2)"], []),
        (["x = 1", "sorted('ab', key=lambda c: c == x)"], [0]),
        # Scopes of their own
        (["x = 1", "[x for x in 'ab']"], []),
        (["x = 1", "[x for y in 'ab']"], [0]),
        (["x = 1", "class A:\n    y = x"], [0]),
        (["x = 1", "class A:\n    x = 2\n    y = x"], []),
        (["x = 1", "f'{x:.2f}'"], [0]),
        # What changes an object in place comes along, and nothing else does.
        (["a = [1]", "a.append(2)", "a"], [0, 1]),
        (["a = {}", "a['x'] = 1", "len(a)", "a"], [0, 1]),
        (["a = {}", "for k, v in zip('x', [a]):\n    v.update({k: 1})", "a"], [0, 1]),
        (["import numpy as np", "a = 1", "np.fill_diagonal(a, 0)", "a"], [0, 1, 2]),
        (["import numpy as np", "a = 1", "np.sum(a)", "a"], [1]),
        (["m = M()", "e = error(m.fit(1))", "m"], [0, 1]),
        (["def fit(m):\n    m.w = 1", "m = M()", "fit(m)", "m"], [0, 1, 2]),
        (["m = []", "def f():\n    m.append(1)", "f()", "m"], [0, 1, 2]),
        (["r = default_rng(0)", "x = r.normal()", "r.normal()"], [0, 1]),
        (["from myst_nb import glue", "x = 1", "glue('x', x)", "x"], [1]),
        # Commands of IPython
        (["x = 1", "%matplotlib inline\nx"], [0]),
        (["x = 1", "%%bash\nx", "x"], [0]),
        (["x = 1", "x = (", "x"], [0]),
    ],
)
def test_needed_cells(sources, needed):
    assert needs(*sources) == needed


def test_nothing_stands_on_a_starter():
    cells = ["x = 1", "x = ...\ncheck(x)", "y = x"]
    assert needs(*cells, starters={1}) == [0]
    assert needs("n = 2", *cells[1:], starters={1}) == []


@pytest.mark.parametrize("path", BOOKS, ids=NAMES)
def test_slices_of_the_book_are_closed_and_free_of_starters(path):
    code = [
        c for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"
    ]
    texts = ["".join(cell["source"]) for cell in code]
    tags = [cell["metadata"].get("tags", ()) for cell in code]
    starters = {k for k, tag in enumerate(tags) if "raises-exception" in tag}
    page = needs_of(texts, starters)
    for k, cell in enumerate(page):
        assert not starters & set(cell.needs)
        assert set(cell.reads.values()) <= set(cell.needs)
        assert all(set(page[j].needs) <= {*cell.needs} | {k} for j in cell.needs)
        unknown = names_of(texts[k]).reads - set(cell.reads)
        assert not unknown, f"{code[k]['id']} reads {unknown}, which no cell gives"


def test_a_page_that_asks_for_slices_waits_for_no_other_library():
    code = (
        "import recbook.mark.slices, sys\nprint({'numpy', 'pandas'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "set()\n"
