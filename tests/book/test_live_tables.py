"""A table looks the same when its cell is run in the page as it was printed there."""

import bookpages
import pytest
from jupyter_cache import get_cache
from live import build
from livepages import label_of, press, run_apart

pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(
        not build.MARKER.exists(), reason="the Python for the pages could not be had"
    ),
]

BUILT = bookpages.ROOT / "_build"
SET = 'pst-scrollable-table-container"><table class="table data'  # begins a cell's
TABLES = """id => Array.from(
    recbookLive.cells.find(c => c.id === id).box.querySelectorAll(".cell_output"),
    output => Array.from(output.querySelectorAll("table"), t => t.outerHTML))
"""


def put_out(page):
    """What the same cells put out when the book was built, as it left pandas."""
    cache = get_cache(BUILT / ".jupyter_cache")
    executed = cache.get_cache_bundle(cache.match_cache_file(str(page.path)).pk).nb
    outputs = [output for cell in executed.cells for output in cell.get("outputs", ())]
    texts = (output.get("data", {}).get("text/html", "") for output in outputs)
    return [text for text in texts if "<table" in text]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """{page: what its tables are when a cell of the page shows them}."""
    raw = {page.name: put_out(page) for page in bookpages.notebooks()}
    return run_apart("shown.py", raw, tmp_path_factory.mktemp("tables"))


def test_all_tables_are_set_in_the_page_as_they_are_printed(shown):
    """On every page, from what pandas made of them, in the Python of the pages."""
    marked = 0
    for page in bookpages.notebooks():
        path = BUILT / "html" / "chapters" / f"{page.name}.html"
        rest = path.read_text(encoding="utf-8")
        for html in shown[page.name]:
            before, there, rest = rest.partition(html.strip())
            assert there, f"{page.name} prints another table than {html}"
            assert SET not in before
            marked += 'class="best"' in html
        assert SET not in rest
    assert marked > 8


def test_a_cell_that_is_run_shows_the_table_that_was_printed(page):
    """In a browser: the best rows stay marked, and their arrows do not come back."""
    tab = page("chapters/6-marketing/pacing.html")
    done = press(tab, label_of(tab, "experiment-table"))
    assert done["state"].startswith("ran in")
    before, after = tab.evaluate(TABLES, "experiment-table")
    assert after == before
    assert 'class="best"' in after[0]
