"""References between pages, and between chapters and the API reference."""

import functools
import inspect
import re
import subprocess
import sys
from pkgutil import iter_modules, resolve_name

import digests
import pytest
from bookpages import CHAPTERS, chapters, pages
from recbook_book.reading import api_pages

from recbook import deep, marketing
from recbook._core.order import ORDER

CONFIG = """extensions = ["myst_nb", "sphinx_external_toc", "sphinx_book_theme"]
exclude_patterns, html_theme = ["_build"], "sphinx_book_theme"
nb_execution_mode, nitpicky = "off", True
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
    (tmp_path / "conf.py").write_text(CONFIG)
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


# The API reference -----------------------------------------------------------------

MODULE = re.compile(r"^\.\. automodule:: (\S+)$", re.M)
ENTRY = re.compile(r"^\.\. (?:auto(?:class|exception|function)|py:data):: (\S+)$", re.M)
LINK = re.compile(r"\{py:\w+\}`(?:[^`<]*<)?~?([\w.]+)>?`")


@functools.cache
def listed(pattern):
    """What the directives of the reference name, in the order of its pages."""
    texts = api_pages.pages()
    for name in api_pages.BY_HAND:
        texts[name] = (api_pages.FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return [name for text in texts.values() for name in pattern.findall(text)]


def links(page):
    return set(LINK.findall(page.text))


def public(module):
    """The full names of what a module's face offers, less its own modules."""
    names = [f"{module}.{n}" for n in getattr(resolve_name(module), "__all__", [])]
    return [name for name in names if not inspect.ismodule(resolve_name(name))]


def test_every_public_name_has_one_entry_in_the_reference():
    modules = listed(MODULE)
    nets = (getattr(deep, name).__module__.split(".")[2] for name in deep.__all__)
    parts = {*ORDER, *(f"deep.{module}" for module in nets)}
    parts |= {
        f"marketing.{module.name}"
        for module in iter_modules(marketing.__path__)
        if module.name != "base"
    }
    assert set(modules) == {f"recbook.{part}" for part in parts - {"_core", "deep"}}
    entries = [id(resolve_name(name)) for name in listed(ENTRY)]
    assert len(set(entries)) == len(entries), "one object stands there twice"
    names = [name for face in ("recbook", *modules) for name in public(face)]
    missing = [n for n in names if id(resolve_name(n)) not in entries]
    assert not missing


def test_pages_are_written_when_they_change_and_go_with_their_modules(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(api_pages, "FOLDER", tmp_path)
    for name in ("gone", "base"):  # of a module that is no more, and by hand
        (tmp_path / f"{name}.md").write_text("old")
    api_pages.write()
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    names = {path.stem for path in written}
    assert names == set(api_pages.pages()) - api_pages.BY_HAND | {"base"}
    assert (tmp_path / "base.md").read_text() == "old"
    (tmp_path / "linear.md").write_text("old")
    api_pages.write()
    assert "recbook.EASE" in (tmp_path / "linear.md").read_text()
    del written[tmp_path / "linear.md"]
    assert all(path.stat().st_mtime_ns == before for path, before in written.items())


def test_the_first_page_lists_every_model_and_module():
    text = [(CHAPTERS / "appendix" / "api.md").read_text(encoding="utf-8")]
    api_pages.fill_lists(None, api_pages.PLACE, text)
    found = re.findall(r"^   (recbook\.\S+)$", text[0], re.M)
    models = {n for n in public("recbook") if hasattr(resolve_name(n), "fit")}
    assert sorted(found) == sorted(models | set(listed(MODULE)))
    assert not re.search("MODELS|MODULES", text[0])


def test_a_chapter_teaches_each_model_similarity_metric_and_split():
    models = {n for n in public("recbook") if hasattr(resolve_name(n), "fit")}
    faces = ("recbook.similarity", "recbook.metrics", "recbook.splits")
    wanted = models.union(*(public(face) for face in faces))
    missing = sorted(wanted.difference(*map(links, chapters())))
    assert not missing


@pytest.mark.parametrize("page", [pytest.param(p, id=p.name) for p in pages()])
def test_a_link_to_the_reference_leads_to_an_entry(page):
    entries = listed(ENTRY)
    for target in links(page) - {*entries, *listed(MODULE)}:
        owner, _, member = target.rpartition(".")
        assert owner in entries, target
        assert hasattr(resolve_name(owner), member), target
