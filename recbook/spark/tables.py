"""What recbook uses of Spark: tables in, MLlib's ALS, stars and lists out.

Everything here is a plan over Spark's tables. No Python runs in the workers, and no
table comes to the driver unless the docstring says so.
"""

import math

import numpy as np

__all__ = ["fit", "predictions", "read_table", "rmse", "top_lists", "write_table"]

SCHEMA = "user int, item int, rating double"
BASE = 4  # users whose numbers of ratings have equally many digits in it are a group


def write_table(ratings, path):
    """Write ratings as a CSV file of user codes, item codes and stars.

    Parameters
    ----------
    ratings : Ratings
        The ratings to write.
    path : str or Path
        The file.

    Returns
    -------
    str
        The path.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from recbook import datasets
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_table(datasets.load_toy(), f"{folder}/toy.csv")
    ...     Path(path).read_text().split()[:2]
    ['user,item,rating', '0,0,5.0']
    """
    import pandas as pd

    columns = {"user": ratings.users, "item": ratings.items, "rating": ratings.values}
    pd.DataFrame(columns).to_csv(path, index=False, lineterminator="\n")
    return str(path)


def read_table(spark, path):
    """Return the table at ``path``, a CSV or Parquet file of user, item and rating.

    Parameters
    ----------
    spark : pyspark.sql.SparkSession
        A running session.
    path : str or Path
        The file. Without a scheme such as ``hdfs://`` or ``s3a://``, a local master
        reads a local path.

    Returns
    -------
    pyspark.sql.DataFrame
        Columns user, item and rating.

    Examples
    --------
    >>> from recbook.spark import session
    >>> with session() as spark:  # doctest: +SKIP
    ...     read_table(spark, "ratings.csv").count()
    20
    """
    if str(path).endswith((".csv", ".csv.gz")):
        return spark.read.csv(str(path), schema=SCHEMA, header=True, mode="FAILFAST")
    return spark.read.parquet(str(path)).selectExpr(
        "cast(user as int)", "cast(item as int)", "cast(rating as double)"
    )


def fit(train, n_factors=10, n_iterations=10, reg=0.1, n_blocks=4, seed=0):
    r"""Return MLlib's ALS, fitted to a table of ratings.

    The loss is that of ``recbook.ALS(biased=False, reg_power=1)``,

    .. math::

        \sum_{(u,i) \in K} (r_{ui} - p_u^\top q_i)^2
        + \lambda \sum_u n_u \|p_u\|^2 + \lambda \sum_i n_i \|q_i\|^2 ,

    where K are the observed ratings :math:`r_{ui}`, :math:`p_u` and :math:`q_i` are the
    factors, and :math:`n_u` and :math:`n_i` are the numbers of ratings.

    Parameters
    ----------
    train : pyspark.sql.DataFrame
        Columns user, item (codes from 0) and rating.
    n_factors, n_iterations, reg, seed
        As for :class:`~recbook.ALS`. MLlib calls them rank, maxIter, regParam and seed,
        and the defaults are MLlib's.
    n_blocks : int
        Number of blocks of users, and of items, to which codes are assigned by
        remainder. MLlib's default is 10, but about two per core are better on a small
        machine.

    Returns
    -------
    pyspark.ml.recommendation.ALSModel
        ``userFactors`` and ``itemFactors`` are tables of id and features (float32).

    Examples
    --------
    >>> from recbook.spark import read_table, session
    >>> with session() as spark:  # doctest: +SKIP
    ...     fit(read_table(spark, "ratings.csv"), n_factors=2).rank
    2
    """
    from pyspark.ml.recommendation import ALS

    return ALS(
        rank=n_factors,
        maxIter=n_iterations,
        regParam=reg,
        numUserBlocks=n_blocks,
        numItemBlocks=n_blocks,
        seed=seed,
        userCol="user",
        itemCol="item",
        ratingCol="rating",
        coldStartStrategy="nan",
    ).fit(train)


