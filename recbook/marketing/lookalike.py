"""Look-alikes: who is like the people of a list, and by how much that lifts.

The list has known good cases, such as the responders of a trial. Everyone else is
unlabelled: neither known to be good nor to be bad.
"""

import numpy as np

from recbook._core.validate import check_number
from recbook.marketing.base import (
    check_features,
    check_rows,
    check_values,
    check_yes_no,
)
from recbook.marketing.regression import Logistic, standardized

__all__ = ["lookalike", "lift"]


def lookalike(X, listed, reg=1.0):
    r"""Score each person by how likely they are to stand on a list.

    A logistic regression of the list against everyone else, on columns with mean 0 and
    deviation 1. If the list is a random part of all positives, a share c of them, the
    score estimates

    .. math:: s(x) = \Pr(\text{listed} \mid x) = c \Pr(\text{positive} \mid x) :

    another level, but the same order. If the list is *not* a random part (only loud
    customers, only one shop), the order is that of the list, and not of the positives.

    Parameters
    ----------
    X : (n, d) array_like
        What is known of each person, in any units.
    listed : (n,) array_like of bool
        Who stands on the list.
    reg : float
        Penalty on the squared coefficients, as in ``Logistic``.

    Returns
    -------
    (n,) array
        Scores, 0 to 1. A column that is the same for all counts for nothing.

    Raises
    ------
    ValueError
        If nobody or everybody stands on the list, and for what is no number.

    References
    ----------
    Elkan and Noto (2008).

    Examples
    --------
    >>> X = [[5.0], [4.0], [1.0], [0.0], [4.5], [0.5]]
    >>> lookalike(X, [1, 1, 0, 0, 0, 0]).round(2).tolist()
    [0.56, 0.46, 0.19, 0.13, 0.51, 0.16]
    """
    check_rows(X=X, listed=listed)
    X = check_features("X", X)
    listed = check_yes_no("listed", listed, len(X))
    if listed.all() or not listed.any():
        who = "everybody" if listed.all() else "nobody"
        raise ValueError(f"listed has {who}: it takes people on the list and others")
    Z, _, _ = standardized(X)
    return Logistic(reg).fit(Z, listed).predict(Z)


def lift(y, score, share=0.1):
    r"""Return how many times the mean outcome the best-scored share has.

    .. math:: \frac{\text{mean of } y \text{ among the best}}{\text{mean of all } y}

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, at least 0.
    score : (n,) array_like
        The higher, the earlier; ties go to the lower row.
    share : float
        Share of the people, above 0 and at most 1; rounded up to whole people.

    Returns
    -------
    float
        1 for an order that says nothing, and 0 where all outcomes are 0.

    Examples
    --------
    >>> lift([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], 0.2)
    2.5
    """
    check_rows(y=y, score=score)
    y = check_values("y", y, low=0)
    score = check_values("score", score, len(y))
    share = check_number("share", share, maximum=1, above=0)
    n = max(int(np.ceil(share * len(y) - 1e-9)), 1)
    best = np.argsort(-score, kind="stable")[:n]
    return float(y[best].mean() / y.mean()) if y.any() else 0.0
