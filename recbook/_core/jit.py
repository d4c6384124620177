"""numba where it can be imported, plain Python where it cannot (in a browser).

Every kernel has one implementation for both. Decorated functions stay ordinary Python,
so the toy tables of the book run either way.
"""

__all__ = ["FAST"]

try:
    from numba import njit, prange
except ImportError:

    def plain(function=None, **options):
        """Return the function unchanged, in place of ``numba.njit``.

        >>> @plain(cache=True)
        ... def twice(x):
        ...     return 2 * x
        >>> twice(2)
        4
        """
        if function is None:
            return lambda inner: inner
        return function

    njit, prange = plain, range


# Sums may be added in another order, several terms at once, which makes the loops over
# factors two or three times as fast. NaN and infinity keep their meaning.
FAST = {"reassoc", "contract"}
