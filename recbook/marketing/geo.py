r"""What a campaign adds where it runs, from the sales of regions where it does not.

All methods take the logarithm of sales, less each region's mean before the campaign:
:math:`d_{rt} = \ln s_{rt} - \frac{1}{t_0} \sum_{k < t_0} \ln s_{rk}`. The treated
regions are one line, their mean. Its counterpart is a weighted mean of the other
regions, and the gap between the two after the start is the effect.
"""

import itertools
from math import comb

import numpy as np
from scipy.optimize import nnls
from scipy.special import stdtrit

from recbook._core.validate import (
    check_choice,
    check_number,
    check_positive_int,
    check_seed,
    generator,
)
from recbook.marketing.base import Effect, check_features, check_rows, check_treated

__all__ = ["geo_lift", "weekly_gap", "synthetic_weights", "placebos", "detectable"]

METHODS = ("did", "synthetic")
LEVEL = 0.05  # a lift is found where p is at most this
FEWEST = 20  # assignments with which p can be so small
LARGEST = 10.0  # lift that is tried, as a difference of logarithms


def synthetic_weights(sales, treated, start):
    r"""Return the mix of untreated regions that was most like the treated ones.

    .. math::
       \min_w \sum_{t < t_0} \Bigl( \bar d_t - \sum_r w_r d_{rt} \Bigr)^2
       \quad \text{subject to} \quad w_r \ge 0, \ \sum_r w_r = 1

    Only the weeks before the start are used.

    Parameters
    ----------
    sales : (n_regions, n_weeks) array_like
        In euros, above 0.
    treated : (n_regions,) array_like
        True or 1 where the campaign ran; at least two regions must be without.
    start : int
        Its first week, counted from 0, with at least two weeks before it.

    Returns
    -------
    (n_regions,) array
        Weights that sum to 1; 0 for treated regions.

    Raises
    ------
    ValueError
        If sales are not above 0, start leaves too few weeks on either side, or there is
        no treated region or fewer than two untreated ones.

    References
    ----------
    Abadie, Diamond and Hainmueller (2010).

    Examples
    --------
    Each week the first region grows as the mean of the other two does.

    >>> sales = [[4, 8, 16, 16], [1, 4, 16, 16], [1, 1, 1, 1]]
    >>> synthetic_weights(sales, [1, 0, 0], start=3).round(3).tolist()
    [0.0, 0.5, 0.5]
    """
    return _weights(*_checked(sales, treated, start), "synthetic")


def weekly_gap(sales, treated, start, method="synthetic"):
    r"""Return by how much the treated regions are above their counterpart, each week.

    .. math:: g_t = \bar d_t - \sum_r w_r d_{rt}

    with equal weights of the untreated regions for difference in differences.

    Parameters
    ----------
    sales, treated, start
        As for :func:`synthetic_weights`.
    method : {"did", "synthetic"}
        Equal weights, or those of :func:`synthetic_weights`.

    Returns
    -------
    (n_weeks,) array
        Differences of logarithms: .05 is about 5 %. Their mean before the start is 0.

    Raises
    ------
    ValueError
        As :func:`synthetic_weights`, and for another method.

    Examples
    --------
    >>> sales = [[4, 8, 16, 32], [1, 4, 16, 16], [1, 1, 1, 1]]
    >>> weekly_gap(sales, [1, 0, 0], start=3).round(3).tolist()
    [0.0, 0.0, 0.0, 0.693]
    """
    check_choice("method", method, METHODS)
    return _gap(*_checked(sales, treated, start), method)


def placebos(sales, treated, start, method="synthetic", n=200, seed=0):
    """Return the effects that are found where other regions are drawn.

    As many regions as were treated are drawn from all of them, and the rest are their
    counterpart. Where the campaign does nothing, the true assignment is one of these.

    Parameters
    ----------
    sales, treated, start, method
        As for :func:`weekly_gap`.
    n : int
        Number of assignments. Where there are no more than n, all but the true one are
        taken.
    seed : int
        Seed of the assignments.

    Returns
    -------
    (n_assignments,) array
        Effects as shares of sales, .05 for 5 %.

    Raises
    ------
    ValueError
        As :func:`weekly_gap`, and if n is below 2.

    References
    ----------
    Abadie, Diamond and Hainmueller (2010).

    Examples
    --------
    >>> sales = [[4, 8, 16, 32], [1, 4, 16, 16], [1, 1, 1, 1]]
    >>> placebos(sales, [1, 0, 0], start=3, method="did").round(3).tolist()
    [1.0, -0.75]
    """
    check_choice("method", method, METHODS)
    d, treated, start = _checked(sales, treated, start)
    n = check_positive_int("n", n, minimum=2)
    return np.expm1(_placebos(d, treated, start, method, n, seed))


