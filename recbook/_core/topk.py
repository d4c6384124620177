"""From scores to lists: what every model's ``recommend`` shares."""

import numpy as np

from recbook._rows import top
from recbook._validate import check_codes, check_positive_int
from recbook.ratings import Ratings

__all__ = ["check_train", "recommend", "top_k"]

BLOCK = 1024  # users at a time, so that scores never hold n_users x n_items


def check_train(train):
    """Return ``train`` where it is a table a model can learn from.

    Raises
    ------
    TypeError
        If ``train`` is not a :class:`recbook.Ratings`.
    ValueError
        If it holds no rating: then not even a mean exists.
    """
    if not isinstance(train, Ratings):
        raise TypeError(
            f"train must be a recbook.Ratings, not {type(train).__name__}; "
            "make one with Ratings.from_frame(df)"
        )
    if train.n_ratings == 0:
        raise ValueError("train holds no ratings; a model needs at least one")
    return train


def top_k(scores, k):
    """Return the ``k`` best columns of each row, best first, ties by index.

    Parameters
    ----------
    scores : (n, n_items) array
        Higher is better; -inf marks what is no candidate.
    k : int
        Length of the lists.

    Returns
    -------
    (n, k) int64 array
        Column indices, padded with -1 where fewer candidates exist.

    Raises
    ------
    ValueError
        If a score is NaN: it has no place in an order.

    Examples
    --------
    >>> top_k(np.array([[1.0, 3.0, 3.0, -np.inf]]), k=4).tolist()
    [[1, 2, 0, -1]]
    """
    scores = np.asarray(scores)
    if np.isnan(scores).any():
        raise ValueError("scores hold NaN, which cannot be ranked")
    n, n_items = scores.shape
    ranked = np.full((n, k), -1, dtype=np.int64)
    kept = min(k, n_items)
    if kept == 0:
        return ranked
    best = top(scores, kept)
    found = np.take_along_axis(scores, best, axis=1) > -np.inf
    ranked[:, :kept] = np.where(found, best, -1)
    return ranked


def recommend(model, users, k, exclude, shape):
    """Return each user's ``k`` best items by ``model.scores``, less the excluded.

    Parameters
    ----------
    model : object
        Anything with ``scores(users) -> (len(users), n_items)``.
    users : (n,) int array
        User codes.
    k : int
        Length of the lists.
    exclude : Ratings or None
        Its items are no candidates for the users who rated them; usually train.
    shape : (int, int)
        Users and items that the model was fitted on.

    Returns
    -------
    (n, k) int64 array
        Item codes, best first, ties by item code, padded with -1.
    """
    users = check_codes("users", users, shape[0])
    k = check_positive_int("k", k)
    if exclude is not None:
        if not isinstance(exclude, Ratings):
            raise TypeError(
                "exclude must be a recbook.Ratings (usually train) or None, "
                f"not {type(exclude).__name__}"
            )
        if exclude.csr.shape != tuple(shape):
            raise ValueError(
                f"exclude has {exclude.csr.shape} users and items, the model was "
                f"fitted on {tuple(shape)}; take both from one table"
            )
    ranked = np.empty((users.size, k), dtype=np.int64)
    for start in range(0, users.size, BLOCK):
        block = users[start : start + BLOCK]
        scores = np.array(model.scores(block), dtype=np.float64)  # ours to change
        if exclude is not None:
            seen = exclude.csr[block]
            rows = np.repeat(np.arange(block.size), np.diff(seen.indptr))
            scores[rows, seen.indices] = -np.inf
        ranked[start : start + BLOCK] = top_k(scores, k)
    return ranked
