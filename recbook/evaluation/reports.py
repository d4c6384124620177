"""Reports on one split: errors of ratings, metrics of lists."""

import inspect

import numpy as np
from scipy import sparse

from recbook import metrics
from recbook._core.validate import NotFittedError, check_positive_int

__all__ = ["ranking_report", "rating_report", "sampled_ranking_report", "user_values"]

PER_USER = {
    "precision": metrics.precision,
    "recall": metrics.recall,
    "ndcg": metrics.ndcg,
    "average_precision": metrics.average_precision,
    "reciprocal_rank": metrics.reciprocal_rank,
    "hit_rate": metrics.hit_rate,
}
BLOCK = 1024  # users at a time, so that scores never hold n_users x n_items


def rating_report(model, train, test, with_timestamps=False):
    r"""RMSE and MAE of a model on the pairs of a test set.

    Parameters
    ----------
    model : object
        Keeps the contract and has ``predict``; fitted on ``train`` here if it
        is not yet.
    train, test : Ratings
        The two halves of a split, of one code space.
    with_timestamps : bool
        Whether ``predict`` is also told when each test rating was given, as its
        argument ``timestamps``. It is more than the pair says: compare such a figure
        only with others that had it.

    Returns
    -------
    DataFrame
        Columns ``metric``, ``mean``, ``standard_error``, ``n`` (test pairs) and
        ``n_cold``: pairs whose user or item has no training rating, which the model
        answers by its fallback. They count like any other.

    Raises
    ------
    ValueError
        The model has no ``predict``, the code spaces differ, or test is empty; with
        ``with_timestamps``, test has none or ``predict`` takes none.

    Notes
    -----
    Standard errors take the pairs as independent. Those of one user are not quite, so
    read them as a lower bound. RMSE's is by the delta method,
    :math:`\mathrm{se}(\mathrm{MSE}) / (2\,\mathrm{RMSE})`.

    Examples
    --------
    >>> from recbook import baselines, datasets
    >>> toy = datasets.load_toy()
    >>> rating_report(baselines.GlobalMean(), toy, toy).round(2)["mean"].tolist()
    [1.6, 1.45]
    """
    import pandas as pd

    _check_split(train, test)
    if not hasattr(model, "predict"):
        raise ValueError(
            f"model {type(model).__name__} has no predict: it ranks and does not rate; "
            "use ranking_report"
        )
    when = _timestamps_for(model, test) if with_timestamps else {}
    predicted = _ask(model, train, "predict", test.users, test.items, **when)
    rmse, mae = (
        metrics.rmse(test.values, predicted),
        metrics.mae(test.values, predicted),
    )
    error = np.abs(test.values - predicted)
    slope = 2 * rmse if rmse > 0 else 1.0  # no error at all: its spread is 0 too
    known_user = np.bincount(train.users, minlength=train.n_users) > 0
    known_item = np.bincount(train.items, minlength=train.n_items) > 0
    cold = ~(known_user[test.users] & known_item[test.items])
    return pd.DataFrame(
        {
            "metric": ["rmse", "mae"],
            "mean": [rmse, mae],
            "standard_error": [
                _standard_error(error**2) / slope,
                _standard_error(error),
            ],
            "n": test.n_ratings,
            "n_cold": int(cold.sum()),
        }
    )


