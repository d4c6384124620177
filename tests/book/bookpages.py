"""The pages of the book as data: cells, exercises, labels. Used by the book's tests."""

import ast
import functools
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from recbook_book.reading import api_pages

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = ROOT / "chapters"
# By day the dear tests ask some pages of each kind, at night all (`make site-all`).
ALL_PAGES = "RECBOOK_ALL_PAGES" in os.environ
DIRECTIVE = re.compile(r"^(`{3,}|:{3,})\{(exercise|solution)(-start|-end)?\}(.*)$")
# They stand around the chapters of a part, without a number.
ENDS = ("/door", "/how-to-fool-yourself", "/decisions", "/quick-questions")
QUICK = re.compile(r"^`{3,}\{quick\} (\S+)\n(.*?)^`{3,}$", re.M | re.S)
CHECK_LINE = re.compile(r"\{check\}`([^`]+)`")
CHECK = re.compile(r"recbook\.check\(\s*[\"']([^\"']+)[\"']")


@dataclass
class Cell:
    """One cell; `place` is "main", "exercise" or "solution", `label` the exercise's."""

    id: str
    kind: str
    source: str
    tags: list
    raw: dict
    place: str = "main"
    label: str = ""


@dataclass
class Exercise:
    """An exercise with its text, starter cells, solution text and answer cells."""

    label: str
    title: str = ""
    text: str = ""
    starters: list = field(default_factory=list)
    solution: str = ""
    answers: list = field(default_factory=list)
    n_solutions: int = 0

    def check_ids(self, cells):
        return [id for cell in cells for id in CHECK.findall(cell.source)]

    @property
    def checked_elsewhere(self):
        """The ids of its ``{check}`` lines, on a page that has no code."""
        return CHECK_LINE.findall(self.text)


@dataclass
class Page:
    """One page: its path, whether it is a numbered chapter, its cells."""

    path: Path
    is_chapter: bool
    cells: list

    @property
    def name(self):
        return self.path.relative_to(CHAPTERS).with_suffix("").as_posix()

    @property
    def part(self):
        return self.name.split("-")[0] if self.is_chapter else ""

    @property
    def text(self):
        return "\n\n".join(c.source for c in self.cells if c.kind == "markdown")

    @property
    def quick(self):
        """[(id, text)] of its quick questions, options included."""
        return QUICK.findall(self.text)

    @property
    def code(self):
        return [cell for cell in self.cells if cell.kind == "code"]

    @functools.cached_property
    def exercises(self):
        return read_exercises(self.cells)


def toc_entries():
    """(file without suffix, has it a number) of each page, in order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    yield toc["root"], False
    for part in toc.get("parts", []):
        numbered = bool(part.get("numbered"))
        for entry in part["chapters"]:
            yield entry["file"], numbered and not entry["file"].endswith(ENDS)
            if entry["file"] == api_pages.PLACE:  # those that are written by hand
                names = sorted(api_pages.BY_HAND)
                yield from ((f"{entry['file']}/{name}", False) for name in names)


@functools.cache
def pages():
    """Every page of the table of contents that exists, in order."""
    found = []
    for file, numbered in toc_entries():
        for suffix in (".ipynb", ".md"):
            path = (ROOT / file).with_suffix(suffix)
            if path.exists():
                found.append(Page(path, numbered, read_cells(path)))
    return found


def notebooks():
    return [page for page in pages() if page.path.suffix == ".ipynb"]


def chapters():
    return [page for page in pages() if page.is_chapter]


def read_cells(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return [Cell("text", "markdown", text, [], {})]
    cells = [
        Cell(
            raw.get("id", ""),
            raw["cell_type"],
            "".join(raw["source"]),
            raw.get("metadata", {}).get("tags", []),
            raw,
        )
        for raw in json.loads(text)["cells"]
    ]
    read_exercises(cells)  # marks the place of each cell
    return cells


def read_exercises(cells):
    """The exercises between their gates, by label; cells get their place."""
    found = {}
    place, label = "main", ""
    for cell in cells:
        if cell.kind == "code":
            cell.place, cell.label = place, label
            if place != "main":
                owner = found.setdefault(label, Exercise(label))
                (owner.starters if place == "exercise" else owner.answers).append(cell)
            continue
        lines = cell.source.splitlines()
        for number, line in enumerate(lines):
            gate = DIRECTIVE.match(line)
            if gate:
                _, kind, end, title = gate.groups()
                if end == "-end":
                    place, label = "main", ""
                    continue
                rest = lines[number + 1 :]
                label = title.strip() if kind == "solution" else option(rest, "label")
                owner = found.setdefault(label, Exercise(label))
                owner.n_solutions += kind == "solution"
                owner.title = owner.title if kind == "solution" else title.strip()
                place, fence = kind, None if end else gate.group(1)
            elif place != "main":
                if fence and line.strip() == fence:
                    place, label = "main", ""
                elif place == "exercise":
                    found[label].text += line + "\n"
                else:
                    found[label].solution += line + "\n"
    return list(found.values())


def option(lines, name):
    """The value of ``:name: value`` among the first lines of a directive."""
    for line in lines:
        match = re.match(rf":{name}:\s*(.*)", line)
        if match:
            return match.group(1).strip()
        if line and not line.startswith(":"):
            break
    return ""


def imports_of(source):
    """The import statements at any depth of a cell's code."""
    tree = ast.parse(source)
    kinds = ast.Import | ast.ImportFrom
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]
