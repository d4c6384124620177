"""Who took what in which order: item sequences of any length, and windows of one.

All sequences stand one after the other in one array, ``items``; sequence ``s`` is
``items[bounds[s] : bounds[s + 1]]``, oldest first. A network reads *windows*: the last
``n_steps`` of a sequence, padded on the left with 0, so that item ``i`` is ``i + 1``.
"""

import numpy as np

from recbook._core.validate import check_codes, check_fitted
from recbook.deep.base import BLOCK, RankingModel

__all__ = [
    "PAD",
    "HistoryModel",
    "check_histories",
    "check_timestamps",
    "last_windows",
    "latest_out",
    "ordered",
    "windows",
]

PAD = 0  # what stands in a window where there is no item


def ordered(train):
    """Return the items of every user in the order of time, and where each begins.

    Parameters
    ----------
    train : Ratings
        With timestamps. Ratings of a user with one timestamp stand as in the table, as
        in :func:`recbook.splits.leave_last_out`.

    Returns
    -------
    items : (n_ratings,) int32 array
        Item codes, user after user, oldest first.
    bounds : (n_users + 1,) int64 array
        User u's are ``items[bounds[u] : bounds[u + 1]]``.

    Raises
    ------
    ValueError
        Where the table has no timestamps.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> items, bounds = ordered(load_toy())
    >>> items[bounds[1] : bounds[2]].tolist(), bounds.tolist()
    ([0, 1, 2, 3, 5], [0, 5, 10, 13, 18, 20])
    """
    check_timestamps(train)
    order = np.lexsort((train.timestamps, train.users))  # stable
    lengths = np.bincount(train.users, minlength=train.n_users)
    return train.items[order], np.append(0, np.cumsum(lengths))


def check_histories(histories, n_items):
    """Return lists of item codes in the form of :func:`ordered`.

    Parameters
    ----------
    histories : iterable of (length,) array_like of int
        Item codes, oldest first; a history may be empty, and may hold an item twice.
    n_items : int
        Number of item codes.

    Returns
    -------
    items : (total length,) int32 array
    bounds : (len(histories) + 1,) int64 array

    Raises
    ------
    ValueError
        Naming the history, the place in it and the value.

    Examples
    --------
    >>> check_histories([[2, 0], []], 3)
    (array([2, 0], dtype=int32), array([0, 2, 2]))
    >>> check_histories([[2, 0], [3]], 3)
    Traceback (most recent call last):
    ...
    ValueError: histories[1][0] is 3, but a code is from 0 to 2
    """
    if isinstance(histories, str) or not np.iterable(histories):
        raise ValueError(
            f"histories must be lists of item codes, oldest first, got {histories!r}"
        )
    parts = []
    for place, history in enumerate(histories):
        if not np.iterable(history):
            raise ValueError(
                f"histories[{place}] is {history!r}, but a history is a list of item "
                "codes; for one history write [history]"
            )
        parts.append(check_codes(f"histories[{place}]", history, n_items))
    lengths = np.array([len(part) for part in parts], dtype=np.int64)
    items = np.concatenate([np.zeros(0, dtype=np.int64), *parts]).astype(np.int32)
    return items, np.append(0, np.cumsum(lengths))


def windows(items, starts, ends, n_steps):
    """Return for each stretch ``items[start:end]`` its last ``n_steps``, padded left.

    Parameters
    ----------
    items : (n,) int array
        Item codes.
    starts, ends : (m,) int arrays
        Stretches of ``items``; an empty one is all padding.
    n_steps : int
        Width of the windows.

    Returns
    -------
    (m, n_steps) int32 array
        Item codes plus 1; 0 is padding.

    Examples
    --------
    >>> windows(np.array([7, 8, 9]), starts=[0, 0], ends=[3, 1], n_steps=2).tolist()
    [[9, 10], [0, 8]]
    """
    starts, ends = (
        np.asarray(side, dtype=np.int64)[:, None] for side in (starts, ends)
    )
    places = ends - n_steps + np.arange(n_steps)
    real = places >= starts
    table = np.full(real.shape, PAD, dtype=np.int32)
    table[real] = items[places[real]] + 1
    return table


def last_windows(items, bounds, sequences, n_steps):
    """Return the last ``n_steps`` of the ``sequences`` (codes), padded left with 0.

    >>> last_windows(np.array([7, 8, 9]), np.array([0, 1, 3]), [1], n_steps=3).tolist()
    [[0, 9, 10]]
    """
    sequences = np.asarray(sequences, dtype=np.int64)
    return windows(items, bounds[sequences], bounds[sequences + 1], n_steps)


def latest_out(train, share):
    """Return train without each user's last ratings, and these ratings, or None.

    Of a user's n ratings the last ⌊share · n⌋ are held out, in the order of
    :func:`ordered`; None where that is nobody's. Time goes on: to stop on what comes
    after is to stop on the task.

    >>> from recbook.datasets import load_toy
    >>> fewer, validation = latest_out(load_toy(), share=0.25)
    >>> fewer.n_ratings, validation.item_ids[validation.items].tolist()
    (17, ['Coco', 'Babe', 'Babe'])
    """
    check_timestamps(train)
    order = np.lexsort((train.timestamps, train.users))  # stable
    lengths = np.bincount(train.users, minlength=train.n_users)
    users = train.users[order]
    left = np.cumsum(lengths)[users] - np.arange(users.size)  # 1 for the last of a user
    late = np.zeros(users.size, dtype=bool)
    late[order] = left <= np.floor(share * lengths[users] + 1e-9)
    return (train.subset(~late), train.subset(late)) if late.any() else (train, None)


def check_timestamps(train):
    """Raise a ValueError where the table has no timestamps, and so no order."""
    if train.timestamps is None:
        raise ValueError(
            "train.timestamps is None, and this model learns from the order of time; "
            "give Ratings with timestamps"
        )


class HistoryModel(RankingModel):
    """Order the catalogue after a sequence of items, of train's users or of anybody.

    Besides what :class:`RankingModel` needs, a fitted model has ``n_steps``,
    ``_sequences`` (of train, see :func:`recbook.deep.histories.ordered`) and
    ``_answers(table)``, the network's scores of all items after each window of
    ``table``, (len(table), n_items).
    """

    def _score(self, users):
        return self._answers(last_windows(*self._sequences, users, self.n_steps))

    def score_histories(self, histories):
        """Return a score for every item after each history.

        Parameters
        ----------
        histories : iterable of (length,) array_like of int
            Item codes, oldest first, of anybody. Of a history longer than the window
            the last ``n_steps`` count; an empty one gets the items' number of ratings.

        Returns
        -------
        (len(histories), n_items) float64 array
            Higher is better. An item of the history is scored like any other.

        Raises
        ------
        ValueError
            Naming the history, the place in it and the value that is no item code.
        """
        check_fitted(self, "weights_")
        items, bounds = check_histories(histories, self.counts_.size)
        scores = np.tile(self.counts_.astype(np.float64), (bounds.size - 1, 1))
        some = np.flatnonzero(np.diff(bounds))
        for first in range(0, some.size, BLOCK):
            rows = some[first : first + BLOCK]
            table = last_windows(items, bounds, rows, self.n_steps)
            scores[rows] = self._answers(table)
        return scores