def ranking_report(model, train, test, k=10, threshold=None):
    """Quality of a model's top k, over every user with something relevant.

    Candidates are all items of the catalogue less the user's training items; none is
    sampled away.

    Parameters
    ----------
    model : object
        Keeps the contract; fitted on ``train`` here if it is not yet.
    train, test : Ratings
        The two halves of a split, of one code space, without a pair in common.
    k : int
        Length of the lists.
    threshold : float, optional
        Test ratings from this value up are relevant; by default all of them are.

    Returns
    -------
    DataFrame
        Columns ``metric``, ``k``, ``mean``, ``standard_error`` over users, ``n`` (users
        measured) and ``n_left_out`` (users with nothing relevant in test). The last
        rows, coverage, gini and novelty, describe the measured users' lists as a whole
        and have no standard error (NaN).

    Raises
    ------
    ValueError
        No user has anything relevant, train and test overlap, or k is below 1.

    Examples
    --------
    >>> from recbook import baselines, datasets, splits
    >>> train, test = splits.leave_last_out(datasets.load_toy())
    >>> report = ranking_report(baselines.Popularity(), train, test, k=2)
    >>> report.set_index("metric").loc["recall", ["mean", "n"]].tolist()
    [0.6, 5.0]
    """
    users, relevant = _find_relevant(train, test, k, threshold)
    ranked = _top(model, train, users, k)
    popularity = np.bincount(train.items, minlength=train.n_items)
    whole = {
        "coverage": metrics.coverage(ranked, train.n_items),
        "gini": metrics.gini(ranked, train.n_items),
        "novelty": metrics.novelty(ranked, popularity),
    }
    return _tabulate(ranked, relevant, k, train.n_users, whole)


def sampled_ranking_report(
    model, train, test, k=10, n_negatives=100, seed=0, threshold=None
):
    """Like :func:`ranking_report`, among a few sampled items only. It can mislead.

    A user's candidates are what is relevant to them and ``n_negatives`` items drawn at
    random from those that they rated in neither half. The task is easier, so numbers
    are higher, and not by the same amount for each model: two models may swap places.
    It is here so that the effect can be seen. For a result, use all candidates.

    Parameters
    ----------
    model : object
        Keeps the contract; fitted on ``train`` here if it is not yet.
    train, test : Ratings
        As for :func:`ranking_report`.
    k : int
        Length of the lists.
    n_negatives : int
        Items drawn for each user, all there are where there are fewer.
    seed : int
        Of the draw; the same for each model, so that they get the same candidates.
    threshold : float, optional
        As for :func:`ranking_report`.

    Returns
    -------
    DataFrame
        As from :func:`ranking_report`, without the last rows.

    Raises
    ------
    ValueError
        As from :func:`ranking_report`.

    References
    ----------
    Krichene and Rendle (2020), On sampled metrics for item recommendation, KDD.

    Examples
    --------
    >>> from recbook import baselines, datasets, splits
    >>> train, test = splits.leave_last_out(datasets.load_toy())
    >>> model = baselines.Popularity()
    >>> report = sampled_ranking_report(model, train, test, n_negatives=1)
    >>> float(report.set_index("metric").loc["recall", "mean"])
    1.0
    """
    check_positive_int("n_negatives", n_negatives)
    users, relevant = _find_relevant(train, test, k, threshold)
    rng = np.random.default_rng(seed)
    ranked = np.full((users.size, k), -1)
    for start in range(0, users.size, BLOCK):
        block = slice(start, start + BLOCK)
        scores = np.array(_ask(model, train, "scores", users[block]), dtype=np.float64)
        unrated = np.ones(scores.shape, dtype=bool)
        for half in (train, test):
            rated = half.csr[users[block]]  # by its places: a rating may be 0
            rows = np.repeat(np.arange(len(scores)), np.diff(rated.indptr))
            unrated[rows, rated.indices] = False
        candidates = _sample(unrated, n_negatives, rng)
        rows, columns = relevant[block].nonzero()
        candidates[rows, columns] = True
        scores[~candidates] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        real = np.take_along_axis(candidates, best, axis=1)
        ranked[block, : best.shape[1]] = np.where(real, best, -1)
    return _tabulate(ranked, relevant, k, train.n_users, {})


def user_values(model, train, test, k=10, threshold=None):
    """Ranking metrics of each user, for :func:`paired_test` and for looking closer.

    Parameters
    ----------
    model, train, test, k, threshold
        As for :func:`ranking_report`.

    Returns
    -------
    DataFrame
        One row a user with something relevant, indexed by user code; one column a
        metric.

    Raises
    ------
    ValueError
        As from :func:`ranking_report`.

    Examples
    --------
    >>> from recbook import baselines, datasets, splits
    >>> train, test = splits.leave_last_out(datasets.load_toy())
    >>> user_values(baselines.Popularity(), train, test, k=2)["hit_rate"].tolist()
    [1.0, 1.0, 0.0, 1.0, 0.0]
    """
    import pandas as pd

    users, relevant = _find_relevant(train, test, k, threshold)
    ranked = _top(model, train, users, k)
    values = {name: metric(ranked, relevant, k) for name, metric in PER_USER.items()}
    return pd.DataFrame(values, index=pd.Index(users, name="user"))


