"""Compile Python files, in the Python of the page; run by ``build.py`` under Node.js.

Usage: node node.mjs CORE compile_all.py LIST

Each line of LIST has a source, the file to write, and the name that a traceback shows,
with tabs between them. The bytecode is never checked against its source again.
"""

import py_compile
import sys
from pathlib import Path

UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH


def main(listed):
    for line in Path(listed).read_text().splitlines():
        source, target, shown = line.split("\t")
        py_compile.compile(
            "/host" + source,
            "/host" + target,
            dfile=shown,
            doraise=True,
            invalidation_mode=UNCHECKED,
        )


main("/host" + sys.argv[1])
