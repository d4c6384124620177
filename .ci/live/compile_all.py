"""Compile Python files with the Python of the pages, for ``build.py``.

Usage: node node.mjs CORE compile_all.py LIST

Each line of LIST has the source, the file to write, and the name for tracebacks,
separated by tabs. Python will not compare the bytecode with its source again.
"""

import py_compile
import sys
from pathlib import Path

UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH


def main(listed):
    for line in Path(listed).read_text(encoding="utf-8").splitlines():
        source, target, shown = line.split("\t")
        py_compile.compile(
            "/host" + source,
            "/host" + target,
            dfile=shown,
            doraise=True,
            invalidation_mode=UNCHECKED,
        )


main("/host" + sys.argv[1])
