"""Reports on one split: errors of predicted ratings and metrics of lists."""

import inspect

import numpy as np
from scipy import sparse

from recbook import metrics
from recbook._core.validate import (
    NotFittedError,
    check_k,
    check_positive_int,
    generator,
)
from recbook.evaluation.windows import among_own
from recbook.ratings import check_table

__all__ = ["ranking_report", "rating_report", "sampled_ranking_report", "user_values"]

PER_USER = {
    "precision": metrics.precision,
    "recall": metrics.recall,
    "ndcg": metrics.ndcg,
    "average_precision": metrics.average_precision,
    "reciprocal_rank": metrics.reciprocal_rank,
    "hit_rate": metrics.hit_rate,
}
BLOCK = 1024  # users per block, so that scores never hold n_users x n_items


def rating_report(model, train, test, with_timestamps=False):
    r"""Return the RMSE and MAE of a model on the pairs of a test set.

    Parameters
    ----------
    model : object
        A model with ``predict``. It is fitted to ``train`` here if it is not fitted
        yet.
    train, test : Ratings
        The two halves of a split, with the same codes.
    with_timestamps : bool
        Whether ``predict`` also gets the time of each test rating, as its argument
        ``timestamps``. That is more than the pair tells, so compare such a number only
        with others that used it, too.

    Returns
    -------
    DataFrame
        Columns ``metric``, ``mean`` over the test pairs, its ``standard_error`` over
        users (NaN for a single user), ``n``, the number of pairs, and ``n_cold``, the
        number of pairs whose user or item has no training rating. The model answers
        those by its fallback, and they count like any other.

    Raises
    ------
    ValueError
        If the model has no ``predict``, the codes differ, or test is empty. With
        ``with_timestamps``, also if test has no timestamps or ``predict`` takes none.

    Notes
    -----
    The standard error answers how far the mean would move if other users had been
    drawn, each with all of their test ratings. With :math:`e_{ui}` the error or its
    square, :math:`\bar e` the mean over all n pairs and m users,

    .. math::
        \mathrm{se}^2 = \frac{m}{m - 1} \cdot \frac{1}{n^2}
        \sum_u \Bigl( \sum_i (e_{ui} - \bar e) \Bigr)^2 .

    Pairs counted as if they were independent would give less, on MovieLens 100K about
    half: a user's errors are alike. That of the RMSE follows from the delta method,
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
    slope = 2 * rmse if rmse > 0 else 1.0  # without any error the spread is 0, too
    known_user = np.bincount(train.users, minlength=train.n_users) > 0
    known_item = np.bincount(train.items, minlength=train.n_items) > 0
    cold = ~(known_user[test.users] & known_item[test.items])
    return pd.DataFrame(
        {
            "metric": ["rmse", "mae"],
            "mean": [rmse, mae],
            "standard_error": [
                _error_over_users(error**2, test.users) / slope,
                _error_over_users(error, test.users),
            ],
            "n": test.n_ratings,
            "n_cold": int(cold.sum()),
        }
    )


def ranking_report(model, train, test, k=10, threshold=None, repeats=False):
    """Return the ranking metrics of a model's lists of k items, for one split.

    The means are over all users with a relevant item in test. The candidates of a user
    are all items of the catalogue except the user's training items. With ``repeats`` it
    is the reverse: they are the user's training items, and what is measured is which of
    them the user comes back to.

    Parameters
    ----------
    model : object
        A model with ``recommend``. It is fitted to ``train`` here if it is not fitted
        yet.
    train, test : Ratings
        The two halves of a split, with the same codes and no pair in common.
    k : int
        Length of the lists.
    threshold : float, optional
        Lowest test rating that counts as relevant. By default all of them do.
    repeats : bool
        Whether repurchases are measured, as the halves of ``Orders.split`` have them: a
        pair is relevant if it is in train, too, and the other pairs of test are left
        out. The model needs ``scores``. What it has to beat is how often each user
        bought each item before, the baseline of :func:`~recbook.evaluation.choose`.

    Returns
    -------
    DataFrame
        Columns ``metric``, ``k``, ``mean`` and ``standard_error`` over users, ``n``,
        the number of users measured, and ``n_left_out``, the number of users with
        nothing relevant in test. The last rows, coverage, gini and novelty, describe
        the lists of the measured users together and have no standard error (NaN).

    Raises
    ------
    ValueError
        If no user has anything relevant, train and test overlap (without ``repeats``)
        or have different codes, or k is below 1 or above the number of items (or 1000
        if that is more).

    Examples
    --------
    >>> from recbook import baselines, datasets, splits
    >>> train, test = splits.leave_last_out(datasets.load_toy())
    >>> report = ranking_report(baselines.Popularity(), train, test, k=2)
    >>> report.set_index("metric").loc["recall", ["mean", "n"]].tolist()
    [0.6, 5.0]
    """
    users, relevant = _find_relevant(train, test, k, threshold, repeats)
    ranked = _top(model, train, users, k, repeats)
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
    """Return ranking metrics among a few sampled items only, which can mislead.

    The candidates of a user are the user's relevant items and ``n_negatives`` random
    items that the user rated in neither half. The task is easier than that of
    :func:`~recbook.evaluation.ranking_report`, so the numbers are higher, and not by
    the same amount for each model. Two models may even swap places. The function exists
    to show this effect. For a result, use all candidates.

    Parameters
    ----------
    model : object
        A model with ``scores``. It is fitted to ``train`` here if it is not fitted yet.
    train, test : Ratings
        As for :func:`~recbook.evaluation.ranking_report`.
    k : int
        Length of the lists.
    n_negatives : int
        Number of items drawn for each user, or all there are if they are fewer.
    seed : int
        Seeds the draw, so that all models get the same candidates.
    threshold : float, optional
        As for :func:`~recbook.evaluation.ranking_report`.

    Returns
    -------
    DataFrame
        As from :func:`~recbook.evaluation.ranking_report`, without the last three rows.

    Raises
    ------
    ValueError
        As from :func:`~recbook.evaluation.ranking_report`.

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
    rng = generator(seed)
    ranked = np.full((users.size, k), -1, dtype=np.int64)
    for start in range(0, users.size, BLOCK):
        block = slice(start, start + BLOCK)
        scores = np.array(_ask(model, train, "scores", users[block]), dtype=np.float64)
        unrated = np.ones(scores.shape, dtype=bool)
        for half in (train, test):
            rated = half.csr[users[block]]  # by stored entries: a rating may be 0
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


