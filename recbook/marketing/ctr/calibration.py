"""Calibration: undo sampling, or fit a line or a staircase to what happened."""

import numpy as np
from scipy.special import expit

from recbook._core.jit import njit
from recbook._core.validate import check_fitted, check_number
from recbook.base import DivergenceError, Estimator, anything
from recbook.marketing.base import check_rows, check_values, check_weights
from recbook.marketing.ctr.base import (
    check_both,
    log_odds,
    probabilities,
)

__all__ = ["Isotonic", "Platt", "undo_sampling"]

STEPS = 100  # of Newton's method
TOLERANCE = 1e-10


def undo_sampling(p, rate):
    r"""Return probabilities for all rows, from a model of all clicks and some others.

    .. math:: \frac{p'}{p' + (1 - p') / w}

    Where a share w of the rows without a click was kept, a click's odds in the sample
    are 1/w times as high as in life, and this divides them again.

    Parameters
    ----------
    p : (n,) array_like or float
        Probabilities :math:`p'` of a model that was trained on the sample.
    rate : float
        Share w of rows without a click that was kept, above 0 and at most 1.

    Returns
    -------
    (n,) array, or float for a float
        0 stays 0 and 1 stays 1.

    Raises
    ------
    ValueError
        If a probability is outside of [0, 1], or the rate outside of (0, 1].

    References
    ----------
    He et al. (2014)

    Examples
    --------
    >>> undo_sampling([0.3, 0.5], rate=0.1).round(4).tolist()
    [0.0411, 0.0909]
    """
    rate = check_number("rate", rate, maximum=1, above=0)
    one = np.ndim(p) == 0
    p = check_values("p", [p] if one else p, low=0, high=1)
    p = p * rate / (p * rate + (1 - p))
    return float(p[0]) if one else p


class Platt(Estimator):
    r"""A line through the log odds: two numbers that move and stretch a probability.

    .. math:: \sigma(a + b\, \operatorname{logit} p)

    The targets are Platt's, :math:`(N_1 + 1)/(N_1 + 2)` for a click and
    :math:`1/(N_0 + 2)` for none, so that both numbers are finite even where p orders
    the rows perfectly.

    Parameters
    ----------
    slope : bool
        Whether b is fitted. If not it is 1, and only the level moves.

    Attributes
    ----------
    intercept_, slope_ : float
        a and b.

    Raises
    ------
    ValueError
        If all outcomes are equal, or a probability is outside of [0, 1]. One of 0 or 1
        counts as if it were off by 2.2e-16.

    References
    ----------
    Platt (1999)

    Examples
    --------
    >>> model = Platt(slope=False).fit([0.4, 0.4, 0.4, 0.4] * 50, [1, 0, 0, 0] * 50)
    >>> model.predict([0.4]).round(2).tolist()
    [0.25]
    """

    _ranges = {"slope": anything()}

    def __init__(self, slope=True):
        self.slope = slope

    def fit(self, p, y):
        """Fit to probabilities p (n,) of rows that trained no model, and clicks y."""
        check_rows(p=p, y=y)
        p = probabilities("p", p)
        y = check_both(y, len(p))
        x = log_odds(p)
        n_1 = y.sum()
        target = np.where(y == 1, (n_1 + 1) / (n_1 + 2), 1 / (len(y) - n_1 + 2))
        free = bool(self.slope) and x.min() < x.max()
        Z = np.column_stack([np.ones(len(x)), x]) if free else np.ones((len(x), 1))
        self.intercept_, self.slope_ = self._newton(Z, x * (not free), target, free)
        return self

    @staticmethod
    def _newton(Z, fixed, target, free):
        """Return intercept and slope after steps that each lower the log loss."""

        def objective(w):
            score = Z @ w + fixed
            return (np.logaddexp(0, score) - target * score).mean()

        w = np.zeros(Z.shape[1])
        value = objective(w)
        for _ in range(STEPS):
            p = expit(Z @ w + fixed)
            hessian = (Z.T * np.maximum(p * (1 - p), 1e-12)) @ Z
            step = np.linalg.solve(hessian, Z.T @ (target - p))
            while (lower := objective(w + step)) > value * (1 + 1e-14):
                step /= 2
            w, value = w + step, lower
            if np.abs(step).max() < TOLERANCE:
                return float(w[0]), float(w[1]) if free else 1.0
        raise DivergenceError(
            f"Platt: not settled after {STEPS} steps; leave probabilities of 0 and 1 "
            "out, or give slope=False"
        )

    def predict(self, p):
        """Return the calibrated probabilities (n,)."""
        check_fitted(self, "slope_")
        return expit(self.intercept_ + self.slope_ * log_odds(probabilities("p", p)))


