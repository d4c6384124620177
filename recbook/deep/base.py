"""What the networks share as models: fitted state, fallbacks and scores in blocks."""

import itertools

import numpy as np

from recbook import metrics, splits
from recbook._core.topk import top_k
from recbook._core.validate import check_codes, check_fitted, check_pairs
from recbook.base import Recommender
from recbook.deep import saving

__all__ = ["DeepModel", "RankingModel", "RatingModel", "held_out", "kept", "seeds"]

BLOCK = 256  # users at a time when a network scores the whole catalogue


def seeds(seed):
    """Return an iterator of different seeds, one for each layer that draws.

    >>> draw = seeds(3)
    >>> next(draw), next(draw)
    (3000, 3001)
    """
    return itertools.count(1000 * int(seed))


def kept(n, share, seed):
    """Return a mask of the ratings to learn from, (n,) bool: all but a random share.

    All are True if the share is 0, or so small or large that one side would be empty.
    Then the network learns from everything for all epochs, without early stopping.

    >>> int(kept(20, share=0.1, seed=0).sum()), bool(kept(20, share=0.0, seed=0).all())
    (18, True)
    """
    if share == 0 or round((1 - share) * n) in (0, n):
        return np.ones(n, dtype=bool)
    return splits.drawn(n, 1 - share, seed)


def held_out(train, share, seed):
    """Return the ratings of train that ``kept`` keeps, and the others or None.

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
    """Return the bias model's predictions for pairs, not clipped."""
    return bias.mu_ + bias.bu_[users] + bias.bi_[items]


class DeepModel(Recommender):
    """A model whose fitted state is arrays, from which the network is made when needed.

    A subclass has ``_build()``, which returns a new ``keras.Model`` made from the
    settings and from the sizes that ``fit`` found. After ``fit``, ``weights_`` holds
    the network's weights as NumPy arrays. Everything else that ``fit`` stores consists
    of arrays, numbers, strings, None, and lists, tuples and dicts of them, because that
    is what ``save`` can write.
    """

    _fitted = "weights_"

    @property
    def _shape(self):
        return tuple(map(len, self._known))

    @property
    def network_(self):
        """The fitted network, a ``keras.Model``, built at the first use."""
        check_fitted(self, "weights_")
        if "_network" not in vars(self):
            network = self._build()
            network.set_weights(self.weights_)
            self._network = network
        return self._network

    def _keep(self, network):
        """Store the learned weights and the network that has them."""
        self.weights_, self._network = network.get_weights(), network

    def __getstate__(self):
        """Leave the network out of pickles and copies: the weights are its state."""
        return {name: v for name, v in vars(self).items() if name != "_network"}

    def save(self, path):
        """Write the settings and the fitted state to one file, without pickle.

        Parameters
        ----------
        path : str or Path
            The file to write.
        """
        check_fitted(self, "weights_")
        saving.save(self, path)

    @classmethod
    def load(cls, path):
        """Return the model that ``save`` wrote.

        Parameters
        ----------
        path : str or Path
            The file to read.

        Returns
        -------
        self
            A fitted model with the same predictions.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is damaged, has another format, or holds a model of another
            class.
        """
        return saving.load(cls, path)


class RatingModel(DeepModel):
    """A network that predicts stars for known users and items, and biases for others.

    A fitted model has ``bias_``, the fitted :class:`~recbook.Bias` that is the
    fallback, ``scale_``, the lowest and highest rating of train, ``_known``, two masks
    of the users and items with ratings, and ``_raw(users, items)``, which returns the
    network's stars for pairs, (n,) float64, not clipped.
    """

    def _answered(self, users, items):
        """Return for each pair whether the network answers, not the biases."""
        return self._known[0][users] & self._known[1][items]

    def _stars(self, users, items, *more):
        stars = expected(self.bias_, users, items)
        ours = self._answered(users, items)
        pairs = [column[ours] for column in (users, items, *more)]
        stars[ours] = self._raw(*pairs)
        return stars

    def predict(self, users, items) -> np.ndarray:
        """Return the predicted stars of each pair.

        Parameters
        ----------
        users, items : (n,) array_like of int
            User and item codes, pair by pair.

        Returns
        -------
        (n,) float64 array
            Stars, clipped to the lowest and highest rating of train. A user or an item
            without training ratings is predicted from its side information, if the
            model read any. Otherwise the pair gets the mean plus the known biases.
        """
        check_fitted(self, "weights_")
        users, items = check_pairs(users, items, *map(len, self._known))
        return np.clip(self._stars(users, items), *self.scale_)

    def scores(self, users) -> np.ndarray:
        """Return the predicted stars of every item for each user, not clipped.

        Parameters
        ----------
        users : (n,) array_like of int
            User codes.

        Returns
        -------
        (n, n_items) float64 array
            Stars before clipping.
        """
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
    """A network that ranks the catalogue for a user, with popularity as the fallback.

    A fitted model has ``counts_``, the number of ratings of each item in train,
    ``_known``, two masks of the users and items with ratings, and ``_score(users)``,
    the network's scores of all items, (len(users), n_items). It is called with at most
    ``BLOCK`` known users at a time.
    """

    def scores(self, users) -> np.ndarray:
        """Return a score of every item for each user.

        Parameters
        ----------
        users : (n,) array_like of int
            User codes.

        Returns
        -------
        (n, n_items) float64 array
            Higher is better. A user without training ratings gets the items' numbers of
            ratings.
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
    """Return the mean nDCG@k over the users with ratings in validation.

    Early stopping of ranking networks uses it. ``score(users)`` returns scores of all
    items, and the items that a user rated in train are left out.
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
