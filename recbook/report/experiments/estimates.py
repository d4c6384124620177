r"""Means of two arms with their errors, and from them the difference and the lift."""

from dataclasses import dataclass

import numpy as np

from recbook.marketing.base import NORMAL_975, normal_effect
from recbook.marketing.experiments.effects import adjusted

__all__ = ["Means", "lift", "means_of", "means_of_ratio", "means_with_before"]


@dataclass(frozen=True)
class Means:
    """The means of both arms, treated first, and how surely they are known.

    Parameters
    ----------
    name : str
        How they were estimated.
    values, variances : tuple of float
        The two means, and the squares of their standard errors.
    shared : float
        Covariance of the two, which an adjustment to a common mean brings.
    noise : tuple of float
        Variance of one unit in each arm, for planning the next test.
    """

    name: str
    values: tuple
    variances: tuple
    noise: tuple
    shared: float = 0.0

    @property
    def effect(self):
        """The difference of the means, an Effect."""
        variance = sum(self.variances) - 2 * self.shared
        return normal_effect(self.values[0] - self.values[1], np.sqrt(variance))


def lift(means, z=NORMAL_975):
    r"""Return the relative lift with its interval after Fieller, or None.

    The values :math:`\theta` of the ratio of two means that the data do not contradict,

    .. math::
       (m_1 - \theta m_0)^2 \le z^2 (v_1 - 2\,\theta\, c + \theta^2 v_0),

    less 1. It contains 0 exactly if the interval of the difference does. None where
    the control mean is not above 0 by z of its standard errors: then any percentage is
    possible.

    References
    ----------
    Fieller (1954), Some problems in interval estimation.

    Examples
    --------
    >>> means = Means("plain", (8.0, 6.5), (0.1, 0.1), (1, 1))
    >>> [round(end, 3) for end in lift(means)]
    [0.231, 0.09, 0.394]
    >>> lift(Means("plain", (0.3, 0.1), (0.1, 0.1), (1, 1))) is None
    True
    """
    (one, zero), (v1, v0), c = means.values, means.variances, means.shared
    a = zero**2 - z**2 * v0
    if zero <= 0 or a <= 0:
        return None
    b, last = one * zero - z**2 * c, one**2 - z**2 * v1
    root = np.sqrt(max(b**2 - a * last, 0.0))
    return tuple(float(end - 1) for end in (one / zero, (b - root) / a, (b + root) / a))


def means_of(y, treated):
    """Return the plain means of the arms.

    >>> means_of(np.array([2.0, 4.0, 1.0, 1.0]), np.array([1, 1, 0, 0]) == 1).values
    (3.0, 1.0)
    """
    arms = [y[treated], y[~treated]]
    noise = tuple(float(arm.var(ddof=1)) for arm in arms)
    values = tuple(float(arm.mean()) for arm in arms)
    variances = tuple(v / len(arm) for v, arm in zip(noise, arms, strict=True))
    return Means("plain", values, variances, noise)


def means_of_ratio(y, denominator, treated):
    """Return the ratios of sums, with errors over units (delta method).

    >>> arms = np.array([1, 1, 0, 0]) == 1
    >>> y, d = np.array([2.0, 1, 1, 1]), np.full(4, 4.0)
    >>> means_of_ratio(y, d, arms).values
    (0.375, 0.25)
    """
    values, noise, variances = [], [], []
    for arm in (treated, ~treated):
        here = y[arm].sum() / denominator[arm].sum()
        surplus = y[arm] - here * denominator[arm]
        values.append(float(here))
        noise.append(float(surplus.var(ddof=1) / denominator[arm].mean() ** 2))
        variances.append(noise[-1] / int(arm.sum()))
    return Means("ratio", tuple(values), tuple(variances), tuple(noise))


def means_with_before(y, treated, before):
    r"""Return the means less what a number from before the test explains (CUPED).

    The mean of that number over everybody is drawn, too. So both adjusted means share a
    part of their variances, that of the mean of what the number explains.

    >>> y, x = np.array([5.0, 8.0, 1.0, 4.0]), np.array([1.0, 4.0, 0.0, 3.0])
    >>> means = means_with_before(y, np.array([1, 1, 0, 0]) == 1, x)
    >>> round(means.effect.value, 12)
    3.0
    """
    y, explained = adjusted(y, (treated, ~treated), before)
    plain = means_of(y, treated)
    shared = float(explained.var() / len(y))
    variances = tuple(v + shared for v in plain.variances)
    return Means("CUPED", plain.values, variances, plain.noise, shared)
