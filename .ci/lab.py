"""Open the students' notebooks in JupyterLab: a copy of them, in ``my/``.

Usage: .venv/bin/python .ci/lab.py [options of JupyterLab]

A page that changed in the book comes again, unless the student has changed or run the
copy: that one stays as it is. ``my/.copied.json`` has the digest of each copy as it was
made.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "_build" / "notebooks"
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
    """The digest of what a reader sees; of the bytes where this is no notebook."""
    content = path.read_bytes()
    try:
        cells = json.loads(content)["cells"]
        seen = [[c["cell_type"], c["source"], c.get("outputs")] for c in cells]
        content = json.dumps(plain(seen), sort_keys=True).encode()
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    return hashlib.sha256(content).hexdigest()


def plain(value):
    """Part of a cell without what Lab writes anew when somebody only looks at it."""
    if isinstance(value, dict):
        kept = value.keys() - {"metadata", "execution_count"}
        return {key: plain(value[key]) for key in kept}
    if isinstance(value, list):
        is_text = all(isinstance(line, str) for line in value)
        return "".join(value) if is_text else [plain(part) for part in value]
    return value


def copy(built, my):
    """Copy what is new or renewed; return the names of newer pages that must wait.

    A file that is no longer as it was copied is the student's, and is never written
    over; one that the student deleted comes again. Nothing is deleted.
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
    """Write a file at once and whole, whatever may stop us."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    draft.replace(path)


def notice(waiting, most=10):
    """Say which pages wait behind a student's own, and the way to them."""
    pages = [f"  my/{page}" for page in waiting[:most]]
    if len(waiting) > most:
        pages.append(f"  and {len(waiting) - most} more")
    return "\n".join(
        [
            "recbook: kept your own copy of a page of which the book has a newer one:",
            *pages,
            "To get both, rename yours, and run `make lab` again.",
        ]
    )


def command(my, options=()):
    """The command that opens Lab on a folder. A container's root may start it too.

    Lab then prints its address and errors only, and our notice stays in sight: it warns
    of each page that it opens, as that is not trusted before it ran.
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


def main(options):
    waiting = copy(BUILT, MY)
    if waiting:
        print(notice(waiting), flush=True)
    os.environ.update(settings(ROOT / "_build" / ".jupyter"))
    os.execv(sys.executable, command(MY, options))


if __name__ == "__main__":
    main(sys.argv[1:])
