"""The factorization of part 3 on Spark: the experiments and their command line."""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, redirect_stdout
from itertools import pairwise
from pathlib import Path

from recbook.spark.cluster import counters, cpu_seconds, peak_bytes, session
from recbook.spark.tables import (
    fit,
    predictions,
    read_table,
    rmse,
    top_lists,
    write_table,
)

__all__ = ["run"]

# Settings that ``stars --choose`` compares inside train.
GRID = [(n_factors, reg) for n_factors in (5, 10, 20) for reg in (0.07, 0.1, 0.15)]


def run(*arguments):
    """Run this module's command in its own process and return what it printed.

    A JVM cannot be started twice in one process with different settings, and it writes
    to the error stream. So pages and tests run it from outside.

    Parameters
    ----------
    *arguments : str
        As on the command line.

    Returns
    -------
    list of dict
        One for each line.

    Raises
    ------
    RuntimeError
        If the command failed. The message is its last line.

    Examples
    --------
    >>> run("nothing")
    Traceback (most recent call last):
      ...
    RuntimeError: ... invalid choice: 'nothing' ...
    """
    command = [sys.executable, "-m", "recbook.spark", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or "no message").splitlines()[-1])
    return [json.loads(line) for line in done.stdout.splitlines()]


def main(arguments=None):
    """Run a command and return the exit status."""
    options = parser().parse_args(arguments)
    try:
        options.command(options)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        print(f"recbook.spark: {error}", file=sys.stderr)
        return 1
    return 0


def parser():
    """Return the parser of the command line."""
    described = argparse.ArgumentParser(
        "python -m recbook.spark", description=__doc__.split("\n")[0]
    )
    commands = described.add_subparsers(dest="command", required=True)
    for command in (stars, lists, cost, traffic):
        sub = commands.add_parser(command.__name__, help=command.__doc__)
        sub.set_defaults(command=command)
        sub.add_argument("--master", help="local[n] (2 by default), spark://…, yarn")
        sub.add_argument("--memory", default="2g", help="the driver's largest heap")
        several = {"nargs": "+", "default": [2, 4, 8]} if command is traffic else {}
        sub.add_argument("--blocks", type=int, **{"default": 4, **several})
        if command is stars:
            sub.add_argument("--source", default="auto", help="auto, real, embedded")
            sub.add_argument(
                "--choose", action="store_true", help="rank and λ in train"
            )
            continue
        sub.add_argument("--ratings", required=True, help="CSV or Parquet")
        sub.add_argument("--n-factors", type=int, default=10)
        if command is lists:
            sub.add_argument("--out", required=True, help="where the Parquet goes")
            sub.add_argument("--k", type=int, default=10)
        if command is cost:
            sub.add_argument("--n-iterations", type=int, default=10)
            sub.add_argument("--engine", choices=("spark", "recbook"), default="spark")
    return described


def stars(options):
    """The RMSE on u1 of MLlib and of recbook with the same objective and settings."""
    from recbook import datasets

    with redirect_stdout(sys.stderr):  # its notice is not JSON
        movielens = datasets.load_ml100k(options.source)
    data = {"data": movielens.name}
    train, test = movielens.fold(1)
    with (
        session(options.master, options.memory) as spark,
        tempfile.TemporaryDirectory(prefix="recbook-spark-") as folder,
    ):

        def table(ratings, name):
            path = write_table(ratings, Path(folder, f"{name}.csv"))
            return read_table(spark, path).cache()

        def one(learn, held, setting):
            facts = {"engine": "spark", **data, **setting}
            with clocked(facts, "fit", spark):
                model = fit(learn, **setting, n_blocks=options.blocks)
            answers = predictions(model, learn, held).cache()
            cold = answers.where("cold").count()
            return facts | {"rmse": rmse(answers), "cold": cold}

        learn, held = table(train, "train"), table(test, "test")
        settings = [{"n_factors": 10, "reg": 0.1, "n_iterations": 10}]
        if options.choose:
            settings.append(best_setting(train, table, one))
        for setting in settings:
            say(kind="stars", **one(learn, held, setting))
    for setting in settings:
        say(kind="stars", **data, **alone(train, test, setting))


def best_setting(train, table, one):
    """Return the setting with the lowest RMSE on a held-out tenth of train."""
    from recbook import splits

    learn, held = splits.holdout(train, ratio=0.9, seed=0)
    learn, held = table(learn, "learn"), table(held, "held")
    tried = []
    for n_factors, reg in GRID:
        setting = {"n_factors": n_factors, "reg": reg, "n_iterations": 15}
        facts = one(learn, held, setting)
        say(kind="choice", **facts)
        tried.append((facts["rmse"], setting))
    return min(tried, key=lambda pair: pair[0])[1]


