"""A trial of frequency caps: what each cap brings, and what an impression adds."""

import itertools

import numpy as np
import pandas as pd

from recbook._core.arrays import check_reals
from recbook.marketing.base import (
    check_counts,
    check_rows,
    check_values,
    compare,
    normal_effect,
)

__all__ = ["cap_effects", "check_trial", "impression_effects"]

MOST = 1e100  # of an outcome, whose square is added up


def cap_effects(cap, impressions, y):
    r"""Return what each randomised cap changes, beside the lowest one.

    People are compared by the cap that they were *assigned*, however many impressions
    they received:

    .. math::
       \hat\delta_c = \bar y_c - \bar y_0, \qquad
       \mathrm{se}^2 = \frac{s_c^2}{n_c} + \frac{s_0^2}{n_0}

    Parameters
    ----------
    cap : (n,) array_like
        The cap that was drawn for each person: at least 0, and ``np.inf`` for none. At
        least two caps, with at least two people each. The lowest is compared with.
    impressions : (n,) array_like
        Impressions that each person received, whole numbers of at least 0.
    y : (n,) array_like
        Outcome of each person, such as 1 for an order, any finite numbers.

    Returns
    -------
    DataFrame
        A row for each cap, in ascending order: ``people``, ``impressions`` and ``y``
        (means per person), ``effect`` in units of y per person, its ``standard_error``
        and 95 % interval ``low``, ``high``. Those of the lowest cap are 0.

    Raises
    ------
    ValueError
        If lengths differ, a number is out of its range, or a cap has one person.

    References
    ----------
    Johnson, Lewis and Nubbemeyer (2017).

    Examples
    --------
    >>> table = cap_effects([0, 0, 2, 2], [0, 0, 2, 1], [0.0, 1.0, 2.0, 1.0])
    >>> table.loc[2.0, ["impressions", "effect"]].tolist()
    [1.5, 1.0]
    """
    cap, impressions, y = check_trial(cap, impressions, y)
    rows, arms = {}, _arms(cap)
    base = arms[0][1]
    for level, own in arms:
        same = own is base
        effect = normal_effect(0.0, 0.0) if same else compare(y, (own, base))
        rows[level] = [
            int(own.sum()), impressions[own].mean(), y[own].mean(), effect.value,
            effect.standard_error, *effect.interval,
        ]  # fmt: skip
    columns = ["people", "impressions", "y", "effect", "standard_error", "low", "high"]
    table = pd.DataFrame.from_dict(rows, "index", columns=columns)
    return table.rename_axis("cap").astype({"people": np.int64})


def impression_effects(cap, impressions, y):
    r"""Return what one more impression adds, between neighbouring randomised caps.

    .. math::
       \hat\tau = \frac{\bar y_{c'} - \bar y_c}{\bar N_{c'} - \bar N_c}, \qquad
       \mathrm{se}^2 = \frac{s_{c'}^2 / n_{c'} + s_c^2 / n_c}
       {(\bar N_{c'} - \bar N_c)^2}

    with :math:`s^2` the variances of :math:`y - \hat\tau N` (delta method): Wald's
    ratio, the mean effect of the impressions that the higher cap adds.

    Parameters
    ----------
    cap, impressions, y : (n,) array_like
        As in :func:`cap_effects`.

    Returns
    -------
    DataFrame
        A row for each step from one cap to the next: ``impressions`` added per person,
        ``effect`` of one of them in units of y, its ``standard_error`` and 95 %
        interval ``low``, ``high``. The index has both caps.

    Raises
    ------
    ValueError
        As :func:`cap_effects`, or if a higher cap shows no more impressions.

    References
    ----------
    Wald (1940).

    Examples
    --------
    >>> table = impression_effects([0, 0, 2, 2], [0, 0, 2, 1], [0.0, 1.0, 2.0, 1.0])
    >>> table["effect"].round(3).tolist()
    [0.667]
    """
    cap, impressions, y = check_trial(cap, impressions, y)
    rows, arms = {}, _arms(cap)
    for (lower, base), (upper, own) in itertools.pairwise(arms):
        added = impressions[own].mean() - impressions[base].mean()
        if added <= 0:
            raise ValueError(
                f"impressions are no more at cap {upper:g} than at {lower:g}: nobody "
                "comes so often, so give the two one cap"
            )
        each = (y[own].mean() - y[base].mean()) / added
        error = compare(y - each * impressions, (own, base)).standard_error
        effect = normal_effect(each, error / added)
        rows[lower, upper] = [
            added, effect.value, effect.standard_error, *effect.interval
        ]  # fmt: skip
    index = pd.MultiIndex.from_tuples(rows, names=["from", "to"])
    columns = ["impressions", "effect", "standard_error", "low", "high"]
    return pd.DataFrame(list(rows.values()), index, columns)


def check_trial(cap, impressions, y):
    """Return cap, impressions and outcome of each person, as float64 arrays (n,).

    >>> check_trial([0, 0, 2], [0, 0, 1], [1, 1, 0])
    Traceback (most recent call last):
    ...
    ValueError: cap is 2 for one person: an error needs two people for each cap
    """
    check_rows(cap=cap, impressions=impressions, y=y)
    cap = _caps(cap)
    impressions = check_counts("impressions", impressions, len(cap), "impressions")
    y = check_values("y", y, len(cap), low=-MOST, high=MOST)
    levels, people = np.unique(cap, return_counts=True)
    if len(levels) < 2:
        raise ValueError(
            f"cap is {levels[0]:g} for everybody: an effect needs two caps or more"
        )
    if (people < 2).any():
        alone = levels[people < 2][0]
        raise ValueError(
            f"cap is {alone:g} for one person: an error needs two people for each cap"
        )
    return cap, impressions, y


def _caps(cap):
    """Return the caps (n,), each a number of at least 0 or infinity for "no cap"."""
    values = check_reals("cap", cap)
    if values.ndim == 1 and np.isnan(values).any():
        row = int(np.isnan(values).argmax())
        raise ValueError(f"cap[{row}] is nan: give a number, np.inf for no cap")
    check_values("cap", np.where(np.isposinf(values), 0.0, values), low=0)
    return values


def _arms(cap):
    """Return each cap and who has it (n,), in ascending order."""
    return [(float(level), cap == level) for level in np.unique(cap)]
