"""Effects from a change in some units at a time when nothing changed in others."""

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from recbook._core.arrays import check_reals
from recbook._core.validate import check_positive_int
from recbook.marketing.base import (
    Effect,
    check_arms,
    check_features,
    check_rows,
    normal_effect,
)

__all__ = ["did", "event_study", "staggered"]


def did(y, treated, start):
    r"""Return the change of treated units less that of the others, with its interval.

    .. math::
       \hat\delta = \overline{\Delta}_1 - \overline{\Delta}_0, \qquad
       \mathrm{se}^2 = \frac{s_1^2(\Delta)}{n_1} + \frac{s_0^2(\Delta)}{n_0}, \qquad
       \Delta_i = \frac{1}{T - t_0} \sum_{t \ge t_0} y_{it}
       - \frac{1}{t_0} \sum_{t < t_0} y_{it}

    The value is the coefficient of treated × after in a regression with both main
    effects. A unit is one number in the error, however many periods it was seen: weeks
    of one shop are alike, and this error does not take them for news.

    Parameters
    ----------
    y : (n_units, n_periods) array_like
        One row for each unit that was treated or not as a whole: a shop, a region, a
        person. Where a region was treated, give a row for it, not for each of its
        people.
    treated : (n_units,) array_like
        True or 1 where the treatment came; at least two units of either kind. (For
        one treated region see :func:`recbook.marketing.geo.geo_lift`.)
    start : int
        Its first period, counted from 0.

    Returns
    -------
    Effect
        In units of the outcome, with Welch's interval and p-value, by Student's
        distribution: right for few units, too. Where no unit's change differs from
        those of its kind, the error is 0, and p is 1 for no difference, else 0.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, there are fewer than two units of a
        kind, or start leaves no period on either side.

    References
    ----------
    Bertrand, Duflo and Mullainathan (2004); Welch (1947).

    Examples
    --------
    Two shops with a counter grow by 5 and 3, two without by 2 and 0.

    >>> y = [[10, 15], [20, 23], [8, 10], [9, 9]]
    >>> effect = did(y, [1, 1, 0, 0], start=1)
    >>> effect.value, round(effect.standard_error, 3)
    (3.0, 1.414)
    """
    y, arms, start = _checked(y, treated, start)
    with np.errstate(over="ignore", invalid="ignore"):
        change = y[:, start:].mean(axis=1) - y[:, :start].mean(axis=1)
    return _welch(change, arms)


def event_study(y, treated, start):
    """Return the gap of each period to the last one before the start: the picture.

    A period's gap is :func:`did` of that period and the period ``start − 1``. Before
    the start the gaps show whether treated units were already on another path. They
    cannot show that the paths would have stayed parallel afterwards.

    Parameters
    ----------
    y, treated
        As for :func:`did`.
    start : int
        First period of the treatment, counted from 0.

    Returns
    -------
    DataFrame
        One row for each period: ``period``, counted from the start (−1 is the period
        that all are compared with, with a gap of 0), ``gap``, ``low`` and ``high``, a
        95 % interval for each by itself.

    Raises
    ------
    ValueError
        As :func:`did`.

    Examples
    --------
    >>> y = [[9, 10, 15], [20, 20, 23], [7, 8, 10], [9, 9, 9]]
    >>> event_study(y, [1, 1, 0, 0], start=2)[["period", "gap"]].to_numpy().tolist()
    [[-2.0, 0.0], [-1.0, 0.0], [0.0, 3.0]]
    """
    y, arms, start = _checked(y, treated, start)
    with np.errstate(over="ignore", invalid="ignore"):
        gaps = [_welch(column - y[:, start - 1], arms) for column in y.T]
    return pd.DataFrame({
        "period": np.arange(y.shape[1]) - start,
        "gap": [gap.value for gap in gaps],
        "low": [gap.interval[0] for gap in gaps],
        "high": [gap.interval[1] for gap in gaps],
    })  # fmt: skip


