"""What an editor does: see what is stale, begin a page, write a digest, read back."""

import difflib
import re
import sys

from recbook_book.edition.units import digest, units_of

from chinese import history, labels, pages, sense
from chinese.pages import LABELS, Page, Unit

CLAIM = re.compile(  # what is easily turned round
    "[不没无未非]|[更最较]|比|超过|至少|至多|多于|少于|高于|低于|大于|小于|[左右]|"
    "之前|之后|上升|下降|增加|减少|只|仅|都|每|先|后|反而|相反"
)
SAMPLE = 3  # of the units without a claim, every third is read back


def todo(*names: str) -> None:
    """Print the stale units, and the words of their English that have changed."""
    for name in names or pages.names():
        page = pages.read(name)
        changed = [unit for unit in page.stale if unit.behind == "stale"]
        before = history.translated_from(page, changed)
        for unit in page.stale:
            print(f"\n{page.name} {unit.name}: {unit.behind}")
            if unit in changed:
                old = before.get(unit.name)
                print(
                    diff(old, unit.english) if old else "(git has not its old English)"
                )


def diff(old: str, new: str) -> str:
    """Return what has changed: [-what went-] {+what came+}, with words around.

    >>> diff("a film of four stars", "a film of five stars")
    'a film of [-four-] {+five+} stars'
    """
    a, b, said = old.split(), new.split(), []
    for change in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        kind, *(i, j, k, m) = change
        if kind == "equal":
            same = a[i:j]
            far = len(same) > 12
            said += [*same[:6], "…", *same[-6:]] if far else same
            continue
        said += ["[-" + " ".join(a[i:j]) + "-]"] if i < j else []
        said += ["{+" + " ".join(b[k:m]) + "+}"] if k < m else []
    return " ".join(said)


def skeleton(page: Page) -> list[tuple[str, str]]:
    """Return (name, words) of each unit of a page, labels where they stand."""
    english = {u.name: u.english for u in page.units if u.english is not None}
    if not page.cells:
        return list(english.items())
    outputs, found = labels.executed(page.path) or {}, []
    for cell in page.cells:
        id = cell["id"]
        units = (id, f"{id}.caption", f"{id}.alt")
        found += [(name, english[name]) for name in units if name in english]
        words = [t for t in labels.shown(outputs.get(id, [])) if not labels.stays(t)]
        if words:
            found.append((id + LABELS, "\n".join(f"{word} = {word}" for word in words)))
    return found


def new(name: str) -> None:
    """Write the skeleton of a page, or add to a translation the units that it lacks."""
    page = pages.read(name)
    wanted = dict(skeleton(page))
    text = page.sibling.read_text("utf-8") if page.sibling.exists() else ""
    text, added = completed(text, wanted)
    page.sibling.parent.mkdir(parents=True, exist_ok=True)
    page.sibling.write_text(text, encoding="utf-8")
    gone = [unit.name for unit in page.units if unit.english is None]
    print(f"{name}: {len(added)} units added")
    print(*(f"no longer in the English: {unit}" for unit in gone), sep="\n")


def completed(text: str, wanted: dict[str, str]) -> tuple[str, list[str]]:
    """Return a translation with each missing unit in its place, and which those are."""
    have = units_of(text)
    blocks = {n: block(n, pin, words) for n, (pin, words) in have.items()}
    order, added = list(have), [n for n in wanted if n not in have]
    before = None
    for name in wanted:
        if name in added:
            pin = None if name.endswith(LABELS) else digest(wanted[name])
            blocks[name] = block(name, pin, wanted[name])
            order.insert(order.index(before) + 1 if before else 0, name)
        before = name
    return "\n".join(blocks[name] for name in order).lstrip("\n"), added


def block(name: str, pin: str | None, words: str) -> str:
    """Return a unit as it is written in the file."""
    head = f"+++ {name} @{pin}" if pin else f"+++ {name}"
    return f"{head}\n{words.strip(chr(10))}\n"


def pin(name: str, *units: str) -> None:
    """Write the digest of today's English into units, which an editor has looked at."""
    page = pages.read(name)
    english = {unit.name: unit.english for unit in page.units}
    if unknown := [unit for unit in units if english.get(unit) is None]:
        sys.exit(f"recbook: {name} has no unit {unknown[0]} in English.")
    if not units:
        sys.exit(f"recbook: name the units of {name} to pin: see `zh.py todo {name}`.")
    text = page.sibling.read_text(encoding="utf-8")
    for unit in units:
        head = rf"^\+\+\+ {re.escape(unit)}(?: @[0-9a-f]{{8}})?$"
        line = f"+++ {unit} @{digest(english[unit])}"
        text, n = re.subn(head, line, text, flags=re.MULTILINE)
        print(f"{name}: {line[4:]}" if n else f"{name}: {unit} is not translated")
    page.sibling.write_text(text, encoding="utf-8")


def claims(unit: Unit) -> bool:
    """Whether a unit has what is easily turned round: a comparison, a no, a side."""
    return bool(CLAIM.search(sense.NO_HAN_NOT.sub("", unit.chinese or "")))


def reading(name: str) -> None:
    """Print the Chinese of each unit with a claim, and of every third of the others."""
    units = [unit for unit in pages.read(name).units if unit.chinese]
    others = [unit for unit in units if not claims(unit)][::SAMPLE]
    for unit in units:
        if claims(unit) or unit in others:
            print(f"\n## {unit.name}\n\n{unit.chinese}")