@njit(cache=True)
def pool(values, weights):
    """Pool adjacent violators in place; return the last row of each block.

    values, weights : (n,), the means and weights of blocks of one row each; afterwards
    the first entries are those of the blocks that are left.
    """
    ends = np.empty(len(values), dtype=np.int64)
    top = -1  # the block on top of the stack of blocks that rise
    for i in range(len(values)):
        value, weight = values[i], weights[i]
        while top >= 0 and values[top] >= value:
            total = weights[top] + weight
            value = (weights[top] * values[top] + weight * value) / total
            weight = total
            top -= 1
        top += 1
        values[top], weights[top], ends[top] = value, weight, i
    return ends[: top + 1]


class Isotonic(Estimator):
    r"""The rising function of a probability that is nearest to what happened.

    .. math::
       \min_m \sum_i a_i (y_i - m(p_i))^2 \quad\text{subject to}\quad
       m(p) \le m(q) \text{ for } p < q

    Pooling adjacent violators finds it: a stretch that would fall becomes its mean.
    Between two probabilities that were seen the function is a line, and beyond the
    lowest and the highest it is flat.

    Attributes
    ----------
    thresholds_ : (m,) array
        Probabilities where a step begins or ends.
    values_ : (m,) array
        The function there; it never falls.

    Raises
    ------
    ValueError
        If p is outside of [0, 1], y neither 0 nor 1, or all weights are 0. Outcomes
        that are all equal give the constant.

    References
    ----------
    Ayer et al. (1955), Zadrozny and Elkan (2002)

    Examples
    --------
    >>> model = Isotonic().fit([0.1, 0.2, 0.3, 0.4, 0.5], [0, 1, 0, 1, 1])
    >>> model.predict([0.1, 0.2, 0.3, 0.4, 0.5]).tolist()
    [0.0, 0.5, 0.5, 1.0, 1.0]
    """

    def fit(self, p, y, weight=None):
        """Fit to probabilities p (n,), clicks y (n,) and weights of rows (n,)."""
        check_rows(p=p, y=y, weight=weight)
        p = check_values("p", p, low=0, high=1)
        y = check_values("y", y, len(p), low=0, high=1)
        a = check_weights(weight, len(p))
        order = np.argsort(p, kind="stable")
        order = order[a[order] > 0]
        x, first = np.unique(p[order], return_index=True)
        weights = np.add.reduceat(a[order], first)
        means = np.add.reduceat((a * y)[order], first) / weights
        blocks = means.copy()
        ends = pool(blocks, weights)
        sizes = np.diff(ends, prepend=-1).astype(np.intp)
        values = np.repeat(blocks[: len(ends)], sizes)
        edge = np.ones(len(x), dtype=bool)  # where a step begins or ends
        edge[1:-1] = (values[1:-1] != values[:-2]) | (values[1:-1] != values[2:])
        self.thresholds_, self.values_ = x[edge], values[edge]
        return self

    def predict(self, p):
        """Return the calibrated probabilities (n,)."""
        check_fitted(self, "values_")
        p = check_values("p", p, low=0, high=1)
        return np.interp(p, self.thresholds_, self.values_)
