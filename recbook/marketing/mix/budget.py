"""A budget split among channels, so that the next euro earns the same in each."""

from dataclasses import dataclass

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.validate import check_number
from recbook.marketing.base import check_rows, check_values

__all__ = ["Allocation", "allocate"]


@dataclass(frozen=True)
class Allocation:
    """A split of a weekly budget.

    Parameters
    ----------
    spend : (C,) array
        Euros per week for each channel.
    sales : float
        What this adds to sales, in euros per week.
    multiplier : float
        Sales that the next euro of budget would bring; 0 where it could not be spent,
        or would bring nothing.

    Examples
    --------
    >>> Allocation(np.array([3.0, 1.0]), 9.0, 1.5).multiplier
    1.5
    """

    spend: np.ndarray
    sales: float
    multiplier: float


def allocate(peak, half, budget, low=None, high=None):
    r"""Split a weekly budget among channels with diminishing returns.

    .. math::
       \max_x \sum_c \beta_c \frac{x_c}{x_c + k_c}
       \quad \text{subject to} \quad \sum_c x_c \le B, \ l_c \le x_c \le h_c

    Where neither bound holds a channel, its next euro brings
    :math:`\beta_c k_c / (x_c + k_c)^2 = \lambda`, the same in all of them, so that
    :math:`x_c = \sqrt{\beta_c k_c / \lambda} - k_c`. In :math:`1/\sqrt\lambda` the
    total is a line with a few corners, so the split is exact.

    Parameters
    ----------
    peak : (C,) array_like
        Largest effect :math:`\beta_c` of each channel, in euros of sales per week, at
        least 0.
    half : (C,) array_like
        Weekly spend :math:`k_c` that reaches one half of it, in euros, above 0.
    budget : float
        :math:`B`, in euros per week.
    low, high : (C,) array_like, optional
        Least and most to spend on each channel. By default 0 and no limit.

    Returns
    -------
    Allocation
        A channel of peak 0 gets its least. What no channel can use is left unspent.

    Raises
    ------
    ValueError
        If a number is negative or not finite, half is 0, low is above high, or the
        budget is below the sum of low.

    References
    ----------
    Boyd and Vandenberghe (2004), section 5.5.3, on water-filling.

    Examples
    --------
    The first channel's peak is four times as high, so it gets the more, but not all.

    >>> split = allocate([40_000, 10_000], [5000, 5000], budget=5000)
    >>> split.spend.round(2).tolist(), round(split.multiplier, 2)
    ([5000.0, 0.0], 2.0)
    >>> allocate([40_000, 10_000], [5000, 5000], budget=20_000).spend.tolist()
    [15000.0, 5000.0]
    """
    peak, half, low, high = _checked(peak, half, low, high)
    budget = check_number("budget", budget, 0)
    if budget < low.sum():
        raise ValueError(
            f"budget is {budget}, but low asks for {low.sum()} in all: give more, or "
            "lower them"
        )
    root = np.sqrt(peak) * np.sqrt(half)
    with np.errstate(over="ignore", divide="ignore"):
        begins = (low + half) / root  # 1/√λ at which a channel gets more than its least
    top = np.where(np.isfinite(begins), high, low)
    if top.sum() <= budget:
        return Allocation(top, _sales(peak, half, top), 0.0)
    spend, multiplier = _fill(root, half, low, top, begins, budget)
    return Allocation(spend, _sales(peak, half, spend), multiplier)


def _fill(root, half, low, top, begins, budget):
    """Return spend (C,) and multiplier where the budget is less than all could use."""
    some = np.isfinite(begins)
    ends = np.full(len(root), np.inf)
    with np.errstate(over="ignore"):
        ends[some] = (top + half)[some] / root[some]

    def spends(z):
        """Return spend (C,) where the next euro brings 1/z² in each channel."""
        return np.clip(root * z - half, low, top)

    corners = np.unique(np.concatenate([begins, ends]))
    corners = corners[np.isfinite(corners)]
    totals = np.array([spends(z).sum() for z in corners])
    place = max(int(np.searchsorted(totals, budget, side="right")) - 1, 0)
    moving = (begins <= corners[place]) & (corners[place] < ends)
    fixed = spends(corners[place])[~moving].sum()
    z = (budget - fixed + half[moving].sum()) / root[moving].sum()
    spend, extra = spends(z), budget - fixed - low[moving].sum()
    more = (spend - low)[moving]
    if more.any():  # rounding of large half points shall not overspend
        spend[moving] = low[moving] + more * (extra / more.sum())
    return spend, float((1 / z) ** 2)


def _sales(peak, half, spend):
    return float((peak * spend / (spend + half)).sum())


def _checked(peak, half, low, high):
    check_rows(peak=peak, half=half, low=low, high=high)
    peak = check_values("peak", peak, low=0)
    n = len(peak)
    half = check_values("half", half, n, above=0)
    low = np.zeros(n) if low is None else check_values("low", low, n, low=0)
    high = np.full(n, np.inf) if high is None else check_reals("high", high)
    if high.shape != (n,) or not (high >= 0).all():
        raise ValueError(
            f"high must be {n} numbers of at least 0, or inf for no limit, got {high}"
        )
    if (low > high).any():
        c = int((low > high).argmax())
        raise ValueError(f"low[{c}] is {low[c]}, which is above high[{c}], {high[c]}")
    return peak, half, low, high
