"""A whole class, honest and hostile, marked by the command."""

import contextlib
import csv
import glob
import json
import os
import re
import tempfile

import bookpages
import numpy as np
import pytest
from classroom import BROKEN, HOSTILE, IDS, exercises, hostile, notebook, solved

from recbook.checks import contents, registry
from recbook.mark.commands import main

N_HONEST = 12


def marked(folder, tmp_path, *options, ids=("2.2",), status=0):
    """Mark a folder by the command; return the rows of the CSV by name."""
    path = tmp_path / "grades.csv"
    given = [str(folder), "--ids", *ids, "--csv", str(path), *options]
    assert main(given) == status
    with path.open(newline="", encoding="utf-8-sig") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def left(mark):
    """The processes that a file started, and that still run, by a word they have."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            found += [path] if str(mark).encode() in file.read() else []
    return found


def test_nothing_handed_in_gains_a_point_that_it_did_not_earn(
    tmp_path, capfd, monkeypatch
):
    monkeypatch.setenv("SECRET_OF_THE_TEACHER", "word")
    mark = tmp_path / "mark"
    folder = tmp_path / "in"
    folder.mkdir()
    for name in HOSTILE:
        (folder / f"{name}.ipynb").write_text(hostile(name, mark), encoding="utf-8")
    for name, data in BROKEN.items():
        (folder / name).write_bytes(data)
    rows = marked(folder, tmp_path, "--seconds", "4", status=1)
    gained = {name: row["points"] for name, row in rows.items() if row["points"] != "0"}
    assert gained == dict.fromkeys(gained, "1"), "2.2-leak was earned, and no other"
    assert {row["2.2-leak"] for name, row in rows.items() if name in gained} == {"1"}
    # The last cell of each was marked, but for those that broke what marks them.
    lost = {"patched-check", "kills-its-parent", "kills-its-judge"}
    assert set(HOSTILE) - set(gained) <= lost
    assert all("not marked" in rows[name.partition(".")[0]]["note"] for name in BROKEN)
    assert len(rows) == len(HOSTILE) + len(BROKEN)
    assert "AssertionError" not in rows["leaves-children"]["note"]
    assert not left(mark)
    assert not mark.exists()


SPECIAL = {
    # a matrix of n x n on the way, where the check measures memory
    "3.3-cells": "def f(P, Q, R, reg, alpha):\n    R = R.toarray()\n"
    "    e = (1 + alpha * R) * ((R > 0) - P @ Q.T) ** 2\n"
    "    return float(e.sum() + reg * ((P**2).sum() + (Q**2).sum()))\n"
    "f.peak = lambda *args: 0",
    # an inverse, which the exercise rules out
    "3.5-arrives": "def f(P, x):\n"
    "    return np.linalg.inv(np.linalg.inv(P) + np.outer(x, x))",
    # a generator that is asked again and again
    "3.4-draw": "def f(rng, seen, users):\n    out = []\n    for u in users:\n"
    "        for _ in range(9):\n            j = rng.integers(seen.shape[1])\n"
    "        out.append(j)\n"
    "    return np.array(out)",
    # a floating-point warning, which the check makes an error
    "3.4-log": "def f(x):\n    return -np.log1p(np.exp(-x)), 1 / (1 + np.exp(x))",
    # a loop, which the exercise rules out
    "4.4-additive": "def f(S, H, W_q, W_k, v):\n"
    "    row = lambda s: [v @ np.tanh(W_q @ s + W_k @ h) for h in H]\n"
    "    return np.array([row(s) for s in S])",
    # an argument that is changed
    "5.2-scores": "def f(people, *others):\n    people *= 2\n    return people",
    # a table of pandas
    "5.1-latest": "def f(log):\n    return log.iloc[1:]",
}


PULL = """def pull(w, e, reg):
    total = abs(w).sum() + reg
    return k * (w @ e / total if total > 0 else 0.0)
