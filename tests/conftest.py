"""What the tests share: the two data sets of the book, and the real one if given."""

import os

import hypothesis
import pytest

from recbook import datasets

# A test never waits for the network, and prints the same with and without it.
os.environ["RECBOOK_OFFLINE"] = "1"

# The same examples each run, and no failure because the machine is busy.
hypothesis.settings.register_profile(
    "book", deadline=None, derandomize=True, database=None
)
hypothesis.settings.load_profile("book")


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