def staggered(y, start):
    r"""Return the mean effect of a treatment that reached its units one after another.

    .. math::
       \widehat{\mathrm{ATT}}(g, t) = \frac{1}{n_g} \sum_{i: g_i = g} (y_{it} -
       y_{i, g-1}) - \frac{1}{|C_t|} \sum_{j: g_j > t} (y_{jt} - y_{j, g-1})

    for units that start at g and each period t from then on, beside units that have not
    started by t. The result is their mean, each weighted by its :math:`n_g`: the mean
    over all treated units and periods. Nowhere is a unit that was treated before taken
    for a control, as two-way fixed effects do.

    Parameters
    ----------
    y : (n_units, n_periods) array_like
        One row for each unit, as for :func:`did`.
    start : (n_units,) array_like
        First treated period of each unit, counted from 0, at least 1; inf or a number
        that is at least n_periods where the treatment never came.

    Returns
    -------
    Effect
        In units of the outcome. The error is the jackknife's, each unit left out once,
        with a normal interval and p-value.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, a start is not a whole number of at
        least 1, or fewer than two units are treated or never treated.

    References
    ----------
    Callaway and Sant'Anna (2021); Goodman-Bacon (2021).

    Examples
    --------
    All grow by 1 each period. Two units gain 3 from period 1 on, two from period 2 on.

    >>> y = [[5, 9, 10], [1, 5, 6], [2, 3, 7], [4, 5, 9], [6, 7, 8], [0, 1, 2]]
    >>> staggered(y, [1, 1, 2, 2, np.inf, np.inf]).value
    3.0
    """
    check_rows(y=y, start=start)
    y = check_features("y", y)
    n, n_periods = y.shape
    start = _check_starts(start, n, n_periods)
    with np.errstate(over="ignore", invalid="ignore"):
        value, left_out = _group_time(y, start)
        error = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
    return normal_effect(value, error)


def _checked(y, treated, start):
    check_rows(y=y, treated=treated)
    y = check_features("y", y)
    arms = check_arms(treated, len(y))
    start = check_positive_int("start", start)
    if start >= y.shape[1]:
        raise ValueError(
            f"start is {start}, but the last of {y.shape[1]} periods is "
            f"{y.shape[1] - 1}, counted from 0"
        )
    return y, arms, start


def _check_starts(start, n, n_periods):
    """Return each unit's first treated period, ``n_periods`` where there is none."""
    start = check_reals("start", start)
    if start.shape != (n,):
        raise ValueError(f"start must be one number for each of {n} units")
    known = np.minimum(start, n_periods)  # of what comes later, and of inf
    wrong = ~(known >= 1) | (np.floor(known) != known)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"start[{row}] is {start[row]}: give the first treated period, counted "
            "from 0 and at least 1, or inf where there is none"
        )
    treated = int((known < n_periods).sum())
    for words, count in (("ever", treated), ("never", n - treated)):
        if count < 2:
            raise ValueError(
                f"start has {count} units that were {words} treated: an error needs two"
            )
    return known.astype(np.int64)


def _group_time(y, start):
    """Return the mean of ATT(g, t) over treated units and periods, and (n,) without i.

    A unit that is left out is missing from its group, or from those who come later.
    """
    n, n_periods = y.shape
    total, count, without = 0.0, 0, np.zeros(n)
    for g in np.unique(start[start < n_periods]):
        change = y[:, g:] - y[:, g - 1 : g]  # (n_units, periods from g on)
        later = start[:, None] > np.arange(g, n_periods)
        sums, sizes = (change * later).sum(axis=0), later.sum(axis=0)
        group = start == g
        gained = change[group].sum()
        total += gained - group.sum() * (sums / sizes).sum()
        count += group.sum() * (n_periods - g)
        others = ((sums - change * later) / (sizes - later)).sum(axis=1)
        without += gained - change.sum(axis=1) * group - (group.sum() - group) * others
    return float(total / count), without / (count - (n_periods - start))


def _welch(change, arms):
    """Return the difference of the mean changes, by Student's distribution."""
    with np.errstate(over="ignore", invalid="ignore"):
        one, other = (change[arm] for arm in arms)
        parts = [arm.var(ddof=1) / len(arm) for arm in (one, other)]
        plain = normal_effect(one.mean() - other.mean(), np.sqrt(sum(parts)))
    error = plain.standard_error
    if error == 0:
        return plain
    shares = [part / error**2 for part in parts]
    sizes = len(one) - 1, len(other) - 1
    free = 1 / sum(s**2 / m for s, m in zip(shares, sizes, strict=True))
    reach = float(stdtrit(free, 0.975)) * error
    p = float(2 * stdtr(free, -abs(plain.value) / error))
    return Effect(plain.value, error, (plain.value - reach, plain.value + reach), p)
