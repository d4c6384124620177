"""Build the HTML of the course with Sphinx, by the settings of ``conf.py``.

The command `sphinx-build` can either read every page again or write only what it read.
This module can read only what changed and still writes all pages, so that each
reference is resolved again, and a broken one is found on whichever page it stands.
"""

import contextlib
import functools
import gc
import io
import itertools
import os
import re
import shutil
import sys
import time
from pathlib import Path

# jsonschema builds this parser when it is imported, which takes a second, and neither
# notebooks nor the configuration have what it is for. Imported before nbformat, then.
sys.modules.setdefault("rfc3987_syntax", None)

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
DOCTREES = ROOT / "_build" / ".doctrees"
AT_ONCE = 3  # pages whose trees are in memory, and that one process writes
ALL_AFTER = 4 * AT_ONCE  # pages, and then what survived is looked through again


def build(afresh, changed=()):
    """Read all pages if ``afresh``, else those ``changed``, then write all.

    Return Sphinx's warnings and errors, or an empty string.
    """
    for page in changed:  # read again, whatever the clock says of its file
        inside = Path(page).relative_to(ROOT).with_suffix(".doctree")
        (DOCTREES / inside).unlink(missing_ok=True)
    return sphinx(HTML, DOCTREES, "-a", *(["-E"] if afresh else []))


def sphinx(site, doctrees, *options):
    """Write a site afresh; return Sphinx's warnings and errors, or an empty string."""
    remember()
    from sphinx.cmd.build import build_main

    forget()
    shutil.rmtree(site, ignore_errors=True)
    jobs = min(os.cpu_count(), 4)  # each holds pages of its own
    command = ["-q", "-W", "--keep-going", "-j", str(jobs), *options]
    command += ["-d", str(doctrees), str(ROOT), str(site)]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        result = build_main(command)
    return "" if result == 0 else explain(said.getvalue())


def remember():
    """Keep what Sphinx would read or compile again for each name and citation."""
    import pybtex.plugin
    from numpydoc import docscrape_sphinx
    from sphinx.search.en import SearchEnglish

    # Reads the metadata of every installed package, for each citation of the book.
    pybtex.plugin._load_entry_point = functools.cache(pybtex.plugin._load_entry_point)
    SearchEnglish.stem = functools.cache(SearchEnglish.stem)
    make, kept = docscrape_sphinx.SandboxedEnvironment, []

    def environment(loader):
        """Return the first: one for each docstring would compile the template again."""
        if not kept:
            kept.append(make(loader=loader))
        return kept[0]

    docscrape_sphinx.SandboxedEnvironment = environment


def forget():
    """Make Sphinx hold the trees of a few pages at a time, not of the whole book.

    A tree refers to itself, so only the garbage collector frees it. Left alone, the
    collector looks through everything again and again, which takes half of the time.
    Here it is called once every few trees. It looks at what is new since the last call,
    and at what survived, a few trees among it, only now and then.
    """
    import sphinx.builders
    from sphinx.environment import BuildEnvironment

    class Tasks(sphinx.builders.ParallelTasks):
        """Processes that write: each begins at once, and none waits holding trees."""

        def add_task(self, task_func, arg=None, result_func=None):
            super().add_task(task_func, arg, result_func)
            while self._precvsWaiting:
                if not self._join_one():
                    time.sleep(0.02)
            if arg and not isinstance(arg[0], str):  # trees, not names that are read
                arg.clear()  # the other process has them

    def chunks(pages, n_processes):
        return [pages[k : k + AT_ONCE] for k in range(0, len(pages), AT_ONCE)]

    builder, trees = sphinx.builders.Builder, itertools.count(1)
    read, read_one, load = builder.read, builder.read_doc, BuildEnvironment.get_doctree

    def tidy():
        number = next(trees)
        if number % AT_ONCE == 0:
            gc.collect(2 if number % ALL_AFTER == 0 else 1)

    def read_doc(self, docname, **_):
        read_one(self, docname, _cache=False)
        tidy()

    def read_all(self):
        pages = read(self)
        gc.collect()
        gc.freeze()
        return pages

    def get_doctree(self, docname):
        tidy()
        self._pickled_doctree_cache.clear()
        return load(self, docname)

    gc.disable()
    gc.freeze()
    builder.read, builder.read_doc = read_all, read_doc
    BuildEnvironment.get_doctree = get_doctree
    sphinx.builders.ParallelTasks = Tasks
    sphinx.builders.make_chunks = chunks


def explain(said):
    """Return the lines with warnings and errors of what Sphinx printed."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", said).splitlines()
    wrong = [li for li in lines if re.search(r"WARNING|ERROR|Error|CRITICAL", li)]
    return "\n".join(li.replace(f"{ROOT}{os.sep}", "") for li in wrong or lines[-30:])