def geo_lift(sales, treated, start, method="synthetic", n=200, seed=0):
    r"""Estimate by which share a campaign raised sales where it ran.

    .. math:: \hat\tau = \exp\Bigl( \frac{1}{T - t_0} \sum_{t \ge t_0} g_t \Bigr) - 1

    The error is the spread of :func:`placebos` of sales from which this effect has been
    taken out, with one degree of freedom less for that, as of any difference of two
    means: times :math:`\sqrt{(n - 1)/(n - 2)}` for n regions. The p-value is the share
    of assignments, the true one among them, that find at least as much in the sales as
    they are: exact where the regions were chosen at random.

    Parameters
    ----------
    sales, treated, start, method
        As for :func:`weekly_gap`.
    n, seed : int
        Assignments, as for :func:`placebos`.

    Returns
    -------
    Effect
        As a share of sales, .05 for 5 %. The interval is Student's, with n − 2 degrees
        of freedom, on the logarithm. The p is at least one by the number of
        assignments.

    Raises
    ------
    ValueError
        As :func:`placebos`.

    References
    ----------
    Vaver and Koehler (2011); Abadie, Diamond and Hainmueller (2010).

    Examples
    --------
    >>> from recbook.marketing import worlds
    >>> world = worlds.regions(lift=0.05)
    >>> effect = geo_lift(world.sales, world.treated, world.start)
    >>> effect.interval[0] < 0.05 < effect.interval[1]
    True
    """
    check_choice("method", method, METHODS)
    d, treated, start = _checked(sales, treated, start)
    n = check_positive_int("n", n, minimum=2)
    gap = float(_gap(d, treated, start, method)[start:].mean())
    others = _placebos(d, treated, start, method, n, seed)
    calm = d.copy()
    calm[np.ix_(treated, np.arange(d.shape[1]) >= start)] -= gap
    spread = np.std(_placebos(calm, treated, start, method, n, seed), ddof=1)
    free = len(d) - 2
    error = float(spread * np.sqrt((free + 1) / free))
    reach = float(stdtrit(free, 0.975)) * error
    at_least = np.abs(others) >= abs(gap) * (1 - 1e-9)
    p = float((1 + at_least.sum()) / (1 + len(others)))
    ends = float(np.expm1(gap - reach)), float(np.expm1(gap + reach))
    return Effect(float(np.expm1(gap)), float(np.exp(gap) * error), ends, p)


def detectable(
    sales, n_treated, weeks, before, method="synthetic", power=0.8, n=99, seed=0
):
    r"""Return the smallest lift that a test of regions finds with some power.

    The test is tried on the past, where nothing happened. Of a stretch of ``before``
    and ``weeks`` weeks, n + 1 random assignments are drawn. Each in turn is taken for
    the true one, a lift is put into its sales of the last ``weeks`` weeks, and
    :func:`geo_lift`'s p-value is computed, with the others as placebos. The answer is
    the least lift for which a share ``power`` of all has p ≤ .05. The last stretch ends
    today and each of the others ``weeks`` weeks earlier, as many as the sales have.

    Parameters
    ----------
    sales : (n_regions, n_weeks) array_like
        In euros, above 0, without the campaign.
    n_treated : int
        In how many regions it will run; at least two must be without.
    weeks : int
        For how many weeks.
    before : int
        How many weeks before its start the method will use, at least two.
    method : {"did", "synthetic"}
        As for :func:`geo_lift`.
    power : float
        Above 0 and below 1.
    n : int
        Draws in each stretch, as for :func:`placebos`; at least 19.
    seed : int
        Seed of the draws.

    Returns
    -------
    float
        As a share of sales, .05 for 5 %. 0 where the method never errs.

    Raises
    ------
    ValueError
        As :func:`placebos`; if the sales have too few weeks, or the regions too few
        assignments: with fewer than 20, no p-value is .05 or less.

    References
    ----------
    Vaver and Koehler (2011).

    Examples
    --------
    >>> from recbook.marketing import worlds
    >>> calm = worlds.regions(n_weeks=104, start=102, lift=0.0).sales
    >>> [round(detectable(calm, n, 8, before=52, n=50), 3) for n in (2, 8)]
    [0.037, 0.018]
    """
    check_choice("method", method, METHODS)
    weeks = check_positive_int("weeks", weeks)
    before = check_positive_int("before", before, minimum=2)
    n_treated = check_positive_int("n_treated", n_treated)
    power = check_number("power", power, above=0, below=1)
    n, seed = check_positive_int("n", n, minimum=FEWEST - 1), check_seed(seed)
    sales = check_features("sales", sales)
    n_regions, n_weeks = sales.shape
    if n_treated > n_regions - 2 or comb(n_regions, n_treated) < FEWEST:
        raise ValueError(
            f"n_treated is {n_treated} of {n_regions} regions: leave at least two "
            f"untreated, and have {FEWEST} ways or more to choose the treated ones"
        )
    if before + weeks > n_weeks:
        raise ValueError(
            f"sales have {n_weeks} weeks, but a try needs {before} before and {weeks} "
            "with a campaign: give a longer history, or plan with fewer weeks"
        )
    first = np.arange(n_regions) < n_treated
    tries = []
    for end in range(n_weeks, before + weeks - 1, -weeks):
        stretch = _checked(sales[:, end - before - weeks : end], first, before)
        tries.append(_tries(*stretch, method, n, seed + end))
    return float(np.expm1(_least(tries, power)))


