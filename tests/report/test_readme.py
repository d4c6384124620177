"""What the README says of your own numbers is true: its code and its command run."""

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recbook import report
from recbook.report.commands import main
from recbook.report.options import JOBS

ROOT = Path(__file__).resolve().parents[2]
FILES = {"report.html", "numbers.json"}


@pytest.fixture(scope="module")
def section():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.partition("## With your own numbers\n")[2].partition("\n## ")[0]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A shop's files, small enough that both reports refuse."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=700).astype(str)
    pd.DataFrame(
        {
            "customer": [f"{c:03}" for c in rng.integers(60, size=400)],
            "date": rng.choice(days, size=400),
            "product": rng.choice(["tea", "milk"], size=400),
            "amount": rng.gamma(4, 5, size=400).round(2),
        }
    ).to_csv("orders.csv", index=False)
    people = pd.DataFrame(
        {
            "customer": [f"{c:04}" for c in range(900)],
            "orders": rng.poisson(3, size=900),
            "channel": rng.choice(["web", "shop"], size=900),
        }
    )
    people.to_csv("customers.csv", index=False)
    people["arm"] = rng.choice(["letter", "none"], size=900)
    people["bought"] = rng.choice(["Y", "N"], p=[0.1, 0.9], size=900)
    people.to_csv("trial.csv", index=False)
    return tmp_path


def test_its_python_runs(section, folder, capsys):
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    space = {}
    exec(code, space)
    assert capsys.readouterr().out.strip() == space["answer"].decision
    assert {path.name for path in (folder / "spring").iterdir()} >= FILES


def test_its_command_runs(section, folder, capsys):
    (command,) = re.findall(r"```\n(python -m.*?)```", section, re.DOTALL)
    words = shlex.split(command.replace("\\\n", ""))
    assert words[:3] == ["python", "-m", "recbook.report"]
    assert main(words[3:]) == 0
    assert capsys.readouterr().out.startswith(("Decision: ", "No answer: "))
    assert {path.name for path in (folder / "spring").iterdir()} >= FILES


def test_it_names_every_job_and_no_other(section):
    named = set(re.findall(r"`(\w+)` \(", section))
    assert named == set(JOBS)
    assert all(hasattr(report, job) for job in JOBS)
