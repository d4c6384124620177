"""What frames a page of the Chinese edition is in Chinese, though no page says it."""

import pytest

pytest.importorskip("sphinx")

import smallbook
from docutils import nodes
from recbook_book.edition import strings, theme
from recbook_book.first.road import lines
from recbook_book.page import minutes, opening, quick, workbook
from recbook_book.reading import metadata, search, words

QUESTION = """# 小测

```{quick} 2-q1
选哪个？

a. 这个
b. 那个
c. 都不是
```
"""


@pytest.fixture(autouse=True)
def chinese():
    strings.use("zh_CN")
    yield
    strings.use("en")


def test_an_opening_says_what_a_page_takes(tmp_path):
    class App:
        srcdir = tmp_path

        class env:
            recbook_minutes = {"page": minutes.Minutes(35, 160, 8, 70)}

    line = "".join(n.astext() for n in opening.joined(opening.facts(App, "page")))
    assert line == "读 35 分钟，连推导 70 分钟 · 连练习 2½ 小时 · 8 道练习"


def test_an_exercise_says_its_level_in_either_language():
    for text in (
        "★★ · 8 分钟 · 代码。写一个函数。",
        "★★ · 8 minutes · code. 写一个函数。",
    ):
        body = nodes.section("", nodes.paragraph("", text))
        (pill,) = workbook.pill(body)
        assert "难度 2（共 3 级），" in pill.astext()
        assert "8 分钟 · " in pill.astext()
        assert body.astext() == "写一个函数。"


def test_a_solution_is_named_by_its_exercise():
    context = {
        "body": '<p class="admonition-title">解答<a href="#x"> 练习 2.1.1</a></p>'
    }
    workbook.short_titles(None, "page", "page.html", context, None)
    words = '解答<span class="of">：练习 2.1.1</span></p>'
    assert context["body"] == f'<p class="admonition-title">{words}'


def test_characters_are_read_as_words_are():
    assert minutes.weight(nodes.Text("字" * 700)) == pytest.approx(2)
    assert minutes.weight(nodes.Text("用 SVD 分解")) == pytest.approx(3 / 350 + 1 / 200)


def test_a_quick_question_is_counted_and_its_chapter_found(tmp_path):
    parts = "edition.strings", "page.quick"
    _, html, _ = smallbook.page(tmp_path, QUESTION, *parts, language="zh_CN")
    assert "<legend>第 1 题，共 1 题</legend>" in html
    assert "<summary>答案</summary>" in html
    assert ">b 对：" in html or ">a 对：" in html or ">c 对：" in html
    found = [
        m[0] for m in quick.CHAPTER.finditer("见 6.14。见 2.1 和 2.2。共 3.5 倍。")
    ]
    assert found == ["6.14", "2.1", "2.2"]


def test_the_scripts_find_their_words_in_a_file(tmp_path):
    app, _ = smallbook.build(prepared(tmp_path), "edition.strings", language="zh_CN")
    words = (app.outdir / "_static" / "words.js").read_text(encoding="utf-8")
    assert words.startswith("window.recbookWords = {")
    assert '"Run":"运行"' in words
    assert "words.js" in (app.outdir / "index.html").read_text(encoding="utf-8")


def test_an_english_page_has_no_such_file(tmp_path):
    app, _ = smallbook.build(prepared(tmp_path), "edition.strings")
    assert not (app.outdir / "_static" / "words.js").exists()
    assert "words.js" not in (app.outdir / "index.html").read_text(encoding="utf-8")


def prepared(folder):
    (folder / "index.md").write_text("# A page\n")
    return folder


def test_a_page_is_described_by_its_first_sentences():
    class Env:
        recbook_subtitles = {"page": "皮尔逊与余弦"}
        recbook_beginnings = {"page": "谁像谁？"}
        titles = {"page": nodes.title("", "标题")}

    assert metadata.describe(Env, "page") == "皮尔逊与余弦。谁像谁？"
    Env.recbook_subtitles = {"page": "Least squares"}
    assert metadata.describe(Env, "page") == "Least squares. 谁像谁？"
    text = "商店想知道谁像谁。" * 20
    assert words.shorten(text) == "商店想知道谁像谁。" * 8
    assert search.AND.split("皮尔逊、余弦、调整余弦与杰卡德") == [
        *("皮尔逊", "余弦", "调整余弦", "杰卡德")
    ]


def test_the_theme_names_its_parts_in_chinese():
    page = '<a title="Link to this heading">#</a><nav aria-label="Page" title="Pages">'
    named = '<a title="到这个标题的链接">#</a><nav aria-label="本页" title="Pages">'
    assert theme.named(page) == named


def test_a_question_of_the_road_is_broken_behind_its_comma():
    drawn = lines(50, 0, "什么时候，几次？", 13, "question", 15, 17)
    assert [line.partition(">")[2] for line in drawn] == [
        *("什么时候，</text>", "几次？</text>")
    ]
