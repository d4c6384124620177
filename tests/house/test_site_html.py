"""The build by Sphinx: how many trees of pages are held in memory at once."""

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import recbook_book
import site_html
from docutils import nodes
from docutils.core import publish_doctree
from recbook_book.site import own_trees

HERE = Path(site_html.__file__).parent
EXT = str(HERE.parent / "chapters" / "_ext")
# Builds twenty pages, and prints how many trees there were at most.
BUILD = """
import sys, weakref
import site_html
site_html.remember()
if sys.argv[2] == "forget":
    site_html.forget()
from sphinx.application import Sphinx
folder, trees, most = sys.argv[1], weakref.WeakSet(), [0]
app = Sphinx(folder, folder, folder + "/html", folder + "/trees", "html",
    status=None, parallel=2, warningiserror=True)
app.is_parallel_allowed = lambda kind: kind == "write"

def count(app, tree, docname=None):
    trees.add(tree)
    most[0] = max(most[0], len(trees))

app.connect("doctree-read", count)
app.connect("doctree-resolved", count)
app.build(force_all=True)
print(most[0], app.statuscode)
"""


def build(folder, how):
    """Return how many trees were held, and the pages."""
    folder.mkdir()
    names = [f"page{number}" for number in range(20)]
    toc = "\n".join(f"   {name}" for name in names)
    own = f"import sys\nsys.path.append({EXT!r})\n"
    own += "extensions = ['recbook_book.site.own_trees']\n"
    settings = "html_theme = 'basic'\nhtml_copy_source = False\n"
    (folder / "conf.py").write_text(own + settings if how == "forget" else settings)
    (folder / "index.rst").write_text(f"Book\n====\n\n.. toctree::\n\n{toc}\n")
    for name in names:
        text = f"{name}\n=======\n\nOf :doc:`index`, and of :ref:`genindex`.\n"
        (folder / f"{name}.rst").write_text(text)
    command = [sys.executable, "-c", BUILD, str(folder), how]
    done = subprocess.run(
        command, cwd=HERE, capture_output=True, text=True, check=True, timeout=300
    )
    held, status = map(int, done.stdout.split()[-2:])
    assert status == 0
    html = sorted((folder / "html").glob("*.html"))
    return held, {path.name: path.read_bytes() for path in html}


def test_the_trees_of_a_few_pages_are_held_at_once(tmp_path):
    """The trees of all pages took 7 GB."""
    held, pages = build(tmp_path / "some", "forget")
    assert held <= 3 * site_html.AT_ONCE  # a role, too, holds where it was last
    others, same = build(tmp_path / "all", "keep")
    assert others > 20
    assert len(pages) > 20
    assert pages == same


def test_a_tree_leads_to_no_other_page():
    """A docstring made each API page carry all chapters: 0.7 GB."""
    page, docstring = (publish_doctree(f"An *{name}* tree.") for name in ("own", "a"))
    for node in docstring.findall():
        node.document = docstring
    page += docstring[0]
    assert any(node.document is docstring for node in page.findall())
    titles = {"api": nodes.title("", "Title")}
    titles["api"][0].document = docstring
    env = SimpleNamespace(docname="api", titles=titles, longtitles=titles, tocs=titles)
    own_trees.cut(SimpleNamespace(env=env), page)
    assert all(node.document is page for node in page.findall())
    assert titles["api"][0].document is None


def test_the_examples_of_the_extension_are_true():
    inside = pkgutil.walk_packages(recbook_book.__path__, "recbook_book.")
    modules = [importlib.import_module(found.name) for found in inside]
    results = [doctest.testmod(module) for module in modules]
    assert sum(result.attempted for result in results) > 10
    assert not sum(result.failed for result in results)
