"""One treatment for everybody at a time, switched at random for each block of time."""

import numpy as np
from scipy.special import stdtr, stdtrit

from recbook._core.arrays import check_array
from recbook.marketing.base import Effect, check_rows, check_treated, check_values

__all__ = ["switchback"]


def switchback(y, treated, block):
    r"""Return the effect of a treatment that whole blocks of time got or did not get.

    The outcome of a block is the mean of its rows, and blocks are compared like people:

    .. math::
       \hat\delta = \bar y_1 - \bar y_0, \qquad
       \mathrm{se}^2 = \frac{s_1^2}{m_1} + \frac{s_0^2}{m_0}

    over :math:`m_1` treated and :math:`m_0` untreated blocks. Blocks are few, so the
    interval and p are of Student's t with Welch's degrees of freedom.

    Parameters
    ----------
    y : (n,) array_like
        Outcomes of rows, such as hours, any finite numbers.
    treated : (n,) array_like
        True or 1 where the treatment was on, the same for all rows of a block. At least
        two blocks each way.
    block : (n,) array_like
        Label of each row's block, such as a day; numbers or strings. What one block
        leaves behind must not reach the next: a budget for the day asks for days.

    Returns
    -------
    Effect
        In units of the outcome, in a row. Where blocks never vary within their arm, the
        error is 0, and p is 1 for no difference, else 0.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite, a block has both treatments, or there
        is only one block of an arm.

    References
    ----------
    Bojinov, Simchi-Levi and Zhao (2023).

    Examples
    --------
    >>> hours = [3.0, 5.0, 1.0, 2.0, 6.0, 4.0, 2.0, 1.0]
    >>> on = [1, 1, 0, 0, 1, 1, 0, 0]
    >>> effect = switchback(hours, on, ["Mo", "Mo", "Tu", "Tu", "We", "We", "Th", "Th"])
    >>> effect.value, effect.standard_error
    (3.0, 0.5)
    """
    check_rows(y=y, treated=treated, block=block)
    y = check_values("y", y)
    treated = check_treated(treated, len(y))
    code = codes_of("block", block, len(y))
    on = np.bincount(code, treated) / np.bincount(code)
    if ((on > 0) & (on < 1)).any():
        row = int(((on > 0) & (on < 1))[code].argmax())
        raise ValueError(
            f"block[{row}] is {np.asarray(block)[row]!s}, which is treated in some "
            "rows and not in others: a block gets one treatment"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        means = np.bincount(code, y) / np.bincount(code)
        return _welch(means[on == 1], means[on == 0])


def codes_of(name, labels, n):
    """Return the number of each row's label, from 0, in the labels' sorted sequence.

    >>> codes_of("block", ["Tu", "Mo", "Tu"], 3).tolist()
    [1, 0, 1]
    """
    labels = check_array(name, labels, what="a flat list of labels")
    if labels.shape != (n,):
        raise ValueError(
            f"{name} has shape {labels.shape}, but {n} rows need a label each"
        )
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        row = int(np.isnan(labels).argmax())
        raise ValueError(f"{name}[{row}] is nan: each row must belong to a {name}")
    return np.unique(labels, return_inverse=True)[1]


def _welch(one, other):
    for name, blocks in (("treated", one), ("untreated", other)):
        if len(blocks) < 2:
            raise ValueError(
                f"treated has one block {name}: an error needs two blocks each way"
            )
    value = float(one.mean() - other.mean())
    parts = np.array([one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)])
    error = float(np.sqrt(parts.sum()))
    if not np.isfinite([value, error]).all():
        raise ValueError("y overflows: give the outcome in larger units")
    if error == 0:
        return Effect(value, 0.0, (value, value), 0.0 if value else 1.0)
    parts = parts / parts.sum()
    freedom = 1 / (parts**2 @ [1 / (len(one) - 1), 1 / (len(other) - 1)])
    reach = float(stdtrit(freedom, 0.975)) * error
    p = float(2 * stdtr(freedom, -abs(value) / error))
    return Effect(value, error, (value - reach, value + reach), p)
