"""Many tests at once: which findings to keep, and how many of them are false."""

import numpy as np

from recbook._core.validate import check_number
from recbook.marketing.base import check_values

__all__ = ["adjusted_p", "false_discoveries", "false_positive_risk"]


def adjusted_p(p):
    r"""Return the p-values that Benjamini and Hochberg's procedure compares with q.

    With the p-values of m tests in rising sequence,

    .. math:: \tilde p_{(k)} = \min_{j \ge k} \min\Bigl(1, \frac{m\, p_{(j)}}{j}\Bigr)

    Parameters
    ----------
    p : (m,) array_like
        One p-value for each test, from 0 to 1, in any sequence. *All* tests that were
        run, not only those that were reported.

    Returns
    -------
    (m,) array
        In the sequence of ``p``, never below it. Those at most q are kept if a fraction
        of q of the findings may be false.

    Raises
    ------
    ValueError
        If a p-value is out of its range.

    References
    ----------
    Benjamini and Hochberg (1995).

    Examples
    --------
    >>> adjusted_p([0.01, 0.5, 0.02]).round(3).tolist()
    [0.03, 0.5, 0.03]
    """
    p = check_values("p", p, low=0, high=1)
    rank = np.argsort(p, kind="stable")
    scaled = p[rank] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[rank] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found


def false_discoveries(p, q=0.1):
    r"""Return which findings to keep so that on average a fraction q is false at most.

    The largest k with :math:`p_{(k)} \le k\,q/m` is looked for, and the k smallest are
    kept. Where tests are independent, the false part of what is kept is
    :math:`q\,m_0/m` on average, with :math:`m_0` tests without an effect.

    Parameters
    ----------
    p : (m,) array_like
        As for :func:`adjusted_p`.
    q : float
        The *false discovery rate* that is accepted, inside (0, 1).

    Returns
    -------
    (m,) bool array
        True for a finding that is kept. All False where nothing passes.

    Raises
    ------
    ValueError
        If a number is out of its range.

    References
    ----------
    Benjamini and Hochberg (1995).

    Examples
    --------
    >>> false_discoveries([0.01, 0.5, 0.06, 0.03], q=0.1).tolist()
    [True, False, True, True]
    """
    q = check_number("q", q, above=0, below=1)
    return adjusted_p(p) <= q * (1 + 1e-12)  # a p-value at its limit is kept


def false_positive_risk(significant, power=0.8, alpha=0.05):
    r"""Return the probability that a significant test has no effect behind it.

    If a fraction :math:`\pi_0` of a firm's tests has no effect, it sees
    :math:`s = \alpha\,\pi_0 + (1 - \beta)(1 - \pi_0)` of them significant. So

    .. math::
       \pi_0 = \frac{(1 - \beta) - s}{(1 - \beta) - \alpha}, \qquad
       \Pr(\text{no effect} \mid \text{significant}) = \frac{\alpha\, \pi_0}{s}

    Parameters
    ----------
    significant : float
        The firm's fraction s of tests that came out significant, gains and losses
        alike, from alpha to the power. With gains alone and half of alpha the risk
        comes out too high: tests with a loss count as tests without an effect.
    power : float
        :math:`1 - \beta`, the mean power of its tests with an effect, above alpha.
        Most firms' is below the 80 % of their plans, and the risk then lower.
    alpha : float
        Probability of a significant result without an effect, inside (0, 1).

    Returns
    -------
    float
        From 0 to 1. It is 1 where no more tests are significant than chance makes.

    Raises
    ------
    ValueError
        If a number is out of its range.

    References
    ----------
    Kohavi, Deng and Vermeer (2022).

    Examples
    --------
    A firm where one test in ten is significant, with a power of 30 %:

    >>> round(false_positive_risk(0.10, power=0.3), 3)
    0.4
    """
    alpha = check_number("alpha", alpha, above=0, below=1)
    power = check_number("power", power, above=alpha, maximum=1)
    s = check_number("significant", significant, alpha, power)
    return min(1.0, alpha * (power - s) / (power - alpha) / s)
