"""Each folded solution is run and accepted by its own check, each starter refused."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bookpages import notebooks

HERE = Path(__file__).resolve().parent
WITH_CHECKS = [
    pytest.param(page, id=page.name)
    for page in notebooks()
    if any(exercise.starters for exercise in page.exercises)
]


@functools.cache
def results(path):
    """[label, place, check id, result, what it said] of every check of a notebook."""
    run = subprocess.run(
        [sys.executable, HERE / "run_exercises.py", path],
        env=os.environ | {"MPLBACKEND": "agg", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout.splitlines()[-1])


def labels(page):
    return [e.label for e in page.exercises if e.check_ids(e.starters)]


@pytest.mark.parametrize("page", WITH_CHECKS)
def test_solutions_are_accepted(page):
    answers = [r for r in results(page.path) if r[1] == "solution"]
    refused = [(id, said) for _, _, id, right, said in answers if not right]
    assert not refused
    assert [r[0] for r in answers] == labels(page)


@pytest.mark.parametrize("page", WITH_CHECKS)
def test_starters_are_refused(page):
    starters = [r for r in results(page.path) if r[1] == "exercise"]
    accepted = [id for _, _, id, right, _ in starters if right]
    assert not accepted
    assert [r[0] for r in starters] == labels(page)
    for _, _, id, _, said in starters:
        assert len(said.splitlines()) == 1, id
