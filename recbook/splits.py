"""Ways to split a rating table into train and test.

Each function returns a pair ``(train, test)`` of :class:`~recbook.Ratings`, or an
iterator of pairs. The two halves share no rating, together they are the whole table,
and they keep its order and its codes. Which split to use is the first decision of an
evaluation.
"""

from collections.abc import Iterator

import numpy as np

from recbook._core.dates import is_date, moment
from recbook._core.validate import (
    check_choice,
    check_number,
    check_positive_int,
    generator,
)
from recbook.ratings import Ratings, check_table

__all__ = ["holdout", "k_fold", "stratified", "leave_last_out", "by_time", "drawn"]

Split = tuple[Ratings, Ratings]  # train and test


def holdout(ratings, ratio=0.8, seed=0) -> Split:
    """Split at random, with the test ratings drawn from the whole table.

    Parameters
    ----------
    ratings : Ratings
        The table to split.
    ratio : float
        Share that goes to train, between 0 and 1. The number of ratings is rounded, a
        half to the even number.
    seed : int
        Seeds the draw.

    Returns
    -------
    train, test : Ratings
        The two halves.

    Raises
    ------
    ValueError
        If ratio is not strictly between 0 and 1.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> train, test = holdout(load_toy(), ratio=0.75)
    >>> train.n_ratings, test.n_ratings
    (15, 5)
    """
    check_table("ratings", ratings)
    return _part(ratings, drawn(ratings.n_ratings, _check_ratio(ratio), seed))


def drawn(n, ratio, seed):
    """Return a mask of a random share ``ratio`` of n things, (n,) bool.

    >>> int(drawn(20, ratio=0.75, seed=0).sum())
    15
    """
    order = generator(seed).permutation(n)
    mask = np.zeros(n, dtype=bool)
    mask[order[: round(ratio * n)]] = True
    return mask


def k_fold(ratings, n_splits=5, seed=0) -> Iterator[Split]:
    """Deal the ratings at random into folds, each of which is the test set once.

    Parameters
    ----------
    ratings : Ratings
        The table, with at least ``n_splits`` ratings.
    n_splits : int
        Number of folds, at least 2. Their sizes differ by at most one.
    seed : int
        Seeds the deal.

    Returns
    -------
    iterator of (Ratings, Ratings)
        Pairs of train and test, one for each fold.

    Raises
    ------
    ValueError
        If n_splits is under 2 or over the number of ratings.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> [test.n_ratings for train, test in k_fold(load_toy(), n_splits=3)]
    [7, 7, 6]
    """
    check_table("ratings", ratings)
    n_splits = check_positive_int("n_splits", n_splits, minimum=2)
    if n_splits > ratings.n_ratings:
        raise ValueError(
            f"n_splits is {n_splits}, but there are only {ratings.n_ratings} ratings"
        )
    order = generator(seed).permutation(ratings.n_ratings)
    fold_of = np.empty(ratings.n_ratings, dtype=np.int64)
    fold_of[order] = np.arange(ratings.n_ratings) % n_splits
    # A generator expression, so that the checks above run at the call.
    return (_part(ratings, fold_of != fold) for fold in range(n_splits))


def stratified(ratings, ratio=0.75, by="item", seed=42) -> Split:
    r"""Split at random within each item (or user), so that each keeps its share.

    From a group of :math:`n_g` ratings,
    :math:`\mathrm{round}(\mathrm{ratio} \cdot n_g)` go to train, with a half rounded to
    the even number. With the default ratio a group of one or two stays in train, so
    every test item has training ratings.

    Parameters
    ----------
    ratings : Ratings
        The table to split.
    ratio : float
        Share that goes to train, between 0 and 1.
    by : {"item", "user"}
        Whether a group is the ratings of an item (the default) or of a user.
    seed : int
        Seeds the draw.

    Returns
    -------
    train, test : Ratings
        The two halves.

    Raises
    ------
    ValueError
        If ratio is not strictly between 0 and 1, or ``by`` is another word.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> train, test = stratified(load_toy(), by="user")
    >>> test.csr.count_nonzero(axis=1).tolist()
    [1, 1, 1, 1, 0]
    """
    check_table("ratings", ratings)
    ratio = _check_ratio(ratio)
    check_choice("by", by, ["item", "user"])
    groups = ratings.items if by == "item" else ratings.users
    dice = generator(seed).random(ratings.n_ratings)
    rank, size = _rank_within(groups, dice)
    return _part(ratings, rank < np.round(ratio * size))


