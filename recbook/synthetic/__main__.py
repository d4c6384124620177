"""Write the invented data sets: ``python -m recbook.synthetic FOLDER``."""

import argparse
import sys
from pathlib import Path

from recbook import synthetic
from recbook.synthetic import card, exports
from recbook.synthetic.movielens import generate, write
from recbook.synthetic.shop import card as shop_card
from recbook.synthetic.shop import log


def main(arguments=None):
    """Write the files to a folder, or print the card's table of statistics."""
    parser = argparse.ArgumentParser(
        prog="python -m recbook.synthetic", description=synthetic.__doc__
    )
    where = (
        "where to write the files; one named shop gets the shop's log, one named "
        "exports the files of part 8"
    )
    parser.add_argument("folder", nargs="?", type=Path, help=where)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--card", action="store_true", help="print the card's statistics"
    )
    options = parser.parse_args(arguments)
    if options.folder is None and not options.card:
        parser.error("name a folder, for instance data/ml-100k")
    if options.folder is not None and options.folder.name == "exports":
        exports.write(options.folder, exports.generate(options.seed))
        return 0
    if options.folder is not None and options.folder.name == "shop":
        data, table, put = log.generate(options.seed), shop_card.table, log.write
    else:
        data, table, put = generate(options.seed), card.table, write
    if options.card:
        print(table(data))
    else:
        put(options.folder, data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
