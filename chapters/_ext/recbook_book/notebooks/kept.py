"""Let a page save itself with the reader's code, as the student's notebook.

A page that is opened as a file cannot fetch its notebook, so each notebook with code
stands in the site a second time, as a script, which ``keep.js`` loads when it is asked
for it.
"""

import hashlib
from pathlib import Path

from recbook_book.notebooks.students import file_of, folder_of

SCRIPT = "recbookKeep({});\n"


def kept(app, pagename, pathto):
    """Return what ``keep.js`` has to know: the notebook's name, and its script."""
    file = file_of(app.env, pagename)
    content = (folder_of(app) / file).read_bytes()
    sum_ = hashlib.sha256(content).hexdigest()[:12]
    script = pathto(f"notebooks/{script_of(file)}", 1)
    return {"name": Path(file).stem, "script": f"{script}?v={sum_}"}


def script_of(file):
    return Path(file).with_suffix(".js").as_posix()


def write(app, error):
    """Write a script for each notebook in the site, and delete those of old pages."""
    site = Path(app.outdir) / "notebooks"
    if error or app.builder.name != "html":
        return
    for old in site.rglob("*.js"):
        if not old.with_suffix(".ipynb").exists():
            old.unlink()
    for notebook in site.rglob("*.ipynb"):
        text = SCRIPT.format(notebook.read_text(encoding="utf-8").strip())
        notebook.with_suffix(".js").write_text(text, encoding="utf-8")


def setup(app):
    app.connect("build-finished", write, priority=600)  # after students.finish
