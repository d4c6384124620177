"""Rules on how Chinese is set and said: of the style sheet, what a machine can see."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from recbook_book.edition.tokens import (
    CODE,
    DOLLARS,
    OPTION,
    ROLE,
    TARGET,
    without_fences,
)

from chinese import labels
from chinese.align import HAN, said

H = "[\u3400-\u9fff]"
MARKS = "，。；：？！、）》”"
PATTERNS = [  # (pattern, why): in a text as its reader sees it
    (rf"{H}[,;:?!](?!\*)", "半角标点在汉字之后"),
    (rf"[,;:?!]{H}", "半角标点在汉字之前"),
    (rf"{H}\.(?!\d)", "英文句号"),
    (rf"\([^()\n]*{H}[^()\n]*\)", "半角括号"),
    (rf'"[^"\n]*{H}[^"\n]*"', "半角引号"),
    (rf"{H}[A-Za-z0-9]|[A-Za-z0-9%]{H}", "中英文之间缺空格"),
    (rf"[^\n|> ] [{MARKS}]|[（《“] ", "全角标点旁有空格"),
    (r"\.\.\.|。。|，，", "省略号"),
    (rf"{H}\n{H}", "一段一行：汉字之间换了行"),
    ("您|本文|笔者", "称读者“你”，称作者“我们”"),
    (
        "被(?:给出|定义|使用|称之)|进行了?[一-鿿]{2}|(?:作出|做出|加以)了?(?:选择|判断|计算)"
        "|对于.{1,8}来说，它|通过使用|的的|是一个.{0,6}的过程|众所周知|显然|值得注意的是|它们中",
        "翻译腔",
    ),
    (r"(?:的[^，。；：？！、的“”（）|\n]{1,9}){3}的", "一个短语里有四个“的”"),
]
RAW_PATTERNS = [  # as it is written, with its asterisks
    (r"(?<![*\w])\*[A-Za-z][^*\n]*\*(?!\*)", "着重号只加在汉字上"),
]
HEADINGS = {
    "The picture": "先看图",
    "The formula": "公式",
    "The formulas": "公式",
    "By hand": "手算",
    "What the formula sees": "公式看见了什么",
    "What the formulas see": "公式看见了什么",
    "From scratch": "从零写起",
    "The library's way": "库的写法",
    "Experiment": "实验",
    "What goes wrong": "哪里会出错",
    "In marketing terms": "用营销的话说",
    "Exercises": "练习",
    "Summary": "小结",
    "Further reading": "延伸阅读",
    "In this chapter you will": "本章你将",
}
HEADING = re.compile(r"^(?:#+ |[`:]{3,}\{admonition\} )([^:\n]*)(?:(:)[^\n]*)?$", re.M)
KINDS = {
    "paper": "纸笔",
    "code": "代码",
    "open": "开放题",
    "in words": "文字题",
    "paper and code": "纸笔与代码",
    "paper and calculator": "纸笔与计算器",
    "SQL": "SQL",
    "at the keyboard": "上机",
    "calculator": "计算器",
}
EXERCISE = re.compile(r"^(★+) · (\d+) minutes · ([\w ]+)\.", re.M)
CHINESE_EXERCISE = re.compile(r"^(★+) · (\d+) 分钟 · ([^。\n]+)。", re.M)
ENGLISH_RUN = re.compile(r"(?:[A-Za-z][\w'’-]*[ ,]+){4,}[A-Za-z]+")
SMALL_RUN = re.compile(r"(?<![\w-])[a-z]{2,}(?: [a-z]{2,}){2,}")
LEAST, MOST = 0.95, 2.3  # Han letters for an English word


def problems(english: str, chinese: str) -> Iterator[str]:
    """Yield what is not set, or not said, as the style sheet has it."""
    seen = displayed(chinese)
    for patterns, text in ((PATTERNS, seen.replace("*", "")), (RAW_PATTERNS, seen)):
        for pattern, why in patterns:
            for m in list(re.finditer(pattern, text))[:2]:
                yield f"{why}: {text[max(0, m.start() - 8) : m.end() + 6]!r}"
    yield from bold(seen)
    yield from headings(english, chinese)
    yield from exercise_lines(english, chinese)
    yield from left_in_english(english, chinese)
    for first, last in ("（）", "“”", "《》", "()"):
        if seen.count(first) != seen.count(last):
            yield f"{first} {last} are not paired"
    if chinese.count("！") > english.count("!"):
        yield "an exclamation mark that the English has not"


def bold(text: str) -> Iterator[str]:
    """Bold that CommonMark does not close, or not open, and prints its asterisks."""
    for m in re.finditer(r"\*\*([^*\n]+)\*\*", text):
        before, after = text[m.start() - 1 : m.start()], text[m.end() : m.end() + 1]
        if m[1][-1] in MARKS and re.match(r"\w", after):
            yield f"标点在粗体之内，CommonMark 不收尾: {m[0][-12:]!r}"
        if m[1][0] in "“（《" and re.match(r"\w", before):
            yield f"粗体以标点开头，CommonMark 不开启: {m[0][:12]!r}"
    if text.count("**") % 2:
        yield "asterisks of bold that are not paired"


def displayed(chinese: str) -> str:
    """Return a text as its reader will see it, for the rules on spaces.

    Formulas and code are an x, since what stands in them has rules of its own.
    """
    text = "\n".join(without_fences(chinese.splitlines(), defaultdict(Counter)))
    text = OPTION.sub("", text)
    text = CODE.sub("x", ROLE.sub(role, text))
    text = DOLLARS.sub(lambda m: "\n" if m[1] else "x", text)
    return re.sub(r"\[([^\]\n]*)\]\([^)\s]*\)", r"\1", text)


def role(found: re.Match) -> str:
    kind, body = found.groups()
    target = TARGET.search(body)
    if target and body[: target.start()].strip():
        return body[: target.start()].replace("{number}", "1").strip()
    if body.endswith(":words") or (kind == "glue:text" and ":" not in body):
        return ""  # a number in letters, or words of a cell
    return {"eq": "式 (1)", "numref": "图 1", "doc": "1《题》"}.get(kind, "x")


def headings(english: str, chinese: str) -> Iterator[str]:
    """Headings that every page has, each by its one name."""
    ours, theirs = (
        HEADING.findall(english),
        re.findall(r"^(?:#+ |[`:]{3,}\{admonition\} )(.*)$", chinese, re.M),
    )
    if len(ours) != len(theirs):
        return  # a part of the frame is lost, and another rule says so
    for (words, colon), other in zip(ours, theirs, strict=True):
        fixed = HEADINGS.get(words.strip())
        if fixed and not (other.startswith(fixed + "：") if colon else other == fixed):
            yield f"heading {words.strip()!r} is {other!r}, fixed is {fixed!r}"


def exercise_lines(english: str, chinese: str) -> Iterator[str]:
    """The line of stars, minutes and kind, at the head of an exercise."""
    want = [(s, n, KINDS.get(kind, kind)) for s, n, kind in EXERCISE.findall(english)]
    got = CHINESE_EXERCISE.findall(chinese)
    if want != got:
        line = "; ".join(f"{s} · {n} 分钟 · {kind}。" for s, n, kind in want)
        yield f"line of the exercise: {line!r}"


def left_in_english(english: str, chinese: str) -> Iterator[str]:
    """English that stands in the Chinese, or Chinese that is far too short or long."""
    text = re.sub(r"https?://\S+", " ", said(chinese))
    for pattern in (ENGLISH_RUN, SMALL_RUN):
        runs = (run[0] for run in pattern.finditer(text))
        if run := next((run for run in runs if not labels.stays(run)), None):
            yield f"English left: {run[:50]!r}"
            break
    n_words = len(re.findall(r"[A-Za-z]{2,}", said(english)))
    ratio = len(HAN.findall(said(chinese))) / max(n_words, 1)
    if n_words >= 25 and not LEAST <= ratio <= MOST:
        yield f"length: {ratio:.1f} Han letters a word"