def alone(train, test, setting):
    """Return the row of recbook's ALS with MLlib's objective, without Spark."""
    from recbook import metrics
    from recbook.factorization import ALS

    facts = {"engine": "recbook", **setting}
    model = ALS(**setting, reg_power=1.0, biased=False)
    with clocked(facts, "fit"):
        model.fit(train)
    error = metrics.rmse(test.values, model.predict(test.users, test.items))
    return facts | {"rmse": float(error)}


def lists(options):
    """Fit all ratings of a table and write every user's best new items as Parquet."""
    facts = {"kind": "lists", "engine": "spark", "k": options.k}
    with session(options.master, options.memory) as spark:
        train = read_table(spark, options.ratings).cache()
        facts["n_ratings"] = train.count()
        with clocked(facts, "fit", spark):
            model = fit(train, options.n_factors, n_blocks=options.blocks)
        with clocked(facts, "lists", spark):
            best = top_lists(model, train, options.k)
            best.write.mode("overwrite").parquet(options.out)
        written = spark.read.parquet(options.out)
        facts["n_users"] = written.select("user").distinct().count()
        facts["rows"] = written.count()
        say(**facts, **counters(spark))


def cost(options):
    """The cost of one fit of a table, from the file to the factors."""
    settings = {"n_factors": options.n_factors, "n_iterations": options.n_iterations}
    facts = {"kind": "cost", "engine": options.engine, **settings}
    if options.engine == "recbook":
        cost_alone(options, settings, facts)
        return
    start = time.perf_counter()
    with session(options.master, options.memory) as spark:
        facts["start_seconds"] = time.perf_counter() - start
        facts["start_cpu_seconds"] = cpu_seconds(spark)
        with clocked(facts, "read", spark):
            train = read_table(spark, options.ratings).cache()
            facts["n_ratings"] = train.count()
        before = counters(spark)
        with clocked(facts, "fit", spark):
            fit(train, **settings, n_blocks=options.blocks)
        done = counters(spark)
        facts |= {name: done[name] - before[name] for name in done}
        say(**facts, n_blocks=options.blocks, peak_bytes=peak_bytes(spark))


def cost_alone(options, settings, facts):
    """The same for recbook, in this process. Compiled code is loaded beforehand."""
    import numpy as np
    import pandas as pd

    from recbook import Ratings, datasets
    from recbook.factorization import ALS

    model = ALS(**settings, reg=0.1, reg_power=1.0, biased=False)
    with clocked(facts, "start"):
        model.fit(datasets.load_toy())
    with clocked(facts, "read"):
        frame = pd.read_csv(options.ratings)
        people, films = (np.arange(frame[side].max() + 1) for side in ("user", "item"))
        columns = (frame[name].to_numpy() for name in ("user", "item", "rating"))
        train = Ratings(*columns, None, people, films)
    facts["n_ratings"] = train.n_ratings
    with clocked(facts, "fit"):
        model.fit(train)
    say(**facts, peak_bytes=peak_bytes())


def traffic(options):
    """The bytes that tasks write for each other in one iteration, for each n_blocks."""
    setting = {"n_factors": options.n_factors}
    with session(options.master, options.memory) as spark:
        train = read_table(spark, options.ratings).cache()
        fit(train, n_iterations=1, n_blocks=2)  # reads and caches the table
        for n_blocks in options.blocks:
            written = [counters(spark)]
            for n_iterations in (1, 6):
                _ = fit(train, **setting, n_iterations=n_iterations, n_blocks=n_blocks)
                written.append(counters(spark))
            one, six = (
                {name: after[name] - before[name] for name in after}
                for before, after in pairwise(written)
            )
            each = {name: (six[name] - one[name]) / 5 for name in ("stages", "tasks")}
            facts = {"kind": "traffic", "engine": "spark", **setting, **each}
            moved = (six["shuffle_bytes"] - one["shuffle_bytes"]) / 5
            say(**facts, n_blocks=n_blocks, shuffle_bytes=moved)


def say(**facts):
    """Print one row as a line of JSON, with floats to five decimals and NaN as null."""
    for name, value in facts.items():
        if isinstance(value, float):
            facts[name] = round(value, 5) if math.isfinite(value) else None
    print(json.dumps(facts), flush=True)


@contextmanager
def clocked(facts, name, spark=None):
    """Add the wall and processor seconds of the block to ``facts``, under the name."""
    wall, cpu = time.perf_counter(), cpu_seconds(spark)
    yield
    facts[f"{name}_seconds"] = time.perf_counter() - wall
    facts[f"{name}_cpu_seconds"] = cpu_seconds(spark) - cpu
