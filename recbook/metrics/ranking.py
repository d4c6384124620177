"""Ranking metrics of each user's list: precision, recall, nDCG and others."""

import numpy as np
from scipy import sparse

from recbook._core.arrays import check_array
from recbook._core.jit import njit
from recbook._core.validate import check_k, check_positive_int

__all__ = [
    "average_precision",
    "check_lists",
    "hit_rate",
    "list_counts",
    "mark_hits",
    "ndcg",
    "precision",
    "recall",
    "reciprocal_rank",
    "where_relevant",
]


def precision(ranked, relevant, k) -> np.ndarray:
    r"""Return the share of the first k positions with a relevant item, for each user.

    .. math:: \frac{1}{k} \sum_{r=1}^{k} h_{u,r}

    :math:`h_{u,r}` is 1 if the item at position r is relevant, else 0. The divisor is
    always k, also if the list or the set of relevant items is shorter.

    Parameters
    ----------
    ranked : (n_users, ≥ k) int array
        Lists of item codes, best first. -1 is padding.
    relevant : (n_users, n_items) sparse matrix
        Non-zero where the item is relevant.
    k : int
        Number of positions that count.

    Returns
    -------
    (n_users,) float64 array
        In [0, 1]. NaN for a user without relevant items.

    Raises
    ------
    ValueError
        If the numbers of users differ, a code is no integer or out of range, an item is
        twice in a list, ``relevant`` holds NaN, or k is below 1 or above the number of
        items (or 1000 if that is more).

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> precision([[2, 0, 1]], csr_array([[1, 0, 1]]), k=2).tolist()
    [1.0]
    """
    hits, n_relevant = mark_hits(ranked, relevant, k)
    return where_relevant(hits.sum(axis=1) / k, n_relevant)


def recall(ranked, relevant, k) -> np.ndarray:
    r"""Return the share of a user's relevant items that the first k positions hold.

    .. math:: \frac{1}{n_u} \sum_{r=1}^{k} h_{u,r}

    :math:`h_{u,r}` is 1 if the item at position r is relevant, else 0, and :math:`n_u`
    is the number of relevant items. With more than k relevant items even a perfect list
    stays below 1.

    Parameters
    ----------
    ranked, relevant, k
        As in :func:`~recbook.metrics.precision`, which raises the same errors.

    Returns
    -------
    (n_users,) float64 array
        In [0, 1]. NaN for a user without relevant items.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> recall([[2, 1]], csr_array([[1, 0, 1]]), k=2).tolist()
    [0.5]
    """
    hits, n_relevant = mark_hits(ranked, relevant, k)
    return where_relevant(hits.sum(axis=1) / np.maximum(n_relevant, 1), n_relevant)


def hit_rate(ranked, relevant, k) -> np.ndarray:
    r"""Return 1 for each user whose first k positions hold a relevant item, else 0.

    .. math:: \max_{r \le k} h_{u,r}

    :math:`h_{u,r}` is 1 if the item at position r is relevant, else 0.

    Parameters
    ----------
    ranked, relevant, k
        As in :func:`~recbook.metrics.precision`, which raises the same errors.

    Returns
    -------
    (n_users,) float64 array
        0 or 1. NaN for a user without relevant items. The mean over the other users is
        the hit rate.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> hit_rate([[1, 2]], csr_array([[1, 0, 1]]), k=2).tolist()
    [1.0]
    """
    hits, n_relevant = mark_hits(ranked, relevant, k)
    return where_relevant(hits.any(axis=1).astype(np.float64), n_relevant)


def reciprocal_rank(ranked, relevant, k) -> np.ndarray:
    r"""Return one over the position of the first relevant item, for each user.

    .. math:: \max_{r \le k} \frac{h_{u,r}}{r}

    :math:`h_{u,r}` is 1 if the item at position r is relevant, else 0.

    Parameters
    ----------
    ranked, relevant, k
        As in :func:`~recbook.metrics.precision`, which raises the same errors.

    Returns
    -------
    (n_users,) float64 array
        In [0, 1]. 0 if the first k positions hold no relevant item, NaN for a user
        without relevant items. The mean over the other users is MRR.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> reciprocal_rank([[1, 2, 0]], csr_array([[1, 0, 1]]), k=3).tolist()
    [0.5]
    """
    hits, n_relevant = mark_hits(ranked, relevant, k)
    first = 1.0 / (1.0 + hits.argmax(axis=1))  # argmax: the first True
    return where_relevant(np.where(hits.any(axis=1), first, 0.0), n_relevant)


def average_precision(ranked, relevant, k) -> np.ndarray:
    r"""Return the mean of the precisions at the positions of the hits, for each user.

    .. math::
        \frac{1}{\min(k, n_u)} \sum_{r=1}^{k} h_{u,r}
        \frac{\sum_{s \le r} h_{u,s}}{r}

    :math:`h_{u,r}` is 1 if the item at position r is relevant, else 0, and :math:`n_u`
    is the number of relevant items.

    Parameters
    ----------
    ranked, relevant, k
        As in :func:`~recbook.metrics.precision`, which raises the same errors.

    Returns
    -------
    (n_users,) float64 array
        In [0, 1], and exactly 1 for a perfect list. NaN for a user without relevant
        items. The mean over the other users is MAP at k.

    Notes
    -----
    The divisor is the largest number of hits that a list of k can have. Some libraries
    divide by the number of all relevant items. Then a perfect list of 10 scores 0.2 for
    a user with 50 relevant items, so the two numbers cannot be compared.

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


def ndcg(ranked, relevant, k) -> np.ndarray:
    r"""Return each user's discounted cumulative gain, as a share of the best possible.

    .. math::
        \frac{\sum_{r=1}^{k} h_{u,r} / \log_2(r + 1)}
             {\sum_{r=1}^{\min(k, n_u)} 1 / \log_2(r + 1)}

    :math:`h_{u,r}` is 1 if the item at position r is relevant, else 0, and :math:`n_u`
    is the number of relevant items.

    Parameters
    ----------
    ranked, relevant, k
        As in :func:`~recbook.metrics.precision`, which raises the same errors.

    Returns
    -------
    (n_users,) float64 array
        In [0, 1], and exactly 1 for a perfect list, also with fewer than k relevant
        items. NaN for a user without relevant items.

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
    # Both sums add the same numbers in the same order, so that a perfect list divides
    # a number by itself.
    gained = np.cumsum(hits * discount[: hits.shape[1]], axis=1)[:, -1]
    return where_relevant(gained / np.cumsum(discount)[best - 1], n_relevant)


