"""Execute the notebooks that need it, on all cores, and build the HTML course.

Usage: .venv/bin/python .ci/book.py

A notebook runs again when its code changed, or anything that its code stands on: the
package, the locked environment, the data. Sphinx then reads every page anew, with
warnings as errors; reading a few of them only is quicker and misses broken references.
If nothing changed since the last good build, there is nothing to do.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
CACHE = BUILD / ".jupyter_cache"  # where jupyter-book looks for it
STATE = BUILD / ".book.json"
INDEX = BUILD / "html" / "index.html"
TIMEOUT = 300  # seconds a cell

# One thread a kernel, since as many kernels run as there are cores; TensorFlow the same
# to the bit; and neither settings nor kernels of the reader's own home.
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "IPYTHONDIR": str(BUILD / ".ipython"),
    "JUPYTER_PREFER_ENV_PATH": "1",
    "PYTHONUTF8": "1",
}


@contextlib.contextmanager
def alone():
    """Hold a lock file, so that two builds at once take turns."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / ".book.lock").open("w") as handle:
        try:
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("recbook: waiting for another `make book` to end", flush=True)
                fcntl.flock(handle, fcntl.LOCK_EX)
        except ImportError:  # Windows has no fcntl; there two builds must not overlap
            pass
        yield


def files(*patterns):
    """Files of the tree that match, without what is hidden or made by running it."""
    found = sorted({path for p in patterns for path in ROOT.glob(p) if path.is_file()})
    made = re.compile(r"(^|/)(\.|__pycache__)")
    return [p for p in found if not made.search(p.relative_to(ROOT).as_posix())]


def digest(paths, *more):
    """Hash of the names and bytes of files, and of further words."""
    total = hashlib.sha256(repr(more).encode())
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return total.hexdigest()


def data_source():
    """Name the data that the notebooks will find, and a change of the reader's copy."""
    folder = os.environ.get("RECBOOK_ML100K")
    if folder:
        parts = sorted(Path(folder).glob("u*"))
        return [folder] + [[p.name, p.stat().st_size, p.stat().st_mtime] for p in parts]
    ask = "from recbook import datasets as d; print(d.load_ml100k().is_real)"
    command = [sys.executable, "-c", ask]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit("recbook: the data do not load.\n" + done.stderr.strip()[-2000:])
    return ["real" if done.stdout.split()[-1] == "True" else "embedded"]


def read_state():
    with contextlib.suppress(OSError, ValueError):
        return json.loads(STATE.read_text())
    return {}


def write_state(state):
    draft = STATE.with_suffix(".new")
    draft.write_text(json.dumps(state, indent=1))
    draft.replace(STATE)


def stale(cache):
    """The notebooks without a cached run of the very same code."""
    import nbformat

    for path in files("chapters/**/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        try:
            cache.get_cache_bundle(cache.match_cache_notebook(notebook).pk)
        except (KeyError, ValueError):  # never run; or killed while it was written
            yield path, notebook


def execute(path, notebook):
    """Run one notebook in its own folder; return seconds and what went wrong, if so."""
    from nbclient import NotebookClient

    start = time.perf_counter()
    try:
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name="python3",
            startup_timeout=180,
            record_timing=False,  # it would be written into the cells that we look up
        )
        # The kernel's own remarks go nowhere; what cells write comes by another way.
        client.execute(cwd=str(path.parent), stderr=subprocess.DEVNULL)
    except Exception as error:  # whatever it is, the other notebooks go on
        return time.perf_counter() - start, explain(notebook, error)
    return time.perf_counter() - start, None


def explain(notebook, error):
    """The failing cell's id, and the end of what it said."""
    said, where = str(error), "the kernel"
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            tags = cell.metadata.get("tags", [])
            if output.output_type == "error" and "raises-exception" not in tags:
                said, where = "\n".join(output.traceback), f"cell `{cell.id}`"
    lines = re.sub(r"\x1b\[[0-9;]*m", "", said).strip().splitlines()
    return f"{where} failed\n" + "\n".join("    " + line for line in lines[-12:])


def run_stale(state):
    """Execute what is stale, the longest first, and cache it; return the failures."""
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    cache, seconds, failures = get_cache(CACHE), state.setdefault("seconds", {}), []
    names = {path: path.relative_to(ROOT).as_posix() for path, _ in stale(cache)}
    queue = sorted(stale(cache), key=lambda s: -seconds.get(names[s[0]], 60))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pool.submit(execute, *job): job for job in queue}
        for done in as_completed(jobs):
            path, notebook = jobs[done]
            spent, failure = done.result()
            if failure:
                failures.append(f"recbook: {names[path]}, {failure}")
                continue
            print(f"  {names[path]} ran in {spent:.0f} s", flush=True)
            seconds[names[path]] = round(spent, 1)
            bundle = CacheBundleIn(
                notebook, str(path), data={"execution_seconds": spent}
            )
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return failures


def sphinx():
    """Build every page anew; return what is to be mended, or an empty string."""
    shutil.rmtree(INDEX.parent, ignore_errors=True)
    tool = str(Path(sys.executable).parent / "jupyter-book")
    command = [tool, "build", ".", "--all", "-W", "-n", "--keep-going", "-q"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    if done.returncode == 0 and INDEX.exists():
        return ""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).splitlines()
    told = [li for li in lines if re.search(r"WARNING|ERROR|Error|CRITICAL", li)]
    told = told or lines[-30:]
    return "\n".join(line.replace(str(ROOT) + os.sep, "") for line in told)


def main():
    os.environ.update(SETTINGS)
    os.environ.pop("MPLBACKEND", None)  # agg would keep figures from the pages
    with alone():
        state, source = read_state(), data_source()
        engine = digest(
            files("recbook/**/*.py", "data/**/*", "requirements.lock"),
            source,
            sys.version,
        )
        pages = [Path(__file__).resolve(), *files("chapters/**/*", "_*.yml")]
        inputs = digest(pages, engine)
        there = all(Path(page).exists() for page in state.get("html", [INDEX]))
        if state.get("built") == inputs and there:
            return print(f"Nothing changed. The book is at {INDEX}")
        if state.get("engine") != engine:
            shutil.rmtree(CACHE, ignore_errors=True)
        state.update(engine=engine, built=None)
        write_state(state)
        failures = run_stale(state)
        write_state(state)
        if failures:
            sys.exit("\n\n".join(failures))
        problems = sphinx()
        if problems:
            sys.exit(f"{problems}\nrecbook: mend the above, and run `make book` again.")
        state.update(built=inputs, html=sorted(map(str, BUILD.glob("html/**/*.html"))))
        write_state(state)
        return print(f"The book is at {INDEX}")


if __name__ == "__main__":
    # Ctrl-C ends it at once, and the kernels with it; else all in the queue would run.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
