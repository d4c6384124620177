"""Build the HTML of the course with Sphinx, as `jupyter-book build` would.

Called here directly, because that command can either read every page anew or write
only what it read. This one may read only what changed and then writes all pages, so
that each reference is resolved again and a broken one is found wherever it stands.
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
CACHE = ROOT / "_build" / ".jupyter_cache"  # the executed copies, of pages.py
AT_ONCE = 3  # pages whose trees are held, and that a process writes before it ends


def build(afresh, changed=()):
    """Write every page, having read all, or else those ``changed`` since the last time.

    Return what is wrong, or an empty string.
    """
    for page in changed:  # read again, whatever the clock says of its file
        inside = Path(page).relative_to(ROOT).with_suffix(".doctree")
        (DOCTREES / inside).unlink(missing_ok=True)
    remember()
    from jupyter_book.cli.main import builder_specific_actions
    from jupyter_book.sphinx import build_sphinx

    forget()
    shutil.rmtree(HTML, ignore_errors=True)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        result = build_sphinx(
            ROOT,
            HTML,
            noconfig=True,
            path_config=ROOT / "_config.yml",
            confoverrides={
                "external_toc_path": str(ROOT / "_toc.yml"),
                "latex_individualpages": False,
                "nb_execution_cache_path": str(CACHE),  # not beside the output
                "nitpicky": True,
            },
            force_all=True,
            freshenv=afresh,
            warningiserror=True,
            keep_going=True,
            quiet=True,
            jobs=min(os.cpu_count(), 4),  # each holds pages of its own
        )
        if result == 0:
            builder_specific_actions(result, "html", HTML, "book")
    return "" if result == 0 else explain(said.getvalue())


def remember():
    """Spare Sphinx half of its time, in which it does the same things again."""
    import pybtex.plugin
    from sphinx.search.en import SearchEnglish

    # Reads the metadata of every installed package, for each citation of the book.
    pybtex.plugin._load_entry_point = functools.cache(pybtex.plugin._load_entry_point)
    SearchEnglish.stem = functools.cache(SearchEnglish.stem)


def forget():
    """Let Sphinx hold the trees of a few pages at a time, not of the whole book.

    A tree refers to itself, so only the collector of garbage frees it. Left alone, that
    looks through all that there is, again and again, which takes half of the time. Here
    it is called once every few trees, and passes over what was there before them.
    """
    import sphinx.builders
    from sphinx.environment import BuildEnvironment

    class Tasks(sphinx.builders.ParallelTasks):
        """Processes that write; none waits for its turn with trees in its hands."""

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
        if next(trees) % AT_ONCE == 0:
            gc.collect()

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
    """Of all that Sphinx said, the lines that say what is wrong."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", said).splitlines()
    wrong = [li for li in lines if re.search(r"WARNING|ERROR|Error|CRITICAL", li)]
    return "\n".join(li.replace(f"{ROOT}{os.sep}", "") for li in wrong or lines[-30:])
