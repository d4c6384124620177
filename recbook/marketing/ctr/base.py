"""What the models of clicks share: checked buckets, probabilities and weights."""

import numpy as np

from recbook._core.arrays import check_array
from recbook.base import DivergenceError
from recbook.marketing.base import check_values, check_yes_no

__all__ = [
    "check_both",
    "check_buckets",
    "check_finite",
    "log_odds",
    "probabilities",
]

TINY = float(np.finfo(np.float64).eps)  # the smallest probability that is believed


def probabilities(name, p, n=None):
    """Return ``p`` as probabilities (n,), none nearer to 0 or 1 than 2.2e-16.

    >>> probabilities("p", [0.25, 1.0]).round(3).tolist()
    [0.25, 1.0]
    """
    return np.clip(check_values(name, p, n, low=0, high=1), TINY, 1 - TINY)


def log_odds(p):
    """Return ln(p / (1 - p)).

    >>> log_odds(0.5)
    np.float64(0.0)
    """
    return np.log(p) - np.log1p(-p)


def check_both(y, n=None):
    """Return ``y`` as floats 0 and 1 (n,), with at least one of each.

    >>> check_both([0, 0])
    Traceback (most recent call last):
    ...
    ValueError: y is 0 in all rows: give rows with a click and rows without one
    """
    y = check_yes_no("y", y, n).astype(np.float64)
    if y.min() == y.max():
        raise ValueError(
            f"y is {y[0]:.0f} in all rows: give rows with a click and rows without one"
        )
    return y


def check_buckets(X, n_buckets, n_fields=None):
    """Return ``X`` (n, n_fields) as int64 numbers of buckets.

    >>> check_buckets([[0, 8]], 8)
    Traceback (most recent call last):
    ...
    ValueError: X[0, 1] is 8, but a bucket is from 0 to 7: hash_fields makes them
    """
    X = check_array("X", X)
    if X.ndim != 2 or 0 in X.shape or X.dtype.kind not in "iu":
        raise ValueError(
            "X must have a row of whole numbers of buckets for each impression, got "
            f"{X.dtype} of shape {X.shape}: hash_fields makes them"
        )
    if n_fields is not None and X.shape[1] != n_fields:
        raise ValueError(f"X has {X.shape[1]} fields, but fit saw {n_fields}")
    wrong = (X < 0) | (n_buckets <= X)
    if wrong.any():
        row, field = np.argwhere(wrong)[0]
        raise ValueError(
            f"X[{row}, {field}] is {X[row, field]}, but a bucket is from 0 to "
            f"{n_buckets - 1}: hash_fields makes them"
        )
    return np.ascontiguousarray(X, dtype=np.int64)


def check_finite(model, *arrays):
    """Raise unless all that a model has learned is finite.

    >>> check_finite("a model", np.ones(2))
    """
    if not all(np.isfinite(array).all() for array in arrays):
        raise DivergenceError(
            f"{type(model).__name__}: the steps left the range of numbers; give "
            "smaller weights of rows, or smaller steps"
        )