def _tries(d, treated, start, method, n, seed):
    """Return the effects (m,) of m assignments, and what a lift adds to each (m, m).

    Weights stand on the weeks before the start, so a lift in the regions of assignment
    j adds a multiple [i, j] of itself to the effect of assignment i, and 1 to its own.
    """
    rng, n_regions, n_treated = generator(seed), len(treated), int(treated.sum())
    chosen = set()
    while len(chosen) < min(n + 1, comb(n_regions, n_treated)):
        order = np.argsort(rng.random(n_regions), kind="stable")
        chosen.add(tuple(sorted(order[:n_treated].tolist())))
    drawn = np.zeros((len(chosen), n_regions))
    for row, regions in enumerate(sorted(chosen)):
        drawn[row, list(regions)] = 1.0
    mixes = [_weights(d, assigned == 1, start, method) for assigned in drawn]
    contrast = drawn / n_treated - mixes
    return contrast @ d[:, start:].mean(axis=1), contrast @ drawn.T


def _least(tries, power):
    """Return the least lift, a difference of logarithms, found with this power."""

    def found(lift):
        shares = []
        for effect, added in tries:
            seen = np.abs(effect[:, None] + lift * added)
            p = (seen >= np.diag(seen) * (1 - 1e-9)).mean(axis=0)
            shares.append((p <= LEVEL + 1e-9).mean())
        return np.mean(shares)

    high = max(np.abs(effect).max() for effect, _ in tries)
    while high > 0 and found(high) < power:
        high *= 2
        if high > LARGEST:
            raise ValueError(
                f"power is {power}, which no lift reaches: have more regions"
            )
    low = 0.0
    for _ in range(30 if high > 0 else 0):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) >= power else (middle, high)
    return high


def _checked(sales, treated, start):
    """Return demeaned logarithms (n_regions, n_weeks), treated, and start."""
    check_rows(sales=sales, treated=treated)
    sales = check_features("sales", sales)
    if (sales <= 0).any():
        row, week = np.argwhere(sales <= 0)[0]
        raise ValueError(
            f"sales[{row}, {week}] is {sales[row, week]}: give a number above 0, since "
            "effects are shares; join small regions, or weeks"
        )
    treated = check_treated(treated, len(sales))
    if (~treated).sum() < 2:
        raise ValueError(
            "treated has one region untreated: a counterpart needs two or more"
        )
    start = check_positive_int("start", start, minimum=2)
    if start >= sales.shape[1]:
        raise ValueError(
            f"start is {start}, but the last of {sales.shape[1]} weeks is "
            f"{sales.shape[1] - 1}, counted from 0"
        )
    logs = np.log(sales)
    return logs - logs[:, :start].mean(axis=1, keepdims=True), treated, start


def _weights(d, treated, start, method):
    weights = np.zeros(len(d))
    if method == "did":
        weights[~treated] = 1 / (~treated).sum()
        return weights
    # Weights that sum to 1 make the miss a mix of misses, B w. A last row of ones and
    # a target of 1 leave only w ≥ 0 to be kept; dividing by the sum then gives the
    # minimum exactly, since |B w|² + (Σw − 1)² is least along the same direction.
    misses = (d[~treated, :start] - d[treated, :start].mean(axis=0)).T
    scale = np.abs(misses).max() or 1.0
    rows = np.vstack([misses / scale, np.ones(misses.shape[1])])
    mix, _ = nnls(rows, np.append(np.zeros(start), 1.0))
    weights[~treated] = mix / mix.sum()
    return weights


def _gap(d, treated, start, method):
    return d[treated].mean(axis=0) - _weights(d, treated, start, method) @ d


def _placebos(d, treated, start, method, n, seed):
    """Return the effects of other assignments, as differences of logarithms."""
    return np.array([
        _gap(d, assigned, start, method)[start:].mean()
        for assigned in _assignments(treated, n, seed)
    ])  # fmt: skip


def _assignments(treated, n, seed):
    """Yield other choices of as many regions: all of them, or n at random."""
    n_regions, n_treated = len(treated), int(treated.sum())
    rng = generator(seed)
    if comb(n_regions, n_treated) - 1 <= n:
        chosen = itertools.combinations(range(n_regions), n_treated)
    else:
        chosen = (
            np.argsort(rng.random(n_regions), kind="stable")[:n_treated]
            for _ in range(n)
        )
    for regions in chosen:
        assigned = np.isin(np.arange(n_regions), regions)
        if (assigned != treated).any():
            yield assigned
