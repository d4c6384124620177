r"""Curves that judge a ranking of people on a trial that it has not seen.

People are sorted by estimated effect, the highest first. Among the first k there are
:math:`N_T` treated, whose outcomes sum to :math:`Y_T`, and :math:`N_C` untreated, with
:math:`Y_C`. People with equal estimates are not ranked among them, so that a curve has
points only where a group of equals ends.
"""

import numpy as np

from recbook._core.validate import check_number
from recbook.marketing.base import (
    check_propensity,
    check_rows,
    check_treated,
    check_values,
)
from recbook.marketing.uplift.trials import transformed_outcome

__all__ = ["profit_curve", "qini", "qini_curve", "uplift_curve"]


def _checked(y, effect, treated):
    check_rows(y=y, effect=effect, treated=treated)
    y = check_values("y", y)
    return y, check_values("effect", effect, len(y)), check_treated(treated, len(y))


def _sorted(effect):
    """Return the order of falling effects, and where each group of equals ends."""
    order = np.argsort(-effect)  # how equals are ordered does not matter
    falling = effect[order]
    return order, np.append(np.flatnonzero(falling[1:] != falling[:-1]), len(order) - 1)


def _sums(y, effect, treated):
    """Return k, Y_T, N_T, Y_C and N_C at the end of each group of equal effects."""
    order, ends = _sorted(effect)
    y, treated = y[order], treated[order]
    y_treated = np.cumsum(y * treated)[ends]
    y_control = np.cumsum(y * ~treated)[ends]
    n_treated = np.cumsum(treated)[ends].astype(np.float64)
    k = ends + 1
    return k, y_treated, n_treated, y_control, k - n_treated


def _ratio(a, b):
    """Return a / b, and 0 where b is 0."""
    return np.divide(a, b, out=np.zeros(len(b)), where=b != 0)


def _from_zero(k, value):
    return np.append(0, k), np.append(0.0, value)


def qini_curve(y, effect, treated):
    r"""Return the Qini curve: outcomes gained among the treated of the first k.

    .. math:: Q(k) = Y_T(k) - Y_C(k)\, \frac{N_T(k)}{N_C(k)}

    Parameters
    ----------
    y : (n,) array_like
        Outcomes of a trial in which all had the same chance of treatment.
    effect : (n,) array_like
        Any numbers that rank the people; higher comes first.
    treated : (n,) array_like
        True or 1 for people who were treated.

    Returns
    -------
    k : (m,) int array
        Numbers of people, from 0 to n; one point for each different effect.
    value : (m,) array
        :math:`Q(k)` in units of the outcome; the second term is 0 while nobody
        untreated has come.

    Raises
    ------
    ValueError
        If a value is not finite, lengths differ or an arm is empty.

    References
    ----------
    Radcliffe (2007).

    Examples
    --------
    >>> y, treated = [1, 0, 1, 1, 0, 0, 0, 1], [1, 0, 1, 0, 1, 0, 1, 0]
    >>> k, value = qini_curve(y, [8, 7, 6, 5, 4, 3, 2, 1], treated)
    >>> value.round(3).tolist()
    [0.0, 1.0, 1.0, 2.0, 1.0, 0.5, 1.0, 0.667, 0.0]
    """
    k, y_treated, n_treated, y_control, n_control = _sums(*_checked(y, effect, treated))
    return _from_zero(k, y_treated - y_control * _ratio(n_treated, n_control))


