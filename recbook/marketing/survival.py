r"""How long a member stays who pays by the month, and what that is worth.

A member leaves at the end of some month T = 1, 2, … or is still there when the data
end, after some months: then only T > months is known, and the row is *censored*. The
survival curve S(k) is the probability of still being a member after k months, with
S(0) = 1, and the hazard h(k) that of leaving at the end of month k, for those who are
still there: :math:`S(k) = (1 - h(1)) \cdots (1 - h(k))`.

``kaplan_meier`` estimates the curve of one group, ``DiscreteHazard`` one for each
member, and ``ShiftedBetaGeometric`` goes on beyond the months that were observed.
``expected_months`` and ``member_value`` turn a curve into months and euros.
"""

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, digamma

from recbook._core.arrays import check_reals, column_names
from recbook._core.validate import check_fitted, check_number
from recbook.base import Estimator, above, check_settings
from recbook.marketing.base import (
    NORMAL_975,
    check_features,
    check_rows,
    check_values,
    check_weights,
    check_yes_no,
)
from recbook.marketing.regression import Logistic

__all__ = [
    "kaplan_meier",
    "DiscreteHazard",
    "ShiftedBetaGeometric",
    "expected_months",
    "member_value",
]

LONGEST = 1200  # months: a hundred years; what is longer was counted in days
BANDS = (2, 3, 4, 7, 13, 25)  # first months of the bands of tenure that have a level
LIMIT = 1e4  # a parameter of the beta distribution lies between 1 / LIMIT and LIMIT


def kaplan_meier(months, churned):
    r"""Estimate the survival curve of a group, some of whom are still members.

    .. math::
       \hat S(k) = \prod_{j \le k} \Bigl( 1 - \frac{d_j}{n_j} \Bigr), \qquad
       \mathrm{se} = \hat S(k)
       \sqrt{\sum_{j \le k} \frac{d_j}{n_j (n_j - d_j)}}

    with :math:`n_j` members who have stayed for j − 1 months and are observed through
    month j, and :math:`d_j` of them who leave at its end. The interval is
    :math:`\hat S^{\exp(\pm 1.96\, v)}` with
    :math:`v = \mathrm{se} / (\hat S\, |\ln \hat S|)`, so that it stays within 0 and 1.

    Parameters
    ----------
    months : (n,) array_like
        Whole months for which each member was observed: for one who has left, the
        month at whose end that was, from 1 on. 0 is for members of the current month.
    churned : (n,) array_like of bool
        Who has left. The others are still there (censored).

    Returns
    -------
    DataFrame
        A row for each month from 0 to the longest: ``month``, ``at_risk``, ``churned``
        in it, ``survival``, ``standard_error``, ``low`` and ``high``. The standard
        error is 0 where nobody or everybody has left. As long as nobody has, ``low`` is
        :math:`.025^{1 / n}` with n at risk, and after the last member at risk has left
        ``high`` stays what it was.

    Raises
    ------
    ValueError
        If months are not whole, or somebody leaves in month 0.

    References
    ----------
    Kaplan and Meier (1958); Greenwood (1926).

    Examples
    --------
    Of four members one leaves after a month. One has been there for one month only, so
    two are at risk in the second month. One of them leaves.

    >>> table = kaplan_meier([1, 1, 2, 2], [True, False, True, False])
    >>> table[["month", "at_risk", "churned", "survival"]].to_numpy().tolist()
    [[0.0, 4.0, 0.0, 1.0], [1.0, 4.0, 1.0, 0.75], [2.0, 2.0, 1.0, 0.375]]
    """
    months, churned, _ = _check_members(months, churned)
    longest = int(months.max())
    left = np.bincount(months[churned], minlength=longest + 1)
    seen = np.bincount(months, minlength=longest + 1)
    at_risk = seen[::-1].cumsum()[::-1]
    survival = np.cumprod(1 - left / at_risk)
    stay = np.maximum(at_risk - left, 1)  # 1 where all leave: the curve is 0 there
    greenwood = np.cumsum(left / (at_risk * stay))
    some = (survival > 0) & (survival < 1)
    log = np.log(np.where(some, survival, 0.5))
    reach = np.exp(NORMAL_975 * np.sqrt(greenwood) / np.abs(log))
    low, high = np.exp(log * reach), np.exp(log / reach)
    low = np.where(some, low, np.where(survival > 0, 0.025 ** (1 / at_risk), 0.0))
    high = np.where(some, high, np.where(survival > 0, 1.0, np.nan))
    low[0] = high[0] = 1.0  # nobody can have left before month 1
    columns = {
        "month": np.arange(longest + 1),
        "at_risk": at_risk,
        "churned": left,
        "survival": survival,
        "standard_error": np.where(some, survival * np.sqrt(greenwood), 0.0),
        "low": low,
        "high": high,
    }
    return pd.DataFrame(columns).ffill()


