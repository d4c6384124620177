"""Errors of predicted ratings."""

import numpy as np

from recbook._core.arrays import check_reals
from recbook._core.frames import check_rows

__all__ = ["mae", "rmse"]


def rmse(truth, predicted) -> float:
    r"""Return the root of the mean squared error, in stars.

    .. math:: \sqrt{\frac{1}{|T|} \sum_{(u, i) \in T} (r_{ui} - \hat r_{ui})^2}

    The mean is over the test pairs :math:`T`. One error of 2 weighs as much as four
    errors of 1.

    Parameters
    ----------
    truth : (n,) array
        True ratings :math:`r_{ui}`.
    predicted : (n,) array
        Predictions :math:`\hat r_{ui}`, in the same order.

    Returns
    -------
    float
        At least 0, which is perfect.

    Raises
    ------
    ValueError
        If the arrays are empty, differ in length, or hold NaN, an infinity or a value
        that is no real number, such as a date.

    Examples
    --------
    >>> rmse([4, 2], [3, 3])
    1.0
    """
    error = _errors(truth, predicted)
    return float(np.sqrt(np.mean(error**2)))


def mae(truth, predicted) -> float:
    r"""Return the mean absolute error, in stars.

    .. math:: \frac{1}{|T|} \sum_{(u, i) \in T} |r_{ui} - \hat r_{ui}|

    The mean is over the test pairs :math:`T`.

    Parameters
    ----------
    truth, predicted
        As in :func:`~recbook.metrics.rmse`, which raises the same errors.

    Returns
    -------
    float
        At least 0, which is perfect, and at most the RMSE.

    Examples
    --------
    >>> mae([4, 2], [3, 4])
    1.5
    """
    return float(np.mean(np.abs(_errors(truth, predicted))))


def _errors(truth, predicted):
    """Return the differences of two arrays after checking them."""
    check_rows(truth=truth, predicted=predicted)
    truth = check_reals("truth", truth)
    predicted = check_reals("predicted", predicted)
    if truth.shape != predicted.shape or truth.ndim != 1:
        raise ValueError(
            "truth and predicted must be 1-d and equally long, a number a pair each; "
            f"got shapes {truth.shape} and {predicted.shape}"
        )
    if truth.size == 0:
        raise ValueError("truth is empty: an error over no pairs is not defined")
    for name, values in (("truth", truth), ("predicted", predicted)):
        if not np.all(np.isfinite(values)):
            at = int(np.flatnonzero(~np.isfinite(values))[0])
            raise ValueError(
                f"{name} must be finite; got {values[at]} at position {at}"
            )
    return truth - predicted
