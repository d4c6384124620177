"""What all recommenders share: ranges of settings, checks of train, lists."""

import inspect
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from recbook._core.topk import top_k
from recbook._core.validate import (
    check_choice,
    check_codes,
    check_fitted,
    check_number,
    check_positive_int,
)
from recbook.ratings import Ratings

__all__ = [
    "DivergenceError",
    "Range",
    "Recommender",
    "above",
    "anything",
    "at_least",
    "check_ratings",
    "check_settings",
    "check_train",
    "count",
    "diverged",
    "known",
    "one_of",
    "optional",
    "or_function",
    "ranges",
    "share",
]

LARGEST = 1e30  # products of a few such numbers, and sums of them, are finite
BLOCK = 1024  # users at a time, so that scores never hold n_users x n_items


class DivergenceError(ValueError, FloatingPointError):
    """Training left the finite numbers; the message names lr and the epoch.

    A model that was fitted before is as it was.

    >>> raise DivergenceError("lr=5.0 is too high")
    Traceback (most recent call last):
    ...
    recbook.base.recommender.DivergenceError: lr=5.0 is too high
    """


# Ranges of settings -------------------------------------------------------------------


class Range(NamedTuple):
    """The values that a setting may have.

    Parameters
    ----------
    check : callable
        ``check(name, value)`` raises a ValueError that names both, outside the range.
    outside : tuple
        Some values that it refuses. The contract tests try them on every model.

    Examples
    --------
    >>> at_least(0).outside
    (-1, nan, inf)
    """

    check: Callable
    outside: tuple


def at_least(low, most=LARGEST):
    """Return the range of the numbers from ``low`` to ``most``.

    >>> at_least(0).check("reg", -0.5)
    Traceback (most recent call last):
    ...
    ValueError: reg must be a finite number of at least 0 and of at most 1e+30, got -0.5
    """
    return Range(
        lambda name, value: check_number(name, value, low, most),
        (low - 1, np.nan, np.inf),
    )


def above(low):
    """Return the range of the numbers larger than ``low``.

    >>> above(0).check("lr", 0.0)
    Traceback (most recent call last):
    ...
    ValueError: lr must be more than 0, got 0.0
    """

    def check(name, value):
        if check_number(name, value, float(low)) == low:
            raise ValueError(f"{name} must be more than {low}, got {value!r}")

    return Range(check, (float(low), low - 0.1, np.nan, np.inf))


def count(minimum=1):
    """Return the range of the integers from ``minimum`` on.

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
    ValueError: dropout must be less than 1, got 1.0
    """

    def check(name, value):
        if check_number(name, value, 0.0) >= 1.0:
            raise ValueError(f"{name} must be less than 1, got {value!r}")

    return Range(check, (-0.1, 1.0, np.nan))


def one_of(*choices):
    """Return the range of these words.

    >>> one_of("cg", "cholesky").check("solver", "lu")
    Traceback (most recent call last):
    ...
    ValueError: solver must be 'cg' or 'cholesky', got 'lu'
    """
    return Range(
        lambda name, value: check_choice(name, value, choices), ("no such word", None)
    )


def optional(allowed):
    """Return the range ``allowed``, and None besides.

    >>> optional(count()).check("n_negatives", None)
    """

    def check(name, value):
        if value is not None:
            allowed.check(name, value)

    return Range(check, tuple(value for value in allowed.outside if value is not None))


def or_function(allowed):
    """Return the range ``allowed``, and functions besides.

    >>> or_function(one_of("cosine", "pearson")).check("similarity", max)
    """

    def check(name, value):
        if not callable(value):
            allowed.check(name, value)

    return Range(check, allowed.outside)


def anything(*outside):
    """Return the range of a truth value, or of what ``fit`` checks by itself.

    >>> anything().check("biased", False)
    """
    return Range(lambda name, value: None, outside)


def _check_widths(name, hidden):
    """Raise unless ``hidden`` is a tuple or list of layer widths, perhaps empty."""
    if not isinstance(hidden, tuple | list):
        raise ValueError(f"{name} must be a tuple of layer widths, got {hidden!r}")
    for width in hidden:
        check_positive_int(name, width, minimum=1)


# Settings that several families have. A model's own stand beside its constructor.
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
    "reg_power": at_least(0, 10.0),  # of a number of ratings
    "user_power": at_least(0, 10.0),
    "init_std": at_least(0),
    "dropout": share(),
    "validation_share": share(),
    "seed": count(0),
    "verbose": anything(),
}


def ranges(model):
    """Return the range of each argument of a model's constructor, name to Range.

    Parameters
    ----------
    model : type
        Its class, or a class above it, may have ``_ranges``; those of ``COMMON`` hold
        for names that it does not list. An argument with neither is a KeyError.

    Examples
    --------
    >>> from recbook import EASE
    >>> list(ranges(EASE))
    ['reg']
    """
    table = dict(COMMON)
    for above_it in reversed(model.__mro__):
        table |= vars(above_it).get("_ranges", {})
    return {name: table[name] for name in inspect.signature(model).parameters}