def predictions(model, train, pairs):
    r"""Return ``pairs`` with a column ``prediction`` in stars, which is never NaN.

    MLlib predicts NaN if the user or the item has no rating in train. Such a pair gets
    :math:`\mu + b`, where :math:`\mu` is the mean of train and b is the mean deviation
    of the known side, or 0 if both are unknown. All predictions are then clipped to the
    lowest and highest rating of train, as in recbook. The column ``cold`` marks the
    pairs for which MLlib predicted NaN.

    Parameters
    ----------
    model : ALSModel
        From :func:`~recbook.spark.fit`.
    train, pairs : DataFrame
        Columns user and item, and in train also rating. Other columns of ``pairs``
        stay.

    Returns
    -------
    pyspark.sql.DataFrame
        ``pairs`` with the columns ``prediction`` and ``cold``.

    Examples
    --------
    >>> from recbook.spark import fit, read_table, session
    >>> with session() as spark:  # doctest: +SKIP
    ...     table = read_table(spark, "ratings.csv")
    ...     predictions(fit(table), table, table).where("cold").count()
    0
    """
    from pyspark.sql import functions as F

    mu, low, high = train.agg(F.avg("rating"), F.min("rating"), F.max("rating")).first()
    predicted = model.transform(pairs)
    for side in ("user", "item"):
        means = train.groupBy(side).agg((F.avg("rating") - mu).alias(f"b_{side}"))
        predicted = predicted.join(F.broadcast(means), side, "left")
    predicted = predicted.withColumn("cold", F.isnan("prediction"))
    known = F.coalesce("b_user", F.lit(0.0)) + F.coalesce("b_item", F.lit(0.0))
    stars = F.when(F.col("cold"), F.lit(mu) + known).otherwise(F.col("prediction"))
    clipped = F.least(F.greatest(stars, F.lit(low)), F.lit(high))
    return predicted.withColumn("prediction", clipped).drop("b_user", "b_item")


def rmse(predicted):
    """Return the root mean squared error of a table of predictions.

    Parameters
    ----------
    predicted : DataFrame
        From :func:`~recbook.spark.predictions`, with a column rating.

    Returns
    -------
    float
        The error in stars.

    Examples
    --------
    >>> from recbook.spark import fit, predictions, read_table, session
    >>> with session() as spark:  # doctest: +SKIP
    ...     table = read_table(spark, "ratings.csv")
    ...     0 <= rmse(predictions(fit(table), table, table)) < 1
    True
    """
    from pyspark.sql import functions as F

    error = F.col("rating") - F.col("prediction")
    return math.sqrt(predicted.agg(F.avg(error * error)).first()[0])


def top_lists(model, train, k=10):
    """Return each user's k best items that are not in ``train``, as a table.

    Parameters
    ----------
    model : ALSModel
        From :func:`~recbook.spark.fit`.
    train : DataFrame
        Columns user and item: the items not to show.
    k : int
        Length of the lists. A user with fewer than k other items gets all of them.

    Returns
    -------
    DataFrame
        Columns user, rank (from 1), item and score, with equal scores ordered by item.
        Users without ratings in ``train``, or without other items, are left out.

    Notes
    -----
    ``ALSModel.recommendForAllUsers(k)`` also ranks the items that a user has rated. A
    user who rated :math:`n_u` items has k others among the best :math:`k + n_u`. So the
    users are grouped by the number of digits of :math:`n_u` in base 4, each group asks
    for k plus its largest possible :math:`n_u`, and an anti-join removes the rated
    items. With m users and N ratings these are at most :math:`k m + 4 N` rows.

    Examples
    --------
    >>> from recbook.spark import fit, read_table, session
    >>> with session() as spark:  # doctest: +SKIP
    ...     table = read_table(spark, "ratings.csv")
    ...     top_lists(fit(table), table, k=1).count()
    5
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    counts = train.groupBy("user").count()
    digits = F.floor(F.log(F.col("count")) / math.log(BASE) + 1e-9) + 1
    counts = counts.withColumn("digits", digits).cache()
    answers = None
    for (group,) in sorted(counts.select("digits").distinct().collect()):
        users = counts.where(F.col("digits") == group).select("user")
        best = model.recommendForUserSubset(users, k + BASE**group - 1)
        answers = best if answers is None else answers.unionAll(best)
    flat = answers.select("user", F.explode("recommendations").alias("best"))
    flat = flat.select("user", "best.item", F.col("best.rating").alias("score"))
    new = flat.join(train.select("user", "item"), ["user", "item"], "left_anti")
    order = Window.partitionBy("user").orderBy(F.desc("score"), "item")
    ranked = new.withColumn("rank", F.row_number().over(order))
    return ranked.where(F.col("rank") <= k).select("user", "rank", "item", "score")


def factors(model, n_users, n_items):
    """Bring a model's factors P and Q to this process, with zeros for missing rows."""
    shapes = (n_users, model.userFactors), (n_items, model.itemFactors)
    brought = []
    for n, table in shapes:
        X = np.zeros((n, model.rank))
        for row in table.collect():
            X[row["id"]] = row["features"]
        brought.append(X)
    return tuple(brought)
