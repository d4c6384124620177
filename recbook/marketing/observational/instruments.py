"""Effects from an encouragement: it was assigned at random, the treatment was not."""

from dataclasses import dataclass

import numpy as np

from recbook.marketing.base import (
    NORMAL_975,
    check_arms,
    check_rows,
    check_values,
    check_yes_no,
    normal_effect,
)

__all__ = ["Compliance", "ConfidenceSet", "anderson_rubin", "compliance", "wald"]


@dataclass(frozen=True)
class Compliance:
    """How people answer an encouragement.

    Parameters
    ----------
    compliers : float
        Share who are treated if and only if they are encouraged: the first stage.
    always : float
        Share who are treated in either case.
    never : float
        Share who are treated in neither.
    f : float
        The first stage over its standard error, squared. Infinite where the treatment
        follows the assignment exactly.

    Examples
    --------
    >>> Compliance(0.2, 0.15, 0.65, 310.0).always
    0.15
    """

    compliers: float
    always: float
    never: float
    f: float


@dataclass(frozen=True)
class ConfidenceSet:
    """The effects that the data do not reject, as intervals on the line.

    Parameters
    ----------
    parts : tuple of (float, float)
        Low and high end of each interval, in ascending order. One finite pair; or two
        that leave out a gap, the first from −inf and the last to inf; or one from −inf
        to inf, where no effect is rejected. There is always at least one.

    Examples
    --------
    >>> found = ConfidenceSet(((-np.inf, -3.0), (1.0, np.inf)))
    >>> 2.0 in found, 0.0 in found, found.bounded
    (True, False, False)
    """

    parts: tuple[tuple[float, float], ...]

    def __contains__(self, effect):
        """Return whether the effect is one of those that are not rejected."""
        return any(low <= effect <= high for low, high in self.parts)

    @property
    def bounded(self):
        """Whether both ends are finite."""
        return bool(np.isfinite(self.parts).all())


def compliance(treated, assigned):
    r"""Return the shares of compliers, always-takers and never-takers.

    .. math::
       \hat\pi_c = \bar d_1 - \bar d_0, \qquad \hat\pi_a = \bar d_0, \qquad
       \hat\pi_n = 1 - \bar d_1

    where :math:`\bar d_z` is the share of the treated in arm z. This takes for granted
    that nobody does the opposite of what they are encouraged to do.

    Parameters
    ----------
    treated : (n,) array_like
        True or 1 for those who were treated.
    assigned : (n,) array_like
        True or 1 for those who were encouraged, at random; at least two people in
        either arm.

    Returns
    -------
    Compliance
        Shares that sum to 1, and F of the first stage, with the error of
        :func:`recbook.marketing.experiments.difference`.

    Raises
    ------
    ValueError
        If lengths differ, a value is not 1 or 0, or an arm has fewer than two people.

    References
    ----------
    Angrist, Imbens and Rubin (1996).

    Examples
    --------
    Of 4,000 letters 800 came back:

    >>> arrived = np.repeat([1, 0], [3200, 4800])
    >>> found = compliance(arrived, np.repeat([1, 0], 4000))
    >>> found.compliers, found.always, round(found.never, 3)
    (0.8, 0.0, 0.2)
    """
    check_rows(treated=treated, assigned=assigned)
    treated = check_yes_no("treated", treated).astype(np.float64)
    arms = check_arms(assigned, len(treated), "assigned")
    (share,), ((variance,),) = _contrast([treated], arms)
    f = share**2 / variance if variance else np.inf if share else 0.0
    with_it, without = (float(treated[arm].mean()) for arm in arms)
    return Compliance(float(share), without, 1 - with_it, float(f))


