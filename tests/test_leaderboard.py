"""The leaderboard: recipes, what a run keeps, and what is written."""

import dataclasses
import inspect
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from recbook import Ratings, datasets, evaluation, leaderboard, splits
from recbook.baselines import Bias, GlobalMean, Popularity
from recbook.leaderboard import measure
from recbook.leaderboard.commands import main
from recbook.leaderboard.measure import RECIPES
from recbook.leaderboard.tuned import Recipe
from recbook.neighbors import ItemKNN

SMALL = {
    "rating": {"mean": GlobalMean, "bias": Bias},
    "ranking": {"popularity": Popularity},
}
# Grids that were never run whole, and one whose row was measured with another order of
# ties: their recipes say so.
NOT_RECORDED = {("rating", "fm"), ("rating", "nfm"), ("rating", "deepfm")}
NOT_RECORDED |= {("next", "din")}


def put_recipes(monkeypatch, **tables):
    """Let the leaderboard have these recipes only, as kind={name: factory}."""
    for kind in RECIPES:
        recipes = {n: Recipe(make, "") for n, make in tables.get(kind, {}).items()}
        monkeypatch.setitem(RECIPES, kind, recipes)


def test_recipes_make_new_unfitted_models():
    assert {"bias", "knn"} <= set(leaderboard.recipes("rating"))
    assert {"popularity", "itemknn"} <= set(leaderboard.recipes("ranking"))
    assert {"popularity", "ease"} <= set(leaderboard.recipes("next"))
    for kind in measure.KINDS:
        for factory in leaderboard.recipes(kind).values():
            assert factory() is not factory()
            assert not [name for name in vars(factory()) if name.endswith("_")]
    leaderboard.recipes("rating").clear()  # a copy: nobody empties it for the rest
    assert leaderboard.recipes("rating")
    with pytest.raises(ValueError, match=r"kind.*stars"):
        leaderboard.recipes("stars")


def shortened(model):
    """The model with few epochs: with more it is the leaderboard's own run."""
    for name, most in {"n_epochs": 1, "n_iterations": 60, "n_chains": 1}.items():
        if hasattr(model, name):
            setattr(model, name, min(most, getattr(model, name)))
    return model


def test_every_recipe_fits_the_toy(toy):
    for factory in leaderboard.recipes("rating").values():
        predicted = shortened(factory()).fit(toy).predict([2, 4], [1, 0])
        assert np.isfinite(predicted).all()
    for factory in leaderboard.recipes("ranking").values():
        lists = shortened(factory()).fit(toy).recommend([2], k=3, exclude=toy)
        assert sorted(lists[0]) == [1, 3, 5]


def test_what_a_recipe_knows_is_said_and_can_be_told():
    words = {"stars", "rated", "order", "side", "time"}
    for kind in measure.KINDS:
        for name, factory in leaderboard.recipes(kind).items():
            knows, model = leaderboard.knowledge(name, kind).split(), factory()
            assert set(knows) <= words, name
            assert knows, name
            if "side" in knows:
                takes = inspect.signature(model.fit).parameters
                assert "movies" in takes or "users" in takes, name
            if "time" in knows:
                assert "timestamps" in inspect.signature(model.predict).parameters
            assert ("time" in knows) == bool(getattr(model, "time", None)), name
            assert not getattr(model, "clock", False), f"{name} would read the hour"


def test_a_name_in_two_tables_can_know_different_things(monkeypatch):
    monkeypatch.setitem(RECIPES, "ranking", {"bias": Recipe(Bias, "rated")})
    assert leaderboard.knowledge("bias", "ranking") == "rated"
    assert leaderboard.knowledge("bias/1", "rating") == "stars"
    assert leaderboard.knowledge("bias") == "stars"  # the first table that has it
    assert leaderboard.knowledge("bias", "next") is None