class DiscreteHazard(Estimator):
    r"""The probability of leaving in each month, by what is known of a member.

    .. math::
       h(k \mid x) = \sigma\bigl(b + \gamma \ln k + u_{\text{band}(k)} + x^\top w\bigr)

    A member who was observed for m months is m rows, one for each month, whose outcome
    is 0, but 1 in the last row of somebody who left. Their likelihood is that of a
    logistic regression, which is what is fitted. Tenure enters by its logarithm, and by
    a level for each band of months: 1, 2, 3, 4 to 6, 7 to 12, 13 to 24, and from 25 on.

    Parameters
    ----------
    reg : float
        Penalty on the squares of γ, u and w, as of
        :class:`~recbook.marketing.regression.Logistic`; above 0.

    Attributes
    ----------
    intercept_ : float
        b.
    tenure_ : (7,) array
        γ, and u of the bands from the second on.
    coef_ : (d,) array
        w.
    columns_ : list or None
        The names of the columns, where fit saw a frame.

    Raises
    ------
    ValueError
        If nobody has left, or everybody in the first month.

    References
    ----------
    Singer and Willett (1993).

    Examples
    --------
    >>> months, churned = [1, 1, 2, 3, 3, 3, 3, 3], [1, 1, 1, 0, 1, 0, 0, 0]
    >>> X = [[1.0], [1.0], [0.0], [1.0], [0.0], [0.0], [0.0], [0.0]]
    >>> model = DiscreteHazard().fit(X, months, churned)
    >>> model.survival([[0.0], [1.0]], [0, 1, 2]).round(2).tolist()
    [[1.0, 0.8, 0.67], [1.0, 0.7, 0.52]]
    """

    _ranges = {"reg": above(0)}

    def __init__(self, reg=1.0):
        self.reg = reg

    def fit(self, X, months, churned, weight=None):
        """Fit to features X (n, d), months observed (n,), who has left, weights (n,).

        A weight says how many members a row stands for.
        """
        check_settings(self)
        check_rows(X=X, months=months, churned=churned, weight=weight)
        names, X = column_names(X), check_features("X", X)
        months, churned, weight = _check_members(months, churned, weight, len(X))
        _check_both(months, churned, weight)
        # Members who are alike are one row for each month, weighted: the likelihood
        # is the same, and a plan by a channel is a few rows in place of thousands.
        kinds, kind = np.unique(X, axis=0, return_inverse=True)
        span = int(months.max()) + 1
        seen, left = np.zeros((2, len(kinds), span))
        np.add.at(seen, (kind.ravel(), months), weight)
        np.add.at(left, (kind.ravel(), months), weight * churned)
        stay = np.maximum(seen[:, ::-1].cumsum(axis=1)[:, ::-1] - left, 0)
        of, month = np.nonzero((left + stay)[:, 1:])
        rows = np.hstack([_tenure(month + 1), kinds[of]])
        model = Logistic(self.reg).fit(
            np.vstack([rows, rows]),
            np.repeat([1, 0], len(rows)),
            np.concatenate([left[of, month + 1], stay[of, month + 1]]),
        )
        self.intercept_, self.columns_ = model.intercept_, names
        self.tenure_, self.coef_ = np.split(model.coef_, [1 + len(BANDS)])
        return self

    def hazard(self, X, months):
        """Return the probability of leaving in each of months (m,) for X: (n, m).

        It is that of members who are still there. Month 0 has none: months are from 1
        on, and may go beyond those that fit saw, where the level of the last band and
        the logarithm of tenure go on.
        """
        return self._hazard(X, _check_months("months", months, low=1))

    def survival(self, X, months):
        """Return the probability of staying through each of months (m,): (n, m).

        Month 0 has 1.
        """
        months = _check_months("months", months)
        every = np.arange(1, months.max() + 1)
        curve = np.cumprod(1 - self._hazard(X, every), axis=1)
        return np.hstack([np.ones((len(curve), 1)), curve])[:, months]

    def _hazard(self, X, months):
        check_fitted(self, "coef_")
        X = check_features("X", X, len(self.coef_), self.columns_)
        level = self.intercept_ + X @ self.coef_
        score = level[:, None] + _tenure(months) @ self.tenure_
        return 1 / (1 + np.exp(-score))