def mark_hits(ranked, relevant, k):
    """Mark the hits among the first k positions, and count each user's relevant items.

    Returns ``hits`` (n_users, min(k, width)) bool and ``n_relevant`` (n_users,) int.
    """
    relevant = _relevant(relevant)
    check_k(k, relevant.shape[1])
    ranked = _integers(ranked)[:, :k]
    n_users, n_items = relevant.shape
    if len(ranked) != n_users:
        raise ValueError(
            f"ranked has {len(ranked)} rows and relevant {n_users}: give both the "
            "same users in the same order"
        )
    hits = np.zeros(ranked.shape, dtype=np.bool_)
    n_relevant = np.zeros(n_users, dtype=np.int64)
    bad = _mark(
        ranked, relevant.indptr, relevant.indices, relevant.data != 0, n_items, hits,
        n_relevant,
    )  # fmt: skip
    _refuse(bad, ranked, n_items)
    return hits, n_relevant


def where_relevant(values, n_relevant):
    """Return ``values`` with NaN for the users without relevant items."""
    return np.where(n_relevant > 0, values, np.nan)


def check_lists(ranked, n_items):
    """Return the checked lists, for the metrics that need no relevance."""
    n_items = check_positive_int("n_items", n_items)
    ranked = _integers(ranked)
    empty = sparse.csr_array((len(ranked), n_items))
    mark_hits(ranked, empty, ranked.shape[1])
    return ranked


def list_counts(ranked, n_items):
    """Return the number of lists that each item appears in, (n_items,) int."""
    ranked = check_lists(ranked, n_items)
    counts = np.bincount(ranked[ranked >= 0], minlength=n_items)
    return counts.astype(np.int64, copy=False)  # products of them are summed


def _relevant(relevant):
    """Return the relevant items as a csr matrix without duplicate entries."""
    if not sparse.issparse(relevant):
        relevant = check_array("relevant", relevant)
        if relevant.ndim != 2:
            raise ValueError(
                "relevant must be a (n_users, n_items) sparse matrix; got "
                f"{relevant.ndim} dimension(s)"
            )
    if relevant.dtype.kind not in "buif":  # bool, integer, real
        raise ValueError(
            f"relevant must hold real numbers or bools, got dtype {relevant.dtype}"
        )
    # Converted first, because duplicate entries are summed, which int8 would overflow.
    relevant = relevant.astype(np.float64, copy=False)
    if not sparse.issparse(relevant):
        relevant = sparse.csr_array(relevant)
    relevant = relevant.tocsr()
    if np.isnan(relevant.data).any():
        raise ValueError("relevant holds NaN: an item is relevant or it is not")
    if not relevant.has_canonical_format:
        relevant = relevant.copy()
        relevant.sum_duplicates()
    return relevant


def _integers(ranked):
    """Return ``ranked`` as a 2-d int64 array with at least one column."""
    ranked = check_array("ranked", ranked)
    if ranked.ndim != 2 or ranked.shape[1] == 0:
        raise ValueError(
            "ranked must be a (n_users, at least 1) array, a list a row; got shape "
            f"{ranked.shape}"
        )
    if ranked.dtype.kind not in "iu":
        raise ValueError(f"ranked must hold integer item codes; got {ranked.dtype}")
    # A kernel would be compiled again for an array that may not be written to.
    return np.require(ranked, np.int64, ["W"])


@njit(cache=True)
def _mark(ranked, indptr, indices, nonzero, n_items, hits, n_relevant):
    """Fill ``hits`` and ``n_relevant``; return the position of the first error, or -1.

    Each item has one stamp that every user renews, in position of a set per user:
    ``wanted[i] == u`` means relevant to u, ``seen[i] == u`` that u's list already has
    i.
    """
    wanted = np.full(n_items, -1, dtype=np.int64)
    seen = np.full(n_items, -1, dtype=np.int64)
    width = ranked.shape[1]
    for u in range(ranked.shape[0]):
        for entry in range(indptr[u], indptr[u + 1]):
            if nonzero[entry]:
                wanted[indices[entry]] = u
                n_relevant[u] += 1
        for position in range(width):
            item = ranked[u, position]
            if item == -1:
                continue
            if item < -1 or item >= n_items or seen[item] == u:
                return u * width + position
            seen[item] = u
            hits[u, position] = wanted[item] == u
    return -1


def _refuse(bad, ranked, n_items):
    """Raise a ValueError that says what is wrong at ``bad``, if anything is."""
    if bad < 0:
        return
    user, position = divmod(bad, ranked.shape[1])
    item = ranked[user, position]
    if -1 <= item < n_items:
        raise ValueError(
            f"ranked holds item {item} twice in row {user}, again at position "
            f"{position}: a list shows an item once"
        )
    raise ValueError(
        f"ranked holds {item} in row {user} at position {position}: codes run from 0 "
        f"to {n_items - 1}, and -1 pads"
    )
