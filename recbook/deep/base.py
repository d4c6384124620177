"""What the book's networks share as models: state, fallbacks and answers in blocks."""

import itertools

import numpy as np

from recbook import metrics, splits
from recbook._core.topk import top_k
from recbook._core.validate import check_codes, check_fitted, check_pairs
from recbook.base import Recommender
from recbook.deep import saving

__all__ = ["DeepModel", "RankingModel", "RatingModel", "held_out", "kept", "seeds"]

BLOCK = 256  # users at a time where a network scores the whole catalogue


def seeds(seed):
    """Return an iterator of different seeds, one for each layer that draws.

    >>> draw = seeds(3)
    >>> next(draw), next(draw)
    (3000, 3001)
    """
    return itertools.count(1000 * int(seed))


def kept(n, share, seed):
    """Return a mask of what training learns from, all but a random share, (n,) bool.

    All are True where the share is 0, or so small or large that either side would be
    empty: then there is nothing to stop on, and the network learns from everything for
    all epochs.

    >>> int(kept(20, share=0.1, seed=0).sum()), bool(kept(20, share=0.0, seed=0).all())
    (18, True)
    """
    if share == 0 or round((1 - share) * n) in (0, n):
        return np.ones(n, dtype=bool)
    return splits.drawn(n, 1 - share, seed)


def held_out(train, share, seed):
    """Return the ratings of train that :func:`kept` keeps, and the others, or None.

    >>> from recbook.datasets import load_toy
    >>> fewer, validation = held_out(load_toy(), share=0.1, seed=0)
    >>> fewer.n_ratings, validation.n_ratings
    (18, 2)
    """
    mask = kept(train.n_ratings, share, seed)
    if mask.all():
        return train, None
    return train.subset(mask), train.subset(~mask)


def expected(bias, users, items):
    """Return what the biases say of pairs, not clipped."""
    return bias.mu_ + bias.bu_[users] + bias.bi_[items]


class DeepModel(Recommender):
    """A model whose fitted state is arrays; the network is made from them when needed.

    A model has ``_build()``, which returns a new ``keras.Model`` made from its
    hyper-parameters and from the sizes that ``fit`` has found, and after ``fit``
    ``weights_``, that network's weights as NumPy arrays. Whatever else ``fit`` stores
    is arrays, numbers, strings, None, and lists, tuples and dicts of them: what
    :mod:`recbook.deep.saving` can write.
    """

    _fitted = "weights_"

    @property
    def _shape(self):
        return tuple(map(len, self._known))

    @property
    def network_(self):
        """The fitted network, a ``keras.Model``; built at the first use."""
        check_fitted(self, "weights_")
        if "_network" not in vars(self):
            network = self._build()
            network.set_weights(self.weights_)
            self._network = network
        return self._network

    def _keep(self, network):
        """Store what was learned, and the network that it was learned with."""
        self.weights_, self._network = network.get_weights(), network

    def __getstate__(self):
        """Leave the network out of pickles and copies: the weights are its state."""
        return {name: v for name, v in vars(self).items() if name != "_network"}

    def save(self, path):
        """Write settings and fitted state to one file, ``path``, without pickle."""
        check_fitted(self, "weights_")
        saving.save(self, path)

    @classmethod
    def load(cls, path):
        """Return the model that :meth:`save` wrote to ``path``; it predicts the same.

        Raises
        ------
        ValueError
            The file is no saved model, one of another class, or of another version of
            the format.
        """
        return saving.load(cls, path)


class RatingModel(DeepModel):
    r"""Predict stars where user and item are known; else answer as biases do.

    A fitted model has ``bias_`` (a fitted :class:`recbook.Bias`, the fallback),
    ``scale_`` (lowest and highest rating of train), ``_known`` (see
    :func:`recbook.base.known`) and ``_raw(users, items)``, the network's stars
    for pairs, (n,) float64, not clipped.
    """

    def _answered(self, users, items):
        """Return, for each pair, whether the network answers it and not the biases."""
        return self._known[0][users] & self._known[1][items]

    def _stars(self, users, items, *more):
        stars = expected(self.bias_, users, items)
        ours = self._answered(users, items)
        pairs = [column[ours] for column in (users, items, *more)]
        stars[ours] = self._raw(*pairs)
        return stars

    def predict(self, users, items):
        """Return the predicted stars of each pair, (n,) float64.

        Clipped, at the very end, to the lowest and highest rating of train. A user
        or an item without training ratings: the mean plus the known bias.
        """
        check_fitted(self, "weights_")
        users, items = check_pairs(users, items, *map(len, self._known))
        return np.clip(self._stars(users, items), *self.scale_)

    def scores(self, users):
        """Return the predictions before clipping, (len(users), n_items) float64."""
        check_fitted(self, "weights_")
        users = check_codes("users", users, self._known[0].size)
        n_items = self._known[1].size
        scores = np.empty((users.size, n_items))
        for first in range(0, users.size, BLOCK):
            block = users[first : first + BLOCK]
            pairs = np.repeat(block, n_items), np.tile(np.arange(n_items), block.size)
            scores[first : first + BLOCK] = self._stars(*pairs).reshape(-1, n_items)
        return scores


class RankingModel(DeepModel):
    """Order the catalogue for a user; a stranger gets it by popularity.

    A fitted model has ``counts_`` (ratings of each item in train), ``_known`` (see
    :func:`recbook.base.known`) and ``_score(users)``, the network's scores of
    all items, (len(users), n_items), asked for at most ``BLOCK`` known users at once.
    """

    def scores(self, users):
        """Return a score for every item, (len(users), n_items) float64.

        For a user without training ratings, the items' number of ratings.
        """
        check_fitted(self, "weights_")
        users = check_codes("users", users, self._known[0].size)
        scores = np.tile(self.counts_.astype(np.float64), (users.size, 1))
        ours = np.flatnonzero(self._known[0][users])
        for first in range(0, ours.size, BLOCK):
            rows = ours[first : first + BLOCK]
            scores[rows] = self._score(users[rows])
        return scores


def mean_ndcg(score, train, validation, k=10):
    """Return the mean nDCG@k of ``score(users)`` over who has something in validation.

    What stops a ranking network: candidates are all items less those of train.
    """
    users = np.unique(validation.users)
    total = 0.0
    for first in range(0, users.size, BLOCK):
        block = users[first : first + BLOCK]
        table = np.array(score(block), dtype=np.float64)
        if not np.isfinite(table).all():
            return np.nan
        table[train.csr[block].nonzero()] = -np.inf
        total += metrics.ndcg(top_k(table, k), validation.csr[block], k).sum()
    return total / users.size
