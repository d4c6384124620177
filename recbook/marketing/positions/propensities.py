r"""Examination measured: from randomised swaps, and from a log of several rankers.

Both compare the *same* product at two positions, so that its attraction cancels. What
they estimate is :math:`\theta_k / \theta_1`: position 1 has 1 by definition.
"""

import numpy as np

from recbook.marketing.base import check_rows, check_yes_no
from recbook.marketing.positions.base import (
    by_lognormal,
    cells_of,
    check_log,
    check_whole,
)

__all__ = ["harvest_propensities", "swap_propensities"]


def swap_propensities(position, clicked):
    r"""Examination of each position, from lists whose first product was moved.

    In each list the product that the ranker puts first was shown at a position drawn
    at random, in exchange for the product there. The click rates of the moved product
    then differ by its position alone,

    .. math::
       \hat\theta_k = \frac{\bar c_k}{\bar c_1}, \qquad
       \mathrm{se}^2(\ln \hat\theta_k)
       = \frac{1 - \bar c_k}{n_k \bar c_k} + \frac{1 - \bar c_1}{n_1 \bar c_1} .

    The error is that of the delta method, for the logarithm; the interval is symmetric
    there. Which position a list got may not depend on the product.

    Parameters
    ----------
    position : (n,) array_like of int
        Where the ranker's first product was shown in each list, from 1.
    clicked : (n,) array_like of bool
        Whether that product was clicked.

    Returns
    -------
    Estimates
        One for each position, relative to position 1, whose error is 0.

    Raises
    ------
    ValueError
        If positions have a gap, or one has no click: its logarithm is then infinite.

    References
    ----------
    Joachims, Swaminathan and Schnabel (2017), section 5.3.

    Examples
    --------
    >>> position = [1] * 10 + [2] * 10
    >>> clicked = [1] * 8 + [0] * 2 + [1] * 4 + [0] * 6
    >>> swap_propensities(position, clicked).value.tolist()
    [1.0, 0.5]
    """
    check_rows(position=position, clicked=clicked)
    position = check_whole("position", position, low=1)
    clicked = check_yes_no("clicked", clicked, len(position))
    _, position, clicked = check_log(np.zeros(len(position)), position, clicked)
    n, clicks = np.bincount(position), np.bincount(position, clicked)
    _check_clicks(clicks)
    variance = 1 / clicks - 1 / n
    error = np.sqrt(variance + variance[0])
    error[0] = 0.0
    return by_lognormal(clicks / n / (clicks[0] / n[0]), error)


def harvest_propensities(item, position, clicked):
    r"""Examination of each position, from items that were shown at several positions.

    Rankers that took turns at random have put the same item at different positions
    (*intervention harvesting*). For two positions k and l, the items that were shown at
    both give a pooled ratio (Mantel and Haenszel's, with items as strata),

    .. math::
       \hat r_{kl} = \frac{\sum_i a_i\, \bar c_{ik}}{\sum_i a_i\, \bar c_{il}}, \qquad
       a_i = \frac{n_{ik}\, n_{il}}{n_{ik} + n_{il}} .

    All pairs are then fitted together, by least squares of :math:`\ln \hat r_{kl}` on
    :math:`\ln\theta_k - \ln\theta_l` with weights of one over their variances. The
    standard error is that of the delta method over all cells of an item at a position,
    so it knows that pairs share clicks. A cell's click rate has the variance of the
    position-based model, because a few impressions say nothing about their own.

    Parameters
    ----------
    item : (n,) array_like of int
        Codes of the items, from 0: of a product *in a list*, if the same product is
        more attractive in one list than in another.
    position : (n,) array_like of int
        Where each impression was shown, from 1.
    clicked : (n,) array_like of bool
        Whether it was clicked.

    Returns
    -------
    Estimates
        One for each position, relative to position 1, whose error is 0.

    Raises
    ------
    ValueError
        If a position shares no item with clicks with the others, so that nothing was
        harvested for it.

    References
    ----------
    Agarwal, Zaitsev, Wang, Li, Najork and Joachims (2019).

    Examples
    --------
    Item 0 was clicked 8 times of 10 at position 1, and 4 times of 10 at position 2.

    >>> position = [1] * 10 + [2] * 10
    >>> clicked = [1] * 8 + [0] * 2 + [1] * 4 + [0] * 6
    >>> harvest_propensities([0] * 20, position, clicked).value.round(12).tolist()
    [1.0, 0.5]
    """
    cells = cells_of(*check_log(item, position, clicked))
    n_positions = int(cells.position.max()) + 1
    _, row = np.unique(cells.item, return_inverse=True)
    n, rate = np.zeros((2, row.max() + 1, n_positions))
    n[row, cells.position] = cells.n
    rate[row, cells.position] = cells.clicks / cells.n
    k, m, logs, of_k, of_m = _pairs(n, rate)
    rough = rate * np.where(rate < 1, 1 - rate, 1.0) / np.maximum(n, 1)
    weight = 1 / ((of_k**2 * rough.T[k]).sum(axis=1) + (of_m**2 * rough.T[m]).sum(1))
    design = np.zeros((len(k), n_positions))
    design[np.arange(len(k)), k] = 1.0
    design[np.arange(len(k)), m] = -1.0
    design = design[:, 1:]  # ln θ of position 1 is 0
    normal = (design.T * weight) @ design
    if np.linalg.matrix_rank(normal) < n_positions - 1:
        raise ValueError(
            "position has groups that share no item with clicks: nothing links their "
            "examination; log rankers that differ, or swap at random"
        )
    solve = np.linalg.solve(normal, design.T * weight)
    theta = np.exp(np.append(0.0, solve @ logs))
    p = np.minimum(theta * ((n * rate).sum(axis=1) / (n @ theta))[:, None], 1.0)
    variance = p * (1 - p) / np.maximum(n, 1)  # of a cell's click rate
    squares = np.zeros(n_positions - 1)
    for at in range(n_positions):
        one, other = k == at, m == at
        gradient = solve[:, one] @ of_k[one] + solve[:, other] @ of_m[other]
        squares += gradient**2 @ variance[:, at]  # of ln θ, in this position's rates
    return by_lognormal(theta, np.append(0.0, np.sqrt(squares)))


def _pairs(n, rate):
    """Return the pairs of positions, ln r of each, and its slopes in both's rates."""
    found = []
    for k in range(n.shape[1]):
        for m in range(k):
            a = n[:, k] * n[:, m] / np.maximum(n[:, k] + n[:, m], 1)
            upper, lower = a @ rate[:, m], a @ rate[:, k]
            if upper > 0 and lower > 0:
                found.append((k, m, np.log(lower / upper), a / lower, -a / upper))
    if not found:
        raise ValueError(
            "item has no item with clicks at two positions: nothing can be harvested; "
            "log rankers that differ, or swap at random"
        )
    return map(np.array, zip(*found, strict=True))


def _check_clicks(clicks):
    """Raise where a position was never clicked."""
    if not clicks.all():
        k = int((clicks == 0).argmax()) + 1
        raise ValueError(
            f"position {k} has no click, so its ratio has no error: show more lists, "
            "or leave these rows out"
        )
