"""Rules on what a translation keeps exactly: numbers, formulas, roles, code."""

import re
from collections import Counter
from collections.abc import Iterator

from recbook_book.edition.tokens import differences, numbers

from chinese import labels
from chinese.align import parts, said

PLURAL = {"math": "formulas", "frame": "parts of the frame"}
MONTH = re.compile(r"\d{1,2} 月")  # in English a word
SPELLED = re.compile(r"\\text(?:bf|it)?\{([^{}]*[A-Za-z]{3,}[^{}]*)\}")


def problems(english: str, chinese: str) -> Iterator[str]:
    """Yield what is lost, what the English does not have, and what changed places."""
    differ = False
    for kind, lost, new in differences(english, chinese):
        differ = True
        if lost:
            yield f"{PLURAL.get(kind, kind)} lost: {lost[:4]}"
        if new:
            yield f"{PLURAL.get(kind, kind)} of its own: {new[:4]}"
    if not differ:
        yield from moved(english, chinese)
    for words in SPELLED.findall(chinese):
        if words in SPELLED.findall(english) and not labels.stays(words):
            yield f"English in a formula: {words!r}"


def moved(english: str, chinese: str) -> Iterator[str]:
    """Numbers that stand in another paragraph, or in another column of a table."""
    ours, theirs = parts(said(english)), parts(MONTH.sub("月", said(chinese)))
    if len(ours) != len(theirs):  # a paragraph may be cut in two
        return
    for one, other in zip(ours, theirs, strict=True):
        row = one.startswith("|")
        a, b = in_order(one, row), in_order(other, row)
        if row and a != b:
            yield f"numbers of a row: {other[:40]!r}"
        elif not row and Counter(a) - Counter(b) and Counter(b) - Counter(a):
            yield f"numbers of another paragraph: {other[:20]!r}"


def in_order(words: str, row: bool) -> list[str]:
    """Return the numbers in words, of a row cell by cell."""
    cells = words.split("|") if row else [words]
    found = [sorted(numbers(cell).elements()) for cell in cells]
    return [" ".join(cell) for cell in found] if row else found[0]
