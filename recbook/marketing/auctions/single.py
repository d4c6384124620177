"""Auctions of one thing with sealed bids, and the least price a seller should take."""

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.validate import check_number
from recbook.marketing.base import check_values

__all__ = ["first_price", "optimal_reserve", "second_price"]


def second_price(bids, reserve=0.0):
    r"""Sell to the highest bid, at the second highest.

    .. math:: p = \max\bigl(b_{(2)},\ r\bigr)

    where :math:`b_{(2)}` is the second highest bid and r the reserve. Whatever the
    others do, no bid does better than one's own value (Vickrey 1961).

    Parameters
    ----------
    bids : (n,) or (n_auctions, n) array_like
        A bid of each of n bidders, in euros, at least 0; a row for each auction.
    reserve : float
        Least price in euros, at least 0. Who bids less cannot win.

    Returns
    -------
    winner : int, or (n_auctions,) int array
        Place of the highest bid, the first of them where bids tie. -1 where no bid
        reaches the reserve.
    price : float, or (n_auctions,) array
        What the winner pays, in euros. With one bidder the reserve; 0 where nobody
        wins.

    Raises
    ------
    ValueError
        If there is no bid, or a bid or the reserve is negative or not finite.

    References
    ----------
    Vickrey 1961.

    Examples
    --------
    >>> second_price([3.0, 5.0, 4.0])
    (1, 4.0)
    >>> second_price([3.0, 5.0, 4.0], reserve=4.5)
    (1, 4.5)
    """
    bids, reserve, single = _checked(bids, reserve)
    winner, _ = _highest(bids, reserve)
    if bids.shape[1] == 1:
        second = np.zeros(len(bids))
    else:
        second = np.partition(bids, -2, axis=1)[:, -2]
    return _answer(winner, np.maximum(second, reserve), single)


def first_price(bids, reserve=0.0):
    r"""Sell to the highest bid, at that bid.

    .. math:: p = b_{(1)}

    Who bids the own value gains nothing by winning. So bids are *shaded*: with n
    bidders whose values are uniform on [0, 1], each bids :math:`v (n - 1) / n`.

    Parameters
    ----------
    bids : (n,) or (n_auctions, n) array_like
        A bid of each of n bidders, in euros, at least 0; a row for each auction.
    reserve : float
        Least bid in euros that may win, at least 0.

    Returns
    -------
    winner : int, or (n_auctions,) int array
        Place of the highest bid, the first of them where bids tie. -1 where no bid
        reaches the reserve.
    price : float, or (n_auctions,) array
        What the winner pays, in euros. 0 where nobody wins.

    Raises
    ------
    ValueError
        If there is no bid, or a bid or the reserve is negative or not finite.

    References
    ----------
    Vickrey 1961.

    Examples
    --------
    >>> first_price([3.0, 5.0, 4.0])
    (1, 5.0)
    """
    bids, reserve, single = _checked(bids, reserve)
    winner, highest = _highest(bids, reserve)
    return _answer(winner, highest, single)


def optimal_reserve(values, own_value=0.0):
    r"""Return the reserve that earns a seller the most from one bidder.

    .. math:: r^* = \arg\max_r\ (r - w)\, \Pr(v \ge r)

    which solves :math:`r - w = (1 - F(r)) / f(r)`. The number of bidders does not enter
    it, so it is also the best reserve of a second-price auction among bidders of this
    kind, as long as :math:`r - (1 - F(r)) / f(r)` rises in r (Myerson 1981).

    Parameters
    ----------
    values : (m,) array_like
        What m bidders were ready to pay, in euros, at least 0: bids in second-price
        auctions, say. The share of them that is at least r estimates the chance.
    own_value : float
        What the thing is worth to the seller if it is not sold, :math:`w`, in euros.

    Returns
    -------
    float
        One of the values, the lowest where several earn the same. Where none exceeds
        ``own_value``, that one: it is better not sold.

    Raises
    ------
    ValueError
        If there is no value, or one is negative or not finite.

    References
    ----------
    Myerson 1981.

    Examples
    --------
    Values of 1, 2 and 3: a price of 2 is paid by two in three, and none earns more.

    >>> optimal_reserve([1.0, 2.0, 3.0])
    2.0
    """
    values = np.sort(check_values("values", values, low=0))
    own_value = check_number("own_value", own_value, 0)
    share = 1 - np.searchsorted(values, values) / len(values)
    gain = (values - own_value) * share
    best = int(gain.argmax())
    return float(values[best]) if gain[best] > 0 else own_value


def _checked(bids, reserve):
    """Return bids as (n_auctions, n), the reserve, and whether there is one auction."""
    bids = check_reals("bids", bids)
    if bids.ndim not in (1, 2) or 0 in bids.shape:
        raise ValueError(
            "bids must have a bid of at least one bidder, and a row for each auction, "
            f"got shape {bids.shape}"
        )
    wrong = ~(np.isfinite(bids) & (bids >= 0))
    if wrong.any():
        place = tuple(int(at) for at in np.argwhere(wrong)[0])
        raise ValueError(
            f"bids[{', '.join(map(str, place))}] is {bids[place]}: give a finite "
            "number of at least 0"
        )
    return np.atleast_2d(bids), check_number("reserve", reserve, 0), bids.ndim == 1


def _highest(bids, reserve):
    """Return who has the highest bid of each auction, -1 below the reserve, and it."""
    winner = bids.argmax(axis=1)
    highest = bids[np.arange(len(bids)), winner]
    return np.where(highest >= reserve, winner, -1), highest


def _answer(winner, price, single):
    price = np.where(winner >= 0, price, 0.0)
    return (int(winner[0]), float(price[0])) if single else (winner, price)
