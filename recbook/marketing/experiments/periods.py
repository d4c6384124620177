"""Tests over time: periods with another split, and effects that fade."""

import numpy as np

from recbook._core.validate import check_choice, check_number
from recbook.marketing.base import (
    check_arms,
    check_features,
    check_rows,
    check_values,
    normal_effect,
)
from recbook.marketing.experiments.blocks import codes_of
from recbook.marketing.experiments.effects import difference

__all__ = ["fading", "stratified"]

WEIGHTS = ("precision", "people")


def stratified(y, treated, stratum, weights="precision"):
    r"""Return the effect of a test whose split changed, period by period.

    Arms are compared within each stratum h, such as a day or a stage of a ramp-up, and
    only then averaged:

    .. math::
       \hat\delta = \sum_h w_h\,(\bar y_{1h} - \bar y_{0h}), \qquad
       \mathrm{se}^2 = \sum_h w_h^2
       \Bigl(\frac{s_{1h}^2}{n_{1h}} + \frac{s_{0h}^2}{n_{0h}}\Bigr)

    with weights that sum to 1, in proportion to :math:`n_{1h} n_{0h} / n_h`
    (precision: what a regression on the treatment and a level for each stratum
    computes) or to :math:`n_h` (people).

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for those who were treated; at least two people of either arm in each
        stratum.
    stratum : (n,) array_like
        Label of each row's stratum; numbers or strings. Within it everybody had the
        same chance of the treatment.
    weights : {"precision", "people"}
        A stratum with 1 % treated says little, and gets little weight by its precision.
        The weights by people give the mean effect over all people, with more noise.

    Returns
    -------
    Effect
        In units of the outcome. With one stratum, exactly that of :func:`difference`.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, or a stratum has fewer than two people
        of an arm.

    References
    ----------
    Crook, Frasca, Kohavi and Longbotham (2009).

    Examples
    --------
    The effect is 1 on both days, and all rows together say the opposite:

    >>> y = [11.0, 11.0, 10.0, 10.0, 10.0, 10.0, 3.0, 3.0, 3.0, 3.0, 2.0, 2.0]
    >>> treated, day = [1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0], [1] * 6 + [2] * 6
    >>> stratified(y, treated, day).value, round(difference(y, treated).value, 2)
    (1.0, -1.67)
    """
    check_rows(y=y, treated=treated, stratum=stratum)
    y = check_values("y", y)
    arms = check_arms(treated, len(y))
    check_choice("weights", weights, WEIGHTS)
    code = codes_of("stratum", stratum, len(y))
    counts = np.array(
        [np.bincount(code[arm], minlength=code.max() + 1) for arm in arms]
    )
    if (counts < 2).any():
        arm, few = np.argwhere(counts < 2)[0]
        label, name = np.asarray(stratum)[code == few][0], ("treated", "untreated")[arm]
        raise ValueError(
            f"stratum {label!s} has {counts[arm, few]} people {name}: an error needs "
            "two of each arm; leave the stratum out or join it to another"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        mean, variance = _moments(y, arms, code, counts)
        n1, n0 = counts
        share = n1 * n0 / (n1 + n0) if weights == "precision" else n1 + n0
        share = share / share.sum()
        value = share @ (mean[0] - mean[1])
        error = np.sqrt(share**2 @ (variance / counts).sum(axis=0))
    return normal_effect(value, error)


def _moments(y, arms, code, counts):
    """Return mean and sample variance of each arm in each stratum, (2, n_strata)."""
    sums = [np.bincount(code[arm], y[arm], minlength=counts.shape[1]) for arm in arms]
    mean = np.array(sums) / counts
    left = [y[arm] - mean[i, code[arm]] for i, arm in enumerate(arms)]
    squares = [
        np.bincount(code[arm], part**2, minlength=counts.shape[1])
        for arm, part in zip(arms, left, strict=True)
    ]
    return mean, np.array(squares) / (counts - 1)


def fading(daily, treated, half_life):
    r"""Return what is left of an effect that fades, and what fades of it.

    On the k-th day after a person's first exposure the effect is

    .. math:: \delta_k = \delta + \nu\, 2^{-k/h}

    Least squares of the days' differences of means on this curve are one weighted sum
    of each person's days, which is compared like any outcome. So the errors are right
    however alike the days of one person are.

    Parameters
    ----------
    daily : (n, K) array_like
        Outcomes: the row of a person has the days since *that person's* first exposure,
        at least 3. For those who were not treated, since they would have been exposed.
    treated : (n,) array_like
        True or 1 for those who were treated; at least two people in either arm.
    half_life : float
        h, in days, from .2 to 10 K: after so many days half of the novelty is gone.
        Choose it from earlier tests, or try some: this test seldom tells.

    Returns
    -------
    lasting, novelty : Effect
        The effect :math:`\delta` that stays, and :math:`\nu`, what day 0 has on top of
        it. The second is below 0 where people have to learn first.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, there are fewer than 3 days or a
        number is out of its range.

    References
    ----------
    Kohavi, Tang and Xu (2020).

    Examples
    --------
    Three points on day 0, two on day 1, one and a half on day 2: one is left.

    >>> days = [[3.0, 2.0, 1.5], [3.0, 2.0, 1.5], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    >>> lasting, novelty = fading(days, [1, 1, 0, 0], half_life=1)
    >>> round(lasting.value, 9), round(novelty.value, 9)
    (1.0, 2.0)
    """
    check_rows(daily=daily, treated=treated)
    daily = check_features("daily", daily)
    n_days = daily.shape[1]
    if n_days < 3:
        raise ValueError(
            f"daily has {n_days} days: two numbers are fitted, which needs at least 3"
        )
    half_life = check_number("half_life", half_life, 0.2, 10 * n_days)
    curve = np.column_stack([np.ones(n_days), 0.5 ** (np.arange(n_days) / half_life)])
    lasting, novelty = np.linalg.pinv(curve) @ daily.T
    return difference(lasting, treated), difference(novelty, treated)
