"""The Chinese edition in a browser: some pages of each kind, its search, its glossary.

``make book LANGUAGE=zh`` writes it; where it is not, nothing here is asked.
"""

import re
from collections import Counter

import browsing
import pytest
import serve
from bookpages import ROOT
from recbook_book.edition.units import units_of
from test_search import ask
from test_site import ALL_PAGES, LOOKED, SETTLE, STILL, turn

ZH = serve.HTML / "zh"
pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(not (ZH / "search.html").exists(), reason="not built"),
]
CHAPTERS = [
    "1-concepts/background",
    "1-concepts/evaluation",
    "2-neighbours/similarity",
]
PAGES = ["intro", *CHAPTERS, "appendix/glossary"]
TRANSLATED = sorted(
    path.relative_to(ROOT / "zh").with_suffix("").as_posix()
    for path in (ROOT / "zh").rglob("*.md")
)
# What a reader types: the chapter that is first. It is before its term where a title or
# a heading has the words, or where it says most of what is said of them.
FIRST = {
    "相似度": "2-neighbours/similarity",
    "共同评分": "2-neighbours/similarity",
    "支持度": "2-neighbours/similarity",
    "收缩": "2-neighbours/similarity",
    "盈亏平衡": "1-concepts/background",
    "提升度": "1-concepts/background",
    "归一化折损累计增益": "1-concepts/evaluation",
    "nDCG": "1-concepts/evaluation",
    "冷启动": "5-project/recommending",
    "隐式反馈": "1-concepts/concepts",
    "双塔": "5-project/model",
}
# Words in a picture, in the head of a table, and for a reader who hears the page. The
# titles on the map of the course are left out, as some are in English.
SAID = """() => [
    ...[...document.querySelectorAll('article :is(svg text, th)')].map(
        e => [e.localName, e.textContent]),
    ...[...document.querySelectorAll('[aria-label]:not(.course-map a)')].map(
        e => ['aria-label', e.getAttribute('aria-label')]),
    ...[...document.querySelectorAll('article img')].map(e => ['alt', e.alt]),
].map(([where, what]) => [where, what.trim()])"""
# Text outside of code and formulas.
WORDS = """() => {
    const walk = document.createTreeWalker(
        document.querySelector('article'), NodeFilter.SHOW_TEXT, n =>
        n.parentElement.closest('pre, code, script, style, mjx-container, [lang=en]')
        ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    let found = '';
    while (walk.nextNode()) found += walk.currentNode.data;
    return found;
}"""
# The width of the lines of long paragraphs in Han letters: two Latin ones count as one.
MEASURE = """() => {
    const counts = [];
    for (const p of document.querySelectorAll('.bd-article section > p:lang(zh)')) {
        if (p.textContent.length < 120 || p.querySelector('mjx-container')) continue;
        const lines = new Map();
        const walk = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
        const range = document.createRange();
        while (walk.nextNode())
            for (let at = 0; at < walk.currentNode.length; at++) {
                range.setStart(walk.currentNode, at);
                range.setEnd(walk.currentNode, at + 1);
                const {top, height} = range.getBoundingClientRect();
                const line = Math.round((top + height / 2) / 14);
                const wide = walk.currentNode.data.codePointAt(at) > 0x2010 ? 1 : 0.5;
                lines.set(line, (lines.get(line) ?? 0) + wide);
            }
        counts.push(...[...lines.values()].slice(0, -1));
    }
    return counts.reduce((a, b) => a + b, 0) / counts.length;
}"""
# The width of marks of Chinese in hundredths of a letter.
MARKS = """() => {
    const p = document.querySelector('.bd-article section > p:lang(zh)');
    const line = p.appendChild(document.createElement('span'));
    return ['“', '”', '—', '…', '，', '。'].map(mark => {
        line.textContent = `字${mark}字`;
        const three = line.getBoundingClientRect().width;
        line.textContent = '字字';
        return Math.round(100 * (three / line.getBoundingClientRect().width * 2 - 2));
    });
}"""
HAN = re.compile("[㐀-鿿]")
ENGLISH = re.compile(r"\b[a-z]{3,}\b.*\b[a-z]{3,}\b")
NUMBER = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)*")


