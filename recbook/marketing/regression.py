r"""Two regressions on which the chapters of marketing build, with one penalty each.

``Logistic`` estimates a probability, ``Ridge`` a mean. Both leave the intercept free,
take weights of rows, and answer ``predict`` with the estimate itself.
"""

import numpy as np
from scipy.special import expit

from recbook._core.arrays import column_names
from recbook._core.validate import check_fitted
from recbook.base import DivergenceError, Estimator, above, check_settings
from recbook.marketing.base import (
    check_features,
    check_rows,
    check_values,
    check_weights,
    check_yes_no,
)

__all__ = ["Logistic", "Ridge"]

TOLERANCE = 1e-10  # largest step of a coefficient after which Newton's method stops
STEPS = 100


def _with_ones(X):
    return np.column_stack([np.ones(len(X)), X])


def standardized(X):
    """Return X (n, d) with mean 0 and deviation 1 in each column, and what it was.

    Where all of a column is equal it becomes 0, and not what rounding leaves; its
    deviation is given as 1.

    >>> Z, mean, deviation = standardized(np.array([[0.0, 5.0], [2.0, 5.0]]))
    >>> Z.tolist(), mean.tolist(), deviation.tolist()
    ([[-1.0, 0.0], [1.0, 0.0]], [1.0, 5.0], [1.0, 1.0])
    """
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    same = deviation <= 1e-12 * np.abs(X).max(axis=0)
    deviation[same] = 1.0
    return np.where(same, 0.0, (X - mean) / deviation), mean, deviation


def _solve(A, b):
    """Solve A x = b, and take the shortest x where columns explain each other."""
    try:
        x = np.linalg.solve(A, b)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(A, b)[0]
    # In a browser NumPy's solve cannot raise: a singular A gives NaN.
    lost = np.isnan(x).any() and np.isfinite(A).all()
    return np.linalg.lstsq(A, b)[0] if lost else x


class Ridge(Estimator):
    r"""Least squares with a penalty on the coefficients.

    .. math::
       \min_{b, w}\ \sum_i a_i (y_i - b - x_i^\top w)^2 + \lambda \lVert w \rVert^2

    Parameters
    ----------
    reg : float
        :math:`\lambda`, in units of the sum of squares. 0 is least squares; columns
        that explain each other then share their weight.

    Attributes
    ----------
    intercept_ : float
        :math:`b`, which has no penalty.
    coef_ : (d,) array
        :math:`w`.
    columns_ : list or None
        The names of the columns, where fit saw a frame: ``predict`` takes those of a
        frame by name, and refuses others.

    Examples
    --------
    >>> model = Ridge(reg=0).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> model.predict([[3.0]]).round(6).tolist()
    [7.0]
    """

    def __init__(self, reg=1.0):
        self.reg = reg

    def fit(self, X, y, weight=None):
        """Fit to features X (n, d) and outcomes y (n,), with weights of rows (n,)."""
        check_settings(self)
        check_rows(X=X, y=y, weight=weight)
        names, X = column_names(X), check_features("X", X)
        y = check_values("y", y, len(X))
        a = check_weights(weight, len(X))
        share = a / a.sum()
        mean, level = share @ X, share @ y
        C = X - mean
        A = (C.T * a) @ C + float(self.reg) * np.eye(X.shape[1])
        self.coef_ = _solve(A, C.T @ (a * (y - level)))
        self.intercept_ = float(level - mean @ self.coef_)
        self.columns_ = names
        return self

    def predict(self, X):
        """Return the estimated mean of each row of X (n, d)."""
        check_fitted(self, "coef_")
        X = check_features("X", X, len(self.coef_), self.columns_)
        return X @ self.coef_ + self.intercept_


class Logistic(Estimator):
    r"""Logistic regression by Newton's method, with a penalty on the coefficients.

    .. math::
       \min_{b, w}\ -\sum_i a_i \bigl( y_i \ln p_i + (1 - y_i) \ln(1 - p_i) \bigr)
       + \tfrac{\lambda}{2} \lVert w \rVert^2, \qquad p_i = \sigma(b + x_i^\top w)

    A step solves :math:`(X^\top A X + \lambda I) \Delta = X^\top (y - p) - \lambda w`
    with :math:`A = \mathrm{diag}(a_i p_i (1 - p_i))`; it is halved until the objective
    falls. ``reg`` is 1/C of scikit-learn.

    Parameters
    ----------
    reg : float
        :math:`\lambda`, above 0, so that the optimum is finite even where a feature
        separates the outcomes.

    Attributes
    ----------
    intercept_ : float
        :math:`b`, which has no penalty.
    coef_ : (d,) array
        :math:`w`.
    columns_ : list or None
        The names of the columns, where fit saw a frame: ``predict`` takes those of a
        frame by name, and refuses others.

    Raises
    ------
    ValueError
        If all outcomes are equal: the intercept would be infinite.

    Examples
    --------
    >>> model = Logistic(reg=1.0).fit([[0.0], [0.0], [1.0], [1.0]], [0, 1, 1, 1])
    >>> model.predict([[0.0], [1.0]]).round(3).tolist()
    [0.711, 0.789]
    """

    _ranges = {"reg": above(0)}

    def __init__(self, reg=1.0):
        self.reg = reg

    def fit(self, X, y, weight=None):
        """Fit to features X (n, d) and yes-or-no outcomes y (n,), weights (n,)."""
        check_settings(self)
        check_rows(X=X, y=y, weight=weight)
        names, X = column_names(X), check_features("X", X)
        y = check_yes_no("y", y, len(X)).astype(np.float64)
        a = check_weights(weight, len(X))
        level = a @ y / a.sum()
        if level in (0.0, 1.0):
            raise ValueError(
                f"y is {level:.0f} in all rows: a probability needs both outcomes"
            )
        Z = _with_ones(X)
        penalty = np.full(Z.shape[1], float(self.reg))
        penalty[0] = 0.0
        w = np.zeros(Z.shape[1])
        w[0] = np.log(level / (1 - level))
        w = self._newton(Z, y, a, penalty, w)
        self.intercept_, self.coef_, self.columns_ = float(w[0]), w[1:], names
        return self

    @staticmethod
    def _newton(Z, y, a, penalty, w):
        """Return the coefficients after steps that each lower the objective."""

        def objective(w):
            scores = Z @ w
            losses = np.logaddexp(0, scores) - y * scores
            return a @ losses + penalty @ w**2 / 2

        value = objective(w)
        for _ in range(STEPS):
            p = expit(Z @ w)
            gradient = Z.T @ (a * (y - p)) - penalty * w
            hessian = (Z.T * (a * p * (1 - p))) @ Z + np.diag(penalty)
            step = _solve(hessian, gradient)
            while (lower := objective(w + step)) > value * (1 + 1e-14):
                step /= 2
            w, value = w + step, lower
            if np.abs(step).max() < TOLERANCE:
                return w
        raise DivergenceError(
            f"Logistic: not settled after {STEPS} steps; give a larger reg, or "
            "features on similar scales"
        )

    def predict(self, X):
        """Return the estimated probability of each row of X (n, d)."""
        check_fitted(self, "coef_")
        X = check_features("X", X, len(self.coef_), self.columns_)
        return expit(X @ self.coef_ + self.intercept_)
