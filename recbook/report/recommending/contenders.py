"""The models that a report compares, with settings for logs of orders."""

from typing import Self

import numpy as np

from recbook._core.memory import available
from recbook.base import Recommender, check_train, count
from recbook.base.settings import anything
from recbook.ensemble import Ensemble
from recbook.factorization import ImplicitALS
from recbook.linear import EASE
from recbook.neighbors import ItemKNN
from recbook.ratings import Ratings

__all__ = ["LARGEST", "Frequent", "contenders", "pairs_gib"]

LARGEST = 3000  # items of a table of all pairs: seconds a fit, and 72 MB
HEAVY = 300_000  # pairs of customer and item from which factors take long
GIB = 2.0**30


class Frequent(Recommender):
    """A model of the items that most customers bought; the others follow by popularity.

    A table of all pairs of items grows with their square. This one is of the ``n``
    items with the most customers. Their scores are the model's. All other items come
    after them, in the ranking of popularity.

    Parameters
    ----------
    model : model
        Unfitted, with ``fit`` and ``scores``.
    n : int
        How many items it learns from, at most.

    Examples
    --------
    >>> from recbook import datasets
    >>> toy = datasets.load_toy()
    >>> Frequent(EASE(reg=1.0), n=4).fit(toy).scores([2]).shape == (1, toy.n_items)
    True
    """

    _fitted = "kept_"
    _ranges = {"model": anything(), "n": count()}

    def __init__(self, model, n=LARGEST):
        self.model = model
        self.n = n

    def fit(self, train) -> Self:
        """Fit the model to the ratings of the most frequent items, and return it."""
        train = check_train(train)
        counts = np.bincount(train.items, minlength=train.n_items)
        self.kept_ = np.sort(np.argsort(-counts, kind="stable")[: self.n])
        code = np.full(train.n_items, -1)
        code[self.kept_] = np.arange(self.kept_.size)
        rows = code[train.items] >= 0
        times = None if train.timestamps is None else train.timestamps[rows]
        small = Ratings(
            train.users[rows], code[train.items[rows]], train.values[rows], times,
            train.user_ids, train.item_ids[self.kept_],
        )  # fmt: skip
        self.model_ = type(self.model)(**self.model.get_params(deep=False)).fit(small)
        self.below_ = counts / (counts.max() + 1) - 1  # from -1 to below 0
        self.shape_ = train.csr.shape
        return self

    def scores(self, users) -> np.ndarray:
        """Return a score for every item, (len(users), n_items) float64."""
        inner = self.model_.scores(users)
        scores = inner.min(axis=1, keepdims=True) + self.below_
        scores[:, self.kept_] = inner
        return scores

    def _reasons(self, user, items):
        places = np.minimum(np.searchsorted(self.kept_, items), self.kept_.size - 1)
        own, added = self.model_._reasons(user, places)
        return self.kept_[own], np.where(self.kept_[places] == items, added, 0.0)


def pairs_gib(n_items):
    """Return what a table of all pairs of items takes, in GiB.

    >>> round(pairs_gib(68_509))
    35
    """
    return 8 * n_items**2 / GIB


def largest(n_items, most=None):
    """Return how many items a table of all pairs may have here, at most all.

    A quarter of the free memory is for one such table: a fit holds up to three. What a
    reader has set is ``most``, by default LARGEST.

    >>> largest(100)
    100
    """
    free = available()
    room = LARGEST if free is None else int((free / 4 / 8) ** 0.5)
    return min(n_items, most or LARGEST, room)


def contenders(ratings, most=None):
    """Return {name: factories}, and of how many items those with all pairs learn.

    Parameters
    ----------
    ratings : Ratings
        What was bought: its size decides about time and memory.
    most : int, optional
        How many items a table of all pairs has at most. With it, the factors have fewer
        settings and rounds, too.

    Examples
    --------
    >>> from recbook import datasets
    >>> models, n = contenders(datasets.load_toy())
    >>> list(models), n, models["EASE"][0]()
    (['ItemKNN', 'EASE', 'ImplicitALS', 'ensemble'], 6, EASE(reg=50.0))
    """
    n = largest(ratings.n_items, most)
    bounded = n < ratings.n_items
    heavy = most is not None or ratings.n_ratings >= HEAVY
    rounds = 8 if heavy else 15
    factors = [(16, 5.0), (16, 20.0), (48, 5.0), (48, 20.0)]
    factors = [(16, 5.0), (48, 20.0)] if heavy else factors

    shrinkages, penalties = (0.0, 10.0, 50.0), (50.0, 200.0, 1e3, 5e3)
    if bounded:  # each list is then searched in tens of thousands of items
        shrinkages, penalties = shrinkages[1:2], penalties[2:]

    def als(n_factors, reg):
        return ImplicitALS(n_factors=n_factors, reg=reg, n_iterations=rounds)

    def limited(model):
        return Frequent(model, n) if bounded else model

    def neighbours(shrinkage):
        return ItemKNN(
            n_neighbors=50, similarity="cosine", over="all", feedback="implicit",
            shrinkage=shrinkage,
        )  # fmt: skip

    makes = {
        "ItemKNN": [(lambda s=s: limited(neighbours(s))) for s in shrinkages],
        "EASE": [(lambda r=r: limited(EASE(reg=r))) for r in penalties],
        "ImplicitALS": [(lambda f=f, r=r: als(f, r)) for f, r in factors],
        "ensemble": [
            (lambda r=r: Ensemble([limited(EASE(reg=r)), als(*factors[0])]))
            for r in ((1e3,) if bounded else (200.0, 1e3))
        ],
    }
    return makes, n
