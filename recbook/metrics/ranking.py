r"""How good is a prediction, and how good is a ranked list?

*Rating* metrics compare pairs of numbers. *Ranking* metrics compare a list of items
with the set that turned out to be relevant, one value a user; relevance is yes or no.
Four more describe the lists without asking who liked what.

The ranking metrics share their arguments and their conventions:

``ranked``
    (n_users, ≥ k) integer array, the best item first. -1 pads: it is no item and
    never a hit. A list shorter than k counts as padded.
``relevant``
    (n_users, n_items) sparse matrix. Every stored non-zero is a relevant item; an
    explicit zero is not.
``k``
    Only the first k places count.

A user with nothing relevant gets NaN: no list is good or bad for them, and it is for
the caller to leave them out, and to say how many they were.
Below, :math:`h_{u,r}` is 1 where the item at place :math:`r` of user :math:`u`'s list
is relevant and 0 elsewhere, and :math:`n_u` is the number of relevant items.
"""

import numpy as np

from recbook._beyond import coverage, diversity, gini, novelty
from recbook._hits import mark_hits, where_relevant

# fmt: off
__all__ = [
    "average_precision", "coverage", "diversity", "gini", "hit_rate", "mae",
    "ndcg", "novelty", "precision", "recall", "reciprocal_rank", "rmse",
]
# fmt: on


def rmse(truth, predicted):
    r"""Root of the mean squared error, in stars.

    .. math:: \sqrt{\frac{1}{|T|} \sum_{(u, i) \in T} (r_{ui} - \hat r_{ui})^2}

    Parameters
    ----------
    truth : (n,) array
        The ratings :math:`r_{ui}` of the test pairs :math:`T`.
    predicted : (n,) array
        The predictions :math:`\hat r_{ui}`, in the same order.

    Returns
    -------
    float
        0 is perfect. One error of 2 weighs as much as four errors of 1.

    Raises
    ------
    ValueError
        The arrays are empty, differ in length, or hold NaN or an infinity.

    Examples
    --------
    >>> rmse([4, 2], [3, 3])
    1.0
    """
    error = _errors(truth, predicted)
    return float(np.sqrt(np.mean(error**2)))


def mae(truth, predicted):
    r"""Mean absolute error, in stars.

    .. math:: \frac{1}{|T|} \sum_{(u, i) \in T} |r_{ui} - \hat r_{ui}|

    Parameters
    ----------
    truth, predicted
        As in :func:`rmse`, and so the errors.

    Returns
    -------
    float
        0 is perfect; never more than :func:`rmse`.

    Examples
    --------
    >>> mae([4, 2], [3, 4])
    1.5
    """
    return float(np.mean(np.abs(_errors(truth, predicted))))


def _errors(truth, predicted):
    """Differences of two checked, equally long arrays."""
    truth = np.asarray(truth, dtype=np.float64)
    predicted = np.asarray(predicted, dtype=np.float64)
    if truth.shape != predicted.shape or truth.ndim != 1:
        raise ValueError(
            "truth and predicted must be 1-d and equally long, a number a pair each; "
            f"got shapes {truth.shape} and {predicted.shape}"
        )
    if truth.size == 0:
        raise ValueError("truth is empty: an error over no pairs is not defined")
    for name, values in (("truth", truth), ("predicted", predicted)):
        if not np.all(np.isfinite(values)):
            at = int(np.flatnonzero(~np.isfinite(values))[0])
            raise ValueError(f"{name} must be finite; got {values[at]} at place {at}")
    return truth - predicted


def precision(ranked, relevant, k):
    r"""Share of the first k places that hold a relevant item.

    .. math:: \frac{1}{k} \sum_{r=1}^{k} h_{u,r}

    The divisor is k, also where the list or the set of relevant items is shorter: a
    place left empty is a place wasted.

    Parameters
    ----------
    ranked : (n_users, ≥ k) int array
        Lists of item codes, best first; -1 pads.
    relevant : (n_users, n_items) sparse matrix
        Non-zero where the item is relevant.
    k : int
        Length of the list that counts.

    Returns
    -------
    (n_users,) array
        In [0, 1]; NaN for a user with nothing relevant.

    Raises
    ------
    ValueError
        Shapes differ, a code is out of range, an item stands twice in a list, or k
        is below 1.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> precision([[2, 0, 1]], csr_array([[1, 0, 1]]), k=2).tolist()
    [1.0]
    """
    hits, n_relevant = mark_hits(ranked, relevant, k)
    return where_relevant(hits.sum(axis=1) / k, n_relevant)


