"""numba where it can be imported, what it once compiled where it cannot (in a browser).

Every kernel has one implementation for both. Where the compiled kernels do not lie
beside this file, decorated functions stay ordinary Python, which is enough for the toy
tables of the book.
"""

from pathlib import Path

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

    if (Path(__file__).parent / "kernels.so").exists():
        from recbook._core.wasm import njit
    else:
        njit = plain
    prange = range


# Sums may be added in another order, several terms at once, which makes the loops over
# factors two or three times as fast. NaN and infinity keep their meaning.
FAST = {"reassoc", "contract"}
