"""The scripts that a report is measured beside, read and not run."""

import ast
import json

import pandas as pd
import pytest

from recbook.leaderboard.results import results_folder
from tests.benchmarks.studies import peers_reports as study

SCRIPTS = sorted(study.WAYS.glob("*_*.py"))


def test_each_job_has_our_way_and_a_peers():
    wanted = [f"{job}_{tool}.py" for job, peer in study.PEERS.items()
              for tool in ("recbook", peer)]  # fmt: skip
    assert sorted(wanted) == [path.name for path in SCRIPTS]
    assert set(study.TABLES.values()) <= set(study.real.SOURCES)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_is_a_readers_own(path):
    """It has a docstring, defines nothing, and a peer's says what it leaves out."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    kinds = (ast.FunctionDef, ast.ClassDef)
    assert ast.get_docstring(tree)
    assert not [node for node in ast.walk(tree) if isinstance(node, kinds)]
    assert bool(study.not_said(text)) == (not path.stem.endswith("_recbook"))


def test_lines_of_code_are_those_that_a_reader_types():
    text = '"""One.\n\nTwo.\n"""\n\n# Why.\nimport sys\n\nprint(\n    1,  # one\n)\n'
    assert study.code_lines(text) == 4  # import, and a call on three lines
    assert study.code_lines("import sys\n") == 1


def record(name):
    return pd.read_csv(results_folder() / f"{name}.csv", keep_default_na=False)


def test_each_job_has_met_a_real_table():
    table = record("tables")
    about = json.loads((results_folder() / "tables.json").read_text("utf-8"))
    assert set(table["table"]) == set(about["sources"])  # pages of part 6 have more
    assert set(table["table"]) <= set(study.real.SOURCES)
    assert set(table["job"]) == set(study.PEERS)
    found = table[table["value"] != ""].astype({"value": float, "low": float})
    assert (found["low"] <= found["value"]).all()


def test_both_ways_come_to_the_same_number():
    """To one in a million, as both maximise a likelihood up to a tolerance."""
    table = record("peers_reports")
    answers = table[table["answer"] != ""].astype({"answer": float})
    for _, both in answers.groupby("job"):
        assert len(both) == 2
        assert both["answer"].max() / both["answer"].min() < 1 + 1e-6
