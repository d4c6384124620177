"""Draws by inverse distribution functions, from ``rng.random`` alone.

NumPy keeps that stream from version to version. Numbers are rounded to nine decimals,
so that a last bit that differs between two processors decides nothing.
"""

import numpy as np
from scipy import special

__all__ = ["beta", "exponential", "gamma", "normal"]


def exponential(rng, rate):
    """Draw from exponentials of these rates (n,)."""
    return np.round(-np.log1p(-rng.random(len(rate))) / rate, 9)


def gamma(rng, n, shape, rate):
    """Draw n numbers from a gamma distribution of mean shape / rate."""
    return np.round(special.gammaincinv(shape, rng.random(n)) / rate, 9)


def beta(rng, n, a, b):
    """Draw n numbers from a beta distribution of mean a / (a + b)."""
    return np.round(special.betaincinv(a, b, rng.random(n)), 9)


def normal(rng, n):
    """Draw n numbers from the standard normal distribution."""
    return np.round(special.ndtri(rng.random(n)), 9)
