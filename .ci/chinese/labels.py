"""The words that cells show: each has a line of ``ID.labels``, and each line a word.

Outputs are those of the executed copies, which ``make book`` leaves. A word that no
line exchanges stands in English in a Chinese figure. A line that nothing can show any
more was made for a label that has been reworded.
"""

import ast
import functools
import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

from recbook_book.edition import labels as exchanging

from chinese.pages import LABELS, ROOT, Page

CACHE = ROOT / "_build" / ".jupyter_cache"
DRAWN = ("text/html", "image/svg+xml")
GLUED = re.compile(r"application/papermill.*text/plain")
WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
PEOPLE = {"Ann", "Bob", "Cem", "Dee", "Eve", "Kim"}
FILMS = {"Alien", "Dune", "Heat", "Up", "Coco", "Babe"}  # of the small table
SHORTEST = 7  # letters: a shorter piece of a title may be any word
UNITS = {"RMSE", "MAE", "nDCG", "AUC", "ms", "MB", "GB", "kB", "CSV", "SQL"}
HELD = re.compile(  # what no edition translates: films, code, an estimate's interval
    r".+ \(\d{4}\)(?:; .+ \(\d{4}\))*|[A-Z]\w*\(.*\)|\w+(?:[_.=]\w+)+|\w+\(\)|\$.*\$"
    r"|[+−-]?[\d.,]+ \([+−-]?[\d.,]+ to [+−-]?[\d.,]+\)|NaN|-inf"
)


@functools.cache
def executed(path: Path) -> dict[str, list] | None:
    """Return the outputs of a notebook by cell, None where it has not been run."""
    if path.suffix != ".ipynb" or not CACHE.exists():
        return None
    from jupyter_cache import get_cache

    try:
        cache = get_cache(CACHE)
        bundle = cache.get_cache_bundle(cache.match_cache_file(path).pk)
    except KeyError:  # changed since it was run
        return None
    import nbformat

    ids = [
        c.id for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"
    ]
    return {id: cell.outputs for id, cell in zip(ids, bundle.nb.cells, strict=True)}


def shown(outputs: list) -> list[str]:
    """Return the texts of a figure, of a table's cells, and glued sentences."""
    found: list[str] = []
    for output in outputs:
        for kind, body in output.get("data", {}).items():
            text = body if isinstance(body, str) else "".join(body)
            if kind in DRAWN:
                bare = exchanging.MUTE.sub("", text)
                between = exchanging.BETWEEN.findall(bare)
                found += [html.unescape(each.strip()) for each in between]
            elif GLUED.fullmatch(kind) and text[:1] in "'\"":
                found.append(str(ast.literal_eval(text)))
    return list(dict.fromkeys(found))


def stays(text: str) -> bool:
    """Whether a text has nothing to translate: numbers, names, code, units."""
    if not WORD.search(text) or HELD.fullmatch(text) or is_of_title(text):
        return True
    return all(w in PEOPLE | FILMS | UNITS | classes() for w in WORD.findall(text))


def is_of_title(text: str) -> bool:
    """Whether a text is a film's title, or a line of it, or its beginning."""
    part = text.removesuffix("…")
    if len(part) < SHORTEST and part not in titles():
        return False
    return any(title.startswith(part) or title.endswith(part) for title in titles())


@functools.cache
def classes() -> set[str]:
    """Return the names of the package's classes."""
    sources = (path.read_text("utf-8") for path in (ROOT / "recbook").rglob("*.py"))
    return {name for text in sources for name in re.findall(r"(?m)^class (\w+)", text)}


@functools.cache
def titles() -> set[str]:
    """Return the titles of the films, embedded and real, without their years."""
    embedded = ROOT / "data" / "ml-100k"
    folders = {embedded, Path(os.environ.get("RECBOOK_ML100K") or embedded)}
    texts = [(folder / "u.item").read_text("latin-1") for folder in folders]
    lines = [line for text in texts for line in text.splitlines()]
    return {re.sub(r" \(\d{4}\)$", "", line.split("|")[1]) for line in lines}


def code_of(page: Page) -> str:
    """Return what a cell may come to say: the page's code, and words of the data."""
    sources = ["".join(c["source"]) for c in page.cells if c["cell_type"] == "code"]
    data = (ROOT / "data" / "ml-100k" / name for name in ("u.genre", "u.occupation"))
    return " ".join([*sources, *(path.read_text("utf-8") for path in data)])


def behind(page: Page) -> Iterator[tuple[str, str]]:
    """Yield (unit, why) for lines whose word is gone, and for words with no line."""
    ids = {cell["id"] for cell in page.cells}
    outputs, code = executed(page.path), code_of(page)
    for cell, lines in page.labels.items():
        name = cell + LABELS
        if cell not in ids:
            yield name, "no such cell in the English"
        elif outputs is not None:
            texts = shown(outputs.get(cell, []))
            yield from ((name, why) for why in dead(lines, texts, code))
    for cell, outs in (outputs or {}).items():
        rules = read_lines(page.labels.get(cell, ""))
        for text in shown(outs):
            if not stays(text) and not has_line(rules, text):
                yield cell + LABELS, f"no line for {text!r}"


def read_lines(lines: str) -> exchanging.Rules:
    """Return the rules of lines, none where an expression is malformed."""
    try:
        return exchanging.parse(lines)
    except re.error:
        return exchanging.Rules({}, [])


def has_line(rules: exchanging.Rules, text: str) -> bool:
    same = exchanging.plain(text)
    if same in rules.words:
        return True
    return any(form.fullmatch(t) for form, _ in rules.forms for t in (text, same))


def malformed(lines: str) -> Iterator[str]:
    """Yield what is wrong with lines in themselves."""
    seen = set()
    for line in filter(str.strip, lines.splitlines()):
        left, equals, right = line.partition(" = ")
        if not equals or not right.strip():
            yield f"not a line 'English = 中文': {line!r}"
            continue
        if left in seen and not line.count(" = ") > 1:
            yield f"said twice: {left!r}"
        seen.add(left)
        if line.startswith("/"):
            yield from malformed_form(line)


def malformed_form(line: str) -> Iterator[str]:
    """Yield what is wrong with a regular expression and what it becomes."""
    if not (form := exchanging.FORM.fullmatch(line.strip())):
        yield f"not a line '/English/ = 中文': {line!r}"
        return
    try:
        pattern = re.compile(form[1])
    except re.error as error:
        yield f"no regular expression ({error}): {form[1]!r}"
        return
    for number in map(int, re.findall(r"\\(\d)", form[2])):
        if number > pattern.groups:
            yield f"group \\{number} is not in {form[1]!r}"


def dead(lines: str, texts: list[str], code: str) -> Iterator[str]:
    """Yield lines that match nothing shown, and no words that the page's code has."""
    for line in (line for line in lines.splitlines() if " = " in line):
        rules = read_lines(line)
        if any(has_line(rules, text) for text in texts):
            continue
        # A form comes first: the words of any table are among the rules of every line.
        forms = [form.pattern for form, _ in rules.forms if line.startswith("/")]
        left = next(iter(forms or rules.words), "")
        words = WORD.findall(re.sub(r"\\[a-z]", " ", left))
        if not words or not all(word in code for word in words):
            yield f"its cell does not say {left!r}"
