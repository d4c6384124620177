"""How settings are chosen: on a part of train, every choice written to a table.

A ``select_*.py`` beside this names its models' candidates and calls :func:`rating` or
:func:`ranking`; :func:`record` puts the rows into ``data/results/selection.csv`` in
place of the same models' old ones. All need the real MovieLens 100K (say where in
``RECBOOK_ML100K``).

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

import functools
import itertools

import numpy as np
import pandas as pd
from tqdm import tqdm

from recbook import datasets, evaluation, leaderboard, metrics, splits
from recbook.leaderboard.results import results_folder, write_results

FOLDS = (1, 2, 3, 4, 5)
COLUMNS = ("kind", "model", "fold", "choice", "candidates", "validation", "test")


def factories(model, grid, **fixed):
    """Return a factory for every combination of the grid."""
    return [
        functools.partial(model, **fixed, **dict(zip(grid, values, strict=True)))
        for values in itertools.product(*grid.values())
    ]


@functools.cache
def movielens():
    """Return the real set, with what is known of films and people."""
    return datasets.load_ml100k("real")


def error(factory, train, test, knows=None):
    """Return the RMSE on ``test`` of the model fitted on ``train``.

    ``knows``, words of :func:`recbook.leaderboard.knowledge`, says what it is told.
    """
    model = leaderboard.fitted(factory(), train, movielens(), knows)
    return metrics.rmse(test.values, predicted(model, test, knows))


def predicted(model, test, knows=None, **options):
    """Return what ``predict`` says of the test's pairs, told when if it ``knows``."""
    if knows is not None and "time" in knows.split():
        options["timestamps"] = test.timestamps
    return model.predict(test.users, test.items, **options)


def gain(factory, train, test):
    """Return the nDCG@10 on ``test`` of the model fitted on ``train``."""
    model = leaderboard.fitted(factory(), train, movielens())
    report = evaluation.ranking_report(model, train, test)
    return report.set_index("metric").loc["ndcg", "mean"]


def validation_part(train, seed):
    """Return train less a random tenth, and that tenth."""
    hidden = np.random.default_rng(seed).random(train.n_ratings) < 0.1
    return train.subset(~hidden), train.subset(hidden)


def ranking_parts(movielens):
    """Return the 75/25 split, and four fifths and one fifth of its train."""
    train, test = splits.stratified(movielens.ratings, 0.75, "item", seed=42)
    return (train, test), splits.stratified(train, 0.8, "item", seed=1)


def following_parts(movielens):
    """Return train and the last film of each user, and the same of that train."""
    train, test = splits.leave_last_out(movielens.ratings)
    return (train, test), splits.leave_last_out(train)


def rating(name, candidates):
    """Return each fold's own choice and the common one, a row each, with errors."""
    errors = np.empty((len(FOLDS), len(candidates)))
    knows = leaderboard.knowledge(name)
    for row, k in enumerate(FOLDS):
        parts = validation_part(movielens().fold(k)[0], seed=k)
        progress = tqdm(candidates, desc=f"{name}, u{k}", disable=None)
        errors[row] = [error(candidate, *parts, knows) for candidate in progress]
    common = errors.mean(axis=0).argmin()
    rows = []
    for row, k in enumerate(FOLDS):
        tests = {}
        for choice, c in [("own", errors[row].argmin()), ("common", common)]:
            if c not in tests:  # own and common are often the same
                tests[c] = error(candidates[c], *movielens().fold(k), knows)
            found = {"kind": "rating", "model": name, "fold": f"u{k}", "choice": choice}
            found["candidates"] = len(candidates)
            found["validation"] = errors[row, c]
            found["test"] = tests[c]
            found["settings"] = leaderboard.settings(candidates[c]())
            rows.append(found)
    return pd.DataFrame(rows)


def ranking(name, candidates):
    """Return the choice on the 75/25 split, one row; print what each reached."""
    return _of_lists("ranking", name, "75/25", candidates, ranking_parts(movielens()))


def following(name, candidates):
    """Return the choice for the film that comes next, one row; print what each did."""
    return _of_lists("next", name, "last", candidates, following_parts(movielens()))


def _of_lists(kind, name, fold, candidates, parts):
    """Choose by nDCG@10 on the second pair of parts; measure once on the first."""
    whole, parts = parts
    progress = tqdm(candidates, desc=name, disable=None)
    gains = [gain(candidate, *parts) for candidate in progress]
    for candidate, value in zip(candidates, gains, strict=True):
        print(f"validation {value:.4f}", leaderboard.settings(candidate()))
    best = candidates[int(np.argmax(gains))]
    found = {"kind": kind, "model": name, "fold": fold, "choice": "own"}
    found["candidates"] = len(candidates)
    found["validation"], found["test"] = max(gains), gain(best, *whole)
    return pd.DataFrame([{**found, "settings": leaderboard.settings(best())}])


def record(*tables):
    """Print the tables, and write them over the same models' old rows."""
    table = pd.concat(tables)
    print(table.round(4).to_string(index=False))
    print(table.groupby(["model", "choice"])[["validation", "test"]].mean().round(4))
    path = results_folder() / "selection.csv"
    if path.exists():
        old = pd.read_csv(path)
        keys = ["kind", "model"]
        again = old.set_index(keys).index.isin(table.set_index(keys).index)
        table = pd.concat([old[~again], table])
    table = table.sort_values(["kind", "model"], kind="stable")
    table = table[[*COLUMNS, "settings"]].astype({"candidates": "Int64"})
    write_results("selection", table, data="ml-100k", real=True)
