"""The Chinese edition holds the rules, and each rule of the checker can be broken."""

import re

import pytest
from chinese import align, kept, labels, pages, rules, sense, style, terms
from recbook_book.edition import tokens
from recbook_book.edition.units import digest

import zh

ACCEPTED = pages.accepted()


@pytest.fixture(scope="module")
def read():
    """All translated pages."""
    return [pages.read(name) for name in pages.names()]


@pytest.fixture(scope="module")
def printed(read):
    """The lines that the checker prints of them."""
    return [line for page in read for line in rules.of_page(page)]


# The pages that are there ---------------------------------------------------------


def test_no_page_has_a_problem_that_nobody_accepted(printed):
    assert [line for line in printed if line not in ACCEPTED] == []


def test_what_is_accepted_is_little_and_still_found(read, printed):
    units = sum(len(page.units) for page in read)
    assert 8 * len(ACCEPTED) <= units
    assert len(set(ACCEPTED)) == len(ACCEPTED)
    late = [line for page in read for line in rules.behind(page)]
    assert zh.dead(printed, late) == []


def test_each_sentence_and_each_word_is_in_its_table_once():
    for table, column in (("strings.csv", "en"), ("avoid.csv", "zh")):
        words = [row[column] for row in pages.rows(table)]
        assert sorted({word for word in words if words.count(word) > 1}) == []


def test_no_fixed_word_is_one_to_avoid():
    for words in terms.fixed().values():
        for pattern, _, _ in terms.avoided():
            assert not pattern.search(words[0])


# What must stay -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("english", "chinese", "same"),
    [
        ("It gains 1,400 €.", "它赚 1,400 欧元。", True),
        ("It gains 1,400 €.", "它赚 1,500 欧元。", False),
        ("from −1 to 1", "从 −1 到 1", True),
        ("from −1 to 1", "从 1 到 1", False),
        ("two of them", "其中 2 个", True),
        ("some of them", "其中 2 个", False),
        ("29 million customers", "2,900 万名顾客", True),
        ("29 million customers", "290 万名顾客", False),
        ("5 % of all", "全部的 5 %", True),
        ("5 % of all", "全部的 5", False),
        ("It is $n - 1$.", "它是 $n-1$。", True),
        ("It is $n - 1$.", "它是 $n+1$。", False),
        (r"$\text{if } x$", r"$\text{若 } x$", True),
        ("see {doc}`data`", "见 {doc}`data`", True),
        ("see {doc}`data`", "见 {doc}`model`", False),
        ("{term}`shrinkage`", "{term}`收缩 <shrinkage>`", True),
        ("{term}`shrinkage`", "{term}`收缩 <damping>`", False),
        ("{glue:text}`x:.0f`", "{glue:text}`x:.1f`", False),
        ("use `k=2`", "用 `k=3`", False),
        ("[a map](paths)", "[地图](paths)", True),
        ("[a map](paths)", "[地图](path)", False),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "| 甲 | 乙 |\n|---|---|\n| 1 | 2 |", True),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "| 甲 |\n|---|\n| 1 | 2 |", False),
        ("- one\n- two", "- 甲\n- 乙", True),
        ("- one\n- two", "- 甲和乙", False),
        ("## A head", "### 标题", False),
        (":::{admonition} A\n:class: tip\n:::", ":::{admonition} 甲\n:::", False),
        ("```{math}\n:label: a\nx\n```", "```{math}\n:label: a\nx\n```", True),
        ("```{math}\n:label: a\nx\n```", "```{math}\n:label: a\ny\n```", False),
        ("```bash\nmake book\n```", "```bash\nmake lab\n```", False),
    ],
)
def test_tokens_decide_whether_a_stale_unit_says_the_same(english, chinese, same):
    assert tokens.same_tokens(english, chinese) is same


