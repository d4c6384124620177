r"""Five answers to one question: the mean reward of a policy that was never shown.

.. math::
   V(\pi) = \mathbb{E}_x \sum_a \pi(a \mid x)\, q(x, a),
   \qquad q(x, a) = \mathbb{E}[r \mid x, a]

All take a log (:class:`BanditLog`) and the policy as an array (n, K): row i has the
probabilities of the K actions in the context of sample i.
"""

import numpy as np

from recbook._core.validate import check_number
from recbook.marketing.base import Estimate, check_features
from recbook.marketing.ope.log import check_actions, check_policy
from recbook.marketing.ope.support import check_mean, check_support, weight_sizes

__all__ = [
    "check_pair",
    "direct",
    "doubly_robust",
    "ips",
    "snips",
    "switch_dr",
    "weights",
]


def weights(log, policy):
    r"""Return what each sample counts for: how much likelier the policy makes it.

    .. math:: w_i = \frac{\pi(a_i \mid x_i)}{\mu(a_i \mid x_i)}

    Their mean is 1 on average if the logging policy gave a chance to everything that
    the policy does, and the propensities are those of the draw. **A mean far from 1 is
    the alarm.** Below 1, that share of the policy's choices is all that the log can
    speak about. The estimators refuse such weights; here they can be looked at.

    Parameters
    ----------
    log : BanditLog
        The n samples.
    policy : (n, K) array
        Probabilities of the actions in each sample; a row sums to 1.

    Returns
    -------
    (n,) array
        At least 0.

    Raises
    ------
    ValueError
        If a row of the policy is no distribution; an action of the log has no column;
        over 1 % of the policy's choices are *off support*, as no amount of such samples
        tells their value: actions that no sample shows, or that no sample of the
        context shows and whose propensities there add up to 1 without them; the policy
        never takes an action of the log; or a weight overflows.

    Examples
    --------
    >>> from recbook.marketing.ope import BanditLog
    >>> log = BanditLog([0, 0], [0, 1], [1.0, 0.0], [0.8, 0.2])
    >>> weights(log, [[0.4, 0.6], [0.4, 0.6]]).round(3).tolist()
    [0.5, 3.0]
    >>> weights(log, [[0.4, 0.3, 0.3], [0.4, 0.3, 0.3]])
    Traceback (most recent call last):
    ...
    ValueError: policy takes action 2 in 30.0 % of its choices, but the log never ...
    """
    return _weights(log, check_policy("policy", policy, len(log)))


def ips(log, policy, clip=None):
    r"""Inverse propensity scoring: right on average, if nothing is off support.

    .. math::
       \hat V_{\mathrm{IPS}} = \frac1n \sum_i w_i\, r_i,
       \qquad \mathrm{SE} = \frac{s(w_i r_i)}{\sqrt n}

    Parameters
    ----------
    log : BanditLog
        The n samples.
    policy : (n, K) array
        Probabilities of the actions in each sample.
    clip : float, optional
        Largest weight; larger ones are cut to it. The estimate is then steadier and
        wrong, for rewards of at least 0 too low.

    Returns
    -------
    Estimate
        In units of the reward, with the weights as used.

    Raises
    ------
    ValueError
        As :func:`weights`, if clip is not above 0, or if the mean of the weights,
        before they are clipped, is too far from 1: by more than 5 of its standard
        errors (over the root of the mean, where it is below 1) and 28 times the largest
        weight seen over n, after Maurer and Pontil (2009). The message names the
        context and the action at which most is missing.

    References
    ----------
    Horvitz and Thompson (1952); for policies, Dudík et al. (2014). Maurer and Pontil
    (2009), Empirical Bernstein bounds and sample variance penalization, COLT.

    Examples
    --------
    >>> from recbook.marketing.ope import BanditLog
    >>> odds = [0.8, 0.8, 0.8, 0.2, 0.2]
    >>> log = BanditLog([0] * 5, [0, 0, 0, 1, 1], [1, 0, 0, 1, 0], odds)
    >>> ips(log, [[0.0, 1.0]] * 5).value
    1.0
    """
    clip = np.inf if clip is None else check_number("clip", clip, above=0)
    w = np.minimum(_trusted(log, check_policy("policy", policy, len(log))), clip)
    return _mean(w, log.reward)


