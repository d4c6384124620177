"""Vectors cut into heads, and put together again."""

import numpy as np

from recbook._validate import check_positive_int

__all__ = ["merge_heads", "split_heads", "vectors"]


def vectors(name, x, least):
    """Return x as a float array of at least so many axes."""
    x = np.asarray(x, dtype=np.float64)
    if x.ndim < least:
        raise ValueError(f"{name} has shape {x.shape}: give {least} axes or more")
    return x


def split_heads(x, n_heads):
    """Cut each vector into n_heads parts, a small attention for each of them.

    Parameters
    ----------
    x : (..., T, d) array
        ``n_heads`` divides d.
    n_heads : int
        Number of parts.

    Returns
    -------
    (..., n_heads, T, d / n_heads) array

    Raises
    ------
    ValueError
        ``n_heads`` does not divide d.

    Examples
    --------
    >>> split_heads([[1, 2, 3, 4], [5, 6, 7, 8]], n_heads=2).tolist()
    [[[1.0, 2.0], [5.0, 6.0]], [[3.0, 4.0], [7.0, 8.0]]]
    """
    x, n_heads = vectors("x", x, 2), check_positive_int("n_heads", n_heads)
    if x.shape[-1] % n_heads:
        raise ValueError(f"n_heads={n_heads} does not divide {x.shape[-1]} numbers")
    parts = x.reshape(*x.shape[:-1], n_heads, -1)  # (..., T, n_heads, d / n_heads)
    return parts.swapaxes(-2, -3)


def merge_heads(x):
    """Put the heads' parts side by side again, as before :func:`split_heads`.

    >>> merge_heads(split_heads([[1, 2, 3, 4]], n_heads=2)).tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """
    x = vectors("x", x, 3).swapaxes(-2, -3)  # (..., T, n_heads, d / n_heads)
    return x.reshape(*x.shape[:-2], -1)
