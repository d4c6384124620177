r"""The factorization of part 3 on Spark: ``python -m recbook.spark --help``.

One script serves this machine and a cluster. The master and the place of the tables
are arguments::

    python -m recbook.spark stars
    python -m recbook.spark lists --ratings ratings.csv --out lists.parquet
    python -m recbook.spark lists --master spark://host:7077 \
        --ratings hdfs://host/ratings --out hdfs://host/lists
    spark-submit --master yarn recbook/spark/__main__.py lists --ratings … --out …

It prints one JSON object per line. Spark is the extra ``spark``, which includes Java.
"""

from recbook.spark.cluster import available, counters, session
from recbook.spark.experiments import run
from recbook.spark.tables import (
    fit,
    predictions,
    read_table,
    rmse,
    top_lists,
    write_table,
)

__all__ = [
    "available",
    "session",
    "read_table",
    "write_table",
    "fit",
    "predictions",
    "rmse",
    "top_lists",
    "counters",
    "run",
]
