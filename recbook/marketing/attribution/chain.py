r"""Paths as walks of a Markov chain, and what is lost where a channel is taken out.

States are the start, the channels, and two ends: an order, or none. With Q the chances
of a step between channels, s those from the start and r those of a step from a channel
to an order, the matrix :math:`N = (I - Q)^{-1}` has the expected visits.
"""

import numpy as np
import pandas as pd

from recbook.marketing.attribution.touches import check_paths

__all__ = ["markov", "removal_effects", "transitions"]

START, ORDER, NONE = "(start)", "(order)", "(none)"


def transitions(paths, converted):
    r"""Return the shares of steps from each state to each other.

    .. math:: p_{ij} = \frac{\text{steps from } i \text{ to } j}{\text{steps from } i}

    Parameters
    ----------
    paths, converted
        As for :func:`~recbook.marketing.attribution.last_click`. Empty paths are left
        out.

    Returns
    -------
    DataFrame
        Rows ``(start)`` and the channels; columns the channels, ``(order)`` and
        ``(none)``. Rows sum to 1. A channel may follow itself.

    Raises
    ------
    ValueError
        If there is no touch at all, a channel is no str, or lengths differ.

    References
    ----------
    Anderl et al. (2016).

    Examples
    --------
    >>> paths = [("display", "search"), ("search",), ("display",), ("search",)]
    >>> transitions(paths, [1, 1, 0, 0]).round(2).loc["display"].to_dict()
    {'display': 0.0, 'search': 0.5, '(order)': 0.0, '(none)': 0.5}
    """
    return _transitions(check_paths(paths, converted))


def removal_effects(paths, converted):
    r"""Return the share of the chain's orders that pass through each channel.

    With channel c taken out, each step into it ends without an order. What is lost is
    the chance of ever reaching c, times that of an order from there:

    .. math:: R_c = \frac{p - p_{-c}}{p}
        = \frac{(s N)_c}{N_{cc}} \cdot \frac{(N r)_c}{p}, \qquad p = s\, N\, r

    The chain's p is the share of orders among the paths with a touch, exactly.

    Parameters
    ----------
    paths, converted
        As for :func:`~recbook.marketing.attribution.last_click`.

    Returns
    -------
    Series
        :math:`R_c` between 0 and 1 by channel; all 0 where nobody ordered.

    Raises
    ------
    ValueError
        If there is no touch at all, a channel is no str, or lengths differ.

    References
    ----------
    Anderl et al. (2016).

    Examples
    --------
    >>> paths = [("display", "search"), ("search",), ("display",), ("search",)]
    >>> removal_effects(paths, [1, 1, 0, 0]).round(3).to_dict()
    {'display': 0.333, 'search': 1.0}
    """
    return _removal_effects(check_paths(paths, converted))


def markov(paths, converted):
    r"""Credit orders in proportion to what the chain loses without each channel.

    .. math:: \frac{R_c}{\sum_k R_k} \cdot (\text{orders with a touch})

    Parameters
    ----------
    paths, converted
        As for :func:`~recbook.marketing.attribution.last_click`.

    Returns
    -------
    Series
        Orders by channel. They sum to the orders that had a touch.

    Raises
    ------
    ValueError
        If there is no touch at all, a channel is no str, or lengths differ.

    References
    ----------
    Anderl et al. (2016).

    Examples
    --------
    >>> paths = [("display", "search"), ("search",), ("display",), ("search",)]
    >>> markov(paths, [1, 1, 0, 0]).to_dict()
    {'display': 0.5, 'search': 1.5}
    """
    touches = check_paths(paths, converted)
    effects = _removal_effects(touches)
    orders = int((touches.converted & (touches.lengths > 0)).sum())
    total = effects.sum() or 1.0
    return (orders * effects / total).rename("orders")


def _transitions(touches):
    n = len(touches.channels)
    last = touches.after == 0
    ends = np.where(touches.converted[touches.path], n, n + 1)
    following = np.append(touches.codes[1:], 0)
    to = np.where(last, ends, following)
    steps = np.zeros((n + 1, n + 2))
    np.add.at(steps, (touches.codes + 1, to), 1)
    first = touches.after == touches.lengths[touches.path] - 1
    steps[0, :n] = np.bincount(touches.codes[first], minlength=n)
    shares = steps / steps.sum(axis=1, keepdims=True)
    rows, columns = [START, *touches.channels], [*touches.channels, ORDER, NONE]
    return pd.DataFrame(shares, rows, columns)


def _removal_effects(touches):
    steps = _transitions(touches)
    channels = steps.index[1:]
    start = steps.loc[START, channels].to_numpy()
    to_order = steps.loc[channels, ORDER].to_numpy()
    between = steps.loc[channels, channels].to_numpy()
    visits = np.linalg.inv(np.eye(len(channels)) - between)
    reached = start @ visits / np.diag(visits)
    order_from = visits @ to_order
    rate = start @ order_from
    if rate == 0:
        return pd.Series(0.0, channels, name="removal")
    effect = np.minimum(reached * order_from / rate, 1.0)
    return pd.Series(effect, channels, name="removal")
