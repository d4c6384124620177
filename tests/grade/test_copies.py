"""Who handed in what somebody else did, or nearly."""

import numpy as np
import pandas as pd
import pytest
from handed_in import hand_in

import recbook
from recbook import grade


def test_table_says_who_handed_in_the_same(tmp_path):
    judge = hand_in(tmp_path, ann=0.6, exact=0.0)
    ann = tmp_path / "in" / "ann.csv"
    (tmp_path / "in" / "bob.csv").write_bytes(ann.read_bytes())
    table = grade.standings(tmp_path / "in", judge)
    assert "the same errors as bob.csv" in table
    assert "the same errors as ann.csv" in table
    assert "1   exact.csv" in table
    assert "Too good" in table.splitlines()[0]


def changed(path, to, change):
    frame = pd.read_csv(path)
    frame["prediction"] = change(frame["prediction"])
    frame.to_csv(to, index=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.round(2),
        lambda x: (x + 0.02).clip(1, 5),
        lambda x: 0.99 * x + 0.03,
        lambda x: x + np.resize([-0.001, 0.001], len(x)),
    ],
)
def test_a_copy_that_was_changed_a_little_is_named(tmp_path, change):
    noise = np.random.default_rng(1).normal(0, 0.2, size=1000)
    judge = hand_in(tmp_path, ann=0.5 + noise / 2, cy=0.5 - noise)
    folder = tmp_path / "in"
    changed(folder / "ann.csv", folder / "bob.csv", change)
    lines = grade.standings(folder, judge).splitlines()
    said = {line.split()[1]: line.partition("nearly ")[2] for line in lines[:4]}
    ann, bob = (judge(folder / f"{name}.csv").departures for name in ("ann", "bob"))
    near = np.corrcoef(ann, bob)[0, 1]
    words = f", or one model with settings near by (correlation {near:.5f})"
    assert said == {
        "ann.csv": f"the same predictions as bob.csv{words}",
        "bob.csv": f"the same predictions as ann.csv{words}",
        "cy.csv": "",
        "(bias)": "",
    }


def test_an_exact_copy_is_told_beside_a_near_one(tmp_path):
    judge = hand_in(tmp_path, ann=np.random.default_rng(1).normal(0.5, 0.1, size=1000))
    ann, bob, cy = (tmp_path / "in" / f"{name}.csv" for name in ("ann", "bob", "cy"))
    bob.write_bytes(ann.read_bytes())
    changed(ann, cy, lambda x: x.round(2))
    lines = {
        line.split()[1]: line
        for line in grade.standings(tmp_path / "in", judge).splitlines()[:3]
    }
    near = "nearly the same predictions as"
    assert f"the same errors as bob.csv; {near} cy.csv," in lines["ann.csv"]
    assert f"the same errors as ann.csv; {near} cy.csv," in lines["bob.csv"]
    assert f"{near} ann.csv and bob.csv," in lines["cy.csv"]
    assert "the same errors" not in lines["cy.csv"]


def test_two_seeds_of_one_model_are_no_copy(world, tmp_path):
    answers = grade.read_answers(world / "answers.csv")
    task = grade.load(world / "students")
    (tmp_path / "in").mkdir()
    for seed in (0, 1):
        model = recbook.MatrixFactorization(seed=seed).fit(task.train)
        frame = task.pairs.assign(prediction=model.predict(*task.codes))
        frame.to_csv(tmp_path / "in" / f"{seed}.csv", index=False)
    table = grade.standings(tmp_path / "in", lambda path: grade.grade(path, answers))
    assert "same" not in table.splitlines()[0] + table.splitlines()[1]


def test_many_copies_are_named_as_a_group(tmp_path):
    judge = hand_in(tmp_path, ann=0.6)
    ann = tmp_path / "in" / "ann.csv"
    for number in range(8):
        (tmp_path / "in" / f"b{number:02}.csv").write_bytes(ann.read_bytes())
    lines = grade.standings(tmp_path / "in", judge).splitlines()
    assert lines[0].endswith("the same errors as b00.csv and 7 more")
    assert max(map(len, lines[:9])) < 120
