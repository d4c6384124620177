"""Streams of random numbers, and draws from them by inverse distribution functions.

Draws take ``rng.random`` alone, which NumPy keeps from version to version. Numbers
are rounded to nine decimals, so that a last bit that differs between two processors
decides nothing.
"""

import numpy as np
from scipy import special

from recbook._core.validate import check_positive_int, check_seed

__all__ = ["beta", "exponential", "gamma", "normal", "poisson", "sample", "stream"]

# A number is never used twice, and never changed: a world stays what it was.
# None is 0: NumPy starts [seed, 0] as it starts seed, from which a world is drawn.
STREAMS = {
    "clicks": 1,
    "minutes": 2,
    "shown": 3,
    "letters": 4,
    "future": 5,
    "holdout": 7,
    "campaign": 11,
    "dials": 12,
    "season": 13,
    "leavers": 14,
    "mailing": 21,
    "caps": 24,
}


def stream(seed, kind, *numbers):
    """Return a generator of its own for one kind of draw.

    Further numbers, from 1 on, tell several of one kind apart.

    So one seed may serve a world and all that is drawn from it later. Were they to
    share a generator, those picked for a trial by the first numbers would be those to
    whom the same numbers gave an age.

    >>> stream(0, "letters").random() == stream(0, "future").random()
    False
    >>> stream(0, "holdout", 1).random() == stream(0, "holdout", 2).random()
    False
    """
    return np.random.default_rng([check_seed(seed), STREAMS[kind], *numbers])


def sample(rng, n_customers, n):
    """Draw who takes part in a trial: n codes of customers, in ascending order.

    >>> sample(stream(0, "letters"), 3, 5)
    Traceback (most recent call last):
    ...
    ValueError: n is 5, but there are 3 customers
    """
    n = check_positive_int("n", n, minimum=2)
    if n > n_customers:
        raise ValueError(f"n is {n}, but there are {n_customers} customers")
    order = np.argsort(rng.random(n_customers), kind="stable")
    return np.sort(order[:n]).astype(np.int64)


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


def poisson(rng, rate):
    """Draw a count (n,) from Poisson distributions of these rates, below 700 each."""
    left = rng.random(len(rate))
    chance, counts = np.exp(-rate), np.zeros(len(rate), dtype=np.int64)
    rows = np.flatnonzero(left > chance)  # those who have not yet reached their count
    left, chance = left[rows] - chance[rows], chance[rows]
    k = 0
    while len(rows):
        k += 1
        counts[rows] = k
        chance = chance * rate[rows] / k
        more = (left > chance) & (k < rate[rows] + 40 * np.sqrt(rate[rows] + 1))
        rows, left, chance = rows[more], left[more] - chance[more], chance[more]
    return counts
