"""A translated page is in Chinese, but for what is behind, and it says what is."""

import json

import pytest

pytest.importorskip("sphinx")

import smallbook
from docutils import nodes
from recbook_book.edition import strings
from recbook_book.edition.translations import GLUED, joined_notebook
from recbook_book.edition.units import digest, english_of, pieces, units_of

PARTS = "edition.strings", "edition.translations"
PAGE = """# Two heaps

Ann has 3 stars.

## What goes wrong

Bob has 4 stars, not 5.

## What goes wrong

Nothing is left.
"""
FIRST, SECOND, THIRD = (words for _, words in pieces(PAGE))
CHINESE = """+++ two-heaps @{}
# 两堆

Ann 打了 3 颗星。

+++ what-goes-wrong @{}
## 哪里会出错

Bob 打了 {} 颗星，不是 5 颗。

+++ what-goes-wrong-2 @{}
## 哪里会出错

什么也没剩下。
"""


def built(folder, second=None, stars=4, page=PAGE, chinese=CHINESE):
    """Build a page in Chinese, whose second unit has a digest of its own."""
    (folder / "zh").mkdir()
    pins = digest(FIRST), second or digest(SECOND), stars, digest(THIRD)
    text = chinese.format(*pins)
    (folder / "zh" / "index.md").write_text(text, encoding="utf-8")
    return smallbook.page(folder, page, *PARTS, language="zh_CN")


def headings(tree):
    return [(s[0].astext(), s["ids"][0]) for s in tree.findall(nodes.section)]


def test_a_translated_page_says_nothing_in_english(tmp_path):
    tree, _, _ = built(tmp_path)
    assert "Ann 打了 3 颗星。" in tree.astext()
    assert "Nothing" not in tree.astext()
    assert strings.said("Not translated yet.") not in tree.astext()


def test_its_sections_have_the_places_of_the_english_page(tmp_path):
    (tmp_path / "english").mkdir()
    english, _, _ = smallbook.page(tmp_path / "english", PAGE, *PARTS)
    (tmp_path / "chinese").mkdir()
    chinese, _, _ = built(tmp_path / "chinese")
    ids = [id for _, id in headings(english)]
    assert ids[:2] == ["two-heaps", "what-goes-wrong"]
    assert [id for _, id in headings(chinese)] == ids
    assert headings(chinese)[0][0] == "两堆"


def test_words_whose_english_has_changed_are_shown_with_a_note(tmp_path):
    tree, html, _ = built(tmp_path, second="00000000")
    assert "Bob 打了 4 颗星，不是 5 颗。" in tree.astext()
    assert html.count('class="behind"') == 1


def test_an_old_number_is_never_shown(tmp_path):
    tree, html, _ = built(tmp_path, second="00000000", stars=3)
    assert "Bob 打了" not in tree.astext()
    (english,) = [p for p in tree.findall(nodes.paragraph) if "Bob" in p.astext()]
    assert "language-en" in english["classes"]
    assert '<p lang="en">Bob has 4 stars, not 5.</p>' in html
    chinese = [p for p in tree.findall(nodes.paragraph) if "什么" in p.astext()]
    assert "language-en" not in chinese[0]["classes"]


def test_a_unit_that_nobody_translated_is_in_english(tmp_path):
    head, _, rest = CHINESE.partition("+++ what-goes-wrong @")
    without = head + "+++ what-goes-wrong-2" + rest.partition("-2")[2]
    (tmp_path / "zh").mkdir()
    text = without.format(digest(FIRST), digest(THIRD))
    (tmp_path / "zh" / "index.md").write_text(text, encoding="utf-8")
    tree, _, _ = smallbook.page(tmp_path, PAGE, *PARTS, language="zh_CN")
    assert "Bob has 4 stars" in tree.astext()
    assert len(headings(tree)) == 3


def cell(id, kind, source, **more):
    return {"id": id, "cell_type": kind, "source": source, "metadata": {}, **more}


@pytest.fixture
def notebook():
    draws = cell("draw", "code", "draw()", outputs=[])
    about = {"figure": {"caption": "Two heaps.", "name": "f"}, "image": {"alt": "H."}}
    draws["metadata"] = {"mystnb": about}
    return {"metadata": {}, "cells": [cell("lead", "markdown", "Look."), draws]}


def test_a_notebook_has_the_words_of_one_edition_and_the_run_of_the_other(
    notebook, tmp_path
):
    path = tmp_path / "page.ipynb"
    path.write_text(json.dumps(notebook))
    english = english_of(path)
    pins = [digest(words) for words in english.values()]
    names = ["看。", "两堆。", "两堆。"]
    parts = zip(english, pins, names, strict=True)
    text = "\n\n".join(f"+++ {name} @{pin}\n{words}" for name, pin, words in parts)
    units = units_of(f"{text}\n\n+++ draw.labels\nThis run agrees. = 本次运行相符。\n")
    run = json.loads(json.dumps(notebook["cells"]))
    run[1]["outputs"] = [{"data": {GLUED: "'This run agrees.'"}}]
    joined_notebook(notebook, english, units, run)
    lead, draws = notebook["cells"]
    assert lead["source"] == "看。"
    assert draws["source"] == "draw()"
    assert draws["metadata"]["mystnb"]["figure"] == {"caption": "两堆。", "name": "f"}
    assert draws["outputs"] == [{"data": {GLUED: "'本次运行相符。'"}}]
    assert run[1]["outputs"] == [{"data": {GLUED: "'This run agrees.'"}}]
    assert notebook["metadata"]["mystnb"] == {"execution_mode": "off"}