def test_candidates_are_the_recipe_with_the_settings_of_the_grid():
    recipe = Recipe(
        lambda: ItemKNN(n_neighbors=7, reg=0.5),
        "stars",
        [{"reg": [0.1, 0.2], "center": ["mean", "none"]}, {"shrinkage": [9.0]}],
        {"over": "all"},
    )
    models = [make() for make in recipe.candidates()]
    assert [(m.reg, m.center, m.shrinkage) for m in models] == [
        (0.1, "mean", 0.0),
        (0.1, "none", 0.0),
        (0.2, "mean", 0.0),
        (0.2, "none", 0.0),
        (0.5, ItemKNN().center, 9.0),
    ]
    assert {(m.n_neighbors, m.over) for m in models} == {(7, "all")}
    assert recipe.make().over != "all"
    assert Recipe(Bias, "stars").candidates() == []
    (typo,) = Recipe(Bias, "stars", {"dampnig": [1.0]}).candidates()
    with pytest.raises(TypeError, match="dampnig"):
        typo()


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind in RECIPES for name, r in RECIPES[kind].items() if r.grid],
)
def test_a_recipe_is_one_of_its_candidates(kind, name):
    """Its settings lie in its grid, of which the table of choices counts the size."""
    recipe = RECIPES[kind][name]
    whole = dataclasses.replace(recipe, trial={})
    candidates = [leaderboard.settings(make()) for make in whole.candidates()]
    assert leaderboard.settings(recipe.make()) in candidates
    assert len(set(candidates)) == len(candidates)
    table = pd.read_csv(leaderboard.results_folder() / "selection.csv")
    rows = table[(table["kind"] == kind) & (table["model"] == name)]
    assert rows.empty == ((kind, name) in NOT_RECORDED)
    assert set(rows["candidates"]) <= {len(candidates)}


def test_who_does_not_know_the_stars_does_not_use_them(toy):
    """The networks, which would take half a minute, say it in their docstrings."""
    turned = Ratings(
        toy.users, toy.items, 6 - toy.values, toy.timestamps, toy.user_ids, toy.item_ids
    )
    for name in ("popularity", "itemknn", "bpr", "ease", "edlae", "slim", "ials"):
        factory = leaderboard.recipes("ranking")[name]
        scores = [factory().fit(part).scores([0, 1]) for part in (toy, turned)]
        uses = not np.array_equal(*scores)
        assert uses == ("stars" in leaderboard.knowledge(name)), name


def test_settings_say_what_is_not_default():
    assert leaderboard.settings(Bias()) == "Bias()"
    model = ItemKNN(n_neighbors=3, similarity=leaderboard.unit_cosine)
    assert (
        leaderboard.settings(model) == "ItemKNN(n_neighbors=3, similarity=unit_cosine)"
    )


def test_unit_cosine_by_hand():
    # Two items, three users; user 0 rated both (length sqrt 2), the others one each.
    # product 1/2; squares 1/2 + 1 each: (1/2) / (3/2) = 1/3.
    X = sparse.csr_array(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]))
    np.testing.assert_allclose(leaderboard.unit_cosine(X), [[1, 1 / 3], [1 / 3, 1]])


def test_a_run_has_a_row_a_model_fold_and_metric(movielens):
    table = leaderboard.run(movielens, models=SMALL)
    assert tuple(table.columns) == measure.COLUMNS
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
    measured = measure._measure

    def counted(*arguments):
        calls.append(arguments[1:4])
        if len(calls) == 4:
            raise KeyboardInterrupt
        return measured(*arguments)

    monkeypatch.setattr(measure, "_measure", counted)
    put_recipes(monkeypatch, **SMALL, next=SMALL["ranking"])
    monkeypatch.setattr(datasets, "load_ml100k", lambda source: movielens)
    arguments = ["--source", "embedded", "--folder", str(tmp_path)]
    assert main(arguments) == 130
    path = tmp_path / "leaderboard-embedded.csv"
    assert len(pd.read_csv(path).drop_duplicates(["kind", "model", "fold"])) == 3
    assert main(arguments) == 0
    assert len(calls) == 4 + 12 - 3
    assert len(set(calls)) == 12  # the interrupted one was asked for twice
    finished = path.read_text(encoding="utf-8")
    assert main(arguments) == 0  # nothing left to do
    assert len(calls) == 13
    assert path.read_text(encoding="utf-8") == finished
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert about["real"] is False
    assert {"date", "machine", "python", "versions", "data"} <= set(about)
    # A recipe whose settings changed is measured again, one that is gone is dropped.
    changed = {"mean": GlobalMean, "bias": lambda: Bias(damping=9.0)}
    put_recipes(monkeypatch, rating=changed)
    assert main(arguments) == 0
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
    for knows, told in [("stars", False), ("stars side", True), ("rated time", False)]:
        greedy = leaderboard.fitted(Greedy(), train, movielens, knows)
        assert [table is not None for table in greedy.given[1:]] == [told, told], knows


