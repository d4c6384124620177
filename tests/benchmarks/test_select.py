"""The command that chooses settings, on the embedded data and a tiny grid."""

import numpy as np
import pandas as pd
import pytest

from recbook import evaluation, metrics, splits
from recbook.baselines import Bias
from recbook.leaderboard.measure import RECIPES
from recbook.leaderboard.tuned import Recipe
from recbook.linear import EASE
from tests.benchmarks import select

GRID = {"damping": [0.0, 5.0, 1000.0]}


def run(folder, *arguments):
    select.main([*arguments, "--source", "embedded", "--folder", str(folder)])
    return pd.read_csv(folder / "selection-embedded.csv")


def test_each_fold_and_all_together_choose_on_a_tenth_of_train(
    movielens, tmp_path, monkeypatch
):
    monkeypatch.setitem(RECIPES["rating"], "damped", Recipe(Bias, "stars", GRID))
    table = run(tmp_path, "damped").set_index(["choice", "fold"])
    errors, tests = np.empty((5, 3)), np.empty((5, 3))
    for k in range(5):
        train, test = movielens.fold(k + 1)
        hidden = np.random.default_rng(k + 1).random(train.n_ratings) < 0.1
        for c, damping in enumerate(GRID["damping"]):
            for out, fitted, asked in (
                (errors, train.subset(~hidden), train.subset(hidden)),
                (tests, train, test),
            ):
                model = Bias(damping=damping).fit(fitted)
                predicted = model.predict(asked.users, asked.items)
                out[k, c] = metrics.rmse(asked.values, predicted)
    folds, own = np.arange(5), errors.argmin(axis=1)
    common = np.full(5, errors.mean(axis=0).argmin())
    for choice, place in (("own", own), ("common", common)):
        rows = table.loc[choice]
        assert rows.index.tolist() == ["u1", "u2", "u3", "u4", "u5"]
        np.testing.assert_allclose(rows["validation"], errors[folds, place])
        np.testing.assert_allclose(rows["test"], tests[folds, place])
        names = [f"damping={GRID['damping'][c]}" for c in place]
        for name, settings in zip(names, rows["settings"], strict=True):
            assert name in settings or settings == "Bias()"
    assert set(table["candidates"]) == {3}


def test_lists_choose_once_and_on_a_part_of_train(movielens, tmp_path, monkeypatch):
    recipe = Recipe(lambda: EASE(reg=3.0), "rated", {"reg": [1.0, 300.0]})
    monkeypatch.setitem(RECIPES["ranking"], "plain", recipe)
    monkeypatch.setitem(RECIPES["next"], "plain", recipe)
    assert run(tmp_path, "plain", "--kind", "next")["kind"].tolist() == ["next"]
    table = run(tmp_path, "plain")
    assert table[["kind", "fold", "choice", "candidates"]].to_numpy().tolist() == [
        ["next", "last", "own", 2],
        ["ranking", "75/25", "own", 2],
    ]
    whole = {
        "next": splits.leave_last_out(movielens.ratings),
        "ranking": splits.stratified(movielens.ratings, 0.75, "item", seed=42),
    }
    parts = {
        "next": splits.leave_last_out(whole["next"][0]),
        "ranking": splits.stratified(whole["ranking"][0], 0.8, "item", seed=1),
    }
    for row in table.itertuples():
        one, other = (gain(EASE(reg=reg), *parts[row.kind]) for reg in (1.0, 300.0))
        assert one < other
        assert row.settings == "EASE(reg=300.0)"
        np.testing.assert_allclose(row.validation, other)
        np.testing.assert_allclose(row.test, gain(EASE(reg=300.0), *whole[row.kind]))


def gain(model, train, test):
    """Return nDCG@10."""
    report = evaluation.ranking_report(model.fit(train), train, test)
    return report.set_index("metric").loc["ndcg", "mean"]


@pytest.mark.parametrize("name", ["popularity", "eese"])
def test_a_name_without_candidates_is_refused_in_one_sentence(name, capsys):
    with pytest.raises(SystemExit) as refusal:
        select.main(["ease", name])
    assert refusal.value.code == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert f"no recipe with a grid is called {name}; those with one are als," in message
