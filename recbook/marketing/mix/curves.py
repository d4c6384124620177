"""The two curves of a channel: how long spend works, and how much less more does."""

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.validate import check_number, check_positive_int

__all__ = ["adstock", "carried", "check_spend", "half_life", "saturate"]

LONGEST = 0.999  # carry-over beyond which a channel's effect never ends


def adstock(spend, carry, normalize=True, length=None):
    r"""Spread each week's spend over the weeks in which it works.

    .. math::
       A_t = \frac{\sum_{l=0}^{L-1} a^l\, x_{t-l}}{\sum_{l=0}^{L-1} a^l},
       \qquad \text{and } A_t = (1 - a)\, x_t + a\, A_{t-1} \text{ without a last lag}

    The weights sum to 1, so that adstock is in euros per week and a constant spend has
    itself as its adstock. Before the first week there was no spend.

    Parameters
    ----------
    spend : (n_weeks,) or (n_weeks, C) array_like
        Euros per week :math:`x_t`, at least 0.
    carry : float or (C,) array_like
        :math:`a`, the share of an effect that is left a week later, from 0 to .999. 0
        gives the spend itself.
    normalize : bool
        Divide by the sum of the weights. Otherwise a euro is counted up to
        :math:`1/(1 - a)` times.
    length : int, optional
        :math:`L`, weeks in which spend works, its own included. None is no limit.

    Returns
    -------
    array
        As ``spend``.

    Raises
    ------
    ValueError
        If spend is negative or not finite, a carry is out of range or one is missing.

    References
    ----------
    Jin et al. (2017).

    Examples
    --------
    >>> adstock([100, 0, 0, 50], 0.5).tolist()
    [50.0, 25.0, 12.5, 31.25]
    >>> adstock([100, 0, 0, 50], 0.5, normalize=False).tolist()
    [100.0, 50.0, 25.0, 62.5]
    """
    x = check_spend("spend", spend)
    a = _for_channels("carry", carry, x, 0, LONGEST)
    if length is None:
        A = carried(x, a)[0] / (1 if normalize else 1 - a)
    else:
        A = _window(x, a, check_positive_int("length", length), normalize)
    return A if np.ndim(spend) == 2 else A[:, 0]


def saturate(spend, half):
    r"""Share of a channel's largest effect that a weekly spend reaches.

    .. math:: s(x; k) = \frac{x}{x + k}

    Parameters
    ----------
    spend : float or array_like
        Euros per week, or adstock, :math:`x \ge 0`.
    half : float or array_like
        :math:`k`, at which one half is reached, above 0; broadcast to ``spend``.

    Returns
    -------
    float or array
        From 0, for no spend, to 1, which no spend reaches.

    Raises
    ------
    ValueError
        If spend is negative, half not above 0, or one of them not finite.

    References
    ----------
    Jin et al. (2017), Hill's function with a slope of 1.

    Examples
    --------
    >>> saturate([0, 4000, 12_000], half=4000).tolist()
    [0.0, 0.5, 0.75]
    """
    x, k = check_reals("spend", spend), check_reals("half", half)
    for name, values, allowed in (("spend", x, x >= 0), ("half", k, k > 0)):
        if not (allowed & np.isfinite(values)).all():
            wrong = values[~(allowed & np.isfinite(values))].flat[0]
            bound = "at least 0" if name == "spend" else "above 0"
            raise ValueError(f"{name} holds {wrong}: give finite numbers {bound}")
    share = x / (x + k)
    return share if share.ndim else float(share)


def half_life(carry):
    r"""Weeks after which one half of an effect is left.

    .. math:: h = \frac{\ln 2}{-\ln a}

    Parameters
    ----------
    carry : float
        :math:`a`, from 0 to .999. 0 gives 0.

    Raises
    ------
    ValueError
        If carry is out of range.

    Examples
    --------
    >>> half_life(0.5), round(half_life(0.8), 2), half_life(0)
    (1.0, 3.11, 0.0)
    """
    carry = check_number("carry", carry, 0, LONGEST)
    return float(np.log(2) / -np.log(carry)) if carry else 0.0


def check_spend(name, spend):
    """Return spend as (n_weeks, C) finite numbers of at least 0.

    >>> check_spend("spend", [3, 4]).shape
    (2, 1)
    """
    x = check_reals(name, spend)
    if x.ndim not in (1, 2) or 0 in x.shape:
        raise ValueError(
            f"{name} must be (n_weeks,) or (n_weeks, C), with at least one week and "
            f"one channel, got shape {x.shape}"
        )
    wrong = ~(np.isfinite(x) & (x >= 0))
    if wrong.any():
        place = np.argwhere(wrong)[0]
        where = ", ".join(str(k) for k in place)
        raise ValueError(
            f"{name}[{where}] is {x[tuple(place)]}: give a finite number of at least 0"
        )
    return x[:, None] if x.ndim == 1 else x


def carried(x, a):
    r"""Return adstock (n_weeks, C) without a last lag, and its slope in a.

    With :math:`g_t = \sum_l a^l x_{t-l}`, adstock is :math:`(1 - a)\, g_t`, and the
    slope of g follows the same recursion as g itself, fed by last week's g.
    """
    g = _summed(x, a)
    before = np.zeros_like(g)
    before[1:] = g[:-1]
    return (1 - a) * g, (1 - a) * _summed(before, a) - g


def _summed(x, a):
    r"""Return :math:`\sum_l a^l x_{t-l}`: the window doubles with each step."""
    g, length = x.copy(), 1
    while length < len(x):
        g[length:] = g[length:] + a**length * g[:-length]
        length *= 2
    return g


def _window(x, a, length, normalize):
    """Return adstock (n_weeks, C) of the last ``length`` weeks."""
    weights = a ** np.arange(length)[:, None]  # (length, C)
    if normalize:
        weights = weights / weights.sum(axis=0)
    A = np.zeros_like(x)
    for lag, weight in enumerate(weights[: len(x)]):
        A[lag:] += weight * x[: len(x) - lag]
    return A


def _for_channels(name, values, x, low, high):
    """Return a number for each channel (C,), in [low, high]."""
    values = check_reals(name, values)
    if values.ndim and values.shape != x.shape[1:]:
        raise ValueError(
            f"{name} must be one number or one for each of {x.shape[1]} channels, got "
            f"shape {values.shape}"
        )
    values = np.broadcast_to(values, x.shape[1:])
    for value in values:
        check_number(name, float(value), low, high)
    return values
