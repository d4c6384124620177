"""The evaluation that chose the film project's models."""

import numpy as np
import pandas as pd
from scipy import sparse

from recbook import leaderboard, metrics
from recbook.evaluation.significance import bootstrap_interval, interval_of_rmse

__all__ = ["make_report", "read", "rivals", "write"]

RATERS = ("bias", "knn", "svdpp", "als")
LISTERS = ("popularity", "itemknn", "ease", "ials")
PER_PERSON = {
    "ndcg": metrics.ndcg,
    "precision": metrics.precision,
    "recall": metrics.recall,
    "hit_rate": metrics.hit_rate,
}


def rivals(train):
    """Return the models of the earlier parts that fit in seconds, fitted on train.

    Parameters
    ----------
    train : Ratings
        What they learn from.

    Returns
    -------
    raters, listers : dict of str to model
        Models that predict stars and models that make lists, named as in
        :func:`~recbook.leaderboard.recipes`.

    Examples
    --------
    >>> from recbook.datasets import load_ml100k
    >>> raters, listers = rivals(load_ml100k("embedded").ratings)
    >>> [*raters, *listers]
    ['bias', 'knn', 'svdpp', 'als', 'popularity', 'itemknn', 'ease', 'ials']
    """
    groups = []
    for kind, names in (("rating", RATERS), ("ranking", LISTERS)):
        recipes = leaderboard.recipes(kind)
        groups.append({name: recipes[name]().fit(train) for name in names})
    return tuple(groups)


def make_report(raters, listers, train, test, k=10, threshold=4.0):
    """Return metrics of models on one split, with intervals.

    Parameters
    ----------
    raters, listers : dict of str to model
        Models of stars and of lists, fitted on train. The raters have ``predict``, and
        the listers have ``recommend``.
    train, test : Ratings
        Both sides of a split.
    k : int
        Length of the lists.
    threshold : float
        Test ratings from this value up are the relevant items of the lists.

    Returns
    -------
    DataFrame
        Columns ``kind`` ("stars" or "lists"), ``model``, ``metric``, ``mean``, ``low``
        and ``high`` (95 % bootstrap intervals over people) and ``n``, the number of
        people. The intervals of coverage, gini and novelty are NaN, since these
        describe all lists together.

    Examples
    --------
    >>> from recbook import baselines, datasets
    >>> train, test = datasets.load_ml100k("embedded").fold(1)
    >>> bias, popular = baselines.Bias().fit(train), baselines.Popularity().fit(train)
    >>> report = make_report({"bias": bias}, {"popularity": popular}, train, test)
    >>> report["metric"].tolist()[:4]
    ['rmse', 'mae', 'ndcg', 'precision']
    """
    rows = [
        row
        for name, model in raters.items()
        for row in _of_stars(name, model.predict(test.users, test.items), test)
    ]
    liked = test.values >= threshold
    people = np.unique(test.users[liked])
    relevant = sparse.csr_array(test.subset(liked).csr[people])
    for name, model in listers.items():
        ranked = model.recommend(people, k=k, exclude=train)
        rows += _of_lists(name, ranked, relevant, train, k)
    columns = ["kind", "model", "metric", "mean", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns)


def write(path, towers, retrieval, train, test):
    """Write the report of both towers and of their rivals to the file ``path``.

    Parameters
    ----------
    path : Path
        The file to write.
    towers, retrieval : RatingTowers, RetrievalTowers
        The project's models, fitted on train.
    train, test : Ratings
        Both sides of a split.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from recbook import baselines, datasets, splits
    >>> train, test = splits.leave_last_out(datasets.load_toy())
    >>> one, two = baselines.Bias().fit(train), baselines.Popularity().fit(train)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "report.csv", one, two, train, test)
    ...     read(Path(folder) / "report.csv").model.iloc[[0, -1]].tolist()
    ['bias', 'twotower']
    """
    raters, listers = rivals(train)
    raters["towers"] = listers["towers"] = towers
    listers["twotower"] = retrieval
    make_report(raters, listers, train, test).to_csv(path, index=False)


read = pd.read_csv  # what write wrote


def _of_stars(name, predicted, test):
    """Yield the rows of a model that predicts stars."""
    errors, n = test.values - predicted, len(np.unique(test.users))
    rmse = metrics.rmse(test.values, predicted)
    yield ("stars", name, "rmse", rmse, *interval_of_rmse(errors, test.users), n)
    mae = metrics.mae(test.values, predicted)
    # The RMSE of the roots of absolute errors is the root of the MAE.
    low, high = interval_of_rmse(np.sqrt(np.abs(errors)), test.users)
    yield "stars", name, "mae", mae, low**2, high**2, n


def _of_lists(name, ranked, relevant, train, k):
    """Yield the rows of a model that makes lists."""
    n = len(ranked)
    for metric, function in PER_PERSON.items():
        values = function(ranked, relevant, k)
        low, high = bootstrap_interval(values, n_resamples=2000)
        yield "lists", name, metric, float(values.mean()), low, high, n
    popularity = np.bincount(train.items, minlength=train.n_items)
    nan = float("nan")
    for metric, value in (
        ("coverage", metrics.coverage(ranked, train.n_items)),
        ("gini", metrics.gini(ranked, train.n_items)),
        ("novelty", metrics.novelty(ranked, popularity)),
    ):
        yield "lists", name, metric, value, nan, nan, n