class ShiftedBetaGeometric(Estimator):
    r"""Retention of a group, beyond the months that were observed.

    Each member leaves with a probability p of their own, the same in each month, and p
    differs between members by a beta distribution:

    .. math::
       S(k) = \frac{B(a, b + k)}{B(a, b)}, \qquad h(k) = \frac{a}{a + b + k - 1}

    The hazard of the group falls, although nobody's does: those who leave easily are
    the first to be gone.

    Attributes
    ----------
    a_, b_ : float
        Parameters of the beta distribution, found by maximum likelihood, each between
        1e-4 and 1e4. Where both are at the upper end, members hardly differ.
    log_likelihood_ : float
        At the maximum.

    Raises
    ------
    ValueError
        If nobody has left, or everybody in the first month.

    References
    ----------
    Fader and Hardie (2007).

    Examples
    --------
    >>> months, churned = [1, 1, 1, 2, 2, 3, 4, 4, 4, 4], [1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    >>> model = ShiftedBetaGeometric().fit(months, churned)
    >>> model.survival([0, 1, 2, 12]).round(2).tolist()
    [1.0, 0.68, 0.53, 0.22]
    """

    def fit(self, months, churned, weight=None):
        """Fit to months observed (n,), who has left (n,), and weights (n,).

        A weight says how many members a row stands for.
        """
        months, churned, weight = _check_members(months, churned, weight)
        _check_both(months, churned, weight)
        total = weight.sum()
        kind, place = np.unique(2 * months + churned, return_inverse=True)
        weight, months, churned = np.bincount(place, weight), kind // 2, kind % 2

        def loss(logs):
            a, b = np.exp(logs)
            # Who left has a factor a and one month less to have stayed through.
            shape, stayed = a + churned, b + months - churned
            value = weight @ (betaln(shape, stayed) - betaln(a, b))
            both = digamma(a + b) - digamma(shape + stayed)
            da = weight @ (digamma(shape) - digamma(a) + both)
            db = weight @ (digamma(stayed) - digamma(b) + both)
            return -value / total, -np.array([a * da, b * db]) / total

        edge = np.log(LIMIT)
        tight = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000}
        found = minimize(
            loss,
            np.zeros(2),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-edge, edge)] * 2,
            options=tight,
        )
        self.a_, self.b_ = (float(value) for value in np.exp(found.x))
        self.log_likelihood_ = float(-found.fun * total)
        return self

    def hazard(self, months):
        """Return the probability of leaving in each of months (m,), from 1 on."""
        check_fitted(self, "a_")
        months = _check_months("months", months, low=1)
        return self.a_ / (self.a_ + self.b_ + months - 1)

    def survival(self, months):
        """Return the probability of staying through each of months (m,), from 0 on."""
        check_fitted(self, "a_")
        months = _check_months("months", months)
        return np.exp(betaln(self.a_, self.b_ + months) - betaln(self.a_, self.b_))