def recall(ranked, relevant, k):
    r"""Share of a user's relevant items that the first k places hold.

    .. math:: \frac{1}{n_u} \sum_{r=1}^{k} h_{u,r}

    The divisor is all that is relevant, so with more than k relevant items even a
    perfect list stays below 1.

    Parameters
    ----------
    ranked, relevant, k
        As in :func:`precision`, and so the errors.

    Returns
    -------
    (n_users,) array
        In [0, 1]; NaN for a user with nothing relevant.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> recall([[2, 1]], csr_array([[1, 0, 1]]), k=2).tolist()
    [0.5]
    """
    hits, n_relevant = mark_hits(ranked, relevant, k)
    return where_relevant(hits.sum(axis=1) / np.maximum(n_relevant, 1), n_relevant)


def hit_rate(ranked, relevant, k):
    r"""1 where the first k places hold any relevant item, else 0.

    .. math:: \max_{r \le k} h_{u,r}

    Parameters
    ----------
    ranked, relevant, k
        As in :func:`precision`, and so the errors.

    Returns
    -------
    (n_users,) array
        0 or 1; NaN for a user with nothing relevant. The mean over users is the rate.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> hit_rate([[1, 2]], csr_array([[1, 0, 1]]), k=2).tolist()
    [1.0]
    """
    hits, n_relevant = mark_hits(ranked, relevant, k)
    return where_relevant(hits.any(axis=1).astype(np.float64), n_relevant)


def reciprocal_rank(ranked, relevant, k):
    r"""One over the place of the first relevant item; 0 where none is in the first k.

    .. math:: \max_{r \le k} \frac{h_{u,r}}{r}

    Parameters
    ----------
    ranked, relevant, k
        As in :func:`precision`, and so the errors.

    Returns
    -------
    (n_users,) array
        In [0, 1]; NaN for a user with nothing relevant. The mean over users is MRR.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> reciprocal_rank([[1, 2, 0]], csr_array([[1, 0, 1]]), k=3).tolist()
    [0.5]
    """
    hits, n_relevant = mark_hits(ranked, relevant, k)
    first = 1.0 / (1.0 + hits.argmax(axis=1))  # argmax: the first True
    return where_relevant(np.where(hits.any(axis=1), first, 0.0), n_relevant)


def average_precision(ranked, relevant, k):
    r"""Mean of the precisions at the places of the hits.

    .. math::
        \frac{1}{\min(k, n_u)} \sum_{r=1}^{k} h_{u,r}
        \frac{\sum_{s \le r} h_{u,s}}{r}

    Parameters
    ----------
    ranked, relevant, k
        As in :func:`precision`, and so the errors.

    Returns
    -------
    (n_users,) array
        In [0, 1], exactly 1 for a perfect list; NaN for a user with nothing relevant.
        The mean over users is MAP at k.

    Notes
    -----
    The divisor is what a list of k could reach at best. Some libraries divide by all
    relevant items instead, and then a perfect list of 10 scores 0.2 for a user who
    likes 50: the two numbers share a name and cannot be compared.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> average_precision([[0, 1, 2]], csr_array([[1, 0, 1]]), k=3).round(3).tolist()
    [0.833]
    """
    hits, n_relevant = mark_hits(ranked, relevant, k)
    precision_at = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    total = np.sum(hits * precision_at, axis=1)
    return where_relevant(total / np.clip(n_relevant, 1, k), n_relevant)


def ndcg(ranked, relevant, k):
    r"""Discounted cumulative gain, divided by the best that could be had.

    .. math::
        \frac{\sum_{r=1}^{k} h_{u,r} / \log_2(r + 1)}
             {\sum_{r=1}^{\min(k, n_u)} 1 / \log_2(r + 1)}

    Parameters
    ----------
    ranked, relevant, k
        As in :func:`precision`, and so the errors.

    Returns
    -------
    (n_users,) array
        In [0, 1]; NaN for a user with nothing relevant. A perfect list has exactly
        1.0, for a user with fewer than k relevant items too.

    References
    ----------
    Järvelin and Kekäläinen (2002), Cumulated gain-based evaluation of IR techniques,
    ACM TOIS 20(4), with binary gains.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> ndcg([[2, 0, 1]], csr_array([[1, 0, 1]]), k=3).tolist()
    [1.0]
    """
    hits, n_relevant = mark_hits(ranked, relevant, k)
    best = np.clip(n_relevant, 1, k)
    discount = 1.0 / np.log2(np.arange(2, max(hits.shape[1], best.max(initial=1)) + 2))
    # Both sums are running sums from the first place down: the same additions in the
    # same order, so that a perfect list divides a number by itself.
    gained = np.cumsum(hits * discount[: hits.shape[1]], axis=1)[:, -1]
    return where_relevant(gained / np.cumsum(discount)[best - 1], n_relevant)
