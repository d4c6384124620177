"""Execute the notebooks that have changed, and build the HTML of the course.

Usage: .venv/bin/python .ci/book.py; with SOLUTIONS=no in the environment, a students'
site without solutions beside it (``students.py``), with RECBOOK_EDITIONS=zh the Chinese
edition in it (``editions.py``)

The steps: make what runs in the pages (``live/build.py``) and compile the kernels
(``warm.py``), execute notebooks on all cores (``pages.py``), write the pages
(``site_html.py``). A notebook runs again when its code changed, or anything that its
outputs depend on: parts of the package, tables, the locked environment, the data
(``digests.py``). Sphinx reads the pages that changed and writes all, with warnings as
errors. It reads all where more than pages changed, or where the last build failed. The
package lies beside the pages as a wheel (``own_wheel.py``).
"""

import importlib
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import digests
import editions
import licences
import live.build
import live.verdicts
import offline
import own_wheel
import site_html
import students
import warm
from execute import BUILD, SETTINGS
from pages import (
    Copies,
    alone,
    disk_is_full,
    environment,
    name_of,
    notebooks,
    read_json,
    write_json,
)
from paper import volumes
from recbook_book.reading import api_pages
from settings import call

ROOT = digests.ROOT
STATE = BUILD / ".book.json"
INDEX = site_html.HTML / "index.html"


def texts():
    """Return the files of all pages: notebooks and Markdown."""
    inside = digests.tree(ROOT / "chapters")
    return [path for path in inside if path.suffix in (".ipynb", ".md")]


def frame(base):
    """Return the digest of what Sphinx reads beside pages; on change, it reads all."""
    pages = set(texts())
    rest = [path for path in digests.tree(ROOT / "chapters") if path not in pages]
    rest += [*sorted(ROOT.glob("_*.yml")), *sorted((ROOT / ".ci").glob("*.py"))]
    rest += [ROOT / "conf.py", ROOT / "LICENSE", *digests.tree(licences.HERE)]
    site = os.environ.get("RECBOOK_ADDRESS")  # conf.py asks for it
    return digests.digest(rest, base, site, sorted(map(name_of, pages)))


def shown(copies):
    """Return {page: digest of its file, and of the outputs or docstrings it shows}."""
    beneath = {path: copies.digest(path) for path in notebooks()}
    docstrings = digests.digest(digests.tree(digests.order.PACKAGE))
    api = [path for path in texts() if name_of(path).startswith(api_pages.PLACE)]
    beneath |= dict.fromkeys(api, docstrings)
    for path in texts():  # quick questions, whose answers stand with their checks
        if path.suffix == ".md" and (checks := digests.checks_of(path)):
            beneath[path] = digests.digest(checks)
    return {
        name_of(path): digests.digest([path], beneath.get(path)) for path in texts()
    }


def made():
    """Yield what a build writes: pages, the wheel, students' notebooks, assignments."""
    yield from site_html.HTML.rglob("*.html")
    yield from site_html.HTML.glob("*.whl")
    for folder in (BUILD / "notebooks", BUILD / "nbgrader" / "source"):
        yield from folder.rglob("*.ipynb")


def main():
    """Build; where the disk is full, say so in one sentence."""
    try:
        build()
    except Exception as error:  # SQLite's own, beside OSError
        if not disk_is_full(error):
            raise
        sys.exit("recbook: the disk is full: free some space, then run it again.")


def build():
    """Make everything that is not up to date."""
    os.environ.update(SETTINGS)
    os.environ.pop("MPLBACKEND", None)  # agg would keep figures from the pages
    os.environ.pop("RECBOOK_LANGUAGE", None)  # executed copies are in English
    waiting = f"recbook: waiting for another `{call('book')}` to end"
    with alone(BUILD / ".book.lock", waiting):
        now = book()
        if editions.asked():
            editions.refresh(now)
        if os.environ.get("SOLUTIONS") == "no":
            students.refresh(now)
        else:
            students.remove(now)


def book():
    """Make the teacher's site; return the digests of all that it is made of."""
    api_pages.write()
    state, base = read_json(STATE), environment()
    copies = Copies(base)
    now = {"frame": frame(base), "shown": shown(copies)}
    now["wheel"] = own_wheel.stands_on()
    now["editions"] = editions.asked()  # to which pages have a link
    with ThreadPoolExecutor() as pool:  # each leaves a core idle at times
        compiling = pool.submit(warm.compile_kernels)
        now["live"] = live.build.build()
        compiling.result()
    now["tried"] = live.verdicts.refresh(now["shown"]) if now["live"] else None
    old = {key: state.get(key) for key in now}
    there = all((ROOT / page).exists() for page in state.get("html", [INDEX]))
    if old == now and there:
        print(f"Nothing changed. The book is at {INDEX}")
        return now
    importlib.import_module("matplotlib.font_manager")  # lists the fonts, once
    failures = copies.refresh(notebooks())
    if failures:
        sys.exit("\n\n".join(failures.values()))
    write_json(STATE, {})  # should it fail, all is read the next time
    afresh = old["frame"] != now["frame"]
    seen, names = old["shown"] or {}, now["shown"]
    changed = [p for p in texts() if seen.get(name_of(p)) != names[name_of(p)]]
    fine(site_html.build(afresh, changed))
    live.build.link(site_html.HTML)
    own_wheel.build(site_html.HTML)
    licences.write(site_html.HTML)
    volumes.offer(site_html.HTML)
    offline.write(site_html.HTML)
    write_json(STATE, {**now, "html": sorted(map(name_of, made()))})
    print(f"The book is at {INDEX}")
    return now


def fine(problems):
    """End with Sphinx's warnings and errors, if there are any."""
    if problems and disk_is_full(problems):
        raise OSError(problems)
    if problems:
        again = f"recbook: mend the above, and run `{call('book')}` again."
        sys.exit(f"{problems}\n{again}")


if __name__ == "__main__":
    # Ctrl-C ends it at once, and the kernels with it; else all in the queue would run.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
