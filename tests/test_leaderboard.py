"""The leaderboard: recipes, what a run keeps, and what is written."""

import json

import numpy as np
import pandas as pd
import pytest

from recbook import datasets, leaderboard
from recbook.baselines import Bias, GlobalMean, Popularity
from recbook.neighbors import ItemKNN

SMALL = {
    "rating": {"mean": GlobalMean, "bias": Bias},
    "ranking": {"popularity": Popularity},
}


def test_recipes_make_new_unfitted_models():
    assert {"bias", "knn"} <= set(leaderboard.recipes("rating"))
    assert {"popularity", "itemknn"} <= set(leaderboard.recipes("ranking"))
    assert {"popularity", "ease"} <= set(leaderboard.recipes("next"))
    for kind in leaderboard.KINDS:
        for factory in leaderboard.recipes(kind).values():
            assert factory() is not factory()
            assert not [name for name in vars(factory()) if name.endswith("_")]
    leaderboard.recipes("rating").clear()  # a copy: nobody empties it for the rest
    assert leaderboard.recipes("rating")
    with pytest.raises(ValueError, match=r"kind.*stars"):
        leaderboard.recipes("stars")


def test_every_recipe_fits_the_toy(toy):
    for factory in leaderboard.recipes("rating").values():
        predicted = factory().fit(toy).predict([2, 4], [1, 0])
        assert np.isfinite(predicted).all()
    for factory in leaderboard.recipes("ranking").values():
        assert factory().fit(toy).recommend([2], k=3, exclude=toy)[0, 0] in (1, 3, 5)


def test_settings_say_what_is_not_default():
    assert leaderboard.settings(Bias()) == "Bias()"
    model = ItemKNN(n_neighbors=3, similarity=leaderboard.unit_cosine)
    assert (
        leaderboard.settings(model) == "ItemKNN(n_neighbors=3, similarity=unit_cosine)"
    )


def test_unit_cosine_by_hand():
    from scipy import sparse

    # Two items, three users; user 0 rated both (length sqrt 2), the others one each.
    # product 1/2; squares 1/2 + 1 each: (1/2) / (3/2) = 1/3.
    X = sparse.csr_array(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]))
    np.testing.assert_allclose(leaderboard.unit_cosine(X), [[1, 1 / 3], [1 / 3, 1]])


def test_a_run_has_a_row_a_model_fold_and_metric(movielens):
    table = leaderboard.run(movielens, models=SMALL)
    assert tuple(table.columns) == leaderboard.COLUMNS
    rmse = table[table["metric"] == "rmse"].pivot_table("value", "fold", "model")
    assert rmse.index.tolist() == ["u1", "u2", "u3", "u4", "u5"]
    assert (rmse["bias"] < rmse["mean"]).all()
    train, test = movielens.fold(3)
    error = np.sqrt(((test.values - train.values.mean()) ** 2).mean())
    np.testing.assert_allclose(rmse.loc["u3", "mean"], error)
    ranking = table[table["kind"] == "ranking"]
    assert set(ranking["fold"]) == {"75/25"}
    assert not table.duplicated(["kind", "model", "fold", "metric"]).any()


def test_an_interrupted_run_goes_on(movielens, tmp_path, monkeypatch):
    calls = []
    measure = leaderboard._measure

    def counted(*arguments):
        calls.append(arguments[1:4])
        if len(calls) == 4:
            raise KeyboardInterrupt
        return measure(*arguments)

    monkeypatch.setattr(leaderboard, "_measure", counted)
    monkeypatch.setattr(leaderboard, "RATING", SMALL["rating"])
    monkeypatch.setattr(leaderboard, "RANKING", SMALL["ranking"])
    monkeypatch.setattr(leaderboard, "NEXT", SMALL["ranking"])
    monkeypatch.setattr(datasets, "load_ml100k", lambda source: movielens)
    arguments = ["--source", "embedded", "--folder", str(tmp_path)]
    assert leaderboard._main(arguments) == 130
    path = tmp_path / "leaderboard-embedded.csv"
    assert len(pd.read_csv(path).drop_duplicates(["kind", "model", "fold"])) == 3
    assert leaderboard._main(arguments) == 0
    assert len(calls) == 4 + 12 - 3
    assert len(set(calls)) == 12  # the interrupted one was asked for twice
    finished = path.read_text(encoding="utf-8")
    assert leaderboard._main(arguments) == 0  # nothing left to do
    assert len(calls) == 13
    assert path.read_text(encoding="utf-8") == finished
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert about["real"] is False
    assert {"date", "machine", "python", "versions", "data"} <= set(about)
    # A recipe whose settings changed is measured again, one that is gone is dropped.
    changed = {"mean": GlobalMean, "bias": lambda: Bias(damping=9.0)}
    monkeypatch.setattr(leaderboard, "RATING", changed)
    monkeypatch.setattr(leaderboard, "RANKING", {})
    monkeypatch.setattr(leaderboard, "NEXT", {})
    assert leaderboard._main(arguments) == 0
    assert len(calls) == 13 + 5
    table = pd.read_csv(path)
    assert set(table["model"]) == {"mean", "bias"}
    assert "Bias(damping=9.0)" in set(table["settings"])


def test_side_information_goes_to_whom_it_serves(movielens):
    class Greedy:
        def fit(self, train, movies=None, users=None):
            self.given = train, movies, users
            return self

    class Plain:
        def fit(self, train):
            self.given = (train,)
            return self

    train, _ = movielens.fold(1)
    greedy = leaderboard.fitted(Greedy(), train, movielens)
    assert all(
        one is other
        for one, other in zip(
            greedy.given, (train, movielens.movies, movielens.users), strict=True
        )
    )
    assert leaderboard.fitted(Plain(), train, movielens).given == (train,)


def test_the_last_film_is_what_next_means(movielens):
    table = leaderboard.run(movielens, models={"next": {"popularity": Popularity}})
    assert set(table["fold"]) == {"last"}
    from recbook import evaluation, splits

    parts = splits.leave_last_out(movielens.ratings)
    report = evaluation.ranking_report(Popularity(), *parts).set_index("metric")
    found = table.set_index("metric")["value"]
    assert found["ndcg"] == report.loc["ndcg", "mean"]
    assert found["hit_rate"] == report.loc["hit_rate", "mean"]


def committed():
    return pd.read_csv(leaderboard.results_folder() / "leaderboard.csv")


def test_committed_results_are_of_the_recipes():
    """What is committed was measured with the settings that the recipe has now."""
    table = committed()
    for kind in leaderboard.KINDS:
        for name, factory in leaderboard.recipes(kind).items():
            rows = table[(table["kind"] == kind) & (table["model"] == name)]
            assert set(rows["settings"]) <= {leaderboard.settings(factory())}, (
                f"no results of {name} as it is: run python -m recbook.leaderboard"
            )
    path = leaderboard.results_folder() / "leaderboard.json"
    assert json.loads(path.read_text(encoding="utf-8"))["real"] is True


@pytest.mark.usefixtures("real")
def test_every_recipe_has_committed_results():
    """Only where the real data are: without them nobody can measure a new recipe."""
    measured = set(committed()[["kind", "model"]].itertuples(index=False, name=None))
    recipes = {(k, m) for k in leaderboard.KINDS for m in leaderboard.recipes(k)}
    assert recipes - measured == set(), "run python -m recbook.leaderboard"
