"""How each chapter opens: a subtitle, a riddle, and minutes that nobody types."""

import re

import pytest
from bookpages import chapters
from docutils import nodes
from recbook_book.page.minutes import Minutes
from recbook_book.page.opening import dress, facts, joined, part_of

OPENING = re.compile(
    r"# .+\n\n```\{opening\}\n(.+)\n\n(\*[^`]+)\n```\n\n:::\{admonition\}"
)
PAGE = """<html lang="en"><nav class="bd-links bd-docs-nav" aria-label="Main">
<a class="current reference internal" href="#">2.2  People like you</a>
<a class="reference internal" href="../appendix/notation.html">Notation</a>
</nav><a class="reference internal" href="user-cf.html">2.2  Elsewhere</a></html>"""


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.name)
def test_a_chapter_opens_with_its_method_and_a_riddle(page):
    subtitle, riddle = OPENING.match(page.text).groups()
    assert 8 <= len(subtitle) <= 60, "name the method in a line"
    assert not re.search(r"[.?*]", subtitle)
    assert "?" in riddle, "a riddle asks"
    goals = page.text.partition(":::{admonition}")[2].partition("\n:::")[0]
    assert not re.search(r"\d minutes", goals), "minutes are computed"


def test_no_two_chapters_have_one_subtitle():
    subtitles = [OPENING.match(page.text)[1] for page in chapters()]
    assert len(set(subtitles)) == len(subtitles)


def test_the_menu_of_pages_names_methods_and_the_page_its_part():
    class Env:
        recbook_subtitles = {"chapters/2-neighbours/user-cf": "kNN & <co>"}

    page = "chapters/2-neighbours/user-cf"
    dressed = dress(PAGE, page, Env, {page: 10})
    assert dressed.startswith('<html data-part="2" lang="en">')
    assert "2.2 People like you<small>kNN &amp; &lt;co&gt;</small></a>" in dressed
    assert f'data-page="{page}" data-of="2" data-exercises="10" href="#"' in dressed
    assert ">Notation</a>" in dressed
    marked = PAGE.replace('internal" href="#"', 'internal" lang="en" href="#"')
    assert f'data-page="{page}"' in dress(marked, page, Env, {page: 10})
    assert ">2.2  Elsewhere</a>" in dressed, "only the menu is dressed"


def test_a_page_outside_of_the_parts_has_none():
    assert part_of("chapters/5-project/data") == "5"
    assert part_of("chapters/appendix/notation") == part_of("chapters/intro") == ""


@pytest.mark.parametrize(
    ("unfolded", "words"),
    [(45, "to read"), (70, "to read, 70 with the derivations")],
)
def test_folds_are_told_where_they_take_five_minutes_more(unfolded, words, tmp_path):
    class App:
        srcdir = tmp_path

        class env:
            recbook_minutes = {"page": Minutes(45, 160, 8, unfolded)}

    assert next(facts(App, "page")) == f"**45 min** {words}"


def test_facts_stand_in_one_line():
    line = list(joined(["**50 min** to read", "读 **10 分钟**"]))
    assert "".join(node.astext() for node in line) == "50 min to read · 读 10 分钟"
    bold = [node.astext() for fact in line for node in fact.findall(nodes.strong)]
    assert bold == ["50 min", "10 分钟"]
