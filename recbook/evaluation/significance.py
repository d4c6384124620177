"""Tests of whether a difference is more than noise."""

from typing import NamedTuple

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.frames import check_rows
from recbook._core.validate import (
    check_choice,
    check_number,
    check_positive_int,
    generator,
)

__all__ = ["PairedTest", "bootstrap_interval", "interval_of_rmse", "paired_test"]

CHUNK = 2**22  # random numbers per block


class PairedTest(NamedTuple):
    """The result of :func:`~recbook.evaluation.paired_test`.

    Attributes
    ----------
    difference : float
        Mean of a − b.
    interval : (float, float)
        Its 95 % interval.
    p : float
        Two-sided p-value.

    Examples
    --------
    >>> PairedTest(difference=0.1, interval=(0.02, 0.18), p=0.01).p
    0.01
    """

    difference: float
    interval: tuple[float, float]
    p: float


def paired_test(a, b, method="permutation", n_resamples=9999, seed=0):
    """Test whether the mean difference between two models is more than chance.

    The models are measured on the same users (or folds). The statistic is the mean of
    the differences :math:`d_u = a_u - b_u`.

    ``method="permutation"`` flips signs. If the models were equally good, each
    :math:`d_u` could just as well have the other sign. p is the share of sign patterns
    whose mean is at least as far from 0. All :math:`2^n` patterns are tried if they are
    at most ``n_resamples``, else that many random ones. The interval holds every shift
    that the same test would not reject at 5 %.

    ``method="bootstrap"`` draws the users again with replacement. The interval is the
    middle 95 % of the means. p is twice the smaller share of means on either side of 0.

    Parameters
    ----------
    a, b : (n,) array
        Values of two models for the same users in the same order. A pair with a NaN is
        left out.
    method : {"permutation", "bootstrap"}
        Which test to use, as above.
    n_resamples : int
        Number of sign patterns or of draws.
    seed : int
        Seeds the random patterns or draws.

    Returns
    -------
    PairedTest
        ``difference`` is the mean of a − b, ``interval`` its 95 % interval (low, high),
        and ``p`` the two-sided p-value.

    Raises
    ------
    ValueError
        If shapes differ, a value is infinite or no number, or fewer than two pairs
        remain.

    Notes
    -----
    Five folds have :math:`2^5 = 32` sign patterns, so p is never below 2/32 = 0.0625
    and the permutation interval is unbounded. Folds are too few, so test over users.

    The permutation test keeps its 5 % for any n if the differences are symmetric about
    0 under equality. The bootstrap needs many users. For few it rejects too often: with
    40 heavy-tailed differences the 5 % can double.

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
    check_rows(a=a, b=b)
    a, b = _numbers("a", a), _numbers("b", b)
    if a.shape != b.shape:
        raise ValueError(
            f"a and b must be paired, so of one length; got {a.shape} and {b.shape}"
        )
    d = _checked("a - b", a - b)
    test = _permutation if method == "permutation" else _bootstrap
    return test(d, n_resamples, generator(seed))


def bootstrap_interval(values, level=0.95, n_resamples=9999, seed=0):
    """Return a percentile interval of the mean by drawing the users again.

    Parameters
    ----------
    values : (n,) array
        One value per user, such as from :func:`~recbook.metrics.ndcg`. NaN is left out.
    level : float
        Share of the resampled means inside the interval, in [0, 1]. The default is 95
        %.
    n_resamples : int
        Number of draws with replacement.
    seed : int
        Seeds the draws.

    Returns
    -------
    (float, float)
        Low and high end.

    Raises
    ------
    ValueError
        If there are fewer than two values, a value is infinite, or level is not in [0,
        1].

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
    means = _resampled_means(values, n_resamples, generator(seed))
    return _middle(means, level)


