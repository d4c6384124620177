"""Write a students' site, without solutions, beside the teacher's.

Usage: .venv/bin/python .ci/students.py FOLDER, after `make book`

``_build/students`` is complete by itself, for a server or a stick. Sphinx writes it
from a copy of the pages that it read for the teacher's site, so nothing is executed or
read twice. ``recbook_book/site/students_site.py`` says what is left out. This runs as a
process of its own, since Sphinx sets up its roles once a process.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import digests
import licences
import live.build
import offline
import site_html
from execute import BUILD
from pages import ROOT, read_json, write_json
from settings import call

SITE = BUILD / "students"
STATE = BUILD / ".students.json"  # the digest of the teacher's site that it is beside
GONE = (
    "recbook: the students' site was that of an earlier book, and is removed: "
    "`{}` writes it again."
)


def refresh(now):
    """Write the site if it is missing or not that of the book as it is ``now``."""
    if is_of(now):
        return print(f"The students' site is at {SITE / 'index.html'}")
    write_json(STATE, {})
    done = subprocess.run([sys.executable, __file__, str(SITE)])
    if done.returncode:
        sys.exit("recbook: the students' site is not written, see above.")
    write_json(STATE, {"beside": digests.digest([], now)})
    return print(f"The students' site is at {SITE / 'index.html'}")


def remove(now):
    """Remove a site that is not that of the book as it is ``now``: it would mislead."""
    if SITE.exists() and not is_of(now):
        shutil.rmtree(SITE)
        print(GONE.format(call("book SOLUTIONS=no")))


def is_of(now):
    """Whether the site is whole, and beside the book that ``now`` describes."""
    whole = (SITE / offline.LIST).exists()  # written last
    return whole and read_json(STATE).get("beside") == digests.digest([], now)


def write(site):
    """Write a site into a folder of ``_build``; return Sphinx's complaints, if any.

    What the pages have glued lies beside the folder, where MyST-NB looks for it.
    """
    with tempfile.TemporaryDirectory(dir=BUILD) as scratch:
        trees = Path(scratch, "doctrees")
        shutil.copytree(site_html.DOCTREES, trees)
        problems = site_html.sphinx(site, trees, "-a", "-D", "recbook_solutions=0")
    if problems:
        return problems
    live.build.link(site)
    for wheel in site_html.HTML.glob("*.whl"):
        shutil.copy(wheel, site)
    licences.write(site)
    offline.write(site)
    return ""


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(write(Path(sys.argv[1])) or None)
