"""Build the HTML of the course with Sphinx, as `jupyter-book build` would.

Called here directly, because that command can either read every page anew or write
only what it read. This one may read only what changed and then writes all pages, so
that each reference is resolved again and a broken one is found wherever it stands.
"""

import contextlib
import functools
import gc
import io
import os
import re
import shutil
import sys
from pathlib import Path

# jsonschema builds this parser when it is imported, which takes a second, and neither
# notebooks nor the configuration have what it is for. Imported before nbformat, then.
sys.modules.setdefault("rfc3987_syntax", None)

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
DOCTREES = ROOT / "_build" / ".doctrees"


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
                "nitpicky": True,
            },
            force_all=True,
            freshenv=afresh,
            warningiserror=True,
            keep_going=True,
            quiet=True,
            jobs=os.cpu_count(),
        )
        if result == 0:
            builder_specific_actions(result, "html", HTML, "book")
    return "" if result == 0 else explain(said.getvalue())


def remember():
    """Spare Sphinx half of its time, in which it does the same things again."""
    # The trees of pages are no garbage, however often looked through; 0.5 GB in all.
    gc.disable()
    import pybtex.plugin
    from sphinx.search.en import SearchEnglish

    # Reads the metadata of every installed package, for each citation of the book.
    pybtex.plugin._load_entry_point = functools.cache(pybtex.plugin._load_entry_point)
    SearchEnglish.stem = functools.cache(SearchEnglish.stem)


def explain(said):
    """Of all that Sphinx said, the lines that say what is wrong."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", said).splitlines()
    wrong = [li for li in lines if re.search(r"WARNING|ERROR|Error|CRITICAL", li)]
    return "\n".join(li.replace(f"{ROOT}{os.sep}", "") for li in wrong or lines[-30:])
