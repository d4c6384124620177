"""How many people see an ad at least n times."""

import numpy as np
from scipy.special import betainc, gammainc

from recbook._core.arrays import check_reals
from recbook._core.validate import check_number
from recbook.marketing.base import check_counts, check_values

__all__ = ["reach"]


def reach(mean, shape=None, n=1):
    r"""Return the share of people who see an ad at least n times.

    With the same chances for everybody, impressions are Poisson. Where people differ in
    how often they come, by a gamma distribution of this shape k around the mean m, they
    are negative binomial:

    .. math::
       \Pr(N \ge 1) = 1 - e^{-m} \qquad \text{or} \qquad
       \Pr(N \ge 1) = 1 - \Bigl(1 + \frac{m}{k}\Bigr)^{-k}

    and the mean frequency of those who are reached is m over it.

    Parameters
    ----------
    mean : float or (a,) array_like
        Impressions per person m, of all people, at least 0.
    shape : float, optional
        k, above 0: the smaller, the more people differ. Without it, Poisson.
    n : int or (a,) array_like
        From how many impressions on a person counts, at least 0.

    Returns
    -------
    float or (a,) array
        Between 0 and 1; 1 for n = 0. Where one of ``mean`` and ``n`` is a number, it
        goes with each of the other.

    Raises
    ------
    ValueError
        If a number is out of its range or the lengths differ.

    References
    ----------
    Ehrenberg (1959).

    Examples
    --------
    Four impressions per person on average, with k = 1: one in five never comes.

    >>> reach(4.0, shape=1.0), round(reach(4.0), 3)
    (0.8, 0.982)
    >>> reach(4.0, shape=1.0, n=[1, 2, 3]).round(3).tolist()
    [0.8, 0.64, 0.512]
    """
    single = np.ndim(mean) == np.ndim(n) == 0
    m = check_values("mean", np.atleast_1d(check_reals("mean", mean)), low=0)
    n = check_counts("n", np.atleast_1d(check_reals("n", n)), of="impressions")
    if len(m) != len(n) and 1 not in (len(m), len(n)):
        raise ValueError(
            f"mean has {len(m)} numbers and n {len(n)}: give one n for each mean"
        )
    least = np.maximum(n, 1.0)  # both functions want a positive n
    if shape is None:
        share = gammainc(least, m)
    else:
        k = check_number("shape", shape, above=0)
        share = betainc(least, k, m / (m + k))
    share = np.where(n == 0, 1.0, share)
    return float(share[0]) if single else share
