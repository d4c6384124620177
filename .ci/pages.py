"""The executed copies of the notebooks, shared by `make book` and `make test`.

They lie in ``_build/.jupyter_cache``. A notebook runs again when its digest changed
(``digests.py``); ``_build/pages.json`` has the digest of each, its seconds, and the
processor seconds of its kernel.
"""

import contextlib
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

import digests
import nbformat
from execute import BUILD, HOMES, SETTINGS, execute
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from progress import Progress

ROOT = digests.ROOT
CACHE = BUILD / ".jupyter_cache"  # conf.py tells Sphinx the same
RECORDS = BUILD / "pages.json"
# MB: a kernel with TensorFlow and one without, and all kernels that run at once.
DEEP, PLAIN, ROOM = 800, 400, 2000
NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS}  # somebody else's, or read-only


@contextlib.contextmanager
def alone(path, notice=""):
    """Hold a lock file while inside; another process waits, and prints ``notice``."""
    try:
        path.parent.mkdir(exist_ok=True)
        handle = path.open("w", encoding="utf-8")
    except OSError as error:
        if error.errno not in NOT_OURS:
            raise
        sys.exit(
            f"recbook: {path.parent} can't be written to ({error.strerror}): copy the "
            "checkout to a folder of your own, and run it there."
        )
    with handle:
        try:
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if notice:
                    print(notice, flush=True)
                fcntl.flock(handle, fcntl.LOCK_EX)
        except ImportError:  # Windows has no fcntl; there two builds must not overlap
            pass
        yield


def read_json(path):
    with contextlib.suppress(OSError, ValueError):
        return json.loads(path.read_text(encoding="utf-8"))
    return {}


def write_json(path, content):
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(content, indent=1), encoding="utf-8")
    draft.replace(path)


def disk_is_full(failure=""):
    """Return whether a failure says that the disk is full, or 1 MB is not free."""
    says_so = re.search(r"No space left|Errno 28|disk is full", str(failure))
    return bool(says_so) or shutil.disk_usage(ROOT).free < 2**20


def notebooks():
    """Return the files of the book's notebooks, sorted."""
    return [p for p in digests.tree(ROOT / "chapters") if p.suffix == ".ipynb"]


def name_of(path):
    """Return a page's name in records and messages: chapters/1-concepts/data.ipynb."""
    return path.relative_to(ROOT).as_posix()


def data_source():
    """Return the name and content of the data that notebooks find, not its place.

    Of data that nobody gave and that are not real the pages print a notice: "embedded".
    """
    folder, kind = os.environ.get("RECBOOK_ML100K"), []
    if not folder:
        ask = "from recbook.datasets import load_ml100k as f; m = f(); "
        ask += "print(m.is_real, m.folder, sep='\\n')"
        command = [sys.executable, "-c", ask]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
        if done.returncode:
            sys.exit("recbook: the data do not load.\n" + done.stderr.strip()[-2000:])
        is_real, folder = done.stdout.splitlines()[-2:]
        kind = [] if is_real == "True" else ["embedded"]
    folder = Path(folder).expanduser()
    files = sorted(folder.glob("u*"))
    return [folder.name, *kind] + [[path.name, digests.content(path)] for path in files]


def environment():
    """Return the digest of what all pages depend on outside of recbook and data/."""
    settings = {key: SETTINGS[key] for key in SETTINGS if key not in HOMES}
    lock = ROOT / "requirements.lock"
    return digests.digest([lock], data_source(), sys.version, settings)


def size(record):
    """Return how many MB the kernel of a page may take, by its last run's record."""
    return PLAIN if record and not record.get("tensorflow", True) else DEEP


def admitted(waiting, running, sizes):
    """Remove from ``waiting``, and return, the pages that fit beside those that run."""
    taken = []
    for path in list(waiting):
        beside = [*running, *taken]
        room = ROOM - sum(sizes[other] for other in beside)
        fits = len(beside) < os.cpu_count() and sizes[path] <= room
        if fits or not beside:
            waiting.remove(path)
            taken.append(path)
    return taken


class Copies:
    """Executed copies of notebooks, of which those of this environment are valid."""

    def __init__(self, environment, cache=CACHE, records=RECORDS):
        self.environment, self.records = environment, records
        self.lock = cache.with_suffix(".lock")
        with alone(self.lock):
            self.cache = get_cache(cache)

    def digest(self, path):
        """Return the digest of what the outputs of a notebook depend on."""
        notebook = nbformat.read(path, as_version=4)
        code = [c.source for c in notebook.cells if c.cell_type == "code"]
        return digests.page_digest(path, "\n".join(code), self.environment)

    def get(self, path):
        """Return the executed copy of a notebook, None where it has to run (again)."""
        now = self.digest(path)
        with alone(self.lock), contextlib.suppress(KeyError, ValueError):
            if read_json(self.records)[name_of(path)]["digest"] == now:
                found = self.cache.match_cache_file(path)
                return self.cache.get_cache_bundle(found.pk).nb
        return None  # never run; or killed while it was written

    def put(self, path, notebook, record):
        """Keep an executed copy in place of older ones, and what it cost."""
        bundle = CacheBundleIn(notebook, str(path))
        with alone(self.lock):
            for old in self.cache.list_cache_records():
                if old.uri == str(path):
                    self.cache.remove_cache(old.pk)
            self.cache.cache_notebook_bundle(
                bundle, check_validity=False, overwrite=True
            )
            records = read_json(self.records)
            write_json(self.records, {**records, name_of(path): record})

    def run(self, path):
        """Execute a notebook; return its copy, its record and what failed, if so."""
        digest = self.digest(path)  # of before, should it be edited meanwhile
        notebook = nbformat.read(path, as_version=4)
        costs, failure = execute(path, notebook)
        return notebook, {"digest": digest, **costs}, failure

    def refresh(self, paths):
        """Execute what is stale, as many at once as there is room for, longest first.

        Return what failed, by path; an OSError where the disk is full.
        """
        stale = [path for path in paths if self.get(path) is None]
        if not stale:
            return {}
        records = read_json(self.records)
        seconds = {name: record["seconds"] for name, record in records.items()}
        stale.sort(key=lambda path: -seconds.get(name_of(path), 60))
        sizes = {path: size(records.get(name_of(path))) for path in stale}
        progress, failures = Progress([name_of(p) for p in stale], seconds), {}

        def run(path):
            progress.begin(name_of(path))
            return self.run(path)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = {}
            while jobs or stale:
                for path in admitted(stale, [*jobs.values()], sizes):
                    jobs[pool.submit(run, path)] = path
                for job in wait(jobs, 1, FIRST_COMPLETED).done:
                    path = jobs.pop(job)
                    notebook, record, failure = job.result()
                    progress.end(name_of(path), record["seconds"], failure)
                    if failure and disk_is_full(failure):  # the others would fail too
                        pool.shutdown(wait=False, cancel_futures=True)
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    if failure:
                        failures[path] = f"{name_of(path)}, {failure}"
                    else:
                        self.put(path, notebook, record)
                progress.tick()
        progress.close()
        return failures
