"""Ways to part a rating table into train and test.

Each gives a pair ``(train, test)`` of :class:`recbook.Ratings`, or an iterator of
pairs. The two halves share no rating, together are the whole, keep its order and
its code spaces. Which split to use is the first decision of an evaluation.
"""

import numpy as np

from recbook._core.validate import check_choice, check_number, check_positive_int

__all__ = ["by_time", "drawn", "holdout", "k_fold", "leave_last_out", "stratified"]


def holdout(ratings, ratio=0.8, seed=0):
    """Draw the test ratings at random from the whole table.

    Parameters
    ----------
    ratings : Ratings
        The table.
    ratio : float
        Share that goes to train, between 0 and 1; the number is rounded, a half to
        the even one.
    seed : int
        Same seed, same split.

    Returns
    -------
    train, test : Ratings

    Raises
    ------
    ValueError
        Where `ratio` is not strictly between 0 and 1.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> train, test = holdout(load_toy(), ratio=0.75)
    >>> train.n_ratings, test.n_ratings
    (15, 5)
    """
    return _part(ratings, drawn(ratings.n_ratings, _check_ratio(ratio), seed))


def drawn(n, ratio, seed):
    """Return a mask of a random share ``ratio`` of n things, (n,) bool.

    >>> int(drawn(20, ratio=0.75, seed=0).sum())
    15
    """
    order = np.random.default_rng(seed).permutation(n)
    mask = np.zeros(n, dtype=bool)
    mask[order[: round(ratio * n)]] = True
    return mask


def k_fold(ratings, n_splits=5, seed=0):
    """Deal the ratings at random into folds; each fold is the test set once.

    Parameters
    ----------
    ratings : Ratings
        The table, of at least `n_splits` ratings.
    n_splits : int
        Number of folds, 2 or more. Their sizes differ by one at most.
    seed : int
        Same seed, same folds.

    Returns
    -------
    iterator of (train, test)

    Raises
    ------
    ValueError
        Where `n_splits` is under 2 or over the number of ratings.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> [test.n_ratings for train, test in k_fold(load_toy(), n_splits=3)]
    [7, 7, 6]
    """
    n_splits = check_positive_int("n_splits", n_splits, minimum=2)
    if n_splits > ratings.n_ratings:
        raise ValueError(
            f"n_splits is {n_splits}, but there are only {ratings.n_ratings} ratings"
        )
    order = np.random.default_rng(seed).permutation(ratings.n_ratings)
    fold_of = np.empty(ratings.n_ratings, dtype=np.int64)
    fold_of[order] = np.arange(ratings.n_ratings) % n_splits
    # A generator expression, so that the checks above run at the call.
    return (_part(ratings, fold_of != fold) for fold in range(n_splits))


def stratified(ratings, ratio=0.75, by="item", seed=42):
    r"""Draw at random within each item (or user), so that each gives its share.

    Of a group of :math:`n_g` ratings, :math:`\mathrm{round}(\mathrm{ratio} \cdot
    n_g)` go to train (a half to the even number). At the default ratio a group of
    one or two stays wholly in train, so no test item lacks training ratings.

    Parameters
    ----------
    ratings : Ratings
        The table.
    ratio : float
        Share that goes to train, between 0 and 1.
    by : {"item", "user"}
        What a group is.
    seed : int
        Same seed, same split.

    Returns
    -------
    train, test : Ratings

    Raises
    ------
    ValueError
        Where `ratio` is not strictly between 0 and 1, or `by` is another word.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> train, test = stratified(load_toy(), by="user")
    >>> test.csr.count_nonzero(axis=1).tolist()
    [1, 1, 1, 1, 0]
    """
    ratio = _check_ratio(ratio)
    check_choice("by", by, ["item", "user"])
    groups = ratings.items if by == "item" else ratings.users
    dice = np.random.default_rng(seed).random(ratings.n_ratings)
    rank, size = _rank_within(groups, dice)
    return _part(ratings, rank < np.round(ratio * size))


def leave_last_out(ratings):
    """Test on the last rating of each user, train on all before it.

    Where several ratings share a user's last timestamp, the one that stands last in
    the table is the last. (By item code instead, every such test item would have a
    higher code than what came before it: something to learn, and nothing of taste.)
    A user of a single rating keeps it in train: there would be nothing to know them by.

    Users live in different times, so train holds ratings that are later than other
    users' test ratings; :func:`by_time` has no such leak.

    Parameters
    ----------
    ratings : Ratings
        The table, with timestamps.

    Returns
    -------
    train, test : Ratings

    Raises
    ------
    ValueError
        Where the table has no timestamps.

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


def by_time(ratings, ratio=0.8, at=None):
    """Test on what comes after a moment, train on what comes before it.

    Parameters
    ----------
    ratings : Ratings
        The table, with timestamps.
    ratio : float
        Share that goes to train at most: the moment is the timestamp of the first
        rating past this share. All ratings of that very moment go to test, so train
        is smaller by its ties, and empty where all ratings are of one moment.
    at : int, optional
        The moment itself, instead of `ratio`: train has the timestamps below it.

    Returns
    -------
    train, test : Ratings

    Raises
    ------
    ValueError
        Where the table has no timestamps, `ratio` is not strictly between 0 and 1,
        or `at` is not a finite number.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> train, test = by_time(load_toy(), ratio=0.9)
    >>> int(train.timestamps.max()) < int(test.timestamps.min())
    True
    """
    timestamps = _check_timestamps(ratings)
    if at is not None:
        return _part(ratings, timestamps < check_number("at", at))
    cut = round(_check_ratio(ratio) * ratings.n_ratings)
    if cut == ratings.n_ratings:  # a table so small that the share is all of it
        return _part(ratings, np.ones(ratings.n_ratings, dtype=bool))
    return _part(ratings, timestamps < np.sort(timestamps)[cut])


def _part(ratings, in_train):
    """Return the two sides of a mask."""
    return ratings.subset(in_train), ratings.subset(~in_train)


def _rank_within(groups, *keys):
    """Rank each rating in its group by `keys`, and give the size of its group."""
    order = np.lexsort((*keys[::-1], groups))
    sizes = np.bincount(groups)
    starts = np.cumsum(sizes) - sizes
    rank = np.empty(len(groups), dtype=np.int64)
    rank[order] = np.arange(len(groups)) - starts[groups[order]]
    return rank, sizes[groups]


def _check_ratio(ratio):
    """Return a share strictly between 0 and 1."""
    value = check_number("ratio", ratio)
    if not 0 < value < 1:
        raise ValueError(
            f"ratio must be between 0 and 1, both excluded, got {ratio!r}; "
            f"it is the share that goes to train"
        )
    return value


def _check_timestamps(ratings):
    """Return the timestamps, or say that the table has none."""
    if ratings.timestamps is None:
        raise ValueError(
            "ratings.timestamps is None, and this split needs time; "
            "use holdout, k_fold or stratified"
        )
    return ratings.timestamps
