"""Chinese words say so; texts around them stay as they are."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.core import publish_doctree, publish_from_doctree
from recbook_book.notebooks.plain_markdown import Markdown
from recbook_book.page.chinese import SayItIsChinese, marked


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("marketing", ["marketing"]),
        ("recall 召回率.", ["recall ", "召回率", "."]),
        ("召回、排序 in two", ["召回、排序", " in two"]),
        ("单元（ReLU）", ["单元", "（ReLU）"]),
        ("周志华《机器学习》", ["周志华《机器学习》"]),
    ],
)
def test_a_run_of_chinese_is_one_span(text, parts):
    assert [node.astext() for node in marked(text)] == parts


GLOSSARY = Path(__file__).resolve().parents[2] / "chapters/appendix/glossary.md"


@pytest.mark.parametrize(
    ("term", "words"),
    [  # what the trade says, where a literal word means something else, or is rare
        ("switchback", "时间片轮转实验"),
        ("sample-ratio mismatch", "样本比例不匹配"),
        ("budget pacing", "预算平滑（预算控速）"),
        ("frequency cap", "频次控制（频次上限）"),
        ("eCPM", "千次展示期望收入（eCPM）"),
        ("holdout group", "留出组（保留组）"),
        ("intention-to-treat effect", "意向处理效应（意向治疗效应）"),
        ("overall evaluation criterion", "综合评估标准（总体评估标准、OEC）"),
    ],
)
def test_the_chinese_word_is_the_one_that_is_searched_for(term, words):
    terms = GLOSSARY.read_text(encoding="utf-8")
    assert re.search(rf"^{term}\n(?:\S.*\n)*    \*\*{words}\*\* ·", terms, re.M)


def said(text, language):
    """The tree of a text in an edition of the book."""
    transform = SayItIsChinese.__new__(SayItIsChinese)
    transform.document = document = publish_doctree(text)
    config = SimpleNamespace(language=language)
    document.settings.env = SimpleNamespace(config=config)
    transform.run()
    return document


def test_a_chinese_edition_says_it_once_for_the_page():
    assert not any(said("召回率", "zh_CN").findall(nodes.inline))
    assert any(said("召回率", "en").findall(nodes.inline))


def test_html_has_the_language_and_code_is_left_alone():
    document = said("A *word* 召回率 and ``召回率``.", "en")
    settings = {"output_encoding": "unicode"}
    page = publish_from_doctree(
        document, writer_name="html5", settings_overrides=settings
    )
    assert page.count('<span lang="zh-Hans">召回率</span>') == 1
    writer = Markdown(lambda *_: "", lambda uri: None, SimpleNamespace())
    assert writer.block(document[0]) == "A *word* 召回率 and `召回率`."
    assert isinstance(document[0], nodes.paragraph)