def address(page):
    return f"zh/chapters/{page}.html"


@pytest.fixture(params=PAGES)
def name(request):
    return request.param


def meant(page):
    """The words of pictures and tables that are to stay as they are in English."""
    units = units_of((ROOT / "zh" / f"{page}.md").read_text(encoding="utf-8"))
    lines = [text for unit, (_, text) in units.items() if unit.endswith(".labels")]
    return "\n".join(lines)


def test_a_phone_has_room_for_it(name, page):
    tab = page(address(name), width=390)
    tab.evaluate(SETTLE)
    tab.evaluate(LOOKED)
    assert tab.evaluate(browsing.WIDER) == []


@pytest.mark.parametrize("chapter", TRANSLATED if ALL_PAGES else [])
def test_a_phone_has_room_for_each_translated_page(chapter, page):
    test_a_phone_has_room_for_it(chapter, page)


def test_it_is_accessible_in_both_themes(name, page, axe):
    tab = page(address(name))
    tab.evaluate(SETTLE)
    tab.evaluate(STILL)
    tab.evaluate(axe)
    assert tab.evaluate(browsing.AXE) == []
    turn(tab, "dark")
    assert tab.evaluate(browsing.AXE) == []
    assert tab.evaluate("document.documentElement.lang").startswith("zh")


def test_nothing_of_the_source_is_left_over(name, page):
    tab = page(address(name))
    tab.evaluate(SETTLE)
    words = tab.evaluate(WORDS)
    assert len(HAN.findall(words)) > 500
    assert not re.findall(r".{20}(?:\*\*|\{\w*\}|`).{20}", words)


def test_pictures_tables_and_names_are_in_chinese(name, page):
    tab = page(address(name))
    tab.evaluate(SETTLE)
    kept = meant(name)
    left = {
        (where, what)
        for where, what in tab.evaluate(SAID)
        if ENGLISH.search(what) and not HAN.search(what) and what not in kept
    }
    assert not left


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_line_has_between_30_and_40_letters(chapter, page):
    tab = page(address(chapter))
    tab.evaluate(SETTLE)
    assert 30 <= tab.evaluate(MEASURE) <= 40


def test_a_mark_is_as_wide_as_a_letter(page):
    tab = page(address(CHAPTERS[0]))
    tab.evaluate(SETTLE)
    assert all(95 <= width <= 105 for width in tab.evaluate(MARKS))


def test_the_switch_leads_to_the_same_place_and_back(name, page):
    tab = page(f"{address(name)}#place")
    for edition in ("", "zh/"):
        tab.locator("a.edition").first.click()
        tab.wait_for_url(f"**/{edition}chapters/{name}.html#place")
    assert tab.evaluate("document.documentElement.lang") == "zh-CN"


def test_the_switch_keeps_the_section_that_is_read(page):
    tab = page(address("2-neighbours/similarity"))
    tab.evaluate(SETTLE)
    tab.evaluate("document.querySelector('#by-hand').scrollIntoView()")
    # Playwright's own click would scroll first, as the link is in a sticky bar.
    tab.evaluate("document.querySelector('a.edition').click()")
    tab.wait_for_url(
        re.compile(r"(?<!zh)/chapters/2-neighbours/similarity.html#by-hand")
    )


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_numbers_and_formulas_are_those_of_the_english_page(chapter, page):
    # Not symbols in a line, which another language may say again, and not the titles of
    # other pages, which have their number in Chinese.
    count = """() => ({
        numbers: [...document.querySelectorAll('article :is(.std-numref, .mathjax, '
            + '.caption-number, a[href*="#equation-"])')].map(e => e.textContent),
        glued: [...document.querySelectorAll('.pasted-text')].map(e => e.textContent),
        tables: [...document.querySelectorAll('article td')].map(e => {
            const copy = e.cloneNode(true);
            copy.querySelectorAll('.doc').forEach(title => title.remove());
            return copy.textContent;
        }),
        formulas: document.querySelectorAll('article div.math').length,
        code: [...document.querySelectorAll('article .cell_input pre')].map(
            e => e.textContent),
    })"""
    found = []
    for edition in (address(chapter), f"chapters/{chapter}.html"):
        tab = page(edition)
        tab.evaluate(SETTLE)
        had = tab.evaluate(count)
        for kind in ("numbers", "glued", "tables"):
            had[kind] = Counter(NUMBER.findall(" ".join(had[kind])))
        found.append(had)
    chinese, english = found
    assert english["formulas"] > 3
    assert chinese == english