def uplift_curve(y, effect, treated):
    r"""Return the uplift curve: outcomes gained if all of the first k are treated.

    .. math:: U(k) = k \left( \frac{Y_T(k)}{N_T(k)} - \frac{Y_C(k)}{N_C(k)} \right)

    Parameters
    ----------
    y, effect, treated : (n,) array_like
        As for :func:`qini_curve`.

    Returns
    -------
    k : (m,) int array
        Numbers of people, from 0 to n.
    value : (m,) array
        :math:`U(k)` in units of the outcome; a mean of nobody counts as 0.

    Raises
    ------
    ValueError
        If a value is not finite, lengths differ or an arm is empty.

    Examples
    --------
    >>> k, value = uplift_curve([1, 0, 1, 1], [4, 3, 2, 1], [1, 0, 1, 0])
    >>> value.tolist()
    [0.0, 1.0, 2.0, 3.0, 2.0]
    """
    k, y_treated, n_treated, y_control, n_control = _sums(*_checked(y, effect, treated))
    means = _ratio(y_treated, n_treated) - _ratio(y_control, n_control)
    return _from_zero(k, k * means)


def qini(y, effect, treated, per=1000):
    r"""Return the Qini coefficient: what a ranking of people gains over a random one.

    The mean height of the Qini curve over the straight line to its end, on the scale of
    the average effect:

    .. math::
       \frac{\text{per}}{N_T}\; \frac1n \int_0^n
       \Bigl( Q(k) - \frac{k}{n}\, Q(n) \Bigr)\, dk

    It is not divided by a "perfect" curve, so that it can be compared between trials of
    the same outcome: a number of outcomes, and not a share of the unattainable.

    Parameters
    ----------
    y, effect, treated : (n,) array_like
        As for :func:`qini_curve`.
    per : float
        For how many people, above 0.

    Returns
    -------
    float
        Outcomes gained per ``per`` people, on average over all places to stop. 0 if all
        effects are equal, below 0 if the ranking is worse than a random one.

    Raises
    ------
    ValueError
        If a value is not finite, lengths differ, an arm is empty or per is not above 0.

    Examples
    --------
    >>> y, treated = [1, 0, 1, 1, 0, 0, 0, 1], [1, 0, 1, 0, 1, 0, 1, 0]
    >>> round(qini(y, [8, 7, 6, 5, 4, 3, 2, 1], treated), 1)
    224.0
    """
    per = check_number("per", per, above=0)
    k, value = qini_curve(y, effect, treated)
    area = np.trapezoid(value, k) - k[-1] * value[-1] / 2
    return float(per * area / k[-1] / np.sum(np.asarray(treated) != 0))


def profit_curve(y, effect, treated, margin, cost, propensity=None):
    r"""Return what it earns to treat the first k: margin of what is gained, less costs.

    .. math:: \hat\Pi(k) = g\, U(k) - c\, k

    With ``propensity``, :math:`U(k)` is the sum of the transformed outcomes of the
    first k, which is right where people had different chances of treatment.

    Parameters
    ----------
    y, effect, treated : (n,) array_like
        As for :func:`qini_curve`.
    margin : float
        Euros earned by a unit of the outcome, :math:`g`, at least 0.
    cost : float
        Euros for a treatment, :math:`c`, at least 0.
    propensity : float or (n,) array_like, optional
        Probability of treatment, inside (0, 1).

    Returns
    -------
    k : (m,) int array
        Numbers of people, from 0 to n.
    value : (m,) array
        Euros.

    Raises
    ------
    ValueError
        If a value is not finite, lengths differ, an arm is empty, margin or cost is
        below 0, or a propensity is 0 or 1.

    Examples
    --------
    >>> y, effect, treated = [1, 0, 1, 1], [4, 3, 2, 1], [1, 0, 1, 0]
    >>> k, euros = profit_curve(y, effect, treated, margin=20, cost=0.60)
    >>> euros.round(2).tolist()
    [0.0, 19.4, 38.8, 58.2, 37.6]
    """
    margin, cost = check_number("margin", margin, 0), check_number("cost", cost, 0)
    if propensity is None:
        k, gained = uplift_curve(y, effect, treated)
    else:
        check_rows(y=y, propensity=propensity)
        y, effect, treated = _checked(y, effect, treated)
        e = check_propensity(propensity, len(y))
        order, ends = _sorted(effect)
        gains = np.cumsum(transformed_outcome(y, treated, e)[order])[ends]
        k, gained = _from_zero(ends + 1, gains)
    return k, margin * gained - cost * k
