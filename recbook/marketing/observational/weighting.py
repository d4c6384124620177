"""Weights that make two arms comparable, and the effect that they give."""

import numpy as np

from recbook._core.validate import check_choice
from recbook.marketing.base import (
    check_arms,
    check_features,
    check_propensity,
    check_rows,
    check_treated,
    check_values,
    normal_effect,
)

__all__ = ["TARGETS", "balancing_weights", "weighted_effect"]

TARGETS = ("all", "treated", "overlap")
TINY = 1e-300  # for a column of zeros


def balancing_weights(treated, propensity, target="all"):
    r"""Return weights under which both arms look like the people of a target.

    .. math::
       w = \frac{h(e)}{e}\ \text{(treated)}, \quad
       w = \frac{h(e)}{1 - e}\ \text{(untreated)}, \qquad
       h(e) = \begin{cases} 1 & \text{all} \\ e & \text{treated} \\
       e (1 - e) & \text{overlap} \end{cases}

    Parameters
    ----------
    treated : (n,) array_like
        True or 1 for those who was treated; both arms must occur.
    propensity : float or (n,) array_like
        Probability of treatment :math:`e`, inside (0, 1).
    target : {"all", "treated", "overlap"}
        Whom the arms shall look like: everybody, those who was treated, or those who
        might have been in either arm, where no weight is above 1.

    Returns
    -------
    (n,) array
        Weights above 0.

    Raises
    ------
    ValueError
        If lengths differ, an arm is empty, or a propensity is 0 or 1.

    References
    ----------
    Li, Morgan and Zaslavsky (2018).

    Examples
    --------
    >>> balancing_weights([1, 0], [0.2, 0.2]).round(6).tolist()
    [5.0, 1.25]
    >>> balancing_weights([1, 0], [0.2, 0.2], "overlap").round(6).tolist()
    [0.8, 0.2]
    """
    check_rows(treated=treated, propensity=propensity)
    check_choice("target", target, TARGETS)
    treated = check_treated(treated)
    e = check_propensity(propensity, len(treated))
    return _tilt(e, target) / np.where(treated, e, 1 - e)


def _tilt(e, target):
    """Return h(e), how much a person counts in a target."""
    return {"all": np.ones(len(e)), "treated": e, "overlap": e * (1 - e)}[target]


def _slope(e, treated, target):
    """Return by how much a weight changes with the log odds of the propensity."""
    odds = e / (1 - e)
    one, other = {
        "all": (-1 / odds, odds),
        "treated": (np.zeros(len(e)), odds),
        "overlap": (-e * (1 - e), e * (1 - e)),
    }[target]
    return np.where(treated, one, other)


def weighted_effect(y, treated, propensity, target="all", X=None):
    r"""Return the difference of two weighted means, with its 95 % interval.

    .. math::
       \hat\tau = \frac{\sum_{t = 1} w_i y_i}{\sum_{t = 1} w_i}
       - \frac{\sum_{t = 0} w_i y_i}{\sum_{t = 0} w_i}

    with :func:`balancing_weights` (Hájek's form, which divides by the sum of the
    weights). The error is that of the mean of

    .. math::
       \psi_i = \frac{t_i w_i (y_i - \bar y_1)}{\overline{t w}}
       - \frac{(1 - t_i) w_i (y_i - \bar y_0)}{\overline{(1 - t) w}}
       + d^\top A^{-1} z_i (t_i - e_i)

    whose last part counts in that the propensities were estimated by a logistic
    regression on :math:`z_i = (1, x_i)`: :math:`d` is how the effect changes with its
    coefficients, :math:`A = \overline{e (1 - e) z z^\top}`. Without ``X`` it is left
    out.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for those who was treated; at least two people in either arm.
    propensity : float or (n,) array_like
        Probability of treatment :math:`e`, inside (0, 1).
    target : {"all", "treated", "overlap"}
        Of whom the effect is the mean; see :func:`balancing_weights`.
    X : (n, d) array_like, optional
        The columns of the logistic regression, with next to no penalty, by which the
        propensities were estimated. Without them, the error is that of known
        propensities. For everybody it is then too large where they were estimated.

    Returns
    -------
    Effect
        In the units of the outcome. With the same propensity for everybody, the
        difference of the means.

    Raises
    ------
    ValueError
        If lengths differ, an arm has fewer than two people, a value is not finite, or a
        propensity is 0 or 1.

    References
    ----------
    Hirano, Imbens and Ridder (2003); Lunceford and Davidian (2004).

    Examples
    --------
    >>> y, treated, e = [1.0, 0, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], [0.5] * 6
    >>> effect = weighted_effect(y, treated, e)
    >>> round(effect.value, 4), round(effect.standard_error, 4)
    (0.6667, 0.2722)
    """
    check_rows(y=y, treated=treated, propensity=propensity, X=X)
    check_choice("target", target, TARGETS)
    y = check_values("y", y)
    arms = check_arms(treated, len(y))
    e = check_propensity(propensity, len(y))
    w = balancing_weights(arms[0], e, target)
    means = [w[arm] @ y[arm] / w[arm].sum() for arm in arms]
    one, other = (
        arm * (y - mean) / (w @ arm) for arm, mean in zip(arms, means, strict=True)
    )
    psi = w * (one - other)
    if X is not None:
        X = check_features("X", X)
        check_values("y", y, len(X))
        C = X / np.maximum(np.abs(X).max(axis=0), TINY)
        Z = np.column_stack([np.ones(len(X)), C - C.mean(axis=0)])
        size = np.abs(Z).max(axis=0)  # seconds of a clock beside answers of yes and no
        Z = Z / np.where(size > 0, size, 1.0)
        d = Z.T @ (_slope(e, arms[0], target) * (one - other))
        A = (Z.T * (e * (1 - e))) @ Z
        psi = psi + Z @ np.linalg.lstsq(A, d)[0] * (arms[0] - e)
    return normal_effect(means[0] - means[1], np.sqrt(psi @ psi))
