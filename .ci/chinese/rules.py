"""All rules for a page: what is wrong with it, and where it is behind its English."""

import re
from collections.abc import Iterator

from chinese import kept, labels, sense, style, terms
from chinese.align import said
from chinese.pages import LABELS, Page, Unit

RULES = (kept, terms, style, sense)
GLOSSARY = "appendix/glossary"
DEFINITION = re.compile(r"^ {4}\S", re.MULTILINE)
TERM = re.compile(r"^(\S.*)$", re.MULTILINE)


def of_unit(unit: Unit) -> Iterator[str]:
    """Yield what is wrong with a unit; of a stale one nothing, the English changed."""
    if unit.is_stale:
        return
    if not unit.pin:
        yield "no digest"
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
    """Return the lines that the checker prints of a page, each a problem."""
    found = [(unit.name, text) for unit in page.units for text in of_unit(unit)]
    for cell, lines in page.labels.items():
        found += [(cell + LABELS, problem) for problem in labels.malformed(lines)]
    return printed(page, found)


def behind(page: Page) -> list[str]:
    """Return the lines of what the English has changed, which is not a problem yet."""
    found = [(unit.name, unit.behind) for unit in page.units if unit.is_stale]
    return printed(page, [*found, *labels.behind(page)])


def printed(page: Page, found: list[tuple[str, str]]) -> list[str]:
    return list(dict.fromkeys(f"{page.name} {name}: {text}" for name, text in found))


def unit_of(line: str) -> str:
    """Return of which unit of which page a printed line is."""
    return line.partition(": ")[0]
