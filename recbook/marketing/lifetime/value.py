"""Orders and their values as money of today."""

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.validate import check_number
from recbook.marketing.base import check_rows, check_values

SLACK = 1e-9  # by which a cumulative number may fall: rounding


def lifetime_value(cumulative, spend, margin, rate):
    r"""Return what each customer's coming orders are worth today.

    .. math::
       \mathrm{CLV} = \sum_{k=1}^{m} \frac{h\, z\, (X_k - X_{k-1})}{(1 + d)^k},
       \qquad X_0 = 0

    Parameters
    ----------
    cumulative : (n, m) array_like
        :math:`X_k`: expected orders until the end of period k, *in all*, as
        ``BetaGeo.expected_purchases`` gives them for m horizons.
    spend : (n,) array_like
        z: value of an order, in euros.
    margin : float
        h: share of the value that is left when the goods are paid, 0 to 1.
    rate : float
        d: discount *for one period*, at least 0: for a month, not for a year.

    Returns
    -------
    (n,) array
        Euros of today, for the m periods; nothing after them is in it.

    Raises
    ------
    ValueError
        Among others where a row falls, as orders of single periods do.

    References
    ----------
    Fader, Hardie and Lee (2005), RFM and CLV.

    Examples
    --------
    >>> lifetime_value([[0.5, 0.8]], [50.0], margin=0.4, rate=0.01).round(3).tolist()
    [15.783]
    """
    check_rows(cumulative=cumulative, spend=spend)
    cumulative = check_reals("cumulative", cumulative)
    if cumulative.ndim != 2 or 0 in cumulative.shape:
        raise ValueError(
            "cumulative must have a row for each customer and a column for each "
            f"period, got shape {cumulative.shape}"
        )
    spend = check_values("spend", spend, len(cumulative), low=0)
    margin, rate = check_number("margin", margin, 0, 1), check_number("rate", rate, 0)
    orders = np.diff(cumulative, axis=1, prepend=0.0)
    wrong = ~(np.isfinite(orders) & (orders >= -SLACK))
    if wrong.any():
        row, period = np.argwhere(wrong)[0]
        raise ValueError(
            f"cumulative[{row}, {period}] is {cumulative[row, period]}: give finite "
            "numbers that never fall along a row, the orders until the end of each "
            "period in all"
        )
    worth = (1 + rate) ** -np.arange(1.0, orders.shape[1] + 1)
    return margin * spend * (orders @ worth)
