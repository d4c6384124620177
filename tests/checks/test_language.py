"""Checks in Chinese: what is translated, and that English stays as it is."""

import csv
import re
import time
from pathlib import Path

import check_lines as lines
import lab
import pytest

from recbook import checks, similarity
from recbook.checks import check, language
from recbook.checks.language import translated
from recbook.checks.registry import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
with (lines.CHECKS / "zh.csv").open(encoding="utf-8", newline="") as file:
    TABLE = [(row["en"], row["zh"]) for row in csv.DictReader(file)]
# English that is left: three words in a row, other than of an answer.
ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,]+[a-z]{2,}[ ,]+[a-z]{2,}")
# Said to nobody, or put together from pieces, each of which is tried below.
PIECES = {
    " of shape (",
    " or ",
    "; did you mean {}?",
    "; {} failed: {}",
    "; recbook.checks.ids() lists them all",
    " at [{}]",
    " (and at {} other place{})",
    "unknown exercise {}",
    "{} (line {}{})",
    "{} is {}; {}",
    "{} is {}; {} is asked for",
    "{} has {} entries, too {}",
    "{} has rows of different lengths; {}",
    "{} has shape {}; {}",
    "a number is asked for",
    "an array is asked for",
    "{} is near{}: you have {}, {} decimals are asked for",
    "{} is off{}{}: you have {}",
    "the slope of {}",
    "{}; and {}",
}
# Names of formulas and of the code, which are the same in Chinese.
SAME = {"beta", "[P@3, AP@3, nDCG@3]", "[lr, reg]"}
SAME |= {"(distinct, codes)", "(dp, dq)", "(theta, m, v)", "(bu, bi)", "(dP, dQ)"}
SAME |= {"(reg, kappa)", "long_P @ long_Q.T", "(Babe, Up)"}
SAME |= {"not shown", "more, size open", "new in"}


def files_of(page):
    """Return the files with the checks of a page such as "2-neighbours/user-cf"."""
    part, _, name = page.partition("/")
    folder = lines.CHECKS / re.sub(r"^\d+-", "", part).replace("-", "_")
    stem = name.replace("-", "_")
    names = (f"{stem}.py", f"{stem}_by_pencil.py", "quick_questions.py")
    return [folder / one for one in names if (folder / one).is_file()]


def finished():
    """Return the files whose lines all have a translation."""
    zh = ROOT / "zh"
    pages = [
        path.relative_to(zh).with_suffix("").as_posix() for path in zh.rglob("*.md")
    ]
    found = {path for page in pages for path in files_of(page)}
    return sorted(found | {lines.CHECKS / f"{name}.py" for name in lines.FACE})


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setenv("RECBOOK_LANGUAGE", "zh")


def answered(capsys, id, answer):
    check(id, answer)
    return capsys.readouterr().out.strip()


def test_each_row_has_the_same_fields_in_both_languages():
    assert len({en for en, _ in TABLE}) == len(TABLE)
    for en, zh in TABLE:
        places = re.findall(r"\{(\d*)\}", zh)
        assert en.count("{}") == len(places), en
        assert len(set(places)) == len(places) or set(places) == {""}, en
        assert re.search("[㐀-鿿]", zh), en
        assert not re.search(
            r"[㐀-鿿] ?[,.;:?!]|[㐀-鿿][A-Za-z0-9{]|[A-Za-z0-9}][㐀-鿿]",
            zh.replace("{}", ""),
        ), zh


def test_each_line_that_is_taken_apart_has_words_that_hold_it():
    """A form of few letters would take any line for its own."""
    for en, _ in TABLE:
        if "{}" in en:
            assert len(en.replace("{}", "").strip()) >= 6, en


def waiting(paths):
    """Return the lines of files, and those of them that wait for a translation."""
    said = {line for path in paths for line in lines.lines_of(path)} - PIECES - SAME
    said = {line.replace("{}", "7") for line in said}
    return said, {line for line in said if translated(line, "zh") == line}


@pytest.mark.parametrize("pages", ["translated", "all"])
def test_nearly_all_lines_are_translated(pages):
    """One line in fifty may wait: who writes English need not know Chinese."""
    every = list(lines.CHECKS.rglob("*.py"))
    said, english = waiting(finished() if pages == "translated" else every)
    assert len(english) <= len(said) / 50, english


def test_no_line_is_half_english():
    for path in lines.CHECKS.rglob("*.py"):
        for line in lines.lines_of(path):
            sample = line.replace("{}", "7")
            said = translated(sample, "zh")
            assert said == sample or not ENGLISH.search(said), said


def test_nearly_all_lines_of_the_table_are_said():
    """What was reworded leaves a line behind, which is to go some time."""
    known = {
        line for path in lines.CHECKS.rglob("*.py") for line in lines.lines_of(path)
    }
    whole = {en for en, _ in TABLE if len(en.split()) > 4 and "{}" not in en}
    gone = {en for en in whole - known if not en.startswith("the slope of ")}
    assert len(gone) <= len(whole) / 50, gone


