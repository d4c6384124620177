"""The files of the book for a tablet: which pages each has, and if it is up to date.

A file has its pages' own text, so it is that of the book as long as these pages, and
what prints them, are the same. ``offer`` lays such files beside the pages of a site,
and its first page then says so.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "_build" / "pdf"
STATE = "made.json"  # there: {name: {edition, pages, bytes}}
# A part's file has those entries of these that it leads to.
LISTS = ("chapters/appendix/glossary", "chapters/appendix/references")
ALL = "The whole book"
# What a reader looks up. The rest of the appendix is for a keyboard, or for teachers.
LOOKED_UP = ("refresher-derivatives", "refresher-matrices", "notation", "glossary")
LOOKED_UP += ("results", "outline", "references")
LOOKED_UP = tuple(f"chapters/appendix/{name}" for name in LOOKED_UP)
ARTICLE = re.compile(r'<article class="bd-article">.*?</article>', re.S)
# What the first page has for them: a place for the list, and in the table of what a
# reader has a place for a link to it.
PLACE = re.compile(r'(<(div|span) class="tablet-(files|row)"[^>]*>).*?(</\2>)', re.S)
LIST = "<p>As PDF for a tablet, with the solutions at the end:</p>\n<ul>\n{}\n</ul>"
ROW = ' Or read <a href="#tablet-files">a PDF made for a tablet</a>.'
FILE = '<li><a href="../pdf/{file}">{name}</a> · {pages:,} pages, {size} MB</li>'


@dataclass(frozen=True)
class Volume:
    """One file: the number of its part, or "" of the appendix, its name and pages."""

    number: str
    name: str
    pages: tuple

    @property
    def file(self):
        """Its name as a file.

        >>> Volume("4", "Deep models", ()).file
        'recommender-systems-4-deep-models.pdf'
        """
        words = filter(None, [self.number, *self.name.lower().split()])
        return f"recommender-systems-{'-'.join(words)}.pdf"

    @property
    def title(self):
        """Its name as a reader's.

        >>> Volume("4", "Deep models", ()).title, Volume("", "Appendix", ()).title
        ('Part 4: Deep models', 'Appendix')
        """
        return f"Part {self.number}: {self.name}" if self.number else self.name


def volumes():
    """Return the parts of the book and its appendix, as the list of pages has them."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found = []
    for part in toc["parts"]:
        pages = [chapter["file"] for chapter in part["chapters"]]
        number = re.match(r"chapters/(\d*)", pages[0])[1]
        kept = pages if number else [page for page in pages if page in LOOKED_UP]
        found.append(Volume(number, part["caption"], tuple(kept)))
    return found


def whole():
    """Return all of them as one."""
    pages = [page for volume in volumes() for page in volume.pages]
    return Volume("", ALL, tuple(pages))


def dated():
    """Return the book's version and, where git knows it, the day of its last change."""
    facts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    said = f"version {facts['project']['version']}"
    asks = ["git", "log", "-1", "--format=%cs", "--", "chapters", "recbook"]
    try:
        found = subprocess.run(asks, cwd=ROOT, capture_output=True, check=True)
        day = date.fromisoformat(found.stdout.decode().strip())
    except (OSError, subprocess.CalledProcessError, ValueError):
        return said
    return f"{said}, {day.day} {day:%B %Y}"


def edition(volume, html):
    """Return the digest of what a file shows, and of what prints it."""
    sums = hashlib.sha256(volume.title.encode())
    here = Path(__file__).parent
    for path in sorted([*html.glob("_static/*.css"), *here.glob("*.*")]):
        sums.update(path.read_bytes())
    for page in (*volume.pages, *LISTS):
        text = (html / f"{page}.html").read_text(encoding="utf-8")
        sums.update("".join(ARTICLE.findall(text)).encode())
    return sums.hexdigest()


def read():
    """Return what is known of the files: {name: {edition, pages, bytes}}."""
    try:
        return json.loads((MADE / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def note(volume, edition, pages):
    """Remember a file that has just been made of an edition of the site."""
    size = (MADE / volume.file).stat().st_size
    known = {"edition": edition, "pages": pages, "bytes": size}
    text = json.dumps(read() | {volume.file: known}, indent=1) + "\n"
    (MADE / STATE).write_text(text, encoding="utf-8", newline="\n")


def is_current(volume, html):
    """Whether there is a file of a volume, and it shows the site as it is."""
    known = read().get(volume.file, {})
    there = (MADE / volume.file).is_file()
    return there and known.get("edition") == edition(volume, html)


def offer(html):
    """Lay the files that show the site as it is beside its pages, and say so."""
    shutil.rmtree(html / "pdf", ignore_errors=True)
    offered, known = [], read()
    for volume in (whole(), *volumes()) if known else ():
        if is_current(volume, html):
            (html / "pdf").mkdir(exist_ok=True)
            lay(MADE / volume.file, html / "pdf" / volume.file)
            facts = known[volume.file]
            size = f"{max(facts['bytes'] / 1e6, 0.1):.1f}"
            says = {"name": volume.title, "pages": facts["pages"], "size": size}
            offered.append(FILE.format(file=volume.file, **says))
    first = html / "chapters" / "intro.html"
    text = first.read_text(encoding="utf-8")
    filled = {"files": LIST.format("\n".join(offered)), "row": ROW} if offered else {}
    changed = PLACE.sub(lambda at: at[1] + filled.get(at[3], "") + at[4], text)
    if changed != text:
        first.write_text(changed, encoding="utf-8", newline="\n")


def lay(path, place):
    """Link a file to a place, or copy it where a link cannot be had."""
    try:
        os.link(path, place)
    except OSError:
        shutil.copyfile(path, place)
