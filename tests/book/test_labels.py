"""The words of figures and tables in another language: on the page, and after a run."""

import html
import json

import pytest
from bookpages import CHAPTERS
from docutils import nodes
from recbook_book.edition import outputs
from recbook_book.edition.labels import (
    exchange,
    exchange_between_tags,
    for_scripts,
    parse,
)
from recbook_book.page import textbook_tables

from recbook.checks import language

LINES = r"""
low = 下限
high = 上限
a & b = 甲与乙
support = 4 = 支持度 = 4
/cosine, β = (\d+)/ = 余弦，β = \1
gain, points = 增益，百分点
/(\d+) of (\d+)/ = \2 中的 \1
/costs (\d+) €/ = 花费 $\1
-0.5 stars = −0.5 星
"""
RULES = parse(LINES)
EXCHANGED = [
    ("low", "下限"),
    ("below", "below"),
    ("a & b", "甲与乙"),
    ("support = 4", "支持度 = 4"),
    ("cosine, β = 7", "余弦，β = 7"),
    ("the cosine, β = 7", "the cosine, β = 7"),
    ("3 of 10", "10 中的 3"),
    ("costs 5 €", "花费 $5"),
    ("gain", "增益"),
    ("−2.5 points", "−2.5 百分点"),
    ("−0.5 stars", "−0.5 星"),
    ("a  &  b", "甲与乙"),
]


@pytest.mark.parametrize(("text", "said"), EXCHANGED)
def test_a_text_is_exchanged_as_a_whole(text, said):
    assert exchange(RULES, text) == said


def test_what_is_no_text_stays():
    kept = "<style>low</style><script>low</script><defs><text>low</text></defs>"
    marked = '<svg aria-label="low"><text class="low"> low </text>'
    marked += "<text>low<tspan>high</tspan></text><text>a &amp; b</text></svg>"
    said = '<svg aria-label="下限"><text class="low"> 下限 </text>'
    said += "<text>下限<tspan>上限</tspan></text><text>甲与乙</text></svg>"
    assert exchange_between_tags(RULES, kept + marked + kept) == kept + said + kept


def test_a_label_cannot_become_markup():
    rules = parse(["less = <b>&"])
    assert exchange_between_tags(rules, "<th>less</th>") == "<th>&lt;b&gt;&amp;</th>"


def test_a_head_still_draws_its_interval():
    """A table is set by its English heads, and exchanged after that."""
    row = "<tr><td>3</td><td>1</td><td>4</td></tr>"
    heads = "<tr><th>mean</th><th>low</th><th>high</th></tr>"
    frame = f"<table><thead>{heads}</thead><tbody>{row}{row}</tbody></table>"
    said = exchange_between_tags(RULES, textbook_tables.textbook(frame))
    assert said.count('class="zero"') == 2
    assert ">下限<" in said
    assert ">low<" not in said


def test_the_lines_of_checks_are_exchanged_and_no_other_output():
    def cell_of(source, printed):
        cell = nodes.container(nb_element="cell_code")
        shown = nodes.container(nb_element="cell_code_output")
        shown += nodes.literal_block(printed, printed)
        cell += [nodes.container("", nodes.literal_block(source, source)), shown]
        return list(outputs.printed(cell))

    (block,) = cell_of('recbook.check("2.1-cosine", f)', "right\n34 26")
    outputs.rewrite(block, language.translated("right", "zh"))
    assert block.astext() == block.rawsource == "对"
    assert cell_of("print('right')", "right") == []


@pytest.fixture(scope="module")
def tab(browser):
    """A page with the rules of one cell, and the script that shows results."""
    page = browser.new_page()
    told = json.dumps({"one": for_scripts(RULES), "": []})
    page.set_content(outputs.SCRIPT.format(told))
    page.evaluate("window.recbookLive = () => {}; window.recbookSay = (text) => text")
    page.add_script_tag(path=CHAPTERS / "_static" / "live_results.js")
    yield page
    page.close()


SHOW = """([id, form, markup]) => {
    const out = document.createElement("div");
    recbookLive.show({ id, out, fresh: false }, form, markup);
    return out.innerHTML;
}"""


@pytest.mark.site
def test_a_result_gets_the_words_of_the_page(tab):
    table = "<table><tr>{}</tr></table>"
    cells = "".join(f"<td>{html.escape(text)}</td>" for text, _ in EXCHANGED)
    said = "".join(f"<td>{other}</td>" for _, other in EXCHANGED)
    shown = tab.evaluate(SHOW, ["one", "html", table.format(cells)])
    assert f"<tr>{said}</tr>" in shown
    assert cells in tab.evaluate(SHOW, ["two", "html", table.format(cells)])


@pytest.mark.site
def test_a_figure_gets_them_and_its_style_does_not(tab):
    figure = '<svg class="drawn"><style>low</style><text> low </text></svg>'
    shown = tab.evaluate(SHOW, ["one", "svg", figure])
    assert "<style>low</style><text> 下限 </text>" in shown
