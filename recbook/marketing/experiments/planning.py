"""How many people a test needs, and what a test of a given size can see."""

import math

import numpy as np
from scipy.special import ndtr, ndtri

from recbook._core.arrays import check_reals
from recbook._core.validate import check_number
from recbook.marketing.base import check_values

__all__ = ["power", "sample_size"]

MOST = 2**53  # people; beyond it a float counts no longer one by one


def sample_size(effect, variance, power=0.8, alpha=0.05):
    r"""Return how many people each arm needs to see an effect with this power.

    .. math::
       n = \frac{(z_{1-\alpha/2} + z_{\text{power}})^2\,
       (\sigma_0^2 + \sigma_1^2)}{\delta^2}, \text{ rounded up}

    Parameters
    ----------
    effect : float
        Difference of means :math:`\delta` that is worth finding, in units of the
        outcome; not 0.
    variance : float or (2,) array_like
        Variance of the outcome, in both arms or in each, at least 0 and not both 0. A
        rate p has the variance p (1 - p).
    power : float
        Probability of a significant result if the effect is there; above ``alpha``.
    alpha : float
        Probability of a significant result without an effect, inside (0, 1).

    Returns
    -------
    int
        People in *each* arm, at least 2. The chance of a significant result with the
        wrong sign is not counted, so that the power is never below what was asked for.

    Raises
    ------
    ValueError
        If the effect or both variances are 0, a number is out of its range, or the
        answer is beyond 2^53.

    References
    ----------
    Casella and Berger (2002).

    Examples
    --------
    From 6.5 to 8 orders per 100 people:

    >>> sample_size(0.015, [0.065 * 0.935, 0.08 * 0.92])
    4688
    """
    effect, total = _effect(effect), _variances(variance).sum()
    alpha = check_number("alpha", alpha, above=0, below=1)
    power = check_number("power", power, above=0, below=1)
    if power <= alpha:
        raise ValueError(
            f"power is {power}, not above alpha, {alpha}: a test without any data "
            "reaches that; ask for 0.8, say"
        )
    with np.errstate(over="ignore", divide="ignore"):
        n = (ndtri(power) - ndtri(alpha / 2)) ** 2 * total / np.square(effect)
    if not n < MOST:
        raise ValueError(
            f"effect is {effect}: against variances of {total} in all it needs "
            f"{n:.3g} people in each arm; ask for a larger effect"
        )
    return max(2, math.ceil(n))


def power(effect, variance, n, alpha=0.05):
    r"""Return the probability that a test of this size is significant.

    .. math::
       \Phi\Bigl(\frac{\delta}{\mathrm{se}} - z\Bigr)
       + \Phi\Bigl(-\frac{\delta}{\mathrm{se}} - z\Bigr), \qquad
       \mathrm{se}^2 = \frac{\sigma_0^2}{n_0} + \frac{\sigma_1^2}{n_1}, \quad
       z = z_{1-\alpha/2}

    Parameters
    ----------
    effect : float
        True difference of means, in units of the outcome. With 0 the answer is alpha.
    variance : float or (2,) array_like
        Variance of the outcome, in both arms or in each, at least 0 and not both 0.
    n : int or (2,) array_like
        People in each arm, at least 1.
    alpha : float
        Probability of a significant result without an effect, inside (0, 1).

    Returns
    -------
    float
        Between alpha and 1.

    Raises
    ------
    ValueError
        If both variances are 0 or a number is out of its range.

    References
    ----------
    Casella and Berger (2002).

    Examples
    --------
    >>> round(power(0.015, [0.065 * 0.935, 0.08 * 0.92], 4688), 3)
    0.8
    """
    effect, variance = check_number("effect", effect), _variances(variance)
    z = -ndtri(check_number("alpha", alpha, above=0, below=1) / 2)
    n = _pair("n", n, low=1)
    if (n % 1).any():
        raise ValueError(f"n is {n.tolist()}: give whole numbers of people")
    reach = abs(effect) / np.sqrt((variance / n).sum())
    return float(ndtr(reach - z) + ndtr(-reach - z))


def _effect(effect):
    effect = check_number("effect", effect)
    if effect == 0:
        raise ValueError(
            "effect is 0, which no number of people can find: give the smallest "
            "effect that would change the decision"
        )
    return effect


def _pair(name, values, low):
    """Return two numbers, of which one stands for both."""
    values = check_reals(name, values)
    values = np.full(2, values) if not values.ndim else values
    return check_values(name, values, 2, low=low)


def _variances(variance):
    variance = _pair("variance", variance, low=0)
    if not variance.any():
        raise ValueError(
            "variance is 0 in both arms: an outcome that never varies needs no test"
        )
    return variance
