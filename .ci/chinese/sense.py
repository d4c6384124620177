"""Rules on what a sentence claims: who, in which direction, and whether at all.

A machine does not read. It counts names and words that have no second reading, in the
smallest pieces that stand beside each other (``align.py``).
"""

import re
from collections import Counter
from collections.abc import Iterator

from chinese.align import CHINESE_END, ENGLISH_END, length, pairs, said

H = "[\u3400-\u9fff]"
PEOPLE = re.compile(r"(?<![A-Za-z])(Ann|Bob|Cem|Dee|Eve)(?![A-Za-z])")
FILMS = re.compile(  # two of them are words, too
    r"(?<![A-Za-z])(Alien|Dune|Coco|Babe)(?![A-Za-z])|(?<=[*《])(Heat|Up)(?=[*》])"
)
# Words of one reading, and the letters that say them.
OPPOSITES = [
    ("left", r"\bleft\b", "左", "right", r"\bright\b", "右"),
    (
        "higher",
        r"\bhigher|highest\b",
        "更高|最高",
        "lower",
        r"\blower|lowest\b",
        "更低|最低",
    ),
    (
        "more",
        r"\bmore\b",
        "更多|多于|较多",
        "fewer",
        r"\b(?:less|fewer)\b",
        "更少|(?<!不)少于|较少",
    ),
    ("before", r"\bbefore\b", "之前|以前", "after", r"\bafter\b", "之后|以后"),
    (
        "rises",
        r"\b(?:ris|increas|grow)\w+",
        "上升|升高|增加|增大|递增",
        "falls",
        r"\b(?:fall|fell|decreas|shrink|lower)\w*",
        "下降|降低|减少|减小|递减",
    ),
    (
        "larger",
        r"\b(?:larg|bigg|great)e(?:r|st)\b",
        "更大|最大|较大",
        "smaller",
        r"\bsmalle(?:r|st)\b",
        "更小|最小|较小",
    ),
]
BOUNDS = [
    (
        "at least",
        r"\bat least\b",
        "至少|不少于|不低于|不小于|不会[小少低]于|起码|以上|最少|≥",
    ),
    ("at most", r"\bat most\b", "至多|最多|不超过|不多于|不大于|以内|以下|顶多|≤"),
    ("half", r"\bhalf\b", "半|½|两份|二分之一|介于|中间|正中|中点"),
    ("only", r"\bonly\b", "只|仅|才|唯|光|单|就|先得|必须|除了|非得"),
]
NOT = re.compile(
    r"\b(?:not|no|never|none|nothing|nobody|neither|nor|cannot|without)\b|n['’]t\b",
    re.I,
)
NOT_A_NOT = re.compile(
    r"\b(?:not only|no longer|not until|no \w+ than|whether or not|no other)\b"
    r"|\bmore often than not\b|\bnever\b.{,30}\bbefore\b"
    r"|\bno\b.{,40}\b(?:beyond|but|except)\b"
    r"|\bnothing\b.{,20}\bbut\b|\bno\. \d",
    re.I,
)
DIFFERS = re.compile(r"\b(?:differ|other|another|unlike|var(?:y|ie|ia))", re.I)
HAN_NOT = re.compile("[不没无未非别莫勿否免缺]|零|抛开|去掉|舍去")
NO_HAN_NOT = re.compile(
    "不过|别[处人的名]|[特分区类级性辨个]别|不妨|不仅|不但|不断|非常|未来|无论|不论|不管(?=[怎什哪谁多是])|差不多|除非"
)


WORDS = 8  # of a sentence, from which on its length says something
# The Chinese beside its English: of two sentences that became one it has more than two
# thirds, else one of them was lost. The pages have 0.70 and 0.52 to 1.66.
JOINED, SHORTEST, LONGEST = 0.69, 0.5, 2.2


def problems(english: str, chinese: str) -> Iterator[str]:
    """Yield what a sentence may claim otherwise in Chinese."""
    yield from names(english, chinese)
    for one, other in pairs(english, chinese):
        yield from directions(one, other)
        yield from bounds(one, other)
        yield from negations(one, other)
        yield from lengths(one, other)


def counts(pattern: re.Pattern, text: str) -> Counter:
    return Counter(next(filter(None, m.groups())) for m in pattern.finditer(text))


def names(english: str, chinese: str) -> Iterator[str]:
    """A person or film of the small table, missing, new, or in another's place."""
    for pattern in (PEOPLE, FILMS):
        ours, theirs = counts(pattern, said(english)), counts(pattern, said(chinese))
        if gone := set(ours) - set(theirs):
            yield f"not named: {sorted(gone)}"
        came = {name for name in set(theirs) - set(ours) if name not in english}
        if came:
            yield f"named only here: {sorted(came)}"
        for one, other in pairs(english, chinese):
            here, there = counts(pattern, one), counts(pattern, other)
            if here - there and there - here:
                new, old = sorted(there - here), sorted(here - there)
                yield f"{new} in the place of {old}? {other[:24]!r}"


def directions(one: str, other: str) -> Iterator[str]:
    """A direction where the English has the opposite."""
    for a, english_a, han_a, b, english_b, han_b in OPPOSITES:
        n_a, n_b = (len(re.findall(p, one, re.I)) for p in (english_a, english_b))
        h_a, h_b = (len(re.findall(p, other)) for p in (han_a, han_b))
        if n_a and not n_b and h_b and not h_a:
            yield f"{a!r} became {b!r}? {other[:24]!r}"
        if n_b and not n_a and h_a and not h_b:
            yield f"{b!r} became {a!r}? {other[:24]!r}"
        if n_a and n_b and (h_a - n_a) * (h_b - n_b) < 0:
            yield f"{a!r} and {b!r} exchanged? {other[:24]!r}"


def bounds(one: str, other: str) -> Iterator[str]:
    for word, english, han in BOUNDS:
        if re.search(english, one, re.I) and not re.search(han, other):
            yield f"{word!r} not said? {other[:24]!r}"


def negations(one: str, other: str) -> Iterator[str]:
    n = len(NOT.findall(NOT_A_NOT.sub(" ", one)))
    other = re.sub("不同", " ", other) if DIFFERS.search(one) else other
    if n and not HAN_NOT.search(NO_HAN_NOT.sub(" ", other)):
        yield f"negation lost? {other[:24]!r}"


def lengths(one: str, other: str) -> Iterator[str]:
    """A sentence that says half as much as its English, or twice."""
    if len(re.findall(r"[A-Za-z]{2,}", one)) >= WORDS:
        ratio = length(other) / length(one)
        joined = len(ENGLISH_END.split(one)) > len(CHINESE_END.split(other))
        if not (JOINED if joined else SHORTEST) <= ratio <= LONGEST:
            what = "lost" if ratio < 1 else "added"
            yield f"something {what}? {other[:24]!r}"