def test_no_page_of_the_book_differs_from_itself():
    for path in sorted((pages.ROOT / "chapters").glob("[1-8]-*/*.ipynb")):
        for name, words in pages.english_of(path).items():
            assert tokens.same_tokens(words, words), f"{path.name} {name}"


def test_numbers_that_change_their_column_are_found():
    english, chinese = "| 1 | 2 |\n|---|---|", "| 2 | 1 |\n|---|---|"
    assert tokens.same_tokens(english, chinese)
    assert list(kept.problems(english, chinese))


def test_a_month_is_a_word_or_a_number():
    english = "| MIT | Sep 2026 |\n|---|---|"
    assert not list(kept.problems(english, "| MIT | 2026 年 9 月 |\n|---|---|"))
    assert list(kept.problems(english, "| MIT | 2026 年 8 月 |\n|---|---|"))


# How it is set and said -----------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("先看图,再算", "先看图，再算"),
        ("就这样.再看", "就这样。再看"),
        ("（见 {doc}`data`)很短", "（见 {doc}`data`）很短"),
        ("有$n$个人", "有 $n$ 个人"),
        ("共 20人", "共 20 人"),
        ("有 20 人 ，很多", "有 20 人，很多"),
        ("这样...吗", "这样……吗"),
        ("汉字\n汉字", "汉字\n\n汉字"),
        ("告诉您", "告诉你"),
        ("进行计算", "计算"),
        ("**手算，**取一", "**手算**，取一"),
        ("取**“一”**吧", "取“**一**”吧"),
        ("取 *Dune* 吧", "取《Dune》吧"),
        ("一位店主的朋友的书的封面的颜色", "那本书的封面颜色"),
        ("the sum of all 和", "总和"),
        ("真好！", "真好。"),
    ],
)
def test_a_rule_of_style(wrong, right):
    assert list(style.problems("", wrong))
    assert not list(style.problems("", right))


@pytest.mark.parametrize(
    ("english", "wrong", "right"),
    [
        ("## Exercises", "## 习题", "## 练习"),
        ("## Experiment: which?", "## 实验——哪个？", "## 实验：哪个？"),
        (":::{admonition} In this chapter you will", "本章目标", "本章你将"),
        ("★ · 4 minutes · paper. A", "★ · 4 分钟 · 纸上。甲", "★ · 4 分钟 · 纸笔。甲"),
    ],
)
def test_fixed_lines(english, wrong, right):
    head = ":::{admonition} " if english.startswith(":::") else ""
    assert list(style.problems(english, head + wrong))
    assert not list(style.problems(english, head + right))


def test_a_term_by_its_word_and_no_other():
    english = "The {term}`shrinkage` of a similarity, its shrinkage."
    assert not list(terms.problems(english, "相似度的{term}`收缩 <shrinkage>`。"))
    assert list(terms.problems(english, "相似度的{term}`压缩 <shrinkage>`，即收缩。"))
    assert list(terms.problems(english, "相似性的{term}`收缩 <shrinkage>`，相似度。"))
    assert list(terms.problems("the shrinkage", "它变小了"))


# What it claims -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("english", "wrong", "right"),
    [
        ("Ann agrees with Bob.", "Ann 同意 Dee。", "Ann 同意 Bob。"),
        ("It is not noise.", "它是噪声。", "它不是噪声。"),
        ("the left curve", "右边的曲线", "左边的曲线"),
        ("at least five", "至多五个", "至少五个"),
        ("half of them", "全部", "一半"),
        ("The error rises.", "误差下降。", "误差上升。"),
        ("only one", "有一个", "只有一个"),
    ],
)
def test_a_claim(english, wrong, right):
    assert list(sense.problems(english, wrong))
    assert not list(sense.problems(english, right))


def test_a_sentence_that_was_lost():
    english = "The mean of the two ratings is four. The other one has no rating at all."
    assert not list(sense.problems(english, "两个评分的均值是四。另一个没有评分。"))
    assert list(sense.problems(english, "另一个没有评分。"))


