"""One curve through a trial of caps, and the cap that is worth its price."""

import warnings

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from recbook._core.validate import check_fitted, check_number, check_positive_int
from recbook.base import Estimator
from recbook.marketing.base import (
    NORMAL_975,
    check_counts,
    check_rows,
    check_values,
)
from recbook.marketing.frequency.trials import check_trial

__all__ = ["ResponseCurve", "best_cap"]

LOW, HIGH = 0.01, 1.0  # q lies between them
MOST = 1_000_000  # impressions of one person
LONGEST = 100.0  # of the logarithm of an interval's end over its middle
TINY = 1e-12  # of a variance: nothing is left of it


def best_cap(marginal, price, margin, multiplier=0.0):
    r"""Return how many impressions to show to a person: as long as the next one pays.

    .. math:: g\, r_n > (1 + \mu)\, p

    The impressions add up to a surplus, and the cap is where the surplus is largest. If
    marginal effects fall, this is the last impression that is worth its price.

    Parameters
    ----------
    marginal : (n,) array_like
        What the first, second, … impression of a person adds to the outcome,
        :math:`r_n`; may be negative.
    price : float
        Euros for an impression, :math:`p`, at least 0.
    margin : float
        Euros for one unit of the outcome, :math:`g`, at least 0.
    multiplier : float
        What a euro of the budget would earn elsewhere beyond itself, :math:`\mu`, at
        least 0; of :func:`recbook.marketing.pacing.offline_multiplier`.

    Returns
    -------
    int
        From 0 to n. Where it is n, the list was too short to find a cap.

    Raises
    ------
    ValueError
        If a number is not finite or negative.

    Examples
    --------
    Each impression brings half of the one before: 20, 10, 5 and 2.5 cents.

    >>> marginal = [0.01, 0.005, 0.0025, 0.00125]
    >>> best_cap(marginal, price=0.03, margin=20.0)
    3
    >>> best_cap(marginal, price=0.03, margin=20.0, multiplier=1.0)
    2
    """
    marginal = check_values("marginal", marginal)
    price = check_number("price", price, 0, 1e12)
    margin = check_number("margin", margin, 0, 1e12)
    paid = (1 + check_number("multiplier", multiplier, 0, 1e12)) * price
    surplus = np.cumsum(margin * marginal - paid)
    return int(surplus.argmax()) + 1 if surplus.max() > 0 else 0


