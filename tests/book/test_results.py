"""What the page of results says in words, held to the tables that it reads."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from recbook import leaderboard
from recbook.leaderboard.costs import ROUNDING

PAGE = Path(__file__).parents[2] / "chapters/appendix/results.ipynb"


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


@pytest.fixture(scope="module")
def seeds():
    rows = pd.read_csv(leaderboard.results_folder() / "seeds.csv")
    rows = rows.query("kind != 'rating' and metric == 'ndcg'")
    return rows.groupby(["kind", "model"])["value"].agg(["mean", "min", "max", "count"])


@pytest.fixture(scope="module")
def people():
    rows = pd.read_csv(leaderboard.results_folder() / "people.csv")
    return rows.set_index(["kind", "model"])


@pytest.fixture(scope="module")
def verdict():
    """The verdict's table, made by the cells of the page that come before it."""
    cells = {}
    for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "glue(" not in "".join(cell["source"]):
            exec("".join(cell["source"]), cells)
        if cell["id"] == "verdict-table":
            return cells["table"]


def test_bayesian_factorization_has_the_least_error_whatever_it_is_told(results, stars):
    knows = results.drop_duplicates("model").set_index("model")["knows"]
    for _, told in stars.groupby(knows):
        assert told.index[0].startswith("bayes")
    assert stars.index[0] == "bayes"


def test_a_second_is_enough_for_what_the_verdict_says(results, stars):
    seconds = results.groupby(["kind", "model"])["cpu_seconds"].median()
    assert seconds["rating"][["sgd", "knn"]].max() < 1
    assert f"{stars['sgd']:.3f}" == f"{stars['knn']:.3f}"
    assert 0.05 < seconds["ranking"]["ials"] < 0.15


def test_the_verdict_names_every_model_that_shows_the_same_figure(verdict):
    quick = verdict.loc[("stars, RMSE", "the stars"), "in a second"]
    assert [">knn<" in quick["model"], ">sgd<" in quick["model"]] == [True, True]
    assert quick["CPU\u00a0s"].count("<br>") == 1
    best = verdict.loc[("ten films, nDCG", "choices"), "the best"]
    assert [">gmf<" in best["model"], ">ensemble<" in best["model"]] == [True, True]
    assert best["from–to"].endswith("<br>one run")


@pytest.mark.parametrize(
    ("task", "told", "kind", "model"),
    [
        ("ten films, nDCG", "choices", "ranking", "gmf"),
        ("next film, nDCG", "choices + order", "next", "gru4rec"),
    ],
)
def test_a_score_is_the_mean_of_the_seeds_that_its_range_is_of(
    verdict, seeds, task, told, kind, model
):
    of = seeds.loc[kind, model]
    best = verdict.loc[(task, told), "the best"]
    assert of["count"] == 3
    assert best["score"] == f"{of['mean']:.3f}"
    assert best["from–to"].startswith(f"{of['min']:.3f}–{of['max']:.3f}")


def test_the_first_two_lists_are_nearer_than_two_seeds_of_one_of_them(lists, seeds):
    assert list(lists.index[:2]) == ["gmf", "ensemble"]
    gmf = seeds.loc["ranking", "gmf"]
    assert abs(gmf["mean"] - lists["ensemble"]) < gmf["max"] - gmf["min"]
    assert lists["gmf"] - lists["ensemble"] < gmf["max"] - gmf["min"]
    assert lists["ensemble"] - lists["ials"] > 0.005


def test_the_order_counts_for_the_next_film(results, seeds):
    rows = results.query("kind == 'next' and metric == 'ndcg'")
    rows = rows.sort_values("value", ascending=False)
    reads_order = rows["knows"].str.contains("order")
    assert rows["model"].iloc[0] == "gru4rec"
    assert rows.loc[~reads_order, "model"].iloc[0] == "ials"
    assert rows.loc[reads_order, "value"].min() > rows.loc[~reads_order, "value"].max()
    gru4rec = seeds.loc["next", "gru4rec"]
    assert gru4rec["min"] > rows.loc[~reads_order, "value"].max()


@pytest.mark.parametrize("kind", ["ranking", "next"])
def test_the_means_over_people_are_those_of_the_other_tables(
    results, seeds, people, kind
):
    runs = results.query("kind == @kind and metric == 'ndcg'")
    expected = runs.set_index("model")["value"]
    own = people.loc[kind]
    assert set(own.index) == set(expected.index)
    several = seeds.loc[kind]["mean"]
    expected = several.combine_first(expected)[own.index]
    off = (own["ndcg"] / expected - 1).abs()
    assert off.max() < ROUNDING
    assert (off > 0.01).sum() == (kind == "ranking")  # neumf, as the page says


def test_the_marks_are_what_the_page_says_of_them(people):
    level = people[people["p"].isna() | (people["p"] >= 0.05)]
    assert [*level.loc["ranking"].index] == ["gmf", "ensemble"]
    assert [*level.loc["next"].index] == ["gru4rec", "generative"]
    faded = people.loc["next", "ease-faded"]
    assert faded["p"] < 0.05
    assert -0.002 < faded["high"] < 0


def test_a_figure_of_others_has_its_source_and_none_is_typed_into_the_page():
    quoted = pd.read_csv(leaderboard.results_folder() / "quoted.csv")
    assert quoted.notna().all(axis=None)
    library = (PAGE.parent / "references.bib").read_text(encoding="utf-8")
    assert set(quoted["key"]) <= set(re.findall(r"^@\w+\{(\w+),", library, re.M))
    cells = json.loads(PAGE.read_text(encoding="utf-8"))["cells"]
    code = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    assert not re.search(r"\b0\.\d{4}\b", code.replace("+ 0.0012", ""))


def test_the_chains_of_the_fast_recipe_pass_neither_rule():
    held = pd.read_csv(leaderboard.results_folder() / "calibration.csv")
    held = held[held["level"].isna()].set_index("what")["value"]
    hats = held.filter(like="R-hat of")
    assert len(hats) == 4
    assert hats.min() > 1.1
    assert hats.idxmax() == "R-hat of rmse"