def expected_months(survival):
    r"""Return how many of the next m months will be paid, on average.

    .. math:: \sum_{k=0}^{m-1} S(k)

    The first is paid at once, and each later one if the member has stayed until then.
    Without a horizon, and with a constant churn rate c, that is 1/c. For a member who
    has been there for t months, give :math:`S(t + k) / S(t)`.

    Parameters
    ----------
    survival : (m,) or (n, m) array_like
        S(0) = 1, S(1), …, S(m − 1), one row for each member.

    Returns
    -------
    float or (n,) array
        Months, at most m.

    Raises
    ------
    ValueError
        If a curve does not begin with 1, rises, or leaves 0 to 1.

    Examples
    --------
    >>> expected_months([1.0, 0.5, 0.25])
    1.75
    """
    return member_value(survival, 1.0, 0.0)


def member_value(survival, margin, rate):
    r"""Return what the next m months of a membership are worth today.

    .. math:: \sum_{k=0}^{m-1} \frac{h\, S(k)}{(1 + d)^k}

    Parameters
    ----------
    survival : (m,) or (n, m) array_like
        S(0) = 1, S(1), …, S(m − 1), as for :func:`expected_months`.
    margin : float
        h: what a paid month leaves, in euros.
    rate : float
        d: discount *for one month*, at least 0.

    Returns
    -------
    float or (n,) array
        Euros of today. Nothing after the m months is in it.

    Raises
    ------
    ValueError
        As :func:`expected_months`.

    Examples
    --------
    >>> round(member_value([1.0, 0.5, 0.25], margin=6.0, rate=0.01), 3)
    10.441
    """
    curve = check_reals("survival", survival)
    if curve.ndim not in (1, 2) or 0 in curve.shape:
        raise ValueError(
            "survival must be one curve, or have a row for each member and a column "
            f"for each month, got shape {curve.shape}"
        )
    margin, rate = check_number("margin", margin), check_number("rate", rate, 0)
    rows = np.atleast_2d(curve)
    before = np.hstack([np.ones((len(rows), 1)), rows[:, :-1]])
    first = np.arange(rows.shape[1]) == 0
    wrong = {
        "give a probability, 0 to 1": ~((rows >= 0) & (rows <= 1)),
        "begin with month 0, where S is 1": first & (rows < 1),
        "a curve never rises: give S(k), not the hazard": rows > before * (1 + 1e-9),
    }
    for words, places in wrong.items():
        if places.any():
            row, month = np.argwhere(places)[0]
            at = f"{row}, {month}" if curve.ndim == 2 else month
            raise ValueError(f"survival[{at}] is {rows[row, month]}: {words}")
    value = margin * curve @ (1 + rate) ** -np.arange(curve.shape[-1], dtype=float)
    return value if curve.ndim == 2 else float(value)


def _check_members(months, churned, weight=None, n=None):
    """Return months (n,) as int64, who has left (n,) as bool, and weights (n,)."""
    check_rows(months=months, churned=churned, weight=weight)
    months = _check_months("months", months, n=n)
    churned = check_yes_no("churned", churned, len(months))
    if (wrong := churned & (months == 0)).any():
        raise ValueError(
            f"months[{int(wrong.argmax())}] is 0, but the member has left: count the "
            "month in which somebody leaves as 1"
        )
    return months, churned, check_weights(weight, len(months))


def _check_both(months, churned, weight):
    """Raise unless some leave in some month, and some stay through one."""
    left = weight @ churned
    if not 0 < left < weight @ months:
        who = "everybody leave in month 1" if left else "nobody leave"
        raise ValueError(f"churned has {who}: a hazard needs both outcomes")


def _check_months(name, values, low=0, n=None):
    """Return whole months (m,) as int64."""
    values = check_values(name, values, n, low=low)
    for wrong, words in (
        (values != np.floor(values), "give whole months"),
        (values > LONGEST, f"more than {LONGEST} months; were these days?"),
    ):
        if wrong.any():
            row = int(wrong.argmax())
            raise ValueError(f"{name}[{row}] is {values[row]}: {words}")
    return values.astype(np.int64)


def _tenure(months):
    """Return the features of tenure (m, 7): its logarithm, and its band but the first.

    >>> _tenure(np.array([1, 5]))[:, 1:].tolist()
    [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]]
    """
    band = np.searchsorted(BANDS, months, side="right")
    levels = band[:, None] == np.arange(1, len(BANDS) + 1)
    return np.column_stack([np.log(months), levels])
