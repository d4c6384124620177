r"""Find what of the exercises' solutions stands in the files of a site.

A needle is a line of a solution's code, or a piece of its prose between formulas and
links, as a tuple of words: a page colours code, and sets quotes. What stands in the
book outside of solutions, too, is no needle, nor is what a check says of a mistake.

>>> text = "Count.\n\n```{solution} ex\nA ball is round.\n```\nMore."
>>> parted(text)
(['Count.\n\n', '\nMore.'], ['```{solution} ex\nA ball is round.\n```'])
>>> list(pieces("Cut before sorting $x$ and it is the global top."))
['Cut before sorting ', ' and it is the global top.']
>>> needles = [("the", "ball", "is", "round", "here")]
>>> list(Finder(needles).found("<b>The</b> ball\\nis&nbsp;round here."))
[('the', 'ball', 'is', 'round', 'here')]
"""

import html
import json
import re
import zlib
from pathlib import Path

from recbook import checks
from recbook.checks.registry import REGISTRY

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
LONG, HEAD = 25, 4  # characters of a needle at least; words by which it is looked up
GATE = re.compile(r"\{solution-(start|end)\}")
FOLD = re.compile(r"^([`:]{3,})\{solution\}.*?^\1\s*?$", re.M | re.S)
# What a page writes in another way: formulas, roles, targets of links, options.
SET = re.compile(
    r"\$\$.*?\$\$|\$[^$]*\$|\{[\w:-]+\}`[^`]*`|\]\([^)]*\)|^:[\w-]+:.*?$|^[`:]{3}.*?$",
    re.M | re.S,
)
ENDS = re.compile(r"(?<=[.?!:;])\s+|\n\n|\|")
WORD = re.compile(r"\w+")
TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
ESCAPED = re.compile(r'\\u00[0-9a-f]{2}|\\[nt"]')
# The package is in these, its checks with it, as in every copy of the course.
PACKED = re.compile(r"_static/live/.*|.*\.whl")


def parted(text, inside=False):
    """Split Markdown into what is outside of solutions, and what is in them."""
    outside, solutions, begin = [], [], 0
    for gate in [*GATE.finditer(text), None]:
        part = text[begin : gate.start() if gate else None]
        (solutions if inside else outside).append(part)
        if gate:
            begin, inside = gate.end(), gate[1] == "start"
    solutions += [fold[0] for part in outside for fold in FOLD.finditer(part)]
    outside = [piece for part in outside for piece in FOLD.sub("\0", part).split("\0")]
    return outside, solutions


def pages():
    """Yield (file, texts outside of solutions, prose in them, code in them)."""
    for path in sorted(CHAPTERS.rglob("*")):
        if path.suffix not in (".ipynb", ".md"):
            continue
        text = path.read_text(encoding="utf-8")
        cells = [{"cell_type": "markdown", "source": text}]
        if path.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
        outside, prose, code, inside = [], [], [], False
        for cell in cells:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                seen, hidden = parted(source, inside)
                outside, prose = outside + seen, prose + hidden
                for gate in GATE.finditer(source):
                    inside = gate[1] == "start"
            elif "remove-cell" not in cell["metadata"].get("tags", ()):
                (code if inside else outside).append(source)
        yield path, outside, prose, code


def pieces(prose):
    """Yield the pieces of prose that a page writes as they are typed."""
    for run in SET.split(prose):
        yield from ENDS.split(run)


def words(text):
    """Return the words of a text or of a file, in small letters, without its marks."""
    return [word.lower() for word in WORD.findall(html.unescape(TAG.sub(" ", text)))]


def text_of(path):
    """Return a file as text; the inventory of names is compressed."""
    content = path.read_bytes()
    if path.suffix == ".inv":
        *_, packed = content.split(b"\n", 4)
        content = zlib.decompress(packed)
    return content.decode("utf-8", errors="replace")


def needles():
    """Return {needle: page} of all solutions."""
    checks.ids()  # imports them all
    slips = [getattr(check, "slips", ()) for check in REGISTRY.values()]
    found, said = {}, [words(message) for each in slips for message in each]
    for path, outside, prose, code in pages():
        said += map(words, outside)
        parts = [piece for text in prose for piece in pieces(text)]
        for text in [*parts, *(line for cell in code for line in cell.splitlines())]:
            needle = tuple(words(text))
            if len(text.strip()) > LONG and len(needle) >= HEAD:
                found[needle] = path
    finder = Finder(found)
    common = {needle for text in said for needle in finder.among(text)}
    return {needle: page for needle, page in found.items() if needle not in common}


class Finder:
    """Looks for many needles at once, by their first words."""

    def __init__(self, needles):
        self.heads = {}
        for needle in needles:
            self.heads.setdefault(needle[:HEAD], []).append(needle)

    def found(self, text):
        """Yield each needle in a text, once for each place."""
        for form in {text, ESCAPED.sub(" ", text)}:
            yield from self.among(words(form))

    def among(self, said):
        for at, head in enumerate(zip(*(said[n:] for n in range(HEAD)), strict=False)):
            for needle in self.heads.get(head, ()):
                if tuple(said[at : at + len(needle)]) == needle:
                    yield needle


def leaks(site, finder):
    """Return {(file of a site, needle)} of what of the solutions stands in it."""
    files = [path for path in site.rglob("*") if path.is_file()]
    named = {path.relative_to(site).as_posix(): path for path in files}
    texts = {n: text_of(p) for n, p in named.items() if not PACKED.fullmatch(n)}
    return {(name, each) for name, text in texts.items() for each in finder.found(text)}
