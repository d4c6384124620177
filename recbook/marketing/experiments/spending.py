"""Bounds for looks that nobody planned: the error is spent as people arrive."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from recbook._core.validate import check_choice, check_number
from recbook.marketing.base import check_values
from recbook.marketing.experiments.looks import FAR, Walk, check_fractions

__all__ = ["spending_bounds", "spent"]

# How much of alpha may be spent up to a fraction t of the planned people.
KINDS = {
    "obrien-fleming": lambda t, alpha: 4 * ndtr(ndtri(alpha / 4) / np.sqrt(t)),
    "pocock": lambda t, alpha: alpha * np.log1p(np.expm1(1.0) * t),
}


def spent(fractions, alpha=0.05, kind="obrien-fleming"):
    r"""Return how much of alpha may be spent up to a fraction of the planned people.

    Half of alpha belongs to each side of 0. With :math:`z = z_{1-\alpha/4}`

    .. math::
       \alpha(t) = 4\,\Phi\Bigl(-\frac{z}{\sqrt t}\Bigr), \qquad
       \alpha \ln\bigl(1 + (e - 1)\,t\bigr) \qquad \text{or} \qquad \alpha\, t^r

    after O'Brien and Fleming, after Pocock, or by a power r.

    Parameters
    ----------
    fractions : (K,) array_like
        Fractions t, above 0 and at most 1.
    alpha : float
        Probability of a false alarm in all, from 1e-6 to 0.5.
    kind : {"obrien-fleming", "pocock"} or float
        A number is the power r, from .1 to 20. With 1 the error is spent evenly, with 3
        nearly as O'Brien and Fleming's.

    Returns
    -------
    (K,) array
        From 0 to alpha, which it is at 1.

    Raises
    ------
    ValueError
        If a number is out of its range or the kind is another.

    References
    ----------
    Lan and DeMets (1983); Kim and DeMets (1987).

    Examples
    --------
    >>> spent([0.2, 0.6, 1.0]).round(5).tolist()
    [0.0, 0.00762, 0.05]
    >>> spent([0.2, 0.6, 1.0], kind=1.0).round(5).tolist()
    [0.01, 0.03, 0.05]
    """
    t = check_values("fractions", fractions, high=1, above=0)
    alpha = check_number("alpha", alpha, 1e-6, 0.5)
    if isinstance(kind, str):
        check_choice("kind", kind, KINDS)
        return KINDS[kind](t, alpha)
    return alpha * t ** check_number("kind", kind, 0.1, 20)


def spending_bounds(fractions, alpha=0.05, kind="obrien-fleming"):
    r"""Return a bound for each look, whenever the looks were taken.

    Look k may stop as many tests without an effect as :func:`spent` allows since the
    look before:

    .. math::
       \Pr\bigl(|Z_1| \le b_1, \dots, |Z_{k-1}| \le b_{k-1},\, |Z_k| > b_k\bigr)
       = \alpha(t_k) - \alpha(t_{k-1})

    solved for :math:`b_k`, one look after another, with the density that
    :func:`crossing` carries on.

    Parameters
    ----------
    fractions : (K,) array_like
        The people of each look over the planned ones: rising by at least .002, at most
        1. **A bound depends on the looks so far alone**, so the next one may be taken
        whenever one likes. *When* must not depend on the results.
    alpha, kind : float, str or float
        As for :func:`spent`.

    Returns
    -------
    (K,) array
        To be compared with :math:`|Z_k|`. 9 where a look may spend less than such a
        bound does: nothing stops there.

    Raises
    ------
    ValueError
        As :func:`spent`, or if fractions do not rise.

    References
    ----------
    Lan and DeMets (1983).

    Examples
    --------
    >>> spending_bounds([0.2, 0.4, 0.6, 0.8, 1.0]).round(3).tolist()
    [4.877, 3.357, 2.68, 2.29, 2.031]
    >>> spending_bounds([0.35, 0.5, 1.0]).round(3).tolist()
    [3.613, 2.973, 1.969]
    """
    fractions = check_fractions(fractions)
    share = np.diff(spent(fractions, alpha, kind), prepend=0.0)
    walk, bounds = Walk(fractions), np.full(len(fractions), FAR)
    for k, deviation in enumerate(np.sqrt(walk.variances)):

        def too_many(b, k=k, deviation=deviation):
            return walk.beyond(k, b * deviation) - share[k]

        if too_many(FAR) < 0:
            bounds[k] = brentq(too_many, 0.0, FAR, xtol=1e-13)
        walk.on(k, bounds[k] * deviation)
    return bounds
