"""numba where it can be imported, what it once compiled where it cannot (in a browser).

numba keeps what it compiled in ``__pycache__``, else in a folder of the user. Where
neither can be had, each process compiles its kernels again.

Every kernel has one implementation for both. Where the compiled kernels do not lie
beside this file, decorated functions stay ordinary Python, which is enough for the toy
tables of the book.
"""

import os
from pathlib import Path

__all__ = ["FAST"]

try:
    import numba
    from numba import prange

    def homeless():
        """Return whether nobody knows the home of this user, and no folder is named.

        numba would then make a folder named ``~`` in the working folder.

        >>> homeless()
        False
        """
        named = os.environ.get("XDG_CACHE_HOME") or numba.config.CACHE_DIR
        return not (named or os.path.isabs(os.path.expanduser("~")))

    def njit(function=None, **options):
        """Return the compiled form of a kernel, kept in a file if one can be written.

        >>> @njit(cache=True)
        ... def twice(x):
        ...     return 2 * x
        >>> twice(2)
        4
        """
        if function is None:
            return lambda inner: njit(inner, **options)
        if homeless():
            options["cache"] = False
        try:
            return numba.njit(**options)(function)
        except RuntimeError:  # there is no folder that may be written to
            return numba.njit(**options | {"cache": False})(function)

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
