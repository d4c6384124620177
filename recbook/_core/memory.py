"""Memory, before it is taken: a table of all pairs of items grows with their square."""

import os
import sys
from pathlib import Path

__all__ = ["available", "check_squares"]

SMALL = 2**26  # 64 MiB: nobody is asked for less
IN_A_PAGE = 2**30  # a browser gives a page two to four GiB, Python and data included
GIB = 2.0**30
CGROUPS = {  # where Linux says what a container may take, in version 2 and in version 1
    "": ("sys/fs/cgroup", "memory.max"),
    "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes"),
}


def check_squares(what, sides, instead):
    """Raise unless there is memory for square tables of float64.

    Parameters
    ----------
    what : str
        What a row of the first table stands for, in the plural.
    sides : list of int
        The number of rows of each table that is held at the same time.
    instead : str
        What to do where they do not fit.

    Raises
    ------
    MemoryError
        Naming the sizes, what is free, and the way out.

    Examples
    --------
    >>> check_squares("items", [1682], "take fewer")
    >>> check_squares("items", [10_000_000], "take fewer")
    Traceback (most recent call last):
    ...
    MemoryError: 10,000,000 items need 745,058 GiB (8 bytes × 10,000,000²), and ...
    """
    need = 8 * sum(int(side) ** 2 for side in sides)
    if need <= SMALL:
        return
    free = available()
    if free is not None and need > free:
        squares = " + ".join(f"{side:,}²" for side in sides)
        squares = f"({squares})" if len(sides) > 1 else squares
        raise MemoryError(
            f"{sides[0]:,} {what} need {_gib(need)} GiB (8 bytes × {squares}), and "
            f"{_gib(free)} GiB are free; {instead}"
        )


def available(root="/"):
    """Return how many bytes this process can take, or None where nobody says.

    >>> available("nowhere") is None or available("nowhere") > 0
    True
    """
    if sys.platform == "emscripten":
        return IN_A_PAGE
    root = Path(root)
    known = [_free(root), *_limits(root)]
    return min((size for size in known if size is not None), default=None)


def _gib(size):
    """Return bytes in GiB, as they are read: three digits, or all that are whole."""
    return f"{size / GIB:,.0f}" if size >= 100 * GIB else f"{size / GIB:.3g}"


def _free(root):
    """Return what the machine can give without swapping, else all that it has."""
    for line in _lines(root / "proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return 1024 * int(line.split()[1])
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return None


def _limits(root):
    """Yield what is left to the groups that this process belongs to."""
    for line in _lines(root / "proc/self/cgroup"):
        _, kind, group = line.split(":", 2)
        folder, name = CGROUPS.get(kind, (None, None))
        if folder is None:
            continue
        # Seen from inside a container its own group is the root, whatever it is called.
        inside = Path(group.strip().lstrip("/"))
        for place in (inside, *inside.parents):
            for limit in _lines(root / folder / place / name):
                if limit.strip().isdigit():  # else the word "max"
                    held = _held(root / folder / place / "memory.stat")
                    yield max(int(limit) - held, 0)


def _held(path):
    """Return what a group holds and cannot give back: no cache of files."""
    facts = dict(line.split(maxsplit=1) for line in _lines(path) if " " in line)
    return int(facts.get("anon", facts.get("total_rss", 0)))


def _lines(path):
    """Return the lines of a file, none where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
