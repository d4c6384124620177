"""What the English said when it was translated: found in git by its digest."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from recbook_book.edition.units import digest, english_of

from chinese.pages import ROOT, Page, Unit


def git(*arguments: str) -> str:
    """Return what git says, nothing where it can't."""
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    return done.stdout if done.returncode == 0 else ""


def versions(page: Page) -> Iterator[dict[str, str]]:
    """Yield the words of a page, by unit, at each commit that changed it."""
    path = page.path.relative_to(ROOT).as_posix()
    log = git("log", "--follow", "--format=%x00%H", "--name-only", "--", path)
    for entry in log.split("\0")[1:]:
        commit, _, name = entry.strip().partition("\n\n")
        if text := git("show", f"{commit}:{name.strip()}"):
            with tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / Path(name.strip()).name
                copy.write_text(text, encoding="utf-8")
                try:
                    yield english_of(copy)
                except (ValueError, KeyError, StopIteration):  # an older form of page
                    continue


def translated_from(page: Page, units: list[Unit]) -> dict[str, str]:
    """Return the English that units were made of, of those for which git has it."""
    wanted, found = {unit.pin: unit.name for unit in units}, {}
    for words in versions(page) if wanted else ():
        for text in words.values():
            if name := wanted.get(digest(text)):
                found[name] = text
        if len(found) == len(units):
            break
    return found
