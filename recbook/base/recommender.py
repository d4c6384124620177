"""The base class of every model that recommends: lists from scores."""

from typing import Self

import numpy as np

from recbook._core.topk import top_k
from recbook._core.validate import check_codes, check_fitted, check_k
from recbook.base.estimator import Estimator
from recbook.ratings import Ratings

__all__ = ["Recommender"]

BLOCK = 1024  # users per block, so that scores never hold n_users x n_items


class Recommender(Estimator):
    """The base class of every model that recommends: lists from scores.

    A model has ``fit(train)``, which returns the model, and ``scores(users)``. A model
    that predicts stars also has ``predict(users, items)``. A subclass sets ``_fitted``,
    the name of an attribute that fit sets. ``_shape`` is the shape of train, (n_users,
    n_items). For the settings see :class:`~recbook.base.Estimator`.

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

    _fitted = "shape_"

    @property
    def _shape(self):
        return self.shape_

    def fit(self, train: Ratings) -> Self:
        """Learn from ``train`` and return the model. Every model defines its own."""
        raise NotImplementedError

    def scores(self, users) -> np.ndarray:
        """Return a score for every item, (n, n_items). Every model defines its own."""
        raise NotImplementedError

    def recommend(self, users, k=10, exclude: Ratings | None = None) -> np.ndarray:
        """Return the ``k`` items with the highest scores for each user.

        Parameters
        ----------
        users : (n,) int array
            User codes, which are places in ``train.user_ids`` and not ids. The ids of a
            shop are often whole numbers, too, and 1 is then both the code of one user
            and the id of another. No check can tell them apart:
            :func:`recbook.recommendations` takes ids and returns ids, and
            :meth:`recbook.Ratings.codes` leads from ids to codes.
        k : int
            Length of the lists, at most the number of items, or 1000 if that is more.
        exclude : Ratings, optional
            Usually train. The items that a user rated in it are left out of the user's
            list. By default all items are candidates.

        Returns
        -------
        (n, k) int64 array
            Item codes, best first, ties by item code. -1 is padding if there are fewer
            candidates than k.
        """
        check_fitted(self, self._fitted)
        if exclude is not None:
            self._check_exclude(exclude)
        ids = None if exclude is None else exclude.user_ids
        users = check_codes("users", users, self._shape[0], ids)
        k = check_k(k, self._shape[1])
        ranked = np.empty((users.size, k), dtype=np.int64)
        for start in range(0, users.size, BLOCK):
            block = users[start : start + BLOCK]
            ranked[start : start + BLOCK] = self._top(block, k, exclude)[0]
        return ranked

    def _top(self, users, k, exclude):
        """Return the lists (n, k) of checked arguments, and all scores (n, n_items)."""
        scores = np.array(self.scores(users), dtype=np.float64)  # a copy
        if exclude is not None:
            seen = exclude.csr[users]
            rows = np.repeat(np.arange(users.size), np.diff(seen.indptr))
            scores[rows, seen.indices] = -np.inf
        return top_k(scores, k), scores

    def _reasons(self, user, items):
        """Return what the user's own items add to the scores of some items.

        Codes (m,) and contributions (m, n). A model that cannot say has none.
        """
        return np.empty(0, dtype=np.int64), np.empty((0, len(items)))

    def _check_exclude(self, exclude, name="exclude"):
        if not isinstance(exclude, Ratings):
            raise TypeError(
                f"{name} must be a recbook.Ratings (usually train) or None, "
                f"not {type(exclude).__name__}"
            )
        if exclude.csr.shape != tuple(self._shape):
            raise ValueError(
                f"{name} has {exclude.csr.shape} users and items, the model was "
                f"fitted on {tuple(self._shape)}; take both from one table"
            )
