"""The words of a page in pieces, and those of its translation.

``zh/2-neighbours/similarity.md`` has what ``chapters/2-neighbours/similarity.ipynb``
says in words, one unit below another::

    +++ picture-close @1a2b3c4d
    Ann 和 Bob：相像。……

Behind @ is the digest of the English that was translated. In a notebook a unit is a
Markdown cell, named by the cell's id. The figure of a code cell has ``ID.caption`` and
``ID.alt``. ``ID.labels`` has the words in its figure, its table or what it glues, a
line "English = 中文" each. Between slashes the English is a regular expression. Labels
have no digest, since no page says them: the code does.

In a page without code a unit is what stands below a heading, an exercise, a solution, a
quick question, or an entry of the glossary.
"""

import hashlib
import json
import re
from pathlib import Path

UNIT = re.compile(r"^\+\+\+ ([\w./-]+)(?: @([0-9a-f]{8}))?$", re.MULTILINE)
FENCE = re.compile(r"^\s*(`{3,}|:{3,})")
FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
LABEL = re.compile(r"\(([\w-]+)\)=")
QUICK = re.compile(r"`{3,}\{quick\} ([\w.-]+)")
EXERCISE = re.compile(r"`{3,}\{exercise\}")
SOLUTION = re.compile(r"`{3,}\{solution\} ([\w.-]+)")
GLOSSARY = "```{glossary}"
HEAD = re.compile(r"#+ ")


def digest(text):
    """Return eight digits that change when the words do."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:8]


def units_of(text):
    """Return {name: (digest or None, words)} of a file of translations."""
    parts = UNIT.split(text)[1:]
    return {
        name: (pin, words.strip("\n"))
        for name, pin, words in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def english_of(path):
    """Return {name: words} of an English page, in its order, without labels."""
    text = Path(path).read_text(encoding="utf-8")
    if Path(path).suffix == ".md":
        return {name: words for name, words in pieces(text) if name}
    found = {}
    for cell in json.loads(text)["cells"]:
        if cell["cell_type"] == "markdown":
            found[cell["id"]] = "".join(cell["source"])
        about = cell["metadata"].get("mystnb", {})
        if caption := about.get("figure", {}).get("caption"):
            found[f"{cell['id']}.caption"] = caption
        if alt := about.get("image", {}).get("alt"):
            found[f"{cell['id']}.alt"] = alt
    return found


def pieces(text):
    """Yield (name, words) of a page without code; what has no words has no name.

    Put together, with an empty line between, they are the page.
    """
    if front := FRONT.match(text):
        yield None, front[0].strip()
        text = text[front.end() :]
    name, lines, taken = "top", [], set()
    for start, line in starts(text.splitlines()):
        if start and (lines or name != "top"):
            yield from inside(name, lines)
            lines = []
        if start:
            name = unused(start, taken)
            taken.add(name)
        lines.append(line)
    yield from inside(name, lines)


def unused(name, taken):
    """Return the name, or with a number where it is taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def starts(lines):
    """Yield (name or None, line): the name of the unit that begins with this line."""
    fences, waiting = [], None
    for number, line in enumerate(lines):
        begins = None
        if not fences:
            begins, waiting = beginning(lines, number, waiting)
        if fence := FENCE.match(line):
            mark = fence[1]
            closes = line.strip() == mark and fences and mark[0] == fences[-1][0]
            if closes and len(mark) >= len(fences[-1]):
                fences.pop()
            elif not fences or fences[-1][0] == ":":
                fences.append(mark)
        yield begins, line


def beginning(lines, number, labelled):
    """Return the name of the unit that a line begins, and whether a label did it."""
    line = lines[number]
    if label := LABEL.fullmatch(line):
        after = next((li for li in lines[number + 1 :] if li.strip()), "")
        return (label[1], True) if HEAD.match(after) else (None, False)
    if HEAD.match(line):
        return (None if labelled else slug(line)), False
    if quick := QUICK.match(line):
        return quick[1], False
    if solution := SOLUTION.match(line):
        return f"{solution[1]}-solution", False
    if EXERCISE.match(line):
        option = next(li for li in lines[number:] if li.startswith(":label:"))
        return option.removeprefix(":label:").strip(), False
    return None, labelled and not line.strip()


def inside(name, lines):
    """Yield a unit, or where it has a glossary, this in entries."""
    text = "\n".join(lines).strip("\n")
    if GLOSSARY not in text:
        yield name, text
        return
    before, _, rest = text.partition(GLOSSARY)
    entries, _, after = rest.partition("\n```")
    yield name, before.strip("\n")
    yield None, GLOSSARY
    for entry in re.split(r"\n{2,}(?=\S)", entries.strip("\n")):
        yield slug(entry.splitlines()[0]), entry
    yield None, "```"
    if after.strip():
        yield f"{name}-after", after.strip("\n")


def slug(line):
    """Return a heading or a term as a name: "A/B test" is "a-b-test"."""
    return re.sub(r"[^\w]+", "-", line.lower()).strip("-")


def page_of(sibling, root):
    """Return the English page of a file of translations below ``root``/zh."""
    inside = Path(sibling).relative_to(Path(root) / "zh").with_suffix("")
    for suffix in (".ipynb", ".md"):
        page = Path(root) / "chapters" / inside.with_suffix(suffix)
        if page.exists():
            return page
    raise FileNotFoundError(f"{inside}: no page of the book has this name")
