"""What every model shares: its settings, and from scores to lists."""

import inspect

import numpy as np

from recbook._core.topk import top_k
from recbook._core.validate import check_codes, check_fitted, check_positive_int
from recbook.ratings import Ratings

__all__ = ["Recommender"]

BLOCK = 1024  # users at a time, so that scores never hold n_users x n_items


class Recommender:
    """What every model shares: its settings, and from scores to lists.

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

    A model shows the settings that differ from the defaults.

    >>> from recbook import ItemKNN
    >>> ItemKNN(n_neighbors=20)
    ItemKNN(n_neighbors=20)
    """

    _ranges = {}
    _fitted = "shape_"

    @property
    def _shape(self):
        return self.shape_

    def __repr__(self):
        """Show the call that makes such a model, without settings left at defaults."""
        settings = self.get_params()
        given = [
            f"{name}={_text(settings[name])}"
            for name, parameter in inspect.signature(type(self)).parameters.items()
            if repr(settings[name]) != repr(parameter.default)
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    def get_params(self, deep=True):
        """Return the settings, the arguments of the constructor, name to value.

        The name is scikit-learn's, whose ``clone`` asks for it.

        Parameters
        ----------
        deep : bool
            Taken because scikit-learn passes it, and without effect: no setting is
            itself a model. The models of an ensemble stay in their list.
        """
        names = inspect.signature(type(self)).parameters
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params):
        """Change settings by name, for the next ``fit``; return the model.

        Raises
        ------
        ValueError
            For a name that is no setting of the model; then none is changed.
        """
        names = list(self.get_params())
        for name in params:
            if name not in names:
                raise ValueError(
                    f"{name} is no setting of {type(self).__name__}; "
                    f"choose from {', '.join(names) or 'none'}"
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

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


def _text(value):
    """Return a setting as it is written in code: a function by its name."""
    return getattr(value, "__name__", None) or repr(value)
