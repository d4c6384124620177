r"""Orders after clicks: those that have not come yet, their value, and the bid.

``DelayedFeedback`` estimates the probability that a click brings an order, from clicks
whose orders may still come. ``OrderValue`` estimates what such an order is worth on
average, and ``bid`` multiplies: click × order × margin.
"""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gamma

from recbook._core.arrays import column_names
from recbook._core.validate import check_fitted
from recbook.base import DivergenceError, Estimator, above, check_settings, one_of
from recbook.marketing.base import (
    check_features,
    check_rows,
    check_values,
    check_weights,
    check_yes_no,
)
from recbook.marketing.regression import standardized

__all__ = ["DelayedFeedback", "OrderValue", "bid"]

EDGE = 30.0  # of a log odds and of a logarithm: no data say so much
SURE, SOON = 15.0, 0.05  # log odds and share beyond which delays are not identified
SHAPE = 3.0  # largest logarithm of a shape, either way
SETTLED = {"maxiter": 5000, "maxfun": 10_000, "ftol": 1e-15, "gtol": 1e-10}
STEPS, TOLERANCE = 100, 1e-10  # of Newton's method
TINY = np.finfo(np.float64).tiny


def bid(click, order, margin):
    r"""Return what an impression is worth: click × order × margin.

    .. math::
       \mathbb{E}[\text{margin of the impression}] =
       \Pr(\text{click})\, \Pr(\text{order} \mid \text{click})\,
       \mathbb{E}[\text{margin} \mid \text{order}]

    In a second-price auction this is the bid.

    Parameters
    ----------
    click, order : (n,) array_like
        Probability of a click, and of an order after it.
    margin : (n,) array_like or float
        Mean margin of such an order, in euros. A negative one gives no bid, 0.

    Returns
    -------
    (n,) array
        Euros for one impression.

    Raises
    ------
    ValueError
        If a probability is outside of [0, 1] (one in per cent, say), or lengths differ.

    References
    ----------
    Vickrey (1961)

    Examples
    --------
    >>> bid([0.05, 0.05], [0.02, 0.04], [20.0, 10.0]).tolist()
    [0.02, 0.02]
    """
    check_rows(click=click, order=order)
    click = check_values("click", click, low=0, high=1)
    order = check_values("order", order, len(click), low=0, high=1)
    margin = np.full(len(click), margin) if np.ndim(margin) == 0 else margin
    check_rows(click=click, margin=margin)
    margin = check_values("margin", margin, len(click))
    return click * order * np.maximum(margin, 0.0)


