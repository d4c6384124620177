"""Write the editions in other languages, beside the English one.

Usage: .venv/bin/python .ci/editions.py FOLDER, after `make book`

The Chinese edition has the words of ``zh/`` and everything else of the English pages,
whose executed copies it shows, so no notebook runs twice. Sphinx sets up its roles and
its settings once a process, and holds the whole book in memory: so this is a process of
its own, after the English one. It writes ``_build/zh/html``, which then lies in the
folder ``zh`` of the site.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import digests
import licences
import offline
import site_html
from execute import BUILD
from pages import ROOT, read_json, write_json

LANGUAGES = ("zh",)
HERE = BUILD / "zh"  # what Sphinx writes beside a site lies here, too
SITE = HERE / "html"
STATE = BUILD / ".zh.json"
DOCTREES = HERE / ".doctrees"
WORDS = ROOT / "zh"
NAMES = {"name": "面向营销的推荐系统", "short_name": "推荐系统"}  # of the app


def asked():
    """Return the editions to be written beside the English one."""
    named = os.environ.get("RECBOOK_EDITIONS", "").split()
    return [language for language in LANGUAGES if language in named]


def now_of(book):
    """Return the digests of all that the Chinese pages are made of.

    ``book`` are those of the English pages.
    """
    lines = digests.CHECKS / "zh.csv"
    files = [path for path in digests.tree(WORDS) if path.suffix != ".md"]
    files += [lines] if lines.exists() else []
    words = {path: digests.digest([path]) for path in WORDS.rglob("*.md")}
    shown = {
        page: [
            digest,
            words.get(WORDS / Path(page).relative_to("chapters").with_suffix(".md")),
        ]
        for page, digest in book["shown"].items()
    }
    return {
        "frame": digests.digest(files, book["frame"], book["wheel"], book["live"]),
        "shown": shown,
    }


def refresh(book):
    """Write the edition if it is missing or not that of the book as it is."""
    now, old = now_of(book), read_json(STATE)
    if old != now or not whole(SITE):
        write_json(STATE, {})
        seen = old.get("shown", {})
        changed = [page for page, d in now["shown"].items() if seen.get(page) != d]
        afresh = old.get("frame") != now["frame"]
        command = [sys.executable, __file__, *(["-E"] if afresh else changed)]
        settings = {**os.environ, "RECBOOK_EDITION": "zh"}
        if subprocess.run(command, env=settings).returncode:
            sys.exit("recbook: the Chinese edition is not written, see above.")
        write_json(STATE, now)
    beside = site_html.HTML / "zh"
    if not whole(beside) or afresh_since(beside):
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(SITE, beside, copy_function=linked)
    print(f"The Chinese edition is at {beside / 'index.html'}")


def whole(site):
    return (site / offline.LIST).exists()  # written last


def afresh_since(site):
    """Whether the edition was written again after it was laid beside the pages."""
    mine, its = (folder / offline.LIST for folder in (SITE, site))
    return mine.read_bytes() != its.read_bytes()


def linked(source, target):
    """Hard-link a file, or copy it where the disk has no such links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def write(options):
    """Write the edition, all pages afresh or with the changed ones read again."""
    for page in options if options != ["-E"] else ():
        (DOCTREES / page).with_suffix(".doctree").unlink(missing_ok=True)
    more = ["-E"] if options == ["-E"] else []
    problems = site_html.sphinx(SITE, DOCTREES, "-a", *more)
    if problems:
        return problems
    for wheel in site_html.HTML.glob("*.whl"):
        shutil.copy(wheel, SITE)
    licences.write(SITE)
    offline.write(SITE, **NAMES)
    return ""


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(write(sys.argv[1:]) or None)
