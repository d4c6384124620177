"""What a change of the policy would bring: a difference, with the error of one."""

import numpy as np

from recbook.marketing.base import normal_effect
from recbook.marketing.ope.estimators import check_pair, doubly_robust, snips, weights

__all__ = ["gain"]

ROUNDING = 1e-12  # of the largest reward, within which a difference is none


def gain(log, policy, q_hat=None):
    r"""Return what a policy would earn beyond the policy that made the log.

    Both values come from the same samples, so the difference is taken within each
    sample. Without a model it is that of :func:`snips`,

    .. math::
       \hat\delta = \hat V_{\mathrm{SN}} - \bar r, \qquad
       u_i = \frac{w_i}{\bar w} \bigl(r_i - \hat V_{\mathrm{SN}}\bigr)
       - (r_i - \bar r), \qquad
       \mathrm{SE} = \frac1n \sqrt{\textstyle\sum_i u_i^2}

    and with a model that of :func:`doubly_robust`, the mean of
    :math:`\sum_a \pi(a \mid x_i)\, \hat q(x_i, a) + w_i (r_i - \hat q(x_i, a_i)) - r_i`
    over samples, with the standard error of that mean.

    Parameters
    ----------
    log : BanditLog
        The n samples.
    policy : (n, K) array
        Probabilities of the actions in each sample.
    q_hat : (n, K) array, optional
        A model of the reward that has not learnt from the same samples (see
        :func:`cross_fitted`).

    Returns
    -------
    Effect
        In units of the reward, for one sample: times 1,000 it is the gain on 1,000
        impressions. For the policy that made the log it is exactly 0, without error,
        by SNIPS.

    Raises
    ------
    ValueError
        As :func:`ips` and :func:`doubly_robust`.

    References
    ----------
    Swaminathan and Joachims (2015); Dudík, Erhan, Langford and Li (2014).

    Examples
    --------
    >>> from recbook.marketing.ope import BanditLog
    >>> odds = [0.8, 0.8, 0.8, 0.2, 0.2]
    >>> log = BanditLog([0] * 5, [0, 0, 0, 1, 1], [1, 0, 0, 1, 0], odds)
    >>> effect = gain(log, [[0.0, 1.0]] * 5)
    >>> round(effect.value, 3), round(effect.standard_error, 3)
    (0.1, 0.27)
    """
    r, n = log.reward, len(log)
    if q_hat is not None:
        policy, q_hat = check_pair(log, policy, q_hat)
        value = doubly_robust(log, policy, q_hat).value
        errors = r - q_hat[np.arange(n), log.action]
        terms = np.einsum("ik,ik->i", policy, q_hat) + weights(log, policy) * errors - r
        return _effect(value - r.mean(), terms.std(ddof=1) / np.sqrt(n), r)
    value = snips(log, policy).value
    w = weights(log, policy)
    u = w / w.mean() * (r - value) - (r - r.mean())
    return _effect(value - r.mean(), np.sqrt(u @ u) / n, r)


def _effect(value, error, r):
    """Return an effect; what rounding leaves of a policy's own rewards is nothing."""
    if max(abs(value), error) <= ROUNDING * np.abs(r).max():
        value, error = 0.0, 0.0
    return normal_effect(value, error)
