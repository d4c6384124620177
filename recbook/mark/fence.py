"""The files that a student's process may read, and the one folder where it may write.

On Linux 5.13 and later, Landlock rules files without any privilege. Elsewhere, and in
some containers, there is no such fence, and the command says what that means.
"""

import contextlib
import os
import struct
import sys
import tempfile
from pathlib import Path

from recbook._core.order import PACKAGE
from recbook.mark import account, syscalls
from recbook.mark.workplace import libraries

FILES, CALLS, ACCOUNT, SIGNALS = "files", "calls", "account", "signals"
ALL = (FILES, CALLS, ACCOUNT, SIGNALS)
HIDDEN = ("checks", "mark", "grade")  # parts of recbook: their code is the answers
PARTS = ("lib", "lib64", "share", "pyvenv.cfg")  # of where Python is installed
SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/lib"),
    *("/usr/local/share", "/nix/store", "/gnu/store", "/sys/devices/system"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/nsswitch.conf"),
    *("/etc/passwd", "/etc/group", "/dev/urandom", "/dev/random", "/dev/zero"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm/overcommit_memory"),
)
_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
_LOOK = _EXECUTE | _READ | _LIST
_OF_FILES = _EXECUTE | _WRITE | _READ | 1 << 14
_DEVICES = 1 << 6 | 1 << 11  # to make one is to read the disk
_CREATE, _ADD, _RESTRICT = 444, 445, 446


def abi():
    """Return the version of Landlock, 0 where there is none.

    >>> abi() >= 0
    True
    """
    if sys.platform != "linux":
        return 0
    return max(syscalls.libc().syscall(_CREATE, None, 0, 1), 0)


def readable():
    """Return what a student's process may read: a list of (path, rights).

    These are Python, its libraries, recbook without the parts that hold answers, and
    the data. A folder around a hidden one may be listed, and its other entries read.
    """
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    installed = libraries()
    trees = [Path(p, part) for p in prefixes for part in PARTS]
    trees += map(
        Path, (*SYSTEM, *installed, sys.executable, os.path.dirname(os.__file__))
    )
    trees += [PACKAGE, PACKAGE.parent / "data"]
    data = (os.environ.get(name) for name in ("RECBOOK_CACHE", "RECBOOK_ML100K"))
    trees += [Path(folder).expanduser() for folder in data if folder]
    others = {p for tree in trees for p in tree.glob("python3*/*-packages/recbook")}
    others |= {Path(folder, "recbook") for folder in installed}
    hidden = {(home / part).resolve() for home in others | {PACKAGE} for part in HIDDEN}
    # What this account cannot read, a student's cannot either.
    return [part for part in _around(trees, hidden) if os.access(part[0], os.R_OK)]


def _around(trees, hidden):
    """Yield (path, rights) for all that is in these folders and not hidden."""
    seen = set()
    while trees:
        tree = trees.pop().resolve()
        if tree in seen or any(tree.is_relative_to(path) for path in hidden):
            continue
        seen.add(tree)
        if any(path.is_relative_to(tree) for path in hidden):
            yield tree, _LIST
            with contextlib.suppress(OSError):
                trees += tree.iterdir()
        elif tree.exists():
            yield tree, _LOOK


def enclose(folder, parts, paths, confine=lambda: None):
    """Shut this process, and all that it starts, behind the fence for good.

    Parameters
    ----------
    folder : str
        The only one where it may write.
    parts : list of str
        The parts of ``ALL`` that are to be done.
    paths : list of (path, rights)
        As from :func:`readable`.
    confine : callable
        Sets the limits, after the change to another account.

    Raises
    ------
    OSError
        If one of the parts cannot be done here.
    """
    if ACCOUNT in parts and not account.give_up(folder, FILES in parts):
        raise OSError("there is no other account")
    confine()
    if FILES in parts:
        _restrict([*paths, (folder, None), ("/proc/self", _LOOK)])
    if CALLS in parts and not syscalls.refuse(SIGNALS not in parts):
        raise OSError("there is no filter of system calls")


def _restrict(paths):
    """Let Landlock allow these paths only; rights of None are all rights."""
    version = abi()
    every = (1 << 13) - 1
    every |= sum(1 << (11 + v) for v in (2, 3) if version >= v)  # rename, truncate
    every |= 1 << 15 if version >= 5 else 0  # orders to devices
    network = 3 if version >= 4 else 0  # TCP: to bind, to connect
    scope = 3 if version >= 6 else 0  # abstract sockets of others, signals to others
    rules = struct.pack("QQQ", every, network, scope)
    rules = rules[: 24 if version >= 6 else 16 if version >= 4 else 8]
    fence = syscalls.libc().syscall(_CREATE, rules, len(rules), 0)
    if fence < 0:
        raise OSError("there is no Landlock")
    for path, rights in (*paths, ("/dev/null", _READ | _WRITE)):
        _allow(fence, path, every & ~_DEVICES if rights is None else rights & every)
    syscalls.give_up_new_privileges()
    without_log = 1 if version >= 7 else 0
    if syscalls.libc().syscall(_RESTRICT, fence, without_log) != 0:
        raise OSError("Landlock is not to be had")
    os.close(fence)


def _allow(fence, path, rights):
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # this machine does not have it
    if not os.path.isdir(path):
        rights &= _OF_FILES
    syscalls.libc().syscall(_ADD, fence, 1, struct.pack("=Qi", rights, place), 0)
    os.close(place)


def possible(wanted, paths):
    """Return which of the wanted parts can be done here, by trying them in a child.

    Parameters
    ----------
    wanted : list of str
        Parts of ``ALL``.
    paths : list of (path, rights)
        As from :func:`readable`.
    """
    wanted = [part for part in wanted if part != SIGNALS]
    parts = [part for part in wanted if part != ACCOUNT and _tried([part], paths)]
    if ACCOUNT in wanted and _tried([*parts, ACCOUNT], paths):
        parts.append(ACCOUNT)
    if FILES in parts and abi() >= 6:
        parts.append(SIGNALS)
    return parts


def _tried(parts, paths):
    """Whether a child with these parts can read all that it should, and write."""
    with tempfile.TemporaryDirectory() as folder:
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                enclose(folder, parts, paths)
                Path(folder, "x").write_text("x", encoding="utf-8")
                for path, _ in paths:
                    os.listdir(path) if path.is_dir() else path.open("rb").close()
                os._exit(0)
            os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def open_doors(parts):
    """Return a sentence on what a file can do here for want of a fence, if anything.

    Parameters
    ----------
    parts : list of str
        The parts of ``ALL`` that are done.

    Examples
    --------
    >>> open_doors(ALL)
    []
    >>> len(open_doors(["calls"]))
    1
    """
    could = []
    if FILES not in parts:
        whose = "everybody" if ACCOUNT in parts else "this account"
        could.append(
            f"read what {whose} can read, such as the solutions of recbook and the "
            "other files of the class"
        )
        if ACCOUNT not in parts:
            could.append("change or delete what this account can write")
    if CALLS not in parts:
        could.append("use the network")
        if SIGNALS not in parts and ACCOUNT not in parts:
            could.append("end other processes, this command among them")
    if not could:
        return []
    *first, last = could
    said = f"{', '.join(first)}, and {last}" if first else last
    return [
        "There is no whole fence here (it needs Linux 5.13 or later, and a container "
        f"that allows it): a file could {said}. Mark in a container or an account that "
        "has nothing to lose."
    ]
