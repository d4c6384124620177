r"""Rules that share out each order among the touches before it.

Each is a weight :math:`w_t \ge 0` for the touches of a path, :math:`\sum_t w_t = 1`.
Orders without a touch are nobody's.
"""

import numpy as np

from recbook._core.validate import check_number
from recbook.marketing.attribution.touches import check_paths

__all__ = ["decay", "first_click", "last_click", "linear"]


def last_click(paths, converted):
    """Credit each order to the last touch before it.

    Parameters
    ----------
    paths : sequence of sequences of str
        For each person, the channels that were met, in the order of time. A person who
        met none has an empty path.
    converted : (n,) array_like
        True or 1 for those who ordered at the end of the path.

    Returns
    -------
    Series
        Orders by channel, names sorted. They sum to the orders that had a touch; all 0
        where nobody ordered.

    Raises
    ------
    ValueError
        If there is no touch at all, a channel is no str, or lengths differ.

    Examples
    --------
    >>> paths = [("display", "search"), ("search",), ("display",), ()]
    >>> last_click(paths, [1, 1, 0, 1]).to_dict()
    {'display': 0.0, 'search': 2.0}
    """
    touches = check_paths(paths, converted)
    return touches.credit(1.0 * (touches.after == 0))


def first_click(paths, converted):
    """Credit each order to the first touch of its path.

    Parameters, returns and raises are those of :func:`last_click`.

    Examples
    --------
    >>> first_click([("display", "search"), ("search",)], [1, 1]).to_dict()
    {'display': 1.0, 'search': 1.0}
    """
    touches = check_paths(paths, converted)
    last = touches.lengths[touches.path] - 1
    return touches.credit(1.0 * (touches.after == last))


def linear(paths, converted):
    r"""Credit each order to all touches of its path alike, :math:`w_t = 1/T`.

    Parameters, returns and raises are those of :func:`last_click`.

    Examples
    --------
    >>> linear([("display", "search"), ("search",)], [1, 1]).to_dict()
    {'display': 0.5, 'search': 1.5}
    """
    touches = check_paths(paths, converted)
    return touches.credit(1.0 / touches.lengths[touches.path])


def decay(paths, converted, half_life=2.0):
    r"""Credit touches the more, the closer to the order they are.

    .. math:: w_t \propto 2^{-(T - t)/h}

    for touch t of T. With a half-life h of 2, a touch that two others follow has half
    the weight of the last.

    Parameters
    ----------
    paths, converted
        As for :func:`last_click`.
    half_life : float
        :math:`h > 0`, in touches. Near 0 it is the last click, large it is linear.

    Returns
    -------
    Series
        Orders by channel, as by :func:`last_click`.

    Raises
    ------
    ValueError
        As :func:`last_click`, and if half_life is not above 0.

    Examples
    --------
    >>> decay([("display", "search")], [1], half_life=1).round(3).to_dict()
    {'display': 0.333, 'search': 0.667}
    """
    half_life = check_number("half_life", half_life, above=0)
    touches = check_paths(paths, converted)
    with np.errstate(over="ignore"):  # many half lives: the weight is 0
        weight = np.exp2(-touches.after / half_life)
    total = np.bincount(touches.path, weight, len(touches.lengths))
    return touches.credit(weight / total[touches.path])
