"""The sampled report, which shows what sampling does; public in recbook.evaluation."""

import numpy as np

from recbook._reports import BLOCK, ask, find_relevant, tabulate
from recbook._validate import check_positive_int

__all__ = ["sampled_ranking_report"]


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
    users, relevant = find_relevant(train, test, k, threshold)
    rng = np.random.default_rng(seed)
    ranked = np.full((users.size, k), -1)
    for start in range(0, users.size, BLOCK):
        block = slice(start, start + BLOCK)
        scores = np.array(ask(model, train, "scores", users[block]), dtype=np.float64)
        unrated = np.ones(scores.shape, dtype=bool)
        for half in (train, test):
            rated = half.csr[users[block]]  # by its places: a rating may be 0
            rows = np.repeat(np.arange(len(scores)), np.diff(rated.indptr))
            unrated[rows, rated.indices] = False
        candidates = _draw(unrated, n_negatives, rng)
        rows, columns = relevant[block].nonzero()
        candidates[rows, columns] = True
        scores[~candidates] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        real = np.take_along_axis(candidates, best, axis=1)
        ranked[block, : best.shape[1]] = np.where(real, best, -1)
    return tabulate(ranked, relevant, k, train.n_users, {})


def _draw(allowed, n, rng):
    """Mark n allowed columns at random in each row of a boolean array."""
    keys = np.where(allowed, rng.random(allowed.shape), 2.0)
    drawn = np.zeros(allowed.shape, dtype=bool)
    np.put_along_axis(drawn, np.argsort(keys, axis=1)[:, :n], True, axis=1)
    return drawn & allowed
