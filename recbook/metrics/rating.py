"""Errors of predicted ratings."""

import numpy as np

from recbook._core.validate import check_reals

__all__ = ["mae", "rmse"]


def rmse(truth, predicted):
    r"""Root of the mean squared error, in stars.

    .. math:: \sqrt{\frac{1}{|T|} \sum_{(u, i) \in T} (r_{ui} - \hat r_{ui})^2}

    Parameters
    ----------
    truth : (n,) array
        The ratings :math:`r_{ui}` of the test pairs :math:`T`.
    predicted : (n,) array
        The predictions :math:`\hat r_{ui}`, in the same order.

    Returns
    -------
    float
        0 is perfect. One error of 2 weighs as much as four errors of 1.

    Raises
    ------
    ValueError
        The arrays are empty, differ in length, or hold NaN, an infinity or what is no
        real number, such as a date.

    Examples
    --------
    >>> rmse([4, 2], [3, 3])
    1.0
    """
    error = _errors(truth, predicted)
    return float(np.sqrt(np.mean(error**2)))


def mae(truth, predicted):
    r"""Mean absolute error, in stars.

    .. math:: \frac{1}{|T|} \sum_{(u, i) \in T} |r_{ui} - \hat r_{ui}|

    Parameters
    ----------
    truth, predicted
        As in :func:`rmse`, and so the errors.

    Returns
    -------
    float
        0 is perfect; never more than :func:`rmse`.

    Examples
    --------
    >>> mae([4, 2], [3, 4])
    1.5
    """
    return float(np.mean(np.abs(_errors(truth, predicted))))


def _errors(truth, predicted):
    """Differences of two checked, equally long arrays."""
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
            raise ValueError(f"{name} must be finite; got {values[at]} at place {at}")
    return truth - predicted