class Clock(Bias):
    """Say of when one asks, and remember what it was told."""

    def fit(self, train, movies=None, users=None):
        self.told_ = [movies is not None, users is not None]
        return super().fit(train)

    def predict(self, users, items, timestamps=None):
        self.told_.append(None if timestamps is None else np.asarray(timestamps))
        return super().predict(users, items)


@pytest.mark.parametrize("name", ["bayes-ids", "bayes-notime", "bayes"])
def test_side_and_time_go_to_the_rows_that_know_them(movielens, name):
    made = []

    def factory():
        made.append(Clock())
        return made[-1]

    table = leaderboard.run(movielens, models={"rating": {name: factory}})
    knows = leaderboard.knowledge(name)
    assert set(table["knows"]) == {knows}
    asked = [model.told_ for model in made if len(getattr(model, "told_", ())) == 3]
    assert len(asked) == 5  # a fold each; the others only said their settings
    for k, (movies, users, moments) in enumerate(asked, start=1):
        assert movies == users == ("side" in knows.split())
        if "time" in knows.split():
            np.testing.assert_array_equal(moments, movielens.fold(k)[1].timestamps)
        else:
            assert moments is None


def test_bytes_by_hand(toy):
    model = Bias()
    assert leaderboard.fitted_bytes(model) == 0
    model.table_ = np.zeros((6, 4), dtype=np.float32)  # 96
    model.again_ = [model.table_, {"part": model.table_[2:]}]  # the same, held thrice
    model.pairs_ = toy  # 20 ratings: 4 + 4 + 8 + 8 a rating; the ids come on top
    ids = toy.user_ids.nbytes + toy.item_ids.nbytes
    model.inner_ = GlobalMean()
    model.inner_.rows_ = sparse.csr_array(np.eye(3))  # 3 * 8 + 3 * 4 + 4 * 4 = 52
    model.function_, model.words_ = leaderboard.unit_cosine, "words"
    assert leaderboard.fitted_bytes(model) == 96 + 20 * 24 + ids + 52
    _ = toy.csr  # what the table keeps for all who ask is not the model's
    assert leaderboard.fitted_bytes(model) == 96 + 20 * 24 + ids + 52
    model.me_ = model  # a circle is gone round once
    assert leaderboard.fitted_bytes(model) == 96 + 20 * 24 + ids + 52


def test_bytes_are_those_of_the_fit(toy):
    """The same for every fit, and not without the arrays that a copy would need."""
    for kind in ("rating", "ranking"):
        for name in ("knn", "svdpp", "als", "itemknn", "ials", "ease", "ensemble"):
            if factory := leaderboard.recipes(kind).get(name):
                models = [factory().fit(toy) for _ in range(2)]
                sizes = [leaderboard.fitted_bytes(model) for model in models]
                assert sizes[0] == sizes[1] > 0, name
                copy = pickle.loads(pickle.dumps(models[0]))
                assert leaderboard.fitted_bytes(copy) == sizes[0], name


