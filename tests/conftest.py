"""What the tests share: the two data sets of the book, and the real one if given."""

import contextlib
import io
import os

import browsing
import hypothesis
import pytest

from recbook import datasets
from recbook.datasets import download
from recbook.datasets import movielens as loading

# The peers live in an environment of their own; studies are commands, not tests.
collect_ignore = ["benchmarks/peers", "benchmarks/studies"]

# A test never waits for the network, and prints the same with and without it.
os.environ["RECBOOK_OFFLINE"] = "1"
# Nor does what it prints depend on the language of who runs it.
os.environ.pop("RECBOOK_LANGUAGE", None)

# The notice about the data is printed once a process: not into whichever doctest is the
# first to load them.
if not os.environ.get("RECBOOK_ML100K"):
    with contextlib.redirect_stdout(io.StringIO()):
        datasets.load_ml100k()

# The same examples each run, and no failure because the machine is busy.
hypothesis.settings.register_profile(
    "book", deadline=None, derandomize=True, database=None
)
hypothesis.settings.load_profile("book")


TINY_RATINGS = [  # four people, five films; user 4 has rated nothing
    (1, 1, 5), (1, 2, 3), (2, 1, 4), (2, 3, 1), (3, 2, 2),
    (3, 5, 5), (1, 5, 4), (2, 2, 2), (3, 1, 1), (1, 3, 3),
]  # fmt: skip
TINY_PEOPLE = [
    "1|24|M|writer|85711",
    "2|53|F|other|T8H1N",
    "3|7|M|student|00501",
    "4|30|F|none|99999",
]
TINY_FILMS = [
    "1|Löwe (1995)|01-Jan-1995||http://films/1|0|1|0",
    "2|Uphill (1971)|4-Feb-1971||http://films/2|0|0|1",
    "3|unknown||||1|0|0",
    "4|Never Seen (1996)|29-Feb-1996||http://films/4|0|1|1",
    "5|Uphill (1971)|04-Feb-1971||http://films/5|0|0|1",
]


@pytest.fixture(scope="session")
def toy():
    """Return the five people and six films of the book."""
    return datasets.load_toy()


@pytest.fixture(scope="session")
def movielens():
    """Return the embedded data."""
    return datasets.load_ml100k("embedded")


@pytest.fixture(scope="session")
def real():
    """Return the real MovieLens 100K, where $RECBOOK_ML100K gives its folder."""
    if not os.environ.get("RECBOOK_ML100K"):
        pytest.skip("RECBOOK_ML100K is not set")
    return datasets.load_ml100k("real")


def write_folder(folder):
    """Write a tiny data set in the files of ML-100K."""
    rows = enumerate(TINY_RATINGS, start=1)
    lines = [f"{u}\t{i}\t{r}\t{day * 86_400}" for day, (u, i, r) in rows]
    texts = {
        "u.data": lines,
        "u.item": TINY_FILMS,
        "u.user": TINY_PEOPLE,
        "u.genre": ["unknown|0", "Action|1", "Drama|2", ""],
    }
    for place, name in enumerate(["ub", "ua", "u5", "u4", "u3", "u2", "u1"]):
        texts[f"{name}.test"] = lines[place : place + 2]
        texts[f"{name}.base"] = lines[:place] + lines[place + 2 :]
    folder.mkdir()
    for name, rows in texts.items():
        content = "".join(f"{row}\n" for row in rows)
        (folder / name).write_bytes(content.encode("latin-1"))
    return folder


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """Start each test as a fresh process with an empty cache would."""
    monkeypatch.delenv("RECBOOK_ML100K", raising=False)
    monkeypatch.setenv("RECBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(download, "_failure", None)
    monkeypatch.setattr(loading, "_said", set())


@pytest.fixture
def tiny(tmp_path, fresh, monkeypatch):
    """Return a tiny data set, given by $RECBOOK_ML100K."""
    folder = write_folder(tmp_path / "ml-tiny")
    monkeypatch.setenv("RECBOOK_ML100K", str(folder))
    return folder


@pytest.fixture(scope="session")
def browser():
    """A browser without a window, one for all tests."""
    with browsing.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def axe():
    """The source of axe, the checker of accessibility."""
    return browsing.axe()
