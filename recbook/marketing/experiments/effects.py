"""The effect in a test of two arms: of a mean, of a mean made quieter, of a ratio."""

import numpy as np
import pandas as pd

from recbook.marketing.base import (
    check_arms,
    check_rows,
    check_values,
    compare,
    normal_effect,
)

__all__ = ["adjusted", "cuped", "difference", "ratio"]


def difference(y, treated):
    r"""Return the difference of the means of two arms, with its 95 % interval.

    .. math::
       \hat\delta = \bar y_1 - \bar y_0, \qquad
       \mathrm{se}^2 = \frac{s_1^2}{n_1} + \frac{s_0^2}{n_0}

    where :math:`s_a^2` is the sample variance of an arm. Rows must be independent: one
    for each unit that was randomised.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for those who were treated; at least two people in either arm.

    Returns
    -------
    Effect
        In units of the outcome, with normal interval and p-value. Where the outcome
        never varies within an arm, the error is 0, and p is 1 for no difference, else
        0.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, or an arm has fewer than two people.

    References
    ----------
    Welch (1947).

    Examples
    --------
    320 orders of 4,000 people against 260 of 4,000:

    >>> y = np.repeat([1.0, 0.0, 1.0, 0.0], [320, 3680, 260, 3740])
    >>> effect = difference(y, np.repeat([1, 0], 4000))
    >>> round(effect.value, 3), round(effect.p, 4)
    (0.015, 0.0097)
    """
    check_rows(y=y, treated=treated)
    y = check_values("y", y)
    return compare(y, check_arms(treated, len(y)))


def cuped(y, treated, before):
    r"""Return the difference of means, less what was different before the test.

    .. math::
       y^{\mathrm{adj}} = y - \theta (x - \bar x), \qquad
       \theta = \frac{\operatorname{cov}(x, y)}{\operatorname{var}(x)}

    then as :func:`difference`. The variance falls to about :math:`1 - \rho^2` of it,
    with :math:`\rho` the correlation of x and y within the arms, where :math:`\theta`
    is computed, too.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for those who were treated; at least two people in either arm.
    before : (n,) array_like
        A number x for each person that was fixed *before* the test began. One that the
        treatment may have changed takes part of the effect away. NaN or None where it
        is not known, as of new customers: x is then the mean of the others, a second
        number m is 1 where it was missing, and both are taken out,

        .. math:: y^{\mathrm{adj}} = y - \theta_1 (x - \bar x) - \theta_2 (m - \bar m),

        with :math:`\theta` from the least squares of y on x and m within the arms.

    Returns
    -------
    Effect
        In units of the outcome. Where ``before`` never varies within the arms, the
        plain difference.

    Raises
    ------
    ValueError
        As :func:`difference`.

    References
    ----------
    Deng, Xu, Kohavi and Walker (2013).

    Examples
    --------
    >>> y, before = [5.0, 8.0, 1.0, 4.0], [1.0, 4.0, 0.0, 3.0]
    >>> difference(y, [1, 1, 0, 0]).value, cuped(y, [1, 1, 0, 0], before).value
    (4.0, 3.0)
    """
    check_rows(y=y, treated=treated, before=before)
    y = check_values("y", y)
    arms = check_arms(treated, len(y))
    return compare(adjusted(y, arms, before)[0], arms)


def ratio(numerator, denominator, treated):
    r"""Return the difference of two ratios of sums, such as orders per visit.

    .. math::
       R = \frac{\sum_i y_i}{\sum_i d_i}, \qquad
       \mathrm{se}^2(R) \approx \frac{1}{n\, \bar d^2}\,
       s^2\bigl(y_i - R\, d_i\bigr)

    in each arm (delta method), and the difference of the arms as in
    :func:`difference`.

    Parameters
    ----------
    numerator, denominator : (n,) array_like
        Sums :math:`y_i`, :math:`d_i` of each *person*, such as orders and visits. A
        denominator is at least 0, and not 0 for a whole arm.
    treated : (n,) array_like
        True or 1 for those who were treated; at least two people in either arm.

    Returns
    -------
    Effect
        In units of the numerator for each unit of the denominator. With a denominator
        of 1 for everybody, exactly that of :func:`difference`. The approximation
        wants many people, none of whom has a large share of the denominator.

    Raises
    ------
    ValueError
        As :func:`difference`, or if a denominator is negative or 0 for a whole arm.

    References
    ----------
    Deng, Knoblich and Lu (2018).

    Examples
    --------
    >>> effect = ratio([2, 1, 1, 1], [4, 4, 4, 4], [1, 1, 0, 0])
    >>> effect.value, round(effect.standard_error, 4)
    (0.125, 0.125)
    """
    check_rows(numerator=numerator, denominator=denominator, treated=treated)
    y = check_values("numerator", numerator)
    d = check_values("denominator", denominator, len(y), low=0)
    arms = check_arms(treated, len(y))
    value, variance = 0.0, 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for arm, sign in zip(arms, (1, -1), strict=True):
            if not d[arm].any():
                name = "treated" if sign > 0 else "untreated"
                raise ValueError(
                    f"denominator is 0 for everybody {name}: there is no ratio where "
                    "nothing is counted"
                )
            here = y[arm].sum() / d[arm].sum()
            left = y[arm] - here * d[arm]
            variance += left.var(ddof=1) / len(left) / d[arm].mean() ** 2
            value += sign * here
    return normal_effect(value, np.sqrt(variance))


def adjusted(y, arms, before):
    """Return outcomes less what ``before`` explains, and how much that is in the arms.

    The second is the part that ``before`` explains of each outcome less the mean of its
    arm.
    """
    before, missing = _with_gaps(before, len(y))
    with np.errstate(over="ignore", invalid="ignore"):
        columns = [before, missing] if missing.any() else [before]
        x = np.column_stack([_centred(column, arms) for column in columns])
        size = np.abs(x).max(axis=0)
        size = np.where(size > 0, size, 1.0)  # the squares neither overflow nor vanish
        theta = _least_squares(x / size, _centred(y, arms))
        scaled = np.column_stack([column - column.mean() for column in columns]) / size
        return y - scaled @ theta, x / size @ theta


def _with_gaps(before, n):
    """Return the numbers, each gap filled by the mean of the others, and the gaps."""
    missing = pd.isna(np.asarray(before, dtype=object))
    if missing.ndim == 1 and missing.all() and missing.size:
        raise ValueError("before is missing for everybody: leave it out")
    if not missing.any():
        return check_values("before", before, n), np.zeros(n)
    filled = np.where(missing, 0.0, np.asarray(before, dtype=object))
    filled = check_values("before", filled.tolist(), n)
    return np.where(missing, filled[~missing].mean(), filled), missing.astype(float)


def _least_squares(x, y):
    """Return the coefficients (q,) of y on one column x, or on two that overlap."""
    spread = x.T @ x
    if len(spread) == 1:
        return x.T @ y / spread[0] if spread[0, 0] > 0 else np.zeros(1)
    return np.linalg.lstsq(spread, x.T @ y)[0]


def _centred(values, arms):
    """Return the values less the mean of their arm."""
    one, other = arms
    return values - np.where(one, values[one].mean(), values[other].mean())