class DelayedFeedback(Estimator):
    r"""The probability of an order after a click, where orders take their time.

    A click brings an order with probability :math:`p`, after a delay. On a click one of
    two things is seen: an order after :math:`d` days; or none by now, at the age
    :math:`e`, which means none ever or one later:

    .. math::
       \Pr(\text{order after } d) = p\, f(d), \qquad
       \Pr(\text{none by } e) = 1 - p + p\, S(e)

    Here :math:`p = \sigma(b + x^\top w)`, and the delay is exponential with the rate
    :math:`\lambda = e^{c + x^\top v}`: :math:`S(t) = e^{-\lambda t}`,
    :math:`f(t) = \lambda e^{-\lambda t}`. The Weibull law has one shape :math:`k` more,
    :math:`S(t) = e^{-(\lambda t)^k}`. Fit maximises the log-likelihood, less
    :math:`\tfrac{\text{reg}}{2} (\lVert w \rVert^2 + \lVert v \rVert^2)`, by L-BFGS.

    Parameters
    ----------
    reg : float
        Penalty on both vectors of coefficients, above 0. The intercepts have none.
    law : {"exponential", "weibull"}
        Of the delay. With a shape below 1, many orders come at once and some very late.

    Attributes
    ----------
    intercept_, coef_ : float, (d,) array
        :math:`b` and :math:`w`.
    rate_intercept_, rate_coef_ : float, (d,) array
        :math:`c` and :math:`v`; the rate is per day, if times are in days.
    shape_ : float
        :math:`k`; 1 for the exponential law.
    columns_ : list or None
        The names of the columns, where fit saw a frame: other methods take those of a
        frame by name, and refuse others.

    Raises
    ------
    ValueError
        If all clicks or none have an order, or a time is out of range.
    DivergenceError
        If orders come as fast at the end of the log as at its beginning: many orders
        that come late then look like few that come soon. Or if their times say nothing
        about a shape.

    Notes
    -----
    The likelihood is that of a mixture cure model in medicine, where those to whom it
    never happens are the cured.

    Take a log of at least twice the mean delay. Over one mean delay, many orders that
    come late look much like few that come soon, and estimates vary more than twice as
    much.

    References
    ----------
    Chapelle (2014); Farewell (1982).

    Examples
    --------
    Twenty clicks of one kind, ten of them a day old and ten thirty days:

    >>> X, converted = np.zeros((20, 1)), [1] + [0] * 9 + [1] * 4 + [0] * 6
    >>> time = [0.5] + [1] * 9 + [1, 2, 4, 5] + [30] * 6
    >>> model = DelayedFeedback().fit(X, converted, time)
    >>> model.predict([[0.0]]).round(2).tolist()
    [0.39]
    >>> model.expected_delay([[0.0]]).round(1).tolist()
    [3.1]
    >>> model.pending([[0.0], [0.0]], age=[1, 30]).round(2).tolist()
    [0.32, 0.0]
    """

    _ranges = {"reg": above(0), "law": one_of("exponential", "weibull")}

    def __init__(self, reg=1.0, law="exponential"):
        self.reg = reg
        self.law = law

    def fit(self, X, converted, time, weight=None):
        """Fit to clicks and to what has become of them by now.

        Parameters
        ----------
        X : (n, d) array_like
            Features of each click.
        converted : (n,) array_like of bool
            Whether its order has come.
        time : (n,) array_like
            Days from the click to its order, or to now where none has come; at least 0,
            and for orders under the Weibull law above 0. Another unit than days changes
            that of the rate, and nothing else. Of timestamps it is
            ``(order.fillna(now) - click) / pd.Timedelta(days=1)``.
        weight : (n,) array_like, optional
            How often each click counts.
        """
        check_settings(self)
        check_rows(X=X, converted=converted, time=time, weight=weight)
        names, X = column_names(X), check_features("X", X)
        y = check_yes_no("converted", converted, len(X))
        time = check_values("time", time, len(X), low=0)
        a = check_weights(weight, len(X))
        unit = _mean_time(y, time, a, self.law)
        level = a @ y / a.sum()
        Z, mean, deviation = standardized(np.ascontiguousarray(X))
        loss = _Loss(Z, y, time / unit, a, float(self.reg) / deviation**2, self.law)
        b, w, c, v, k = loss.parts(loss.lowest(level))
        if abs(np.log(k)) > SHAPE - 1e-9:
            raise DivergenceError(
                "DelayedFeedback: the times of the orders are too few or too alike for "
                "a shape; take the exponential law"
            )
        longest = np.exp(np.minimum(c + np.log(time.max() / unit), EDGE))
        if b > SURE or np.expm1(-(longest**k)) > -SOON:
            raise DivergenceError(
                "DelayedFeedback: orders come as fast at the end of the log as at its "
                "beginning, so those that come late cannot be told from none; take a "
                "longer log"
            )
        self.coef_, self.rate_coef_ = w / deviation, v / deviation
        self.intercept_ = float(b - mean @ self.coef_)
        self.rate_intercept_ = float(c - np.log(unit) - mean @ self.rate_coef_)
        self.shape_, self.columns_ = float(k), names
        return self

    def predict(self, X):
        """Return the probability of an order, at last, for each row of X (n, d)."""
        return expit(self._scores(X)[0])

    def expected_delay(self, X):
        r"""Return the mean days from a click to its order, for each row of X (n, d).

        .. math:: \Gamma(1 + 1/k) / \lambda
        """
        return np.exp(-self._scores(X)[1]) * gamma(1 + 1 / self.shape_)

    def pending(self, X, age):
        r"""Return the probability of an order for clicks that have none by some age.

        .. math:: \frac{p\, S(e)}{1 - p + p\, S(e)}

        Parameters
        ----------
        X : (n, d) array_like
            Features of each click.
        age : (n,) array_like
            Days since the click, at least 0.
        """
        check_rows(X=X, age=age)
        s, u = self._scores(X)
        age = check_values("age", age, len(s), low=0)
        log = self.shape_ * (u + np.log(np.maximum(age, TINY)))
        return expit(s - np.exp(np.minimum(log, EDGE)))

    def _scores(self, X):
        check_fitted(self, "coef_")
        X = check_features("X", X, len(self.coef_), self.columns_)
        s = X @ self.coef_ + self.intercept_
        return s, X @ self.rate_coef_ + self.rate_intercept_


