"""Is the difference more than noise?"""

from typing import NamedTuple

import numpy as np

from recbook._core.validate import check_choice, check_number, check_positive_int

__all__ = ["PairedTest", "bootstrap_interval", "interval_of_rmse", "paired_test"]

CHUNK = 2**22  # numbers drawn at a time


class PairedTest(NamedTuple):
    """What :func:`paired_test` found.

    >>> PairedTest(difference=0.1, interval=(0.02, 0.18), p=0.01).p
    0.01
    """

    difference: float
    interval: tuple[float, float]
    p: float


def paired_test(a, b, method="permutation", n_resamples=9999, seed=0):
    r"""Is a better than b on the same users (or folds), or could it be chance?

    With the differences :math:`d_u = a_u - b_u`, the statistic is their mean.

    ``"permutation"``: were a and b alike, each :math:`d_u` could as well have had the
    other sign. p is the share of sign patterns with a mean at least as far from 0: all
    :math:`2^n` where that is no more than ``n_resamples``, else random ones. The
    interval holds every shift that the same test would not reject at 5 %.

    ``"bootstrap"``: users are drawn anew with replacement. The interval is the middle
    95 % of the means; p is twice the smaller share of means on either side of 0.

    Parameters
    ----------
    a, b : (n,) array
        Values of two models, of the same users in the same order. Where either is NaN,
        the pair is left out.
    method : {"permutation", "bootstrap"}
        See above.
    n_resamples : int
        Number of sign patterns, or of draws.
    seed : int
        Makes the result reproducible.

    Returns
    -------
    PairedTest
        ``difference``, the mean of a − b; ``interval``, its 95 % interval as (low,
        high); ``p``, two-sided.

    Raises
    ------
    ValueError
        Shapes differ, an infinity is among the values, or fewer than two pairs remain.

    Notes
    -----
    Five folds have :math:`2^5 = 32` sign patterns, so p is never below 2/32 = 0.0625
    and the permutation interval is unbounded: folds are too few, test over users.

    The sign-flip test keeps its 5 % at any n, for differences that are symmetric about
    0 where nothing differs. The bootstrap is right for many users and rejects too often
    for few: 40 heavy-tailed differences can double the 5 %.

    References
    ----------
    Smucker, Allan and Carterette (2007), A comparison of statistical significance tests
    for information retrieval evaluation, CIKM.

    Examples
    --------
    >>> paired_test([3, 5, 4, 6, 5, 7], [2, 3, 3, 4, 4, 5]).p  # 2 of 2**6 patterns
    0.03125
    """
    check_choice("method", method, ("permutation", "bootstrap"))
    check_positive_int("n_resamples", n_resamples)
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(
            f"a and b must be paired, so of one length; got {a.shape} and {b.shape}"
        )
    d = _checked("a - b", a - b)
    test = _permutation if method == "permutation" else _bootstrap
    return test(d, n_resamples, np.random.default_rng(seed))


def bootstrap_interval(values, level=0.95, n_resamples=9999, seed=0):
    """Percentile interval of the mean when the users are drawn anew.

    Parameters
    ----------
    values : (n,) array
        One value a user, as from :func:`recbook.metrics.ndcg`; NaN is left out.
    level : float
        Share of the resampled means inside, between 0 and 1.
    n_resamples : int
        Number of draws.
    seed : int
        Makes the result reproducible.

    Returns
    -------
    (float, float)
        Low and high end.

    Raises
    ------
    ValueError
        Fewer than two values, an infinity, or a level outside of [0, 1].

    References
    ----------
    Efron and Tibshirani (1993), An introduction to the bootstrap, chapter 13.

    Examples
    --------
    >>> low, high = bootstrap_interval([0.0, 0.0, 1.0, 1.0])
    >>> low <= 0.5 <= high
    True
    """
    check_number("level", level, minimum=0, maximum=1)
    check_positive_int("n_resamples", n_resamples)
    values = _checked("values", values)
    means = _resampled_means(values, n_resamples, np.random.default_rng(seed))
    return _middle(means, level)


