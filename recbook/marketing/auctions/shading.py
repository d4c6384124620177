"""How far to bid below the value where the winner pays the own bid."""

import numpy as np
from scipy.special import expit

from recbook._core.arrays import check_reals
from recbook._core.validate import check_fitted
from recbook.base import Estimator, above, check_settings
from recbook.marketing.base import check_rows, check_values, check_yes_no
from recbook.marketing.regression import Logistic

__all__ = ["WinCurve", "best_bid"]

POINTS, ROUNDS = 33, 10  # of the search for the best bid; each narrows it 16 times


class WinCurve(Estimator):
    r"""The chance that a bid wins, from bids that won and bids that lost.

    .. math::
       F(b) = \sigma(a + c \ln b) = \frac{1}{1 + (m / b)^{c}}, \qquad m = e^{-a / c}

    so the highest bid of the others is log-logistic with median m. A first-price
    auction does not tell the losers by how much they lost, and the winner not what the
    others bid: of each rival we know only on which side of our bid it was. A logistic
    regression of "won" on the logarithm of the bid asks for no more.

    Parameters
    ----------
    reg : float
        Penalty on the slope, as in
        :class:`~recbook.marketing.regression.Logistic`; above 0.

    Attributes
    ----------
    intercept_, slope_ : float
        :math:`a` and :math:`c`.
    median_ : float
        :math:`m` in euros: the bid that wins half of the auctions.

    Examples
    --------
    Of three bids at 1 cent one won, of three at 4 cents two: 2 cents win half.

    >>> curve = WinCurve(reg=1e-9)
    >>> curve.fit([1, 1, 1, 4, 4, 4], [1, 0, 0, 1, 1, 0]).median_.__round__(6)
    2.0
    >>> curve.predict([1.0, 4.0]).round(4).tolist()
    [0.3333, 0.6667]
    """

    _ranges = {"reg": above(0)}

    def __init__(self, reg=1e-6):
        self.reg = reg

    def fit(self, bids, won):
        """Fit to bids (n,) in euros, above 0, and whether each won (n,).

        Raises
        ------
        ValueError
            If a bid is not above 0, all won or all lost, all bids are alike, or higher
            bids won less often.
        """
        check_settings(self)
        check_rows(bids=bids, won=won)
        bids = check_values("bids", bids, low=0)
        if not bids.all():
            row = int((bids == 0).argmax())
            raise ValueError(
                f"bids[{row}] is 0.0: leave out impressions without a bid, as losing "
                "them says nothing about the others"
            )
        won = check_yes_no("won", won, len(bids))
        if won.all() or not won.any():
            raise ValueError(
                f"won is {bool(won[0])} in all rows: the curve needs bids that won and "
                "bids that lost"
            )
        if (bids == bids[0]).all():
            raise ValueError(
                f"bids is {bids[0]} in all rows: vary the bid to learn what it changes"
            )
        model = Logistic(self.reg).fit(np.log(bids)[:, None], won)
        slope = float(model.coef_[0])
        if slope <= 0:
            raise ValueError(
                f"higher bids won less often (slope {slope:.3g}): compare bids for "
                "impressions of one kind, drawn without regard to the impression"
            )
        self.intercept_, self.slope_ = float(model.intercept_), slope
        self.median_ = float(np.exp(-self.intercept_ / slope))
        return self

    def predict(self, bids):
        """Return the chance to win of bids (n,) in euros; a bid of 0 never wins."""
        check_fitted(self, "slope_")
        return self(check_values("bids", bids, low=0))

    def __call__(self, bids):
        """Return the chance to win of bids of any shape, unchecked."""
        with np.errstate(divide="ignore"):
            return expit(self.intercept_ + self.slope_ * np.log(bids))


def best_bid(value, win_curve):
    r"""Return the bid of the greatest expected surplus in a first-price auction.

    .. math:: b^* = \arg\max_{0 \le b \le v}\ (v - b)\, F(b)

    which solves :math:`(v - b) f(b) = F(b)`: a little more wins a little more often,
    and costs a little more whenever it wins. The share :math:`b^* / v` is the shading.

    Parameters
    ----------
    value : float or (n,) array_like
        What the thing is worth, :math:`v`, in euros, at least 0.
    win_curve : callable
        Chance to win, :math:`F(b)`, of an array of bids in euros: numbers from 0 to 1,
        which do not fall in b. A fitted :class:`WinCurve`, or any function.

    Returns
    -------
    float or (n,) array
        In euros, to about seven digits. 0 where nothing can be gained: at a value of 0,
        or where no bid below the value ever wins.

    Raises
    ------
    ValueError
        If a value is negative or not finite, or the curve returns anything but numbers
        from 0 to 1, one for each bid.

    References
    ----------
    Vickrey 1961.

    Examples
    --------
    One rival whose bid is anywhere from 0 to 1 €: half of the value.

    >>> round(best_bid(0.8, lambda bids: np.clip(bids, 0, 1)), 6)
    0.4
    """
    value = check_reals("value", value)
    single = value.ndim == 0
    value = check_values("value", np.atleast_1d(value), low=0)
    spread = np.append(np.geomspace(1e-6, 0.01, POINTS), np.linspace(0.02, 1, POINTS))
    bids = np.where(value > 0, value, 1.0)[:, None] * spread
    for _ in range(ROUNDS):
        surplus = (value[:, None] - bids) * _chances(win_curve, bids)
        at = surplus.argmax(axis=1)
        rows = np.arange(len(bids))
        low = bids[rows, np.maximum(at - 1, 0)]
        high = bids[rows, np.minimum(at + 1, bids.shape[1] - 1)]
        best = np.where(surplus[rows, at] > 0, bids[rows, at], 0.0)
        bids = np.linspace(low, high, POINTS, axis=1)
    return float(best[0]) if single else best


def _chances(win_curve, bids):
    chances = np.asarray(win_curve(bids.ravel()), dtype=np.float64)
    if chances.shape != (bids.size,):
        raise ValueError(
            f"win_curve must return a chance for each bid, got shape {chances.shape} "
            f"for {bids.size} bids"
        )
    wrong = ~((chances >= 0) & (chances <= 1))
    if wrong.any():
        at = int(wrong.argmax())
        raise ValueError(
            f"win_curve says {chances[at]} for a bid of {bids.ravel()[at]}: a chance "
            "lies between 0 and 1"
        )
    return chances.reshape(bids.shape)
