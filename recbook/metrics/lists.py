"""Metrics of the lists alone, without relevance."""

import numpy as np
from scipy import sparse

from recbook._core.arrays import check_reals
from recbook.metrics.ranking import check_lists, list_counts

__all__ = ["coverage", "diversity", "gini", "novelty"]


def coverage(ranked, n_items) -> float:
    r"""Return the share of the catalogue that appears in at least one list.

    .. math:: \frac{|\bigcup_u L_u|}{n_{items}}

    :math:`L_u` is the list of user u.

    Parameters
    ----------
    ranked : (n_users, k) int array
        Lists of item codes. All k positions count. -1 is padding.
    n_items : int
        Number of items in the catalogue.

    Returns
    -------
    float
        In [0, 1]. 0 if nothing is recommended.

    Raises
    ------
    ValueError
        If a code is out of range, an item is twice in a list, or n_items is below 1.

    Examples
    --------
    >>> coverage([[0, 1], [0, -1]], n_items=4)
    0.5
    """
    return float(np.count_nonzero(list_counts(ranked, n_items)) / n_items)


def gini(ranked, n_items) -> float:
    r"""Return the Gini coefficient of how often each item is recommended.

    .. math:: \frac{\sum_{j=1}^{n} (2j - n - 1) \, c_{(j)}}{n \sum_{j} c_{(j)}}

    :math:`c_{(1)} \le \dots \le c_{(n)}` are the sorted numbers of lists that each of
    the :math:`n` items of the catalogue appears in.

    Parameters
    ----------
    ranked : (n_users, k) int array
        Lists of item codes. All k positions count. -1 is padding.
    n_items : int
        Number :math:`n` of items in the catalogue, recommended or not.

    Returns
    -------
    float
        0 if all items are recommended equally often, (n - 1)/n if one item is the only
        one recommended, NaN if nothing is recommended.

    Raises
    ------
    ValueError
        As in :func:`~recbook.metrics.coverage`.

    Examples
    --------
    >>> gini([[0], [0]], n_items=4)
    0.75
    """
    counts = np.sort(list_counts(ranked, n_items))
    if counts[-1] == 0:
        return float("nan")
    weights = 2 * np.arange(1, n_items + 1) - n_items - 1
    return float(weights @ counts / (n_items * counts.sum()))


def novelty(ranked, popularity) -> float:
    r"""Return the mean surprise of a recommended item, in bits.

    .. math:: -\frac{1}{|L|} \sum_{i \in L} \log_2 \frac{c_i}{\sum_j c_j}

    The mean is over the filled positions :math:`L` of all lists, and :math:`c_i` is the
    popularity of item i.

    Parameters
    ----------
    ranked : (n_users, k) int array
        Lists of item codes. All k positions count. -1 is padding.
    popularity : (n_items,) array
        How often each item was chosen, :math:`c_i`, as counts or shares. The scale does
        not matter. An item that was never chosen counts like the rarest chosen item,
        because its surprise would be infinite.

    Returns
    -------
    float
        At least 0. One more bit means half as popular. NaN if nothing is recommended.

    Raises
    ------
    ValueError
        If popularity is not a 1-d array of finite numbers ≥ 0 with a positive sum, or a
        list is invalid as in :func:`~recbook.metrics.coverage`.

    References
    ----------
    Castells, Hurley and Vargas (2022), Novelty and diversity in recommender systems,
    in: Recommender Systems Handbook (the "free discovery" form).

    Examples
    --------
    >>> novelty([[0], [1]], popularity=[2, 1, 1])
    1.5
    """
    popularity = check_reals("popularity", popularity)
    if popularity.ndim != 1 or not np.all(np.isfinite(popularity) & (popularity >= 0)):
        raise ValueError(
            "popularity must be a 1-d array of finite numbers, none negative; got "
            f"shape {popularity.shape}, values {popularity!r}"
        )
    if not popularity.sum() > 0:
        raise ValueError(
            "popularity has sum 0: at least one item must have been chosen"
        )
    counts = list_counts(ranked, popularity.size)
    if counts.sum() == 0:
        return float("nan")
    rarest = popularity[popularity > 0].min()
    bits = np.log2(popularity.sum()) - np.log2(np.maximum(popularity, rarest))
    return float(counts @ bits / counts.sum())


def diversity(ranked, item_similarity) -> float:
    r"""Return the mean dissimilarity between two items of the same list.

    .. math::
        \frac{1}{|U|} \sum_{u \in U} \frac{1}{|L_u| (|L_u| - 1)}
        \sum_{i \ne j \in L_u} (1 - s_{ij})

    The mean is over all pairs of a list :math:`L_u`, and then over the users :math:`U`
    whose list has at least two items.

    Parameters
    ----------
    ranked : (n_users, k) int array
        Lists of item codes. All k positions count. -1 is padding.
    item_similarity : (n_items, n_items) array
        Similarities :math:`s_{ij}`. The diagonal is ignored.

    Returns
    -------
    float
        0 if the items of each list are all alike, 1 if they are unrelated, and up to 2
        if they are opposite. NaN if no list has two items.

    Raises
    ------
    ValueError
        If item_similarity is not square and finite, or a list is invalid as in
        :func:`~recbook.metrics.coverage`.

    References
    ----------
    Smyth and McClave (2001), Similarity vs. diversity, ICCBR.

    Examples
    --------
    >>> diversity([[0, 1]], [[1.0, 0.25], [0.25, 1.0]])
    0.75
    """
    if sparse.issparse(item_similarity):
        item_similarity = item_similarity.toarray()
    S = check_reals("item_similarity", item_similarity)
    if S.ndim != 2 or S.shape[0] != S.shape[1] or not np.all(np.isfinite(S)):
        raise ValueError(
            "item_similarity must be a square array of finite numbers, n_items by "
            f"n_items; got shape {S.shape}, {np.sum(~np.isfinite(S))} not finite"
        )
    ranked = check_lists(ranked, len(S))
    total = np.zeros(len(ranked))
    n_pairs = np.zeros(len(ranked), dtype=np.int64)
    # One distance between positions per step, so that memory stays that of the lists.
    for step in range(1, ranked.shape[1]):
        i, j = ranked[:, :-step], ranked[:, step:]
        both = (i >= 0) & (j >= 0)
        total += np.where(both, 1.0 - (S[i, j] + S[j, i]) / 2, 0.0).sum(axis=1)
        n_pairs += both.sum(axis=1)
    paired = n_pairs > 0
    return float(np.mean(total[paired] / n_pairs[paired])) if paired.any() else np.nan
