"""What the policies of a bandit share: to choose, to learn, and to say how likely."""

import numpy as np
from scipy.special import ndtr

from recbook._core.validate import check_number, check_positive_int, generator
from recbook.base import Estimator, check_settings, count

__all__ = ["Policy", "chance_of_best", "check_action", "check_reward"]

# Quantiles of the normal distribution at which a chance is integrated.
NODES = ndtr(np.linspace(-8.0, 8.0, 129))


class Policy(Estimator):
    """Chooses one of ``n_actions``, and learns from the reward of that one only.

    Its constructor stores the settings and starts. It learns by ``update``.
    """

    _ranges = {"n_actions": count(2)}
    # Names of the settings that the kernels take, as ``dials``.
    _dials: tuple[str, ...] = ()

    # Whether a choice is drawn at random, so that a log of it has propensities.
    drawn = True

    def _start(self):
        """Check the settings, and know nothing."""
        check_settings(self)
        self._rng = generator(self.seed)
        self.dials = np.array([float(getattr(self, name)) for name in self._dials])

    def set_params(self, **params):
        """Change settings by name, and return the policy, which then knows nothing.

        Raises
        ------
        ValueError
            If a name is no setting, or a value is out of its range. Then nothing is
            changed, and nothing is forgotten.
        """
        before = vars(self).copy()
        super().set_params(**params)
        if params:
            try:
                self._start()
            except Exception:
                vars(self).update(before)
                raise
        return self

    def choose(self, context=None):
        """Return the action of the next round, and the probability that it had.

        Parameters
        ----------
        context : (n_features,) array_like, optional
            What is known of the visitor. Rules on counts do not look at it.

        Returns
        -------
        action : int
            From 0 to ``n_actions`` - 1.
        propensity : float
            To be kept in the log. NaN where nothing is drawn (``UCB1``, ``LinUCB``):
            no other policy can be judged by such a log, and an estimator refuses it.
        """
        action = int(self._choose(context))
        if not self.drawn:
            return action, float("nan")
        return action, float(self.propensities(context)[action])

    def propensities(self, context=None):
        """Return the probability (n_actions,) of each action in the next round.

        Raises
        ------
        ValueError
            If the policy draws nothing.
        """
        if not self.drawn:
            raise ValueError(
                f"{type(self).__name__} draws nothing, so its actions have no "
                "propensities; use BetaThompson, LinThompson or EpsilonGreedy"
            )
        return self._propensities(context)


def check_action(action, n_actions):
    """Return ``action`` as an int in [0, n_actions)."""
    action = check_positive_int("action", action, minimum=0)
    if action >= n_actions:
        raise ValueError(
            f"action is {action}, but there are {n_actions}: give 0 to {n_actions - 1}"
        )
    return action


def check_reward(reward, low=None, high=None):
    """Return ``reward`` as a finite float in [low, high]; True is a click, so 1."""
    reward = float(reward) if isinstance(reward, bool | np.bool) else reward
    return check_number("reward", reward, low, high)


def chance_of_best(quantile, distribution):
    r"""Return the probability that each of K independent numbers is the largest.

    .. math::
        P_k = \int \prod_{j \ne k} F_j(x)\, dF_k(x)

    The integral is a sum over quantiles of all K, which are dense wherever one of the
    factors changes.

    Parameters
    ----------
    quantile : callable
        Takes probabilities (n, 1) and returns their quantiles (n, K).
    distribution : callable
        Takes numbers (n, 1) and returns :math:`F_k` of each (n, K).

    Returns
    -------
    (K,) array
        Sums to 1. The error is a few thousandths of each value.

    Examples
    --------
    >>> from scipy.special import ndtri
    >>> chance_of_best(lambda u: ndtri(u) + [0.0, 0.0], lambda x: ndtr(x - [0.0, 0.0]))
    array([0.5, 0.5])
    """
    x = np.unique(quantile(NODES[:, None]))[:, None]
    F = distribution(x)  # (n, K)
    before = np.cumprod(F, axis=1)
    after = np.cumprod(F[:, ::-1], axis=1)[:, ::-1]
    others = np.ones_like(F)  # the product over j other than k
    others[:, 1:] = before[:, :-1]
    others[:, :-1] *= after[:, 1:]
    shares = ((others[1:] + others[:-1]) / 2 * np.diff(F, axis=0)).sum(axis=0)
    return shares / shares.sum()
