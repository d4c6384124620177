"""Decisions of marketing: whom to address, what to show, and what that is worth.

One module for each chapter of part 6, and ``worlds``, in which the truth is known. The
modules take arrays, one row for each person, impression or round, and answer in arrays.
Each is imported when it is first used.

>>> from recbook import marketing
>>> marketing.worlds.customers(1000).n_customers
1000
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