class ResponseCurve(Estimator):
    r"""What the n-th impression adds, where each brings q times the one before it.

    .. math::
       r_n = r_1\, q^{n - 1}, \qquad
       \ell(n) = r_1 + \dots + r_n = r_1 \frac{1 - q^n}{1 - q}

    People who come often also order often, so they are compared only where a randomised
    cap makes the difference. With :math:`\bar y_{sc}` the mean outcome of people in
    stratum s with cap c, and :math:`\bar\ell_{sc}` the mean of :math:`\ell(N_i)` over
    the impressions that they received,

    .. math::
       \min_{a, r_1, q}\ \sum_{s, c} n_{sc}
       \bigl( \bar y_{sc} - a_s - \bar\ell_{sc} \bigr)^2

    This is nonlinear two-stage least squares with the caps as instruments. Strata are
    the opportunities; without them everybody is in one stratum.

    Attributes
    ----------
    first_ : float
        :math:`r_1`, the effect of the first impression.
    ratio_ : float
        :math:`q`, from 0.01 to 1: an impression's effect over that of the one before.
    covariance_ : (2, 2) array
        Of the errors of both, people being independent and no two of them alike.
    at_limit_ : bool
        Whether q ended at a limit. Then fit warns: the trial was too small to tell.

    Notes
    -----
    The curve is right if the opportunities do not depend on the ads, and an impression
    does the same for people who come often and for those who come seldom. Without the
    latter, :func:`impression_effects` still measures a mean.

    References
    ----------
    Amemiya (1974).

    Examples
    --------
    >>> cap = np.repeat([0, 1, 2, 4], 4)
    >>> y = 0.1 * np.repeat([0, 1, 1.5, 1.875], 4)
    >>> curve = ResponseCurve().fit(cap, cap, y)
    >>> round(curve.first_, 4), round(curve.ratio_, 4)
    (0.1, 0.5)
    >>> curve.predict([0, 1, 3]).round(4).tolist()
    [0.0, 0.1, 0.175]
    """

    def fit(self, cap, impressions, y, opportunities=None):
        """Estimate both numbers from a trial of caps.

        Parameters
        ----------
        cap, impressions, y : (n,) array_like
            As in :func:`cap_effects`. At least three caps, or opportunities.
        opportunities : (n,) array_like, optional
            How many impressions each person would have received without any cap, the
            withheld ones too. People are compared with those who came as often, which
            makes the intervals narrower.

        Raises
        ------
        ValueError
            As :func:`cap_effects`, if the caps change no impressions or too few of
            them, or if impressions do not raise the outcome.
        """
        check_rows(cap=cap, opportunities=opportunities)
        cap, impressions, y = check_trial(cap, impressions, y)
        check_values("impressions", impressions, high=MOST)
        strata = np.zeros(len(y))
        if opportunities is not None:
            strata = check_counts(
                "opportunities", opportunities, len(y), "opportunities"
            )
            if (wrong := strata < impressions).any():
                row = int(wrong.argmax())
                raise ValueError(
                    f"opportunities[{row}] is {strata[row]:g}, but impressions has "
                    f"{impressions[row]:g}: give those received and withheld together"
                )
        cells = _Cells(cap, impressions, y, strata)
        ratio = cells.search()
        self.first_, self.ratio_ = cells.slope(ratio), ratio
        self.covariance_ = cells.covariance(self.first_, ratio)
        self.at_limit_ = not LOW + 1e-6 < ratio < HIGH - 1e-6
        if self.at_limit_:
            warnings.warn(
                f"ResponseCurve: ratio ended at {ratio:.2f}, the limit of the search: "
                f"{len(y)} people say too little about the shape; take more people, "
                "and use impression_effects",
                stacklevel=2,
            )
        return self

    def predict(self, impressions):
        """Return what so many impressions (n,) of a person add in all."""
        check_fitted(self, "first_")
        n = check_counts("impressions", impressions, of="impressions")
        if self.ratio_ == 1.0:
            return self.first_ * n
        return self.first_ * (1 - self.ratio_**n) / (1 - self.ratio_)

    def marginal(self, n=10):
        r"""Return what the first to the n-th impression adds, with 95 % intervals.

        The interval is of :math:`\ln r_n = \ln r_1 + (n - 1) \ln q`, by the delta
        method, and so above 0: whether the ad works at all is a question for
        :func:`cap_effects`.

        Parameters
        ----------
        n : int
            How many, at least 1.

        Returns
        -------
        DataFrame
            ``effect``, ``low`` and ``high`` in units of the outcome, a row for each
            ``impression`` from 1 to n.
        """
        check_fitted(self, "first_")
        steps = np.arange(check_positive_int("n", n))
        effect = self.first_ * self.ratio_**steps
        slope = np.array([np.full(len(steps), 1 / self.first_), steps / self.ratio_])
        variance = np.einsum("in,ij,jn->n", slope, self.covariance_, slope)
        factor = np.exp(np.minimum(NORMAL_975 * np.sqrt(variance), LONGEST))
        return pd.DataFrame(
            {"effect": effect, "low": effect / factor, "high": effect * factor},
            pd.RangeIndex(1, len(steps) + 1, name="impression"),
        )


