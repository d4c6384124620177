"""Fairness: who is seen in ranked lists, and lists with a floor for each group."""

import numpy as np

from recbook._core.arrays import check_array
from recbook._core.validate import check_number, check_positive_int
from recbook.marketing.base import check_values, check_weights
from recbook.metrics.ranking import check_lists

__all__ = ["exposure", "with_floor"]

ROUNDING = 1e-9  # .29 of 100 positions are 29, although .29 * 100 is a little less


def exposure(ranked, n_items, weights=None):
    r"""Return each item's share of the attention that lists get.

    .. math::
       E_i = \frac{\sum_u \sum_{j : i\ \text{at position}\ j\ \text{of}\ u} w_j}
                  {\sum_u \sum_j w_j}, \qquad w_j = \frac{1}{\log_2 (1 + j)}

    The weights say how much of a reader's attention reaches position j; these are those
    of nDCG. Take clicks by position instead where there are any.

    Parameters
    ----------
    ranked : (n_lists, k) int array_like
        Lists of item codes, the best first. -1 is padding.
    n_items : int
        Number of items in the catalogue, shown or not.
    weights : (k,) array_like, optional
        Attention of each position, at least 0 and not all 0.

    Returns
    -------
    (n_items,) float array
        Sums to 1; all zeros where the lists show nothing.

    Raises
    ------
    ValueError
        If a code is no item, or a weight negative, and where not all positions have
        one.

    References
    ----------
    Singh and Joachims (2018).

    Examples
    --------
    Two positions of weight 1 and .5: item 0 is on top twice, 1 and 2 below it once
    each.

    >>> exposure([[0, 1], [0, 2]], 4, weights=[1, 0.5]).round(3).tolist()
    [0.667, 0.167, 0.167, 0.0]
    """
    ranked = check_lists(ranked, n_items)
    k = ranked.shape[1]
    if weights is None:
        weights = 1 / np.log2(np.arange(2, k + 2))
    weights = np.broadcast_to(check_weights(weights, k), ranked.shape)
    shown = ranked >= 0
    total = np.bincount(ranked[shown], weights[shown], minlength=n_items)
    whole = total.sum()
    return total / whole if whole else total


def with_floor(scores, groups, floor, k):
    r"""Rank the k best so that no group falls below its floor in any beginning.

    Among the first p positions, for every p up to k, group g has at least

    .. math:: m_g(p) = \lfloor f_g\, p \rfloor

    of them. Each position goes to the best that is left, unless then some floor could
    no longer be met: in that case to the best of the groups that the nearest such floor
    waits for. Of all rankings within the floors, none has a higher sum of scores, nor
    one discounted by position.

    In a list on a page the order counts. For letters, only who is chosen does.

    Parameters
    ----------
    scores : (n,) array_like
        The higher, the better. Ties go to the lower row.
    groups : (n,) array_like
        The group of each row: text, whole numbers or bools.
    floor : dict
        Group -> share of positions f_g, from 0 to 1, together at most 1. Groups without
        an entry have no floor.
    k : int
        Places, at most n.

    Returns
    -------
    (k,) int array
        Rows, the first position first. Without a floor these are the k best.

    Raises
    ------
    ValueError
        If the floors are together above 1, a group is not there or has fewer members
        than its floor asks for, and for scores that are not finite.

    References
    ----------
    Zehlike et al. (2017), for one group and a floor with a margin; Singh and Joachims
    (2018), for floors on exposure.

    Examples
    --------
    The best three are all of group "a". With a floor of one half for "b", every second
    position is theirs.

    >>> scores, groups = [9, 8, 7, 6, 5], ["a", "a", "a", "b", "b"]
    >>> with_floor(scores, groups, {"b": 0.5}, 4).tolist()
    [0, 3, 1, 4]
    """
    scores = check_values("scores", scores)
    k = check_positive_int("k", k)
    if k > len(scores):
        raise ValueError(f"k is {k}, but there are {len(scores)} rows to choose from")
    group, need = _floors(groups, floor, len(scores), k)
    order = np.argsort(-scores, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    queues = [order[group[order] == g].tolist()[::-1] for g in range(len(need))]
    have = np.zeros((len(need), 1), dtype=np.int64)
    chosen = np.empty(k, dtype=np.int64)
    for p in range(k):
        open_to = _open_to(need[:, p:] - have)
        g = min(
            (g for g in np.flatnonzero(open_to) if queues[g]),
            key=lambda g: rank[queues[g][-1]],
        )
        chosen[p] = queues[g].pop()
        have[g] += 1
    return chosen


def _open_to(missing):
    """Return which groups may have the next position, given what each misses by each.

    By column j, counted from 0, there are j positions after the next one. Where the
    floors need more than these, the next position is for the groups that miss something
    there.
    """
    needed = np.maximum(missing, 0).sum(axis=0)
    tight = needed > np.arange(len(needed))
    if tight.any():
        return missing[:, tight.argmax()] > 0
    return np.ones(len(missing), dtype=bool)


def _floors(groups, floor, n, k):
    """Return each row's group as a number, and what a group needs by each position."""
    labels = check_array("groups", groups, what="a flat list of labels")
    if labels.ndim != 1 or len(labels) != n:
        raise ValueError(
            f"groups has shape {labels.shape}, but there are {n} scores: give the "
            "group of each row"
        )
    if not hasattr(floor, "items"):
        raise ValueError(f"floor must be a dict, group -> share, got {floor!r}")
    group = np.full(n, len(floor))
    need = np.zeros((len(floor) + 1, k), dtype=np.int64)
    for g, (label, share) in enumerate(floor.items()):
        share = check_number(f"floor[{label!r}]", share, 0, 1)
        members = labels == label
        group[members] = g
        need[g] = np.floor(share * np.arange(1, k + 1) + ROUNDING)
        if need[g, -1] > np.count_nonzero(members):
            raise ValueError(
                f"floor[{label!r}] asks for {need[g, -1]} of {k} positions, but groups "
                f"has {np.count_nonzero(members)} of {label!r}"
            )
    if sum(floor.values()) > 1 + ROUNDING:
        raise ValueError(
            f"the floors are together {sum(floor.values()):.4g}: they share the "
            "positions, so at most 1"
        )
    return group, need
