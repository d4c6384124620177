"""numba where it can be imported, plain Python where it cannot (in a browser).

One implementation of every kernel serves both: decorated functions stay
ordinary Python, so the toy tables of the book run either way.
"""

__all__ = ["FAST"]

try:
    from numba import njit, prange
except ImportError:
    prange = range

    def njit(function=None, **options):
        """Stand-in for :func:`numba.njit` that returns the function unchanged.

        >>> @njit(cache=True)
        ... def twice(x):
        ...     return 2 * x
        >>> twice(2)
        4
        """
        if function is None:
            return lambda inner: inner
        return function


# A sum may be added up in another order, several terms at a time, which makes the loops
# over factors two or three times as fast. NaN and infinity keep their meaning.
FAST = {"reassoc", "contract"}
