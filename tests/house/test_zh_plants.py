"""Errors put into a translated page on purpose: the checker reports each of them.

The page is that on similarity. All of it counts as up to date here, so that a change of
its English does not keep the rules from being held.
"""

import dataclasses
import functools

import pytest
from chinese import labels, pages, rules
from recbook_book.edition.units import digest, units_of

NAME = "2-neighbours/similarity"
EXACT = {
    "a number": ("把 19 个共同评分者", "把 18 个共同评分者"),
    "a decimal": ("= 3.75 | 1.25 |", "= 3.75 | 12.5 |"),
    "a sign": ("| 0.25 | −2.75 |", "| 0.25 | 2.75 |"),
    "two columns": ("| Ann | 5 | 5 | 4 | 1 | 67 |", "| Ann | 5 | 4 | 5 | 1 | 67 |"),
    "a sign in a formula": ("所以皮尔逊是 $-1$", "所以皮尔逊是 $1$"),
    "a formula": (r"= \frac{n}{n + \beta}, \qquad", r"= \frac{n}{n - \beta}, \qquad"),
    "a glued number, typed": ("{glue:text}`median-n` 个", "2 个"),
    "a glued number's decimals": ("`one-corater:.0f`", "`one-corater:.1f`"),
    "an equation's label": (":label: reliability", ":label: reliable"),
    "which equation": ("由{eq}`cosine-floor` 可知", "由{eq}`cosine` 可知"),
    "a citation": ("{cite:t}`fisher1915frequency`", "{cite:t}`bell2007scalable`"),
    "a sentence": ("所以凡是对夹角成立的，对两者都成立。", ""),
    "a paragraph": ("同一对人，四个数，没有一个是错的。\n\n", ""),
    "an item": ("- **收缩*损害*余弦**。\n", ""),
    "a row": ("| 乘积 | −3.84 | −0.84 | −3.84 | |\n", ""),
    "code": ("`min_support=20`", "`min_support=2`"),
    "an argument": ('所以取 `over="all"` 时', '所以取 `over="corated"` 时'),
    "an option": (":class: dropdown\n\n把每个向量", "\n把每个向量"),
    "minutes of an exercise": ("★ · 4 分钟 · 纸笔。Cem", "★ · 5 分钟 · 纸笔。Cem"),
}
SET = {
    "a comma": ("先用笔，再用代码；", "先用笔,再用代码；"),
    "a space": ("里，40 个{term}", "里，40个{term}"),
    "bold that does not end": ("**哪一个均值**？可以", "**哪一个均值？**可以"),
    "a term that links by another word": ("`支持度 <support>`", "`支撑度 <support>`"),
    "a second word for a term": ("的意思是：一个相似度能", "的意思是：一个相似性能"),
    "a heading of all pages": ("## 从零写起", "## 从头实现"),
    "the polite you": ("请盯住 Ann", "您请盯住 Ann"),
    "English": ("：偏差加起来等于零", "：deviations add up to zero"),
    "an expression of a label": (r"余弦，β = \1", r"余弦，β = \2"),
}
MEANT = {
    "a negation": ("加上 $c$ 就不会：", "加上 $c$ 就会："),
    "left for right": ("竖线左边，近邻有帮助", "竖线右边，近邻有帮助"),
    "Bob for Dee": ("Dee 朝相反的方向", "Bob 朝相反的方向"),
    "a name in a claim": ("Dee 与 Ann、Bob、Cem 都", "Dee 与 Ann、Eve、Cem 都"),
    "a film": ("Cem 只评过《Alien》", "Cem 只评过《Up》"),
    "larger for smaller": ("误差反而比不用近邻更大", "误差反而比不用近邻更小"),
    "more for fewer": ("不少于 50 人", "少于 50 人"),
    "only": ("个数里只有 $n_{uv}", "个数里有 $n_{uv}"),
}


@functools.cache
def problems(unit):
    """What is wrong with a unit, which counts as up to date."""
    unit = dataclasses.replace(unit, pin=digest(unit.english))
    return frozenset(rules.of_unit(unit))


def lines(text):
    """What the checker says of the page with this text, by unit."""
    page = pages.read(NAME)
    english = {unit.name: unit.english for unit in page.units if unit.english}
    page = pages.joined(NAME, page.path, page.sibling, english, units_of(text))
    units = [unit for unit in page.units if unit.english and unit.chinese]
    found = {(unit.name, why) for unit in units for why in problems(unit)}
    cells = page.labels.items()
    return found | {(id, why) for id, text in cells for why in labels.malformed(text)}


@pytest.fixture(scope="module")
def text():
    return pages.read(NAME).sibling.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def before(text):
    return lines(text)


@pytest.mark.parametrize("plant", {**EXACT, **SET, **MEANT}.items(), ids=lambda p: p[0])
def test_a_planted_error_is_found(plant, text, before):
    _, (right, wrong) = plant
    assert right in text, "plant it elsewhere: the page says this no more"
    assert lines(text.replace(right, wrong, 1)) - before


def test_the_plants_are_as_many_as_in_the_trial():
    assert len(EXACT) + len(SET) >= 19
    assert len(MEANT) >= 4