@pytest.fixture(scope="module")
def tab(browser):
    """A window for the edition on disk, where no page may fetch another."""
    context, window, complaints = browsing.window(browser, ZH.as_uri(), "light", 1280)
    yield window
    context.close()
    assert not complaints


@pytest.mark.parametrize("query", FIRST)
def test_a_question_leads_to_the_page_that_answers_it(query, tab):
    (found, words), *_ = ask(tab, query, ZH)
    assert found.split("#")[0] == f"chapters/{FIRST[query]}.html"
    assert len(HAN.findall(words)) > 20
    assert tab.locator("#search-results mark").count() > 0


@pytest.mark.parametrize("query", ["怎么评估推荐", "怎么做推荐系统", "如何计算相似度"])
def test_a_question_as_one_asks_it_finds_pages(query, tab):
    assert ask(tab, query, ZH)


def test_all_pieces_of_a_question_are_looked_for(tab):
    both = ask(tab, "nDCG 精确率", ZH)
    assert 0 < len(both) < len(ask(tab, "精确率", ZH))
    assert ask(tab, "龘靐", ZH) == []


def test_an_excerpt_is_some_40_letters_around_the_hit(tab):
    ask(tab, "共同评分", ZH)
    quotes = tab.locator("#search-results p.context").all_inner_texts()
    assert len(quotes) > 2
    dense = [text for text in quotes if len(HAN.findall(text)) > len(text) / 3]
    assert dense
    assert all(len(text) <= 56 for text in dense)


def test_a_page_in_english_is_found_by_the_chinese_name_of_its_term(tab):
    addresses = [found for found, _ in ask(tab, "老虎机", ZH)]
    assert any("6-marketing/bandits" in found for found in addresses)


def test_the_glossary_is_read_from_either_language(page):
    tab = page(address("appendix/glossary"), width=390)
    rows = tab.locator(".by-pinyin li")
    assert rows.count() > 300
    assert tab.locator(".by-pinyin nav a").count() > 20
    letters = tab.locator(".letters").first.locator("a")
    assert letters.count() > 20
    assert re.fullmatch("[A-Z]", letters.nth(3).inner_text())
    row = rows.filter(has_text="重排序").first
    assert "re-ranking" in row.inner_text()
    assert row.locator("xpath=../preceding-sibling::h3[1]").inner_text() == "C"
    row.locator("a").click()
    assert tab.evaluate("document.querySelector(':target')") is not None


@pytest.mark.parametrize("typed", ["余弦相似", "cosine simil"])
def test_both_lists_are_filtered_by_either_language(typed, page):
    tab = page(address("appendix/glossary"))
    tab.locator(".glossary-filter input").fill(typed)
    shown = tab.locator("dl.glossary > dt:visible")
    assert 0 < shown.count() < 12
    assert any("余弦相似度" in text for text in shown.all_inner_texts())
    rows = tab.locator(".by-pinyin li:visible")
    assert 0 < rows.count() < 12
    assert tab.locator(".by-pinyin h3:visible").count() <= rows.count()


def test_a_preview_of_a_term_is_in_chinese(page):
    tab = page(address("2-neighbours/similarity"))
    tab.locator("article a[href*='#term-shrinkage']").first.hover()
    tab.wait_for_selector("#preview:not([hidden])")
    assert len(HAN.findall(tab.locator("#preview").inner_text())) > 10
