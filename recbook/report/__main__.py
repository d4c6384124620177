"""From a file to an answer: ``python -m recbook.report --help``."""

import io
import sys

from recbook.report.commands import main

if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name in any script
    sys.exit(main())
