r"""Clicks counted as if every position had been looked at alike.

Both functions take the examination as known. Where it is wrong, or where a click has
other reasons than attraction (trust in the top of a list), so are the results.
"""

import numpy as np

from recbook._core.validate import check_number
from recbook.marketing.base import check_values
from recbook.marketing.positions.base import by_lognormal, check_log

__all__ = ["clicks_over_expected", "ips_attraction"]


def _log_of(item, position, clicked, examination):
    """Return a checked log, and the examination of each of its rows."""
    item, position, clicked = check_log(item, position, clicked)
    examination = check_values("examination", examination, above=0)
    if len(examination) <= position.max():
        raise ValueError(
            f"examination has {len(examination)} positions, but position has "
            f"{position.max() + 1}: give one number for each"
        )
    return item, clicked, examination[position]


def ips_attraction(item, position, clicked, examination, clip=None):
    r"""Attraction of each item, each click weighted by one over its examination.

    .. math::
       \hat\gamma_i = \frac1{n_i} \sum_{t : i_t = i} \frac{c_t}{\theta_{k_t}}, \qquad
       \mathrm{se}_i = \frac{s_i(c_t / \theta_{k_t})}{\sqrt{n_i}}

    A click at a position that one visitor in ten looks at counts as ten: the other
    nine did not see the item. Under the position-based model this is unbiased,
    :math:`\mathbb{E}[c / \theta_k] = \gamma`, for any rule that placed the items. Its
    variance grows with :math:`1/\theta_k`.

    Parameters
    ----------
    item, position, clicked : (n,) array_like
        Codes of items from 0, positions from 1, and whether there was a click.
    examination : (K,) array_like
        :math:`\theta_k`, above 0, relative to position 1.
    clip : float, optional
        The largest weight of a click. Smaller variance; items from low positions then
        come out too small.

    Returns
    -------
    Estimates
        One for each code up to the largest. An item without an impression, or without
        a click, has 0 with an error of 0; an item with one impression has an error
        of 0.

    Raises
    ------
    ValueError
        If a position has no examination, or clip is not above 0.

    References
    ----------
    Joachims, Swaminathan and Schnabel (2017).

    Examples
    --------
    >>> ips_attraction([0, 0, 1, 1], [1, 1, 2, 2], [1, 0, 1, 0], [1.0, 0.5]).value
    array([0.5, 1. ])
    """
    item, clicked, seen = _log_of(item, position, clicked, examination)
    weight = clicked / seen
    if clip is not None:
        weight = np.minimum(weight, check_number("clip", clip, above=0))
    n = np.maximum(np.bincount(item), 1)
    mean = np.bincount(item, weight) / n
    squares = np.bincount(item, (weight - mean[item]) ** 2)
    error = np.sqrt(squares / np.maximum(n - 1, 1) / n)
    return by_lognormal(mean, error / np.where(mean > 0, mean, 1.0))


def clicks_over_expected(item, position, clicked, examination):
    r"""Attraction of each item: its clicks over the times that it was looked at.

    .. math::
       \hat\gamma_i = \frac{\sum_t c_t}{\sum_t \theta_{k_t}}, \qquad
       \mathrm{se}_i^2 =
       \frac{\sum_t \theta_{k_t} \hat\gamma_i (1 - \theta_{k_t} \hat\gamma_i)}
            {(\sum_t \theta_{k_t})^2}

    The trade's COEC, "clicks over expected clicks". There the clicks are often expected
    by the click rate of each position, which is biased unless products were placed at
    random; here by its examination. It weights an item's impressions by how much they
    say, so its variance is never above that of inverse propensities as long as clicks
    are rare. It wants the item to be equally attractive in all of them.

    Parameters
    ----------
    item, position, clicked : (n,) array_like
        Codes of items from 0, positions from 1, and whether there was a click.
    examination : (K,) array_like
        :math:`\theta_k`, above 0, relative to position 1.

    Returns
    -------
    Estimates
        One for each code up to the largest. An item without an impression, or without
        a click, has 0 with an error of 0.

    Raises
    ------
    ValueError
        If a position has no examination.

    Examples
    --------
    >>> log = [0, 0, 0], [1, 2, 2], [1, 0, 0]
    >>> clicks_over_expected(*log, [1.0, 0.5]).value.tolist()
    [0.5]
    """
    item, clicked, seen = _log_of(item, position, clicked, examination)
    expected = np.bincount(item, seen)
    expected[expected == 0] = 1.0  # an item without an impression has no click either
    value = np.bincount(item, clicked) / expected
    p = np.minimum(seen * value[item], 1.0)
    error = np.sqrt(np.bincount(item, p * (1 - p))) / expected
    return by_lognormal(value, error / np.where(value > 0, value, 1.0))
