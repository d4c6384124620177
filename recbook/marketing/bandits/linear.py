"""Policies with a ridge regression of the reward on the context for each action."""

import numpy as np
from scipy.special import ndtr, ndtri

from recbook.base import above, at_least, count
from recbook.base.settings import LARGEST
from recbook.marketing.bandits import kernels
from recbook.marketing.bandits.base import (
    Policy,
    chance_of_best,
    check_action,
    check_reward,
)
from recbook.marketing.base import check_values

__all__ = ["LinThompson", "LinUCB", "LinearPolicy"]

LEAST = 1e-9  # of reg: with a smaller one, rounding shows in the inverse


class LinearPolicy(Policy):
    """A policy that predicts the reward of each action from what it knows."""

    _ranges = {"n_features": count(), "reg": at_least(LEAST)}

    def _start(self):
        super()._start()
        eye = np.eye(self.n_features)
        self.inverse = np.stack([eye / float(self.reg)] * self.n_actions)
        self.moment = np.zeros((self.n_actions, self.n_features))
        self.coef = np.zeros((self.n_actions, self.n_features))

    def _context(self, context):
        if context is None:
            raise ValueError(
                f"{type(self).__name__} needs the context of each round: give an "
                f"array of {self.n_features} numbers"
            )
        return check_values("context", context, self.n_features, -LARGEST, LARGEST)

    def _choose(self, context):
        scores = np.empty(self.n_actions)
        return kernels.choose_linear(
            self.rule, self.dials[0], self.inverse, self.coef,
            self._context(context), scores, self._rng,
        )  # fmt: skip

    def update(self, action, reward, context=None):
        """Learn from one round.

        Parameters
        ----------
        action : int
            The action that was shown, chosen by this policy or not.
        reward : float
            Any finite number.
        context : (n_features,) array_like
            As it was when the action was chosen.
        """
        k = check_action(action, self.n_actions)
        reward = check_reward(reward)
        x = self._context(context)
        kernels.absorb(self.inverse[k], self.moment[k], self.coef[k], x, reward)
        return self

    def estimates(self, context):
        r"""Return the predicted reward of each action, and its width.

        Returns
        -------
        means : (n_actions,) array
            :math:`x^\top \hat\theta_k`.
        widths : (n_actions,) array
            :math:`\sqrt{x^\top A_k^{-1} x}`, which shrinks with each round of action k
            in a context like x.
        """
        x = self._context(context)
        variance = np.einsum("i,kij,j->k", x, self.inverse, x)
        return self.coef @ x, np.sqrt(np.maximum(variance, 0.0))


class LinUCB(LinearPolicy):
    r"""Show the action whose predicted reward could be the highest.

    .. math::
        x^\top \hat\theta_k + \alpha \sqrt{x^\top A_k^{-1} x}, \qquad
        A_k = \lambda I + \sum x x^\top, \quad \hat\theta_k = A_k^{-1} \sum r x

    The sums run over the rounds in which action k was shown. The inverse is brought up
    to date in :math:`d^2` steps. There is no intercept: put a 1 into the context. Ties
    are broken at random.

    Parameters
    ----------
    n_actions : int
        K, at least 2.
    n_features : int
        d, the length of a context.
    alpha : float
        :math:`\alpha`, in units of the reward. 0 is greedy.
    reg : float
        :math:`\lambda`, at least 1e-9, in rounds.
    seed : int
        Seed of the ties.

    Attributes
    ----------
    inverse : (n_actions, d, d) array
        :math:`A_k^{-1}`.
    coef : (n_actions, d) array
        :math:`\hat\theta_k`.

    References
    ----------
    Li, Chu, Langford & Schapire (2010), with disjoint models.

    Examples
    --------
    >>> policy = LinUCB(2, 1, alpha=1.0).update(0, 1.0, [1.0])
    >>> means, widths = policy.estimates([1.0])
    >>> means.tolist(), widths.round(3).tolist()
    ([0.5, 0.0], [0.707, 1.0])
    >>> policy.choose([1.0])
    (0, nan)
    """

    rule, _dials, drawn = kernels.LINEAR_UCB, ("alpha", "reg"), False
    _ranges = {"alpha": at_least(0)}

    def __init__(self, n_actions, n_features, alpha=1.0, reg=1.0, seed=0):
        self.n_actions = n_actions
        self.n_features = n_features
        self.alpha = alpha
        self.reg = reg
        self.seed = seed
        self._start()


class LinThompson(LinearPolicy):
    r"""Show an action as often as its predicted reward is the highest, as far as known.

    The coefficients of each action are believed to be normal with mean
    :math:`\hat\theta_k` and covariance :math:`v^2 A_k^{-1}`, as in ``LinUCB``. So the
    mean reward in a context is normal with mean :math:`x^\top \hat\theta_k` and
    deviation :math:`v \sqrt{x^\top A_k^{-1} x}`. One such number is drawn for each
    action, and the action with the highest is shown.

    Parameters
    ----------
    n_actions : int
        K, at least 2.
    n_features : int
        d, the length of a context.
    scale : float
        v, the standard deviation of a reward around its mean, above 0.
    reg : float
        :math:`\lambda`, at least 1e-9, in rounds.
    seed : int
        Seed of the draws.

    Attributes
    ----------
    inverse : (n_actions, d, d) array
        :math:`A_k^{-1}`.
    coef : (n_actions, d) array
        :math:`\hat\theta_k`.

    References
    ----------
    Agrawal & Goyal (2013).

    Examples
    --------
    >>> policy = LinThompson(2, 1, scale=0.5).update(0, 1.0, [1.0])
    >>> policy.propensities([1.0]).round(2).tolist()
    [0.79, 0.21]
    """

    rule, _dials = kernels.LINEAR_THOMPSON, ("scale", "reg")
    _ranges = {"scale": above(0)}

    def __init__(self, n_actions, n_features, scale=0.5, reg=1.0, seed=0):
        self.n_actions = n_actions
        self.n_features = n_features
        self.scale = scale
        self.reg = reg
        self.seed = seed
        self._start()

    def _propensities(self, context):
        means, widths = self.estimates(context)
        widths = np.maximum(self.dials[0] * widths, 1e-12)
        return chance_of_best(
            lambda u: means + widths * ndtri(u), lambda x: ndtr((x - means) / widths)
        )
