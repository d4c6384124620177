"""Where a ranked list hits: the step that all ranking metrics share."""

import numpy as np
from scipy import sparse

from recbook._jit import njit
from recbook._validate import check_positive_int

__all__ = ["check_lists", "list_counts", "mark_hits", "where_relevant"]


def where_relevant(values, n_relevant):
    """NaN for the users who have nothing relevant."""
    return np.where(n_relevant > 0, values, np.nan)


def mark_hits(ranked, relevant, k):
    """Mark the hits among the first k places, and count each user's relevant items.

    Returns ``hits`` (n_users, min(k, width)) bool and ``n_relevant`` (n_users,) int.
    """
    check_positive_int("k", k)
    relevant = _relevant(relevant)
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


def _relevant(relevant):
    """Relevant items as a csr matrix without doubled entries."""
    if not sparse.issparse(relevant):
        relevant = np.asarray(relevant)
        if relevant.ndim != 2:
            raise ValueError(
                "relevant must be a (n_users, n_items) sparse matrix; got "
                f"{relevant.ndim} dimension(s)"
            )
        relevant = sparse.csr_array(relevant)
    relevant = relevant.tocsr()
    if np.isnan(relevant.data).any():
        raise ValueError("relevant holds NaN: an item is relevant or it is not")
    if not relevant.has_canonical_format:
        relevant = relevant.copy()
        relevant.sum_duplicates()
    return relevant


def _integers(ranked):
    """``ranked`` as a 2-d int64 array with at least one column."""
    ranked = np.asarray(ranked)
    if ranked.ndim != 2 or ranked.shape[1] == 0:
        raise ValueError(
            "ranked must be a (n_users, at least 1) array, a list a row; got shape "
            f"{ranked.shape}"
        )
    if not np.issubdtype(ranked.dtype, np.integer):
        raise ValueError(f"ranked must hold integer item codes; got {ranked.dtype}")
    return ranked.astype(np.int64, copy=False)


def check_lists(ranked, n_items):
    """Checked whole lists, for the metrics that need no relevance."""
    n_items = check_positive_int("n_items", n_items)
    ranked = _integers(ranked)
    empty = sparse.csr_array((len(ranked), n_items))
    mark_hits(ranked, empty, ranked.shape[1])
    return ranked


def list_counts(ranked, n_items):
    """In how many lists each item stands, (n_items,) int."""
    ranked = check_lists(ranked, n_items)
    return np.bincount(ranked[ranked >= 0], minlength=n_items)


@njit(cache=True)
def _mark(ranked, indptr, indices, nonzero, n_items, hits, n_relevant):
    """Fill ``hits`` and ``n_relevant``; return the place of the first fault, or -1.

    One stamp an item, renewed by each user, stands in for a set of the user's items:
    u in ``wanted`` says relevant to u, u in ``seen`` that u's list holds it already.
    """
    wanted = np.full(n_items, -1, dtype=np.int64)
    seen = np.full(n_items, -1, dtype=np.int64)
    width = ranked.shape[1]
    for u in range(ranked.shape[0]):
        for entry in range(indptr[u], indptr[u + 1]):
            if nonzero[entry]:
                wanted[indices[entry]] = u
                n_relevant[u] += 1
        for place in range(width):
            item = ranked[u, place]
            if item == -1:
                continue
            if item < -1 or item >= n_items or seen[item] == u:
                return u * width + place
            seen[item] = u
            hits[u, place] = wanted[item] == u
    return -1


def _refuse(bad, ranked, n_items):
    """Say what is wrong with the item at place ``bad``, if anything is."""
    if bad < 0:
        return
    user, place = divmod(bad, ranked.shape[1])
    item = ranked[user, place]
    if -1 <= item < n_items:
        raise ValueError(
            f"ranked holds item {item} twice in row {user}, again at place {place}: "
            "a list shows an item once"
        )
    raise ValueError(
        f"ranked holds {item} in row {user} at place {place}: codes run from 0 to "
        f"{n_items - 1}, and -1 pads"
    )
