"""Open the students' notebooks in JupyterLab: a copy of them, in ``my/``.

Usage: .venv/bin/python .ci/lab.py [options of JupyterLab]

A page that changed in the book is copied again, unless the student has changed or run
the copy. ``my/.copied.json`` has the digest of each copy when it was made. With
LANGUAGE=zh the notebooks are those of the Chinese edition, in ``my/zh/``.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import environment
from settings import call

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "_build" / "notebooks"
CHINESE = ROOT / "_build" / "zh" / "notebooks"
MY = ROOT / "my"
START = "00-start.ipynb"
# Lab would ask at each first start whether it may fetch news from the network.
QUIET = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    }
}


def digest(path):
    """Return the digest of what a reader sees of a notebook, or of a file's bytes."""
    content = path.read_bytes()
    try:
        cells = json.loads(content)["cells"]
        seen = [[c["cell_type"], c["source"], c.get("outputs")] for c in cells]
        content = json.dumps(plain(seen), sort_keys=True).encode()
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    return hashlib.sha256(content).hexdigest()


def plain(value):
    """Return a part of a cell without what Lab rewrites when a page is only read."""
    if isinstance(value, dict):
        kept = value.keys() - {"metadata", "execution_count"}
        return {key: plain(value[key]) for key in kept}
    if isinstance(value, list):
        is_text = all(isinstance(line, str) for line in value)
        return "".join(value) if is_text else [plain(part) for part in value]
    return value


def copy(built, my):
    """Copy new and changed pages; return those that a student's own copy keeps out.

    A copy that the student changed is never overwritten. One that the student deleted
    is made again. Nothing is deleted.
    """
    record = my / ".copied.json"
    copied = json.loads(record.read_text("utf-8")) if record.exists() else {}
    waiting = []
    for page in sorted(built.rglob("*.ipynb")):
        name, new = page.relative_to(built).as_posix(), digest(page)
        own = my / name
        now = digest(own) if own.exists() else None
        if now in (None, copied.get(name), new):
            if now != new:
                put(own, page.read_bytes())
            copied[name] = new
        elif copied.get(name) != new:
            waiting.append(name)
    put(record, json.dumps(copied, indent=1).encode())
    return waiting


def put(path, content):
    """Write a file so that an interruption leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    draft.replace(path)


def notice(waiting, most=10):
    """Return the message on pages that a student's own copy keeps out."""
    folder = "my/zh" if language() else "my"
    pages = [f"  {folder}/{page}" for page in waiting[:most]]
    if len(waiting) > most:
        pages.append(f"  and {len(waiting) - most} more")
    return "\n".join(
        [
            "recbook: kept your own copy of a page of which the book has a newer one:",
            *pages,
            f"To get both, rename yours, and run `{call('lab')}` again.",
        ]
    )


def command(my, options=()):
    """Return the command that opens Lab on a folder, also for root in a container.

    Lab would warn of each page that it opens, since no page is trusted before it ran.
    It only prints errors here, so that our notice stays in sight.
    """
    lab = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", "--allow-root"]
    quiet = ["--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR"]
    page = f"--LabApp.default_url=/lab/tree/{START}"
    return [*lab, *quiet, f"--ServerApp.root_dir={my}", page, *options]


def settings(folder, overrides=QUIET):
    """Write Lab's default settings; return the variable that leads Lab to them."""
    path = folder / "labconfig" / "default_setting_overrides.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(overrides), encoding="utf-8")
    before = os.environ.get("JUPYTER_CONFIG_PATH")
    return {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [str(folder), before]))}


def language():
    """Return the variable by which checks answer in Chinese, if LANGUAGE=zh asked."""
    asked = "zh" in os.environ.get("RECBOOK_EDITIONS", "").split()
    return {"RECBOOK_LANGUAGE": "zh"} if asked else {}


def main(options):
    built, my = (CHINESE, MY / "zh") if language() else (BUILT, MY)
    waiting = copy(built, my)
    if waiting:
        print(notice(waiting), flush=True)
    os.environ.update(settings(ROOT / "_build" / ".jupyter"))
    os.environ.update(language())
    sys.exit(environment.watched(command(my, options)))


if __name__ == "__main__":
    main(sys.argv[1:])
