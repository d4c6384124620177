"""What training shares: checks of train, known users and items, and divergence."""

import numpy as np

from recbook.base.settings import LARGEST
from recbook.ratings import check_table

__all__ = [
    "DivergenceError",
    "check_ratings",
    "check_train",
    "diverged",
    "known",
    "order_of_time",
    "rated_after",
]


class DivergenceError(ValueError, FloatingPointError):
    """Training diverged: the parameters are no longer finite numbers.

    The message names lr, and usually the epoch. A model that was fitted before is
    unchanged.

    >>> raise DivergenceError("lr=5.0 is too high")
    Traceback (most recent call last):
    ...
    recbook.base.training.DivergenceError: lr=5.0 is too high
    """


def diverged(model, epoch):
    """Return the error to raise when a model with ``lr`` diverges in an epoch (from 1).

    >>> from recbook import MatrixFactorization
    >>> raise diverged(MatrixFactorization(lr=5.0, n_epochs=20), epoch=3)
    Traceback (most recent call last):
    ...
    recbook.base.training.DivergenceError: lr=5.0 is too high: in epoch 3 of \
20 the parameters left the finite numbers; try lr=0.5
    """
    growing = " and lr_decay=1.0" if (getattr(model, "lr_decay", None) or 0) > 1 else ""
    return DivergenceError(
        f"lr={model.lr} is too high: in epoch {epoch} of {model.n_epochs} the "
        f"parameters left the finite numbers; try lr={model.lr / 10:.2g}{growing}"
    )


def check_train(train):
    """Return ``train`` if a model can learn from it.

    Parameters
    ----------
    train : Ratings
        The training ratings.

    Returns
    -------
    Ratings
        The same table.

    Raises
    ------
    TypeError
        If ``train`` is not a :class:`~recbook.Ratings`.
    ValueError
        If it holds no rating, because then not even a mean exists.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> check_train(load_toy()).n_ratings
    20
    """
    check_table("train", train)
    if train.n_ratings == 0:
        raise ValueError("train holds no ratings; a model needs at least one")
    return train


def order_of_time(train):
    """Return the rows of a table, user after user, each user's oldest rating first.

    Parameters
    ----------
    train : Ratings
        Ratings with timestamps. Ratings of a user with one timestamp keep their order
        in the table, as in :func:`~recbook.splits.leave_last_out`.

    Returns
    -------
    (n_ratings,) int array
        Positions of the ratings in the table.

    Raises
    ------
    ValueError
        If the table has no timestamps and therefore no order.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> rows = order_of_time(toy)[5:10]
    >>> toy.users[rows].tolist(), toy.items[rows].tolist()
    ([1, 1, 1, 1, 1], [0, 1, 2, 3, 5])
    """
    if train.timestamps is None:
        raise ValueError(
            "train.timestamps is None, and this model learns from the order of time; "
            "give Ratings with timestamps"
        )
    return np.lexsort((train.timestamps, train.users))  # stable


def rated_after(train):
    """Return how many ratings of the same user come after each rating of a table.

    Parameters
    ----------
    train : Ratings
        Ratings with timestamps, as for :func:`~recbook.base.order_of_time`, which
        raises the same error.

    Returns
    -------
    (n_ratings,) int array
        For each rating, in the order of the table; 0 for a user's last one.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> rated_after(load_toy())[:5].tolist()  # Ann's five
    [4, 3, 2, 1, 0]
    """
    rows = order_of_time(train)
    users = train.users[rows]
    ends = np.cumsum(np.bincount(users, minlength=train.n_users))
    after = np.empty(users.size, dtype=np.int64)
    after[rows] = ends[users] - 1 - np.arange(users.size)
    return after


def check_ratings(train):
    """Raise a ValueError if ratings are so large that their squares would overflow.

    >>> from recbook.datasets import load_toy
    >>> check_ratings(load_toy())
    """
    furthest = train.values[np.abs(train.values).argmax()]
    if abs(furthest) > LARGEST:
        raise ValueError(
            f"train holds a rating of {furthest:g}, further from 0 than {LARGEST:g}; "
            "divide the ratings by a number"
        )


def known(train):
    """Return two bool arrays: which users and which items have a rating in train.

    >>> from recbook.datasets import load_toy
    >>> [bool(some.all()) for some in known(load_toy())]
    [True, True]
    """
    return (
        np.bincount(train.users, minlength=train.n_users) > 0,
        np.bincount(train.items, minlength=train.n_items) > 0,
    )
