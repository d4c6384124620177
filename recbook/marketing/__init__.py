"""Decisions of marketing: whom to address, what to show, and what that is worth.

One module for each chapter of part 6, and ``worlds``, in which the truth is known. The
modules take arrays, one row for each person, view or round, and answer in arrays.
"""
