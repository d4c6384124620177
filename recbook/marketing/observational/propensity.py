"""Is there a counterpart? The chance of treatment by bins, and columns compared."""

import numpy as np
import pandas as pd

from recbook._core.arrays import column_names
from recbook._core.frames import framed
from recbook._core.validate import check_positive_int
from recbook.marketing.base import (
    check_features,
    check_propensity,
    check_rows,
    check_treated,
    check_weights,
)

__all__ = ["balance", "overlap"]


def overlap(propensity, treated, n_bins=10):
    r"""Return how many people of either arm have about the same chance of treatment.

    Where a row has many of one arm and hardly any of the other, the data do not say
    what the other would have done. ``share`` beside ``predicted`` says whether the
    propensities are calibrated.

    Parameters
    ----------
    propensity : (n,) array_like
        Probability of treatment, inside (0, 1), known or estimated.
    treated : (n,) array_like
        True or 1 for those who were treated; both arms must occur.
    n_bins : int
        Number of bins of equal width between 0 and 1.

    Returns
    -------
    DataFrame
        One row for each bin: ``low`` and ``high`` end (a propensity on an edge belongs
        to the bin above it), people ``treated`` and ``untreated``, ``share`` treated
        and mean propensity ``predicted``, both missing (NaN) where nobody is.

    Raises
    ------
    ValueError
        If lengths differ, an arm is empty, or a propensity is 0 or 1.

    References
    ----------
    Rosenbaum and Rubin (1983); Crump, Hotz, Imbens and Mitnik (2009).

    Examples
    --------
    >>> table = overlap([0.2, 0.3, 0.9, 0.8], [0, 1, 1, 1], n_bins=2)
    >>> table["treated"].tolist(), table["untreated"].tolist()
    ([1, 2], [1, 0])
    """
    check_rows(propensity=propensity, treated=treated)
    treated = check_treated(treated)
    e = check_propensity(propensity, len(treated))
    n_bins = check_positive_int("n_bins", n_bins)
    edges = np.arange(n_bins + 1) / n_bins
    place = np.searchsorted(edges, e, side="right") - 1
    people, with_, total = (
        np.bincount(place, weight, n_bins) for weight in (None, treated, e)
    )
    known = people > 0
    share, predicted = np.full((2, n_bins), np.nan)
    share[known], predicted[known] = (
        column[known] / people[known] for column in (with_, total)
    )
    return pd.DataFrame({
        "low": edges[:-1],
        "high": edges[1:],
        "treated": with_.astype(np.int64),
        "untreated": (people - with_).astype(np.int64),
        "share": share,
        "predicted": predicted,
    })  # fmt: skip


def balance(X, treated, weights=None):
    r"""Return how far apart the two arms are in each column, before and after weights.

    .. math::
       d = \frac{\bar x_1 - \bar x_0}{\sqrt{(s_1^2 + s_0^2)/2}}

    the standardised mean difference. After weights the means are weighted and the
    deviations stay those before, so that a column of which only the spread shrinks
    does not look better.

    Parameters
    ----------
    X : (n, d) array_like
        Columns, known before the treatment. The names of a frame are kept.
    treated : (n,) array_like
        True or 1 for those who were treated; both arms must occur.
    weights : (n,) array_like, optional
        Weight of each person, at least 0 and not all 0 in an arm, as
        :func:`balancing_weights` gives them.

    Returns
    -------
    DataFrame
        One row for each column of X: means ``treated`` and ``untreated`` without
        weights, ``before``, and with weights ``after``. Where a column never varies
        within the arms, 0 if the means are equal, else infinite.

    Raises
    ------
    ValueError
        If lengths differ, an arm is empty or has no weight, or a value is not finite.

    References
    ----------
    Austin (2011).

    Examples
    --------
    >>> balance({"age": [30, 50, 20, 40]}, [1, 1, 0, 0])["before"].tolist()
    [1.0]
    """
    check_rows(X=X, treated=treated, weights=weights)
    X = framed("X", X)
    names, X = column_names(X), check_features("X", X)
    treated = check_treated(treated, len(X))
    plain = np.ones(len(X))
    one, other = _means(X, treated, plain)
    variance = (X[treated].var(axis=0) + X[~treated].var(axis=0)) / 2
    columns = {"treated": one, "untreated": other}
    columns["before"] = _standardised(one - other, variance)
    if weights is not None:
        w = check_weights(weights, len(X))
        one, other = _means(X, treated, w)
        columns["after"] = _standardised(one - other, variance)
    index = pd.Index(range(X.shape[1]) if names is None else names, name="column")
    return pd.DataFrame(columns, index=index)


def _means(X, treated, weights):
    """Return the weighted means of the columns in either arm."""
    means = []
    for name, arm in (("treated", treated), ("untreated", ~treated)):
        if not weights[arm].any():
            raise ValueError(f"weights are 0 for everybody {name}: there is no mean")
        means.append(weights[arm] @ X[arm] / weights[arm].sum())
    return means


def _standardised(gap, variance):
    """Return gaps in deviations; 0 for no gap, whatever the deviation."""
    gap = np.where(np.abs(gap) < 1e-12, 0.0, gap)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gap == 0, 0.0, gap / np.sqrt(variance))