def test_answers_get_their_line_in_chinese(chinese, capsys):
    def pearson(table):
        return similarity.pearson(table)

    assert answered(capsys, "2.1-cosine", similarity.cosine) == "对"
    assert answered(capsys, "2.1-cosine", ...).startswith("还没有填写：")
    assert answered(capsys, "2.1-cosine", pearson) == "那是皮尔逊：这里不做中心化"
    assert answered(capsys, "2.1-cosine", abs).startswith("输入为 (array(")
    right = REGISTRY["2-q1"].right
    assert answered(capsys, "2-q1", right).startswith("对：")
    assert answered(capsys, "2-q1", "z") == "用带引号的一个字母作答：a、b 或 c"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "S is off at [0, 1] (and at 2 other places): you have 3",
            "S 在 [0, 1] 处不对（另有 2 处也不对）：你的是 3",
        ),
        (
            "S is near: you have 4.3, 2 decimals are asked for",
            "S 已经接近：你的是 4.3，要求保留 2 位小数",
        ),
        (
            "your answer[0] is a str; a number is asked for",
            "你的答案[0] 是字符串，要求的是一个数",
        ),
        (
            "with (array([1]), 3): the move is off: you have 0",
            "输入为 (array([1]), 3) 时：移动量不对：你的是 0",
        ),
        (
            "the move is off: you have 0; recbook.checks.last() has the input",
            "移动量不对：你的是 0；出错时的输入见 recbook.checks.last()",
        ),
        (
            "your code raises ValueError: bad: {} (line 3: f(x))",
            "你的代码抛出 ValueError：bad: {}（第 3 行：f(x)）",
        ),
        ("your answer has 3 entries, too many", "你的答案有 3 个元素，太多了"),
        (
            "unknown exercise '2'; did you mean 'a' or 'b'?",
            "没有 '2' 这道练习；是不是想写 'a' 或 'b'？",
        ),
    ],
)
def test_a_line_is_put_together_from_its_parts(line, said):
    assert translated(line, "zh") == said


def test_a_line_that_nobody_has_translated_stays_english(chinese):
    assert translated("no table has this line") == "no table has this line"
    assert (
        translated("with (7): no table has this") == "输入为 (7) 时：no table has this"
    )


@pytest.mark.parametrize("value", ["", "en", "zz", "exercises", "../zh", "english"])
def test_any_other_language_is_english(value, monkeypatch, capsys):
    monkeypatch.setenv("RECBOOK_LANGUAGE", value)
    assert answered(capsys, "2.1-cosine", similarity.cosine) == "right"
    assert translated("right", "zh-CN") == translated("right", "zh_CN") == "对"


def test_in_english_no_table_is_read(monkeypatch, capsys):
    def refuse(*_, **__):
        raise AssertionError("a table is read")

    language._lines.cache_clear()
    monkeypatch.setattr(language.csv, "DictReader", refuse)
    assert answered(capsys, "2.1-cosine", similarity.cosine) == "right"


def test_a_long_line_takes_no_time():
    begun = time.perf_counter()
    for line in ("with (" * 300, "x is off: you have " * 100, "a" * 10_000, "; " * 900):
        translated(line, "zh")
    assert time.perf_counter() - begun < 2


def test_a_result_does_not_depend_on_the_language(chinese, capsys):
    assert check("2.1-cosine", similarity.cosine) is True
    assert check("2.1-cosine", similarity.pearson) is False
    assert checks.last()


def test_lab_asks_for_chinese_where_its_language_is(monkeypatch):
    monkeypatch.setenv("RECBOOK_EDITIONS", "zh")
    assert lab.language() == {"RECBOOK_LANGUAGE": "zh"}
    monkeypatch.delenv("RECBOOK_EDITIONS")
    assert lab.language() == {}


def test_a_chapter_to_read_again_is_the_same_in_both_languages():
    """The page makes links of them: ``quick.py`` finds them by the word before."""
    see = re.compile(r"See (\d\.\d+)(?: and (\d\.\d+))?\.$")
    again = [(see.search(en).groups(), zh) for en, zh in TABLE if see.search(en)]
    assert len(again) > 150
    for (first, second), zh in again:
        assert zh.endswith(
            f"。见 {first} 和 {second}。" if second else f"见 {first}。"
        ), zh


def test_numbers_names_and_code_are_the_same_in_both_languages():
    kept = re.compile(
        r"(?<![\w.])\d+[.,]\d[\d.,]*(?<![.,])|\d\d+|`[^`]+`|\b(?:Ann|Bob|Cem|Dee|Eve)\b"
        r"|\b\w+_\w+\b|[α-ωΣ²]|\b[A-Z][a-z]*[A-Z]\w*",
        re.ASCII,
    )
    for en, zh in TABLE:
        in_english = kept.findall(en.replace(" .84", " 0.84"))
        assert sorted(in_english) == sorted(kept.findall(zh)), (en, zh)
