"""What the page of results says in words, held to the tables that it reads."""

import pandas as pd
import pytest

from recbook import leaderboard


@pytest.fixture(scope="module")
def results():
    return pd.read_csv(leaderboard.results_folder() / "leaderboard.csv")


@pytest.fixture(scope="module")
def stars(results):
    rows = results.query("kind == 'rating' and metric == 'rmse'")
    return rows.groupby("model")["value"].mean().sort_values()


@pytest.fixture(scope="module")
def lists(results):
    rows = results.query("kind == 'ranking' and metric == 'ndcg'")
    return rows.set_index("model")["value"].sort_values(ascending=False)


def test_bayesian_factorization_has_the_least_error_whatever_it_is_told(results, stars):
    knows = results.drop_duplicates("model").set_index("model")["knows"]
    for _, told in stars.groupby(knows):
        assert told.index[0].startswith("bayes")
    assert stars.index[0] == "bayes"
    assert f"{stars['global_mean']:.3f}" == "1.126"  # a caption says so


def test_a_second_is_enough_for_what_the_verdict_says(results, stars):
    seconds = results.groupby(["kind", "model"])["cpu_seconds"].median()
    assert seconds["rating"][["sgd", "knn"]].max() < 1
    assert f"{stars['sgd']:.3f}" == f"{stars['knn']:.3f}"
    assert 0.05 < seconds["ranking"]["ials"] < 0.15


def test_the_first_two_lists_are_nearer_than_two_seeds_of_one_of_them(lists):
    assert list(lists.index[:2]) == ["gmf", "ensemble"]
    seeds = pd.read_csv(leaderboard.results_folder() / "seeds.csv")
    gmf = seeds.query("model == 'gmf' and kind == 'ranking' and metric == 'ndcg'")
    assert lists["gmf"] - lists["ensemble"] < gmf["value"].max() - gmf["value"].min()
    assert lists["ensemble"] - lists["ials"] > 0.005


def test_the_order_counts_for_the_next_film(results):
    rows = results.query("kind == 'next' and metric == 'ndcg'")
    rows = rows.sort_values("value", ascending=False)
    reads_order = rows["knows"].str.contains("order")
    assert rows["model"].iloc[0] == "gru4rec"
    assert rows.loc[~reads_order, "model"].iloc[0] == "ials"
    assert rows.loc[reads_order, "value"].min() > rows.loc[~reads_order, "value"].max()