def snips(log, policy):
    r"""Self-normalised IPS: a weighted mean of rewards, never out of their range.

    .. math::
       \hat V_{\mathrm{SN}} = \frac{\sum_i w_i r_i}{\sum_i w_i},
       \qquad \mathrm{SE} = \frac{1}{\bar w \sqrt n}
       \sqrt{\frac1n \sum_i w_i^2\, (r_i - \hat V_{\mathrm{SN}})^2}

    The error is that of a ratio of two means (delta method).

    Parameters
    ----------
    log : BanditLog
        The n samples.
    policy : (n, K) array
        Probabilities of the actions in each sample.

    Returns
    -------
    Estimate
        In units of the reward. Its bias falls like 1/n. The standard error is 0 where
        all rewards that count are equal, as in a log without a click.

    Raises
    ------
    ValueError
        As :func:`ips`: dividing by the mean weight hides that it is not 1.

    References
    ----------
    Swaminathan and Joachims (2015).

    Examples
    --------
    >>> from recbook.marketing.ope import BanditLog
    >>> odds = [0.8, 0.8, 0.8, 0.2, 0.2]
    >>> log = BanditLog([0] * 5, [0, 0, 0, 1, 1], [1, 0, 0, 1, 0], odds)
    >>> estimate = snips(log, [[0.0, 1.0]] * 5)
    >>> estimate.value, estimate.effective_n, estimate.max_weight, estimate.mean_weight
    (0.5, 2.0, 5.0, 2.0)
    """
    w = _trusted(log, check_policy("policy", policy, len(log)))
    share = w / w.max()
    share /= share.sum()  # 1/n of w over its mean, which cannot overflow
    value = float(share @ log.reward)
    with np.errstate(over="ignore"):
        error = float(np.sqrt((share**2) @ (log.reward - value) ** 2))
    return _finite(Estimate(value, error, *weight_sizes(w)))


def direct(log, policy, q_hat):
    r"""Direct method: believe a model of the reward, and use no reward of the log.

    .. math::
       \hat V_{\mathrm{DM}} = \frac1n \sum_i \sum_a \pi(a \mid x_i)\, \hat q(x_i, a)

    Parameters
    ----------
    log : BanditLog
        Only its number of samples matters.
    policy : (n, K) array
        Probabilities of the actions in each sample.
    q_hat : (n, K) array
        What the model expects of each action in each sample, in units of the reward.

    Returns
    -------
    Estimate
        The standard error is that of the mean over contexts, *with the model taken as
        true*: it knows nothing of the model's error. All weights are 1.

    Examples
    --------
    >>> from recbook.marketing.ope import BanditLog
    >>> log = BanditLog([0, 0], [0, 1], [1.0, 0.0], [0.8, 0.2])
    >>> round(direct(log, [[0.0, 1.0]] * 2, [[0.5, 0.4]] * 2).value, 3)
    0.4
    """
    policy, q_hat = check_pair(log, policy, q_hat)
    return _mean(np.ones(len(log)), np.einsum("ik,ik->i", policy, q_hat))


def doubly_robust(log, policy, q_hat):
    r"""Doubly robust: the model's answer, corrected by its weighted errors on the log.

    .. math::
       \hat V_{\mathrm{DR}} = \frac1n \sum_i \Bigl( \sum_a \pi(a \mid x_i)\,
       \hat q(x_i, a) + w_i \bigl(r_i - \hat q(x_i, a_i)\bigr) \Bigr)

    Right on average if the propensities are right *or* the model is.

    Parameters
    ----------
    log : BanditLog
        The n samples.
    policy : (n, K) array
        Probabilities of the actions in each sample.
    q_hat : (n, K) array
        A model of the reward that has not learnt from the same samples (see
        :func:`cross_fitted`).

    Returns
    -------
    Estimate
        In units of the reward. With ``q_hat`` 0 it is IPS.

    Raises
    ------
    ValueError
        As :func:`ips`, and if ``q_hat`` has another shape than the policy or a
        number that is not finite.

    References
    ----------
    Dudík, Erhan, Langford and Li (2014).

    Examples
    --------
    >>> from recbook.marketing.ope import BanditLog
    >>> odds = [0.8, 0.8, 0.8, 0.2, 0.2]
    >>> log = BanditLog([0] * 5, [0, 0, 0, 1, 1], [1, 0, 0, 1, 0], odds)
    >>> round(doubly_robust(log, [[0.0, 1.0]] * 5, [[0.0, 0.4]] * 5).value, 6)
    0.6
    """
    return _corrected(log, policy, q_hat, np.inf)


