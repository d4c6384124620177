"""Renew the leaderboard: ``python -m recbook.leaderboard --help``."""

import sys

from recbook.leaderboard.commands import main

if __name__ == "__main__":
    sys.exit(main())