def check_settings(model):
    """Raise a ValueError for the first setting out of its range, by name and value.

    >>> from recbook import EASE
    >>> check_settings(EASE(reg=-1.0))
    Traceback (most recent call last):
    ...
    ValueError: reg must be a finite number of at least 0 and of at most 1e+30, got -1.0
    """
    for name, allowed in ranges(type(model)).items():
        allowed.check(name, getattr(model, name))


# Models -------------------------------------------------------------------------------


class Recommender:
    """What every model shares: from scores to lists.

    A model has ``fit(train)``, which returns the model, and ``scores(users)``, and
    ``predict(users, items)`` where it predicts stars. Its constructor stores its
    arguments and computes nothing; ``_ranges`` says what they may be. ``_fitted`` names
    an attribute that fit sets; ``_shape`` is how many users and items train has.

    Examples
    --------
    >>> class Alphabet(Recommender):
    ...     shape_ = (2, 4)  # what fit would learn: 2 users, 4 items
    ...
    ...     def scores(self, users):
    ...         return np.tile(-np.arange(4), (len(users), 1))
    >>> Alphabet().recommend([0], k=3).tolist()
    [[0, 1, 2]]
    """

    _ranges = {}
    _fitted = "shape_"

    @property
    def _shape(self):
        return self.shape_

    def recommend(self, users, k=10, exclude=None):
        """Return each user's ``k`` best items by ``scores``, less the excluded.

        Parameters
        ----------
        users : (n,) int array
            User codes.
        k : int
            Length of the lists.
        exclude : Ratings or None
            Its items are no candidates for the users who rated them; usually train.

        Returns
        -------
        (n, k) int64 array
            Item codes, best first, ties by item code, padded with -1 where fewer
            candidates exist.
        """
        check_fitted(self, self._fitted)
        users = check_codes("users", users, self._shape[0])
        k = check_positive_int("k", k)
        if exclude is not None:
            self._check_exclude(exclude)
        ranked = np.empty((users.size, k), dtype=np.int64)
        for start in range(0, users.size, BLOCK):
            block = users[start : start + BLOCK]
            scores = np.array(self.scores(block), dtype=np.float64)  # ours to change
            if exclude is not None:
                seen = exclude.csr[block]
                rows = np.repeat(np.arange(block.size), np.diff(seen.indptr))
                scores[rows, seen.indices] = -np.inf
            ranked[start : start + BLOCK] = top_k(scores, k)
        return ranked

    def _check_exclude(self, exclude):
        if not isinstance(exclude, Ratings):
            raise TypeError(
                "exclude must be a recbook.Ratings (usually train) or None, "
                f"not {type(exclude).__name__}"
            )
        if exclude.csr.shape != tuple(self._shape):
            raise ValueError(
                f"exclude has {exclude.csr.shape} users and items, the model was "
                f"fitted on {tuple(self._shape)}; take both from one table"
            )


# Checks of train ----------------------------------------------------------------------


def check_train(train):
    """Return ``train`` where it is a table a model can learn from.

    Raises
    ------
    TypeError
        If ``train`` is not a :class:`recbook.Ratings`.
    ValueError
        If it holds no rating: then not even a mean exists.

    >>> from recbook.datasets import load_toy
    >>> check_train(load_toy()).n_ratings
    20
    """
    if not isinstance(train, Ratings):
        raise TypeError(
            f"train must be a recbook.Ratings, not {type(train).__name__}; "
            "make one with Ratings.from_frame(df)"
        )
    if train.n_ratings == 0:
        raise ValueError("train holds no ratings; a model needs at least one")
    return train


def check_ratings(train):
    """Raise a ValueError where the stars are so many that squares would overflow.

    >>> from recbook.datasets import load_toy
    >>> check_ratings(load_toy())
    """
    furthest = train.values[np.abs(train.values).argmax()]
    if abs(furthest) > LARGEST:
        raise ValueError(
            f"train holds a rating of {furthest:g}, further from 0 than {LARGEST:g}; "
            "divide the ratings by a number"
        )


def diverged(model, epoch):
    """Return what to raise after an epoch, the first being 1, of a model with ``lr``.

    >>> from recbook import MatrixFactorization
    >>> raise diverged(MatrixFactorization(lr=5.0, n_epochs=20), epoch=3)
    Traceback (most recent call last):
    ...
    recbook.base.recommender.DivergenceError: lr=5.0 is too high: in epoch 3 of \
20 the parameters left the finite numbers; try lr=0.5
    """
    growing = " and lr_decay=1.0" if (getattr(model, "lr_decay", None) or 0) > 1 else ""
    return DivergenceError(
        f"lr={model.lr} is too high: in epoch {epoch} of {model.n_epochs} the "
        f"parameters left the finite numbers; try lr={model.lr / 10:.2g}{growing}"
    )


def known(train):
    """Return which users, and which items, have a rating in train: two bool arrays.

    >>> from recbook.datasets import load_toy
    >>> [bool(some.all()) for some in known(load_toy())]
    [True, True]
    """
    return (
        np.bincount(train.users, minlength=train.n_users) > 0,
        np.bincount(train.items, minlength=train.n_items) > 0,
    )