def interval_of_rmse(errors, people, n_resamples=2000, seed=0):
    r"""Return the middle 95 % of the RMSE by drawing the users again.

    .. math:: \sqrt{\sum_u w_u S_u \Big/ \sum_u w_u n_u}

    :math:`S_u` is the sum of a user's squared errors, :math:`n_u` is their number, and
    :math:`w_u` is how often the user is drawn in m draws with replacement from m users.
    All of a user's ratings come along or stay away together.

    Parameters
    ----------
    errors : (n,) array
        Rating minus prediction, in stars.
    people : (n,) array
        Code of the user who gave each rating.
    n_resamples : int
        Number of draws.
    seed : int
        Seeds the draws.

    Returns
    -------
    (float, float)
        Low and high end, in stars.

    Raises
    ------
    ValueError
        If an error is not a finite number, there is none, or the lengths differ.

    References
    ----------
    Efron and Tibshirani (1993), An introduction to the bootstrap, chapter 13.

    Examples
    --------
    One user has an error of 1, another an error of 3. Each may be drawn twice.

    >>> interval_of_rmse([1.0, 3.0], [0, 1])
    (1.0, 3.0)
    """
    check_rows(errors=errors, people=people)
    errors = check_reals("errors", errors)
    if errors.ndim != 1 or not errors.size or not np.isfinite(errors).all():
        raise ValueError(
            f"errors must be finite numbers, one per rating; got shape {errors.shape}"
        )
    if np.shape(people) != errors.shape:
        raise ValueError(
            f"people must be one code per error, so {errors.size}; got shape "
            f"{np.shape(people)}"
        )
    _, codes = np.unique(people, return_inverse=True)
    squares, counts = np.bincount(codes, np.square(errors)), np.bincount(codes)
    m, rng = len(counts), generator(seed)
    drawn = rng.multinomial(m, np.full(m, 1 / m), size=n_resamples)  # (n, m)
    low, high = np.quantile(np.sqrt(drawn @ squares / (drawn @ counts)), [0.025, 0.975])
    return float(low), float(high)


def _numbers(name, values):
    """Return real numbers as float64, bools as 0 and 1."""
    return check_reals(name, values, bools=True)  # such as whether a list has a hit


def _checked(name, values):
    """Return finite 1-d values without NaN; raise if they are not, or too few."""
    values = check_reals(name, values, bools=True)
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
    r"""Run the sign-flip test, and invert it to an interval.

    Flip the signs of a set F of the differences. For a true shift :math:`\delta`, the
    flipped mean lies at least as far from 0 as the unflipped one exactly when
    :math:`\delta` lies between the mean of d in F and the mean of d outside F. So each
    pattern gives a range of shifts. p is the share of ranges that hold 0, and the
    interval holds the shifts that lie in more than 5 % of the ranges.
    """
    exact = d.size < 63 and 2**d.size <= n_resamples
    flips = _all_flips(d.size) if exact else _random_flips(d.size, n_resamples, rng)
    low, high = [], []
    for flipped in flips:
        size, total = flipped.sum(axis=1), flipped @ d
        inside = total / np.maximum(size, 1)
        outside = (d.sum() - total) / np.maximum(d.size - size, 1)
        # All flipped, or none: the mean keeps its distance for every shift.
        trivial = (size == 0) | (size == d.size)
        low.append(np.where(trivial, -np.inf, np.minimum(inside, outside)))
        high.append(np.where(trivial, np.inf, np.maximum(inside, outside)))
    if not exact:  # the observed signs are one of the patterns
        low.append([-np.inf])
        high.append([np.inf])
    low, high = np.sort(np.concatenate(low)), -np.sort(-np.concatenate(high))
    rounding = 1e-12 * np.abs(d).max()
    holds_zero = low <= rounding if d.mean() > 0 else high >= -rounding
    ends = float(low[low.size // 20]), float(high[low.size // 20])  # 5 % lie outside
    return PairedTest(float(d.mean()), ends, float(holds_zero.mean()))


def _all_flips(n):
    """Yield every set of n places, as rows of booleans, in one block."""
    yield (np.arange(2**n)[:, None] >> np.arange(n)) % 2 == 1


def _random_flips(n, n_resamples, rng):
    """Yield random sets of n places, as rows of booleans, in blocks."""
    for rows in _chunks(n_resamples, n):
        yield rng.integers(2, size=(rows, n), dtype=np.bool_)


def _chunks(n_rows, width):
    """Split n_rows into sizes such that size x width stays small."""
    size = max(1, CHUNK // width)
    return [min(size, n_rows - start) for start in range(0, n_rows, size)]


def _bootstrap(d, n_resamples, rng):
    """Run the paired bootstrap of the differences."""
    means = _resampled_means(d, n_resamples, rng)
    smaller = min(np.sum(means <= 0), np.sum(means >= 0))
    p = min(1.0, 2 * (smaller + 1) / (n_resamples + 1))
    return PairedTest(float(d.mean()), _middle(means, 0.95), float(p))


def _resampled_means(values, n_resamples, rng):
    """Return the means of draws with replacement, (n_resamples,)."""
    means = [
        values[rng.integers(values.size, size=(rows, values.size))].mean(axis=1)
        for rows in _chunks(n_resamples, values.size)
    ]
    return np.concatenate(means)


def _middle(means, level):
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
