"""Mark a class's notebooks: ``python -m recbook.mark --help``."""

import io
import sys

from recbook.mark.commands import main
from recbook.mark.limits import shield

if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name in any script
    shield()
    sys.exit(main())
