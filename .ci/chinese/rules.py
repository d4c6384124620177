"""All rules for a page: each yields what is wrong, the checker prints it."""

import re
from collections.abc import Iterator

from chinese import kept, labels, sense, style, terms
from chinese.align import said
from chinese.pages import Page, Unit

RULES = (kept, terms, style, sense)
GLOSSARY = "appendix/glossary"
DEFINITION = re.compile(r"^ {4}\S", re.MULTILINE)
TERM = re.compile(r"^(\S.*)$", re.MULTILINE)


def of_unit(unit: Unit) -> Iterator[str]:
    """Yield what is wrong with a unit; of a stale one nothing, the English changed."""
    if unit.chinese is None:
        yield "not translated"
    elif unit.english is None:
        yield "no such unit in the English"
    elif not unit.pin:
        yield "no digest"
    elif unit.is_stale:
        return
    elif untranslated(unit):
        yield "not translated yet"
    else:
        english, chinese = unit.english, unit.chinese
        if unit.page == GLOSSARY:
            yield from heads(english, chinese)
            english, chinese = defined(english), defined(chinese)
        for rule in RULES:
            yield from rule.problems(english, chinese)


def heads(english: str, chinese: str) -> Iterator[str]:
    """The lines above a definition: a Chinese name first, then all English ones."""
    if not (ours := TERM.findall(english)) or not DEFINITION.search(english):
        return
    theirs = TERM.findall(chinese)
    if lost := [term for term in ours if term not in theirs]:
        yield f"terms lost: {lost}"
    if theirs[:1] == ours[:1] and ours[0] not in terms.fixed().get(ours[0].lower(), []):
        yield f"no Chinese name above {ours[0]!r}"


def defined(text: str) -> str:
    """Return the definition of an entry, without the name at its beginning."""
    if not DEFINITION.search(text):
        return text
    return re.sub(r"\A\*\*.+?\*\* · ", "", TERM.sub("", text).strip())


def untranslated(unit: Unit) -> bool:
    """Whether a unit is still its English, as ``new`` wrote it."""
    same = unit.chinese.strip() == unit.english.strip()
    return same and re.search(r"[A-Za-z]{3,}", said(unit.english)) is not None


def of_page(page: Page) -> list[str]:
    """Return the lines that the checker prints of a page."""
    found = [(unit.name, text) for unit in page.units for text in of_unit(unit)]
    found += labels.problems(page)
    return list(dict.fromkeys(f"{page.name} {name}: {text}" for name, text in found))
