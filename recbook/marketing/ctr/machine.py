"""A factorization machine on hashed fields, learned row by row."""

import math

import numpy as np
from scipy.special import expit

from recbook._core.jit import njit
from recbook._core.validate import check_fitted, generator
from recbook.base import Estimator, check_settings, count
from recbook.marketing.base import check_rows, check_weights
from recbook.marketing.ctr.base import (
    check_both,
    check_buckets,
    check_finite,
    log_odds,
)
from recbook.marketing.ctr.ftrl import probability

__all__ = ["HashedFM"]


@njit(cache=True)
def machine_pass(X, y, a, start, w, V, squares, lr, reg):
    """Go once over the rows X (rows, fields); w, V and squares change in place.

    w : (n_buckets + 1,) weights, the intercept last. V : (n_buckets, k) vectors.
    squares : (n_buckets + 1, k + 1) sums of squared gradients, of w in the last column.
    """
    n_rows, n_fields = X.shape
    k = V.shape[1]
    total = np.empty(k)
    for row in range(n_rows):
        total[:] = 0.0
        score = start + w[-1]
        for f in range(n_fields):
            b = X[row, f]
            score += w[b]
            for c in range(k):
                total[c] += V[b, c]
                score -= 0.5 * V[b, c] * V[b, c]
        for c in range(k):
            score += 0.5 * total[c] * total[c]
        g = a[row] * (probability(score) - y[row])
        for f in range(n_fields):
            b = X[row, f]
            step = g + reg * w[b]
            squares[b, k] += step * step
            w[b] -= lr * step / (1.0 + math.sqrt(squares[b, k]))
            for c in range(k):
                step = g * (total[c] - V[b, c]) + reg * V[b, c]
                squares[b, c] += step * step
                V[b, c] -= lr * step / (1.0 + math.sqrt(squares[b, c]))
        squares[-1, k] += g * g
        w[-1] -= lr * g / (1.0 + math.sqrt(squares[-1, k]))


class HashedFM(Estimator):
    r"""Factorization machine on hashed fields, by steps that shrink for each number.

    .. math::
       p = \sigma\Bigl(w_0 + \sum_f w_{b_f}
           + \sum_{f < g} v_{b_f}^\top v_{b_g}\Bigr)

    Every bucket has a weight and a short vector, so a pair of values that never met has
    an estimate, too. A number's step is :math:`\text{lr} / (1 + \sqrt{n})` times its
    gradient, with n the sum of its squared gradients so far.

    Parameters
    ----------
    n_buckets : int
        Number of weights and of vectors.
    n_factors : int
        k, the length of a vector.
    lr : float
        Step, above 0.
    reg : float
        Penalty on a bucket's numbers, added at each row that meets it.
    n_epochs : int
        Passes over the rows, in the order given.
    init_std : float
        Deviation of the vectors' first numbers; with 0 they would stay 0.
    seed : int
        Seeds the vectors' first numbers.

    Attributes
    ----------
    intercept_ : float
        :math:`w_0`.
    coef_ : (n_buckets,) array
        Weights.
    factors_ : (n_buckets, n_factors) array
        Vectors.
    n_fields_ : int
        Number of fields of a row.

    Raises
    ------
    ValueError
        If all outcomes are equal: the intercept would be infinite.

    References
    ----------
    Rendle (2010), Duchi, Hazan and Singer (2011)

    Examples
    --------
    >>> X, y = [[0, 2], [0, 3], [1, 2], [1, 3]] * 200, [1, 0, 0, 1] * 200
    >>> model = HashedFM(n_buckets=4, n_factors=2, lr=0.5, reg=0.0).fit(X, y)
    >>> model.predict([[0, 2], [0, 3]]).round(1).tolist()
    [1.0, 0.0]
    """

    _ranges = {"n_buckets": count(), "n_epochs": count()}

    def __init__(
        self,
        n_buckets,
        n_factors=4,
        lr=0.1,
        reg=1e-4,
        n_epochs=1,
        init_std=0.05,
        seed=0,
    ):
        self.n_buckets = n_buckets
        self.n_factors = n_factors
        self.lr = lr
        self.reg = reg
        self.n_epochs = n_epochs
        self.init_std = init_std
        self.seed = seed

    def fit(self, X, y, weight=None):
        """Learn from buckets X (n, n_fields) and clicks y (n,), with weights (n,)."""
        check_settings(self)
        check_rows(X=X, y=y, weight=weight)
        n_buckets, k = int(self.n_buckets), int(self.n_factors)
        X = check_buckets(X, n_buckets)
        y = check_both(y, len(X))
        a = check_weights(weight, len(X))
        start = float(log_odds(np.clip(np.average(y, weights=a), 1e-9, 1 - 1e-9)))
        lr, reg = float(self.lr), float(self.reg)
        w = np.zeros(n_buckets + 1)
        V = generator(self.seed).standard_normal((n_buckets, k))
        V *= float(self.init_std)
        squares = np.zeros((n_buckets + 1, k + 1))
        with np.errstate(over="ignore", invalid="ignore"):  # check_finite says so
            for _ in range(self.n_epochs):
                machine_pass(X, y, a, start, w, V, squares, lr, reg)
        check_finite(self, w, V)
        self.intercept_, self.coef_, self.factors_ = start + w[-1], w[:-1], V
        self.n_fields_ = X.shape[1]
        return self

    def predict(self, X):
        """Return the probability of a click for each row of buckets X (n, n_fields)."""
        check_fitted(self, "coef_")
        X = check_buckets(X, len(self.coef_), self.n_fields_)
        score = self.intercept_ + self.coef_[X].sum(axis=1)
        total = np.zeros((len(X), self.factors_.shape[1]))
        for f in range(X.shape[1]):
            v = self.factors_[X[:, f]]
            total += v
            score -= 0.5 * (v**2).sum(axis=1)
        return expit(score + 0.5 * (total**2).sum(axis=1))
