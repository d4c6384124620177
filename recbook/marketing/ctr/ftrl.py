"""Logistic regression by FTRL-proximal: one pass over a stream, many weights zero."""

import math

import numpy as np
from scipy.special import expit

from recbook._core.jit import njit
from recbook._core.validate import check_fitted
from recbook.base import Estimator, above, at_least, check_settings, count
from recbook.marketing.base import check_rows, check_weights
from recbook.marketing.ctr.base import (
    check_both,
    check_buckets,
    check_finite,
    log_odds,
)

__all__ = ["FTRL"]

STEEPEST = 35.0  # log odds beyond which the probability is 0 or 1 in double precision


@njit(cache=True)
def lazy_weight(z, n, alpha, beta, l1, l2):
    """Return the weight that the sums z of gradients and n of their squares imply."""
    if abs(z) <= l1:
        return 0.0
    return -(z - math.copysign(l1, z)) / ((beta + math.sqrt(n)) / alpha + l2)


@njit(cache=True)
def probability(score):
    """Return the logistic function of a score, without overflow."""
    return 1.0 / (1.0 + math.exp(-min(max(score, -STEEPEST), STEEPEST)))


@njit(cache=True)
def ftrl_pass(X, y, a, start, z, n, constant, alpha, beta, l1, l2):
    """Go once over the rows X (rows, fields): predict each, then learn from it.

    z, n : (n_buckets,) sums, changed in place. constant : the same two numbers for the
    intercept, which has no penalty. Returns the predictions made before learning.
    """
    n_rows, n_fields = X.shape
    progress = np.empty(n_rows)
    w = np.empty(n_fields)
    for row in range(n_rows):
        w_0 = lazy_weight(constant[0], constant[1], alpha, beta, 0.0, 0.0)
        score = start + w_0
        for f in range(n_fields):
            b = X[row, f]
            w[f] = lazy_weight(z[b], n[b], alpha, beta, l1, l2)
            score += w[f]
        p = probability(score)
        progress[row] = p
        g = a[row] * (p - y[row])
        for f in range(n_fields):
            b = X[row, f]
            sigma = (math.sqrt(n[b] + g * g) - math.sqrt(n[b])) / alpha
            z[b] += g - sigma * w[f]
            n[b] += g * g
        sigma = (math.sqrt(constant[1] + g * g) - math.sqrt(constant[1])) / alpha
        constant[0] += g - sigma * w_0
        constant[1] += g * g
    return progress


class FTRL(Estimator):
    r"""Logistic regression on hashed fields, learned row by row in the order of time.

    A row has one bucket for each field, and the probability of a click is
    :math:`p = \sigma(w_0 + \sum_f w_{b_f})`. With the gradient :math:`g = a (p - y)` of
    a row of weight a, each of its buckets adds up

    .. math::
       z \mathrel{+}= g - \tfrac{\sqrt{n + g^2} - \sqrt{n}}{\alpha}\, w, \qquad
       n \mathrel{+}= g^2,

    and its weight is read off whenever it is needed:

    .. math::
       w = 0 \text{ if } |z| \le \lambda_1, \text{ else }
       -\frac{z - \operatorname{sgn}(z) \lambda_1}{(\beta + \sqrt{n})/\alpha
       + \lambda_2}

    So each bucket has a learning rate of its own, and one that is seldom met keeps the
    weight 0. Two fields of a row in one bucket both count.

    Parameters
    ----------
    n_buckets : int
        Number of weights.
    alpha, beta : float
        Steps: :math:`\alpha / (\beta + \sqrt{n})`. alpha is above 0.
    l1, l2 : float
        Penalties of all weights but the intercept; l1 in units of gradients, so about
        the number of clicks that a bucket must be off by.
    n_epochs : int
        Passes over the rows. 1 is what a stream allows.

    Attributes
    ----------
    intercept_ : float
        :math:`w_0`. It starts from the log odds of the mean of y.
    coef_ : (n_buckets,) array
        Weights; exactly 0 in buckets with little to say.
    n_fields_ : int
        Number of fields of a row.
    progress_ : (n,) array
        For each row the probability just before the last pass learned from it. In one
        pass it is an honest test, since no row has been seen by then.

    Raises
    ------
    ValueError
        If all outcomes are equal: the intercept would be infinite.

    References
    ----------
    McMahan et al. (2013)

    Examples
    --------
    >>> X, y = [[0, 2], [0, 3], [1, 2], [1, 3]] * 50, [1, 1, 0, 0] * 50
    >>> model = FTRL(n_buckets=4, alpha=0.5).fit(X, y)
    >>> model.predict([[0, 2], [1, 2]]).round(1).tolist()
    [0.9, 0.1]
    """

    _ranges = {
        "n_buckets": count(),
        "alpha": above(0),
        "beta": above(0),
        "l1": at_least(0),
        "l2": at_least(0),
        "n_epochs": count(),
    }

    def __init__(self, n_buckets, alpha=0.1, beta=1.0, l1=1.0, l2=1.0, n_epochs=1):
        self.n_buckets = n_buckets
        self.alpha = alpha
        self.beta = beta
        self.l1 = l1
        self.l2 = l2
        self.n_epochs = n_epochs

    def fit(self, X, y, weight=None):
        """Learn from buckets X (n, n_fields) and clicks y (n,), with weights (n,)."""
        check_settings(self)
        check_rows(X=X, y=y, weight=weight)
        n_buckets = int(self.n_buckets)
        X = check_buckets(X, n_buckets)
        y = check_both(y, len(X))
        a = check_weights(weight, len(X))
        start = float(log_odds(np.clip(np.average(y, weights=a), 1e-9, 1 - 1e-9)))
        z, n, constant = (np.zeros(k) for k in (n_buckets, n_buckets, 2))
        steps = float(self.alpha), float(self.beta), float(self.l1), float(self.l2)
        with np.errstate(over="ignore", invalid="ignore"):  # check_finite says so
            for _ in range(self.n_epochs):
                progress = ftrl_pass(X, y, a, start, z, n, constant, *steps)
        check_finite(self, z, n, constant)
        alpha, beta, l1, l2 = steps
        self.coef_ = 0.0 - np.sign(z) * np.maximum(np.abs(z) - l1, 0.0)
        self.coef_ /= (beta + np.sqrt(n)) / alpha + l2
        self.intercept_ = start + lazy_weight(*constant, alpha, beta, 0.0, 0.0)
        self.progress_ = progress
        self.n_fields_ = X.shape[1]
        return self

    def predict(self, X):
        """Return the probability of a click for each row of buckets X (n, n_fields)."""
        check_fitted(self, "coef_")
        X = check_buckets(X, len(self.coef_), self.n_fields_)
        return expit(self.intercept_ + self.coef_[X].sum(axis=1))
