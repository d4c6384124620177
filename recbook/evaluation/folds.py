"""Comparisons of models over folds."""

from recbook._core.validate import check_choice
from recbook.evaluation.reports import (
    ranking_report,
    rating_report,
    sampled_ranking_report,
)

__all__ = ["compare", "fold_values", "summarise"]


def compare(models, folds, kind="rating", **options):
    """Return the mean and standard error of each model's metrics over folds.

    It is ``summarise(fold_values(models, folds, kind, **options))``. Call the two
    functions yourself to keep the values of each fold.

    Parameters
    ----------
    models : dict of str to callable
        Name and factory of each model. A factory is called without arguments and
        returns a new, unfitted model.
    folds : iterable of (Ratings, Ratings)
        Pairs of train and test.
    kind : {"rating", "ranking", "sampled"}
        Which report to use: :func:`~recbook.evaluation.rating_report` (the default),
        :func:`~recbook.evaluation.ranking_report` or
        :func:`~recbook.evaluation.sampled_ranking_report`.
    **options
        Arguments of the report, such as ``k`` or ``threshold``.

    Returns
    -------
    DataFrame
        Columns ``model``, ``metric``, ``mean`` and ``standard_error`` over the folds
        (NaN for one fold), and ``n``, the number of folds. Models keep their order.

    Raises
    ------
    ValueError
        If there are no models or no folds, or ``kind`` is unknown.

    Notes
    -----
    A split by time is a single fold. It is no reason to take random folds instead,
    which let the future into train. :func:`~recbook.evaluation.ranking_report` has a
    standard error over users, and :func:`~recbook.evaluation.paired_test` compares two
    models on the same users with :func:`~recbook.evaluation.user_values`. On a log of
    orders :func:`~recbook.evaluation.choose` splits at several moments.

    Examples
    --------
    >>> from recbook import baselines, datasets, splits
    >>> folds = splits.k_fold(datasets.load_toy(), n_splits=2)
    >>> table = compare({"mean": baselines.GlobalMean}, folds)
    >>> table[["model", "metric", "n"]].to_numpy().tolist()
    [['mean', 'rmse', 2], ['mean', 'mae', 2]]
    """
    return summarise(fold_values(models, folds, kind, **options))


def fold_values(models, folds, kind="rating", **options):
    """Return the metrics of each model on each fold, one row per value.

    Parameters
    ----------
    models, folds, kind, **options
        As for :func:`~recbook.evaluation.compare`, which raises the same errors.

    Returns
    -------
    DataFrame
        Columns ``model``, ``fold`` (from 0), ``metric`` and ``value``.

    Examples
    --------
    >>> from recbook import baselines, datasets, splits
    >>> folds = splits.k_fold(datasets.load_toy(), n_splits=2)
    >>> fold_values({"mean": baselines.GlobalMean}, folds)["fold"].tolist()
    [0, 0, 1, 1]
    """
    import pandas as pd

    reports = {
        "rating": rating_report,
        "ranking": ranking_report,
        "sampled": sampled_ranking_report,
    }
    report = reports[check_choice("kind", kind, reports)]
    if not models:
        raise ValueError("models is empty: give {name: factory}")
    tables = [
        report(factory(), train, test, **options).assign(model=name, fold=fold)
        for fold, (train, test) in enumerate(folds)
        for name, factory in models.items()
    ]
    if not tables:
        raise ValueError(
            "folds is empty: give pairs (train, test), or a fresh iterator"
        )
    values = pd.concat(tables, ignore_index=True).rename(columns={"mean": "value"})
    return values[["model", "fold", "metric", "value"]]


def summarise(values):
    """Return the mean, standard error and number of folds for each model and metric.

    The standard error is the standard deviation over the folds, divided by the root of
    their number. Folds of one table share training data, so it is rather too small.

    Parameters
    ----------
    values : DataFrame
        Columns ``model``, ``fold``, ``metric`` and ``value``, as returned by
        :func:`~recbook.evaluation.fold_values`.

    Returns
    -------
    DataFrame
        As from :func:`~recbook.evaluation.compare`.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"model": "a", "fold": [0, 1], "metric": "rmse",
    ...                        "value": [1.0, 2.0]})
    >>> summarise(values).to_numpy().tolist()
    [['a', 'rmse', 1.5, 0.5, 2]]
    """
    groups = values.groupby(["model", "metric"], sort=False)["value"]
    table = groups.agg(mean="mean", standard_error="sem", n="count")
    return table.reset_index()
