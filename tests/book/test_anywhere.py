"""Downloaded pages run where nobody has the course: on any machine, with any seed.

Reads the built book, after ``make book``. By day one page of a kind: with results and
hidden cells, with data and exercises, a project with files. At night all pages.
"""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import anywhere
import pytest
from bookpages import ALL_PAGES
from studentpages import NOTEBOOKS, cells_of

pytestmark = pytest.mark.site

BY_DAY = {"user-cf", "uplift", "results"}
EXTRAS = ("notebooks", "deep", "app") if ALL_PAGES else ("notebooks",)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fresh") / "environment"
    made = anywhere.environment(folder, EXTRAS)
    if made is None:
        pytest.skip("the package registry cannot be reached")
    return made


def downloads():
    found = sorted(NOTEBOOKS.rglob("*.ipynb"))
    found = [path for path in found if cells_of(path, "code")]
    by_day = [path for path in found if re.sub(r"^[\d.]+-", "", path.stem) in BY_DAY]
    assert len(by_day) == len(BY_DAY)
    return found if ALL_PAGES else by_day


def test_each_page_runs_in_an_empty_folder_and_with_other_seeds(kernels, tmp_path):
    """*Run All* ends on each; no hidden assertion stops a reader who changes a seed."""
    todo = [(path, seeds) for path in downloads() for seeds in (False, True)]

    def run(task):
        path, seeds = task
        folder = tmp_path / f"{path.stem}-{seeds}"
        return anywhere.tried(path, kernels, folder, seeds)

    with ThreadPoolExecutor(min(2, os.cpu_count())) as pool:
        ended = dict(zip(todo, pool.map(run, todo), strict=True))
    failed = {(path.stem, seeds): why for (path, seeds), why in ended.items() if why}
    assert not failed


def test_seeds_are_what_a_reader_sees():
    """Else the run with other seeds would be the same run once more."""
    cells = [{"cell_type": "code", "source": s} for s in ("f(seed=0)", "n = 3")]
    folded = {"jupyter": {"source_hidden": True}}
    cells.append({"cell_type": "code", "source": "f(seed=0)", "metadata": folded})
    assert anywhere.other_seeds(cells) == 1
    assert [cell["source"] for cell in cells] == ["f(seed=101)", "n = 3", "f(seed=0)"]
