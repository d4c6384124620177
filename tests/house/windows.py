"""A stand-in for Windows: it takes away from a Python here what Python lacks there.

Usage: python windows.py CODE, which is run with what is left

What others bring is imported before: on Windows those packages have files of their own
for it. The names of files stay as they are here: ``test_windows.py`` asks for those.
"""

import os
import signal
import sys

ABSENT = ["fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"]
OF_OS = [
    "execv", "execve", "execvp", "fork", "forkpty", "getuid", "geteuid", "getgid",
    "setuid", "setgid", "setsid", "nice", "killpg", "chown", "fchmod", "fchown",
    "mkfifo", "sysconf", "uname", "wait", "waitid", "wait4", "getloadavg",
    "sched_getaffinity", "sched_setaffinity", "O_DIRECTORY", "O_NOFOLLOW",
    "O_CLOEXEC", "O_PATH",
]  # fmt: skip
OF_SIGNAL = [
    "SIGALRM", "SIGPROF", "SIGKILL", "SIGSTOP", "SIGCONT", "SIGHUP", "SIGUSR1",
    "SIGUSR2", "SIGCHLD", "SIGPIPE", "alarm", "setitimer", "getitimer", "ITIMER_REAL",
    "ITIMER_PROF", "pthread_kill",
]  # fmt: skip


class Nowhere:
    """Refuse the modules that Windows lacks."""

    def find_spec(self, name, path=None, target=None):
        if name in ABSENT:
            raise ModuleNotFoundError(f"Windows has no module {name!r}", name=name)


def take_away():
    """Leave what Windows has."""
    import asyncio  # noqa: F401 (which has files of its own for each system)
    import concurrent.futures.process  # noqa: F401
    import http.server  # noqa: F401
    import multiprocessing.synchronize  # noqa: F401
    import pathlib  # noqa: F401
    import subprocess  # noqa: F401
    import tempfile  # noqa: F401

    for name in ("jupyter_cache", "nbclient", "numba", "pandas"):
        __import__(name)
    for name in ("pooch", "psutil", "scipy.sparse", "fastapi", "filelock"):
        __import__(name)
    for name in ABSENT:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Nowhere())
    for module, names in ((os, OF_OS), (signal, OF_SIGNAL)):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)


if __name__ == "__main__":
    sys.path[:1] = [os.path.join(os.getcwd(), place) for place in (".ci", "")]
    sys.path.append(os.path.join(os.getcwd(), "chapters", "_ext"))
    take_away()
    exec(sys.argv[1])
