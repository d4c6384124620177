"""What the tests of grading share: answers, the command, and a small world."""

import numpy as np
import pytest
from handed_in import TRUTH, small_worlds

from recbook import grade
from recbook.grade.commands import main


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(TRUTH, encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path, answers, capsys):
    """Grade the bytes of a file by the command, and return status, output, error."""

    def call(data, *options, name="mine.csv", forecast=None):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        if forecast is not None:
            path.with_suffix(".txt").write_text(forecast, encoding="utf-8")
        status = main([str(path), "--answers", str(answers), *options])
        return status, *capsys.readouterr()

    return call


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class") / "world"
    with small_worlds():
        assert main(["--new", str(folder), "--seed", "7"]) == 0
    return folder


@pytest.fixture(scope="session")
def ten(world):
    """Return for each person ten films that they are not known to have rated."""
    both = grade.read_world(world / "answers.csv")
    known = both.task.train.csr.toarray() + both.pairs.csr.toarray()
    return both, np.argsort(known, axis=1, kind="stable")[:, :10]
