"""Auctions of the positions of a page, of which the first gets the most clicks."""

import numpy as np

from recbook._core.arrays import check_reals
from recbook.marketing.base import check_rows, check_values

__all__ = ["gsp", "vcg"]


def gsp(bids, clicks, quality=1.0):
    r"""Sell positions by the generalised second-price auction.

    Ads stand in the order of :math:`q_i b_i`, and the ad in place k pays, for a click,
    the least bid that would have kept the position:

    .. math:: p_k = \frac{q_{k+1}\, b_{k+1}}{q_k}

    In an hour that is :math:`\alpha_k q_k p_k = \alpha_k q_{k+1} b_{k+1}`. To bid what
    a click is worth may lose money against a lower bid (Edelman et al. 2007).

    Parameters
    ----------
    bids : (n,) array_like
        Euros for a click, at least 0. A bid of 0 takes no part.
    clicks : (n_positions,) array_like
        Clicks in an hour, :math:`\alpha_k`, of an ad of quality 1 in each position, the
        first position first: they may not rise.
    quality : float or (n,) array_like
        How many times as many clicks each ad gets in the same position, above 0.

    Returns
    -------
    position_of : (n,) int array
        Place of each bidder, from 0; -1 for none. The first bidder stands first where
        they tie.
    payment : (n,) array
        Euros in an hour, 0 without a position. The last pays 0 if nobody is left.

    Raises
    ------
    ValueError
        If a bid or a number of clicks is negative or not finite, clicks rise, or a
        quality is not above 0.

    References
    ----------
    Edelman, Ostrovsky and Schwarz 2007; Varian 2007.

    Examples
    --------
    Clicks are worth 10, 4 and 2 €, and all say so: the first earns 6 € at each of 200
    clicks. With a bid of 3 € it would earn 8 € at each of 199.

    >>> position_of, payment = gsp([10.0, 4.0, 2.0], [200, 199])
    >>> position_of.tolist(), payment.tolist()
    ([0, 1, -1], [800.0, 398.0, 0.0])
    """
    order, clicks, score = _ranked(bids, clicks, quality)
    n_positions = min(len(order), len(clicks))
    below = np.append(score[order], 0.0)[1 : n_positions + 1]  # the next score
    return _placed(order[:n_positions], clicks[:n_positions] * below, len(score))


def vcg(bids, clicks, quality=1.0):
    r"""Sell positions by the Vickrey-Clarke-Groves auction: each pays the harm it does.

    Without the ad in place k, all below it would move up by one. What they lose in an
    hour, by their own bids, is its payment:

    .. math::
       \sum_{j \ge k} (\alpha_j - \alpha_{j+1})\, q_{j+1}\, b_{j+1}

    with :math:`\alpha = 0` after the last position. No bid does better than what a
    click is worth, whatever the others do.

    Parameters
    ----------
    bids : (n,) array_like
        Euros for a click, at least 0. A bid of 0 takes no part.
    clicks : (n_positions,) array_like
        Clicks in an hour, :math:`\alpha_k`, of an ad of quality 1 in each position, the
        first position first: they may not rise.
    quality : float or (n,) array_like
        How many times as many clicks each ad gets in the same position, above 0.

    Returns
    -------
    position_of : (n,) int array
        Place of each bidder, from 0; -1 for none. As in :func:`gsp`.
    payment : (n,) array
        Euros in an hour, never more than in :func:`gsp` at the same bids.

    Raises
    ------
    ValueError
        As :func:`gsp`.

    References
    ----------
    Vickrey 1961; Varian 2007.

    Examples
    --------
    >>> position_of, payment = vcg([10.0, 4.0, 2.0], [200, 199])
    >>> position_of.tolist(), payment.tolist()
    ([0, 1, -1], [402.0, 398.0, 0.0])
    """
    order, clicks, score = _ranked(bids, clicks, quality)
    n_positions = min(len(order), len(clicks))
    below = np.append(score[order], 0.0)[1 : n_positions + 1]
    # A position that nobody takes is lost to nobody, since the score below is then 0.
    lost = (clicks - np.append(clicks[1:], 0.0))[:n_positions]
    harm = np.cumsum((lost * below)[::-1])[::-1]
    return _placed(order[:n_positions], harm, len(score))


def _ranked(bids, clicks, quality):
    """Return who takes part, the highest score first; clicks; and all scores."""
    check_rows(bids=bids, quality=quality)
    bids = check_values("bids", bids, low=0)
    clicks = check_values("clicks", clicks, low=0)
    rises = np.flatnonzero(np.diff(clicks) > 0)
    if rises.size:
        position = int(rises[0]) + 1
        raise ValueError(
            f"clicks[{position}] is {clicks[position]}, more than "
            f"{clicks[position - 1]} one position before: list the positions "
            "with the most clicks first"
        )
    quality = check_reals("quality", quality)
    if not quality.ndim:
        quality = np.full(len(bids), quality)
    quality = check_values("quality", quality, len(bids), above=0)
    score = bids * quality
    order = np.argsort(-score, kind="stable")
    return order[score[order] > 0], clicks, score


def _placed(order, amounts, n):
    position_of = np.full(n, -1)
    payment = np.zeros(n)
    position_of[order] = np.arange(len(order))
    payment[order] = amounts
    return position_of, payment
