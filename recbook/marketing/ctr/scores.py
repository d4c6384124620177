"""How good a probability is: log loss, order, and what it says against what happens."""

import numpy as np
import pandas as pd

from recbook._core.validate import check_positive_int
from recbook.marketing.base import check_rows, check_values, check_yes_no
from recbook.marketing.ctr.base import check_both, probabilities

__all__ = ["auc", "calibration_error", "log_loss", "normalized_entropy", "reliability"]


def _pair(y, p):
    check_rows(y=y, p=p)
    y = check_yes_no("y", y).astype(np.float64)
    return y, probabilities("p", p, len(y))


def log_loss(y, p):
    r"""Return the mean log loss of probabilities, in nats.

    .. math:: -\tfrac{1}{n} \sum_i \bigl( y_i \ln p_i + (1 - y_i) \ln(1 - p_i) \bigr)

    Parameters
    ----------
    y : (n,) array_like
        1 or True for a click, 0 or False for none.
    p : (n,) array_like
        Probabilities of a click. One of 0 or 1 counts as if it were off by 2.2e-16, so
        to be certain and wrong costs 36 nats and is not infinite.

    Returns
    -------
    float
        At least 0; 0 only if all is certain and right.

    Raises
    ------
    ValueError
        If a row of y is neither 0 nor 1, or of p outside of [0, 1].

    Examples
    --------
    >>> round(log_loss([1, 0], [0.5, 0.5]), 4)
    0.6931
    """
    y, p = _pair(y, p)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))


def normalized_entropy(y, p):
    r"""Return the log loss over that of saying the mean rate everywhere.

    .. math::
       \mathrm{NE} = \frac{\text{log loss}}{-\bar y \ln \bar y
       - (1 - \bar y) \ln(1 - \bar y)}

    Parameters
    ----------
    y, p : (n,) array_like
        Clicks and their probabilities, as in `log_loss`.

    Returns
    -------
    float
        1 for the mean rate, below 1 for what is better. 1 - NE is the share of the
        uncertainty that is explained.

    Raises
    ------
    ValueError
        As `log_loss`, and if all outcomes are equal: there is nothing to explain.

    References
    ----------
    He et al. (2014)

    Examples
    --------
    >>> normalized_entropy([1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25])
    1.0
    """
    level = check_both(y).mean()
    entropy = -level * np.log(level) - (1 - level) * np.log1p(-level)
    return log_loss(y, p) / float(entropy)


def auc(y, score):
    r"""Return the share of pairs, one click and one not, that the score orders right.

    .. math::
       \Pr(s_+ > s_-) + \tfrac12 \Pr(s_+ = s_-)

    Only the order counts: any increasing function of the score has the same value, so
    it says nothing on whether a probability is right.

    Parameters
    ----------
    y : (n,) array_like
        1 or True for a click, 0 or False for none.
    score : (n,) array_like
        Finite numbers, not only probabilities.

    Returns
    -------
    float
        From 0 to 1; 0.5 where all scores are equal.

    Raises
    ------
    ValueError
        If all outcomes are equal: there is no pair.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    check_rows(y=y, score=score)
    y = check_both(y)
    score = check_values("score", score, len(y))
    order = np.argsort(score, kind="stable")
    ranked, hits = score[order], y[order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True))  # of equal scores
    clicks = np.diff(np.cumsum(hits)[last], prepend=0.0)
    others = np.diff(last + 1.0, prepend=0.0) - clicks
    below = np.cumsum(others) - others
    pairs = clicks @ (below + 0.5 * others)
    return float(pairs / (clicks.sum() * others.sum()))


def reliability(y, p, n_bins=10):
    r"""Return what was said and what happened, in bins of rising probability.

    The bins hold equally many rows; rows of equal probability stay together, so where
    many are equal there are fewer bins.

    Parameters
    ----------
    y, p : (n,) array_like
        Clicks and their probabilities, as in `log_loss`.
    n_bins : int
        Most bins.

    Returns
    -------
    DataFrame
        A row for each bin: ``n`` rows, ``predicted`` and ``observed``, the means of p
        and y, and ``standard_error`` of the difference if p were true,
        :math:`\sqrt{\sum p(1 - p)} / n`.

    Raises
    ------
    ValueError
        As `log_loss`.

    Examples
    --------
    >>> reliability([0, 0, 0, 1], [0.1, 0.1, 0.6, 0.8], n_bins=2)["observed"].tolist()
    [0.0, 0.5]
    """
    n_bins = check_positive_int("n_bins", n_bins)
    check_rows(y=y, p=p)
    y = check_yes_no("y", y).astype(np.float64)
    p = check_values("p", p, len(y), low=0, high=1)
    ends = np.arange(1, n_bins, dtype=np.int64) * len(p) // n_bins
    edges = np.sort(p)[ends]
    place = np.searchsorted(np.unique(edges), p, side="right")
    n = np.bincount(place)
    kept = n > 0
    n = n[kept]
    predicted, observed, variance = (
        np.bincount(place, values)[kept] / n for values in (p, y, p * (1 - p))
    )
    return pd.DataFrame({
        "n": n,
        "predicted": predicted,
        "observed": observed,
        "standard_error": np.sqrt(variance / n),
    })  # fmt: skip


def calibration_error(y, p, n_bins=10):
    r"""Return the mean distance of what was said from what happened, over bins.

    .. math:: \sum_b \frac{n_b}{n}\, \lvert \bar p_b - \bar y_b \rvert

    Parameters
    ----------
    y, p, n_bins
        As in `reliability`, whose bins these are.

    Returns
    -------
    float
        At least 0. By chance alone it is above 0, the more so the more bins there are.

    Raises
    ------
    ValueError
        As `log_loss`.

    Examples
    --------
    >>> round(calibration_error([0, 0, 0, 1], [0.1, 0.1, 0.6, 0.8], n_bins=2), 3)
    0.15
    """
    bins = reliability(y, p, n_bins)
    gap = (bins["predicted"] - bins["observed"]).abs()
    return float((bins["n"] * gap).sum() / bins["n"].sum())
