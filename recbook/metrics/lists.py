"""Metrics of the lists alone, whoever liked what."""

import numpy as np
from scipy import sparse

from recbook.metrics.ranking import check_lists, list_counts

__all__ = ["coverage", "diversity", "gini", "novelty"]


def coverage(ranked, n_items):
    r"""Share of the catalogue that stands in at least one list.

    .. math:: \frac{|\bigcup_u L_u|}{n_{items}}

    Parameters
    ----------
    ranked : (n_users, k) int array
        The lists :math:`L_u`, whole; -1 pads.
    n_items : int
        Number of items in the catalogue, recommended or not.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        A code is out of range, an item stands twice in a list, or n_items is below 1.

    Examples
    --------
    >>> coverage([[0, 1], [0, -1]], n_items=4)
    0.5
    """
    return float(np.count_nonzero(list_counts(ranked, n_items)) / n_items)


def gini(ranked, n_items):
    r"""Gini coefficient of how often each item is recommended.

    .. math:: \frac{\sum_{j=1}^{n} (2j - n - 1) \, c_{(j)}}{n \sum_{j} c_{(j)}}

    where :math:`c_{(1)} \le \dots \le c_{(n)}` count in how many lists each of the
    :math:`n` items of the catalogue stands.

    Parameters
    ----------
    ranked : (n_users, k) int array
        The lists, whole; -1 pads.
    n_items : int
        Number :math:`n` of items in the catalogue, recommended or not.

    Returns
    -------
    float
        0 where all items are recommended equally often, (n - 1)/n where one item fills
        every list. NaN where nothing is recommended.

    Raises
    ------
    ValueError
        As in :func:`coverage`.

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


def novelty(ranked, popularity):
    r"""Mean surprise of a recommended item, in bits.

    .. math:: -\frac{1}{|L|} \sum_{i \in L} \log_2 \frac{c_i}{\sum_j c_j}

    The sum runs over every filled place :math:`L` of all lists.

    Parameters
    ----------
    ranked : (n_users, k) int array
        The lists, whole; -1 pads.
    popularity : (n_items,) array
        How often each item was chosen, :math:`c_i`: counts or shares, the scale
        cancels. An item that nobody chose counts like the rarest chosen one, because
        its surprise would be infinite.

    Returns
    -------
    float
        At least 0; one more bit is half as popular. NaN where nothing is recommended.

    Raises
    ------
    ValueError
        popularity is not a 1-d array of finite numbers ≥ 0 with a positive sum, or a
        list is faulty as in :func:`coverage`.

    References
    ----------
    Castells, Hurley and Vargas (2022), Novelty and diversity in recommender systems,
    in: Recommender Systems Handbook (the "free discovery" form).

    Examples
    --------
    >>> novelty([[0], [1]], popularity=[2, 1, 1])
    1.5
    """
    popularity = np.asarray(popularity, dtype=np.float64)
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


def diversity(ranked, item_similarity):
    r"""Mean dissimilarity between two items of one list.

    .. math::
        \frac{1}{|U|} \sum_{u \in U} \frac{1}{|L_u| (|L_u| - 1)}
        \sum_{i \ne j \in L_u} (1 - s_{ij})

    :math:`U` are the users whose list :math:`L_u` has at least two items.

    Parameters
    ----------
    ranked : (n_users, k) int array
        The lists, whole; -1 pads.
    item_similarity : (n_items, n_items) array
        Similarities :math:`s_{ij}`; the diagonal plays no part.

    Returns
    -------
    float
        0 where the items of a list are all alike, 1 where they are unrelated, up to 2
        where opposite. NaN where no list has two items.

    Raises
    ------
    ValueError
        item_similarity is not square and finite, or a list is faulty as in
        :func:`coverage`.

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
    S = np.asarray(item_similarity, dtype=np.float64)
    if S.ndim != 2 or S.shape[0] != S.shape[1] or not np.all(np.isfinite(S)):
        raise ValueError(
            "item_similarity must be a square array of finite numbers, n_items by "
            f"n_items; got shape {S.shape}, {np.sum(~np.isfinite(S))} not finite"
        )
    ranked = check_lists(ranked, len(S))
    total = np.zeros(len(ranked))
    n_pairs = np.zeros(len(ranked), dtype=np.int64)
    # One distance between places at a time: memory stays that of the lists.
    for step in range(1, ranked.shape[1]):
        i, j = ranked[:, :-step], ranked[:, step:]
        both = (i >= 0) & (j >= 0)
        total += np.where(both, 1.0 - (S[i, j] + S[j, i]) / 2, 0.0).sum(axis=1)
        n_pairs += both.sum(axis=1)
    paired = n_pairs > 0
    return float(np.mean(total[paired] / n_pairs[paired])) if paired.any() else np.nan