class _Cells:
    """A trial as sums: people with the same stratum, cap and impressions are one row.

    A cell is a stratum and a cap. Within a stratum only cells are compared.
    """

    def __init__(self, cap, impressions, y, strata):
        most = int(impressions.max()) + 1
        keys = [np.unique(x, return_inverse=True)[1] for x in (strata, cap)]
        n_caps = int(keys[1].max()) + 1
        cell = keys[0] * n_caps + keys[1]
        code, row = np.unique(
            cell * most + impressions.astype(int), return_inverse=True
        )
        names, self.cell = np.unique(code // most, return_inverse=True)
        self.stratum = np.unique(names // n_caps, return_inverse=True)[1]
        self.N, self.n = code % most, np.bincount(row)
        self.in_cell = np.bincount(self.cell, self.n)
        self.in_stratum = np.bincount(self.stratum, self.in_cell)
        y = y - y.mean()
        self.mean = np.bincount(row, y) / self.n
        self.within = np.bincount(row, (y - self.mean[row]) ** 2)
        self.y = self.compared(self.mean)

    def compared(self, values):
        """Return the mean of each cell, less that of its stratum."""
        sums = np.bincount(self.cell, self.n * values)
        centre = np.bincount(self.stratum, sums) / self.in_stratum
        return sums / self.in_cell - centre[self.stratum]

    def lift(self, q):
        """Return 1 + q + … + q^(N-1) for each row."""
        powers = q ** np.arange(self.N.max())
        return np.concatenate([[0.0], np.cumsum(powers)])[self.N]

    def bend(self, q):
        """Return the derivative of the lift with respect to q, for each row."""
        j = np.arange(1, max(self.N.max(), 1))
        slopes = np.cumsum(j * q ** (j - 1.0))
        return np.concatenate([[0.0, 0.0], slopes])[self.N]

    def slope(self, q):
        """Return the best effect of the first impression at this q."""
        lift = self.compared(self.lift(q))
        return float(self.in_cell @ (lift * self.y) / (self.in_cell @ lift**2))

    def gain(self, q):
        """Return how far the sum of squares falls at this q, 0 for a negative slope."""
        lift = self.compared(self.lift(q))
        along, size = self.in_cell @ (lift * self.y), self.in_cell @ lift**2
        return max(along, 0.0) ** 2 / size if size > 0 else 0.0

    def score(self, q):
        """Return how steeply the sum of squares falls with q, but for a factor."""
        rest = self.y - self.slope(q) * self.compared(self.lift(q))
        return float(self.in_cell @ (self.compared(self.bend(q)) * rest))

    def search(self):
        """Return the best q, from a grid and then from its neighbourhood."""
        spread = self.in_cell @ self.compared(self.lift(HIGH)) ** 2
        if not spread > TINY * (self.n @ (self.N - self.N.mean()) ** 2.0 + 1):
            raise ValueError(
                "impressions are the same at all caps: the caps changed nothing, so "
                "nothing is learned from them"
            )
        grid = np.linspace(LOW, HIGH, 34)
        gains = [self.gain(q) for q in grid]
        best = int(np.argmax(gains))
        if not gains[best] > 0:
            raise ValueError(
                "y does not rise with the impressions at any cap: there is no curve "
                "to fit, so compare the caps by cap_effects"
            )
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
        if self.score(low) > 0 > self.score(high):
            return float(brentq(self.score, low, high, xtol=1e-14))
        return float(max(low, high, key=self.gain))

    def covariance(self, first, q):
        """Return the covariance of the errors of r_1 and q (2, 2)."""
        lift = self.lift(q)
        G = np.array([self.compared(lift), first * self.compared(self.bend(q))])
        A = (G * self.in_cell) @ G.T
        if not np.linalg.det(A) > TINY * A[0, 0] * A[1, 1]:
            raise ValueError(
                "cap has too few values to tell how the effect falls: give at least "
                "three caps, or the opportunities"
            )
        rest = self.mean - first * lift
        rest -= (np.bincount(self.stratum[self.cell], self.n * rest)
                 / self.in_stratum)[self.stratum[self.cell]]  # fmt: skip
        squares = np.bincount(self.cell, self.within + self.n * rest**2)
        bread = np.linalg.inv(A)
        return bread @ ((G * squares) @ G.T) @ bread
