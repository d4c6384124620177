"""The translated pages: each unit of ``zh/`` beside the English that it says."""

import csv
import functools
import json
from dataclasses import dataclass
from pathlib import Path

from recbook_book.edition.units import digest, english_of, page_of, units_of

ROOT = Path(__file__).resolve().parents[2]
LABELS = ".labels"
# A reader of the outline needs these: in a release none of their units is stale.
FIRST = {
    *("intro", "1-concepts/background", "1-concepts/concepts", "1-concepts/evaluation"),
    *("2-neighbours/similarity", "2-neighbours/user-cf", "2-neighbours/item-cf"),
    *("appendix/glossary", "appendix/outline"),
    *("1-concepts/door", "2-neighbours/door", "3-factorization/door", "4-deep/door"),
    *("5-project/door", "6-marketing/door", "7-outlook/door", "8-own-numbers/door"),
}


@dataclass(frozen=True)
class Unit:
    """A piece of a page in both languages; without English if it is no longer there."""

    page: str  # 2-neighbours/similarity
    name: str
    english: str | None
    chinese: str | None
    pin: str | None

    @property
    def is_stale(self) -> bool:
        """Whether the English has changed since its digest was written."""
        if self.english is None or self.chinese is None:
            return True
        return bool(self.pin) and self.pin != digest(self.english)

    @property
    def behind(self) -> str:
        """In which way a stale unit is behind its English."""
        if self.english is None:
            return "no such unit in the English"
        return "not translated" if self.chinese is None else "stale"


@dataclass(frozen=True)
class Page:
    """A page that has a translation: its units in the order of the English page."""

    name: str
    path: Path  # of the English
    sibling: Path  # of the Chinese
    units: tuple[Unit, ...]
    labels: dict[str, str]  # of which cell: its lines

    @functools.cached_property
    def cells(self) -> list[dict]:
        """The cells of a notebook; none for a page without code."""
        if self.path.suffix != ".ipynb":
            return []
        return json.loads(self.path.read_text(encoding="utf-8"))["cells"]

    @property
    def stale(self) -> list[Unit]:
        return [unit for unit in self.units if unit.is_stale]


def names(root: Path = ROOT) -> list[str]:
    """Return the pages that have a translation."""
    folder = root / "zh"
    found = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.md"))
    return sorted(path.as_posix() for path in found)


def read(name: str, root: Path = ROOT) -> Page:
    """Return a page with its translation, which may be empty."""
    sibling = root / "zh" / f"{name}.md"
    text = sibling.read_text(encoding="utf-8") if sibling.exists() else ""
    try:
        path = page_of(sibling, root)
        english = english_of(path)
    except FileNotFoundError:  # the English page was renamed, or removed
        path, english = sibling, {}
    return joined(name, path, sibling, english, units_of(text))


def joined(name, path, sibling, english, chinese) -> Page:
    """Return a page of its English words and its units, by name."""
    order = [*english, *(unit for unit in chinese if unit not in english)]
    units = tuple(
        Unit(name, unit, english.get(unit), words, pin)
        for unit in order
        if not unit.endswith(LABELS)
        for pin, words in [chinese.get(unit, (None, None))]
    )
    labels = {
        unit.removesuffix(LABELS): words
        for unit, (_, words) in chinese.items()
        if unit.endswith(LABELS)
    }
    return Page(name, path, sibling, units, labels)


def rows(name: str, root: Path = ROOT) -> list[dict[str, str]]:
    """Return the rows of a table of words, such as "terms.csv"."""
    with (root / "zh" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def accepted(root: Path = ROOT) -> list[str]:
    """Return the lines of the checker that a person has looked at and let pass."""
    path = root / "zh" / "accepted.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
