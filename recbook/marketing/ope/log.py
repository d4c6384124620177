"""The log of a policy that draws its actions, and a table of means learnt from it."""

from dataclasses import dataclass

import numpy as np

from recbook._core import draws
from recbook._core.arrays import column_names
from recbook._core.frames import framed
from recbook._core.validate import (
    check_choice,
    check_codes,
    check_number,
    check_positive_int,
    generator,
)
from recbook.marketing.base import check_features, check_rows, check_values

__all__ = ["BanditLog", "cell_means", "check_policy", "cross_fitted", "draw_log"]

ROUNDING = 1e-6  # by which a row of probabilities may miss 1
LARGEST = 2**31  # codes below it: a table of means has a row for each


@dataclass(frozen=True, eq=False)
class BanditLog:
    r"""Logged samples of a policy that drew its actions, with their propensities.

    Round i has a context :math:`x_i`, an action :math:`a_i` drawn with probability
    :math:`\mu(a_i \mid x_i)`, and a reward :math:`r_i`.

    Parameters
    ----------
    context : (n,) int array
        Code of the context, such as the visitor's segment.
    action : (n,) int array
        Code of the action taken, such as the banner shown.
    reward : (n,) array
        What came of it: a click (0 or 1), minutes, euros.
    propensity : (n,) array
        Probability with which *this* action was drawn in this sample, over 0, up to 1.

    Raises
    ------
    ValueError
        If there are fewer than two samples, the lengths differ, a reward is not finite
        or a propensity is not above 0 and at most 1. An action of probability 0 cannot
        have been drawn: the propensity belongs to another action, place or day.

    Examples
    --------
    >>> log = BanditLog([0, 0, 1], [1, 0, 1], [1.0, 0.0, 0.0], [0.8, 0.2, 0.5])
    >>> len(log), len(log.rows([True, False, True]))
    (3, 2)
    >>> BanditLog([0, 0], [1, 0], [1.0, 0.0], [0.8, 0.0])
    Traceback (most recent call last):
    ...
    ValueError: propensity[1] is 0.0: give the probability, above 0 and at most 1, ...
    """

    context: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    propensity: np.ndarray

    def __post_init__(self):
        """Check the four columns, and keep them as arrays of one length."""
        check_rows(
            context=self.context,
            action=self.action,
            reward=self.reward,
            propensity=self.propensity,
        )
        for name in ("action", "context"):
            _refuse_names(name, getattr(self, name))
        action = check_codes("action", self.action, LARGEST)
        n = len(action)
        if n < 2:
            raise ValueError(f"action has {n} samples: a log needs at least two")
        context = check_codes("context", self.context, LARGEST)
        if len(context) != n:
            raise ValueError(f"context has {len(context)} rows, but {n} are needed")
        reward = check_values("reward", self.reward, n)
        propensity = check_values("propensity", self.propensity, n)
        check_odds("propensity", propensity)
        columns = (context, action, reward, propensity)
        names = ("context", "action", "reward", "propensity")
        for name, column in zip(names, columns, strict=True):
            object.__setattr__(self, name, column)

    def __len__(self):
        """Return the number of samples."""
        return len(self.action)

    def rows(self, chosen):
        """Return the log of some samples: a mask (n,) or their positions."""
        columns = (self.context, self.action, self.reward, self.propensity)
        return BanditLog(*(column[np.asarray(chosen)] for column in columns))


def _refuse_names(name, values):
    """Raise where names stand for codes, with the line that makes codes of them."""
    array = np.asarray(values)
    if array.ndim == 1 and array.size and isinstance(array.tolist()[0], str):
        raise ValueError(
            f"{name}[0] is {str(array[0])!r}, a name: give codes from 0, as "
            f"names, {name} = np.unique({name}, return_inverse=True) makes them"
        )


