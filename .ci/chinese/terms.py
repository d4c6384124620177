"""Rules on words: a term of the list is said by one of its fixed words, and no other.

``zh/terms.csv`` has the fixed words, ``zh/avoid.csv`` those that also mean the same but
are not this book's: a second word for a term makes the reader look for a second thing.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from recbook_book.edition.tokens import ROLE, TARGET

from chinese.align import said
from chinese.pages import ROOT, rows

SHORTEST = 6  # letters: shorter words of the list have other senses, too
# So have these: the last exercise, a plot like a funnel, a letter of a formula.
AMBIGUOUS = {
    *("exercise", "action", "margin", "funnel", "session", "audience", "effect"),
    *("letter", "catalogue", "own mean"),
}


@functools.cache
def fixed(root: Path = ROOT) -> dict[str, list[str]]:
    """Return {English term: the words that may say it}."""
    return {
        row["en"].lower(): [
            z.strip() for z in re.split("[；;]", row["zh"]) if z.strip()
        ]
        for row in rows("terms.csv", root)
    }


@functools.cache
def avoided(root: Path = ROOT) -> list[tuple[re.Pattern, re.Pattern, str]]:
    """Return (words that are not ours, English that wants them, what we say)."""
    return [
        (re.compile(row["zh"]), re.compile(row["unless"] or r"\b\B"), row["instead"])
        for row in rows("avoid.csv", root)
    ]


def problems(english: str, chinese: str) -> Iterator[str]:
    """Yield terms that are said by another word, not at all, or by a second word."""
    yield from shown(chinese)
    yield from unsaid(english, chinese)
    for pattern, unless, instead in avoided():
        if (found := pattern.search(said(chinese))) and not unless.search(english):
            yield f"{found[0]!r} is not a word of ours: {instead}"


def shown(chinese: str) -> Iterator[str]:
    """Terms that link to the glossary by a word that is not theirs."""
    for kind, body in ROLE.findall(chinese):
        target = TARGET.search(body)
        if kind != "term":
            continue
        name = " ".join((target[1] if target else body).split())
        words = fixed().get(name.lower(), [])
        word = body[: target.start()].strip() if target else name
        if words and word not in words:
            yield f"term {name!r} is {word!r}, fixed are {words}"


@functools.cache
def any_term() -> re.Pattern:
    """Return the pattern of all terms, so that no shorter one is found in a longer."""
    terms = sorted(fixed(), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, terms))})(?:s|es)?\b", re.I)


def unsaid(english: str, chinese: str) -> Iterator[str]:
    """Yield terms that the English has, and none of whose words stands here."""
    for term in sorted({m[1].lower() for m in any_term().finditer(said(english))}):
        words = fixed()[term]
        if len(term) < SHORTEST or term in AMBIGUOUS:
            continue
        if not any(word in chinese for word in words):
            yield f"term {term!r} without {words[0]}"
