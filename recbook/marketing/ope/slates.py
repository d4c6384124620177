"""Lists of several positions: three ways to weigh them, and what each assumes."""

import numpy as np

from recbook._core.arrays import column_names
from recbook._core.validate import check_choice
from recbook.marketing.base import Estimate, check_columns, check_features, check_rows
from recbook.marketing.ope.estimators import _finite
from recbook.marketing.ope.log import check_odds
from recbook.marketing.ope.support import too_far, weight_sizes

__all__ = ["slate_ips"]

KINDS = ("standard", "independent", "cascade")


def slate_ips(reward, propensity, policy, kind="standard"):
    r"""Inverse propensity scoring of lists, with a reward at each of L positions.

    .. math::
       \hat V = \frac1n \sum_i \sum_{l=1}^{L} w_{il}\, r_{il}, \qquad
       w_{il} = \prod_{k \in K_l} \frac{\pi_{ik}}{\mu_{ik}}

    The weight of a position multiplies over the positions :math:`K_l` on which its
    reward may hang:

    - ``"standard"``: all L of them. Assumes nothing.
    - ``"cascade"``: those from the top down to l itself (reward interaction IPS). True
      where people read downwards.
    - ``"independent"``: only l. True where a click hangs on what stands there and on
      nothing else.

    Parameters
    ----------
    reward : (n, L) array
        Reward at each position, from the top.
    propensity, policy : (n, L) arrays
        Probability of the item at a position under the logging policy (above 0) and
        under the policy that is judged. For "standard" and "cascade" *given the items
        above it*; for "independent" whatever stands elsewhere.
    kind : {"standard", "cascade", "independent"}
        What is assumed.

    Returns
    -------
    Estimate
        Reward of a whole list. Its ``effective_n`` is that of the worst position,
        ``max_weight`` the largest of all positions, and ``mean_weight`` the mean that
        is furthest from 1.

    Raises
    ------
    ValueError
        If shapes differ, a number is not finite, a propensity is not above 0 and at
        most 1, a probability of the policy is not within 0 and 1, weights overflow, or
        those of a position do not average 1 (see :func:`ips`).

    References
    ----------
    McInerney et al. (2020).

    Examples
    --------
    >>> reward = [[0, 1], [1, 0]]
    >>> propensity, policy = [[0.5, 0.5], [0.5, 0.25]], [[0.5, 1.0], [0.25, 0.25]]
    >>> [slate_ips(reward, propensity, policy, kind).value
    ...  for kind in ("standard", "cascade", "independent")]
    [1.25, 1.25, 1.25]
    """
    check_choice("kind", kind, KINDS)
    check_rows(reward=reward, propensity=propensity, policy=policy)
    names = column_names(reward)
    reward = check_features("reward", reward)
    if len(reward) < 2:
        raise ValueError(f"reward has {len(reward)} lists: an error needs at least two")
    propensity = _like("propensity", propensity, reward, names)
    policy = _like("policy", policy, reward, names)
    check_odds("propensity", propensity)
    if policy.min() < 0 or policy.max() > 1:
        row, position = np.argwhere((policy < 0) | (policy > 1))[0]
        raise ValueError(
            f"policy[{row}, {position}] is {policy[row, position]}: "
            "a probability lies within 0 and 1"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        w = policy / propensity
        if kind != "independent":
            w = np.cumprod(w, axis=1)
        if kind == "standard":
            w = np.repeat(w[:, -1:], reward.shape[1], axis=1)
        terms = (w * reward).sum(axis=1)
        value, spread = float(terms.mean()), float(terms.std(ddof=1))
    if not np.isfinite(w).all():
        row = int(np.argwhere(~np.isfinite(w))[0, 0])
        raise ValueError(
            f"the weight of list {row} overflows: see how its propensity, "
            f"{propensity[row].tolist()}, was logged"
        )
    if not w.any():
        raise ValueError(
            "policy never shows a list of the log, nor any beginning of one"
        )
    _check_means(w)
    effective, largest, means = zip(*map(weight_sizes, w.T), strict=True)
    mean = max(means, key=lambda mean: abs(mean - 1))
    error = spread / np.sqrt(len(terms))
    return _finite(Estimate(value, error, min(effective), max(largest), mean))


def _check_means(w):
    """Raise where the weights of a position do not average 1."""
    for position, column in enumerate(w.T):
        if not column.any() or too_far(column):
            raise ValueError(
                f"the weights of position {position} average {column.mean():.2f}, "
                "not 1: the policy shows there what the log never does, or the "
                "propensities are not those of the draw; see how they were logged, or "
                "judge a policy nearer to that of the log"
            )


def _like(name, values, reward, names):
    values = check_columns(name, values, names, "those of reward are")
    values = check_features(name, values)
    if values.shape != reward.shape:
        raise ValueError(
            f"{name} has shape {values.shape}, reward {reward.shape}: "
            "give a number for each position of each list"
        )
    return values
