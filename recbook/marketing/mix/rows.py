"""The sum of squares of a mix model: rows of weeks, of priors and of lift tests."""

import numpy as np
from scipy.optimize import least_squares
from scipy.special import expit

from recbook.marketing.mix.curves import carried
from recbook.marketing.mix.lift import changed

__all__ = ["FURTHEST", "Rows"]

ROUNDS, CLOSE = 100, 1e-5  # of the noise: the most rounds, and when it has settled
FURTHEST = 25.0  # of a logarithm from its prior; beyond it nothing changes any more
LEAST = 1e-6  # noise, as a share of mean sales


class Rows:
    r"""What is to be small, and how it changes with the channels' 3C parameters.

    Parameters are in the order :math:`\ln r, \operatorname{logit} a, \ln k`, each for
    all channels. The spend that a lift test compares with is one more column beside the
    channels' own, with the parameters of its channel.

    Parameters
    ----------
    sales, spend : (n_weeks,) and (n_weeks, C) arrays
        Euros.
    design : (n_weeks, q) array
        Columns of the baseline. It is taken out of the weeks' rows by projection, so
        its coefficients are no parameters of the search.
    lift_tests : sequence of LiftTest
        Checked here.
    center, width : (3, C) arrays
        Beliefs: median and deviation.
    """

    def __init__(self, sales, spend, design, lift_tests, center, width):
        self.sales, self.spend, self.design = sales, spend, design
        self._basis, self._last = _basis(design), None
        self.center, self.width = center, width
        self.n_channels = spend.shape[1]
        self.tests = list(lift_tests)
        others = [changed(test, j, spend) for j, test in enumerate(self.tests)]
        self._spends = np.column_stack([spend, *others])
        self._owner = np.array(
            [*range(self.n_channels), *(test.channel for test in self.tests)]
        )

    @property
    def _free(self):
        """Weeks less what the baseline takes."""
        return len(self.sales) - self._basis.shape[1]

    def coefficients(self, values):
        """Return those of the design (q,) that explain values (n_weeks,) best."""
        size = _sizes(self.design)
        return np.linalg.lstsq(self.design / size, values)[0] / size

    def contributions(self, theta):
        """Return each column's contributions (n_weeks, C + J), and slopes (3, ...).

        The last answer is kept: a search asks for rows and slopes at the same point.
        """
        if self._last is None or not np.array_equal(theta, self._last[0]):
            self._last = theta.copy(), self._contributions(theta)
        return self._last[1]

    def _contributions(self, theta):
        away = np.clip(theta.reshape(3, -1) - self.center, -FURTHEST, FURTHEST)
        logs, odds, halves = (self.center + away)[:, self._owner]
        a, k = expit(odds), np.exp(halves)
        A, rise = carried(self._spends, a)
        share = A / (A + k)
        by_carry = k / (A + k) ** 2 * rise * a * (1 - a)
        by_half = -A / (A + k) ** 2 * k
        total = (self.spend.sum(axis=0) * np.exp(logs[: self.n_channels]))[self._owner]
        sums = share.sum(axis=0)[self._owner]
        added = total * share / sums
        slopes = [added]
        for slope in (by_carry, by_half):
            own = slope.sum(axis=0)[self._owner]
            slopes.append(total * (slope / sums - share * own / sums**2))
        return added, np.array(slopes)

    def residuals(self, theta, sigma):
        """Return all rows (n_weeks + 3C + J,), each in units of its own error."""
        added, _ = self.contributions(theta)
        left = self._left(self.sales - added[:, : self.n_channels].sum(axis=1))
        priors = (theta - self.center.ravel()) / self.width.ravel()
        tests = [
            (self._difference(added, j) - test.value) / test.standard_error
            for j, test in enumerate(self.tests)
        ]
        return np.concatenate([left / sigma, priors, tests])

    def slopes(self, theta, sigma):
        """Return the slopes of all rows, (n_weeks + 3C + J, 3C)."""
        _, slopes = self.contributions(theta)
        n = self.n_channels
        weeks = -np.concatenate([self._left(slope[:, :n]) for slope in slopes], axis=1)
        tests = np.zeros((len(self.tests), 3, n))
        for j, test in enumerate(self.tests):
            for row, slope in enumerate(slopes):
                change = self._difference(slope, j)
                tests[j, row, test.channel] = change / test.standard_error
        priors = np.diag(1 / self.width.ravel())
        return np.concatenate([weeks / sigma, priors, tests.reshape(-1, 3 * n)])

    def search(self, theta, sigma):
        """Return the parameters (3C,) to which a search from theta leads."""
        theta = least_squares(
            self.residuals, theta, self.slopes, method="lm", args=(sigma,)
        ).x
        center = self.center.ravel()
        return np.clip(theta, center - FURTHEST, center + FURTHEST)

    def settle(self, theta, sigma=None):
        """Return parameters (3C,) and noise, each right for the other."""
        sigma = self._noise(np.zeros(len(self.sales))) if sigma is None else sigma
        for _ in range(ROUNDS):
            last = sigma
            theta = self.search(theta, sigma)
            added, _ = self.contributions(theta)
            sigma = self._noise(added[:, : self.n_channels].sum(axis=1))
            if abs(sigma / last - 1) < CLOSE:
                break
        return theta, sigma

    def objective(self, theta, sigma):
        """Return half of the sum of squares, and the price of the noise."""
        squares = (self.residuals(theta, sigma) ** 2).sum()
        return squares / 2 + self._free * np.log(sigma)

    def _left(self, values):
        """Return what of values (n_weeks, ...) no baseline explains."""
        return values - self._basis @ (self._basis.T @ values)

    def _noise(self, added):
        """Return the root mean square of what is left of sales without these."""
        left = self._left(self.sales - added)
        return float(max(np.sqrt(left @ left / self._free), LEAST * self.sales.mean()))

    def _difference(self, values, j):
        """Return what test j changes in its weeks, of values (n_weeks, C + J)."""
        test = self.tests[j]
        other = values[test.start : test.stop, self.n_channels + j]
        return float((other - values[test.start : test.stop, test.channel]).sum())


def _sizes(design):
    """Return the largest size of a number in each column, 1 where all are 0."""
    size = np.abs(design).max(axis=0)
    return np.where(size > 0, size, 1.0)


def _basis(design):
    """Return an orthonormal basis of the columns (n_weeks, q)."""
    basis, values, _ = np.linalg.svd(design / _sizes(design), full_matrices=False)
    basis = basis[:, values > 1e-10 * values[0]]
    if len(design) <= basis.shape[1]:
        raise ValueError(
            f"sales has {len(design)} weeks, but the baseline alone has "
            f"{basis.shape[1]} columns: give more weeks, or a smaller season"
        )
    return basis
