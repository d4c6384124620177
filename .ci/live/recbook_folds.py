"""The splits of the embedded ratings, as a page carries them: a byte for each rating.

The files of ML-100K hold each rating eight times: in u.data, and in base or test of u1
to u5, ua and ub. A page loads u.data and one byte for each of its lines. The files of a
split are written when one of them is opened.
"""

import sys
from pathlib import Path

NAMES = ("u1", "u2", "u3", "u4", "u5", "ua", "ub")
HALVES = ("base", "test")
FILES = tuple(f"{name}.{half}" for name in NAMES for half in HALVES)
SHORT = "splits.bin"  # bit k is set where a line stands in the test file of NAMES[k]


def ordered(folder):
    """Return the lines of u.data in the order of the splits: by user, then by film."""
    lines = (folder / "u.data").read_text(encoding="utf-8").splitlines(keepends=True)
    return sorted(lines, key=lambda line: [int(n) for n in line.split("\t")[:2]])


def shortened(folder):
    """Return the bytes that stand for the files of the splits."""
    tests = [
        set((folder / f"{name}.test").read_text(encoding="utf-8").splitlines(True))
        for name in NAMES
    ]
    return bytes(
        sum(1 << k for k, test in enumerate(tests) if line in test)
        for line in ordered(folder)
    )


def write(folder, name):
    """Write base and test of a split."""
    bit, halves = NAMES.index(name), ([], [])
    marks = (folder / SHORT).read_bytes()
    for line, mark in zip(ordered(folder), marks, strict=True):
        halves[mark >> bit & 1].append(line)
    for half, chosen in zip(HALVES, halves, strict=True):
        (folder / f"{name}.{half}").write_text("".join(chosen), encoding="utf-8")


def on_demand(folder):
    """Have the files of a split written when one is opened; empty until then."""
    awaited = {f"{folder}/{name}" for name in FILES}

    def opened(event, arguments):
        if event == "open" and (path := str(arguments[0])) in awaited:
            name = Path(path).stem
            awaited.difference_update(f"{folder}/{name}.{half}" for half in HALVES)
            write(Path(folder), name)

    if Path(folder, SHORT).exists():
        for path in awaited:
            Path(path).touch()
        sys.addaudithook(opened)
