"""Run the factorization of part 3 on Spark: ``python -m recbook.spark --help``."""

import sys

from recbook.spark.experiments import main

if __name__ == "__main__":
    sys.exit(main())
