"""A multiplier that is learned while the day runs."""

from dataclasses import dataclass

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.validate import check_number
from recbook.marketing.base import check_rows, check_values
from recbook.marketing.pacing.kernels import run
from recbook.marketing.pacing.offline import MOST, check_day

__all__ = ["Pacing", "pace", "roas_bid"]


@dataclass(frozen=True)
class Pacing:
    """A day of bids on a budget, as it went.

    Parameters
    ----------
    value : float
        Value of the impressions that were won, in euros.
    spend : float
        Euros paid, never above the budget.
    won : (n,) bool array
        Which impressions were won.
    multipliers : (n,) array
        The multiplier at each impression, before its price was seen.

    Examples
    --------
    >>> pace([6, 5, 4, 3], [4, 2, 2, 1], budget=5, step=0, start=0.6).wins
    3
    """

    value: float
    spend: float
    won: np.ndarray
    multipliers: np.ndarray

    @property
    def wins(self):
        """Number of impressions that were won."""
        return int(self.won.sum())

    @property
    def roas(self):
        """Worth won for each euro spent; 0 where nothing was spent."""
        return self.value / self.spend if self.spend else 0.0


def pace(values, prices, budget, step, start=0.0, target=None, roas=None):
    r"""Bid through a day of second-price auctions, and keep to a budget.

    The bid is :math:`v_t / (1 + \mu_t)`, or what is left of the budget if that is less,
    so it is never overspent. After each impression the multiplier moves against what
    was spent too much or too little,

    .. math::
       \mu_{t+1} = \bigl[\, \mu_t - \eta\, (\rho_t - z_t) \,\bigr]_+

    where :math:`z_t` is what the impression cost, 0 if it was lost, and :math:`\rho_t`
    what the plan allowed. This is subgradient descent on the dual of
    :func:`offline_plan` (Balseiro and Gur 2019). With a target for the return, the bid
    is that of :func:`roas_bid` with a second multiplier, which moves by
    :math:`\lambda_{t+1} = [\lambda_t - \eta\, (v_t - r\, p_t)\, x_t]_+`.

    Parameters
    ----------
    values : (n,) array_like
        What each impression is worth, in the order of time, in euros, at least 0.
    prices : (n,) array_like
        The highest bid of the others, in euros, at least 0. The bid does not see it.
    budget : float
        Euros, at least 0.
    step : float
        Step size :math:`\eta` in 1/€: how far a euro too much moves the multiplier. 0
        keeps it where it starts.
    start : float
        Multiplier at the first impression, :math:`\mu_1`, at least 0: yesterday's, say.
    target : (n,) array_like, optional
        Plan of spending :math:`\rho_t` in euros for each impression, at least 0.
        Without it :math:`B / n` for each, an even spending by impressions.
    roas : float, optional
        Return on ad spend: what a euro shall bring at least, :math:`r`, above 0. It is
        approached and not guaranteed: the multiplier learns from what was lost.

    Returns
    -------
    Pacing
        Value, spending, impressions won, and multipliers.

    Raises
    ------
    ValueError
        If a number is negative or not finite, lengths differ, or roas is not above 0.

    References
    ----------
    Balseiro and Gur 2019.

    Examples
    --------
    A multiplier of 0 buys in the order of arrival, 6 for 4 € and then 3 for 1 €.

    >>> pace([6, 5, 4, 3], [4, 2, 2, 1], budget=5, step=0).value
    9.0
    >>> pace([6, 5, 4, 3], [4, 2, 2, 1], budget=5, step=0, start=0.75).value
    12.0
    """
    check_rows(values=values, target=target)
    values, prices = check_day(values, prices)
    budget = check_number("budget", budget, 0, MOST)
    step = check_number("step", step, 0, MOST)
    start = check_number("start", start, 0, MOST)
    if target is None:
        target = np.full(len(values), budget / len(values))
    target = check_values("target", target, len(values), low=0, high=MOST)
    roas = 0.0 if roas is None else check_number("roas", roas, maximum=MOST, above=0)
    value, spend, won, multipliers = run(
        values, prices, budget, step, start, target, roas
    )
    return Pacing(float(value), float(spend), won, multipliers)


def roas_bid(value, roas, multiplier=0.0, roas_multiplier=0.0):
    r"""Return the second-price bid under a budget and a target for the return.

    .. math:: b = \frac{(1 + \lambda)\, v}{1 + \mu + \lambda r}

    It maximises :math:`\sum (v - p) x` with a price :math:`\mu` on each euro spent and
    a price :math:`\lambda` on each euro that :math:`\sum v x` falls short of
    :math:`r \sum p x`. For :math:`\lambda \to \infty` it is :math:`v / r`: then no
    single impression may return less than r.

    Parameters
    ----------
    value : float or (n,) array_like
        What an impression is worth, in euros, at least 0.
    roas : float
        What a euro spent shall bring at least, :math:`r`, above 0.
    multiplier : float
        Multiplier of the budget, :math:`\mu`, at least 0.
    roas_multiplier : float
        Multiplier of the target, :math:`\lambda`, at least 0.

    Returns
    -------
    float or (n,) array
        Bid in euros.

    Raises
    ------
    ValueError
        If a number is negative or not finite, or roas is not above 0.

    Examples
    --------
    >>> roas_bid(6.0, roas=3.0), roas_bid(6.0, roas=3.0, roas_multiplier=1.0)
    (6.0, 3.0)
    """
    value = check_reals("value", value)
    single = value.ndim == 0
    value = check_values("value", np.atleast_1d(value), low=0, high=MOST)
    roas = check_number("roas", roas, maximum=MOST, above=0)
    mu = check_number("multiplier", multiplier, 0, MOST)
    lam = check_number("roas_multiplier", roas_multiplier, 0, MOST)
    bid = (1 + lam) * value / (1 + mu + lam * roas)
    return float(bid[0]) if single else bid