def test_costs_are_entered_without_touching_the_rest(movielens, capsys):
    whole = leaderboard.run(movielens, models=SMALL)
    assert whole[["cpu_seconds", "bytes"]].notna().all(axis=None)
    old = whole.drop(columns=["cpu_seconds", "bytes", "knows"]).assign(
        seconds=9.0, date="2020-01-01"
    )
    kept = leaderboard.run(movielens, old, models=SMALL)
    assert kept[["cpu_seconds", "bytes"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(kept[old.columns], old, check_dtype=False)
    costed = leaderboard.run(movielens, old, models=SMALL, costs=True)
    pd.testing.assert_frame_equal(costed[old.columns], old, check_dtype=False)
    has = costed[costed["cpu_seconds"].notna() & costed["bytes"].notna()]
    assert set(has["fold"]) == {"u1", "75/25"}  # the first of each
    assert capsys.readouterr().out == ""
    again = leaderboard.run(movielens, costed, models=SMALL, costs=True)
    pd.testing.assert_frame_equal(again, costed)  # nothing lacks a cost any more
    # Nearly the old value: it stays, and it is said. Another: the fold's rows are new.
    near = old.assign(value=old["value"] * 1.01)
    found = leaderboard.run(movielens, near, models=SMALL, costs=True)
    assert "mean comes out 1.0% from what it was" in capsys.readouterr().out
    pd.testing.assert_frame_equal(found[old.columns], near, check_dtype=False)
    wrong = old.assign(value=old["value"] * (1 + (old["model"] == "mean") * 0.1))
    found = leaderboard.run(movielens, wrong, models=SMALL, costs=True)
    assert "mean comes out 9.1% from what it was" in capsys.readouterr().out
    is_new = (found["model"] == "mean") & (found["fold"] == "u1")
    assert (found["date"] != "2020-01-01").tolist() == is_new.tolist()
    np.testing.assert_array_equal(found["value"][is_new], whole["value"][is_new])


def test_names_choose_and_keep_the_others(movielens, tmp_path, monkeypatch):
    put_recipes(monkeypatch, **SMALL)
    monkeypatch.setattr(datasets, "load_ml100k", lambda source: movielens)
    arguments = ["--source", "embedded", "--folder", str(tmp_path)]
    path = tmp_path / "leaderboard-embedded.csv"
    assert main(["mean", *arguments]) == 0
    assert set(pd.read_csv(path)["model"]) == {"mean"}
    assert main(arguments) == 0
    first = pd.read_csv(path).assign(date="2020-01-01")
    assert set(first["model"]) == {"mean", "bias", "popularity"}
    first.to_csv(path, index=False)
    assert main(["bias", "--again", *arguments]) == 0
    second = pd.read_csv(path)
    is_new = second["date"] != "2020-01-01"
    assert set(second["model"][is_new]) == {"bias"}
    assert len(second) == len(first)
    assert second["bytes"].dtype == "int64"
    with pytest.raises(SystemExit):
        main(["biass", *arguments])


def test_the_last_film_is_what_next_means(movielens):
    table = leaderboard.run(movielens, models={"next": {"popularity": Popularity}})
    assert set(table["fold"]) == {"last"}
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
    for kind in measure.KINDS:
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
    recipes = {(k, m) for k in measure.KINDS for m in leaderboard.recipes(k)}
    assert recipes - measured == set(), "run python -m recbook.leaderboard"


def test_the_settings_tried_are_those_of_one_task(tmp_path):
    rows = [("next", "ials", 36), ("ranking", "ials", 288), ("ranking", "ease", 9)]
    rows += [("rating", "knn", 48), ("rating", "knn", 48)]
    table = pd.DataFrame(rows, columns=["kind", "model", "candidates"])
    table.to_csv(tmp_path / "selection.csv", index=False)
    assert leaderboard.tried("ranking", tmp_path) == {"ials": 288, "ease": 9}
    assert leaderboard.tried("next", tmp_path) == {"ials": 36}
    assert leaderboard.tried("rating", tmp_path) == {"knn": 48}
    with pytest.raises(ValueError, match="kind is 'stars'; use one of 'next', 'ranki"):
        leaderboard.tried("stars", tmp_path)
