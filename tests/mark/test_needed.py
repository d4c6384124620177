"""Which cells run: those that answer, and what they stand on."""

import pytest

from recbook.mark.needed import needed

IDS = ["2.2-pull", "2.2-leak"]


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["import numpy as np", "fit()", "recbook.check('2.2-pull', np.abs)"], [0, 2]),
        (["x = 1", "def f(): return x", "y = 2", "check('2.2-pull', f)"], [0, 1, 3]),
        (["x = 1", "x = 2", "check('2.2-leak', x)"], [0, 1, 2]),
        (["x = []", "x.append(1)", "print(x)", "check('2.2-leak', x)"], [0, 1, 3]),
        (["d = {}", "d['a'] = 1", "o.d = 3", "check('2.2-leak', d)"], [0, 1, 3]),
        (
            ["import a", "a.random.seed(0)", "check('2.2-leak', a)"],
            [0, 1, 2],
        ),
        (
            [
                "import a",
                "y = fit()",
                "a.testing.assert_equal(y, 2)",
                "x = 1",
                "a.fill(x, 0)",
                "check('2.2-leak', a.f(x))",
            ],
            [0, 3, 4, 5],
        ),
        (["w = fit()", "w = 1\ncheck('2.2-leak', w)"], [1]),
        (["w = fit()", "w = w + 1\ncheck('2.2-leak', w)"], [0, 1]),
        (["w = 2", "def f(): return w\nw = 1\ncheck('2.2-pull', f)"], [0, 1]),
        (["w = 2", "if k: w = 1\ncheck('2.2-leak', w)"], [0, 1]),
        (["x = [3]", "r = 1", "r.shuffle(x)", "check('2.2-leak', x)"], [0, 1, 2, 3]),
        (["check('3.4-log', 1)", "check('2.2-leek', 3)"], [1]),
        (["a = {'2.2-leak': 1}", "for i in a: check(i, a[i])"], [0, 1]),
        (["v = 3", "ANSWERS = {'2.2-leak': v}", "w = 4"], [0, 1]),
        (["exec('x = 1')", "check('2.2-leak', x)"], [0, 1]),
        (["x = = 1", "y = 2"], [0]),  # so that the error is told
        (["from a import *", "check('2.2-leak', x)"], [1]),  # x is missed, then all run
    ],
)
def test_cells_that_answers_stand_on_are_kept(cells, kept):
    assert needed(cells, IDS) == kept
