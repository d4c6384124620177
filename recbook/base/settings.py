"""The ranges of settings: the allowed values of a constructor's arguments."""

import inspect
import numbers
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from recbook._core.validate import check_choice, check_number, check_positive_int

__all__ = [
    "COMMON",
    "LARGEST",
    "Range",
    "above",
    "anything",
    "at_least",
    "check_settings",
    "count",
    "one_of",
    "optional",
    "or_function",
    "ranges",
    "share",
]

LARGEST = 1e30  # products of a few such numbers, and sums of them, are finite


class Range(NamedTuple):
    """The allowed values of a setting.

    Parameters
    ----------
    check : callable
        ``check(name, value)`` raises a ValueError that names both if the value is
        outside the range.
    outside : tuple
        Some values outside the range. The contract tests try them on every model.

    Examples
    --------
    >>> at_least(0).outside
    (-1, nan, inf)
    """

    check: Callable
    outside: tuple


def _numbers(*outside, **bounds):
    """Return the range of the numbers within ``bounds``, of types known to kernels."""
    known = int | float | np.integer | np.floating

    def check(name, value):
        if isinstance(value, numbers.Real) and not isinstance(value, known):
            raise ValueError(f"{name} must be an int or a float, got {value!r}")
        check_number(name, value, **bounds)

    return Range(check, outside)


def at_least(low, most=LARGEST):
    """Return the range of the numbers from ``low`` to ``most``.

    >>> at_least(0).check("reg", -0.5)
    Traceback (most recent call last):
    ...
    ValueError: reg must be a finite number of at least 0 and of at most 1e+30, got -0.5
    """
    beyond = [most + 1] if most < LARGEST else []
    return _numbers(low - 1, np.nan, np.inf, *beyond, minimum=low, maximum=most)


def above(low):
    """Return the range of the numbers larger than ``low``.

    >>> above(0).check("lr", 0.0)
    Traceback (most recent call last):
    ...
    ValueError: lr must be a finite number above 0, got 0.0
    """
    return _numbers(float(low), low - 0.1, np.nan, np.inf, above=low)


def count(minimum=1):
    """Return the range of the integers of at least ``minimum``.

    >>> count().check("n_factors", 2.5)
    Traceback (most recent call last):
    ...
    ValueError: n_factors must be an integer of at least 1, got 2.5
    """
    return Range(
        lambda name, value: check_positive_int(name, value, minimum=minimum),
        (minimum - 1, minimum + 0.5, np.nan),
    )


def share():
    """Return the range of the numbers from 0 to 1, without 1.

    >>> share().check("dropout", 1.0)
    Traceback (most recent call last):
    ...
    ValueError: dropout must be a finite number of at least 0 and below 1, got 1.0
    """
    return _numbers(-0.1, 1.0, np.nan, minimum=0, below=1)


def one_of(*choices):
    """Return the range that consists of the given words.

    >>> one_of("cg", "cholesky").check("solver", "lu")
    Traceback (most recent call last):
    ...
    ValueError: solver must be 'cg' or 'cholesky', got 'lu'
    """
    return Range(
        lambda name, value: check_choice(name, value, choices), ("no such word", None)
    )


def optional(allowed):
    """Return the range ``allowed`` extended by None.

    >>> optional(count()).check("n_negatives", None)
    """

    def check(name, value):
        if value is not None:
            allowed.check(name, value)

    return Range(check, tuple(value for value in allowed.outside if value is not None))


def or_function(allowed):
    """Return the range ``allowed`` extended by functions.

    >>> or_function(one_of("cosine", "pearson")).check("similarity", max)
    """

    def check(name, value):
        if not callable(value):
            allowed.check(name, value)

    return Range(check, allowed.outside)


def anything(*outside):
    """Return the range of a truth value, or of a setting that ``fit`` checks itself.

    >>> anything().check("biased", False)
    """
    return Range(lambda name, value: None, outside)


def _check_widths(name, hidden):
    """Raise unless ``hidden`` is a tuple or list of layer widths, perhaps empty."""
    if not isinstance(hidden, tuple | list):
        raise ValueError(f"{name} must be a tuple of layer widths, got {hidden!r}")
    for width in hidden:
        check_positive_int(name, width, minimum=1)


# Settings of several families. A model's own ranges are next to its constructor.
COMMON = {
    "n_factors": count(),
    "n_epochs": count(0),
    "n_iterations": count(),
    "batch_size": count(),
    "patience": count(),
    "n_negatives": count(),
    "n_steps": count(),
    "n_heads": count(),
    "hidden": Range(_check_widths, ((8, 0), (2.5,), "wide", 8)),
    "lr": above(0),
    "lr_decay": optional(above(0)),
    "reg": at_least(0),
    "reg_bias": at_least(0),
    "reg_power": at_least(0, 10.0),  # a power of a number of ratings
    "user_power": at_least(0, 10.0),
    "init_std": at_least(0),
    "dropout": share(),
    "validation_share": share(),
    "seed": count(0),
    "verbose": anything(),
}


def ranges(model):
    """Return the range of each argument of a model's constructor.

    Parameters
    ----------
    model : type
        The model's class. ``_ranges`` of the class and of its base classes come first,
        and ``COMMON`` serves the other names. An argument in neither raises a KeyError.

    Returns
    -------
    dict
        Name to :class:`~recbook.base.Range`.

    Examples
    --------
    >>> from recbook import EASE
    >>> list(ranges(EASE))
    ['reg', 'decay']
    """
    table = dict(COMMON)
    for above_it in reversed(model.__mro__):
        table |= vars(above_it).get("_ranges", {})
    return {name: table[name] for name in inspect.signature(model).parameters}


def check_settings(model):
    """Raise a ValueError for the first setting outside its range, with name and value.

    >>> from recbook import EASE
    >>> check_settings(EASE(reg=-1.0))
    Traceback (most recent call last):
    ...
    ValueError: reg must be a finite number of at least 0 and of at most 1e+30, got -1.0
    """
    for name, allowed in ranges(type(model)).items():
        allowed.check(name, getattr(model, name))
