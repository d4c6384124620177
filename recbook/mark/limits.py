"""Limits of a student's process, and how to end it with all that it has started."""

import contextlib
import ctypes
import os
import signal
import sys
import time

CLOCK = 4  # seconds on the clock for each of the processor, on a busy machine
MOST_BYTES = 200 * 2**20  # of one file that is written
MOST_FILES = 256  # open at once
MOST_PROCESSES = 200  # beside those that the account has already
_DEATH, _DUMPABLE, _SUBREAPER = 1, 4, 36  # of prctl


def _prctl(option, value):
    """Set a property of this process on Linux; elsewhere do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def shield():
    """Hide this process's memory and open files from others of the same account."""
    _prctl(_DUMPABLE, 0)


def adopt():
    """Become the parent of processes that a child leaves behind, to end them."""
    _prctl(_SUBREAPER, 1)


def confine(seconds, memory):
    """Limit this process and those that it starts.

    Parameters
    ----------
    seconds : float
        Processor time.
    memory : float
        GiB of address space.
    """
    import resource  # Windows, where nothing is marked, has none

    _prctl(_DEATH, signal.SIGKILL)
    size = int(memory * 2**30)
    _lower(resource.RLIMIT_CPU, int(seconds) + 1, int(seconds))
    _lower(resource.RLIMIT_AS, size)
    _lower(resource.RLIMIT_FSIZE, MOST_BYTES)
    _lower(resource.RLIMIT_NOFILE, MOST_FILES)
    _lower(resource.RLIMIT_NPROC, _n_threads() + MOST_PROCESSES)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(kind, value, soft=None):
    """Set a limit, never above the present one; at the soft limit comes a signal."""
    import resource

    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(OSError, ValueError):  # macOS takes not every limit
        resource.setrlimit(kind, (min(soft or value, value), value))


def _n_threads():
    """Return the number of the account's threads, which the limit counts, too."""
    count = 0
    for pid, owner in _processes():
        with contextlib.suppress(OSError):
            count += len(os.listdir(f"/proc/{pid}/task")) if owner == os.getuid() else 0
    return count


def _processes():
    """Yield (pid, owner) of every process, on a system with /proc."""
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdecimal():
            with contextlib.suppress(OSError):
                yield int(name), os.stat(f"/proc/{name}").st_uid


def end(pid, patience=10):
    """Kill a child, its group, and what either left, and return the child's status.

    Parameters
    ----------
    pid : int
        A child that leads a group of its own.
    patience : float
        Seconds after which to leave alone what does not end.

    Returns
    -------
    int or None
        As ``os.waitstatus_to_exitcode`` gives it; None where it did not end.
    """
    status, deadline = None, time.monotonic() + patience
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            for child in _children():
                with contextlib.suppress(OSError):
                    os.kill(child, signal.SIGKILL)
            ended, code = os.waitpid(-1, os.WNOHANG)
            if ended == pid:
                status = os.waitstatus_to_exitcode(code)
            elif not ended:
                time.sleep(0.005)
    return status


def _children():
    """Return the processes whose parent is this one."""
    children = []
    for pid, _ in _processes():
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                children.append(pid)
    return children
