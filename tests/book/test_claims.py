"""What pages say of their results in words, held to the tables that they read."""

import pandas as pd
import pytest
from bookpages import pages

PAGES = {page.path.stem: page for page in pages()}


def run(page, cell, **names):
    """Run one cell of a page by itself, and return what it glued."""
    glued = {}
    names["glue"] = lambda name, value, display: glued.update({name: value})
    (source,) = [c.source for c in PAGES[page].code if c.id == cell]
    exec(source, names)
    return glued


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (-0.04, -0.005, "behind: its interval lies below 0"),
        (0.005, 0.04, "ahead: its interval lies above 0"),
        (-0.01, 0.02, "agrees: its interval contains 0"),
    ],
)
def test_attention_says_on_which_side_of_0_the_live_interval_lies(low, high, says):
    row = pd.DataFrame({"low": low, "high": high}, ["live: unit-mean"])
    assert says in run("attention", "glue-live", versus=row)["live-agrees"]