def leave_last_out(ratings) -> Split:
    """Test on the last rating of each user, and train on all earlier ones.

    If several ratings share a user's last timestamp, the last one in the table is
    taken. Taking the one with the highest item code would leave a pattern in test that
    has nothing to do with taste. A user with a single rating keeps it in train.

    Users are active at different times, so train holds ratings that are later than
    other users' test ratings. :func:`~recbook.splits.by_time` has no such leak.

    Parameters
    ----------
    ratings : Ratings
        The table, with timestamps.

    Returns
    -------
    train, test : Ratings
        The two halves.

    Raises
    ------
    ValueError
        If the table has no timestamps.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> train, test = leave_last_out(load_toy())
    >>> test.item_ids[test.items].tolist()
    ['Coco', 'Babe', 'Coco', 'Babe', 'Coco']
    """
    timestamps = _check_timestamps(ratings)
    rank, size = _rank_within(ratings.users, timestamps)
    return _part(ratings, (rank < size - 1) | (size == 1))


def by_time(ratings, ratio=0.8, at=None) -> Split:
    """Test on the ratings after a moment, and train on those before it.

    Parameters
    ----------
    ratings : Ratings
        The table, with timestamps.
    ratio : float
        Largest share that goes to train. The moment is the timestamp of the first
        rating past this share. All ratings of that moment go to test, so train can be
        smaller than its share, and is empty if all ratings are of one moment.
    at : int, str or date, optional
        The moment itself, in place of ``ratio``. Train gets the timestamps below it. A
        date, or its text in ISO form, is read as UTC where it names no time zone, and
        the timestamps as seconds since 1970.

    Returns
    -------
    train, test : Ratings
        The two halves.

    Raises
    ------
    ValueError
        If the table has no timestamps, ratio is not strictly between 0 and 1, ``at`` is
        neither a finite number nor a date, or ``at`` is a date with no timestamp on one
        side, as where the timestamps are not seconds.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> train, test = by_time(load_toy(), ratio=0.9)
    >>> int(train.timestamps.max()) < int(test.timestamps.min())
    True

    The stamps of the toy table are days, numbered from 1, and not dates.

    >>> by_time(load_toy(), at="2024-10-01")
    Traceback (most recent call last):
    ...
    ValueError: at is '2024-10-01', but ratings.timestamps, read as seconds, are from \
1970-01-01T00:00:01 to 1970-01-01T00:00:20; give a date between them, or, where they \
are not seconds, one of their own numbers
    """
    timestamps = _check_timestamps(ratings)
    if at is not None:
        return _part(ratings, timestamps < _moment(at, timestamps))
    cut = round(_check_ratio(ratio) * ratings.n_ratings)
    if cut == ratings.n_ratings:  # a table so small that the share rounds to all of it
        return _part(ratings, np.ones(ratings.n_ratings, dtype=bool))
    return _part(ratings, timestamps < np.sort(timestamps)[cut])


def _moment(at, timestamps):
    """Return ``at`` in the unit of the timestamps, which a date takes for seconds."""
    cut = moment("at", at)
    if is_date(at) and timestamps.size:
        first, last = int(timestamps.min()), int(timestamps.max())
        if not first < cut <= last:
            span = " to ".join(str(np.datetime64(s, "s")) for s in (first, last))
            raise ValueError(
                f"at is {str(at)!r}, but ratings.timestamps, read as seconds, are from "
                f"{span}; give a date between them, or, where they are not seconds, "
                "one of their own numbers"
            )
    return cut


def _part(ratings, in_train):
    """Return the table's two halves, inside and outside a mask."""
    return ratings.subset(in_train), ratings.subset(~in_train)


def _rank_within(groups, *keys):
    """Return each rating's rank within its group by ``keys``, and the group's size."""
    order = np.lexsort((*keys[::-1], groups))
    sizes = np.bincount(groups)
    starts = np.cumsum(sizes) - sizes
    rank = np.empty(len(groups), dtype=np.int64)
    rank[order] = np.arange(len(groups)) - starts[groups[order]]
    return rank, sizes[groups]


def _check_ratio(ratio):
    """Return ``ratio`` as a float; raise unless it is strictly between 0 and 1."""
    value = check_number("ratio", ratio)
    if not 0 < value < 1:
        raise ValueError(
            f"ratio must be between 0 and 1, both excluded, got {ratio!r}; "
            f"it is the share that goes to train"
        )
    return value


def _check_timestamps(ratings):
    """Return the timestamps; raise if the table has none."""
    if check_table("ratings", ratings).timestamps is None:
        raise ValueError(
            "ratings.timestamps is None, and this split needs time; "
            "use holdout, k_fold or stratified"
        )
    return ratings.timestamps
