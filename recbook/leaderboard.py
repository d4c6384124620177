"""The best settings of every model, and the table of what they reach.

``python -m recbook.leaderboard`` fits each recipe on the splits that others report on
and writes ``data/results/leaderboard.csv``, one row a model, fold and metric. What is
in the file already is not run again, so an interrupted run goes on where it stopped
and a new recipe costs only itself.
"""

import argparse
import inspect
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from recbook import datasets, evaluation, splits
from recbook._recipes import NEXT, RANKING, RATING, unit_cosine
from recbook._results import results_folder, write_results
from recbook._validate import check_choice

__all__ = ["fitted", "recipes", "results_folder", "run", "settings", "unit_cosine"]
__all__ += ["write_results"]


KINDS = ("rating", "ranking", "next")
COLUMNS = ("kind", "model", "fold", "metric", "value", "seconds", "date", "settings")


def recipes(kind="rating"):
    """Return the best settings found of each model, as name to factory.

    How they were found: on a part of train, on the real set, by the commands
    ``tests/benchmarks/select_*.py``; the baselines have their defaults. One setting
    serves all five folds, by the mean error on the parts held out of each fold's
    train. A fold's train is the other folds' tests, and so are those parts: the five
    tests together are not untouched. ``data/results/selection.csv`` has, beside it,
    what each fold's own choice gives, made among the same candidates without a rating
    of its test, and how many candidates each model had; they differ. Lists have one
    split, and one part of its train chose. EDLAE has an argument, ``user_power``, that
    was added after a look at that split's test (``select_linear.py`` says more). Data
    other than the real set, and other splits of it, take these settings as they are.

    Parameters
    ----------
    kind : {"rating", "ranking", "next"}
        Models that predict stars (measured by RMSE), that order a catalogue (by nDCG),
        or that order it for the one film that a user rated last (by nDCG as well).

    Returns
    -------
    dict of str to callable
        A call without arguments gives a new, unfitted model.

    Raises
    ------
    ValueError
        If ``kind`` is another word.

    Examples
    --------
    >>> list(recipes("ranking"))[:2]
    ['popularity', 'itemknn']
    """
    check_choice("kind", kind, KINDS)
    return dict({"rating": RATING, "ranking": RANKING, "next": NEXT}[kind])


def _folds(movielens, kind):
    """Return name to split: the official u1..u5, 75/25 within each item, the last."""
    if kind == "rating":
        return {f"u{k}": movielens.fold(k) for k in range(1, 6)}
    if kind == "next":
        return {"last": splits.leave_last_out(movielens.ratings)}
    return {"75/25": splits.stratified(movielens.ratings, 0.75, "item", seed=42)}


def settings(model):
    """Return a model's class and the arguments that are not the defaults.

    >>> print(settings(recipes("ranking")["itemknn"]()))
    ItemKNN(n_neighbors=400, similarity=unit_cosine, feedback='implicit')
    """

    def text(value):
        if isinstance(value, tuple):
            return f"({', '.join(map(text, value))})"
        if hasattr(value, "fit"):
            return settings(value)
        return value.__name__ if callable(value) else repr(value)

    given = [
        f"{name}={text(getattr(model, name))}"
        for name, parameter in inspect.signature(type(model)).parameters.items()
        if getattr(model, name) != parameter.default
    ]
    return f"{type(model).__name__}({', '.join(given)})"


def fitted(model, train, movielens):
    """Return the model fitted on ``train``, with what is known of films and people.

    A model whose ``fit`` has the arguments ``movies`` and ``users`` is given the tables
    of ``movielens``; another gets the ratings alone.

    >>> movielens = datasets.load_ml100k("embedded")
    >>> round(fitted(recipes()["bias"](), movielens.ratings, movielens).mu_, 1)
    3.5
    """
    takes = inspect.signature(model.fit).parameters
    known = {"movies": movielens.movies, "users": movielens.users}
    return model.fit(train, **{k: table for k, table in known.items() if k in takes})


