"""Decisions of marketing: whom to address, what to show, and what that is worth.

One module for each chapter of part 6, and ``worlds``, in which the truth is known. The
modules take arrays, one row for each person, view or round, and answer in arrays. Each
is imported when it is first used.

>>> from recbook import marketing
>>> marketing.worlds.customers(1000).n_customers
1000
"""

import importlib
import pkgutil

from recbook.marketing.base import Effect, Estimate

__all__ = ["Effect", "Estimate"]


def __getattr__(name):
    """Import a module of this package on first use (PEP 562)."""
    if name in __dir__():
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    """List the modules beside the names that are there already."""
    return sorted({*globals(), *(m.name for m in pkgutil.iter_modules(__path__))})