def check_odds(name, propensity):
    """Raise unless every probability of a drawn action is above 0 and at most 1."""
    wrong = ~((propensity > 0) & (propensity <= 1))
    if wrong.any():
        place = tuple(int(k) for k in np.argwhere(wrong)[0])
        raise ValueError(
            f"{name}[{', '.join(map(str, place))}] is {propensity[place]}: give the "
            "probability, above 0 and at most 1, with which the action that was taken "
            "had been drawn"
        )


def check_policy(name, policy, n=None):
    """Return ``policy`` as a float64 array (n, K) whose rows are probabilities.

    Raises
    ------
    ValueError
        That names the row, where a number is negative or not finite, or where the row
        does not sum to 1.

    Examples
    --------
    >>> check_policy("policy", [[0.5, 0.6]], 1)
    Traceback (most recent call last):
    ...
    ValueError: policy[0] sums to 1.1: give a probability for each action, 1 in all
    """
    policy = check_features(name, check_actions(name, policy))
    if n is not None and len(policy) != n:
        raise ValueError(
            f"{name} has {len(policy)} rows, but {n} are needed: one for each sample, "
            "such as table[log.context]"
        )
    if policy.min() < 0:
        row, action = np.argwhere(policy < 0)[0]
        raise ValueError(
            f"{name}[{row}, {action}] is {policy[row, action]}: "
            "a probability is at least 0"
        )
    total = policy.sum(axis=1)
    wrong = np.abs(total - 1) > ROUNDING
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"{name}[{row}] sums to {total[row]:.6g}: "
            "give a probability for each action, 1 in all"
        )
    return policy


def check_actions(name, table):
    """Return a frame with a column for each code of an action, from 0 on.

    >>> import pandas as pd
    >>> check_actions("policy", pd.DataFrame([[0.2, 0.8]], columns=[1, 0])).columns
    Index([0, 1], dtype='int64')
    >>> check_actions("policy", pd.DataFrame([[0.2, 0.8]], columns=["B", "A"]))
    Traceback (most recent call last):
    ...
    ValueError: the columns of policy are B, A, but an action is a code, 0 to 1: ...
    """
    table = framed(name, table)
    names = column_names(table)
    if names is None:
        return table
    place = {str(column): k for k, column in enumerate(names)}
    codes = [str(k) for k in range(len(names))]
    if place.keys() == set(codes):
        return table.iloc[:, [place[code] for code in codes]]
    raise ValueError(
        f"the columns of {name} are {', '.join(map(str, names))}, but an action is a "
        f"code, 0 to {len(names) - 1}: name the columns by the codes, such as "
        f"{name}.rename(columns=code_of)"
    )


def draw_log(world, policy, n, seed=0, reward="clicks"):
    """Show banners to ``n`` visitors of a world by a policy, and log it.

    Parameters
    ----------
    world : Banners
        From :func:`recbook.marketing.worlds.banners`.
    policy : (n_segments, n_banners) array
        Probability of each banner in each segment.
    n : int
        Logged samples, at least two.
    seed : int
        The same log for the same seed.
    reward : {"clicks", "minutes"}
        What is logged of the visitor.

    Returns
    -------
    BanditLog
        With the segment as context and the true probabilities as propensities.

    Examples
    --------
    >>> from recbook.marketing import worlds
    >>> log = draw_log(worlds.banners(), np.full((16, 8), 1 / 8), n=1000)
    >>> len(log), float(log.propensity[0])
    (1000, 0.125)
    """
    check_choice("reward", reward, ("clicks", "minutes"))
    n = check_positive_int("n", n, minimum=2)
    policy = check_policy("policy", policy)
    needed = len(world.segments), world.n_banners
    if policy.shape != needed:
        raise ValueError(
            f"policy has shape {policy.shape}: give a row for each segment and a "
            f"column for each banner, {needed}"
        )
    context = world.impressions(n, seed)
    draw = draws.stream(seed, "shown").random(n)
    edges = policy.cumsum(axis=1)
    edges /= edges[:, -1:]  # 1 at the last action that may be drawn, above any draw
    shown = (draw[:, None] >= edges[context]).sum(axis=1)
    outcome = getattr(world, reward)(context, shown, seed)
    return BanditLog(context, shown, outcome, policy[context, shown])