def test_sentences_stand_beside_their_own():
    english = "One. The second is a long sentence with many words. Three."
    chinese = "一。第二句是一个很长的句子，里面有很多词，确实很长。三。"
    found = align.pairs(english, chinese)
    assert [other for _, other in found] == chinese.replace("。", "。\n").split()


# Words of figures -----------------------------------------------------------------


@pytest.mark.parametrize(
    "lines", ["stars", "stars = ", "a = 甲\na = 乙", "/(/ = 甲", r"/(\d+) a/ = \2 甲"]
)
def test_a_malformed_line(lines):
    assert list(labels.malformed(lines))
    assert not list(labels.malformed("stars = 星数\n/(\\d+) stars/ = \\1 星"))


def test_a_line_that_nothing_shows_any_more():
    assert list(labels.dead("loss = 损失", ["error"], "print('x')"))
    assert not list(labels.dead("loss = 损失", ["loss"], ""))
    assert not list(labels.dead("It agrees. = 一致。", [], "'It agrees.' if a else b"))
    form = "/(\\w+) is ahead/ = \\1 领先"
    assert not list(labels.dead(form, [], "w = f'{name} is ahead'"))
    assert list(labels.dead(form, [], "w = f'{name} is behind'"))
    assert list(labels.dead("/( = 领先", [], ""))


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ("Ann", True),
        ("Ann and Bob", False),
        ("Elsie's Monsoon (1996)", True),
        ("ItemKNN", True),
        ("ItemKNN(n_neighbors=10)", True),
        ("ItemKNN, record", False),
        ("n_factors", True),
        ("0.25", True),
        ("stars", False),
        ("+0.022 (+0.020 to +0.023)", True),
    ],
)
def test_what_stays(text, is_kept):
    assert labels.stays(text) is is_kept


# What counts as behind ------------------------------------------------------------


@pytest.fixture
def page(tmp_path):
    """A page of three units: one is up to date, one is stale, one is missing."""
    words = {"a": "It is not so.", "b": "Two films.", "c": "New."}
    chinese = {"a": (digest(words["a"]), "是这样。"), "b": (digest("Old."), "两部")}
    path = tmp_path / "p.md"
    return pages.joined("x/p", path, path, words, {**chinese, "d": ("12345678", "没")})


def test_a_stale_unit_is_no_problem_and_is_counted(page):
    assert [unit.behind for unit in page.stale] == [
        *("stale", "not translated", "no such unit in the English")
    ]
    assert [line[:8] for line in rules.of_page(page)] == ["x/p a: n"]


def test_a_release_waits_for_pages_that_are_read_first():
    assert zh.too_late(["x/p a: stale"], 50) == []
    assert zh.too_late(["x/p a: stale"], 49)
    assert zh.too_late(["intro top: stale"], 1000)
    assert zh.too_late(["intro top: no line for 'a'", "intro top: stale"], 1000)


def test_the_pages_of_the_first_step_are_translated():
    assert sorted(pages.FIRST - set(pages.names())) == []


def test_an_english_page_that_is_gone(monkeypatch):
    monkeypatch.setattr(pages, "page_of", missing)
    page = pages.read("intro")
    assert len(page.stale) == len(page.units) > 0
    assert rules.of_page(page) == []


def missing(*_):
    raise FileNotFoundError


def test_an_accepted_line_of_a_stale_unit_may_wait(monkeypatch):
    monkeypatch.setattr(pages, "accepted", lambda: ["x a: 1", "x b: 2"])
    assert zh.dead(["x b: 2"], ["x a: stale"]) == []
    assert zh.dead([], ["x a: stale"]) == ["x b: 2"]


def test_the_lines_begin_with_page_and_unit(printed):
    assert all(re.match(r"[\w./-]+ [\w./-]+: ", line) for line in printed + ACCEPTED)
