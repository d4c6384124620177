"""Find the cells of the pages that fail in a browser, by running them.

Cells that use a name such as ``keras`` are suspects (``suspects.py``). Each of them is
run in Pyodide under Node.js by ``trial.py``, by two processes. Those that fail get no
button. A page is tried again only if something changed that its outputs depend on.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import ChainMap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from digests import ROOT, digest
from pages import read_json, write_json

from live import build, runtime

sys.path.append(str(build.EXT))
from recbook_book.live.suspects import suspects_of

from recbook._core.order import PACKAGE
from recbook.mark.slices import needs_of

FILE = build.FOLDER / "verdicts.json"  # {page: {"key": …, "lacks": {cell id: what}}}
TRIAL = build.HERE / "trial.py"
# What decides which cells are tried.
CHOICE = [PACKAGE / "mark" / f"{n}.py" for n in ("slices", "changes")]
CHOICE += [build.EXT / "recbook_book" / "live" / "suspects.py"]
PATIENCE = 300  # seconds that a cell may take on a busy machine
ATTEMPTS = 5  # how many processes are started, if cells end them


def refresh(shown):
    """Try the pages that changed; return a digest of what the cells of all pages lack.

    ``shown`` is {page: digest of what it depends on}.
    """
    beneath = [Path(__file__), TRIAL, *CHOICE, *build.BESIDE]
    library, known = read_json(build.MARKER)["library"]["digest"], read_json(FILE)
    keys = {
        name: digest(beneath, stands_on, library)
        for name, stands_on in shown.items()
        if name.endswith(".ipynb")
    }
    kept = {name: known[name] for name in keys if name in known}
    kept = {name: page for name, page in kept.items() if page["key"] == keys[name]}
    pages = {name: page_of(ROOT / name) for name in keys if name not in kept}
    n_suspects = sum(len(page["suspects"]) for page in pages.values())
    if n_suspects:
        print(f"recbook: trying {n_suspects} cells in the pages' Python", flush=True)
    halves = [dict([*pages.items()][place::2]) for place in (0, 1)]
    with ThreadPoolExecutor() as pool:
        lacks = ChainMap(*pool.map(tried, halves))
    kept |= {name: {"key": keys[name], "lacks": lacks[name]} for name in pages}
    if pages or kept.keys() != known.keys():
        write_json(FILE, {name: kept[name] for name in sorted(kept)})
    return digest([], sorted((name, page["lacks"]) for name, page in kept.items()))


def page_of(path):
    """Return the code cells and the suspects of a notebook, as a trial needs them."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    texts = ["".join(cell["source"]) for cell in code]
    tags = [cell["metadata"].get("tags", ()) for cell in code]
    starters = [k for k, tag in enumerate(tags) if "raises-exception" in tag]
    parts = needs_of(texts, set(starters))
    return {
        "ids": [cell["id"] for cell in code],
        "cells": [
            {"source": text, "needs": part.needs}
            for text, part in zip(texts, parts, strict=True)
        ],
        "starters": starters,
        "suspects": suspects_of(texts, parts),
    }


def tried(pages):
    """Return what the suspects lack: {page: {cell id: what, or None if it runs}}.

    A cell that ends the process or hangs counts as failed. After ATTEMPTS processes the
    suspects that are left are barred by their names.
    """
    found = {name: {} for name in pages}
    for _ in range(ATTEMPTS):
        job = {name: left(page, found[name]) for name, page in pages.items()}
        job = {name: page for name, page in job.items() if page["suspects"]}
        if not job:
            break
        for name, index, lacks in run(job):
            found[name][index] = lacks
        at = ((n, k) for n in job for k in job[n]["suspects"] if k not in found[n])
        name, index = next(at, (None, None))
        if name:  # the cell at which the process ended
            found[name][index] = ""
    return {name: named(page, found[name]) for name, page in pages.items()}


def left(page, found):
    """Return the suspects of a page that are left to try, and those that failed."""
    return {
        "cells": page["cells"],
        "starters": page["starters"],
        "suspects": [k for k in page["suspects"] if k not in found],
        "barred": {k: lacks for k, lacks in found.items() if lacks is not None},
    }


def named(page, found):
    """Return verdicts by cell id; without a reason of its own, the suspicion counts."""
    lacks = {k: found.get(k, what) for k, what in page["suspects"].items()}
    lacks |= {k: page["suspects"][k] for k, what in lacks.items() if what == ""}
    return {page["ids"][k]: what for k, what in lacks.items()}


def run(job):
    """Run a job in Pyodide; return the lines that it wrote before it ended."""
    with tempfile.TemporaryDirectory(dir=build.FOLDER) as scratch:
        told, out = Path(scratch, "trial.json"), Path(scratch, "trial.json.out")
        told.write_text(json.dumps(job), encoding="utf-8")
        out.write_text("", encoding="utf-8")
        process = runtime.start(build.RUNTIME, TRIAL, told, path=build.PATH)
        while process.returncode is None:
            try:
                process.communicate(timeout=1)
            except subprocess.TimeoutExpired:
                if time.time() - out.stat().st_mtime > PATIENCE:
                    process.kill()
        whole = out.read_text(encoding="utf-8").rpartition("\n")[
            0
        ]  # the last line may be incomplete
    return [json.loads(line) for line in whole.splitlines()]
