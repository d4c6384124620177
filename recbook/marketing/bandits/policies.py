"""Policies that count impressions and clicks of each action."""

import numpy as np
from scipy.special import betainc, betaincinv

from recbook.base import at_least, count
from recbook.marketing.bandits import kernels
from recbook.marketing.bandits.base import (
    Policy,
    chance_of_best,
    check_action,
    check_reward,
)

__all__ = ["UCB1", "BetaThompson", "CountPolicy", "EpsilonGreedy", "ExploreThenCommit"]

LEAST = 1e-3  # of a and b: gamma draws of a smaller shape are 0 in double precision


class CountPolicy(Policy):
    """A policy that knows of each action how often it was shown and clicked."""

    def _start(self):
        super()._start()
        self.shown = np.zeros(self.n_actions)
        self.clicks = np.zeros(self.n_actions)

    def _choose(self, context):
        scores = np.empty(self.n_actions)
        return kernels.choose(
            self.rule, self.dials, self.shown, self.clicks, scores, self._rng
        )

    def update(self, action, reward, context=None):
        """Learn from one round.

        Parameters
        ----------
        action : int
            The action that was shown, chosen by this policy or not.
        reward : float
            1 for a click, 0 for none, or a share of the largest reward between them.
        context : optional
            Ignored.
        """
        action = check_action(action, self.n_actions)
        reward = check_reward(reward, 0, 1)
        kernels.learn(self.rule, self.dials, self.shown, self.clicks, action, reward)
        return self

    def _best(self):
        """Return equal shares for the actions of the highest rate, 0 for the others."""
        rates = kernels.rates(self.shown, self.clicks, np.empty(self.n_actions))
        best = rates == rates.max()
        return best / best.sum()


class EpsilonGreedy(CountPolicy):
    r"""Show the best so far, and now and then any action.

    With probability :math:`\varepsilon` an action is drawn, each with probability
    1/K. Otherwise the one with the highest observed rate is shown. An action that was
    never shown has the rate 0, and ties are broken at random.

    Parameters
    ----------
    n_actions : int
        K, at least 2.
    epsilon : float
        :math:`\varepsilon`, from 0 (greedy) to 1 (at random).
    seed : int
        Seed of the draws.

    Attributes
    ----------
    shown, clicks : (n_actions,) arrays
        Rounds and sum of rewards of each action.

    References
    ----------
    Sutton & Barto (2018), chapter 2.

    Examples
    --------
    >>> policy = EpsilonGreedy(2, epsilon=0.1)
    >>> _ = policy.update(0, 0).update(1, 1)
    >>> policy.propensities().round(3).tolist()
    [0.05, 0.95]
    """

    rule, _dials = kernels.GREEDY, ("epsilon",)
    _ranges = {"epsilon": at_least(0, 1)}

    def __init__(self, n_actions, epsilon=0.1, seed=0):
        self.n_actions = n_actions
        self.epsilon = epsilon
        self.seed = seed
        self._start()

    def _propensities(self, context):
        epsilon = self.dials[0]
        return (1 - epsilon) * self._best() + epsilon / self.n_actions


class ExploreThenCommit(CountPolicy):
    """Run an A/B test, then show its winner.

    In the first ``n_explore`` rounds an action is drawn, each with probability 1/K.
    From then on the one with the highest rate in these rounds is shown, and later
    rewards are not counted.

    Parameters
    ----------
    n_actions : int
        K, at least 2.
    n_explore : int
        Rounds of the test, of all actions together.
    seed : int
        Seed of the draws.

    Attributes
    ----------
    shown, clicks : (n_actions,) arrays
        Rounds and sum of rewards of each action in the test.

    References
    ----------
    Lattimore & Szepesvári (2020), chapter 6.

    Examples
    --------
    >>> policy = ExploreThenCommit(2, n_explore=2)
    >>> policy.propensities().tolist()
    [0.5, 0.5]
    >>> policy.update(0, 0).update(1, 1).choose()
    (1, 1.0)
    """

    rule, _dials = kernels.COMMIT, ("n_explore",)
    _ranges = {"n_explore": count()}

    def __init__(self, n_actions, n_explore, seed=0):
        self.n_actions = n_actions
        self.n_explore = n_explore
        self.seed = seed
        self._start()

    def _propensities(self, context):
        if self.shown.sum() < self.n_explore:
            return np.full(self.n_actions, 1 / self.n_actions)
        return self._best()


