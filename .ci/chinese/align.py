"""Set what an English and a Chinese text say beside each other, in the finest pieces.

A paragraph, an item, a row of a table stands beside its translation where both texts
have as many of them. Inside, sentences are paired by their length, one with one, or
one with two where the Chinese has cut or joined them. So a word that is lost in one
sentence is seen, though the next one has it, too.
"""

import functools
import re
from itertools import accumulate

from recbook_book.edition.tokens import tokens

PART = re.compile(r"\n\s*\n|\n(?=[ \t]*\|)")
RULE = re.compile(r"^[\s|:-]*$")
ENGLISH_END = re.compile(
    r"(?<=[.?!])[*”\")]*\s+(?=\([a-e]\)|[\"“(*]*[A-Z\u4e00-\u9fff])"
)
CHINESE_END = re.compile(r"(?<=[。？！])[*”）]*\s*(?!$|[*”）])")
HAN = re.compile("[\u3400-\u9fff]")
WORD = re.compile(r"[A-Za-z0-9'’.,-]*[A-Za-z0-9]")
HAN_LETTERS = 1.65  # for an English word, as measured
STEPS = ((1, 1, 0.0), (1, 2, 1.0), (2, 1, 1.0), (2, 2, 1.5), (1, 3, 3.0), (3, 1, 3.0))


def said(text: str) -> str:
    """Return what a text says in words, without its formulas, code and roles."""
    return tokens(text)[1]


def parts(words: str) -> list[str]:
    """Return the paragraphs, items and rows of words."""
    found = (part.strip() for part in PART.split(words))
    return [part for part in found if not RULE.fullmatch(part)]


@functools.lru_cache(maxsize=4096)
def pairs(english: str, chinese: str) -> list[tuple[str, str]]:
    """Return (English, Chinese) of what stands beside each other."""
    ours, theirs = parts(said(english)), parts(said(chinese))
    if len(ours) != len(theirs):  # a paragraph was cut in two
        ours, theirs = [" ".join(ours)], ["".join(theirs)]
    found: list[tuple[str, str]] = []
    for one, other in zip(ours, theirs, strict=True):
        found += paired(ENGLISH_END.split(one), CHINESE_END.split(other))
    return found


def length(text: str) -> float:
    """Return how long a sentence is, in English words."""
    return len(HAN.findall(text)) / HAN_LETTERS + len(WORD.findall(text)) + 1


def paired(ours: list[str], theirs: list[str]) -> list[tuple[str, str]]:
    """Return sentences in pairs, such that their lengths differ least in all."""
    long = (
        [0.0, *accumulate(map(length, ours))],
        [0.0, *accumulate(map(length, theirs))],
    )
    best: dict[tuple[int, int], tuple[float, list]] = {(0, 0): (0.0, [])}
    for i in range(len(ours) + 1):
        for j in range(len(theirs) + 1):
            for di, dj, price in STEPS:
                if not (before := best.get((i - di, j - dj))):
                    continue
                a, b = long[0][i] - long[0][i - di], long[1][j] - long[1][j - dj]
                cost = before[0] + price + abs(a - b) / (a + b) ** 0.5
                if cost < best.get((i, j), (float("inf"),))[0]:
                    pair = " ".join(ours[i - di : i]), "".join(theirs[j - dj : j])
                    best[i, j] = cost, [*before[1], pair]
    whole = [(" ".join(ours), "".join(theirs))]
    return best.get((len(ours), len(theirs)), (0.0, whole))[1]
