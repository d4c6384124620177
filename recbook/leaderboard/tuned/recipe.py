"""A recipe: the settings chosen for a model, and the candidates of the choice."""

import dataclasses
import functools
import itertools
from collections.abc import Callable

import numpy as np
from scipy import sparse

from recbook import similarity

__all__ = ["Recipe", "unit_cosine"]


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The settings chosen for a model, what it may use, and the other candidates.

    Parameters
    ----------
    make : callable
        Returns a new, unfitted model with the chosen settings.
    knows : str
        What the model may use, as words of :func:`recbook.leaderboard.knowledge`. The
        leaderboard hands out the tables of users and items, and the test's timestamps,
        where it says so and nowhere else.
    grid : dict of str to list, or list of such dicts
        The candidates of each setting. Settings that it does not name stay as ``make``
        has them. Several dicts hold settings that go together. Without a grid nothing
        was chosen.
    trial : dict
        Settings of every candidate that are not the recipe's, such as a shorter run.

    Examples
    --------
    >>> from recbook.baselines import Bias
    >>> recipe = Recipe(lambda: Bias(damping=(5.0, 2.0)), "stars", {"damping": [5, 9]})
    >>> [make().damping for make in recipe.candidates()]
    [5, 9]
    """

    make: Callable
    knows: str
    grid: dict | list = dataclasses.field(default_factory=list)
    trial: dict = dataclasses.field(default_factory=dict)

    def candidates(self):
        """Return a factory for every combination of the grid.

        The last setting runs fastest. A factory raises TypeError where the model has no
        such setting.
        """
        grids = [self.grid] if isinstance(self.grid, dict) else self.grid
        return [
            functools.partial(self._with, **dict(zip(grid, values, strict=True)))
            for grid in grids
            for values in itertools.product(*grid.values())
        ]

    def _with(self, **settings):
        """Return a new model of the recipe with other settings."""
        model = self.make()
        return type(model)(**{**model.get_params(), **self.trial, **settings})


def unit_cosine(X):
    r"""Return the cosine of items after every user was scaled to one vote in all.

    Every user's ratings are divided by :math:`\sqrt{|I_u|}`, a vector of unit
    length, so that a user with 700 ratings counts no more than a user with 20.

    Parameters
    ----------
    X : (n_items, n_users) csr matrix
        A 1 where the user rated the item.

    Returns
    -------
    (n_items, n_items) float64 array

    References
    ----------
    Deshpande & Karypis, "Item-based Top-N Recommendation Algorithms", TOIS 2004,
    section 4.1.

    Examples
    --------
    Two items, three users: user 0 rated both, and so half a vote goes to each.

    >>> X = sparse.csr_array(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]))
    >>> unit_cosine(X).round(3).tolist()
    [[1.0, 0.333], [0.333, 1.0]]
    """
    lengths = np.sqrt(np.bincount(X.indices, minlength=X.shape[1]))
    scaled = X.data / lengths[X.indices]
    unit = sparse.csr_array((scaled, X.indices, X.indptr), shape=X.shape)
    return similarity.cosine(unit, over="all")
