"""Grade what a class hands in: ``python -m recbook.grade --help``."""

import io
import sys

from recbook.grade.commands import main

if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name in any script
    sys.exit(main())
