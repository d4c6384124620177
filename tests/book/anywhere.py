"""A machine that has never seen the course: a fresh environment, and an empty folder.

A page runs there as it was downloaded, and once more with other seeds.
"""

import asyncio
import os
import re
import subprocess
import sys

import nbformat
from nbclient import NotebookClient
from recbook_book.notebooks.install import WHEEL
from studentpages import BUILD

ROOT = BUILD.parent
SEEDS = re.compile(r"(\bseed=|\bdefault_rng\(|_seed\()(\d+)\b")
OFFLINE = r"error sending request|dns error|timed out|unreachable|Could not connect"
LIMIT = 600  # seconds a cell, since a machine may be slow
KERNEL = (
    '{{"argv": ["{python}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"],'
    ' "display_name": "fresh", "language": "python"}}'
)


def environment(folder, extras, wheel=BUILD / "html" / WHEEL):
    """Make one with the site's wheel and these extras, and a kernel called fresh.

    Return whether the package index could be reached. The versions are those of the
    lock, so most are in uv's cache.
    """
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [*uv, "pip", "install", "-q", "--python", python]
    install += ["-c", ROOT / "requirements.lock", f"{wheel}[{','.join(extras)}]"]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode and re.search(OFFLINE, done.stderr, re.IGNORECASE):
        return False
    assert done.returncode == 0, done.stderr
    spec = folder / "kernels" / "fresh" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(KERNEL.format(python=python.as_posix()), encoding="utf-8")
    return True


def other_seeds(cells):
    """Change each seed that a reader can see in the code cells of a notebook.

    >>> cells = [{"cell_type": "code", "source": "draw(seed=0, n=10)"}]
    >>> other_seeds(cells)
    1
    >>> cells[0]["source"]
    'draw(seed=101, n=10)'
    """
    changed = 0
    for cell in cells:
        folded = cell.get("metadata", {}).get("jupyter", {}).get("source_hidden")
        if cell["cell_type"] == "code" and not folded:
            new = SEEDS.sub(lambda m: f"{m[1]}{int(m[2]) + 101}", cell["source"])
            changed += new != cell["source"]
            cell["source"] = new
    return changed


def run_all(notebook, folder):
    """Run each cell as *Run All* does; return None, or the cell that stopped it.

    The kernel is the one called fresh: its folder is in ``JUPYTER_PATH``.
    """
    client = NotebookClient(
        notebook, kernel_name="fresh", timeout=LIMIT, startup_timeout=180
    )
    ours = ("RECBOOK_", "PYTHON", "VIRTUAL_ENV", "MPLBACKEND", "JUPYTER")
    own = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    homes = dict.fromkeys(("HOME", "IPYTHONDIR", "MPLCONFIGDIR"), str(folder / "home"))
    own |= {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", **homes}
    where = {"cwd": str(folder), "env": own, "stderr": subprocess.DEVNULL}
    try:
        asyncio.run(client.async_execute(**where))
    except Exception as error:
        failed = [c.id for c in notebook.cells if c.get("outputs") and stopped(c)]
        return f"{', '.join(failed)}: {str(error).strip()[-1500:]}"
    return None


def stopped(cell):
    kinds = {output.output_type for output in cell.outputs}
    return "error" in kinds and "raises-exception" not in cell.metadata.get("tags", [])


def tried(path, folder, seeds=False):
    """Run a downloaded page in an empty folder; return what stopped it, or None."""
    notebook = nbformat.read(path, as_version=4)
    if seeds and not other_seeds(notebook.cells):
        return None  # nothing is drawn in sight
    folder.mkdir(parents=True)
    return run_all(notebook, folder)