class UCB1(CountPolicy):
    r"""Show the action whose rate could be the highest: an upper confidence bound.

    .. math::
        \frac{\text{clicks}_k}{n_k} + \sqrt{\frac{8 \sigma^2 \ln t}{n_k}}

    with :math:`n_k` impressions of action k among t impressions of all. The bound holds
    for rewards from 0 to 1 if :math:`\sigma^2 = 1/4`, which gives the published
    :math:`\sqrt{2 \ln t / n_k}`. An action that was never shown comes first, and ties
    are broken at random.

    Parameters
    ----------
    n_actions : int
        K, at least 2.
    variance : float
        :math:`\sigma^2`, of one reward. 0 is greedy.
    seed : int
        Seed of the ties.

    Attributes
    ----------
    shown, clicks : (n_actions,) arrays
        Rounds and sum of rewards of each action.

    References
    ----------
    Auer, Cesa-Bianchi & Fischer (2002).

    Examples
    --------
    >>> policy = UCB1(2)
    >>> for action, clicks, n in ((0, 2, 10), (1, 1, 2)):
    ...     for i in range(n):
    ...         _ = policy.update(action, i < clicks)
    >>> policy.bounds().round(3).tolist()
    [0.905, 2.076]
    >>> policy.choose()
    (1, nan)
    """

    rule, _dials, drawn = kernels.UCB, ("variance",), False
    _ranges = {"variance": at_least(0)}

    def __init__(self, n_actions, variance=0.25, seed=0):
        self.n_actions = n_actions
        self.variance = variance
        self.seed = seed
        self._start()

    def bounds(self):
        """Return the upper bound of each action (n_actions,), inf if never shown."""
        scores = np.empty(self.n_actions)
        return kernels.upper_bounds(self.shown, self.clicks, self.dials[0], scores)


class BetaThompson(CountPolicy):
    r"""Show an action as often as it is the best, as far as is known.

    The click rate of each action has a beta prior. After :math:`n_k` impressions and
    :math:`s_k` clicks its posterior is :math:`\mathrm{B}(a + s_k,\ b + n_k - s_k)`. One
    rate is drawn from each posterior, and the action with the highest draw is shown.

    Parameters
    ----------
    n_actions : int
        K, at least 2.
    a, b : float
        Prior: imaginary clicks and impressions without a click, each at least 0.001.
    seed : int
        Seed of the draws.

    Attributes
    ----------
    shown, clicks : (n_actions,) arrays
        Rounds and sum of rewards of each action.

    References
    ----------
    Thompson (1933); Chapelle & Li (2011).

    Examples
    --------
    >>> policy = BetaThompson(2)
    >>> for action, clicks, n in ((0, 2, 10), (1, 1, 2)):
    ...     for i in range(n):
    ...         _ = policy.update(action, i < clicks)
    >>> policy.propensities().round(2).tolist()
    [0.18, 0.82]
    """

    rule, _dials = kernels.THOMPSON, ("a", "b")
    _ranges = {"a": at_least(LEAST), "b": at_least(LEAST)}

    def __init__(self, n_actions, a=1.0, b=1.0, seed=0):
        self.n_actions = n_actions
        self.a = a
        self.b = b
        self.seed = seed
        self._start()

    def _start(self):
        super()._start()
        self._kept = None  # propensities since the last update

    def update(self, action, reward, context=None):
        """Learn from one round, as the other policies on counts do."""
        self._kept = None
        return super().update(action, reward, context)

    def _propensities(self, context):
        if self._kept is None:
            a, b = self.dials
            a, b = a + self.clicks, b + self.shown - self.clicks
            self._kept = chance_of_best(
                lambda u: betaincinv(a, b, u), lambda x: betainc(a, b, x)
            )
        return self._kept.copy()