def wald(y, treated, assigned):
    r"""Return the effect of the treatment on the compliers, with its 95 % interval.

    .. math::
       \hat\beta = \frac{\bar y_1 - \bar y_0}{\bar d_1 - \bar d_0}, \qquad
       \mathrm{se}^2 = \frac{1}{(\bar d_1 - \bar d_0)^2} \sum_{z \in \{0, 1\}}
       \frac{s_z^2(y - \hat\beta d)}{n_z}

    The effect of the *assignment* on the outcome, divided by its effect on the
    treatment. The error is that of the delta method, and of two-stage least squares
    with robust errors (HC2). It is right on average only where the first stage is many
    errors from 0; :func:`anderson_rubin` does not need that.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes, any finite numbers.
    treated : (n,) array_like
        True or 1 for those who were treated, by their own choice. A dose is allowed:
        the effect is then that of a unit, averaged over the people whom the assignment
        moved.
    assigned : (n,) array_like
        True or 1 for those who were encouraged, at random; at least two people in
        either arm.

    Returns
    -------
    Effect
        In units of the outcome, with normal interval and p-value.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, an arm has fewer than two people, or
        as large a share was treated in both arms.

    References
    ----------
    Wald (1940); Imbens and Angrist (1994).

    Examples
    --------
    Of 4,000 letters 3,200 arrive and bring 296 orders; 248 of 4,000 without.

    >>> y = np.repeat([1, 0, 1, 0], [296, 3704, 248, 3752])
    >>> arrived, assigned = np.repeat([1, 0], [3200, 4800]), np.repeat([1, 0], 4000)
    >>> effect = wald(y, arrived, assigned)
    >>> round(effect.value, 4), round(effect.standard_error, 4)
    (0.015, 0.007)
    """
    (gap, stage), spread = _stages(y, treated, assigned)
    if stage == 0:
        raise ValueError(
            "treated has the same mean in both arms: the assignment moved nobody, so "
            "there is no effect of being moved; anderson_rubin gives a set"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        beta = gap / stage
        variance = spread[0, 0] - 2 * beta * spread[0, 1] + beta**2 * spread[1, 1]
        return normal_effect(beta, np.sqrt(max(variance, 0.0)) / abs(stage))


def anderson_rubin(y, treated, assigned):
    r"""Return all effects that are not rejected at 5 %, however weak the first stage.

    If the effect is β, then :math:`y - \beta d` does not depend on the assignment. So β
    is kept where the arms do not differ in it:

    .. math::
       \bigl[ (\bar y_1 - \bar y_0) - \beta\, (\bar d_1 - \bar d_0) \bigr]^2
       \le 1.96^2 \sum_{z} \frac{s_z^2(y - \beta d)}{n_z}

    a quadratic inequality in β. Its solutions are one interval where the first stage is
    significant at 5 %, else all numbers, or all but a gap.

    Parameters
    ----------
    y, treated, assigned
        As for :func:`wald`.

    Returns
    -------
    ConfidenceSet
        ``effect in result`` asks for one effect, ``result.bounded`` whether the set
        has two ends. It is never empty: :func:`wald`'s effect is always in it.

    Raises
    ------
    ValueError
        As :func:`wald`, but a first stage of 0 is allowed.

    References
    ----------
    Anderson and Rubin (1949).

    Examples
    --------
    >>> y = np.repeat([1, 0, 1, 0], [296, 3704, 248, 3752])
    >>> arrived, assigned = np.repeat([1, 0], [3200, 4800]), np.repeat([1, 0], 4000)
    >>> (low, high), = anderson_rubin(y, arrived, assigned).parts
    >>> round(low, 4), round(high, 4)
    (0.0012, 0.0287)
    """
    (gap, stage), spread = _stages(y, treated, assigned)
    # a β² − 2 b β + c ≤ 0. Scaled so that the outcome's error is 1.
    scale = np.sqrt(spread[0, 0]) or abs(gap) or 1.0
    gap, spread = gap / scale, spread / np.outer([scale, 1.0], [scale, 1.0])
    limit = NORMAL_975**2
    a = stage**2 - limit * spread[1, 1]
    b = gap * stage - limit * spread[0, 1]
    c = gap**2 - limit * spread[0, 0]
    everything = ConfidenceSet(((-np.inf, np.inf),))
    if a == 0:
        if b == 0:
            return everything
        end = float(scale * c / (2 * b))
        return ConfidenceSet(((end, np.inf),) if b > 0 else ((-np.inf, end),))
    inside = b * b - a * c
    if a < 0 and inside <= 0:
        return everything
    reach = np.sqrt(max(inside, 0.0))
    low, high = sorted(float(scale * (b + sign * reach) / a) for sign in (-1, 1))
    if a > 0:
        return ConfidenceSet(((low, high),))
    return ConfidenceSet(((-np.inf, low), (high, np.inf)))


def _stages(y, treated, assigned):
    """Return both differences (2,), outcome and treatment, and their covariance."""
    check_rows(y=y, treated=treated, assigned=assigned)
    y = check_values("y", y)
    treated = check_values("treated", treated, len(y))
    return _contrast([y, treated], check_arms(assigned, len(y), "assigned"))


def _contrast(columns, arms):
    """Return the differences (k,) of columns between arms, and covariance (k, k)."""
    table = np.array(columns)
    with np.errstate(over="ignore", invalid="ignore"):
        gap = table[:, arms[0]].mean(axis=1) - table[:, arms[1]].mean(axis=1)
        spread = sum(np.atleast_2d(np.cov(table[:, a])) / a.sum() for a in arms)
    if not (np.isfinite(gap).all() and np.isfinite(spread).all()):
        raise ValueError("y overflows: give the outcome in larger units")
    return gap, spread