def run(movielens, done=None, save=None, models=None):
    """Measure each recipe on each of its folds, save after each, return the table.

    Parameters
    ----------
    movielens : MovieLens
        From :func:`recbook.datasets.load_ml100k`.
    done : DataFrame, optional
        An earlier table. Rows of a recipe whose settings have not changed are kept
        and not measured again; rows of recipes that are no more are dropped.
    save : callable, optional
        Gets the table so far whenever a fold is finished.
    models : {kind: {name: factory}}, optional
        Instead of :func:`recipes`.

    Returns
    -------
    DataFrame
        Columns kind, model, fold, metric, value, seconds (of fit and report
        together, a first call's compiling included), date and settings.

    Examples
    --------
    >>> mean = {"rating": {"mean": recipes()["global_mean"]}}
    >>> table = run(datasets.load_ml100k("embedded"), models=mean)
    >>> table[table["metric"] == "rmse"]["fold"].tolist()
    ['u1', 'u2', 'u3', 'u4', 'u5']
    """
    import pandas as pd
    from tqdm import tqdm

    models = models or {kind: recipes(kind) for kind in KINDS}
    earlier = {} if done is None else dict(list(done.groupby(list(KEYS))))
    work = {
        (kind, name, fold, settings(factory())): (factory, split)
        for kind, factories in models.items()
        for fold, split in _folds(movielens, kind).items()
        for name, factory in factories.items()
    }
    table = {key: earlier.get(key) for key in work}  # None: still to be measured
    todo = [key for key in work if table[key] is None]
    progress = tqdm(todo, unit="fit", disable=None)
    for key in progress:
        progress.set_postfix_str(f"{key[1]} on {key[2]}")
        table[key] = _measure(movielens, *key, *work[key])
        if save is not None:
            save(pd.concat(table.values(), ignore_index=True))  # skips the Nones
    return pd.concat(table.values(), ignore_index=True)


KEYS = ("kind", "model", "fold", "settings")


def _measure(movielens, kind, name, fold, chosen, factory, split):
    """Return the rows of one model on one fold."""
    start = time.perf_counter()
    model = fitted(factory(), split[0], movielens)
    report = "rating" if kind == "rating" else "ranking"
    values = evaluation.fold_values({name: lambda: model}, [split], report)
    return values.assign(
        kind=kind,
        fold=fold,
        seconds=round(time.perf_counter() - start, 2),
        date=datetime.now(UTC).date().isoformat(),
        settings=chosen,
    )[list(COLUMNS)]


def _main(arguments=None):
    """Run the leaderboard from the command line; return the exit status."""
    import pandas as pd

    parser = argparse.ArgumentParser(
        "python -m recbook.leaderboard", description=run.__doc__.split("\n")[0]
    )
    parser.add_argument("--source", choices=("real", "embedded"), default="real")
    parser.add_argument("--folder", type=Path, default=None, help="data/results")
    parser.add_argument(
        "--again", action="store_true", help="measure what is in the table again"
    )
    chosen = parser.parse_args(arguments)
    movielens = datasets.load_ml100k(chosen.source)
    name = "leaderboard" if movielens.is_real else "leaderboard-embedded"
    path = (chosen.folder or results_folder()) / f"{name}.csv"
    done = pd.read_csv(path) if path.exists() and not chosen.again else None

    def save(table):
        write_results(
            name, table, chosen.folder, data=movielens.name, real=movielens.is_real
        )

    try:
        table = run(movielens, done, save)
    except KeyboardInterrupt:
        print("\nstopped; what was finished is kept, the same command goes on")
        return 130
    save(table)
    main_metric = table[table.metric.isin(["rmse", "ndcg"])]
    print(
        main_metric.groupby(["kind", "metric", "model"], sort=False)["value"]
        .agg(["mean", "sem", "count"])
        .round(4)
    )
    return 0


if __name__ == "__main__":
    sys.exit(_main())