def _mean_time(y, time, a, law):
    """Return the mean time of the orders, once there are some, and clicks without."""
    level = a @ y / a.sum()
    if level in (0.0, 1.0):
        raise ValueError(
            f"converted is {level:.0f} in all rows: give clicks with an order and "
            "clicks without one"
        )
    wrong = y & (time == 0)
    if law == "weibull" and wrong.any():
        raise ValueError(
            f"time[{int(wrong.argmax())}] is 0.0 for an order: give a time above 0, "
            "such as half of the unit, or the exponential law"
        )
    mean = (a * y) @ time / (a @ y)
    if mean == 0:
        raise ValueError("time is 0 for all orders: give days with their fractions")
    return mean


class _Loss:
    """The negative log-likelihood of a click on average with penalty, and its gradient.

    Parameters are b, w (d,), c, v (d,) and ln k.
    """

    def __init__(self, Z, y, time, a, reg, law):
        self.Z, self.y, self.a, self.reg, self.law = Z, y, a, reg, law
        self.log_time = np.log(np.maximum(time, TINY))

    def lowest(self, level):
        """Return the parameters of the lowest value, from a share that has ordered.

        The search is L-BFGS along directions in which the value rises about alike: the
        roots of the curvature where all features count nothing.
        """

        def along(moves):
            value, slopes = self(start + turn @ moves)
            return value, slopes @ turn

        n, d = self.a.sum(), self.Z.shape[1] + 1
        start = np.zeros(2 * d + 1)
        start[0] = np.log(level / (1 - level))
        Z = np.column_stack([np.ones(len(self.Z)), self.Z])
        turn = np.zeros((len(start), len(start)))
        for block, rows in enumerate((self.a * level * (1 - level), self.a * self.y)):
            curvature = (Z.T * rows) @ Z + np.diag([0.0, *self.reg])
            root = np.linalg.cholesky(curvature / n)
            at = slice(block * d, block * d + d)
            turn[at, at] = np.linalg.inv(root).T
        if self.law == "weibull":
            turn[-1, -1] = 1 / np.sqrt(level)
        how = {"method": "L-BFGS-B", "jac": True, "options": SETTLED}
        return start + turn @ minimize(along, np.zeros(len(start)), **how).x

    def parts(self, theta):
        """Return b, w, c, v and k."""
        d = self.Z.shape[1]
        return (
            theta[0], theta[1 : d + 1], theta[d + 1], theta[d + 2 : -1],
            np.exp(np.clip(theta[-1], -SHAPE, SHAPE)),
        )  # fmt: skip

    def __call__(self, theta):
        """Return the value and the gradient (2 d + 3,)."""
        b, w, c, v, k = self.parts(theta)
        s, u = b + self.Z @ w, c + self.Z @ v + self.log_time
        hazard = np.exp(np.minimum(k * u, EDGE))  # (λt)^k
        all_of, p = _softplus(s)
        none_of, later = _softplus(s - hazard)
        with_order = s + np.log(k) + k * u - self.log_time - hazard
        logs = np.where(self.y, with_order, none_of) - all_of
        believed = np.where(self.y, 1.0, later)  # that the click is one with an order
        of_s = self.a * (believed - p)
        of_log = self.a * (self.y - believed * hazard)
        of_k = (k * (u @ of_log) + self.a @ self.y) * (np.abs(theta[-1]) < SHAPE)
        slopes = [
            of_s.sum(), *(of_s @ self.Z - self.reg * w),
            k * of_log.sum(), *(k * (of_log @ self.Z) - self.reg * v), of_k,
        ]  # fmt: skip
        value = self.a @ logs - self.reg @ (w**2 + v**2) / 2
        n = self.a.sum()
        return -value / n, -np.array(slopes) / n