def switch_dr(log, policy, q_hat, threshold=10.0):
    r"""Doubly robust, but the model alone where a weight is above a threshold.

    .. math::
       \frac1n \sum_i \Bigl( \sum_a \pi(a \mid x_i)\, \hat q(x_i, a)
       + w_i\, \mathbb{1}[w_i \le \tau]\, \bigl(r_i - \hat q(x_i, a_i)\bigr) \Bigr)

    Parameters
    ----------
    log : BanditLog
        The n samples.
    policy, q_hat : (n, K) arrays
        As for :func:`doubly_robust`.
    threshold : float
        :math:`\tau`, at least 0, where no sample corrects the model. Without a limit it
        is the doubly robust estimate.

    Returns
    -------
    Estimate
        With the weights as used: 0 above the threshold, so that the effective n is 0
        where all are. The mean weight says for which share of the choices the log
        still speaks.

    References
    ----------
    Wang, Agarwal and Dudík (2017).

    Examples
    --------
    >>> from recbook.marketing.ope import BanditLog
    >>> odds = [0.8, 0.8, 0.8, 0.2, 0.2]
    >>> log = BanditLog([0] * 5, [0, 0, 0, 1, 1], [1, 0, 0, 1, 0], odds)
    >>> round(switch_dr(log, [[0.0, 1.0]] * 5, [[0.0, 0.4]] * 5, threshold=4).value, 6)
    0.4
    """
    return _corrected(log, policy, q_hat, check_number("threshold", threshold, 0))


def _corrected(log, policy, q_hat, threshold):
    policy, q_hat = check_pair(log, policy, q_hat)
    w = _trusted(log, policy)
    w = np.where(w <= threshold, w, 0.0)
    errors = log.reward - q_hat[np.arange(len(log)), log.action]
    return _mean(w, errors, np.einsum("ik,ik->i", policy, q_hat))


def check_pair(log, policy, q_hat):
    """Return a policy and a model of the reward as arrays of one shape (n, K)."""
    policy = check_policy("policy", policy, len(log))
    q_hat = check_actions("q_hat", q_hat)
    q_hat = check_features("q_hat", q_hat)
    if q_hat.shape != policy.shape:
        raise ValueError(
            f"q_hat has shape {q_hat.shape}, the policy {policy.shape}: give what the "
            "model expects of each action in each sample"
        )
    return policy, q_hat


def _trusted(log, policy):
    """Return the weights of a policy, if they average 1 as they should."""
    w = _weights(log, policy)
    check_mean(log, policy, w)
    return w


def _weights(log, policy):
    """Return the weights of a policy that is known to be one."""
    n_actions = policy.shape[1]
    if log.action.max() >= n_actions:
        row = int((log.action >= n_actions).argmax())
        raise ValueError(
            f"log.action[{row}] is {log.action[row]}, but the policy has only "
            f"{n_actions} actions: give each action of the log a column"
        )
    check_support(log, policy)
    wanted = policy[np.arange(len(log)), log.action]
    with np.errstate(over="ignore"):
        w = wanted / log.propensity
    if not np.isfinite(w).all():
        row = int((~np.isfinite(w)).argmax())
        raise ValueError(
            f"propensity[{row}] is {log.propensity[row]}: the weight of the sample "
            "overflows; a chance so small was never meant, see how it was logged"
        )
    if not w.any():
        raise ValueError(
            "policy never takes the action of a sample of the log, in all of them: "
            "the log says nothing about it"
        )
    return w


def _mean(w, values, base=0.0):
    """Return the mean of ``base + w * values`` over samples, and its error."""
    with np.errstate(over="ignore", invalid="ignore"):
        terms = base + w * values
        value = float(terms.mean())
        error = float(terms.std(ddof=1) / np.sqrt(len(terms)))
    return _finite(Estimate(value, error, *weight_sizes(w)))


def _finite(estimate):
    if not np.isfinite([estimate.value, estimate.standard_error]).all():
        raise ValueError(
            "weights times rewards overflow (the largest weight is "
            f"{estimate.max_weight:.3g}): give the reward in larger units, or clip"
        )
    return estimate
