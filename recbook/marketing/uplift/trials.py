"""What a trial says of everybody: the average effect, and one outcome that is it."""

import numpy as np

from recbook.marketing.base import (
    check_arms,
    check_propensity,
    check_rows,
    check_treated,
    check_values,
    normal_effect,
)

__all__ = ["average_effect", "pseudo_outcome", "transformed_outcome"]


def transformed_outcome(y, treated, propensity=0.5):
    r"""Return one number for each person whose mean is the effect.

    .. math:: z = y\, \frac{t - e}{e (1 - e)}, \qquad \mathbb{E}[z \mid x] = \tau(x)

    It is :math:`y/e` for people who were treated and :math:`-y/(1 - e)` for those who
    were not.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for people who were treated; both arms must occur.
    propensity : float or (n,) array_like
        Probability of treatment :math:`e`, inside (0, 1).

    Returns
    -------
    (n,) array
        In the units of the outcome.

    Raises
    ------
    ValueError
        If lengths differ, an arm is empty, or a propensity is 0 or 1.

    References
    ----------
    Athey and Imbens (2016); Gutierrez and Gérardy (2017).

    Examples
    --------
    >>> transformed_outcome([1, 1, 0], [True, False, True]).tolist()
    [2.0, -2.0, 0.0]
    """
    check_rows(y=y, treated=treated, propensity=propensity)
    y = check_values("y", y)
    treated = check_treated(treated, len(y))
    e = check_propensity(propensity, len(y))
    return y * np.where(treated, 1 / e, -1 / (1 - e)) + 0.0  # no minus before a 0


def pseudo_outcome(y, treated, without, with_, propensity=0.5):
    r"""Return the doubly robust number of each person whose mean is the effect.

    .. math::
       \psi = \mu_1 - \mu_0 + \frac{t - e}{e (1 - e)}\, (y - \mu_t)

    With both models 0 it is the transformed outcome. Its mean is the effect where the
    propensity is right, or both models, provided that they were fitted to other people.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for people who were treated; both arms must occur.
    without, with_ : (n,) array_like
        Predicted outcome of each without and with the treatment, :math:`\mu_0` and
        :math:`\mu_1`.
    propensity : float or (n,) array_like
        Probability of treatment :math:`e`, inside (0, 1).

    Returns
    -------
    (n,) array
        In the units of the outcome.

    Raises
    ------
    ValueError
        If lengths differ, an arm is empty, or a propensity is 0 or 1.

    References
    ----------
    Kennedy (2023).

    Examples
    --------
    >>> pseudo_outcome([1, 0], [1, 0], [0.25, 0.25], [0.5, 0.5]).tolist()
    [1.25, 0.75]
    """
    check_rows(y=y, treated=treated, without=without, with_=with_)
    y = check_values("y", y)
    treated = check_treated(treated, len(y))
    without = check_values("without", without, len(y))
    with_ = check_values("with_", with_, len(y))
    errors = y - np.where(treated, with_, without)
    return with_ - without + transformed_outcome(errors, treated, propensity)


def average_effect(y, treated, propensity=None):
    r"""Return the average effect in a trial, with its 95 % interval.

    The difference of two means :math:`\bar y_a`, each person weighted by
    :math:`1/\Pr(\text{their arm } a)`. Its squared error is

    .. math::
       \mathrm{se}^2 = \sum_{a} \frac{n_a}{n_a - 1}\,
       \frac{\sum_{i \in a} w_i^2 (y_i - \bar y_a)^2}{\bigl(\sum_{i \in a} w_i\bigr)^2}

    With equal weights these are the plain means, and Welch's error of their difference.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for people who were treated; at least two people in either arm.
    propensity : float or (n,) array_like, optional
        Probability of treatment, inside (0, 1). Without it, the same for everybody.

    Returns
    -------
    Effect
        Normal interval and p-value. Where the outcome never varies within an arm, the
        error is 0 and p is 1 for no difference, else 0.

    Raises
    ------
    ValueError
        If lengths differ, an arm has fewer than two people, or a propensity is 0 or 1.

    Examples
    --------
    >>> effect = average_effect([1, 0, 1, 1, 0, 0, 0, 1], [1, 1, 1, 1, 0, 0, 0, 0])
    >>> effect.value, round(effect.standard_error, 4)
    (0.5, 0.3536)
    """
    check_rows(y=y, treated=treated, propensity=propensity)
    y = check_values("y", y)
    arms = check_arms(treated, len(y))
    e = check_propensity(0.5 if propensity is None else propensity, len(y))
    means, variance = [], 0.0
    for arm, chance in zip(arms, (e, 1 - e), strict=True):
        n = int(arm.sum())
        w = 1 / chance[arm]
        mean = w @ y[arm] / w.sum()
        variance += n / (n - 1) * (w**2 @ (y[arm] - mean) ** 2) / w.sum() ** 2
        means.append(mean)
    return normal_effect(means[0] - means[1], np.sqrt(variance))