def cell_means(log, n_contexts, n_actions, damping=20.0):
    r"""Return the mean reward of each action in each context, from a log.

    .. math::
       \hat q(x, a) = \frac{\sum_{i:\, x_i = x,\, a_i = a} r_i + d\, \bar r_a}
       {n_{xa} + d}

    Each mean is damped towards :math:`\bar r_a`, that of the action in all contexts.

    Parameters
    ----------
    log : BanditLog
        Its contexts and actions are codes below the two numbers that follow.
    n_contexts, n_actions : int
        Size of the table.
    damping : float
        :math:`d \ge 0`, in samples.

    Returns
    -------
    (n_contexts, n_actions) array
        In units of the reward. A cell without samples has its action's mean, an action
        without samples the mean of all.

    Examples
    --------
    >>> log = BanditLog([0, 0, 1], [0, 0, 0], [1.0, 0.0, 0.0], [0.5, 0.5, 0.5])
    >>> cell_means(log, 2, 2, damping=1).round(3).tolist()
    [[0.444, 0.333], [0.167, 0.333]]
    """
    n_contexts = check_positive_int("n_contexts", n_contexts)
    n_actions = check_positive_int("n_actions", n_actions)
    damping = check_number("damping", damping, 0)
    context = check_codes("log.context", log.context, n_contexts)
    action = check_codes("log.action", log.action, n_actions)
    cell = context * n_actions + action
    size = n_contexts * n_actions
    counts = np.bincount(cell, minlength=size).reshape(n_contexts, n_actions)
    totals = np.bincount(cell, log.reward, size).reshape(n_contexts, n_actions)
    shown = counts.sum(axis=0)
    by_action = np.where(
        shown > 0, totals.sum(axis=0) / np.maximum(shown, 1), log.reward.mean()
    )
    n = counts + damping
    means = (totals + damping * by_action) / np.where(n > 0, n, 1)
    return np.where(n > 0, means, by_action)


def cross_fitted(log, fit, n_folds=2, seed=0):
    """Return a model's answers for each sample, learnt from *other* samples of the log.

    Parameters
    ----------
    log : BanditLog
        Its samples are dealt out to the folds at random: in turn, a log that alternates
        between two pages would have folds that know one of them each.
    fit : callable
        Takes a BanditLog, returns a table (n_contexts, n_actions), as
        :func:`cell_means` does.
    n_folds : int
        At least two. Their sizes differ by one sample at most.
    seed : int
        Seed of the folds.

    Returns
    -------
    (n, n_actions) array
        For each sample the row of its context, from a table that has not seen the fold.

    Examples
    --------
    >>> log = BanditLog([0] * 4, [0, 0, 1, 1], [1.0, 3.0, 0.0, 2.0], [0.5] * 4)
    >>> cross_fitted(log, lambda part: cell_means(part, 1, 2)).tolist()
    [[3.0, 2.0], [1.0, 0.0], [3.0, 2.0], [1.0, 0.0]]
    """
    n_folds = check_positive_int("n_folds", n_folds, minimum=2)
    fold = np.argsort(generator(seed).random(len(log)), kind="stable") % n_folds
    sizes = np.bincount(fold, minlength=n_folds)
    if (len(log) - sizes.max()) < 2 or sizes.min() < 1:
        raise ValueError(
            f"n_folds is {n_folds}, but the log has only {len(log)} samples: each "
            "model needs at least two samples of other folds"
        )
    answers = None
    for k in range(n_folds):
        table = check_features("fit(log)", fit(log.rows(fold != k)))
        context = check_codes("log.context", log.context[fold == k], len(table))
        if answers is None:
            answers = np.empty((len(log), table.shape[1]))
        answers[fold == k] = table[context]
    return answers
