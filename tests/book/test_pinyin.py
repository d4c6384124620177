"""Chinese terms by their pinyin, and the list of them in the Chinese edition."""

import csv
from pathlib import Path

import pytest
from docutils.core import publish_doctree
from recbook_book.edition.translations import joined_text
from recbook_book.edition.units import digest
from recbook_book.reading.chinese_terms import listed, pairs
from recbook_book.reading.pinyin import HAN, code, initial, order, sounding

TERMS = Path(__file__).resolve().parents[2] / "zh" / "terms.csv"
ENGLISH = """
cosine similarity
    **余弦相似度；余弦** · Of an angle.

rating
    **评分** · A number.
"""


def chinese_terms():
    with TERMS.open(encoding="utf-8", newline="") as file:
        names = [row["zh"].split("；") for row in csv.DictReader(file)]
    return {name for row in names for name in row if HAN.search(name)}


def test_each_character_of_our_terms_has_a_sound():
    unknown = {c for name in chinese_terms() for c in sounding(name) if HAN.match(c)}
    assert not {character for character in unknown if not code(character)}


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("相似度", "X"),
        ("余弦", "Y"),
        ("重排序", "C"),
        ("弹性网络", "T"),
        ("调整余弦", "T"),
        ("校准", "J"),
        ("伽马", "G"),
        ("奥恩斯坦", "A"),
        ("在线评估", "Z"),
        ("p 值", "P"),
        ("α 消耗函数", "#"),
    ],
)
def test_a_term_stands_under_the_letter_of_its_pinyin(name, letter):
    assert initial(name) == letter


def test_latin_comes_first_and_then_sound_after_sound():
    names = ["协同过滤", "相似度", "X 轴", "相关系数", "稀疏矩阵"]
    expected = ["X 轴", "稀疏矩阵", "相关系数", "相似度", "协同过滤"]
    assert sorted(names, key=order) == expected


def test_each_chinese_name_leads_to_its_entry_with_the_english_beside_it():
    document = publish_doctree(ENGLISH)
    for item in document.findall(lambda node: node.tagname == "term"):
        item["ids"] = [f"term-{item.astext().replace(' ', '-')}"]
    found = list(pairs(document))
    assert found[1] == ("余弦", "cosine similarity", "term-cosine-similarity")
    page = listed(found)
    assert page.index("评分") < page.index(">余弦<") < page.index("余弦相似度")
    assert page.count('<h3 id="pinyin-Y">') == page.count('href="#pinyin-Y"') == 1
    assert page.count("<li>") == 3


def test_each_name_of_a_translated_term_keeps_its_line():
    english = "ReLU\n    A bend."
    chinese = "激活函数\n修正线性单元\nReLU\n    一道弯。"
    page = f"# Glossary\n\n```{{glossary}}\n{english}\n```\n"
    assert chinese in joined_text(page, {"relu": (digest(english), chinese)})
