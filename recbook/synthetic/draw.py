"""Random draws that give the same bytes on every machine.

All come from ``rng.random()``, the stream that NumPy keeps from version to version, and
real numbers are rounded to nine decimals before they are sorted, so that a last bit
that differs between two processors decides nothing.
"""

import numpy as np


class Dice:
    """Single draws from ``rng``, a ``numpy.random.Generator``."""

    def __init__(self, rng):
        self.rng = rng

    def below(self, n):
        """Draw an integer in [0, n)."""
        return int(self.rng.random() * n)

    def one(self, words):
        """Draw one of a sequence, or of a string's words; "_" stands for a space."""
        words = words.split() if isinstance(words, str) else words
        return words[self.below(len(words))].replace("_", " ")

    def weighted(self, cumulative):
        """Draw a place with cumulative weights, the last of which is their total."""
        draw = self.rng.random() * cumulative[-1]
        place = np.searchsorted(cumulative, draw, side="right")
        return min(int(place), len(cumulative) - 1)


def normal(rng, *shape):
    r"""Draw from nearly a standard normal, :math:`\sum_{j=1}^{12} U_j - 6`.

    Parameters
    ----------
    rng : numpy.random.Generator
        Twelve uniform draws a number are taken from it.
    *shape : int
        Shape of the result.

    Returns
    -------
    array
        Mean 0, variance 1, within [-6, 6].

    Examples
    --------
    >>> normal(np.random.default_rng(0), 2, 3).shape
    (2, 3)
    """
    total = np.full(shape, -6.0)
    for _ in range(12):
        total += rng.random(shape)
    return total


def ranks(x):
    """Place of each value of ``x`` (n,) in ascending order; ties by position.

    Examples
    --------
    >>> ranks(np.array([0.3, 0.1, 0.2])).tolist()
    [2, 0, 1]
    """
    place = np.empty(len(x), np.int64)
    place[np.argsort(np.round(x, 9), kind="stable")] = np.arange(len(x))
    return place


def standard(x):
    """``x`` (n,) with mean 0 and variance 1; zeros where all of it is equal."""
    return np.round((x - x.mean()) / (x.std() or 1.0), 9)
