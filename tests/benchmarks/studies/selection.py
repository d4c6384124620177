"""How settings are chosen: on a part of train, every choice written to a table.

``python -m tests.benchmarks.select`` reads the candidates in the grid of a recipe
(``recbook/leaderboard/tuned/``), calls :func:`chosen`, and :func:`record` puts the rows
into ``data/results/selection.csv`` in place of the same models' old ones. The recipe is
not changed: write the choice there by hand.

For stars the choice is made twice: each fold's *own* (no rating of the fold's test
takes part in it), and a *common* one, by the mean over the five held-out parts, which
is the recipe. A fold's train is the other four tests together, so every part that
chose the common setting is made of other folds' test ratings; about a third of each
test, 1 - 0.9^4, was in one of them. Nor is the own choice wholly blind: the lists of
candidates were narrowed on parts of u1's and u3's train, and u3's train holds u1's
test.

What comes next is chosen in the same way one step earlier: the last rating of each
user is the test, the last but one the part that chooses.

Lists have one split, and one part of its train (seed 1) makes every choice. How much
hangs on that part? Chosen anew by the mean over three (seeds 1 to 3; of implicit ALS,
BPR and SLIM the candidates near the choice only), EASE and SLIM keep their settings,
implicit ALS goes to 32 factors, EDLAE to reg=300 and user_power=0.25, BPR to reg=0.02
and reg_bias=0.005. The new choices are better on the three by .0006, .0003 and .0000
of nDCG@10; the standard error over people of these differences is .0007 to .0012. So
a model's level does not hang on the part, and its exact settings are not determined.
Whatever else was split off the same ratings, by another seed, has part of its test in
the train that chose these settings.

The column ``candidates`` counts the last grid, without what was tried to narrow it,
and a model with more of them has had more chances. Only the grids of ALS and EASE lie
around their choice; in the others one setting or more is at an edge.
"""

import numpy as np
import pandas as pd
from tqdm import tqdm

from recbook import evaluation, leaderboard, metrics, splits
from recbook.leaderboard.measure import folds
from recbook.leaderboard.results import results_folder, write_results

COLUMNS = ("kind", "model", "fold", "choice", "candidates", "validation", "test")


def chosen(kind, name, recipe, movielens):
    """Return the choices among a recipe's candidates, one row for each, with values.

    The value is RMSE for ``kind`` "rating", nDCG@10 for the others. Where there are
    several folds, each has its *own* choice and the *common* one.
    """
    candidates = recipe.candidates()
    tests = folds(movielens, kind)
    values = np.empty((len(tests), len(candidates)))
    for row, (fold, (train, _)) in zip(values, tests.items(), strict=True):
        parts = validation_parts(kind, fold, train)
        progress = tqdm(candidates, desc=f"{name}, {fold}", disable=None)
        row[:] = [value(kind, make, recipe, movielens, *parts) for make in progress]
    for make, mean in zip(candidates, values.mean(axis=0), strict=True):
        print(f"validation {mean:.4f}", leaderboard.settings(make()))
    best = np.argmin if kind == "rating" else np.argmax
    common = best(values.mean(axis=0))
    rows = []
    for row, (fold, parts) in zip(values, tests.items(), strict=True):
        choices = {"own": best(row), "common": common}
        if len(tests) == 1:
            del choices["common"]
        reached = {  # own and common are often the same
            place: value(kind, candidates[place], recipe, movielens, *parts)
            for place in set(choices.values())
        }
        rows += [
            {
                "kind": kind,
                "model": name,
                "fold": fold,
                "choice": choice,
                "candidates": len(candidates),
                "validation": row[place],
                "test": reached[place],
                "settings": leaderboard.settings(candidates[place]()),
            }
            for choice, place in choices.items()
        ]
    return pd.DataFrame(rows)


def validation_parts(kind, fold, train):
    """Return a fold's train in two: what candidates learn from, and what chooses."""
    if kind == "next":
        return splits.leave_last_out(train)
    if kind == "ranking":
        return splits.stratified(train, 0.8, "item", seed=1)
    seed = int(fold.removeprefix("u"))
    hidden = np.random.default_rng(seed).random(train.n_ratings) < 0.1
    return train.subset(~hidden), train.subset(hidden)


def value(kind, make, recipe, movielens, train, test):
    """Return what a new model, fitted on ``train``, reaches on ``test``."""
    model = leaderboard.fitted(make(), train, movielens, recipe.knows)
    if kind == "rating":
        return metrics.rmse(test.values, predicted(model, test, recipe.knows))
    report = evaluation.ranking_report(model, train, test)
    return report.set_index("metric").loc["ndcg", "mean"]


def predicted(model, test, knows=None, **options):
    """Return what ``predict`` says of the test's pairs, told when if it ``knows``."""
    if knows is not None and "time" in knows.split():
        options["timestamps"] = test.timestamps
    return model.predict(test.users, test.items, **options)


def record(table, movielens, folder=None):
    """Print a table of choices, and write it over the same models' old rows."""
    print(table.round(4).to_string(index=False))
    print(table.groupby(["model", "choice"])[["validation", "test"]].mean().round(4))
    name = "selection" if movielens.is_real else "selection-embedded"
    path = (folder or results_folder()) / f"{name}.csv"
    if path.exists():
        old = pd.read_csv(path)
        keys = ["kind", "model"]
        again = old.set_index(keys).index.isin(table.set_index(keys).index)
        table = pd.concat([old[~again], table])
    table = table.sort_values(["kind", "model"], kind="stable")
    table = table[[*COLUMNS, "settings"]].astype({"candidates": "Int64"})
    facts = {"data": movielens.name, "real": movielens.is_real}
    write_results(name, table, folder, **facts)
