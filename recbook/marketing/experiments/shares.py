"""Whether people arrived in the arms in the proportions that were planned."""

import numpy as np
from scipy.special import chdtrc

from recbook.marketing.base import check_rows, check_values

__all__ = ["sample_ratio"]

MOST = 1e15  # people, or parts of a share


def sample_ratio(counts, shares=None):
    r"""Return the p-value of "the arms have the sizes they were meant to have".

    .. math:: \chi^2 = \sum_a \frac{(n_a - n\, s_a)^2}{n\, s_a}

    beside the chi-squared distribution with one degree of freedom less than arms. Teams
    ask for p below .001 or so before they stop a test: the check is made in every test.

    Parameters
    ----------
    counts : (k,) array_like
        People :math:`n_a` in each of at least two arms, whole numbers, not all 0.
    shares : (k,) array_like, optional
        What was meant, above 0; they are divided by their sum. Without them, equal
        shares.

    Returns
    -------
    float
        Near 0 for a *sample-ratio mismatch*: the arms differ in how people got there,
        so nothing that is measured in them can be compared. It is 1 where the counts
        are exactly as meant. The distribution is an approximation that wants some five
        people or more to be expected in each arm.

    Raises
    ------
    ValueError
        If there are fewer than two arms, a count is negative or no whole number, all
        are 0, or a share is not above 0.

    References
    ----------
    Fabijan et al. (2019).

    Examples
    --------
    >>> round(sample_ratio([50_600, 49_400]), 5)
    0.00015
    >>> sample_ratio([90, 10], shares=[9, 1])
    1.0
    """
    check_rows(counts=counts, shares=shares)
    counts = check_values("counts", counts, low=0, high=MOST)
    if len(counts) < 2:
        raise ValueError("counts has one arm: give the people of at least two")
    if (counts % 1).any():
        row = int((counts % 1 != 0).argmax())
        raise ValueError(
            f"counts[{row}] is {counts[row]}: give whole numbers of people"
        )
    if not counts.any():
        raise ValueError("counts is 0 in all arms: there is nobody to check yet")
    shares = np.ones(len(counts)) if shares is None else shares
    shares = check_values("shares", shares, len(counts), low=0, high=MOST)
    if not shares.all():
        row = int((shares == 0).argmax())
        raise ValueError(
            f"shares[{row}] is 0: leave out an arm that nobody was meant to be in"
        )
    expected = counts.sum() * shares / shares.sum()
    distance = ((counts - expected) ** 2 / expected).sum()
    return float(chdtrc(len(counts) - 1, distance))
