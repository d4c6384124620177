"""Grade what a class hands in: ``python -m recbook.grade --help``."""

import sys

from recbook.grade.commands import main

if __name__ == "__main__":
    sys.exit(main())
