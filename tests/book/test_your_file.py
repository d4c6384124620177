"""The panel for a file of the reader's: what a page has of it without scripts."""

import io
import re
import sys

import pytest
from bookpages import CHAPTERS
from recbook_book.live import your_file
from recbook_book.notebooks.plain_markdown import Markdown
from sphinx.testing.util import SphinxTestApp

CONF = f"""import sys
sys.path.insert(0, {str(CHAPTERS / "_ext")!r})
extensions = ["myst_parser", "recbook_book.live.your_file"]
"""


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Return a function that builds a page: its tree, its HTML and Sphinx's words."""
    (tmp_path / "conf.py").write_text(CONF)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def build(job):
        (tmp_path / "index.md").write_text(f"# File\n\n```{{your-file}} {job}\n```\n")
        said = io.StringIO()
        app = SphinxTestApp("html", tmp_path, warning=said, freshenv=True)
        app.build()
        tree = app.env.get_doctree("index")
        app.cleanup()
        html = (tmp_path / "_build" / "html" / "index.html").read_text()
        return tree, html, said.getvalue()

    return build


def test_without_scripts_the_panel_is_a_command(built):
    tree, html, complaints = built("customer_value")
    assert not complaints
    assert '<div class="your-file" data-job="customer_value">' in html
    words = re.sub(r"<[^>]*>", "", html)
    assert "python -m recbook.report customer-value orders.csv --customer" in words
    assert "example_file" not in html, "the notebook's sentence is on the page"
    for name in your_file.SCRIPTS:
        assert f"{name}.js" in html
    (panel,) = tree.findall(your_file.is_panel)
    markdown = Markdown(None, None, None).block(panel)
    assert 'in place of `example_file("orders.csv")`' in markdown
    assert "```bash\npython -m recbook.report customer-value" in markdown
    assert "becomes the same report" not in markdown


def test_a_job_that_is_none_stops_the_book(built):
    assert "recbook.report has no job 'tea'" in built("tea")[2]


def test_a_notebook_names_each_file_of_a_job():
    words = your_file.for_notebooks("targeting").astext()
    assert 'example_file("trial.csv") and that of another' in words
    assert 'example_file("customers.csv") in the page' in words