def user_values(model, train, test, k=10, threshold=None, repeats=False):
    """Return the ranking metrics of each user, to be compared or tested.

    :func:`~recbook.evaluation.paired_test` takes such values of two models.

    Parameters
    ----------
    model, train, test, k, threshold, repeats
        As for :func:`~recbook.evaluation.ranking_report`, which raises the same errors.

    Returns
    -------
    DataFrame
        One row for each user with a relevant item, indexed by user code, and one column
        for each metric.

    Examples
    --------
    >>> from recbook import baselines, datasets, splits
    >>> train, test = splits.leave_last_out(datasets.load_toy())
    >>> user_values(baselines.Popularity(), train, test, k=2)["hit_rate"].tolist()
    [1.0, 1.0, 0.0, 1.0, 0.0]
    """
    import pandas as pd

    users, relevant = _find_relevant(train, test, k, threshold, repeats)
    ranked = _top(model, train, users, k, repeats)
    values = {name: metric(ranked, relevant, k) for name, metric in PER_USER.items()}
    return pd.DataFrame(values, index=pd.Index(users, name="user"))


def _check_split(train, test):
    """Raise a ValueError if the halves do not come from one table or test is empty."""
    check_table("train", train)
    check_table("test", test)
    if train.csr.shape != test.csr.shape:
        raise ValueError(
            f"train has shape {train.csr.shape} and test {test.csr.shape}: use halves "
            "from recbook.splits, which keep the code spaces of the whole"
        )
    if test.n_ratings == 0:
        raise ValueError("test is empty: there is nothing to measure")


def _find_relevant(train, test, k, threshold, repeats=False):
    """Return the users with relevant test items, and these, (len(users), n_items)."""
    _check_split(train, test)
    check_k(k, train.n_items)
    pairs = [
        half.users.astype(np.int64) * half.n_items + half.items
        for half in (train, test)
    ]
    again = np.isin(pairs[1], pairs[0])
    if again.any() and not repeats:
        user, item = divmod(int(pairs[1][again].min()), train.n_items)
        raise ValueError(
            f"train and test share {again.sum()} pairs, the first is user {user}, item "
            f"{item}: a training item is no candidate, so it could never be found; "
            "take repeats=True for repurchases, and leave them out for discoveries"
        )
    chosen = again if repeats else np.ones(test.n_ratings, bool)
    if threshold is not None:
        chosen = chosen & (test.values >= threshold)
    relevant = sparse.csr_array(
        (np.ones(chosen.sum()), (test.users[chosen], test.items[chosen])),
        shape=test.csr.shape,
    )
    users = np.flatnonzero(np.diff(relevant.indptr))
    if users.size == 0:
        raise ValueError(
            f"no user has anything relevant in test (threshold={threshold}"
            f"{', repeats=True' if repeats else ''}): there is nothing to measure"
        )
    return users, relevant[users]


def _ask(model, train, method, *arguments, **options):
    """Call a model's method, after fitting the model if it is not fitted yet."""
    try:
        return getattr(model, method)(*arguments, **options)
    except NotFittedError:
        return getattr(model.fit(train), method)(*arguments, **options)


def _timestamps_for(model, test):
    """Return the argument ``timestamps`` of predict; raise if there is none."""
    if "timestamps" not in inspect.signature(model.predict).parameters:
        raise ValueError(
            f"with_timestamps=True, but predict of {type(model).__name__} has no "
            "argument timestamps: leave it False"
        )
    if test.timestamps is None:
        raise ValueError("with_timestamps=True reads test.timestamps, which are None")
    return {"timestamps": test.timestamps}


def _top(model, train, users, k, repeats=False):
    """Return the k best items per user, in blocks of users.

    Without ``repeats`` no training item is in a list, with it only they are.
    """
    if repeats:
        blocks = [
            among_own(_ask(model, train, "scores", rows), train.csr[rows], k)
            for rows in np.split(users, range(BLOCK, users.size, BLOCK))
        ]
        return np.concatenate(blocks)
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
    """Return a tidy table of per-user metrics and of those of all lists together."""
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


def _error_over_users(values, users):
    """Return the standard error of a mean over pairs whose users are what was drawn."""
    _, place = np.unique(users, return_inverse=True)
    sums = np.bincount(place, weights=values - values.mean())
    m = len(sums)
    return (
        float(np.sqrt(m / (m - 1) * (sums**2).sum()) / len(values)) if m > 1 else np.nan
    )


def _standard_error(values):
    """Return the standard deviation over the root of n, NaN for fewer than 2 values."""
    return (
        float(np.std(values, ddof=1) / np.sqrt(len(values)))
        if len(values) > 1
        else np.nan
    )
