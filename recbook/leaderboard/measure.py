"""Fit each recipe on the splits that others report on, and keep what it reached."""

import inspect
import time
from datetime import UTC, datetime

from recbook import datasets, evaluation, splits
from recbook._core.validate import check_choice
from recbook.leaderboard.costs import fitted_bytes, with_costs, without_costs
from recbook.leaderboard.tuned import NEXT, RANKING, RATING

__all__ = ["fitted", "knowledge", "recipes", "run", "settings"]

RECIPES = {"rating": RATING, "ranking": RANKING, "next": NEXT}
KINDS = tuple(RECIPES)
COLUMNS: tuple[str, ...]
COLUMNS = ("kind", "model", "fold", "metric", "value", "seconds", "cpu_seconds")
COLUMNS += ("bytes", "date", "knows", "settings")
KEYS = ["kind", "model", "fold", "settings", "knows"]


def recipes(kind="rating"):
    """Return the best settings found of each model, as name to factory.

    How they were found: on a part of train, on the real set, by the command
    ``python -m tests.benchmarks.select``; the baselines have their defaults. One
    setting serves all five folds, by the mean error on the parts held out of each
    fold's train. A fold's train is the other folds' tests, and so are those parts: the
    five tests together are not untouched. ``data/results/selection.csv`` has, beside
    it, what each fold's own choice gives, made among the same candidates without a
    rating of its test, and how many candidates each model had; they differ. Lists have
    one split, and one part of its train chose. EDLAE has an argument, ``user_power``,
    that was added after a look at that split's test (its recipe says more). Data other
    than the real set, and other splits of it, take these settings as they are.

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
    return {name: recipe.make for name, recipe in RECIPES[kind].items()}


def knowledge(name, kind=None):
    """Return what a recipe may use, as words, or None for an unknown name.

    About train: ``stars``, the ratings themselves; ``rated``, which pairs were rated,
    used apart from the stars; ``order``, the sequence of a user's ratings. Besides
    train: ``side``, the tables of users and items; ``time``, when the rating to predict
    is given. Anything after a slash in a name, such as a seed, changes nothing. Without
    a ``kind``, the first kind of :func:`~recbook.leaderboard.recipes` that has the name
    counts.

    >>> knowledge("svdpp"), knowledge("svdpp/2"), knowledge("my own")
    ('stars rated', 'stars rated', None)
    """
    name = name.partition("/")[0]
    tables = RECIPES.values() if kind is None else [RECIPES.get(kind, {})]
    return next((table[name].knows for table in tables if name in table), None)


def folds(movielens, kind):
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
    return repr(model)


def fitted(model, train, movielens, knows=None):
    """Return the model fitted on ``train``, with side information if it takes any.

    A model whose ``fit`` has the arguments ``movies`` and ``users`` gets the tables of
    ``movielens``, unless ``knows`` (words of :func:`~recbook.leaderboard.knowledge`) is
    given without the word ``side``. Any other model gets the ratings alone.

    >>> movielens = datasets.load_ml100k("embedded")
    >>> round(fitted(recipes()["bias"](), movielens.ratings, movielens).mu_, 1)
    3.5
    """
    takes = inspect.signature(model.fit).parameters
    known = {"movies": movielens.movies, "users": movielens.users}
    if knows is not None and "side" not in knows.split():
        known = {}
    return model.fit(train, **{k: table for k, table in known.items() if k in takes})


def run(movielens, done=None, save=None, models=None, names=None, costs=False):
    """Measure each recipe on each of its folds, save after each, return the table.

    Parameters
    ----------
    movielens : MovieLens
        From :func:`recbook.datasets.load_ml100k`.
    done : DataFrame, optional
        An earlier table. Rows of a recipe whose settings and knowledge have not changed
        are kept and not measured again; rows of recipes that are no more are dropped.
    save : callable, optional
        Gets the table so far whenever a fold is finished.
    models : {kind: {name: factory}}, optional
        Used instead of :func:`~recbook.leaderboard.recipes`.
    names : sequence of str, optional
        Measure these models only, and keep what ``done`` has of the others.
    costs : bool
        Also fit kept recipes that have no costs yet, on the first of their folds, and
        enter only the costs. A network's values differ a little between machines; if
        they differ by more than two percent, they replace the old ones.

    Returns
    -------
    DataFrame
        Columns kind, model, fold, metric, value, seconds (of fit and report together),
        cpu_seconds (of the processor, all threads, for the fit alone), bytes (see
        :func:`~recbook.leaderboard.fitted_bytes`), date, knows (see
        :func:`~recbook.leaderboard.knowledge`) and settings. Each model is first fitted
        on a table of 20 ratings, so that no figure includes compiling and importing.

    Examples
    --------
    >>> mean = {"rating": {"mean": recipes()["global_mean"]}}
    >>> table = run(datasets.load_ml100k("embedded"), models=mean)
    >>> table[table["metric"] == "rmse"]["fold"].tolist()
    ['u1', 'u2', 'u3', 'u4', 'u5']
    """
    from tqdm import tqdm

    models = models or {kind: recipes(kind) for kind in KINDS}
    work = {}
    for kind, factories in models.items():
        for fold, split in folds(movielens, kind).items():
            for name, factory in factories.items():
                knows = knowledge(name, kind) or ""
                key = kind, name, fold, settings(factory()), knows
                work[key] = factory, split
    table = _earlier(done, work)  # None: still to be measured
    todo = [key for key in work if table[key] is None]
    if costs:
        todo += without_costs(table)
    todo = [key for key in todo if names is None or key[1] in names]
    progress, warm = tqdm(todo, unit="fit", disable=None), set()
    for key in progress:
        progress.set_postfix_str(f"{key[1]} on {key[2]}")
        factory, split = work[key]
        if key[:2] not in warm:
            factory().fit(datasets.load_toy())
            warm.add(key[:2])
        rows = _measure(movielens, *key, factory, split)
        table[key] = rows if table[key] is None else with_costs(table[key], rows)
        if save is not None:
            save(_joined(table))
    return _joined(table)


def _earlier(done, work):
    """Return the rows that a table has of each piece of work, None where it has not."""
    if done is None:
        return dict.fromkeys(work)
    done = done.reindex(columns=list(COLUMNS))
    names = zip(done["model"], done["kind"], strict=True)
    known = [knowledge(name, kind) or "" for name, kind in names]
    done["knows"] = done["knows"].where(done["knows"].notna(), known)
    done = done.astype({"knows": "str", "cpu_seconds": "float64", "bytes": "Int64"})
    rows = dict(list(done.groupby(KEYS)))
    return {key: rows.get(key) for key in work}


def _joined(table):
    """Return one DataFrame of what has been measured."""
    import pandas as pd

    whole = pd.concat([r for r in table.values() if r is not None], ignore_index=True)
    return whole.astype({"bytes": "Int64"})  # a whole number, also where some lack it


def _measure(movielens, kind, name, fold, chosen, knows, factory, split):
    """Return the rows of one model on one fold."""
    start, cpu_start = time.perf_counter(), time.process_time()
    model = fitted(factory(), split[0], movielens, knows or None)
    cpu_seconds, size = time.process_time() - cpu_start, fitted_bytes(model)
    options = {"with_timestamps": True} if "time" in knows.split() else {}
    report = "rating" if kind == "rating" else "ranking"
    values = evaluation.fold_values({name: lambda: model}, [split], report, **options)
    return values.assign(
        kind=kind,
        fold=fold,
        seconds=round(time.perf_counter() - start, 2),
        cpu_seconds=round(cpu_seconds, 4),
        bytes=size,
        date=datetime.now(UTC).date().isoformat(),
        knows=knows,
        settings=chosen,
    )[list(COLUMNS)]