def _softplus(s):
    """Return ln(1 + e^s) and its slope, without overflow."""
    small = np.exp(-np.abs(s))
    slope = np.where(s > 0, 1.0, small) / (1 + small)
    return np.log1p(small) + np.maximum(s, 0.0), slope


class OrderValue(Estimator):
    r"""The mean value of an order by its features: a gamma regression.

    .. math::
       \min_{b, w}\ \sum_i a_i \Bigl( \ln m_i + \frac{v_i}{m_i} \Bigr)
       + \frac{\text{reg}}{2} \lVert w \rVert^2, \qquad m_i = e^{b + x_i^\top w}

    Up to a factor this is the negative log-likelihood of gamma distributed values
    :math:`v` whose deviation is proportional to their mean :math:`m`. It estimates the
    mean for other distributions, too, unlike a regression of logarithms, which is
    below it.

    Parameters
    ----------
    reg : float
        Penalty on the coefficients, above 0.

    Attributes
    ----------
    intercept_, coef_ : float, (d,) array
        :math:`b` and :math:`w`.
    columns_ : list or None
        The names of the columns, where fit saw a frame: ``predict`` takes those of a
        frame by name, and refuses others.

    References
    ----------
    McCullagh and Nelder (1989), chapter 8.

    Examples
    --------
    >>> model = OrderValue(reg=1e-9).fit([[0], [0], [1], [1]], [10, 30, 50, 70])
    >>> model.predict([[0], [1]]).round(3).tolist()
    [20.0, 60.0]
    """

    _ranges = {"reg": above(0)}

    def __init__(self, reg=1.0):
        self.reg = reg

    def fit(self, X, value, weight=None):
        """Fit to features X (n, d) and values above 0 (n,), with weights (n,)."""
        check_settings(self)
        check_rows(X=X, value=value, weight=weight)
        names, X = column_names(X), check_features("X", X)
        value = check_values("value", value, len(X), above=0)
        a = check_weights(weight, len(X))
        unit = a @ value / a.sum()
        Z, mean, deviation = standardized(X)
        Z = np.column_stack([np.ones(len(Z)), Z])
        penalty = np.r_[0.0, float(self.reg) / deviation**2]
        w = self._newton(Z, value / unit, a, penalty)
        self.coef_ = w[1:] / deviation
        self.intercept_ = float(w[0] + np.log(unit) - mean @ self.coef_)
        self.columns_ = names
        return self

    @staticmethod
    def _newton(Z, value, a, penalty):
        """Return the coefficients after steps that each lower the objective."""

        def objective(w):
            log_mean = Z @ w
            ratio = value * np.exp(-np.maximum(log_mean, -EDGE))
            return a @ (log_mean + ratio) + penalty @ w**2 / 2

        w = np.zeros(Z.shape[1])
        lowest = objective(w)
        for _ in range(STEPS):
            ratio = a * value * np.exp(-Z @ w)
            gradient = Z.T @ (ratio - a) - penalty * w
            hessian = (Z.T * ratio) @ Z + np.diag(np.maximum(penalty, TINY))
            step = np.linalg.solve(hessian, gradient)
            while (lower := objective(w + step)) > lowest + 1e-14 * abs(lowest):
                step /= 2
            w, lowest = w + step, lower
            if np.abs(step).max() < TOLERANCE:
                return w
        raise DivergenceError(
            f"OrderValue: not settled after {STEPS} steps; give a larger reg"
        )

    def predict(self, X):
        """Return the estimated mean value of an order for each row of X (n, d)."""
        check_fitted(self, "coef_")
        X = check_features("X", X, len(self.coef_), self.columns_)
        return np.exp(X @ self.coef_ + self.intercept_)