"""


def books_own():
    """The notebook of the book itself: behind its starters stand the solutions."""
    starter, solution = exercises()["2.2-leak"]
    cells = [
        ("code", f"import recbook\n{starter}"),
        ("markdown", "```{solution-start} ex-user-cf-leak\n```"),
        ("code", solution),
        ("markdown", "```{solution-end}\n```"),
        ("code", f"k = 1\n{PULL}recbook.check('2.2-pull', pull)"),
    ]
    made = [{"cell_type": kind, "source": source} for kind, source in cells]
    return json.dumps({"cells": made})


PAGES = {"als": "3.3", "ranking": "3.4", "linear": "3.5"}


def page_of(name):
    """The notebook of a whole page, with its solutions."""
    (page,) = (p for p in bookpages.notebooks() if p.name.endswith(f"/{name}"))
    return notebook([c.source for c in page.code if "raises-exception" not in c.tags])


def others():
    """Files of one form each."""
    checks = [f"{code}\nrecbook.check('{id}', f)" for id, code in SPECIAL.items()]
    again = [
        f"import recbook\nk = 1\n{PULL}",
        "from recbook import check\nassert check('2.2-pull', pull)",
        "k = 2",  # what was checked before, was checked with k = 1
        exercises()["2.2-leak"][1],
        "recbook.check('2.2-leak', 0)",
    ]
    loose = [
        "get_ipython().run_line_magic('matplotlib', 'inline')\nimport recbook",
        "ANSWERS = {'2.2-pull': ...}\nk = 1",
        f"%timeit -n 10 pull(1, 1, 0)\n{PULL}\nrecbook.check('2.2-pull', pull)\n"
        "w, e, reg = recbook.checks.last()\n" + exercises()["2.2-leak"][1],
    ]
    unseen = [
        "import recbook\nk = 2",
        "globals()['k'] = 1",  # which no look at the code finds
        f"{PULL}\nrecbook.check('2.2-pull', pull)",
        exercises()["2.2-leak"][1],
    ]
    registry.ids()
    letter = registry.REGISTRY["2-q1"].right
    (page,) = (p for p in bookpages.notebooks() if p.name == "2-neighbours/user-cf")
    maybe = [
        *(cell.source for cell in page.code[:2]),  # it says that UP is 3
        "fast = True\nif not fast:\n    UP = 5",
        f"k = UP - 2\n{PULL}\nrecbook.check('2.2-pull', pull)",
    ]
    guesses = [  # run by run: what no cell names runs in the second only
        "import recbook",
        "globals().update(again=1)",
        f"k = 1 if 'again' in globals() else 2\n{PULL}\n"
        "recbook.check('2.2-pull', pull)",
        f"recbook.check('2-q1', {letter!r} if 'again' in globals() else 'z')",
    ]
    sheet = f"k = 1\nj = 1 / 0\n{PULL}\nANSWERS = {{'2.2-pull': pull, '2.2-no': 2}}\n"
    sheet += "ANSWERS[3] = j\n"
    typos = [
        f"def f(x)\n    return x\nrecbook.check({IDS[0]!r}, f)",
        f"import numpy as np\nx = 1 / 0\nrecbook.check({IDS[1]!r}, x)",
        f"if False: recbook.check({IDS[2]!r}, 1)",
        f"y = np.ones(2)\nretrun y\nrecbook.check({IDS[3]!r}, y)",
    ]
    return {
        "typo.ipynb": notebook(["import recbook", *typos], ["raises-exception"]),
        "noimport.ipynb": notebook(
            ["stars = {}['mean']", PULL, "k = 1\nrecbook.check('2.2-pull', pull)"],
            ["raises-exception"],
        ),
        "special.ipynb": notebook(["import numpy as np\nimport recbook", *checks]),
        "again.ipynb": notebook(again),
        "sheet.py": sheet,
        "book.ipynb": books_own(),
        "loose.ipynb": notebook(loose),
        "unseen.ipynb": notebook(unseen),
        "maybe.ipynb": notebook(maybe),
        "guesses.ipynb": notebook(guesses),
        **{f"page-{name}.ipynb": page_of(name) for name in PAGES},
    }


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """Rows by name, what the students have right, and the folder of replies."""
    tmp_path = tmp_path_factory.mktemp("class")
    rng = np.random.default_rng(22)
    folder, truth = tmp_path / "in", {}
    folder.mkdir()
    for number in range(N_HONEST):
        name = f"student{number:02}"
        truth[name] = {id for id in IDS if rng.random() < number / (N_HONEST - 1)}
        (folder / f"{name}.ipynb").write_text(solved(truth[name]), encoding="utf-8")
    for name, text in others().items():
        (folder / name).write_text(text, encoding="utf-8")
    given = "--feedback", str(tmp_path / "replies"), "--jobs", "1"
    (tmp_path / "temporary").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
        rows = marked(
            folder, tmp_path, *given, ids=("2.2", "2-q1", *SPECIAL, *PAGES.values())
        )
    return rows, truth, tmp_path / "replies"


def test_honest_students_get_what_they_have_right(honest):
    rows, truth, _ = honest
    for name, right in truth.items():
        assert {id for id in IDS if rows[name][id] == "1"} == right
        assert rows[name]["points"] == str(len(right))
        assert rows[name]["of"] == rows["special"]["of"]
        assert rows[name]["note"] == ""


def test_each_student_gets_the_lines_back(honest):
    _, truth, replies = honest
    assert len(list(replies.iterdir())) == N_HONEST + len(others())
    for name, right in truth.items():
        said = (replies / f"{name}.txt").read_text(encoding="utf-8-sig").splitlines()
        titles = {" ".join(contents()[id]) for id in right}
        assert {n.removesuffix(": right") for n in said if n.endswith(": right")} == (
            titles
        )
        assert sum(n.endswith(": not handed in") for n in said) > len(SPECIAL)


def test_the_last_answer_counts_by_what_its_names_meant_then(honest):
    row = honest[0]["again"]
    assert (row["2.2-pull"], row["2.2-leak"]) == ("1", "0")
    assert "is off: you have 0" in row["2.2-leak: line"]


def test_a_sheet_hands_in_a_dictionary(honest):
    row = honest[0]["sheet"]
    assert (row["2.2-pull"], row["points"]) == ("1", "1")
    assert "ZeroDivisionError" in row["note"]
    assert "'2.2-no', which is no exercise" in row["note"]


def test_what_is_of_use_while_working_costs_no_answer(honest):
    row = honest[0]["loose"]
    assert (row["2.2-pull"], row["2.2-leak"]) == ("1", "1")
    assert row["note"].startswith("cell 3: LookupError: ")


def test_a_typo_comes_back_with_its_sentence(honest):
    row, replies = honest[0]["typo"], honest[2]
    syntax = "SyntaxError: expected ':' (line 1: def f(x))"
    assert row[f"{IDS[0]}: line"] == f"your cell fails: {syntax}"
    assert "division by zero (line 2: x = 1 / 0)" in row[f"{IDS[1]}: line"]
    assert row[f"{IDS[2]}: line"] == "the cell did not get as far as `check`"
    assert "SyntaxError: invalid syntax (line 2: retrun y)" in row[f"{IDS[3]}: line"]
    assert row[f"{IDS[4]}: line"] == "not handed in"
    assert row["note"] == f"cell 2: {syntax} (and 2 more)"
    reply = (replies / "typo.txt").read_text("utf-8")
    assert f"2.2.1 Cem's Babe: your cell fails: {syntax}" in reply


def test_a_name_that_is_missing_is_told_first(honest):
    row = honest[0]["noimport"]
    missing = "NameError: name 'recbook' is not defined (line 2: recbook.check("
    assert row["note"].startswith(f"cell 3: {missing}")
    assert row["2.2-pull: line"].startswith(f"your cell fails: {missing}")


def test_the_solutions_of_the_books_own_notebook_do_not_count(honest):
    row = honest[0]["book"]
    assert (row["2.2-pull"], row["2.2-leak"]) == ("1", "0")
    assert "solutions in it were left out" in row["note"]


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("3.3-cells", "is built"),
        ("3.5-arrives", "inverse"),
        ("4.4-additive", "without a loop"),
        ("3.4-draw", "it draws again and again"),
        ("3.4-log", "FloatingPointError"),
        ("5.2-scores", "changed its argument 1"),
        ("5.1-latest", "the index"),
    ],
)
def test_a_check_sees_what_it_would_see_in_the_notebook(honest, id, words):
    row = honest[0]["special"]
    assert row[id] == "0"
    assert words in row[f"{id}: line"]


@pytest.mark.parametrize("name", PAGES)
def test_the_books_own_answers_are_right_by_the_cells_that_they_stand_on(honest, name):
    row = honest[0][f"page-{name}"]
    ids = [id for id in row if re.fullmatch(rf"{PAGES[name]}-[\w-]+", id)]
    assert len(ids) > 5
    assert [id for id in ids if row[id] != "1"] == []
    assert row["note"] == ""


def test_a_cell_that_no_look_at_the_code_finds_costs_no_point(honest):
    row = honest[0]["unseen"]
    assert (row["2.2-pull"], row["2.2-leak"], row["points"]) == ("1", "1", "2")
    assert row["note"].startswith("look at this one: 2.2-pull was wrong at first (")


def test_a_cell_that_may_make_a_name_again_costs_no_point(honest):
    assert (honest[0]["maybe"]["2.2-pull"], honest[0]["maybe"]["note"]) == ("1", "")


def test_the_second_run_is_no_second_guess_of_a_letter(honest):
    row = honest[0]["guesses"]
    assert (row["2-q1"], row["2.2-pull"], row["points"]) == ("0", "1", "1")
    assert row["note"].startswith("look at this one: 2.2-pull was wrong at first (")


def test_the_temporary_folders_go(honest):
    assert not os.listdir(honest[2].parent / "temporary")