def interval_of_rmse(errors, people, n_resamples=2000, seed=0):
    r"""Return the middle 95 % of the RMSE where people are drawn anew.

    .. math:: \sqrt{\sum_u w_u S_u \Big/ \sum_u w_u n_u}

    with :math:`S_u` the sum of a person's squared errors, :math:`n_u` their number, and
    :math:`w_u` how often the person was drawn: m draws with replacement of m people.
    All of a person's ratings come along or stay away together.

    Parameters
    ----------
    errors : (n,) array
        Rating less prediction, in stars.
    people : (n,) array
        Whose rating it is.
    n_resamples : int
        Number of draws.
    seed : int
        Makes the result reproducible.

    Returns
    -------
    (float, float)
        Low and high end, in stars.

    References
    ----------
    Efron and Tibshirani (1993), An introduction to the bootstrap, chapter 13.

    Examples
    --------
    One person with an error of 1, one with an error of 3: each may be drawn twice.

    >>> interval_of_rmse([1.0, 3.0], [0, 1])
    (1.0, 3.0)
    """
    _, codes = np.unique(people, return_inverse=True)
    squares, counts = np.bincount(codes, np.square(errors)), np.bincount(codes)
    m, rng = len(counts), np.random.default_rng(seed)
    drawn = rng.multinomial(m, np.full(m, 1 / m), size=n_resamples)  # (n, m)
    low, high = np.quantile(np.sqrt(drawn @ squares / (drawn @ counts)), [0.025, 0.975])
    return float(low), float(high)


def _checked(name, values):
    """Finite 1-d values, NaN left out."""
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"{name} must be 1-d, one value a user; got {values.ndim}-d")
    values = values[~np.isnan(values)]
    if np.isinf(values).any():
        raise ValueError(f"{name} must be finite; it holds an infinity")
    if values.size < 2:
        raise ValueError(
            f"{name} has {values.size} value(s) that are not NaN: at least 2 are needed"
        )
    return values


def _permutation(d, n_resamples, rng):
    r"""Sign-flip test, and its inversion to an interval.

    Flip the signs of a set F of the differences. For a true shift :math:`\delta`, the
    flipped mean lies at least as far from 0 as the unflipped one exactly when
    :math:`\delta` lies between the mean of d in F and the mean of d outside of F. So
    each pattern gives a range of shifts in whose favour it speaks; p counts the ranges
    that hold 0, and the interval the shifts that more than 5 % of the ranges hold.
    """
    exact = d.size < 63 and 2**d.size <= n_resamples
    flips = _all_flips(d.size) if exact else _random_flips(d.size, n_resamples, rng)
    low, high = [], []
    for flipped in flips:
        size, total = flipped.sum(axis=1), flipped @ d
        inside = total / np.maximum(size, 1)
        outside = (d.sum() - total) / np.maximum(d.size - size, 1)
        # All flipped, or none: the mean keeps its distance, whatever the shift.
        trivial = (size == 0) | (size == d.size)
        low.append(np.where(trivial, -np.inf, np.minimum(inside, outside)))
        high.append(np.where(trivial, np.inf, np.maximum(inside, outside)))
    if not exact:  # what was observed is one of the patterns
        low.append([-np.inf])
        high.append([np.inf])
    low, high = np.sort(np.concatenate(low)), -np.sort(-np.concatenate(high))
    rounding = 1e-12 * np.abs(d).max()
    holds_zero = low <= rounding if d.mean() > 0 else high >= -rounding
    ends = float(low[low.size // 20]), float(high[low.size // 20])  # 5 % lie outside
    return PairedTest(float(d.mean()), ends, float(holds_zero.mean()))


def _all_flips(n):
    """Every set of n places, as rows of booleans, in one block."""
    yield (np.arange(2**n)[:, None] >> np.arange(n)) % 2 == 1


def _random_flips(n, n_resamples, rng):
    """Random sets of n places, as rows of booleans, in blocks."""
    for rows in _chunks(n_resamples, n):
        yield rng.integers(2, size=(rows, n), dtype=np.bool_)


def _chunks(n_rows, width):
    """Split n_rows so that rows x width stays small."""
    size = max(1, CHUNK // width)
    return [min(size, n_rows - start) for start in range(0, n_rows, size)]


def _bootstrap(d, n_resamples, rng):
    """Paired bootstrap of the differences."""
    means = _resampled_means(d, n_resamples, rng)
    smaller = min(np.sum(means <= 0), np.sum(means >= 0))
    p = min(1.0, 2 * (smaller + 1) / (n_resamples + 1))
    return PairedTest(float(d.mean()), _middle(means, 0.95), float(p))


def _resampled_means(values, n_resamples, rng):
    """Means of draws with replacement, (n_resamples,)."""
    means = [
        values[rng.integers(values.size, size=(rows, values.size))].mean(axis=1)
        for rows in _chunks(n_resamples, values.size)
    ]
    return np.concatenate(means)


def _middle(means, level):
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
