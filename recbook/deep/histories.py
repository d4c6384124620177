"""Item sequences in the order of time, and windows of fixed width on them.

All sequences stand one after the other in one array, ``items``. Sequence ``s`` is
``items[bounds[s] : bounds[s + 1]]``, oldest first. A network reads *windows*: the last
``n_steps`` items of a sequence, padded on the left with 0. In a window, item ``i`` is
``i + 1``.
"""

import numpy as np

from recbook._core.validate import check_codes, check_fitted
from recbook.base import order_of_time, rated_after
from recbook.deep.base import BLOCK, RankingModel

__all__ = [
    "PAD",
    "HistoryModel",
    "check_histories",
    "last_windows",
    "latest_out",
    "ordered",
    "windows",
]

PAD = 0  # entry of a window without an item


def ordered(train):
    """Return the items of every user in the order of time, and where each user begins.

    Parameters
    ----------
    train : Ratings
        Ratings with timestamps, in the order of :func:`~recbook.base.order_of_time`.

    Returns
    -------
    items : (n_ratings,) int32 array
        Item codes, user after user, oldest first.
    bounds : (n_users + 1,) int64 array
        The items of user u are ``items[bounds[u] : bounds[u + 1]]``.

    Raises
    ------
    ValueError
        If the table has no timestamps.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> items, bounds = ordered(load_toy())
    >>> items[bounds[1] : bounds[2]].tolist(), bounds.tolist()
    ([0, 1, 2, 3, 5], [0, 5, 10, 13, 18, 20])
    """
    order = order_of_time(train)
    lengths = np.bincount(train.users, minlength=train.n_users)
    return train.items[order], np.append(0, np.cumsum(lengths))


def check_histories(histories, n_items):
    """Return lists of item codes in the form of ``ordered``.

    Parameters
    ----------
    histories : iterable of (length,) array_like of int
        Item codes, oldest first. A history may be empty and may repeat an item.
    n_items : int
        Number of item codes.

    Returns
    -------
    items : (total length,) int32 array
        Item codes, history after history.
    bounds : (len(histories) + 1,) int64 array
        Where each history begins.

    Raises
    ------
    ValueError
        If a value is no item code. The message names the history, the place and the
        value.

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
    """Return the last ``n_steps`` of each stretch ``items[start:end]``, padded left.

    Parameters
    ----------
    items : (n,) int array
        Item codes.
    starts, ends : (m,) int arrays
        Stretches of ``items``. An empty stretch gives padding only.
    n_steps : int
        Width of the windows.

    Returns
    -------
    (m, n_steps) int32 array
        Item codes plus 1. Padding is 0.

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
    """Return the last ``n_steps`` of the given sequences, padded left with 0.

    >>> last_windows(np.array([7, 8, 9]), np.array([0, 1, 3]), [1], n_steps=3).tolist()
    [[0, 9, 10]]
    """
    sequences = np.asarray(sequences, dtype=np.int64)
    return windows(items, bounds[sequences], bounds[sequences + 1], n_steps)


def latest_out(train, share):
    """Return train without each user's latest ratings, and those ratings or None.

    Of a user's n ratings, the last ⌊share · n⌋ in the order of ``ordered`` are held
    out. None means that no user has any. Early stopping on later ratings measures the
    task itself, which is to predict what comes next.

    >>> from recbook.datasets import load_toy
    >>> fewer, validation = latest_out(load_toy(), share=0.25)
    >>> fewer.n_ratings, validation.item_ids[validation.items].tolist()
    (17, ['Coco', 'Babe', 'Babe'])
    """
    lengths = np.bincount(train.users, minlength=train.n_users)[train.users]
    late = rated_after(train) < np.floor(share * lengths + 1e-9)
    return (train.subset(~late), train.subset(late)) if late.any() else (train, None)


class HistoryModel(RankingModel):
    """A network that ranks the catalogue after a sequence of items.

    Besides what ``RankingModel`` needs, a fitted model has ``n_steps``, ``_sequences``
    (train's, in the form of ``ordered``) and ``_answers(table)``, the network's scores
    of all items after each window of ``table``, (len(table), n_items).
    """

    def _score(self, users):
        return self._answers(last_windows(*self._sequences, users, self.n_steps))

    def score_histories(self, histories):
        """Return a score for every item after each history, without fitting again.

        Parameters
        ----------
        histories : iterable of (length,) array_like of int
            Item codes of any users, oldest first. Only the last ``n_steps`` of a
            history count.

        Returns
        -------
        (len(histories), n_items) float64 array
            Higher is better. The items of the history are scored too. An empty history
            gets the items' numbers of ratings.

        Raises
        ------
        ValueError
            If a value is no item code. The message names the history, the place and the
            value.
        """
        check_fitted(self, "weights_")
        items, bounds = check_histories(histories, self.counts_.size)
        scores = np.tile(self.counts_.astype(np.float64), (bounds.size - 1, 1))
        filled = np.flatnonzero(np.diff(bounds))
        for first in range(0, filled.size, BLOCK):
            rows = filled[first : first + BLOCK]
            table = last_windows(items, bounds, rows, self.n_steps)
            scores[rows] = self._answers(table)
        return scores
