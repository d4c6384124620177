"""Run `make book`, and fail if it takes more memory than its limit.

Usage: .venv/bin/python .ci/memory.py, on a checkout without ``_build``

Twice a second it adds up the memory of the build and of all processes that it starts,
such as kernels, writers and Node.js. Memory that several processes share counts once
(PSS), where the system reports it: else the pages that all writers share would count
once for each writer.
"""

import contextlib
import sys
import time
from pathlib import Path

import psutil

LIMIT = 2.5e9  # bytes; the README says the same
STEP = 0.5  # seconds
BUILD = [sys.executable, str(Path(__file__).with_name("book.py"))]


def held(process):
    """Return the bytes that a process and its children hold: {name: bytes}."""
    found = {}
    with contextlib.suppress(psutil.NoSuchProcess):
        for one in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                memory = one.memory_full_info()
                name = f"{' '.join(one.cmdline()[-2:])} ({one.pid})"
                found[name] = getattr(memory, "pss", memory.uss)
    return found


def watched(command):
    """Run a command; return its exit status, its peak, and the seconds until then."""
    begun, most, when = time.monotonic(), {}, 0.0
    with psutil.Popen(command) as process:
        while process.poll() is None:
            now = held(process)
            if sum(now.values()) > sum(most.values()):
                most, when = now, time.monotonic() - begun
            time.sleep(STEP)
    return process.returncode, most, when


def main(command=BUILD):
    """Run the build; exit with its status, or with a sentence if it took too much."""
    status, most, when = watched(command)
    peak = sum(most.values())
    print(f"At most {peak / 1e9:.2f} GB were held, after {when:.0f} s:")
    for name, size in sorted(most.items(), key=lambda pair: -pair[1])[:5]:
        print(f"{size / 1e6:6.0f} MB  {name}")
    if status == 0 and peak > LIMIT:
        status = f"recbook: that is more than the {LIMIT / 1e9} GB that README.md says."
    sys.exit(status)


if __name__ == "__main__":
    main()
