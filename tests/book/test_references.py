"""Reading only what changed, Sphinx still finds what that breaks in other pages."""

import subprocess
import sys

import digests
import pytest

CONFIG = """title: Two pages
execute: {execute_notebooks: "off"}
"""
CONTENTS = """format: jb-book
root: one
chapters: [{file: two}]
"""
ONE = "# One\n\nSee {ref}`far` and {ref}`near`.\n\n(near)=\n## Near\n\nText.\n"
TWO = "# Two\n\n{target}\n## Far\n\nText, and {{ref}}`near`.\n"
BUILD = """
import sys
from pathlib import Path
import site_html
root = site_html.ROOT = Path(sys.argv[1])
site_html.HTML, site_html.DOCTREES = root / "_build/html", root / "_build/.doctrees"
print(site_html.build(sys.argv[2] == "all", [root / name for name in sys.argv[3:]]))
"""


@pytest.fixture
def build(tmp_path):
    """Return a function that builds a book of two pages, and says what is wrong."""
    (tmp_path / "_config.yml").write_text(CONFIG)
    (tmp_path / "_toc.yml").write_text(CONTENTS)
    (tmp_path / "one.md").write_text(ONE)

    def run(target, *what):
        (tmp_path / "two.md").write_text(TWO.format(target=target))
        command = [sys.executable, "-c", BUILD, str(tmp_path), *what]
        done = subprocess.run(
            command,
            cwd=digests.ROOT / ".ci",
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout.strip()

    return run


@pytest.mark.slow
def test_a_label_that_went_is_missed_by_the_page_that_did_not_change(build, tmp_path):
    assert build("(far)=", "all") == ""
    assert build("(far)=", "changed", "two.md") == ""
    wrong = build("(elsewhere)=", "changed", "two.md")
    assert wrong.startswith("one.md:3: WARNING: undefined label: 'far'")
    assert len(wrong.splitlines()) == 1
    pages = {path.name for path in (tmp_path / "_build" / "html").glob("*.html")}
    assert pages >= {"one.html", "two.html"}  # all are written, read or not
