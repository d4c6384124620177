"""A marketing mix model: weeks, priors and lift tests, fitted by least squares."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from recbook._core.arrays import check_reals, column_names
from recbook._core.validate import check_fitted, check_positive_int, generator
from recbook.base import Estimator, anything, at_least, check_settings, count
from recbook.marketing.base import (
    NORMAL_975,
    check_columns,
    check_features,
    check_rows,
    check_values,
)
from recbook.marketing.mix.budget import allocate
from recbook.marketing.mix.curves import carried, check_spend
from recbook.marketing.mix.rows import FURTHEST, Rows

__all__ = ["MediaMix", "Returns"]

WIDEST = 300.0  # logarithm of an interval's end by its value that is still a number


@dataclass(frozen=True)
class Returns:
    """Euros of sales that a euro of spend brought, for each channel, over all weeks.

    Parameters
    ----------
    value : (C,) array
        Contribution divided by spend.
    low, high : (C,) array
        Ends of the 95 % interval, by the normal distribution on the logarithm.

    Examples
    --------
    >>> Returns(np.array([3.0]), np.array([2.0]), np.array([4.5])).value.tolist()
    [3.0]
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


class MediaMix(Estimator):
    r"""What each channel adds to weekly sales.

    .. math::
       y_t = b_t + \sum_c \beta_c \frac{A_{tc}}{A_{tc} + k_c} + e_t, \qquad
       A_{tc} = (1 - a_c)\, x_{tc} + a_c A_{t-1,c}

    The baseline :math:`b_t` is a level, a trend, waves of a season and ``controls``, by
    least squares without a penalty. A channel has three numbers: its return
    :math:`r_c`, contribution by spend, in the place of :math:`\beta_c`; its carry-over
    :math:`a_c`; and the spend that reaches half of its largest effect, :math:`k_c`.
    They minimise a sum of squares of three kinds of rows:

    .. math::
       \sum_t \frac{e_t^2}{\sigma^2}
       + \sum_{c} \sum_{\theta} \frac{(\theta_c - m_\theta)^2}{w_\theta^2}
       + \sum_j \frac{(\hat\Delta_j - \Delta_j)^2}{s_j^2}

    over weeks, priors on :math:`\theta = \ln r, \operatorname{logit} a, \ln k`, and
    lift tests. :math:`\sigma^2` is the mean square of what is left of the weeks, with
    one degree of freedom less for each column of the baseline, and the fit is repeated
    until it settles.

    Parameters
    ----------
    season : int
        Pairs of a sine and a cosine in the baseline. 0 leaves the season out.
    period : float
        Weeks after which the season returns.
    trend : bool
        Whether the level may rise or fall in a line.
    returns : (float, float)
        Belief on each channel's return: its median, and a deviation on the logarithm.
        Instead of a number, one for each channel (C,).
    carry : (float, float)
        Belief on carry-over: median, inside 0 to 1, and a deviation on the log odds.
    half : (float, float)
        Belief on the half point: median in multiples of the channel's mean weekly
        spend, and a deviation on the logarithm.
    n_starts : int
        The best of so many searches is kept. The first begins at the priors.
    seed : int
        Seed of the other searches.

    Attributes
    ----------
    carry_, half_, peak_ : (C,) arrays
        :math:`a_c`; :math:`k_c` and :math:`\beta_c` in euros per week.
    baseline_ : (n_weeks,) array
        :math:`b_t` in euros.
    coef_ : (q,) array
        Coefficients of its columns: level, cosines, sines, trend (per period),
        controls.
    sigma_ : float
        :math:`\sigma` in euros.
    r2_ : float
        Share of the variance of sales that is explained; 1 where sales never vary.
    covariance_ : (3, C, 3, C) array
        Covariance of :math:`\ln r, \operatorname{logit} a, \ln k`, from the slopes at
        the optimum.

    Notes
    -----
    Effects are taken to be positive: a channel that does nothing gets a small return
    with a low end near 0. Spend before the first week is taken to be 0. Errors are
    taken to be independent of each other and of spend. Where spend follows demand, they
    are not, and the intervals are too narrow and in the wrong place: use
    ``lift_tests``, and ``controls`` that measure demand.

    References
    ----------
    Jin et al. (2017); Chen et al. (2018), on paid search and demand.

    Examples
    --------
    >>> from recbook.marketing import worlds
    >>> world = worlds.weeks(plan="random")
    >>> model = MediaMix().fit(world.sales, world.spend)
    >>> model.contribution().shape, model.r2_ > 0.8
    ((104, 3), True)
    """

    _ranges = {
        "season": count(0),
        "period": at_least(1),
        "trend": anything(),
        "returns": anything(2.0, (0.0, 1), (2, -1)),  # _priors knows the channels
        "carry": anything((1.0, 1), (np.nan, 1)),
        "half": anything((1, 0.0)),
        "n_starts": count(),
    }

    def __init__(
        self,
        season=2,
        period=52.0,
        trend=True,
        returns=(2.0, 1.0),
        carry=(0.4, 1.0),
        half=(1.0, 0.7),
        n_starts=6,
        seed=0,
    ):
        self.season = season
        self.period = period
        self.trend = trend
        self.returns = returns
        self.carry = carry
        self.half = half
        self.n_starts = n_starts
        self.seed = seed

    def fit(self, sales, spend, lift_tests=(), controls=None):
        """Fit to weekly sales and spend.

        Parameters
        ----------
        sales : (n_weeks,) array_like
            Euros, at least 0 and not all 0.
        spend : (n_weeks, C) array_like
            Euros, at least 0, and not all 0 in any channel.
        lift_tests : sequence of LiftTest
            What experiments say.
        controls : (n_weeks, m) array_like, optional
            Further columns of the baseline, such as prices or holidays.

        Returns
        -------
        MediaMix
            The model itself.

        Raises
        ------
        ValueError
            If a number is not finite or negative, a channel was never used, there are
            fewer weeks than the baseline needs, or a setting or a lift test is out of
            its range.
        """
        check_settings(self)
        check_rows(sales=sales, spend=spend, controls=controls)
        names = column_names(spend), column_names(controls)
        spend = _used(check_spend("spend", spend))
        sales = check_values("sales", sales, len(spend), low=0)
        if not sales.any():
            raise ValueError("sales is 0 in all weeks: nothing can be explained")
        design = self._design(np.arange(len(spend)), controls)
        problem = Rows(sales, spend, design, lift_tests, *self._priors(spend))
        first, *others = self._starts(problem)
        theta, sigma = problem.settle(first)
        optima = [theta, *(problem.search(start, sigma) for start in others)]
        best = min(optima, key=lambda theta: problem.objective(theta, sigma))
        self._keep(problem, *problem.settle(best, sigma))
        self.columns_, self._controls = names
        return self

    def contribution(self):
        """Return what each channel added to each week's sales, (n_weeks, C), euros."""
        check_fitted(self, "peak_")
        return self._added.copy()

    def mean_returns(self):
        """Return euros of sales for each euro spent, with intervals, as Returns."""
        check_fitted(self, "peak_")
        value = self._added.sum(axis=0) / self._spend.sum(axis=0)
        logs = self.covariance_[0, :, 0, :]
        reach = np.exp(np.minimum(NORMAL_975 * np.sqrt(np.diag(logs)), WIDEST))
        return Returns(value, value / reach, value * reach)

    def draws(self, n=200, seed=0):
        """Return curves that the data leave possible, by the normal distribution.

        What is computed from each of them has the spread of what is computed from the
        fit, as far as ``covariance_`` is right.

        Parameters
        ----------
        n : int
            Number of draws.
        seed : int
            The same curves for the same seed.

        Returns
        -------
        carry, half, peak : (n, C) arrays
        """
        check_fitted(self, "peak_")
        n = check_positive_int("n", n)
        normal = generator(seed).standard_normal((n, self._theta.size))
        away = np.clip(normal @ self._root.T, -FURTHEST, FURTHEST)
        theta = (self._theta + away).reshape(n, 3, -1)
        logs, odds, halves = np.moveaxis(theta, 1, 0)
        carry, half = expit(np.minimum(odds, FURTHEST)), np.exp(halves)
        total = np.exp(logs) * self._spend.sum(axis=0)
        shares = [self._shares(a, k) for a, k in zip(carry, half, strict=True)]
        return carry, half, total / shares

    def _shares(self, carry, half):
        """Return the saturation (C,) that was reached, summed over the weeks."""
        A, _ = carried(self._spend, carry)
        return (A / (A + half)).sum(axis=0)

    def response(self, spend):
        """Return weekly sales (..., C) of a weekly spend (..., C) that stays the same.

        Normalised adstock of a constant is that constant, so carry-over plays no part.
        """
        check_fitted(self, "peak_")
        spend = check_columns("spend", spend, self.columns_)
        spend = check_reals("spend", spend)
        if spend.ndim == 0 or spend.shape[-1] != len(self.peak_):
            raise ValueError(
                f"spend must have {len(self.peak_)} channels in its last axis, got "
                f"shape {spend.shape}"
            )
        if not (np.isfinite(spend) & (spend >= 0)).all():
            raise ValueError("spend must hold finite numbers of at least 0")
        return self.peak_ * spend / (spend + self.half_)

    def forecast(self, spend, controls=None):
        """Return the sales (m,) of the m weeks that follow those of the fit.

        Parameters
        ----------
        spend : (m, C) array_like
            What will be spent, in euros. What was spent before is carried over.
        controls : (m, n_controls) array_like, optional
            Needed where fit had them.
        """
        check_fitted(self, "peak_")
        check_rows(spend=spend, controls=controls)
        spend = check_columns("spend", spend, self.columns_)
        controls = check_columns("controls", controls, self._controls)
        spend = check_spend("spend", spend)
        if spend.shape[1] != len(self.peak_):
            raise ValueError(
                f"spend has {spend.shape[1]} channels, but fit saw {len(self.peak_)}"
            )
        before = len(self._spend)
        design = self._design(before + np.arange(len(spend)), controls)
        if design.shape[1] != len(self.coef_):
            raise ValueError(
                f"controls must have as many columns as in fit: the baseline has "
                f"{design.shape[1]} in all, but fit saw {len(self.coef_)}"
            )
        A, _ = carried(np.concatenate([self._spend, spend]), self.carry_)
        return design @ self.coef_ + self.response(A[before:]).sum(axis=1)

    def allocate(self, budget, low=None, high=None):
        """Split a weekly budget by the fitted curves, as :func:`allocate` does."""
        check_fitted(self, "peak_")
        return allocate(self.peak_, self.half_, budget, low, high)

    def _design(self, weeks, controls):
        """Return the columns (len(weeks), q) of which the baseline is made."""
        angles = 2 * np.pi * np.outer(weeks, np.arange(1, int(self.season) + 1))
        angles /= float(self.period)
        columns = [np.ones((len(weeks), 1)), np.cos(angles), np.sin(angles)]
        if self.trend:
            columns.append(weeks[:, None] / float(self.period))
        if controls is not None:
            controls = check_features("controls", controls)
            if len(controls) != len(weeks):
                raise ValueError(
                    f"controls has {len(controls)} rows, but {len(weeks)} are needed"
                )
            columns.append(controls)
        return np.hstack(columns)

    def _priors(self, spend):
        """Return medians and deviations (3, C) of log return, logit carry, log half."""
        n_channels = spend.shape[1]
        center, width = np.empty((2, 3, n_channels))
        for row, (name, pair) in enumerate(
            (("returns", self.returns), ("carry", self.carry), ("half", self.half))
        ):
            try:
                middle, deviation = pair
            except (TypeError, ValueError):
                raise ValueError(
                    f"{name} must be a median and a deviation, got {pair!r}"
                ) from None
            for k, values in ((0, middle), (1, deviation)):
                values = check_reals(name, values)
                if values.shape not in ((), (n_channels,)):
                    raise ValueError(
                        f"{name} must hold one number or one for each of {n_channels} "
                        f"channels, got shape {values.shape}"
                    )
                values = np.broadcast_to(values, n_channels)
                high = 1.0 if (name, k) == ("carry", 0) else np.inf
                wrong = ~((values > 0) & (values < high))
                if wrong.any():
                    what = ("median", "deviation")[k]
                    raise ValueError(
                        f"{name} has the {what} {values[wrong.argmax()]}: give a "
                        f"number between 0 and {high}, both excluded"
                    )
                (center, width)[k][row] = values
        center[2] *= spend.mean(axis=0)
        return np.stack([np.log(center[0]), logit(center[1]), np.log(center[2])]), width

    def _starts(self, problem):
        """Yield points (3C,) from which to search."""
        rng = generator(self.seed)
        yield problem.center.ravel()
        for _ in range(self.n_starts - 1):
            draw = 2 * rng.random(problem.center.shape) - 1
            yield (problem.center + 1.5 * problem.width * draw).ravel()

    def _keep(self, problem, theta, sigma):
        """Store what was fitted."""
        added, _ = problem.contributions(theta)
        added = added[:, : problem.n_channels]
        logs, odds, halves = theta.reshape(3, -1)
        self.carry_, self.half_ = expit(odds), np.exp(halves)
        self.sigma_, self._added = sigma, added
        self._theta, self._spend = theta, problem.spend
        shares = self._shares(self.carry_, self.half_)
        self.peak_ = np.exp(logs) * problem.spend.sum(axis=0) / shares
        rest = problem.sales - added.sum(axis=1)
        self.coef_ = problem.coefficients(rest)
        self.baseline_ = problem.design @ self.coef_
        around = ((problem.sales - problem.sales.mean()) ** 2).sum()
        left = ((rest - self.baseline_) ** 2).sum()
        self.r2_ = float(1 - left / around) if around else 1.0
        _, sizes, axes = np.linalg.svd(problem.slopes(theta, sigma), False)
        self._root = axes.T / sizes  # of the inverse of the slopes' Gram matrix
        shape = (3, problem.n_channels) * 2
        self.covariance_ = (self._root @ self._root.T).reshape(shape)


def _used(spend):
    """Return the spend (n_weeks, C) in whose columns something was spent."""
    if not (used := spend.any(axis=0)).all():
        raise ValueError(
            f"spend is 0 in all weeks of channel {used.argmin()}: nothing can be "
            "learned of it; leave the column out"
        )
    return spend