def _check_split(train, test):
    """Refuse halves that were not cut from one table."""
    if train.csr.shape != test.csr.shape:
        raise ValueError(
            f"train has shape {train.csr.shape} and test {test.csr.shape}: use halves "
            "from recbook.splits, which keep the code spaces of the whole"
        )
    if test.n_ratings == 0:
        raise ValueError("test is empty: there is nothing to measure")


def _find_relevant(train, test, k, threshold):
    """Users with something relevant in test, and what it is, (len(users), n_items)."""
    check_positive_int("k", k)
    _check_split(train, test)
    pairs = [
        half.users.astype(np.int64) * half.n_items + half.items
        for half in (train, test)
    ]
    shared = np.intersect1d(*pairs)
    if shared.size:
        user, item = divmod(int(shared[0]), train.n_items)
        raise ValueError(
            f"train and test share {shared.size} pairs, the first is user {user}, item "
            f"{item}: a training item is no candidate, so it could never be found"
        )
    chosen = (
        np.ones(test.n_ratings, bool) if threshold is None else test.values >= threshold
    )
    relevant = sparse.csr_array(
        (np.ones(chosen.sum()), (test.users[chosen], test.items[chosen])),
        shape=test.csr.shape,
    )
    users = np.flatnonzero(np.diff(relevant.indptr))
    if users.size == 0:
        raise ValueError(
            f"no user has anything relevant in test (threshold={threshold}): there is "
            "nothing to measure"
        )
    return users, relevant[users]


def _ask(model, train, method, *arguments, **options):
    """Call a model's method, after fitting it on train where that was left to us."""
    try:
        return getattr(model, method)(*arguments, **options)
    except NotFittedError:
        return getattr(model.fit(train), method)(*arguments, **options)


def _timestamps_for(model, test):
    """Return the argument timestamps of predict, or refuse what cannot be told."""
    if "timestamps" not in inspect.signature(model.predict).parameters:
        raise ValueError(
            f"with_timestamps=True, but predict of {type(model).__name__} has no "
            "argument timestamps: leave it False"
        )
    if test.timestamps is None:
        raise ValueError("with_timestamps=True reads test.timestamps, which are None")
    return {"timestamps": test.timestamps}


def _top(model, train, users, k):
    """Top k of all items less the training items, in blocks of users."""
    blocks = [
        _ask(model, train, "recommend", users[start : start + BLOCK], k, train)
        for start in range(0, users.size, BLOCK)
    ]
    return np.concatenate(blocks)


def _sample(allowed, n, rng):
    """Mark n allowed columns at random in each row of a boolean array."""
    keys = np.where(allowed, rng.random(allowed.shape), 2.0)
    drawn = np.zeros(allowed.shape, dtype=bool)
    np.put_along_axis(drawn, np.argsort(keys, axis=1)[:, :n], True, axis=1)
    return drawn & allowed


def _tabulate(ranked, relevant, k, n_users, whole):
    """Tidy table of per-user metrics and of those of the lists as a whole."""
    import pandas as pd

    values = [metric(ranked, relevant, k) for metric in PER_USER.values()]
    return pd.DataFrame(
        {
            "metric": [*PER_USER, *whole],
            "k": k,
            "mean": [*(float(v.mean()) for v in values), *whole.values()],
            "standard_error": [*map(_standard_error, values), *[np.nan] * len(whole)],
            "n": len(ranked),
            "n_left_out": n_users - len(ranked),
        }
    )


def _standard_error(values):
    """Standard deviation over the root of n; NaN for fewer than two values."""
    return (
        float(np.std(values, ddof=1) / np.sqrt(len(values)))
        if len(values) > 1
        else np.nan
    )
